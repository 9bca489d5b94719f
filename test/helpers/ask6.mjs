// Asks DHCPv6 servers on a wire: INTERFACE, MILLISECONDS to listen, messages in hexadecimal digits. Prints each reply in the same
// way, with the address that it came from. From port 546, where clients listen (RFC 8415 section 7.2).
import { createSocket } from 'node:dgram'

const [, , device, forMs, ...messages] = process.argv
const socket = createSocket({ type: 'udp6', ipv6Only: true, reuseAddr: true })
socket.on('message', (payload, from) => process.stdout.write(`${from.address.replace(/%.*/, '')} ${payload.toString('hex')}\n`)) // prettier-ignore
socket.bind(546, () => {
  socket.setMulticastInterface(`::%${device}`)
  for (const one of messages) socket.send(Buffer.from(one, 'hex'), 547, `ff02::1:2%${device}`)
  setTimeout(() => socket.close(), Number(forMs))
})
