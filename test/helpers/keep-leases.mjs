/**
 * Machines that come one after the other, take an address through a relay and keep it: `node keep-leases.mjs RELAY SERVER...`.
 * Prints `MAC ADDRESS` for each acknowledged lease. Each asks again, all servers at once, until it has one, as firmware does: in a
 * transaction of its own each time, in which it takes one offer and no other acknowledgement than the one of that (RFC 2131,
 * section 3.1). A server that is slow answers a question that was asked twice with two addresses, and the second one counts for it.
 */
import { createSocket } from 'node:dgram'

const [relay, ...servers] = process.argv.slice(2)
const giaddr = Buffer.from(relay.split('.').map(Number))
const waiting = new Map()
let count = 0

/** Machine and attempt in one transaction. */
const machines = 0x10000
const xidOf = (index, attempt) => ((attempt % 0xffff) * machines + index) >>> 0

function message(index, attempt, type, more = []) {
  const bytes = Buffer.alloc(300)
  bytes.set([1, 1, 6, 1])
  bytes.writeUInt32BE(xidOf(index, attempt), 4)
  bytes.set(giaddr, 24)
  bytes.set([0x02, 0x77], 28)
  bytes.writeUInt32BE(index, 30)
  bytes.writeUInt32BE(0x63825363, 236)
  bytes.set([53, 1, type, ...more, 255], 240)
  return bytes
}
const macOf = (bytes) => [...bytes.subarray(28, 34)].map((one) => one.toString(16).padStart(2, '0')).join(':')

function optionsOf(bytes) {
  const found = new Map()
  for (let at = 240; at < bytes.length && bytes[at] !== 255; at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1])
    if (bytes[at] !== 0) found.set(bytes[at], bytes.subarray(at + 2, at + 2 + bytes[at + 1]))
  return found
}

const socket = createSocket('udp4')
const send = (bytes) => {
  for (const server of servers) socket.send(bytes, 67, server, () => {})
}
socket.on('message', (bytes) => {
  if (bytes.length < 244 || bytes[0] !== 2) return
  const index = bytes.readUInt32BE(4) % machines
  const one = waiting.get(index)
  if (!one || bytes.readUInt32BE(4) !== xidOf(index, one.attempt)) return
  const options = optionsOf(bytes)
  const type = options.get(53)?.[0]
  const address = [...bytes.subarray(16, 20)].join('.')
  if (type === 2 && one.wanted === undefined) {
    one.wanted = address
    const identifier = options.get(54)
    send(message(index, one.attempt, 3, [50, 4, ...bytes.subarray(16, 20), 54, 4, ...(identifier ?? [0, 0, 0, 0])]))
  } else if (type === 5 && one.wanted === address) {
    waiting.delete(index)
    process.stdout.write(`${macOf(bytes)} ${address}\n`)
  }
})
socket.bind(67, relay, () => {
  setInterval(() => {
    if (waiting.size < 50) waiting.set(++count, { at: -Infinity, attempt: 0, wanted: undefined })
    for (const [index, { at, attempt }] of waiting)
      if (performance.now() - at > 1000) {
        waiting.set(index, { at: performance.now(), attempt: attempt + 1, wanted: undefined })
        send(message(index, attempt + 1, 1))
      }
  }, 10)
})
