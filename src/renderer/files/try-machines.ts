/** What machines would get from this lab, and how it ends, tried in the simulator. */
import { t, textOf } from '#messages/text.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { chosenFor } from '#shared/machines/boot-answer.ts'
import { chooseProgram, isIpxeProgram } from '#shared/machines/boot-policy.ts'
import { firmwares, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { typicalClient } from '#shared/lab/boot-check.ts'
import { bootConfigurationOf } from '#shared/lab/machine-configuration.ts'
import type { FileInput, ScenarioInput } from '#shared/simulation/scenario.ts'
import type { ClientOutcome } from '#shared/simulation/simulation.ts'
import { call } from '../connection.ts'
import { simulator } from '../simulator/client.ts'

export const kinds = ['bios', 'edk2', 'edk2-arm64', 'edk2-http', 'ipxe'] as const satisfies readonly FirmwareName[]
export type Kind = (typeof kinds)[number]

export const kindNames: Readonly<Record<Kind, string>> = {
  bios: 'BIOS',
  edk2: 'UEFI x64',
  'edk2-arm64': 'UEFI ARM64',
  'edk2-http': 'UEFI x64 HTTP boot',
  ipxe: 'iPXE ROM',
}

export interface Tried {
  readonly kind: Kind
  /** What the rules give it, and why. */
  readonly file: string | undefined
  readonly reason: string
  /** What iPXE gets, where that is what the machine gets first: a file, or null for nothing. */
  readonly next: string | null | undefined
  readonly outcome: ClientOutcome
}

/** The lab as a network, with what is in its boot folder beside the files its rules name. */
export async function networkOfLab(boot: BootFiles): Promise<ScenarioInput> {
  const input = (await call('scenarios.ofLab', {})) as ScenarioInput
  const lab = input.hosts!['lab']!
  const files: Record<string, FileInput> = {}
  for (const { name, size, kind } of boot.files)
    files[name] = kind === 'uefi' || kind === 'linux' ? { size, architecture: 'x64-uefi' } : { size }
  return { ...input, hosts: { ...input.hosts, lab: { ...lab, files: { ...files, ...lab.files } } } }
}

/** Boots one machine in that network. Throws where the network is none, which says that the lab is not understood. */
export async function boots(
  input: ScenarioInput,
  client: { readonly firmware: Kind; readonly mac?: string; readonly menuLine?: number },
): Promise<ClientOutcome> {
  const told = await simulator(
    'verify',
    { ...input, clients: { machine: { on: 'lan', pressesKey: false, ...client } } },
    [],
    [],
  )
  if (!('after' in told)) throw new Error(told.map((one) => `${one.field} ${textOf(one.message)}`).join('; '))
  return told.after[0]!
}

/** What a machine of that kind is given: with a MAC address that one machine, with its values in the name of the file. */
export function givenTo(
  lab: Lab,
  kind: Kind,
  mac: string | undefined,
  server: number,
): Pick<Tried, 'file' | 'reason' | 'next'> {
  const boot = bootConfigurationOf(lab)
  const where = { link: server, relay: 0, circuitId: undefined, remoteId: undefined }
  const { architecture } = firmwares[kind]
  const given = (isIpxe: boolean): Pick<Tried, 'file' | 'reason'> => {
    const userClasses = isIpxe ? ['iPXE'] : []
    const client = typicalClient(architecture, { ...(mac === undefined ? {} : { mac }), isIpxe, userClasses })
    if (mac === undefined) return chooseProgram(boot.programs, client, where)
    const { rule, choice, unfilled } = chosenFor(client, boot, server, where)
    return unfilled === undefined
      ? { file: rule?.file, reason: choice.reason }
      : { file: undefined, reason: t('files.reason-but', { reason: choice.reason, problem: unfilled }) }
  }
  const first = given(kind === 'ipxe')
  const runsIpxe = kind !== 'ipxe' && first.file !== undefined && isIpxeProgram(first.file)
  return { ...first, next: runsIpxe ? (given(true).file ?? null) : undefined }
}

export async function tryMachines(
  lab: Lab,
  boot: BootFiles,
  wanted: readonly Kind[],
  mac: string | undefined,
): Promise<Tried[]> {
  const input = await networkOfLab(boot)
  const server = parseIpv4(Object.values(input.hosts!['lab']!.on)[0]!)!
  const tried: Tried[] = []
  for (const kind of wanted) {
    const outcome = await boots(input, { firmware: kind, ...(mac === undefined ? {} : { mac }) })
    tried.push({ kind, ...givenTo(lab, kind, mac, server), outcome })
  }
  return tried
}
