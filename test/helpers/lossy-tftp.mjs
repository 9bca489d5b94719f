// A TFTP client on a real socket that is deaf to every Nth packet and loses every Nth of its own.
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'

const [, , server, name, every] = process.argv
const socket = createSocket('udp4')
const hash = createHash('sha256')
let count = 0
let expected = 1
let length = 0
const isLost = () => ++count % Number(every) === 0
socket.on('message', (packet, source) => {
  if (isLost()) return
  const block = packet.readUInt16BE(2)
  if (packet[1] === 5) {
    process.stdout.write(`error ${packet.subarray(4)}\n`)
    process.exit(1)
  }
  const isNew = block === expected
  if (isNew) {
    expected++
    length += packet.length - 4
    hash.update(packet.subarray(4))
  }
  const isLast = isNew && packet.length < 516
  const ack = Buffer.from([0, 4, packet[2], packet[3]])
  if (isLast || !isLost()) socket.send(ack, source.port, source.address)
  if (!isLast) return
  process.stdout.write(`${length} ${hash.digest('hex')}\n`)
  setTimeout(() => process.exit(0), 100)
})
socket.send(Buffer.from(`\0\x01${name}\0octet\0`, 'latin1'), 69, server)
setTimeout(() => process.exit(2), 50_000)
