/**
 * A large capture for the measurements: boots of many machines as real firmware makes them, DHCP offer to last block, one
 * after another. Every frame has its own addresses, ports, transaction and time, valid checksums included.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { encodeText, parseIpv4 } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { blankMessage, encodeDhcp, fieldText, type DhcpOption } from '#shared/wire/dhcp/message.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'

const server = { mac: Uint8Array.of(2, 0, 0, 0, 0, 1), address: parseIpv4('10.0.0.1')! }
const broadcast = { mac: new Uint8Array(6).fill(255), address: 0xffffffff }
const blockSize = 512
const blocks = 26

const text = (code: number, value: string): DhcpOption => ({ code, data: encodeText(value) })
const address = (code: number, value: number): DhcpOption => {
  const data = new Uint8Array(4)
  new DataView(data.buffer).setUint32(0, value)
  return { code, data }
}

interface End {
  readonly mac: Uint8Array
  readonly address: number
}

/** Every frame of the boot of machine `index`, with its milliseconds since the first. */
function* boot(index: number): Generator<[number, Uint8Array]> {
  const mac = Uint8Array.of(0x52, 0x54, 0, (index >>> 16) & 255, (index >>> 8) & 255, index & 255)
  const own = parseIpv4('10.1.0.0')! + (index % 60_000) + 1
  const chaddr = new Uint8Array(16)
  chaddr.set(mac)
  const xid = (index * 2_654_435_761) >>> 0
  const client = { mac, address: own }
  const frame = (from: End, to: End, sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array =>
    wrapUdp({
      sourceMac: from.mac,
      destinationMac: to.mac,
      sourceAddress: from.address,
      destinationAddress: to.address,
      sourcePort,
      destinationPort,
      payload,
    })
  const asks = [
    text(60, 'PXEClient:Arch:00007:UNDI:003000'),
    { code: 93, data: Uint8Array.of(0, 7) },
    { code: 94, data: Uint8Array.of(1, 3, 0) },
    { code: 97, data: Uint8Array.of(0, ...mac, ...mac, 1, 2, 3, 4) },
    { code: 55, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 43, 54, 60, 66, 67, 97, 128, 129, 130, 131) },
    { code: 57, data: Uint8Array.of(5, 192) },
  ]
  const type = (value: number): DhcpOption => ({ code: 53, data: Uint8Array.of(value) })
  const request = (options: DhcpOption[], ciaddr = 0): Uint8Array =>
    encodeDhcp({
      ...blankMessage,
      xid,
      chaddr,
      ciaddr,
      flags: ciaddr === 0 ? 0x8000 : 0,
      options: [...options, ...asks],
    })
  const reply = (value: number, yiaddr: number): Uint8Array =>
    encodeDhcp({
      ...blankMessage,
      op: 2,
      xid,
      chaddr,
      yiaddr,
      siaddr: server.address,
      file: fieldText('boot/x64/wdsmgfw.efi', 128)!,
      options: [
        type(value),
        address(54, server.address),
        address(1, 0xffff0000),
        address(3, server.address),
        text(60, 'PXEClient'),
      ],
    })
  const nobody = { mac, address: 0 }
  yield [0, frame(nobody, broadcast, 68, 67, request([type(1)]))]
  yield [1, frame(server, broadcast, 67, 68, reply(2, own))]
  yield [1.2, frame(server, broadcast, 67, 68, reply(2, 0))]
  yield [3800, frame(nobody, broadcast, 68, 67, request([type(3), address(50, own), address(54, server.address)]))]
  yield [3801, frame(server, broadcast, 67, 68, reply(5, own))]
  yield [3810, frame(client, server, 4011, 4011, request([type(3)], own))]
  yield [3811, frame(server, client, 4011, 4011, reply(5, own))]
  const file = { kind: 'rrq', filename: 'boot/x64/wdsmgfw.efi', mode: 'octet' } as const
  const port = 1024 + (index % 20_000)
  const theirs = 40_000 + (index % 20_000)
  const up = (packet: TftpPacket, to: number, from = port): Uint8Array =>
    frame(client, server, from, to, encodeTftp(packet))
  const down = (packet: TftpPacket, from = theirs, to = port): Uint8Array =>
    frame(server, client, from, to, encodeTftp(packet))
  const size = String(blocks * blockSize - 100)
  yield [4800, up({ ...file, options: [{ name: 'tsize', value: '0' }] }, 69)]
  yield [4801, down({ kind: 'oack', options: [{ name: 'tsize', value: size }] })]
  yield [4802, up({ kind: 'error', code: 8, message: 'User aborted the transfer' }, theirs)]
  yield [4810, up({ ...file, options: [{ name: 'blksize', value: String(blockSize) }] }, 69, port + 1)]
  yield [4811, down({ kind: 'oack', options: [{ name: 'blksize', value: String(blockSize) }] }, theirs + 1, port + 1)]
  yield [4812, up({ kind: 'ack', block: 0 }, theirs + 1, port + 1)]
  const content = new Uint8Array(blockSize).fill(index & 255)
  for (let block = 1; block <= blocks; block++) {
    const data = block === blocks ? content.subarray(0, blockSize - 100) : content
    yield [4812 + block, down({ kind: 'data', block, data }, theirs + 1, port + 1)]
    yield [4812.4 + block, up({ kind: 'ack', block }, theirs + 1, port + 1)]
  }
}

/** Writes `count` frames as pcapng; returns how many bytes that were. */
export function writeLargeCapture(path: string, count: number): number {
  const descriptor = openSync(path, 'w')
  let written = writeSync(descriptor, pcapngHeader('PXE Lab bench', [{ linkType: linkTypes.ethernet, name: 'eth0' }]))
  let parts: Uint8Array[] = []
  const start = 1_700_000_000
  for (let index = 0, frames = 0; frames < count; index++) {
    for (const [ms, bytes] of boot(index)) {
      if (frames++ >= count) break
      const timeMs = index * 6000 + ms
      parts.push(
        pcapngFrame({
          interface: 0,
          seconds: start + Math.floor(timeMs / 1000),
          nanoseconds: Math.round((timeMs % 1000) * 1e6),
          bytes,
        }),
      )
    }
    if (parts.length > 4000 || frames >= count) {
      written += writeSync(descriptor, Buffer.concat(parts))
      parts = []
    }
  }
  closeSync(descriptor)
  return written
}
