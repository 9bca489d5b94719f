// The wire between a machine of QEMU and a tap, which loses frames at random, the same ones for the same seed: the kernel's
// netem is not to be had everywhere. `lossy-tap.mjs TAP PERCENT SEED` in the namespace of the tap; the machine's card is
// `-netdev dgram` from port 7701 to port 7702 of loopback, one Ethernet frame a datagram. Says "carrying", and when it is
// ended how many DATA came from the server, how many different blocks they were, and how many frames it lost.
import { createSocket } from 'node:dgram'
import { openSync, read, writeSync } from 'node:fs'
import koffi from 'koffi'

const [, , tap, percent, seed] = process.argv
// linux/if_tun.h
const [tunSetIff, iffTap, iffNoPi] = [0x400454ca, 0x0002, 0x1000]
const ioctl = koffi.load('libc.so.6').func('int ioctl(int, unsigned long, void *)')
const device = openSync('/dev/net/tun', 'r+')
const request = Buffer.alloc(40)
request.write(tap, 'latin1')
request.writeUInt16LE(iffTap | iffNoPi, 16)
if (ioctl(device, tunSetIff, request) !== 0) throw new Error(`${tap} cannot be had`)

let state = Number(seed) + 1
const chance = () => {
  // xorshift32
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 2 ** 32
}
let lost = 0
const isLost = () => chance() * 100 < Number(percent) && ++lost > 0

let data = 0
const blocks = new Set()
/** DATA of TFTP (RFC 1350 section 5) in a frame of IPv4: each counts as sent, lost or not. */
function count(frame) {
  const at = 14 + (frame[14] & 15) * 4
  if (frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17 || frame.readUInt16BE(at) === 67) return
  if (frame.readUInt16BE(at + 8) !== 3) return
  data++
  blocks.add(`${frame.readUInt16BE(at)} ${frame.readUInt16BE(at + 2)} ${frame.readUInt16BE(at + 10)}`)
}

const machine = createSocket('udp4')
machine.on('message', (frame) => {
  if (!isLost()) writeSync(device, frame)
})
const buffer = Buffer.alloc(65536)
const carry = () =>
  read(device, buffer, 0, buffer.length, null, (error, length) => {
    if (error) throw error
    const frame = Buffer.from(buffer.subarray(0, length))
    if (length >= 42) count(frame)
    if (!isLost()) machine.send(frame, 7701, '127.0.0.1')
    carry()
  })
machine.bind(7702, '127.0.0.1', () => {
  carry()
  process.stdout.write('carrying\n')
})
// The read that waits keeps an ordinary exit from ending.
process.on('SIGTERM', () =>
  process.stdout.write(`${JSON.stringify({ data, blocks: blocks.size, lost })}\n`, () =>
    process.kill(process.pid, 'SIGKILL'),
  ),
)
