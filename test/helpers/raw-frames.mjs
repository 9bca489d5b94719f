// Puts Ethernet frames on an interface as they are, whatever source they name: INTERFACE, FILE of one hexadecimal frame a
// line. AF_PACKET is not in Node (packet(7)).
import { readFileSync } from 'node:fs'
import koffi from 'koffi'

const [, , device, file, everyMs = '0'] = process.argv
const libc = koffi.load('libc.so.6')
const socket = libc.func('int socket(int, int, int)')
const sendto = libc.func('long sendto(int, void *, size_t, int, void *, uint32_t)')
const [afPacket, raw] = [17, 3]
const descriptor = socket(afPacket, raw, 0)
const to = Buffer.alloc(20)
to.writeUInt16LE(afPacket, 0)
to.writeInt32LE(Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8')), 4)
let sent = 0
for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const frame = Buffer.from(line, 'hex')
  if (sendto(descriptor, frame, frame.length, 0, to, to.length) === frame.length) sent++
  if (Number(everyMs) > 0) await new Promise((resolve) => setTimeout(resolve, Number(everyMs)))
}
process.stdout.write(`${sent} sent\n`)
