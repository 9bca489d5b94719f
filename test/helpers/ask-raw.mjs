// Sends datagrams as they are given, one after the other, and prints what comes back within the time of each: a client
// without a mind, but that fe:fe:fe:fe becomes the address it was offered last. Argument: [{ "hex", "from", "to": "address:port", "ms" }]; output: one JSON list of answers a line.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const questions = JSON.parse(process.argv[2])
const sockets = new Map()
let heard = []
let offered = 'fefefefe'
for (const port of [67, 68, 4011]) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', (message, from) => {
    if (message[0] === 2) heard.push({ port, from: `${from.address}:${from.port}`, hex: message.toString('hex') })
  })
  socket.bind(port)
  await once(socket, 'listening')
  socket.setBroadcast(true)
  sockets.set(port, socket)
}
for (const { hex, from, to, ms } of questions) {
  heard = []
  const [address, port] = to.split(':')
  const start = performance.now()
  sockets.get(from).send(Buffer.from(hex.replace('fefefefe', offered), 'hex'), Number(port), address)
  // The first answer ends the wait.
  while (heard.length === 0 && performance.now() - start < ms) await new Promise((done) => setTimeout(done, 5))
  offered = heard[0]?.hex.slice(32, 40) ?? offered
  process.stdout.write(
    `${JSON.stringify(heard.map((one) => ({ ...one, afterMs: Math.round(performance.now() - start) })))}\n`,
  )
}
for (const socket of sockets.values()) socket.close()
