// Clients of many kinds on one wire: a line of standard input is a list of requests, the line of standard output what was
// answered. A request goes out from port 68 to everybody, or from the relay it names to the server, which answers there.
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'

const [, , server, everybody, ...relays] = process.argv
let heard = new Map()
let done = () => {}

async function open(port, address) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', (bytes) => {
    const xid = bytes.subarray(4, 8).toString('hex')
    // The first answer counts; who expects none learns by the answers to the others.
    if (bytes[0] === 2 && !heard.has(xid)) heard.set(xid, bytes.toString('hex'))
    done()
  })
  await new Promise((resolve) => socket.bind(port, address, resolve))
  socket.setBroadcast(true)
  return socket
}

const direct = await open(68, '0.0.0.0')
const relayed = new Map()
for (const relay of relays) relayed.set(relay, await open(67, relay))
console.log('ready')

for await (const line of createInterface({ input: process.stdin })) {
  const { requests, waitMs } = JSON.parse(line)
  heard = new Map()
  const expected = requests.filter((one) => one.isAnswered).map((one) => one.xid)
  for (const { hex, relay } of requests) {
    const bytes = Buffer.from(hex, 'hex')
    if (relay === undefined) direct.send(bytes, 67, everybody)
    else relayed.get(relay).send(bytes, 67, server)
  }
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs)
    done = () => {
      if (!expected.every((xid) => heard.has(xid))) return
      clearTimeout(timer)
      resolve()
    }
    done()
  })
  done = () => {}
  console.log(JSON.stringify(Object.fromEntries(heard)))
}
process.exit(0)
