/**
 * The few socket calls that Node's dgram does not have, through koffi: a UDP socket that belongs to one network interface
 * (SO_BINDTODEVICE on Linux, IP_BOUND_IF on macOS), and the plain calls the file transfers run on; on Windows only these,
 * for there a socket belongs to the interface whose address it is bound to. Optional: where koffi
 * or the platform is missing, `nativeSockets` says why and callers do without.
 */
import { networkInterfaces } from 'node:os'
import { formatIpv6, parseIpv6 } from '#shared/wire/bytes.ts'
import { isLinkLocal, isMulticast, type IpAddress } from '#shared/wire/ip-address.ts'
import { koffi, windowsKoffi, type Koffi, type NativeCall, type NativeLibrary } from '../system/koffi.ts'
import {
  SocketError,
  type Icmp6Options,
  type Icmp6Socket,
  type NativeSockets,
  type ReadWaiter,
} from './socket-calls.ts'
import { askForNeighbours6, neighboursIn6 } from './netlink.ts'
import { winsock } from './winsock.ts'

interface Platform {
  readonly library: string
  readonly nonBlocking: number
  readonly solSocket: number
  readonly soBroadcast: number
  readonly soReuseAddress: number
  readonly soReceiveBuffer: number
  /** AF_INET6, and IPV6_V6ONLY of IPPROTO_IPV6. */
  readonly inet6: number
  readonly v6Only: number
  readonly bindToInterface: (
    device: string,
    family: 4 | 6,
  ) => { level: number; option: number; value: Uint8Array } | undefined
  /** The octets that a socket address begins with: the family, and on some systems its own length. */
  readonly head: (family: number, length: number) => readonly [number, number]
}

const [inet, ipv6Level] = [2, 41]

/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)). */
function sockaddr(
  { head, inet6 }: Pick<Platform, 'head' | 'inet6'>,
  address: IpAddress,
  port: number,
  scope = 0,
): Uint8Array {
  const isIpv4 = typeof address === 'number'
  const bytes = new Uint8Array(isIpv4 ? 16 : 28)
  bytes.set([...head(isIpv4 ? inet : inet6, bytes.length), port >>> 8, port & 255])
  if (isIpv4) {
    bytes.set([address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255], 4)
    return bytes
  }
  bytes.set(parseIpv6(address)!, 8)
  if (isLinkLocal(address) || isMulticast(address)) new DataView(bytes.buffer).setUint32(24, scope, true)
  return bytes
}

const littleEndian32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return bytes
}

const platforms: Partial<Record<NodeJS.Platform, Platform>> = {
  linux: {
    library: 'libc.so.6',
    nonBlocking: 0o4000,
    solSocket: 1,
    soBroadcast: 6,
    soReuseAddress: 2,
    soReceiveBuffer: 8,
    inet6: 10,
    v6Only: 26,
    // SO_BINDTODEVICE (socket(7)).
    bindToInterface: (device) => ({ level: 1, option: 25, value: Buffer.from(`${device}\0`) }),
    head: (family) => [family, 0],
  },
  darwin: {
    library: 'libSystem.B.dylib',
    nonBlocking: 4,
    solSocket: 0xffff,
    soBroadcast: 0x20,
    soReuseAddress: 4,
    soReceiveBuffer: 0x1002,
    inet6: 30,
    v6Only: 27,
    bindToInterface: (device, family) => {
      // IP_BOUND_IF and IPV6_BOUND_IF want the interface's index, which Node tells only beside an IPv6 link-local address.
      const index = networkInterfaces()[device]?.find((one) => one.family === 'IPv6' && one.scopeid > 0)
      if (index?.family !== 'IPv6') return undefined
      const value = littleEndian32(index.scopeid)
      return family === 4 ? { level: 0, option: 25, value } : { level: ipv6Level, option: 125, value }
    },
    head: (family, length) => [length, family],
  },
}

/** epoll(7): what a wait costs does not grow with the number of transfers that have nothing to say. */
function epollWaiter(
  library: NativeLibrary,
  close: (descriptor: number) => void,
  fail: (name: string) => never,
): ReadWaiter {
  const create = library.func('int epoll_create1(int)')
  const control = library.func('int epoll_ctl(int, int, int, void *)')
  const wait = library.func('int epoll_wait(int, void *, int, int)')
  // struct epoll_event is packed on x86-64 and aligned elsewhere.
  const [entryBytes, dataAt] = process.arch === 'x64' || process.arch === 'ia32' ? [12, 4] : [16, 8]
  const [add, remove, readable] = [1, 2, 1]
  const most = 256
  const found = new Uint8Array(entryBytes * most)
  const view = new DataView(found.buffer)
  const set = create(0)
  if (set < 0) fail('epoll_create1')
  return {
    add(descriptor) {
      const event = new DataView(new ArrayBuffer(entryBytes))
      event.setUint32(0, readable, true)
      event.setInt32(dataAt, descriptor, true)
      if (control(set, add, descriptor, new Uint8Array(event.buffer)) < 0) fail('epoll_ctl')
    },
    remove: (descriptor) => void control(set, remove, descriptor, new Uint8Array(entryBytes)),
    wait: (timeoutMs) => wait(set, found, most, timeoutMs),
    ready: (index) => view.getInt32(index * entryBytes + dataAt, true),
    close: () => close(set),
  }
}

function pollWaiter(library: NativeLibrary): ReadWaiter {
  const poll = library.func('int poll(void *, unsigned long, int)')
  const readable = 1
  let descriptors: number[] = []
  let entries = new Uint8Array(0)
  let view = new DataView(entries.buffer)
  let found: number[] = []
  const rebuild = (): void => {
    entries = new Uint8Array(descriptors.length * 8)
    view = new DataView(entries.buffer)
    for (const [index, descriptor] of descriptors.entries()) {
      view.setInt32(index * 8, descriptor, true)
      view.setInt16(index * 8 + 4, readable, true)
    }
  }
  return {
    add(descriptor) {
      descriptors.push(descriptor)
      rebuild()
    },
    remove(descriptor) {
      descriptors = descriptors.filter((one) => one !== descriptor)
      rebuild()
    },
    wait(timeoutMs) {
      const count = poll(entries, descriptors.length, timeoutMs)
      if (count <= 0) return 0
      found = descriptors.filter((_, index) => view.getInt16(index * 8 + 6, true) !== 0)
      return found.length
    },
    ready: (index) => found[index]!,
    close: () => {},
  }
}

function open(): NativeSockets | string {
  if (typeof koffi === 'string') return koffi
  if (windowsKoffi) return winsock(windowsKoffi)
  const platform = platforms[process.platform]
  return platform ? unixSockets(platform, koffi) : `sockets are bound by address on ${process.platform}`
}

function unixSockets(platform: Platform, koffi: Koffi): NativeSockets {
  const library = koffi.load(platform.library)
  const call = {
    socket: library.func('int socket(int, int, int)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
    bind: library.func('int bind(int, void *, uint32_t)'),
    connect: library.func('int connect(int, void *, uint32_t)'),
    getsockname: library.func('int getsockname(int, void *, void *)'),
    send: library.func('long send(int, void *, size_t, int)'),
    recv: library.func('long recv(int, void *, size_t, int)'),
    close: library.func('int close(int)'),
    pipe: library.func('int pipe(void *)'),
    read: library.func('long read(int, void *, size_t)'),
    write: library.func('long write(int, void *, size_t)'),
    fcntl: library.func('int fcntl(int, int, ...)'),
    ioctl: library.func('int ioctl(int, unsigned long, void *)'),
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
  }
  const nameOf = (errno: number): string =>
    Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`
  const fail = (name: string): never => {
    throw new SocketError(nameOf(koffi.errno()), name)
  }
  const setNonBlocking = (descriptor: number): void => {
    const setFlags = 4
    // Variable arguments travel differently on Apple's ARM processors, so their type is said.
    if (call.fcntl(descriptor, setFlags, 'int', platform.nonBlocking) < 0) fail('fcntl')
  }
  const word = Buffer.alloc(4)
  const wordLength = Buffer.from(Uint32Array.of(4).buffer)
  const usedRoom = (descriptor: number): number => {
    // SIOCOUTQ and SO_SNDBUF (udp(7), socket(7)): both count what the kernel needs for a datagram, not its bytes.
    const [outQueue, socketLevel, sendBuffer] = [0x5411, 1, 7]
    if (call.ioctl(descriptor, outQueue, word) < 0) return 0
    const used = word.readInt32LE(0)
    return call.getsockopt(descriptor, socketLevel, sendBuffer, word, wordLength) < 0 ? 0 : used / word.readInt32LE(0)
  }
  const neighbours6 = (index: number): readonly string[] => {
    const [netlink, raw, dontWait] = [16, 3, 0x40]
    const descriptor = call.socket(netlink, raw, 0)
    if (descriptor < 0) fail('socket')
    try {
      const question = askForNeighbours6()
      if (call.send(descriptor, question, question.length, 0) < 0) fail('send')
      const answer = Buffer.alloc(1 << 16)
      const found: string[] = []
      for (;;) {
        const length = call.recv(descriptor, answer, answer.length, dontWait)
        if (length <= 0) return fail('recv')
        const { addresses, isEnd } = neighboursIn6(answer.subarray(0, length), index)
        found.push(...addresses)
        if (isEnd) return found
      }
    } finally {
      call.close(descriptor)
    }
  }
  const setReuse = (descriptor: number, value: 0 | 1): void => {
    if (call.setsockopt(descriptor, platform.solSocket, platform.soReuseAddress, littleEndian32(value), 4) < 0)
      fail('setsockopt')
  }
  return {
    open({ address, port, device, scope, beside }) {
      const datagram = 2
      const family = typeof address === 'number' ? 4 : 6
      const descriptor = call.socket(family === 4 ? inet : platform.inet6, datagram, 0)
      if (descriptor < 0) fail('socket')
      try {
        setNonBlocking(descriptor)
        if (call.setsockopt(descriptor, platform.solSocket, platform.soBroadcast, littleEndian32(1), 4) < 0)
          fail('setsockopt')
        if (family === 6 && call.setsockopt(descriptor, ipv6Level, platform.v6Only, littleEndian32(1), 4) < 0)
          fail('setsockopt')
        const binding = device === undefined ? undefined : platform.bindToInterface(device, family)
        if (
          binding &&
          call.setsockopt(descriptor, binding.level, binding.option, binding.value, binding.value.length) < 0
        )
          fail('setsockopt')
        // Only for this moment: a port that can be shared says nothing of others who have it.
        const sharers = beside === undefined ? [] : [beside, descriptor]
        for (const one of sharers) setReuse(one, 1)
        const name = sockaddr(platform, address, port, scope)
        const isBound = call.bind(descriptor, name, name.length) >= 0
        const errno = koffi.errno()
        for (const one of sharers) setReuse(one, 0)
        if (!isBound) throw new SocketError(nameOf(errno), 'bind')
        return descriptor
      } catch (error) {
        call.close(descriptor)
        throw error
      }
    },
    connect(descriptor, address, port, scope) {
      const name = sockaddr(platform, address, port, scope)
      if (call.connect(descriptor, name, name.length) < 0) fail('connect')
    },
    localPort(descriptor) {
      const name = new Uint8Array(28)
      const length = Uint32Array.of(name.length)
      // The port is in network order and at the same place in every layout of a socket address.
      return call.getsockname(descriptor, name, new Uint8Array(length.buffer)) < 0 ? 0 : (name[2]! << 8) | name[3]!
    },
    send: (descriptor, bytes, length) => call.send(descriptor, bytes, length, 0),
    receive: (descriptor, target) => call.recv(descriptor, target, target.length, 0),
    newWaiter: () =>
      process.platform === 'linux'
        ? epollWaiter(library, (descriptor) => call.close(descriptor), fail)
        : pollWaiter(library),
    close: (descriptor) => void call.close(descriptor),
    pipe() {
      const ends = new Uint8Array(8)
      if (call.pipe(ends) < 0) fail('pipe')
      const view = new DataView(ends.buffer)
      const both = [view.getInt32(0, true), view.getInt32(4, true)] as const
      for (const end of both) setNonBlocking(end)
      return both
    },
    read: (descriptor, target) => call.read(descriptor, target, target.length),
    write: (descriptor, bytes) => call.write(descriptor, bytes, bytes.length),
    setReceiveBuffer(descriptor, bytes) {
      // A wish: the kernel caps it silently.
      call.setsockopt(descriptor, platform.solSocket, platform.soReceiveBuffer, littleEndian32(bytes), 4)
    },
    ...(process.platform === 'linux'
      ? {
          usedRoom,
          neighbours6,
          openIcmp6: (options) => openIcmp6(options, { koffi, library, call, fail, setNonBlocking }),
        }
      : {}),
    listAddresses() {
      if (process.platform !== 'linux') return undefined
      // struct ifreq: 16 bytes of name, then a socket address or another 24 bytes (netdevice(7)).
      const [getList, getMask, entryBytes] = [0x8912, 0x891b, 40]
      const entries = Buffer.alloc(entryBytes * 256)
      const request = Buffer.alloc(16)
      request.writeInt32LE(entries.length, 0)
      request.writeBigUInt64LE(koffi.address(entries), 8)
      const descriptor = call.socket(2, 2, 0)
      if (descriptor < 0) return undefined
      try {
        if (call.ioctl(descriptor, getList, request) < 0) return undefined
        const count = request.readInt32LE(0) / entryBytes
        return Array.from({ length: count }, (_, at) => {
          const entry = entries.subarray(at * entryBytes, (at + 1) * entryBytes)
          const address = entry.readUInt32BE(20)
          const mask = Buffer.from(entry)
          call.ioctl(descriptor, getMask, mask)
          const label = entry.toString('latin1', 0, entry.indexOf(0))
          // An alias has the label eth0:1; the interface is eth0.
          return { name: label.split(':')[0]!, address, mask: mask.readUInt32BE(20) }
        })
      } finally {
        call.close(descriptor)
      }
    },
    lastError: () => koffi.errno(),
    wouldBlock: koffi.os.errno['EAGAIN']!,
  }
}

/** What a raw socket of Linux needs beside the calls that every socket does. */
interface RawCalls {
  readonly koffi: Koffi
  readonly library: NativeLibrary
  readonly call: Readonly<Record<'socket' | 'setsockopt' | 'close', NativeCall>>
  readonly fail: (name: string) => never
  readonly setNonBlocking: (descriptor: number) => void
}

/** struct msghdr on 64-bit Linux (recv(2)), and what it points to; kept for as long as the pointers are. */
function messageHeader(koffi: Koffi, dataBytes: number, controlBytes: number) {
  const [header, vector] = [Buffer.alloc(56), Buffer.alloc(16)]
  const [name, data, control] = [Buffer.alloc(28), Buffer.alloc(dataBytes), Buffer.alloc(controlBytes)]
  vector.writeBigUInt64LE(koffi.address(data), 0)
  header.writeBigUInt64LE(koffi.address(name), 0)
  header.writeBigUInt64LE(koffi.address(vector), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(koffi.address(control), 32)
  /** Lengths, which a call overwrites. */
  const prepare = (nameLength: number, dataLength: number, controlLength: number): void => {
    header.writeUInt32LE(nameLength, 8)
    vector.writeBigUInt64LE(BigInt(dataLength), 8)
    header.writeBigUInt64LE(BigInt(controlLength), 40)
  }
  return { header, name, data, control, prepare }
}

/** A raw socket of ICMPv6 (RFC 3542): only who has CAP_NET_RAW may open it, before rights are given up. */
function openIcmp6({ device, scope, hears, group }: Icmp6Options, raw: RawCalls): Icmp6Socket {
  const { koffi, library, call, fail } = raw
  const [inet6, rawType, icmp6, solSocket, bindToDevice] = [10, 3, 58, 1, 25]
  const option = { unicastHops: 16, multicastHops: 18, multicastLoop: 19, addMembership: 20, packetInfo: 50, receiveHopLimit: 51, hopLimit: 52 } // prettier-ignore
  const sendmsg = library.func('long sendmsg(int, void *, int)')
  const recvmsg = library.func('long recvmsg(int, void *, int)')
  const descriptor = call.socket(inet6, rawType, icmp6)
  if (descriptor < 0) fail('socket')
  const set = (level: number, name: number, value: Uint8Array): void => {
    if (call.setsockopt(descriptor, level, name, value, value.length) < 0) fail('setsockopt')
  }
  try {
    raw.setNonBlocking(descriptor)
    set(solSocket, bindToDevice, Buffer.from(`${device}\0`))
    for (const hops of [option.unicastHops, option.multicastHops]) set(ipv6Level, hops, littleEndian32(255))
    set(ipv6Level, option.multicastLoop, littleEndian32(0))
    set(ipv6Level, option.receiveHopLimit, littleEndian32(1))
    // ICMP6_FILTER: a bit for each type that is kept out.
    const filter = new Uint8Array(32).fill(255)
    for (const type of hears) filter[type >> 3]! &= ~(1 << (type & 7))
    set(icmp6, 1, filter)
    set(ipv6Level, option.addMembership, Buffer.concat([parseIpv6(group)!, littleEndian32(scope)]))
  } catch (error) {
    call.close(descriptor)
    throw error
  }
  // cmsghdr has 16 bytes; what follows it is aligned to eight.
  const incoming = messageHeader(koffi, 2048, 128)
  const outgoing = messageHeader(koffi, 2048, 40)
  return {
    send(message, source, destination) {
      outgoing.name.fill(0)
      outgoing.name.set(sockaddr({ head: (family) => [family, 0], inet6 }, destination, 0, scope))
      outgoing.data.set(message)
      // in6_pktinfo: where it leaves from (RFC 3542 section 6.2).
      outgoing.control.writeBigUInt64LE(36n, 0)
      outgoing.control.writeInt32LE(ipv6Level, 8)
      outgoing.control.writeInt32LE(option.packetInfo, 12)
      outgoing.control.set(parseIpv6(source)!, 16)
      outgoing.control.writeUInt32LE(scope, 32)
      outgoing.prepare(28, message.length, 40)
      if (sendmsg(descriptor, outgoing.header, 0) < 0) fail('sendmsg')
    },
    receive() {
      incoming.prepare(28, incoming.data.length, incoming.control.length)
      const length = recvmsg(descriptor, incoming.header, 0)
      if (length < 0) return undefined
      let hopLimit: number | undefined
      const end = Number(incoming.header.readBigUInt64LE(40))
      for (let at = 0; at + 16 <= end;) {
        const size = Number(incoming.control.readBigUInt64LE(at))
        if (size < 16) break
        if (
          incoming.control.readInt32LE(at + 8) === ipv6Level &&
          incoming.control.readInt32LE(at + 12) === option.hopLimit
        )
          hopLimit = incoming.control.readInt32LE(at + 16)
        at += (size + 7) & ~7
      }
      return {
        source: formatIpv6(incoming.name, 8),
        hopLimit,
        payload: new Uint8Array(incoming.data.subarray(0, length)),
      }
    },
    close: () => void call.close(descriptor),
  }
}

const opened = open()

export const nativeSockets: NativeSockets | undefined = typeof opened === 'string' ? undefined : opened

/** Why there are no native sockets; undefined where there are. */
export const nativeSocketsMissing: string | undefined = typeof opened === 'string' ? opened : undefined
