// A TFTP relay on 127.0.0.1 that loses packets at random, the same ones for the same seed: the kernel's netem is not to be had
// everywhere. `lossy-relay.mjs SERVER LISTEN-PORT PERCENT SEED`. Says "listening", and how many DATA the server sent when it is ended.
import { createSocket } from 'node:dgram'

const [, , server, listenPort, percent, seed] = process.argv
let state = Number(seed) + 1
const chance = () => {
  // xorshift32
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 2 ** 32
}
const isLost = () => chance() * 100 < Number(percent)
const door = createSocket('udp4')
const clients = new Map()
let data = 0

function carry(client) {
  const upstream = createSocket('udp4')
  const downstream = createSocket('udp4')
  const transfer = { port: 69, upstream }
  upstream.on('message', (packet, source) => {
    // The server answers from a port of its own, or in single-port mode from 69.
    transfer.port = source.port
    if (packet[1] === 3) data++
    if (!isLost()) downstream.send(packet, client.port, client.address)
  })
  downstream.on('message', (packet) => {
    if (!isLost()) upstream.send(packet, transfer.port, server)
  })
  return transfer
}

door.on('message', (packet, source) => {
  const key = `${source.address}:${source.port}`
  let transfer = clients.get(key)
  if (!transfer) clients.set(key, (transfer = carry(source)))
  transfer.upstream.send(packet, 69, server)
})
door.bind(Number(listenPort), '127.0.0.1', () => process.stdout.write('listening\n'))
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ data })}\n`)
  process.exit(0)
})
