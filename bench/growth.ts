/**
 * How cost grows, of readers (of configurations in `growth-readers.ts`, of images of discs in `growth-images.ts`) and of tables (`growth-tables.ts`): double the input, at most 2.3 times the time. The
 * inputs are the worst that strangers have found for each.
 */
import { htmlReport } from '#shared/diagnosis/report.ts'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { readLog } from '#shared/logs/reading.ts'
import { readSite } from '#shared/planner/site-text.ts'
import { compileFilter } from '#shared/trace/filter/filter.ts'
import { Session } from '#shared/trace/session.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { readFacts } from '../src/main/inspect/facts.ts'
import { parseLab } from '../src/main/workspace/lab-file.ts'
import { encodeText } from '#shared/wire/bytes.ts'
import { address, bytes, Wire } from '../test/helpers/wire.ts'
import { images } from './growth-images.ts'
import { readers } from './growth-readers.ts'
import { tables } from './growth-tables.ts'

const most = 2.3
const rounds = 5

/** Prepares an input of a size; what it returns is measured. */
type Make = (size: number) => () => unknown

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

const captureOf = (wire: Wire): Uint8Array[] => [
  pcapngHeader('bench', [{ name: 'eth0', linkType: linkTypes.ethernet }]),
  ...Array.from({ length: wire.session.store.count }, (_, index) => {
    const { store } = wire.session
    const ns = store.absoluteNs(index + 1)
    return pcapngFrame({
      interface: 0,
      seconds: Number(ns / 1_000_000_000n),
      nanoseconds: Number(ns % 1_000_000_000n),
      bytes: store.bytesOf(index + 1),
    })
  }),
]

/** Reads a capture and makes the whole report of it. */
function reported(fill: (wire: Wire, size: number) => void, isMasked = false): Make {
  return (size) => {
    const wire = new Wire('linux')
    fill(wire, size)
    const pieces = captureOf(wire)
    return () => {
      const session = new Session()
      for (const piece of pieces) session.push(piece)
      session.end()
      const { attempts } = session.trace
      for (const one of attempts) explainAttempt(session.store, one, { nowNs: session.endNs })
      htmlReport(session, { title: 'bench', attempts, isMasked, madeAt: 0, version: '1' })
    }
  }
}

const lab = 'interface: eth1\nmode: dhcp\n'

const cases: Readonly<Record<string, readonly [size: number, make: Make]>> = {
  'capture: interfaces without a name': [
    40_000,
    (size) => {
      const file = pcapngHeader('bench', Array.from({ length: size }, () => ({ linkType: linkTypes.ethernet, name: '' })))
      return () => new Session().push(file)
    },
  ],
  'capture: interfaces with names': [
    40_000,
    (size) => {
      const file = pcapngHeader('bench', Array.from({ length: size }, (_, index) => ({ linkType: linkTypes.ethernet, name: `i${index}` }))) // prettier-ignore
      return () => new Session().push(file)
    },
  ],
  'capture: one machine asks and nobody answers': [8000, reported((wire, size) => {
    for (let at = 0; at < size; at++) wire.asks(at / 1000, 1)
  })],
  'capture: the same, passed on by a relay': [8000, reported((wire, size) => {
    for (let at = 0; at < size; at++) wire.asks(at / 1000, 1, [], { giaddr: 0x0a010001 })
  })],
  'capture: a new transaction for each try': [8000, reported((wire, size) => {
    for (let at = 0; at < size; at++) {
      wire.xid = at
      wire.asks(at, 1)
    }
  })],
  'capture: boots of one machine': [1000, reported((wire, size) => {
    for (let at = 0; at < size; at++) {
      wire.xid = at
      wire.as('uefi').getsAddress(at * 700, [], 'a.efi')
      wire.loads(at * 700 + 1, 'a.efi', [new Uint8Array(512), new Uint8Array(1)])
    }
  })],
  'capture: offers of many servers': [4000, reported((wire, size) => {
    wire.asks(0, 1)
    for (let at = 0; at < size; at++) wire.answers(0.1 + at / 1e6, 2, `10.1.${at >> 8}.${at & 255}`, '10.0.0.50')
  })],
  'report: names to mask': [1000, reported((wire, size) => {
    for (let at = 0; at < size; at++) {
      wire.xid = at
      const name = encodeText(`host${at}`)
      wire.as('uefi').asks(at * 700, 1, [bytes(12, ...name), address(50, '10.0.0.50')])
    }
  }, true)],
  'filter: parts side by side': [20_000, (size) => {
    const session = new Session()
    const text = 'error || '.repeat(size) + 'error'
    return () => compileFilter(text, session)
  }],
  'log: entries that begin and never end': [50_000, (size) => {
    const text = '<![LOG['.repeat(size)
    return () => readLog(text)
  }],
  'log: entries without tags': [20_000, (size) => {
    const text = '<![LOG[a]LOG]!>\n'.repeat(size)
    return () => readLog(text)
  }],
  'log: a line of blanks': [400_000, (size) => {
    const text = `x${' '.repeat(size)}$$`
    return () => readLog(text)
  }],
  'lab file: unknown keys': [10_000, (size) => {
    const text = lines(size, (index) => `k${index}: 1`)
    return () => parseLab(text)
  }],
  'lab file: a key that stands again and again': [10_000, (size) => {
    const text = lines(size, () => 'mode: listen')
    return () => parseLab(text)
  }],
  'lab file: lines that are not YAML': [5000, (size) => {
    const text = lines(size, () => ': : :')
    return () => parseLab(text)
  }],
  'lab file: reservations': [2500, (size) => {
    const text = `${lab}dhcp:\n  subnets:\n    - subnet: 10.0.0.0/8\n      pools: [{ start: 10.0.1.0, end: 10.0.2.0 }]\n      reservations:\n${lines(size, (index) => `        - { mac: 52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}, address: 10.1.${index >> 8}.${index & 255} }`)}`
    return () => parseLab(text)
  }],
  'site file: unknown keys': [10_000, (size) => {
    const text = lines(size, (index) => `k${index}: 1`)
    return () => readSite(text)
  }],
  'facts file: unknown keys': [10_000, (size) => {
    const text = `{${lines(size, (index) => `"k${index}": 1,`)}"version": 1}`
    return () => readFacts(text)
  }],
} // prettier-ignore

/** Processor time, which other programs of the machine do not lengthen. */
async function bestMs(work: () => unknown): Promise<number> {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    await work()
    best = Math.min(best, process.cpuUsage(before).user / 1000)
  }
  return best
}

export async function benchGrowth(): Promise<void> {
  for (const [name, [size, make]] of Object.entries({ ...cases, ...readers, ...tables, ...images })) {
    const once = await bestMs(make(size))
    // Over two doublings, of which each counts: one alone drowns in the noise of the garbage collector.
    const ratio = Math.sqrt((await bestMs(make(size * 4))) / once)
    process.stdout.write(
      `growth, ${name}: ${size} in ${once.toFixed(0)} ms, doubled ${ratio.toFixed(2)} times as long${ratio > most ? `  NOT MET (aim ${most})` : ''}\n`,
    )
  }
}
