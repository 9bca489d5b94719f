/** UDP ports that nobody has: different ones, and none that the system gives to whoever asks for any. */
import { createSocket, type Socket } from 'node:dgram'

/** Below the ports that systems give out by themselves, from 32,768 on (Linux, ip(7)). */
const [lowest, count] = [20_000, 12_000]

const bound = (port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(undefined))
    socket.bind(port, '127.0.0.1', () => resolve(socket))
  })

/** All are held until the last is found. */
export async function freePorts(wanted: number): Promise<number[]> {
  const held: Socket[] = []
  while (held.length < wanted) {
    const socket = await bound(lowest + Math.floor(Math.random() * count))
    if (socket) held.push(socket)
  }
  const ports = held.map((socket) => socket.address().port)
  await Promise.all(held.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
  return ports
}
