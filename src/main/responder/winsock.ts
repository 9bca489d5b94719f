/** `NativeSockets` for Windows: WinSock through koffi (winsock2.h), and WSAPoll to wait. */
import { parseIpv6 } from '#shared/wire/bytes.ts'
import { isLinkLocal, type IpAddress } from '#shared/wire/ip-address.ts'
import type { Koffi, NativeCall } from '../system/koffi.ts'
import { SocketError, type NativeSockets, type ReadWaiter } from './socket-calls.ts'

const [inet, inet6] = [2, 23]
const datagram = 2
const protocolUdp = 17
/** Handles are not inherited by programs that are started meanwhile. */
const overlappedNotInherited = 0x01 | 0x80
const loopback = 0x7f00_0001

const errorNames: Readonly<Record<number, string>> = {
  10013: 'EACCES',
  10024: 'EMFILE',
  10048: 'EADDRINUSE',
  10049: 'EADDRNOTAVAIL',
  10050: 'ENETDOWN',
  10051: 'ENETUNREACH',
  10055: 'ENOBUFS',
  10065: 'EHOSTUNREACH',
}

/** SOCKADDR_IN and SOCKADDR_IN6 (ws2ipdef.h). */
const sockaddr = (address: IpAddress, port: number, scope = 0): Buffer => {
  const bytes = Buffer.alloc(typeof address === 'number' ? 16 : 28)
  bytes.writeUInt16LE(typeof address === 'number' ? inet : inet6)
  bytes.writeUInt16BE(port, 2)
  if (typeof address === 'number') bytes.writeUInt32BE(address, 4)
  else {
    bytes.set(parseIpv6(address)!, 8)
    bytes.writeUInt32LE(isLinkLocal(address) ? scope : 0, 24)
  }
  return bytes
}

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** WSAPOLLFD: the handle, the events that are waited for, those that came; 16 bytes on 64-bit Windows. */
const entryBytes = 16
const [eventsAt, foundAt] = [8, 10]
const readable = 0x0300

function pollWaiter(poll: NativeCall): ReadWaiter {
  let count = 0
  let entries = Buffer.alloc(entryBytes * 64)
  const places = new Map<number, number>()
  const found: number[] = []
  const handleAt = (place: number): number => Number(entries.readBigUInt64LE(place * entryBytes))
  const put = (place: number, socket: number): void => {
    entries.writeBigUInt64LE(BigInt(socket), place * entryBytes)
    entries.writeInt16LE(readable, place * entryBytes + eventsAt)
    places.set(socket, place)
  }
  return {
    add(socket) {
      if (count * entryBytes === entries.length) entries = Buffer.concat([entries], entries.length * 2)
      put(count++, socket)
    },
    remove(socket) {
      const place = places.get(socket)
      if (place === undefined) return
      places.delete(socket)
      // The last one takes its place.
      if (place !== --count) put(place, handleAt(count))
    },
    wait(timeoutMs) {
      found.length = 0
      let left = poll(entries, count, timeoutMs)
      // Errors count: receiving takes them off the socket.
      for (let place = 0; left > 0 && place < count; place++)
        if (entries.readInt16LE(place * entryBytes + foundAt) !== 0) {
          left--
          found.push(handleAt(place))
        }
      return found.length
    },
    ready: (index) => found[index]!,
    close: () => {},
  }
}

/** Handles of sockets are pointers to Windows, and small numbers in fact. */
export function winsock(koffi: Koffi): NativeSockets {
  const library = koffi.load('ws2_32.dll')
  const call = {
    socket: library.func('uintptr_t __stdcall WSASocketW(int, int, int, void *, uint32_t, uint32_t)'),
    bind: library.func('int __stdcall bind(uintptr_t, void *, int)'),
    connect: library.func('int __stdcall connect(uintptr_t, void *, int)'),
    control: library.func('int __stdcall ioctlsocket(uintptr_t, int32_t, void *)'),
    setOption: library.func('int __stdcall setsockopt(uintptr_t, int, int, void *, int)'),
    name: library.func('int __stdcall getsockname(uintptr_t, void *, void *)'),
    send: library.func('int __stdcall send(uintptr_t, void *, int, int)'),
    receive: library.func('int __stdcall recv(uintptr_t, void *, int, int)'),
    close: library.func('int __stdcall closesocket(uintptr_t)'),
    poll: library.func('int __stdcall WSAPoll(void *, uint32_t, int)'),
    lastError: library.func('int __stdcall WSAGetLastError()'),
  }
  const [solSocket, broadcast, receiveBuffer] = [0xffff, 0x20, 0x1002]
  const [ipv6Level, v6Only] = [41, 27]
  // SO_EXCLUSIVEADDRUSE (winsock2.h): without it whoever asks for SO_REUSEADDR takes what comes to a port (winsock docs,
  // "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). Node's own sockets have no way to ask for it.
  const exclusive = ~4
  const nonBlocking = 0x8004667e | 0
  // Node has started WinSock; a second time costs nothing and does not hurt.
  library.func('int __stdcall WSAStartup(uint16_t, void *)')(0x0202, Buffer.alloc(512))

  const fail = (name: string): never => {
    const error = call.lastError()
    throw new SocketError(errorNames[error] ?? `error ${error} of WinSock`, name)
  }
  const localPort = (socket: number): number => {
    const name = Buffer.alloc(28)
    return call.name(socket, name, number32(name.length)) < 0 ? 0 : name.readUInt16BE(2)
  }
  const open = (address: IpAddress, port: number, scope?: number): number => {
    const socket = call.socket(
      typeof address === 'number' ? inet : inet6,
      datagram,
      protocolUdp,
      null,
      0,
      overlappedNotInherited,
    )
    // INVALID_SOCKET has all bits set.
    if (socket > Number.MAX_SAFE_INTEGER) fail('socket')
    try {
      if (call.control(socket, nonBlocking, number32(1)) < 0) fail('ioctlsocket')
      for (const option of [exclusive, broadcast])
        if (call.setOption(socket, solSocket, option, number32(1), 4) < 0) fail('setsockopt')
      // Windows makes sockets of IPv6 so by itself (IPV6_V6ONLY): said in case somebody has changed that.
      if (typeof address === 'string' && call.setOption(socket, ipv6Level, v6Only, number32(1), 4) < 0)
        fail('setsockopt')
      const name = sockaddr(address, port, scope)
      if (call.bind(socket, name, name.length) < 0) fail('bind')
      return socket
    } catch (error) {
      call.close(socket)
      throw error
    }
  }
  const connect = (socket: number, address: IpAddress, port: number, scope?: number): void => {
    const name = sockaddr(address, port, scope)
    if (call.connect(socket, name, name.length) < 0) fail('connect')
  }
  const send = (socket: number, bytes: Uint8Array, length: number): number => call.send(socket, bytes, length, 0)
  const receive = (socket: number, target: Uint8Array): number => call.receive(socket, target, target.length, 0)
  return {
    open: ({ address, port, scope }) => open(address, port, scope),
    connect,
    localPort,
    send,
    receive,
    newWaiter: () => pollWaiter(call.poll),
    close: (socket) => void call.close(socket),
    /** WSAPoll takes sockets only; each of these two hears nobody but the other. */
    pipe() {
      const first = open(loopback, 0)
      let second: number | undefined
      try {
        second = open(loopback, 0)
        connect(first, loopback, localPort(second))
        connect(second, loopback, localPort(first))
        return [first, second]
      } catch (error) {
        call.close(first)
        if (second !== undefined) call.close(second)
        throw error
      }
    },
    read: receive,
    write: (socket, bytes) => send(socket, bytes, bytes.length),
    setReceiveBuffer: (socket, bytes) => void call.setOption(socket, solSocket, receiveBuffer, number32(bytes), 4),
    // Node's list and GetAdaptersAddresses do.
    listAddresses: () => undefined,
    lastError: () => call.lastError(),
    wouldBlock: 10035,
  }
}
