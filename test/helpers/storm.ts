/**
 * A storm of clients against the three-process form, and what each process holds in memory meanwhile: each client has an
 * identity of its own, files are read beside it, and a window asks for what it shows.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DrivenBackend } from './backend.ts'
import { LabFolder } from './lab.ts'
import { Network } from './network.ts'

const clientScript = fileURLToPath(new URL('storm-client.mjs', import.meta.url))
const server = '10.77.0.1'

export interface StormCount {
  readonly clients: number
  readonly offers: number
  readonly acks: number
  readonly reads: number
  readonly finished: number
  readonly bytes: number
}

/** Resident memory of each process at a time, in megabytes. */
export interface StormSample {
  readonly seconds: number
  readonly backEnd: number
  readonly responder: number
  readonly count: StormCount
}

export interface StormOptions {
  readonly seconds: number
  readonly clientsASecond: number
  readonly readsASecond: number
  readonly everySeconds: number
  readonly onSample?: (sample: StormSample) => void
}

/** Proc(5): VmRSS, in kilobytes. */
const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

/** Needs root, `ip` and `ss`. Throws where a process ends. */
export async function storm(options: StormOptions): Promise<StormSample[]> {
  const { seconds, clientsASecond, readsASecond, everySeconds, onSample } = options
  const network = new Network()
  const folder = new LabFolder()
  try {
    const { here, there } = network.wire()
    folder
      .write({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: { leaseSeconds: 60, subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] }, // prettier-ignore
        boot: { programs: [{ file: 'a.bin' }] },
        tftp: { maxTransfersPerClient: 200 },
      })
      .put('a.bin', new Uint8Array(300_000).fill(7))
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    const held = execFileSync('ip', ['netns', 'exec', here, 'ss', '-lunpH', 'sport = :67'], { encoding: 'utf8' })
    const pids = { backEnd: backend.running.child.pid!, responder: Number(/pid=(\d+)/.exec(held)![1]) }
    const clients = network.start(there, process.execPath, [clientScript, server, String(clientsASecond), String(readsASecond)]) // prettier-ignore
    await clients.sees(/\n/)
    const samples: StormSample[] = []
    for (const start = performance.now(); performance.now() - start < seconds * 1000;) {
      await delay(everySeconds * 1000)
      // As a window does, whose page of clients and log is open.
      for (const call of ['status.read', 'clients.list', 'log.list']) await backend.call(call, {}, 60)
      backend.running.output = backend.running.stdout = ''
      const lines = clients.output.trimEnd().split('\n')
      clients.output = clients.stdout = `${lines.at(-1)}\n`
      const sample: StormSample = {
        seconds: Math.round((performance.now() - start) / 1000),
        backEnd: residentMb(pids.backEnd),
        responder: residentMb(pids.responder),
        count: JSON.parse(lines.at(-1)!) as StormCount,
      }
      samples.push(sample)
      onSample?.(sample)
    }
    await clients.stop('SIGKILL')
    await backend.call('responder.stop', {}, 60)
    return samples
  } finally {
    await network.close()
    folder.remove()
  }
}

/** Megabytes an hour by which a process grows over the later half: the least memory of each of its minutes, as a line. */
export function growthAnHour(samples: readonly StormSample[], process: 'backEnd' | 'responder'): number {
  const later = samples.filter(({ seconds }) => seconds * 2 >= samples.at(-1)!.seconds)
  const least = new Map<number, number>()
  for (const sample of later) {
    const minute = Math.floor(sample.seconds / 60)
    least.set(minute, Math.min(least.get(minute) ?? Infinity, sample[process]))
  }
  const points = [...least]
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
  const [x, y] = [mean(points.map(([minute]) => minute)), mean(points.map(([, mb]) => mb))]
  const across = points.reduce((sum, [minute]) => sum + (minute - x) ** 2, 0)
  if (across === 0) return 0
  return (points.reduce((sum, [minute, mb]) => sum + (minute - x) * (mb - y), 0) / across) * 60
}
