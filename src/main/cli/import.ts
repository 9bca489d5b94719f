/** `pxe-lab import`: what the configuration of another DHCP server offers to each kind of machine, with lines. */
import { forPrograms } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { networkInterfaces } from 'node:os'
import { bootTable, type BootRow } from '#shared/interchange/boot-table.ts'
import type { Decided } from '#shared/interchange/evaluate.ts'
import type { Engine, SourceFile } from '#shared/interchange/model.ts'
import { readConfigurations } from '#shared/interchange/read.ts'
import { padColumns } from '#shared/wire/columns.ts'
import { printableLines } from '#shared/wire/printable.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'
import { labOfConfiguration } from '#shared/twin/lab-of-configuration.ts'
import { withIncluded } from '../files/included-files.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { exitCodes } from './exit-codes.ts'
import { tellDifferences, tellTwin } from './twin.ts'
import { UsageError } from './usage-error.ts'

export interface ImportOptions {
  readonly json?: boolean
  readonly mac?: string
  readonly twin?: boolean
  readonly lab?: string
  readonly before?: readonly string[]
  readonly after?: readonly string[]
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`)
function misused(text: string): UsageError {
  complain(text)
  return new UsageError(text)
}
const titles: Readonly<Record<Engine, string>> = {
  kea: 'Kea',
  dnsmasq: 'dnsmasq',
  dhcpd: 'ISC dhcpd',
  windows: t('cli.windows-dhcp-server'),
  cisco: 'Cisco',
  aruba: 'Aruba',
  juniper: 'Junos',
  mikrotik: 'RouterOS',
  wds: 'WDS',
  lab: t('cli.lab-file'),
}
const known = t('cli.kea-json-dnsmasq-isc-dhcpd')
const placed = (one: Decided | undefined): string =>
  one ? t('cli.text-line', { text: one.text, line: one.source.line }) : t('cli.none')

const plainRow = ({ subnet, machine, isRelayed, offer }: BootRow) => ({
  subnet: subnet.network,
  machine,
  isRelayed,
  silent: offer.silent,
  reservation: offer.reservation?.source,
  address: offer.reservation?.address,
  pools: offer.pools.map(({ start, end }) => ({ start, end })),
  classes: offer.classes,
  bootFile: offer.bootFile,
  nextServer: offer.nextServer,
  serverName: offer.serverName,
  leaseSeconds: offer.leaseSeconds,
  options: Object.fromEntries(offer.options),
  subOptions: Object.fromEntries(offer.subOptions),
  undecided: offer.undecided,
})

function tellRow({ machine, isRelayed, offer }: BootRow): void {
  const who = `  ${padColumns(`${isRelayed ? t('cli.relayed', { machine }) : machine} `, 28, '.')}`
  if (offer.silent)
    return tell(`${who} ${t('cli.no-offer-line', { text: textOf(offer.silent.text), line: offer.silent.source.line })}`)
  const file = offer.bootFile ?? offer.options.get(67)
  const server = offer.nextServer ?? offer.options.get(66)
  tell(`${who} ${file ? (server ? t('cli.boot-file-server', { file: placed(file), server: placed(server) }) : t('cli.boot-file-same-server', { file: placed(file) })) : t('cli.address-without-boot-file')}`) // prettier-ignore
}

/** The files with those that they include and that lie beside them, or undefined once it is told which one cannot be read. */
async function filesOf(names: readonly string[]): Promise<SourceFile[] | undefined> {
  const files: SourceFile[] = []
  for (const name of names)
    try {
      files.push({ name, text: (await readTextFile(name)).text })
    } catch (error) {
      complain(t('cli.name-configuration', { name, whyUnread: whyUnread(error), known }))
      return undefined
    }
  return await withIncluded(files)
}

/** Networks of the interfaces of this machine that have these names. */
const networksHere = (names: readonly string[]): string[] => {
  const own = networkInterfaces()
  return names
    .flatMap((name) => own[name] ?? [])
    .flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : []))
}

/** Tells of files that are nobody's configuration. */
function isRefused(unrecognised: readonly SourceFile[]): boolean {
  for (const { name } of unrecognised) complain(t('cli.no-configuration', { name, known })) // prettier-ignore
  return unrecognised.length > 0
}

/** The lab file of a configuration, written to `target`; what it cannot say is told. */
async function asLab(names: readonly string[], target: string): Promise<number> {
  const files = await filesOf(names)
  if (!files) return exitCodes.badFile
  const { configurations, unrecognised } = readConfigurations(files, networksHere)
  if (isRefused(unrecognised)) return exitCodes.badFile
  const configuration = configurations[0]
  if (!configuration || configurations.length > 1) throw misused(t('cli.lab-takes-one-configuration-were', { length: configurations.length })) // prettier-ignore
  const { lab, left } = labOfConfiguration(configuration)
  try {
    await replaceFile(target, yamlText(lab))
  } catch (error) {
    complain(t('cli.cannot-written', { target, writeRemedy: writeRemedy(error) }))
    return exitCodes.badFile
  }
  tell(t('cli.written-set-interface-put-boot', { target }))
  for (const { source, text } of left) tell(t('cli.not-line', { file: source.file, line: source.line, text }))
  return left.length === 0 ? exitCodes.ok : exitCodes.failed
}

/** The network that the files make, or the difference between two of them. */
async function asNetwork(names: readonly string[], options: ImportOptions): Promise<number> {
  const { before, after, json = false } = options
  if ((before === undefined) !== (after === undefined)) throw misused(t('cli.before-after-belong-together-name')) // prettier-ignore
  if (before && names.length > 0) throw misused(t('cli.stands-beside-before-after-name', { names: names[0] })) // prettier-ignore
  const sides = before && after ? [before, after] : [names]
  const read: SourceFile[][] = []
  for (const side of sides) {
    const files = await filesOf(side)
    if (!files) return exitCodes.badFile
    if (isRefused(readConfigurations(files).unrecognised)) return exitCodes.badFile
    read.push(files)
  }
  return read[1] ? tellDifferences(read[0]!, read[1], json) : tellTwin(read[0]!, json)
}

/** 0 everything is understood, 1 something is not, 2 a file cannot be read or is of no engine that is known. */
export async function importConfiguration(names: readonly string[], options: ImportOptions): Promise<number> {
  const { json, mac } = options
  if (options.twin === true || options.before || options.after) return await asNetwork(names, options)
  if (options.lab !== undefined) return await asLab(names, options.lab)
  if (names.length === 0) throw misused(t('cli.name-configuration-files-read-before')) // prettier-ignore
  const files = await filesOf(names)
  if (!files) return exitCodes.badFile
  const { configurations, unrecognised } = readConfigurations(files, networksHere)
  if (isRefused(unrecognised)) return exitCodes.badFile
  let isWhole = true
  const found: object[] = []
  for (const configuration of configurations) {
    const rows = bootTable(configuration, mac)
    isWhole &&= configuration.notUnderstood.length === 0
    found.push({ configuration, offers: rows.map(plainRow) })
    if (json) continue
    const place = (one: { readonly file: string; readonly line: number }): string => (one.file === configuration.files[0] ? t('cli.line', { line: one.line }) : t('cli.file-line', { file: one.file, line: one.line })) // prettier-ignore
    tell(`${configuration.files.join(', ')}: ${titles[configuration.engine]}`)
    for (const { source, name, says } of configuration.settings ?? [])
      tell(`  ${name} (${place(source)}): ${textOf(says)}`)
    for (const subnet of configuration.subnets) {
      tell(
        `\n${t(subnet.isProxy ? 'cli.subnet-proxy-place' : 'cli.subnet-place', { network: subnet.network, place: place(subnet.source) })}`,
      )
      for (const row of rows) if (row.subnet === subnet) tellRow(row)
    }
    for (const { source, interface: name, network, address, helpers } of configuration.relays ?? [])
      tell(`\n${t('cli.relay-place', { name, network: network === undefined ? t('cli.network-not-told') : t('cli.network-as', { network, address }), place: place(source), helpers: helpers.map(({ text }) => text).join(', ') })}`) // prettier-ignore
    for (const { source, is, text } of configuration.snooping ?? []) tell(`${{ on: 'DHCP snooping', vlans: t('cli.snooping-vlans'), trusted: t('cli.trusted-port'), server: t('cli.server-may-answer') }[is]}${text === '' ? '' : ` ${text}`} (${place(source)})`) // prettier-ignore
    for (const [title, list] of [[t('cli.not-understood'), configuration.notUnderstood], [t('cli.decides-no-boot'), configuration.asides ?? []]] as const) {
      if (list.length > 0) tell(`\n${title}:`)
      for (const one of list) tell(`  ${place(one)}: ${one.text}\n      ${textOf(one.why)}`)
    } // prettier-ignore
  }
  if (json) tell(JSON.stringify(forPrograms({ version: 1, files: found }))) // prettier-ignore
  return isWhole ? exitCodes.ok : exitCodes.failed
}
