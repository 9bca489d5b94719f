/** What the window knows, as the back end last said it. Events come in here; components read from here. */
import { t } from '#messages/text.ts'
import { notifications } from '@mantine/notifications'
import { create } from 'zustand'
import { CallFailure } from '#shared/contract/channel.ts'
import type {
  CaptureState,
  Client,
  Complaint,
  Counters,
  InterfaceInfo,
  LabState,
  LogLine,
  Problem,
  RivalInfo,
  Status,
} from '#shared/contract/calls.ts'
import type { ClassState } from '#shared/contract/classroom.ts'
import type { SitesState } from '#shared/contract/sites.ts'
import type { BackEndNotice, ShellState } from '#shared/contract/shell.ts'
import type { RemedyRecord } from '#shared/lab/repair.ts'
import { call, connection, type ConnectionState } from './connection.ts'

const keptLog = 2000

interface State {
  readonly connection: ConnectionState
  readonly version: string
  /** The machine the back end runs on. */
  readonly machine: string
  readonly remarks: readonly string[]
  readonly status: Status | undefined
  readonly counters: Counters | undefined
  readonly lab: LabState | undefined
  /** What a hub knows; undefined in the window of a lab. Each reading is another object. */
  readonly hub: SitesState | undefined
  /** Those with an IPv4 address. */
  readonly interfaces: readonly InterfaceInfo[]
  readonly ipv6Interfaces: readonly InterfaceInfo[]
  readonly clients: ReadonlyMap<string, Client>
  readonly log: readonly LogLine[]
  /** What stands, the gravest first. */
  readonly problems: readonly Problem[]
  /** Numbers of the oldest and the newest frame that the back end keeps. */
  readonly frameRange: { readonly first: number; readonly last: number; readonly generation: number }
  readonly capture: CaptureState | undefined
  readonly rival: RivalInfo | undefined
  /** The class that is open; null for none, undefined before it is known. */
  readonly classroom: ClassState | null | undefined
  /** What a census or a rehearsal is doing. */
  readonly wire: string
  /** What the check of this machine is waiting for. */
  readonly doctor: string
  /** The scenario of the server that the Doctor looked at, to be played; undefined for none. */
  readonly diagnosed: unknown
  /** The change of this machine that was told of last. */
  readonly remedy: RemedyRecord | undefined
  /** What the desktop shell said of itself last; undefined in a browser. */
  readonly shell: ShellState | undefined
  /** How the shell says that the process of the back end is; undefined in a browser. */
  readonly backEnd: BackEndNotice | undefined
  /** The last thing that went wrong and has not been dismissed. */
  readonly complaint: Complaint | undefined
}

export const useStore = create<State>(() => ({
  connection: 'connecting',
  version: '',
  machine: '',
  remarks: [],
  status: undefined,
  counters: undefined,
  lab: undefined,
  hub: undefined,
  interfaces: [],
  ipv6Interfaces: [],
  clients: new Map(),
  log: [],
  problems: [],
  frameRange: { first: 1, last: 0, generation: 0 },
  capture: undefined,
  rival: undefined,
  classroom: undefined,
  wire: '',
  doctor: '',
  diagnosed: undefined,
  remedy: undefined,
  shell: undefined,
  backEnd: undefined,
  complaint: undefined,
}))

const set = useStore.setState

export const complain = (error: unknown, about: string): void =>
  set({
    complaint: {
      about,
      message: error instanceof Error ? error.message : String(error),
      remedy: error instanceof CallFailure ? error.remedy : t('app.reload-window'),
    },
  })

export const dismissComplaint = (): void => set({ complaint: undefined })

/** Runs something a person asked for; what goes wrong is shown at the top of the page. */
export async function attempt<T>(about: string, work: () => Promise<T>): Promise<T | undefined> {
  dismissComplaint()
  try {
    return await work()
  } catch (error) {
    complain(error, about)
    return undefined
  }
}

const byFamily = (all: readonly InterfaceInfo[]): Pick<State, 'interfaces' | 'ipv6Interfaces'> => ({
  interfaces: all.filter(({ isIpv6Only = false }) => !isIpv6Only),
  ipv6Interfaces: all.filter(({ isIpv6Only = false }) => isIpv6Only),
})

export const refreshInterfaces = async (): Promise<void> => set(byFamily(await call('interfaces.list', {})))

async function readEverything(): Promise<void> {
  const info = await call('app.info', {})
  set({ version: info.version, machine: `${info.hostName} (${info.platform})`, remarks: info.remarks })
  if (info.isHub) return set({ hub: await call('sites.state', {}) })
  const [status, lab, interfaces, clients, log, capture, rival, problems, frameRange, classroom] = await Promise.all([
    call('status.read', {}),
    call('lab.read', {}),
    call('interfaces.list', {}),
    call('clients.list', {}),
    call('log.list', {}),
    call('capture.read', {}),
    call('rival.read', {}),
    call('problems.list', {}),
    call('frames.range', {}),
    call('class.read', {}),
  ])
  set({
    status,
    lab,
    ...byFamily(interfaces),
    clients: new Map(clients.map((client) => [client.mac, client])),
    log,
    capture,
    rival,
    problems,
    frameRange,
    classroom,
  })
}

export function connectStore(): void {
  const { client } = connection
  client.on('reset', () => void readEverything().catch((error: unknown) => complain(error, t('app.connection'))))
  client.on('status', (status) => set({ status }))
  client.on('problems', (problems) => set({ problems }))
  client.on('counters', (counters) => set({ counters }))
  client.on('lab', (lab) => set({ lab }))
  client.on('log', (lines) => {
    set({ log: [...useStore.getState().log, ...lines].slice(-keptLog) })
    const waits = lines.findLast(({ type }) => type === 'wds-pending')
    // One at a time, however many machines are switched on at once.
    if (waits) notifications.show({ id: 'approval', title: t('app.approval-title'), message: waits.text })
  })
  client.on('frames', (frameRange) => set({ frameRange }))
  client.on('capture', (capture) => set({ capture }))
  client.on('rival', (rival) => set({ rival }))
  client.on('class', (classroom) => set({ classroom }))
  client.on('wire', (wire) => set({ wire }))
  client.on('doctor', (doctor) => set({ doctor }))
  client.on('sites', () => void call('sites.state', {}).then((hub) => set({ hub }), () => {})) // prettier-ignore
  client.on('remedy', (remedy) => set({ remedy }))
  client.on('clients', (changed) => {
    const clients = new Map(useStore.getState().clients)
    for (const one of changed) clients.set(one.mac, one)
    set({ clients })
  })
  connection.onState((state) => {
    set({ connection: state })
    if (state === 'connected') readEverything().catch((error: unknown) => complain(error, t('app.connection')))
  })
}
