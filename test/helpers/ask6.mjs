// Asks DHCPv6 servers on a wire: INTERFACE, MILLISECONDS to wait at most, a message in hexadecimal digits. Prints the first reply in
// the same way, after the address that it came from. From port 546, where clients listen (RFC 8415 section 7.2).
import { createSocket } from 'node:dgram'

const [, , device, forMs, message] = process.argv
const socket = createSocket({ type: 'udp6', ipv6Only: true, reuseAddr: true })
const timer = setTimeout(() => socket.close(), Number(forMs))
socket.once('message', (payload, from) => {
  process.stdout.write(`${from.address.replace(/%.*/, '')} ${payload.toString('hex')}\n`)
  clearTimeout(timer)
  socket.close()
})
socket.bind(546, () => {
  socket.setMulticastInterface(`::%${device}`)
  socket.send(Buffer.from(message, 'hex'), 547, `ff02::1:2%${device}`)
})
