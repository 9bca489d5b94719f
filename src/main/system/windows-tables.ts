/**
 * What Windows tells of its sockets, processes and network adapters without any program of its own being started
 * (iphlpapi.h, iptypes.h, processthreadsapi.h). Every function yields undefined where koffi is missing or Windows refuses.
 */
import type { Medium } from '#shared/lab/interface-choice.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { windowsKoffi, type Koffi, type NativeCall } from './koffi.ts'

export interface OwnedSocket {
  readonly protocol: 'udp' | 'tcp'
  /** IPv4, or IPv6 in brackets. */
  readonly address: string
  readonly port: number
  readonly pid: number
  /** 100 ns since 1601; undefined where Windows did not keep it. */
  readonly takenAt: bigint | undefined
}

export interface Adapter {
  /** As people see it, `Ethernet 2`. */
  readonly name: string
  /** What its driver calls it. */
  readonly description?: string | undefined
  readonly medium?: Medium | undefined
  /** 32-bit number. */
  readonly address: number
  readonly prefixLength: number
  readonly mac: string
  readonly mtu: number
  readonly isLoopback: boolean
  readonly hasLink: boolean
}

const [inet, inet6] = [2, 23]
const noError = 0
const insufficientBuffer = 122
const bufferOverflow = 111

/** Calls until the buffer is large enough: what is listed can grow between two calls. */
function filled(call: (buffer: Buffer, size: Uint8Array) => number, tooSmall: number): Buffer | undefined {
  let bytes = 1 << 14
  for (let tries = 0; tries < 8; tries++) {
    const buffer = Buffer.alloc(bytes)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(bytes)
    const result = call(buffer, size)
    if (result === noError) return buffer
    if (result !== tooSmall) return undefined
    bytes = Math.max(size.readUInt32LE() + 4096, bytes * 2)
  }
  return undefined
}

/** Offsets in a row of a table, in bytes. */
interface Row {
  readonly length: number
  readonly address: number
  readonly port: number
  readonly pid: number
  readonly takenAt: number
}

interface Table {
  readonly protocol: OwnedSocket['protocol']
  readonly family: number
  readonly call: string
  readonly tableClass: number
  readonly row: Row
}

/** UDP_TABLE_OWNER_MODULE is 2, TCP_TABLE_OWNER_MODULE_LISTENER is 6: with the process, and when it took the port. */
const tables: readonly Table[] = [
  { protocol: 'udp', family: inet, call: 'GetExtendedUdpTable', tableClass: 2, row: { length: 160, address: 0, port: 4, pid: 8, takenAt: 16 } }, // prettier-ignore
  { protocol: 'udp', family: inet6, call: 'GetExtendedUdpTable', tableClass: 2, row: { length: 176, address: 0, port: 20, pid: 24, takenAt: 32 } }, // prettier-ignore
  { protocol: 'tcp', family: inet, call: 'GetExtendedTcpTable', tableClass: 6, row: { length: 160, address: 4, port: 8, pid: 20, takenAt: 24 } }, // prettier-ignore
  { protocol: 'tcp', family: inet6, call: 'GetExtendedTcpTable', tableClass: 6, row: { length: 192, address: 0, port: 20, pid: 52, takenAt: 56 } }, // prettier-ignore
]
/** The number of rows, then the rows, aligned to 8 bytes. */
const firstRow = 8

function addressAt(bytes: Buffer, family: number): string {
  if (family === inet) return formatIpv4(bytes.readUInt32BE())
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':')
  return `[${groups === '0:0:0:0:0:0:0:0' ? '::' : groups}]`
}

/** Rows of MIB_UDPTABLE_OWNER_MODULE and its like. */
export function readTable(bytes: Buffer, { protocol, family, row }: Table): OwnedSocket[] {
  const count = bytes.readUInt32LE()
  const most = Math.floor((bytes.length - firstRow) / row.length)
  return Array.from({ length: Math.min(count, most) }, (_, index) => {
    const at = bytes.subarray(firstRow + index * row.length)
    const takenAt = at.readBigInt64LE(row.takenAt)
    return {
      protocol,
      address: addressAt(at.subarray(row.address), family),
      // In network order, in the lower half of a number.
      port: at.readUInt16BE(row.port),
      pid: at.readUInt32LE(row.pid),
      takenAt: takenAt > 0n ? takenAt : undefined,
    }
  })
}

/** Every UDP socket and every listening TCP socket. */
export function ownedSockets(koffi: Koffi | undefined = windowsKoffi): OwnedSocket[] | undefined {
  if (!koffi) return undefined
  const library = koffi.load('iphlpapi.dll')
  const found = tables.map((table): OwnedSocket[] | undefined => {
    const call = library.func(`uint32_t __stdcall ${table.call}(void *, void *, int, uint32_t, int, uint32_t)`)
    const bytes = filled((buffer, size) => call(buffer, size, 0, table.family, table.tableClass, 0), insufficientBuffer)
    return bytes && readTable(bytes, table)
  })
  // Without IPv6 its tables are refused; without IPv4 there is nothing to look at.
  return found[0] && found.flatMap((one) => one ?? [])
}

/** The name of a process's program, `svchost.exe`; undefined where it has ended or may not be asked. */
export function processNames(pids: Iterable<number>, koffi: Koffi | undefined = windowsKoffi): Map<number, string> {
  const names = new Map<number, string>()
  if (!koffi) return names
  const library = koffi.load('kernel32.dll')
  const open = library.func('uintptr_t __stdcall OpenProcess(uint32_t, int, uint32_t)')
  const nameOf = library.func('int __stdcall QueryFullProcessImageNameW(uintptr_t, uint32_t, void *, void *)')
  const close: NativeCall = library.func('int __stdcall CloseHandle(uintptr_t)')
  const queryLimited = 0x1000
  for (const pid of new Set(pids)) {
    // The process 4 is the kernel, which has no program.
    if (pid === 4) names.set(pid, 'System')
    const handle = open(queryLimited, 0, pid)
    if (handle === 0) continue
    const path = Buffer.alloc(65536)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(path.length / 2)
    if (nameOf(handle, 0, path, length) !== 0)
      names.set(
        pid,
        path
          .toString('utf16le', 0, length.readUInt32LE() * 2)
          .split('\\')
          .at(-1)!,
      )
    close(handle)
  }
  return names
}

/** IP_ADAPTER_ADDRESSES_LH and IP_ADAPTER_UNICAST_ADDRESS_LH on 64-bit Windows (iptypes.h). */
const adapterAt = {
  next: 8,
  unicast: 24,
  description: 64,
  name: 72,
  mac: 80,
  macLength: 88,
  mtu: 96,
  type: 100,
  status: 104,
}
/** IfType that tells what a name may not: PPP, propVirtual (as of Wintun) and tunnel; 71 is IEEE 802.11 (ipifcons.h). */
const mediumOfType: Readonly<Record<number, Medium>> = { 23: 'virtual', 53: 'virtual', 71: 'wireless', 131: 'virtual' }
const unicastAt = { next: 8, sockaddr: 16, prefixLength: 56 }

/** Every IPv4 address with its adapter, `base` being where the buffer lay in memory when Windows filled it. */
export function readAdapters(bytes: Buffer, base: bigint): Adapter[] {
  /** What a pointer in the buffer points to: Windows puts everything into the same buffer. */
  const follow = (at: number): number | undefined => {
    const offset = Number(bytes.readBigUInt64LE(at) - base)
    return offset >= 0 && offset < bytes.length ? offset : undefined
  }
  const textAt = (at: number): string => {
    let end = at
    while (end + 1 < bytes.length && bytes.readUInt16LE(end) !== 0) end += 2
    return bytes.toString('utf16le', at, end)
  }
  const found: Adapter[] = []
  for (let at: number | undefined = 0; at !== undefined; at = follow(at + adapterAt.next)) {
    const nameAt = follow(at + adapterAt.name)
    const descriptionAt = follow(at + adapterAt.description)
    const type = bytes.readUInt32LE(at + adapterAt.type)
    const mac = bytes.subarray(at + adapterAt.mac, at + adapterAt.mac + Math.min(8, bytes.readUInt32LE(at + adapterAt.macLength))) // prettier-ignore
    const [softwareLoopback, isUp, linkLocal] = [24, 1, 0xa9fe]
    for (let one = follow(at + adapterAt.unicast); one !== undefined; one = follow(one + unicastAt.next)) {
      const sockaddr = follow(one + unicastAt.sockaddr)
      if (sockaddr === undefined || bytes.readUInt16LE(sockaddr) !== inet) continue
      const address = bytes.readUInt32BE(sockaddr + 4)
      const hasLink = bytes.readUInt32LE(at + adapterAt.status) === isUp
      // Windows gives itself such an address on every adapter that it has and nobody uses (RFC 3927).
      if (!hasLink && address >>> 16 === linkLocal) continue
      found.push({
        name: nameAt === undefined ? '' : textAt(nameAt),
        description: descriptionAt === undefined ? undefined : textAt(descriptionAt),
        medium: mediumOfType[type],
        address,
        prefixLength: bytes[one + unicastAt.prefixLength]!,
        mac: mac.length === 6 ? [...mac].map((octet) => octet.toString(16).padStart(2, '0')).join(':') : '00:00:00:00:00:00', // prettier-ignore
        // Of the loopback it has all bits set; no IPv4 packet is longer.
        mtu: Math.min(65_535, bytes.readUInt32LE(at + adapterAt.mtu)),
        isLoopback: type === softwareLoopback,
        hasLink,
      })
    }
  }
  return found
}

/** Adapters without a link among them, which Node leaves out. */
export function windowsAdapters(koffi: Koffi | undefined = windowsKoffi): Adapter[] | undefined {
  if (!koffi) return undefined
  const call = koffi
    .load('iphlpapi.dll')
    .func('uint32_t __stdcall GetAdaptersAddresses(uint32_t, uint32_t, void *, void *, void *)')
  // Neither anycast, multicast nor DNS addresses are wanted.
  const skip = 0x2 | 0x4 | 0x8
  const bytes = filled((buffer, size) => call(inet, skip, null, buffer, size), bufferOverflow)
  return bytes && readAdapters(bytes, koffi.address(bytes))
}
