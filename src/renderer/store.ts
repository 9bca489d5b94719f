/** What the window knows, as the back end last said it. Events come in here; components read from here. */
import { create } from 'zustand'
import { CallFailure } from '#shared/contract/channel.ts'
import type {
  Client,
  Complaint,
  Counters,
  InterfaceInfo,
  LabState,
  LogLine,
  Packet,
  Status,
} from '#shared/contract/calls.ts'
import { call, connection, type ConnectionState } from './connection.ts'

const keptPackets = 20_000
const keptLog = 2000
const packetsAtOnce = 2000

interface State {
  readonly connection: ConnectionState
  readonly version: string
  readonly remarks: readonly string[]
  readonly status: Status | undefined
  readonly counters: Counters | undefined
  readonly lab: LabState | undefined
  readonly interfaces: readonly InterfaceInfo[]
  readonly clients: ReadonlyMap<string, Client>
  readonly log: readonly LogLine[]
  readonly packets: readonly Packet[]
  readonly packetRange: { readonly first: number; readonly last: number }
  /** The last thing that went wrong and has not been dismissed. */
  readonly complaint: Complaint | undefined
}

export const useStore = create<State>(() => ({
  connection: 'connecting',
  version: '',
  remarks: [],
  status: undefined,
  counters: undefined,
  lab: undefined,
  interfaces: [],
  clients: new Map(),
  log: [],
  packets: [],
  packetRange: { first: 1, last: 0 },
  complaint: undefined,
}))

const set = useStore.setState

export const complain = (error: unknown, about: string): void =>
  set({
    complaint: {
      about,
      message: error instanceof Error ? error.message : String(error),
      remedy: error instanceof CallFailure ? error.remedy : 'Reload the window.',
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

let isFetching = false

/** Fetches the packets that came since the last time, a batch at a time; one fetch runs at once. */
export async function fetchPackets(): Promise<void> {
  if (isFetching) return
  isFetching = true
  try {
    for (;;) {
      const { packets, packetRange } = useStore.getState()
      const newest = packets.at(-1)?.id ?? 0
      if (newest >= packetRange.last) return
      const after = Math.max(newest, packetRange.last - keptPackets)
      const fresh = await call('packets.list', { after, limit: packetsAtOnce })
      if (fresh.packets.length === 0) return
      set({ packets: [...useStore.getState().packets, ...fresh.packets].slice(-keptPackets) })
    }
  } catch {
    // The connection went: what is missing is fetched when it is back.
  } finally {
    isFetching = false
  }
}

export const clearPackets = async (): Promise<void> => {
  await call('packets.clear', {})
  set({ packets: [] })
}

export const refreshInterfaces = async (): Promise<void> => set({ interfaces: await call('interfaces.list', {}) })

async function readEverything(): Promise<void> {
  const [info, status, lab, interfaces, clients, log, packets] = await Promise.all([
    call('app.info', {}),
    call('status.read', {}),
    call('lab.read', {}),
    call('interfaces.list', {}),
    call('clients.list', {}),
    call('log.list', {}),
    call('packets.list', { after: 0, limit: 1 }),
  ])
  set({
    version: info.version,
    remarks: info.remarks,
    status,
    lab,
    interfaces,
    clients: new Map(clients.map((client) => [client.mac, client])),
    log,
    packets: [],
    packetRange: { first: packets.first, last: packets.last },
  })
}

export function connectStore(): void {
  const { client } = connection
  client.on('status', (status) => set({ status }))
  client.on('counters', (counters) => set({ counters }))
  client.on('lab', (lab) => set({ lab }))
  client.on('log', (lines) => set({ log: [...useStore.getState().log, ...lines].slice(-keptLog) }))
  client.on('packets', (packetRange) => {
    const { packets } = useStore.getState()
    // A cleared ring begins behind what was shown.
    set({
      packetRange,
      ...(packets.length > 0 && packets[0]!.id < packetRange.first
        ? { packets: packets.filter((one) => one.id >= packetRange.first) }
        : {}),
    })
  })
  client.on('clients', (changed) => {
    const clients = new Map(useStore.getState().clients)
    for (const one of changed) clients.set(one.mac, one)
    set({ clients })
  })
  connection.onState((state) => {
    set({ connection: state })
    if (state === 'connected') readEverything().catch((error: unknown) => complain(error, 'the connection'))
  })
}
