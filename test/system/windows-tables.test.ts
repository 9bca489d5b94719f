/** Structures as 64-bit Windows lays them out (udpmib.h, tcpmib.h, iptypes.h). */
import { expect, test } from 'vitest'
import { fileTime } from '../../src/main/inspect/port-owner.ts'
import { ownedSockets, processNames, readAdapters, windowsAdapters } from '../../src/main/system/windows-tables.ts'
import type { Koffi } from '../../src/main/system/koffi.ts'

interface Answers {
  readonly [call: string]: (...values: (number | bigint | string | Uint8Array | null)[]) => number
}
/** Windows whose functions are those given. */
const windows = (answers: Answers): Koffi => ({
  load: () => ({ func: (prototype) => answers[/(\w+)\(/.exec(prototype)![1]!]! }),
  errno: () => 0,
  address: () => 0x7000_0000n,
  os: { errno: {} },
})

/** A table of rows with values at offsets; it is refused until the buffer is large enough. */
function table(rowBytes: number, rows: readonly ((row: Buffer) => void)[]): Answers[string] {
  const bytes = Buffer.alloc(8 + rows.length * rowBytes)
  bytes.writeUInt32LE(rows.length)
  for (const [index, fill] of rows.entries()) fill(bytes.subarray(8 + index * rowBytes))
  return (target, size) => {
    const room = size as Buffer
    if (room.readUInt32LE() < bytes.length) {
      room.writeUInt32LE(bytes.length)
      return 122
    }
    bytes.copy(target as Buffer)
    return 0
  }
}

test('UDP and TCP tables: addresses, ports in network order, processes, times; however long they are', () => {
  // 2024-12-31 00:00:00 UTC.
  const time = 133_800_768_000_000_000n
  const udp4 = table(160, [
    (row) => {
      row.set([192, 168, 7, 1])
      row.writeUInt16BE(67, 4)
      row.writeUInt32LE(1234, 8)
      row.writeBigInt64LE(time, 16)
    },
    ...Array.from({ length: 500 }, () => (row: Buffer) => void row.writeUInt16BE(5353, 4)),
  ])
  const udp6 = table(176, [
    (row) => {
      row.writeUInt16BE(0xfe80, 0)
      row[15] = 1
      row.writeUInt16BE(547, 20)
      row.writeUInt32LE(99, 24)
    },
  ])
  const tcp4 = table(160, [
    (row) => {
      row.writeUInt32LE(2)
      row.writeUInt16BE(80, 8)
      row.writeUInt32LE(4, 20)
    },
  ])
  const sockets = ownedSockets(
    windows({
      GetExtendedUdpTable: (...values) => (values[3] === 2 ? udp4(...values) : udp6(...values)),
      // Without IPv6, ERROR_NOT_SUPPORTED.
      GetExtendedTcpTable: (...values) => (values[3] === 2 ? tcp4(...values) : 50),
    }),
  )!
  expect(sockets).toHaveLength(503)
  expect(sockets[0]).toEqual({ protocol: 'udp', address: '192.168.7.1', port: 67, pid: 1234, takenAt: time })
  expect(fileTime(time)).toBe('2024-12-31T00:00:00.000Z')
  expect(sockets.slice(501)).toEqual([
    { protocol: 'udp', address: '[fe80:0:0:0:0:0:0:1]', port: 547, pid: 99, takenAt: undefined },
    { protocol: 'tcp', address: '0.0.0.0', port: 80, pid: 4, takenAt: undefined },
  ])
})

test('a Windows that refuses, and one that always wants more, tell nothing', () => {
  const refuse = (): number => 5
  expect(ownedSockets(windows({ GetExtendedUdpTable: refuse, GetExtendedTcpTable: refuse }))).toBeUndefined()
  expect(windowsAdapters(windows({ GetAdaptersAddresses: refuse }))).toBeUndefined()
  expect(windowsAdapters(windows({ GetAdaptersAddresses: () => 111 }))).toBeUndefined()
  expect(ownedSockets(undefined)).toBeUndefined()
})

test('names of processes, as far as they may be asked', () => {
  const names = processNames(
    [4, 10, 11, 11],
    windows({
      OpenProcess: (...values) => (values[2] === 10 ? 500 : 0),
      QueryFullProcessImageNameW: (handle, _, target, length) => {
        if (handle !== 500) return 0
        const path = 'C:\\Windows\\System32\\svchost.exe'
        ;(target as Buffer).write(path, 'utf16le')
        ;(length as Buffer).writeUInt32LE(path.length)
        return 1
      },
      CloseHandle: () => 1,
    }),
  )
  expect([...names]).toEqual([
    [4, 'System'],
    [10, 'svchost.exe'],
  ])
})

test('adapters: one in use, one without link, one that nobody uses, and a chain that leads out of the buffer', () => {
  const base = 0x1_0000_0000n
  const bytes = Buffer.alloc(4096)
  const point = (at: number, to: number): void => void bytes.writeBigUInt64LE(base + BigInt(to), at)
  const adapter = (at: number, name: string, address: readonly number[], status: number, mtu: number): void => {
    const unicast = at + 400
    point(at + 24, unicast)
    point(at + 72, at + 600)
    bytes.write(`${name}\0`, at + 600, 'utf16le')
    bytes.set([2, 0, 0, 0, 0, at >> 9], at + 80)
    bytes.writeUInt32LE(6, at + 88)
    bytes.writeUInt32LE(mtu, at + 96)
    bytes.writeUInt32LE(6, at + 100)
    bytes.writeUInt32LE(status, at + 104)
    point(unicast + 16, unicast + 100)
    bytes[unicast + 56] = 24
    bytes.writeUInt16LE(2, unicast + 100)
    bytes.set(address, unicast + 104)
  }
  adapter(0, 'Ethernet', [10, 0, 0, 1], 1, 1500)
  point(8, 1024)
  adapter(1024, 'Prüfstand', [10, 0, 1, 1], 2, 9000)
  point(1024 + 8, 2048)
  adapter(2048, 'WLAN', [169, 254, 3, 4], 2, 1500)
  point(2048 + 8, 9999)
  expect(readAdapters(bytes, base)).toEqual([
    { name: 'Ethernet', address: 0x0a000001, prefixLength: 24, mac: '02:00:00:00:00:00', mtu: 1500, isLoopback: false, hasLink: true },
    { name: 'Prüfstand', address: 0x0a000101, prefixLength: 24, mac: '02:00:00:00:00:02', mtu: 9000, isLoopback: false, hasLink: false },
  ]) // prettier-ignore
})
