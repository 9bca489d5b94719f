/** `pxe-lab render`: a file of the boot folder as one machine would get it. */
import { t } from '#messages/text.ts'
import { ruleArchitectures } from '#shared/machines/boot-policy.ts'
import { machineVariablesOf } from '#shared/lab/machine-variables.ts'
import { entriesFor, type MachineEntry, type MachineFacts } from '#shared/machines/variables/machines.ts'
import { formatUuid, parseMac, parseUuid } from '#shared/wire/bytes.ts'
import { parseIp } from '#shared/wire/ip-address.ts'
import { renderTemplate } from '../inspect/render-template.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'
import { macOf } from './wake.ts'

export interface RenderOptions {
  readonly config: string
  readonly mac?: string
  readonly uuid?: string
  readonly serial?: string
  readonly asset?: string
  readonly hostname?: string
  readonly ip?: string
  readonly architecture?: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
function refuse(text: string, about: string): never {
  complain(text)
  throw new UsageError(about)
}

type Identifier = 'mac' | 'uuid' | 'serial' | 'asset'
const names = { uuid: 'UUID', serial: 'serial number', asset: 'asset tag' } as const

/** What was given of the machine and leads to no entry of the lab: the file is then shown without that entry's variables. */
function leadingNowhere(entries: readonly MachineEntry[], facts: MachineFacts, given: RenderOptions): string[] {
  const found = entriesFor(entries, facts)
  const isKnown = found.some(({ mac, uuid, serial, asset }) => mac ?? uuid ?? serial ?? asset)
  return (Object.keys(names) as (keyof typeof names)[]).flatMap((key) => {
    const value = given[key] === undefined ? undefined : facts[key]
    if (value === undefined || found.some((entry) => entry[key] !== undefined)) return []
    const other = entries.find((entry) => entry[key]?.toLowerCase() === value.toLowerCase())
    if (other)
      return [`--${key} ${value} is the ${names[key]} of ${other.field}, which is for another machine by what else it names, and is not used. Correct --mac, or that entry.`] // prettier-ignore
    // An entry found by the MAC address that says nothing of the number, in a lab that knows no such numbers: nothing is amiss.
    if (isKnown && !entries.some((entry) => entry[key] !== undefined)) return []
    return [`--${key} ${value}: no machine of the lab file has this ${names[key]}; only {${key}} is filled with it. Write it as in machines, or add it there.`] // prettier-ignore
  })
}

/** The entry that names a machine by anything that was told of it, and by nothing else that was told. */
function entryOf(
  entries: readonly MachineEntry[],
  told: Partial<Record<Identifier, string>>,
): MachineEntry | undefined {
  const keys = (['mac', ...Object.keys(names)] as Identifier[]).filter((key) => told[key] !== undefined)
  const isSame = (entry: MachineEntry, key: Identifier): boolean =>
    entry[key]?.toLowerCase() === told[key]!.toLowerCase()
  return keys
    .map((key) =>
      entries.find((one) => isSame(one, key) && keys.every((other) => one[other] === undefined || isSame(one, other))),
    ) // prettier-ignore
    .find((one) => one !== undefined)
}

/** 0 shown, 1 a placeholder has no value or the file cannot be read, 2 the lab file cannot be used. */
export async function render(file: string, options: RenderOptions): Promise<number> {
  const { uuid, ip, architecture } = options
  const id = uuid === undefined ? undefined : parseUuid(uuid)
  if (uuid !== undefined && !id) refuse(t('cli.uuid-no-uuid-write-firmware', { uuid }), '--uuid')
  const given = ip === undefined ? undefined : parseIp(ip)
  if (ip !== undefined && given === undefined) refuse(t('cli.ip-no-ip-address-write', { ip }), '--ip') // prettier-ignore
  const code = architecture === undefined ? undefined : ruleArchitectures(architecture)[0]
  if (architecture !== undefined && code === undefined)
    refuse(t('cli.architecture-no-architecture-write-bios', { architecture }), '--architecture')
  const read = await labOf(options.config, '--config')
  if (!read) return exitCodes.badLabFile
  const { lab } = read
  const { serial, asset } = options
  if (options.mac === undefined && uuid === undefined && serial === undefined && asset === undefined)
    refuse(t('cli.render-whose'), '--mac')
  const { entries } = machineVariablesOf(lab)
  const entry = entryOf(entries, {
    ...(options.mac === undefined ? {} : { mac: macOf(options.mac, lab) }),
    ...(id ? { uuid: formatUuid(id) } : {}),
    ...(serial === undefined ? {} : { serial }),
    ...(asset === undefined ? {} : { asset }),
  })
  const mac = options.mac === undefined ? (entry?.mac ?? '') : macOf(options.mac, lab)
  const reserved = lab.dhcp.subnets
    .flatMap((one) => one.reservations)
    .find((one) => (one.mac !== undefined && parseMac(one.mac) === mac) || (one.uuid !== undefined && one.uuid.toLowerCase() === (id ? formatUuid(id) : entry?.uuid)?.toLowerCase())) // prettier-ignore
  const server = selectInterfaces([lab.interface].flat(), listInterfaces()).found[0]?.address ?? 0
  const facts = {
    mac,
    uuid: id ? formatUuid(id) : entry?.uuid,
    serial: options.serial ?? entry?.serial,
    asset: options.asset ?? entry?.asset,
    hostName: options.hostname,
    address: given ?? (reserved && parseIp(reserved.address)),
    architecture: code,
  }
  for (const text of leadingNowhere(entries, facts, options)) complain(text)
  let rendered: Awaited<ReturnType<typeof renderTemplate>>
  try {
    rendered = await renderTemplate(lab, read.file.resolve(lab.boot.files), file, facts, server)
  } catch (error) {
    complain(t('cli.cannot-shown-name-file-boot', { file, message: (error as Error).message }))
    return exitCodes.failed
  }
  const { name, isTemplate, parts, problems } = rendered
  if (options.json) process.stdout.write(`${JSON.stringify(rendered)}\n`)
  else if (problems.length === 0) process.stdout.write(parts.map(({ text }) => text).join(''))
  for (const { line, column, text, remedy } of problems) complain(`${name}:${line}:${column}: ${text}. ${remedy}`)
  // An address is given by DHCP when it boots, and is no value that the lab file has for it.
  if (facts.address === undefined && problems.some(({ placeholder }) => /^\{ip[:}]/.test(placeholder))) complain(t('cli.give-ip-address')) // prettier-ignore
  if (!isTemplate) complain(t('cli.served-add-boot-templates-placeholders', { name }))
  return problems.length === 0 ? exitCodes.ok : exitCodes.failed
}
