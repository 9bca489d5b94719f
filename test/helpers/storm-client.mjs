/**
 * Many machines at once, as a room that is switched on: `node storm-client.mjs SERVER CLIENTS-A-SECOND READS-A-SECOND`.
 * Each DHCP client has an identity of its own; most take their address, some forget to, give it back, decline it or send
 * what is no DHCP. Of the TFTP reads some are left open, some ended with an error. Prints its counts every second.
 */
import { createSocket } from 'node:dgram'

const [, , server, clientsText, readsText] = process.argv
const [clientsASecond, readsASecond] = [Number(clientsText), Number(readsText)]
const count = { clients: 0, offers: 0, acks: 0, reads: 0, finished: 0, bytes: 0, left: 0 }

const address = Buffer.from(server.split('.').map(Number))
const [discover, offer, request, decline, ack, release] = [1, 2, 3, 4, 5, 7]
const arch = [93, 2, 0, 7]
const vendorClass = [60, 9, ...Buffer.from('PXEClient')]

const dhcp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
function message(type, index, options, ciaddr) {
  const bytes = Buffer.alloc(300)
  bytes.set([1, 1, 6])
  bytes.writeUInt32BE(index, 4)
  if (ciaddr) bytes.set(ciaddr, 12)
  bytes.set([2, index & 1 ? 0x77 : 0x78], 28)
  bytes.writeUInt32BE(index, 30)
  bytes.writeUInt32BE(0x63825363, 236)
  bytes.set([53, 1, type, ...options, 255], 240)
  return bytes
}
const boots = (index) => (index % 4 === 0 ? [...vendorClass, ...arch] : [])
const send = (bytes) => dhcp.send(bytes, 67, server)

/** Sent to the server's address itself, as a relay would: broadcasts would wake this machine for its own requests. */
function begin() {
  const index = ++count.clients
  if (index % 50 === 0) return send(Buffer.from(Array.from({ length: index % 400 }, (_, at) => (at * index) & 255)))
  send(message(discover, index, boots(index)))
}

dhcp.on('message', (bytes) => {
  if (bytes.length < 244) return
  const index = bytes.readUInt32BE(4)
  const own = bytes.subarray(16, 20)
  const type = bytes[242]
  const named = [54, 4, ...address]
  if (type === offer) {
    count.offers++
    if (index % 20 !== 0) send(message(request, index, [50, 4, ...own, ...named, ...boots(index)]))
  } else if (type === ack) {
    count.acks++
    if (index % 100 === 1) send(message(decline, index, [50, 4, ...own, ...named]))
    else if (index % 30 === 1) send(message(release, index, named, own))
  }
})

const window = 8
function read() {
  count.reads++
  const number = count.reads
  const socket = createSocket('udp4')
  let block = 0
  let inWindow = 0
  let peer
  const over = () => {
    clearTimeout(timer)
    socket.close()
  }
  const timer = setTimeout(() => {
    count.left++
    over()
  }, 15_000)
  const acknowledge = () => socket.send(Buffer.from([0, 4, block >> 8, block & 255]), peer.port, server)
  socket.on('error', over)
  socket.on('message', (bytes, from) => {
    peer ??= from
    // Nobody comes back for the rest of it.
    if (number % 10 === 0) return over()
    if (number % 15 === 0) {
      socket.send(Buffer.from('\0\u0005\0\u0000enough\0', 'latin1'), from.port, server)
      return over()
    }
    const kind = bytes[1]
    if (kind === 6) return acknowledge()
    if (kind !== 3) return over()
    const next = (block + 1) & 0xffff
    if (bytes.readUInt16BE(2) !== next) return void (inWindow = 0)
    block = next
    count.bytes += bytes.length - 4
    const isLast = bytes.length < 1468 + 4
    if (++inWindow === window || isLast) {
      inWindow = 0
      acknowledge()
    }
    if (!isLast) return
    count.finished++
    over()
  })
  const name = number % 3 === 0 ? 'nothing.efi' : 'a.bin'
  socket.send(Buffer.from(`\0\u0001${name}\0octet\0blksize\x001468\0windowsize\0${window}\0`, 'latin1'), 69, server)
}

const tickMs = 20
let [owedClients, owedReads] = [0, 0]
dhcp.bind(68, () => {
  dhcp.setBroadcast(true)
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    // A machine that was held up does not make up for more than a second.
    const seconds = Math.min(1, (now - last) / 1000)
    last = now
    owedClients += clientsASecond * seconds
    owedReads += readsASecond * seconds
    for (; owedClients >= 1; owedClients--) begin()
    for (; owedReads >= 1; owedReads--) read()
  }, tickMs)
  setInterval(() => process.stdout.write(`${JSON.stringify(count)}\n`), 1000)
})
