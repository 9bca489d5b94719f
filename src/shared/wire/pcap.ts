/** Classic capture files (libpcap's format), Ethernet only: what the tests read and what a packet list is saved as. */
import { concatBytes } from './bytes.ts'

export interface CapturedPacket {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number
  readonly bytes: Uint8Array
}

/** Reads packets up to the end or the first damage; throws where the file is no Ethernet capture at all. */
export function readPcap(file: Uint8Array): CapturedPacket[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const magic = file.length >= 24 ? view.getUint32(0) : 0
  const littleEndian = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1
  const isNano = magic === 0xa1b23c4d || magic === 0x4d3cb2a1
  if (!littleEndian && magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) throw new Error('not a pcap file')
  if (view.getUint32(20, littleEndian) !== 1) throw new Error('not an Ethernet capture')
  const packets: CapturedPacket[] = []
  for (let at = 24; at + 16 <= file.length;) {
    const length = view.getUint32(at + 8, littleEndian)
    if (at + 16 + length > file.length) break
    const fraction = view.getUint32(at + 4, littleEndian) / (isNano ? 1e6 : 1e3)
    packets.push({
      time: view.getUint32(at, littleEndian) * 1000 + fraction,
      bytes: file.subarray(at + 16, at + 16 + length),
    })
    at += 16 + length
  }
  return packets
}

/** Microsecond pcap, Ethernet. */
export function writePcap(packets: readonly CapturedPacket[]): Uint8Array {
  const header = new Uint8Array(24)
  const headerView = new DataView(header.buffer)
  headerView.setUint32(0, 0xa1b2c3d4)
  headerView.setUint16(4, 2)
  headerView.setUint16(6, 4)
  headerView.setUint32(16, 262_144)
  headerView.setUint32(20, 1)
  return concatBytes([
    header,
    ...packets.flatMap((packet) => {
      const record = new Uint8Array(16)
      const view = new DataView(record.buffer)
      view.setUint32(0, Math.floor(packet.time / 1000))
      view.setUint32(4, Math.floor((packet.time % 1000) * 1000))
      view.setUint32(8, packet.bytes.length)
      view.setUint32(12, packet.bytes.length)
      return [record, packet.bytes]
    }),
  ])
}
