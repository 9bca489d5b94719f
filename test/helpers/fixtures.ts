import { readFileSync, readdirSync } from 'node:fs'
import { unwrapUdp, type UdpDatagram } from '#shared/wire/frame.ts'
import { CaptureReader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { parseHex } from '#shared/wire/bytes.ts'
import { Session } from '#shared/trace/session.ts'

export const fixture = (path: string): URL => new URL(`../fixtures/${path}`, import.meta.url)

export const captureNames: readonly string[] = readdirSync(fixture('captures/'))
  .filter((name) => name.endsWith('.pcap'))
  .sort()

/** Captures of what the field sends, made by hand after reports: most of no boot at all, or of one that fails in an unusual way. */
export const fieldNames: readonly string[] = readdirSync(fixture('field/'))
  .filter((name) => name.endsWith('.pcap'))
  .sort()

/** Every frame of a capture file; throws where it is damaged. */
export function framesIn(file: Uint8Array): CapturedFrame[] {
  const frames: CapturedFrame[] = []
  const reader = new CaptureReader({ onInterface: () => {}, onFrame: (frame) => frames.push(frame) })
  reader.push(file)
  reader.end()
  if (reader.damage) throw new Error(`${reader.damage.message} at ${reader.damage.at}`)
  return frames
}

/** The UDP datagrams of a capture with the number of their frame, from 1. */
export function datagramsOf(capture: string): { frame: number; udp: UdpDatagram }[] {
  return framesIn(readFileSync(fixture(`captures/${capture}`))).flatMap(({ bytes }, index) => {
    const udp = unwrapUdp(bytes)
    return udp ? [{ frame: index + 1, udp }] : []
  })
}

const dhcpPorts = [67, 68, 4011]
export const isDhcp = (udp: UdpDatagram): boolean =>
  dhcpPorts.includes(udp.sourcePort) && dhcpPorts.includes(udp.destinationPort)

/** Every DHCP payload of every capture, and the vectors built from the specifications. */
export function dhcpPayloads(): { name: string; payload: Uint8Array }[] {
  const vectors = JSON.parse(readFileSync(fixture('vectors.json'), 'utf8')) as Record<string, string>
  return [
    ...captureNames.flatMap((name) =>
      datagramsOf(name)
        .filter(({ udp }) => isDhcp(udp))
        .map(({ frame, udp }) => ({ name: `${name} #${frame}`, payload: udp.payload })),
    ),
    ...Object.entries(vectors)
      .filter(([name]) => !['rrq', 'oack', 'err8', 'msft'].includes(name))
      .map(([name, hex]) => ({ name, payload: parseHex(hex)! })),
  ]
}

export const vector = (name: string): Uint8Array =>
  parseHex((JSON.parse(readFileSync(fixture('vectors.json'), 'utf8')) as Record<string, string>)[name]!)!

function read(path: string): Session {
  const session = new Session()
  session.push(readFileSync(fixture(path)))
  session.end()
  return session
}

/** A capture of the fixtures, read and analysed. */
export const sessionOf = (capture: string): Session => read(`captures/${capture}`)
export const fieldSession = (capture: string): Session => read(`field/${capture}`)
