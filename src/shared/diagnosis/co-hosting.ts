/**
 * The co-hosting matrix: DHCP and a PXE service on one server or on two, with every combination of the settings that
 * decide (UseDHCPPorts or DoNotListenOnDhcpPort, option 60, options 66 and 67, what runs and what starts first), for each
 * kind of client. Every cell is computed by running the simulation; the remedy of a cell is the nearest one that boots.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish, t, textOf } from '#messages/text.ts'
import { dpKey, wdsKey } from '../lab/registry-keys.ts'
import type { ClientResult } from '../machines/pxe-client/client.ts'
import type { FirmwareName } from '../machines/pxe-client/firmwares.ts'
import { scenarioSchema, type ScenarioInput } from '../simulation/scenario.ts'
import { Simulation } from '../simulation/simulation.ts'
import type { Change } from '../lab/repair.ts'
import { commandTexts, shareServer } from './commands.ts'

export const dimensions = {
  dhcp: ['this', 'other', 'none'],
  pxe: ['WDS', 'SccmPxe', 'none', 'elsewhere'],
  listen: ['default', '0', '1'],
  option60: ['unset', 'server', 'left-over'],
  files: ['unset', 'set'],
  service: ['running', 'stopped'],
  starts: ['first', 'second'],
} as const
export const matrixClients = ['bios', 'edk2', 'edk2-2016', 'ipxe'] as const satisfies readonly FirmwareName[]
export type MatrixClient = (typeof matrixClients)[number]

/** As people call these machines. */
export const matrixClientNames: Readonly<Record<MatrixClient, string>> = {
  bios: 'BIOS',
  edk2: 'UEFI x64',
  'edk2-2016': 'UEFI x64 (2016)',
  ipxe: 'iPXE',
}

export type Dimension = keyof typeof dimensions
export type MatrixRow = { readonly [D in Dimension]: (typeof dimensions)[D][number] }

export interface MatrixCell {
  readonly state: ClientResult['state'] | 'waiting'
  readonly code: string
  /** The line on the screen. */
  readonly line: string
  /** What decides, as a sentence about the packet that did or did not come. */
  readonly because: string
}

export interface MatrixEntry {
  readonly key: string
  readonly row: MatrixRow
  readonly cells: Readonly<Record<MatrixClient, MatrixCell>>
  readonly boots: boolean
}

export const dimensionNames: Readonly<Record<Dimension, Phrase>> = {
  dhcp: say('co-hosting.dhcp-runs-on'),
  pxe: say('co-hosting.pxe-on-this-host'),
  listen: 'UseDHCPPorts / DoNotListenOnDhcpPort',
  option60: say('co-hosting.option-60'),
  files: say('co-hosting.options-66-67'),
  service: say('co-hosting.pxe-service-is'),
  starts: say('co-hosting.it-starts'),
}

export const valueNames: Readonly<Record<string, Phrase>> = {
  this: say('co-hosting.this-host'),
  other: say('co-hosting.another-host'),
  none: say('co-hosting.none'),
  WDS: 'WDS',
  SccmPxe: 'SccmPxe',
  elsewhere: say('co-hosting.wds-elsewhere'),
  default: say('co-hosting.default'),
  '0': '0',
  '1': '1',
  unset: say('co-hosting.not-set'),
  server: say('co-hosting.at-server-level'),
  'left-over': say('co-hosting.left-at-scope'),
  set: say('co-hosting.set'),
  running: say('co-hosting.running'),
  stopped: say('co-hosting.stopped'),
  first: say('co-hosting.before-dhcp'),
  second: say('co-hosting.after-dhcp'),
}

export const keyOfRow = (row: MatrixRow): string =>
  (Object.keys(dimensions) as Dimension[]).map((name) => row[name]).join('.')

export function rowOfKey(key: string): MatrixRow | undefined {
  const values = key.split('.')
  const names = Object.keys(dimensions) as Dimension[]
  if (values.length !== names.length) return undefined
  const isKnown = names.every((name, index) => (dimensions[name] as readonly string[]).includes(values[index]!))
  return isKnown
    ? (Object.fromEntries(names.map((name, index) => [name, values[index]])) as unknown as MatrixRow)
    : undefined
}

const thisHost = '192.168.77.10'
const otherHost = '192.168.77.20'

/** The network of one row, with the clients that are asked for. */
export function scenarioOfRow(
  row: MatrixRow,
  clients: readonly MatrixClient[],
  largestFile = 4_000_000,
): ScenarioInput {
  const pxeAddress = row.pxe === 'elsewhere' ? otherHost : thisHost
  const option60 = { 60: 'PXEClient' }
  const dhcp = {
    type: 'DHCPServer' as const,
    order: 50,
    options: {
      ...(row.option60 === 'server' ? option60 : {}),
      ...(row.files === 'set' ? { 66: pxeAddress, 67: 'boot\\x86\\wdsnbp.com' } : {}),
    },
    subnets: [
      {
        subnet: '192.168.77.0/24',
        start: '192.168.77.100',
        end: '192.168.77.199',
        ...(row.option60 === 'left-over' ? { options: option60 } : {}),
      },
    ],
  }
  const order = row.starts === 'first' ? 10 : 90
  const state = row.service
  const listen = row.listen === 'default' ? ('default' as const) : row.listen === '0' ? (0 as const) : (1 as const)
  const pxe =
    row.pxe === 'SccmPxe'
      ? { SccmPxe: { type: 'SccmPxe' as const, order, state, doNotListenOnDhcpPort: listen, largestFile } }
      : row.pxe === 'none'
        ? {}
        : { WDSServer: { type: 'WDSServer' as const, order, state, useDhcpPorts: listen, largestFile } }
  const here = {
    ...(row.dhcp === 'this' ? { DHCPServer: dhcp } : {}),
    ...(row.pxe === 'elsewhere' ? {} : pxe),
  }
  return {
    title: t('co-hosting.row-title'),
    group: 'Who answers',
    summary: textOf(describeRow(row)),
    segments: { lan: { network: '192.168.77.0/24' } },
    hosts: {
      server1: { title: t('co-hosting.host-this'), on: { lan: thisHost }, services: here },
      ...(row.dhcp === 'other'
        ? { dhcp2: { title: t('co-hosting.host-dhcp'), on: { lan: '192.168.77.30' }, services: { DHCPServer: dhcp } } }
        : {}),
      ...(row.pxe === 'elsewhere'
        ? { wds2: { title: t('co-hosting.host-wds'), on: { lan: otherHost }, services: pxe } }
        : {}),
    },
    clients: Object.fromEntries(
      clients.map((firmware) => [firmware, { title: matrixClientNames[firmware], firmware, on: 'lan' }]),
    ),
    endSeconds: 120,
  }
}

export const describeRow = ({ dhcp, pxe, listen, option60, files, service, starts }: MatrixRow): Message =>
  say('co-hosting.row', {
    parts: [
      say('co-hosting.row-dhcp', { dhcp }),
      say('co-hosting.row-pxe', { pxe, service, starts }),
      say('co-hosting.row-setting', { setting: pxe === 'SccmPxe' ? 'DoNotListenOnDhcpPort' : 'UseDHCPPorts', listen }),
      say('co-hosting.row-option-60', { option60 }),
      say('co-hosting.row-files', { files }),
    ],
  })

export function allRows(): MatrixRow[] {
  let rows: Partial<Record<Dimension, string>>[] = [{}]
  for (const [name, values] of Object.entries(dimensions))
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })))
  return rows as unknown as MatrixRow[]
}

/** Files are small here: what is asked is who answers, not how long a transfer takes. */
const quickFile = 4000

function computeCell(row: MatrixRow, client: MatrixClient): MatrixCell {
  const simulation = new Simulation(scenarioSchema.parse(scenarioOfRow(row, [client], quickFile)), { record: false })
  simulation.run()
  const { state, code, line, because } = simulation.outcomes()[0]!
  return { state, code, line, because: inEnglish(because) }
}

export function computeEntry(row: MatrixRow): MatrixEntry {
  const cells = Object.fromEntries(matrixClients.map((client) => [client, computeCell(row, client)])) as Record<
    MatrixClient,
    MatrixCell
  >
  return { key: keyOfRow(row), row, cells, boots: matrixClients.every((client) => cells[client].state === 'booted') }
}

/** Settings that an administrator changes; where DHCP lives and what starts first are not among them. */
const changeable = ['listen', 'option60', 'service', 'files'] as const satisfies readonly Dimension[]
type Changeable = (typeof changeable)[number]

export interface Remedy {
  /** Key of the row it leads to. */
  readonly to: string
  readonly says: readonly Phrase[]
  readonly commands: readonly string[]
}

/** The entries by key, and for each row the smallest change after which every client boots, whatever starts first. */
export class CoHostingMatrix {
  readonly entries: readonly MatrixEntry[]
  readonly #byKey: ReadonlyMap<string, MatrixEntry>

  constructor(entries: readonly MatrixEntry[]) {
    this.entries = entries
    this.#byKey = new Map(entries.map((entry) => [entry.key, entry]))
  }

  entry(key: string): MatrixEntry | undefined {
    return this.#byKey.get(key)
  }

  #bootsInBothOrders(row: MatrixRow): boolean {
    return dimensions.starts.every((starts) => this.#byKey.get(keyOfRow({ ...row, starts }))?.boots === true)
  }

  /** Undefined where the row needs none, or where no change of settings helps. */
  remedyOf(row: MatrixRow): Remedy | undefined {
    if (this.#bootsInBothOrders(row)) return undefined
    let candidates: { readonly row: MatrixRow; readonly changed: Changeable[] }[] = [{ row, changed: [] }]
    for (const name of changeable)
      candidates = candidates.flatMap((one) =>
        dimensions[name].map((value) => ({
          row: { ...one.row, [name]: value } as MatrixRow,
          changed: row[name] === value ? one.changed : [...one.changed, name],
        })),
      )
    const good = candidates
      .filter(({ changed, row: to }) => changed.length > 0 && to.option60 !== 'left-over' && to.files === 'unset')
      .filter((one) => this.#bootsInBothOrders(one.row))
      // "default" is what a service is installed with; a repair writes the value down.
      .filter((one) => !one.changed.includes('listen') || one.row.listen !== 'default')
      .sort((a, b) => a.changed.length - b.changed.length)[0]
    if (!good) return undefined
    return { to: keyOfRow(good.row), ...stepsTo(row, good.row) }
  }
}

/** What to change in a row to make it another, in the order in which it is done. */
export function stepsTo(from: MatrixRow, to: MatrixRow): { readonly says: Message[]; readonly commands: string[] } {
  const changed = changeable.filter((name) => from[name] !== to[name])
  const steps = changed.map((name) => instruction(from, to, name, changed))
  return { says: steps.map(({ says }) => says), commands: steps.flatMap(({ commands }) => commands) }
}

function instruction(
  from: MatrixRow,
  to: MatrixRow,
  name: Changeable,
  changed: readonly Changeable[],
): { readonly says: Message; readonly commands: readonly string[] } {
  const service = to.pxe === 'SccmPxe' ? 'SccmPxe' : 'WDSServer'
  // To be typed by hand: the documented tool does both.
  const shared = to.pxe === 'WDS' && to.listen === '0' && to.option60 === 'server' && changed.includes('option60')
  const texts = (changes: readonly Change[]): readonly string[] => commandTexts(changes, 'windows', undefined).commands
  const option = (code: 60 | 66 | 67, value: string | null, level: 'server' | 'scope' = 'server'): Change => ({
    kind: 'dhcp-option',
    option: code,
    level,
    at: level === 'scope' ? '192.168.77.0' : '',
    value,
  })
  const listen = (key: typeof wdsKey | typeof dpKey, value: string): readonly Change[] => [
    { kind: 'registry', key, name: value, data: Number(to.listen) },
    // A stopped one reads it when it is started, which follows.
    ...(changed.includes('service') ? [] : [{ kind: 'restart' as const, name: service }]),
  ]
  switch (name) {
    case 'listen':
      return to.pxe === 'SccmPxe'
        ? {
            says: say('co-hosting.set-responder', { listen: to.listen }),
            commands: texts(listen(dpKey, 'DoNotListenOnDhcpPort')),
          }
        : {
            says: say('co-hosting.set-wds', { listen: to.listen }),
            commands: shared
              ? [shareServer, ...texts(listen(wdsKey, 'UseDHCPPorts').slice(1))]
              : texts(listen(wdsKey, 'UseDHCPPorts')),
          }
    case 'option60':
      if (to.option60 === 'server')
        return {
          says: say('co-hosting.set-option-60'),
          commands: shared && changed.includes('listen') ? [] : texts([option(60, 'PXEClient')]),
        }
      return {
        says: say('co-hosting.remove-option-60'),
        commands: texts([option(60, null, from.option60 === 'left-over' ? 'scope' : 'server')]),
      }
    case 'files':
      return {
        says: say('co-hosting.remove-files'),
        commands: texts([option(66, null), option(67, null)]),
      }
    case 'service':
      return {
        says: say('co-hosting.start-service', { service }),
        commands: texts([{ kind: 'service', name: service, state: 'running' }]),
      }
  }
}

/** What is said where no change of settings makes every client boot. */
export const noRemedy = (row: MatrixRow): Message =>
  row.dhcp === 'none'
    ? say('co-hosting.no-remedy-dhcp')
    : row.pxe === 'none'
      ? say('co-hosting.no-remedy-pxe')
      : say('co-hosting.no-remedy')

/** Computes the matrix row by row, so that whoever shows it can do something else in between. */
export function* matrixEntries(): Generator<MatrixEntry> {
  for (const row of allRows()) yield computeEntry(row)
}
