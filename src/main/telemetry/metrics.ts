/** What a running lab did, as metrics in the text format of Prometheus. Labels take few values: no machine, no file. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { LabEvent } from '#shared/contract/events.ts'
import type { SettledBoot } from '../observe/verdict.ts'
import { version } from '../version.ts'

/** How many leases are in each state. */
export type LeaseCounts = Readonly<Record<string, number>>

/**
 * Values of a label that come from packets in the end; the others are counted together, since each is a series that Prometheus
 * keeps. Firmware tells its architecture by a number that strangers choose.
 */
const mostValues = 100

const seconds = { boot: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800], transfer: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900] } // prettier-ignore

export class Metrics {
  readonly #registry = new Registry()
  readonly #up: Gauge
  readonly #events: Counter
  readonly #boots: Counter
  readonly #bootSeconds: Histogram
  readonly #transfers: Counter
  readonly #transferBytes: Counter
  readonly #transferSeconds: Histogram
  readonly #repeats: Counter
  readonly #seen = { firmware: new Set<string>(), code: new Set<string>() }

  /** `leases` is asked at each reading. */
  constructor(leases: () => Promise<LeaseCounts>) {
    const registers = [this.#registry]
    const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
      new Counter({ name: `pxe_lab_${name}`, help, labelNames, registers })
    new Gauge({ name: 'pxe_lab_info', help: 'The version that runs.', labelNames: ['version'], registers }).set({ version }, 1) // prettier-ignore
    this.#up = new Gauge({ name: 'pxe_lab_responder_up', help: 'Whether the responder answers.', registers })
    this.#up.set(0)
    this.#events = counter('events_total', 'What happened, by the type of the event.', ['type'])
    this.#boots = counter('boots_total', 'Boots of which nothing more is awaited, by how they ended, the firmware, and the code on the screen.', ['outcome', 'firmware', 'code']) // prettier-ignore
    this.#bootSeconds = new Histogram({ name: 'pxe_lab_boot_duration_seconds', help: 'From the first packet of a boot to its last.', labelNames: ['outcome'], buckets: seconds.boot, registers }) // prettier-ignore
    this.#transfers = counter('transfers_total', 'Files that were asked for, by protocol and how the transfer ended.', ['protocol', 'outcome']) // prettier-ignore
    this.#transferBytes = counter('transfer_bytes_total', 'Bytes of files that were sent or received.', ['protocol'])
    this.#transferSeconds = new Histogram({ name: 'pxe_lab_transfer_duration_seconds', help: 'Of transfers that were completed.', labelNames: ['protocol'], buckets: seconds.transfer, registers }) // prettier-ignore
    this.#repeats = counter('transfer_retransmissions_total', 'Blocks that were sent again.', ['protocol'])
    const counted = new Gauge({
      name: 'pxe_lab_leases',
      help: 'Leases by their state.',
      labelNames: ['state'],
      registers: [],
      async collect() {
        const counts = await leases()
        this.reset()
        for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
      },
    })
    this.#registry.registerMetric(counted)
  }

  hear(event: LabEvent): void {
    if (event.type === 'transfer-progress') return
    this.#events.inc({ type: event.type })
    switch (event.type) {
      case 'ready':
        return this.#up.set(1)
      case 'stopped':
      case 'responder-lost':
      case 'responder-silent':
        return this.#up.set(0)
      case 'responder-restarted':
      case 'responder-answers':
        return this.#up.set(1)
      case 'transfer-refused':
        return this.#transfers.inc({ protocol: event.protocol ?? 'tftp', outcome: 'refused' })
      case 'transfer-ended': {
        const { transfer, outcome, durationMs } = event
        const protocol = transfer.kind === 'read' || transfer.kind === 'write' ? 'tftp' : transfer.kind
        this.#transfers.inc({ protocol, outcome })
        this.#transferBytes.inc({ protocol }, transfer.bytes)
        this.#repeats.inc({ protocol }, transfer.retransmissions)
        if (outcome === 'completed') this.#transferSeconds.observe({ protocol }, durationMs / 1000)
        return
      }
      default:
    }
  }

  settled({ verdict: { outcome, firmware, code, startedAt, lastAt } }: SettledBoot): void {
    const known = firmware.replace(/architecture \d+/, 'another architecture')
    this.#boots.inc({ outcome, firmware: this.#bounded('firmware', known), code: this.#bounded('code', code ?? '') })
    this.#bootSeconds.observe({ outcome }, Math.max(0, lastAt - startedAt) / 1000)
  }

  #bounded(label: 'firmware' | 'code', value: string): string {
    const seen = this.#seen[label]
    if (!seen.has(value) && seen.size >= mostValues) return 'other'
    seen.add(value)
    return value
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
