/**
 * A capture shows a part of what was on the wire: packets of one direction, those of a capture filter, those before somebody stopped
 * it, those of several machines. Whatever is left out, nobody is accused whom the whole capture does not accuse.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { u32At } from '#shared/wire/bytes.ts'
import { etherTypes, FrameHeaders, hasDhcpPorts, ipProtocols } from '#shared/wire/headers.ts'
import type { Explanation } from '../helpers/told.ts'
import type { Session } from '#shared/trace/session.ts'
import { explain, framesOf, kept, sessionOfFrames, wordsOf, type Kept } from '../helpers/explained.ts'
import { address, Wire } from '../helpers/wire.ts'
import { scenarioFrom, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

const folder = new URL('../../resources/scenarios/', import.meta.url)

/** The larger ones play hundreds of machines, or a whole image in small blocks. */
const mostFrames = 1500

const played = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => [`scenario/${name}`, framesOf(sessionOfSimulation(simulated(scenarioFrom(new URL(name, folder)))))] as const)
  .filter(([, frames]) => frames.length > 0 && frames.length <= mostFrames) // prettier-ignore

const captures: readonly (readonly [string, readonly Kept[]])[] = [
  ...kept.map(([name, session]) => [name, framesOf(session())] as const),
  ...played,
]

test('there are captures to take apart', () => {
  expect(played.length).toBeGreaterThan(30)
  expect(captures.length).toBeGreaterThan(90)
})

interface Ends {
  readonly isUdp: boolean
  readonly isTcp: boolean
  readonly sourcePort: number
  readonly destinationPort: number
}

const headers = new FrameHeaders()

function endsOf({ bytes, linkType }: Kept): Ends {
  headers.read(bytes, linkType)
  const isIp = headers.ipAt >= 0 && headers.etherType !== etherTypes.arp
  return {
    isUdp: isIp && headers.ipProtocol === ipProtocols.udp,
    isTcp: isIp && headers.ipProtocol === ipProtocols.tcp,
    sourcePort: headers.sourcePort,
    destinationPort: headers.destinationPort,
  }
}

const hasPort = (frame: Kept, ports: readonly number[]): boolean => {
  const { isUdp, sourcePort, destinationPort } = endsOf(frame)
  return isUdp && (ports.includes(sourcePort) || ports.includes(destinationPort))
}

/** Hardware addresses of the clients of a capture: whoever sends to the port of DHCP servers from that of clients, or asks for a file. */
function clientsOf(frames: readonly Kept[]): Set<string> {
  const clients = new Set<string>()
  for (const frame of frames) {
    const { isUdp, sourcePort, destinationPort } = endsOf(frame)
    const asks = (sourcePort === 68 && destinationPort === 67) || (destinationPort === 69 && sourcePort !== 67)
    if (isUdp && asks && frame.linkType === linkTypes.ethernet) clients.add(sourceOf(frame))
  }
  return clients
}

const sourceOf = ({ bytes }: Kept): string => bytes.subarray(6, 12).join(':')

const nsOf = ({ seconds, nanoseconds }: Kept): number => (seconds - 1_700_000_000) * 1e9 + nanoseconds

/** What people capture of the wire, and what is left out. */
const views: readonly (readonly [string, (frame: Kept, clients: ReadonlySet<string>) => boolean])[] = [
  ['the capture filter "port 67 or port 68"', (frame) => hasPort(frame, [67, 68])],
  ['the capture filter "port 67 or port 68 or port 69"', (frame) => hasPort(frame, [67, 68, 69])],
  ['the capture filter "port 67 or port 68 or port 69 or port 4011"', (frame) => hasPort(frame, [67, 68, 69, 4011])],
  ['the capture filter "port 69"', (frame) => hasPort(frame, [69])],
  ['the capture filter "udp"', (frame) => endsOf(frame).isUdp],
  ['what clients send', (frame, clients) => clients.has(sourceOf(frame))],
  ['what servers send', (frame, clients) => !clients.has(sourceOf(frame))],
]

describe.each(views)('%s accuses nobody', (_, isSeen) => {
  test.each(captures)('of %s', (__, frames) => {
    const clients = clientsOf(frames)
    const seen = frames.filter((frame) => isSeen(frame, clients))
    if (seen.length === 0 || explain(sessionOfFrames(frames)).some(({ outcome }) => outcome === 'failed')) return
    const part = sessionOfFrames(seen)
    const laterNs = nsOf(frames.at(-1)!) - nsOf(seen.at(-1)!)
    for (const one of [...explain(part), ...explain(part, part.endNs + laterNs)])
      expect(one.outcome, wordsOf(one)).not.toBe('failed')
  })
})

describe('what the packets of the clients show of answers that were not captured', () => {
  const rrq = (wire: Wire, seconds: number, filename: string, client: number): number =>
    wire.tftp(seconds, { kind: 'rrq', filename, mode: 'octet', options: [] }, true, client)

  test('PXELINUX that looks for its configuration was loaded, though the capture holds no answer', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'pxelinux.0')
    rrq(wire, 1, 'pxelinux.0', 2070)
    rrq(wire, 1.01, 'pxelinux.0', 2071)
    for (const [index, name] of ['01-52-54-00-aa-00-01', 'C0A8620A', 'C0A8620', 'default'].entries())
      rrq(wire, 1.2 + index / 100, `pxelinux.cfg/${name}`, 49_152 + index)
    rrq(wire, 9, 'vmlinuz', 49_160)
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told).toMatchObject({ outcome: 'unknown', headline: 'The capture contains the requests for files, but not the answers.' }) // prettier-ignore
    expect(wordsOf(told!)).toMatch(/answers from a port other than 69/)
    expect(wordsOf(told!)).not.toMatch(/PXE-E32/)
  })

  test('a request for a file that is repeated is one that nobody answered', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'pxelinux.0')
    for (const at of [1, 5, 9, 13]) rrq(wire, at, 'pxelinux.0', 2070)
    wire.silence(60)
    expect(explain(wire.session)[0]).toMatchObject({ outcome: 'failed', failure: 'tftp-mute' })
  })

  test('a REQUEST names a server of which no offer was captured: nobody is said to be silent', () => {
    const wire = new Wire('uefi')
    wire.asks(0, 1)
    wire.asks(4, 3, [address(54, '10.0.0.1'), address(50, '10.0.0.50')])
    wire.silence(60)
    const [told] = explain(wire.session)
    expect(told!.outcome).toBe('unknown')
    expect(wordsOf(told!)).toMatch(/No server answer is in the capture/)
    expect(wordsOf(told!)).not.toMatch(/No ACK came|PXE-E/)
  })

  test.each(['bios', 'uefi', 'ipxe'] as const)('one DISCOVER of %s and never another accuses no server', (kind) => {
    const wire = new Wire(kind)
    wire.asks(0, 1)
    wire.silence(60)
    expect(explain(wire.session)[0]).toMatchObject({ outcome: 'unknown', headline: 'The capture contains one DISCOVER and no answer.' }) // prettier-ignore
  })

  test('a DISCOVER that is repeated in vain is a silence', () => {
    const wire = new Wire('bios')
    for (const at of [0, 4, 12, 28]) wire.asks(at, 1)
    wire.silence(90)
    expect(explain(wire.session)[0]).toMatchObject({ outcome: 'failed', failure: 'no-offer' })
  })
})

describe('two captures in one change neither story', () => {
  /** Without what only both together tell: that two machines call themselves the same. */
  const ownWords = (told: Explanation): string =>
    wordsOf(told).replace(/\n\S+ has the same (client identifier|UUID) .*/g, '')
  const startOf = (frames: readonly Kept[]): number => nsOf(frames[0]!)
  const shifted = (frame: Kept, byNs: number): Kept => {
    const ns = frame.nanoseconds + byNs
    const whole = Math.floor(ns / 1e9)
    return { ...frame, seconds: frame.seconds + whole, nanoseconds: ns - whole * 1e9 }
  }
  /** Whom a capture speaks of: hardware addresses and leases. */
  const whoIn = (session: Session): Set<string> => {
    const who = new Set<string>()
    for (const { name, address: lease } of session.trace.machines) who.add(name).add(`${lease}`)
    for (let frame = session.store.first; frame <= session.store.last; frame++) {
      const { yiaddr = 0 } = glanced(session, frame)
      if (yiaddr !== 0) who.add(`${yiaddr}`)
    }
    who.delete('0')
    return who
  }
  const glanced = (session: Session, frame: number): { yiaddr?: number } => {
    const bytes = session.store.bytesOf(frame)
    headers.read(bytes, session.store.interfaceOf(frame).linkType)
    return hasDhcpPorts(headers) && headers.payloadEnd - headers.payloadAt > 240 ? { yiaddr: u32At(bytes, headers.payloadAt + 16) } : {} // prettier-ignore
  }
  // A router that advertises itself is one of the other's link as well, and is told there.
  const small = captures
    .filter(([, frames]) => frames.length < 400 && frames.every((one) => one.linkType === linkTypes.ethernet))
    .map(([name, frames]) => ({ name, frames, session: sessionOfFrames(frames) }))
    .filter(({ session }) => session.trace.attempts.every((one) => one.routers.length === 0))
    .map(({ name, frames, session }) => ({ name, frames, who: whoIn(session) }))

  const pairs = small.flatMap((left, index) =>
    small
      .slice(index + 1)
      .filter(({ who }) => ![...who].some((one) => left.who.has(one)))
      .map((right) => [left.name, right.name, left.frames, right.frames] as const),
  )

  test('there are pairs of different machines', () => expect(pairs.length).toBeGreaterThan(300))

  test('interleaved by time', () => {
    for (const [leftName, rightName, left, right] of pairs) {
      const moved = right.map((frame) => shifted(frame, startOf(left) - startOf(right)))
      const both = [...left, ...moved].sort((one, other) => nsOf(one) - nsOf(other))
      const merged = sessionOfFrames(both)
      const told = explain(merged)
      for (const alone of [sessionOfFrames(left), sessionOfFrames(moved)])
        for (const [at, before] of explain(alone, merged.endNs).entries()) {
          const attempt = alone.trace.attempts[at]!
          const same = merged.trace.attempts.findIndex(
            (one) => one.machine.name === attempt.machine.name && one.ordinal === attempt.ordinal,
          )
          expect(ownWords(told[same]!), `${leftName} with ${rightName}`).toBe(ownWords(before))
        }
    }
  }, 120_000)
})

describe('what is left out behind the evidence accuses nobody', () => {
  /** The last frame that anything said of an attempt rests on. */
  const evidenceEnd = (told: readonly Explanation[]): number =>
    Math.max(0, ...told.flatMap((one) => [...one.sentences.flatMap(({ frames }) => frames), ...one.stages.flatMap(({ frames }) => frames)])) // prettier-ignore

  test.each(captures)('%s', (_, frames) => {
    const whole = sessionOfFrames(frames)
    const before = explain(whole)
    const failed = new Set(before.map((one) => one.failure))
    const end = evidenceEnd(before)
    const rest = frames.length - end
    for (let kept = 0; kept <= Math.min(rest, 8); kept++) {
      const part = [...frames.slice(0, end), ...frames.slice(end).filter((_frame, index) => index % 8 < kept)]
      const told = sessionOfFrames(part)
      // What goes on rests on its last packets: without them it has stopped.
      const goesOn = before.some((one) => one.outcome === 'waiting')
      for (const nowNs of goesOn ? [told.endNs] : [told.endNs, whole.endNs])
        for (const one of explain(told, nowNs)) if (one.outcome === 'failed') expect(failed, wordsOf(one)).toContain(one.failure) // prettier-ignore
    }
  })

  test.each(captures)('%s, stopped at any packet', (_, frames) => {
    const failed = new Set(explain(sessionOfFrames(frames)).map((one) => one.failure))
    const step = Math.max(1, Math.floor(frames.length / 60))
    for (let end = 1; end <= frames.length; end += step)
      for (const one of explain(sessionOfFrames(frames.slice(0, end)))) if (one.outcome === 'failed') expect(failed, `${end} frames: ${wordsOf(one)}`).toContain(one.failure) // prettier-ignore
  })
})
