/**
 * A TFTP service in a process that has only as many descriptors as are asked for, started with a low limit (ulimit -n):
 * `node short-of-descriptors.mjs FOLDER PORT`. Reads lines of JSON, {"spare": n} or {"ask": "rrq", "file": "x"}, and prints for
 * each what the client heard first, and what the service told meanwhile.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { TftpService } from '../../src/main/responder/tftp/service.ts'
import { openUdpPort } from '../../src/main/responder/udp-port.ts'
import { decodeTftp, encodeTftp } from '../../src/shared/wire/tftp.ts'

const [, , folder, portText] = process.argv
const served = Number(portText)
const loopback = { name: 'lo', address: 0x7f000001, prefixLength: 8, mtu: 65536, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true } // prettier-ignore
const settings = { maxBlockSize: 1428, maxWindowSize: 4, maxTransfers: 10, maxTransfersPerClient: 4, upload: join(folder, 'uploads'), maxUploadBytes: 5000, ports: null, singlePort: false } // prettier-ignore
const told = []
const wake = []
const boot = await BootFolder.open(join(folder, 'boot'))
const service = new TftpService(settings, boot, (event) => {
  told.push(event)
  for (const one of wake.splice(0)) one()
})
const port = await openUdpPort({
  interface: loopback,
  port: served,
  onDatagram: (payload, source) => service.receive(payload, source, port),
  onError: () => {},
})
await service.prepare()

const filler = []
/** Linux tells; the one that reads the folder is always among them. */
const open = () => readdirSync('/proc/self/fd').length

/** Socket and file of the transfer before are closed a moment after its end is told: one more would be free then. */
async function settled() {
  for (let seen = -1, turns = 0; turns < 5; turns++) {
    const now = open()
    if (now !== seen) turns = 0
    seen = now
    await delay(5)
  }
}

const fill = async (spare) => {
  for (const one of filler.splice(0)) closeSync(one)
  if (spare === undefined) return
  await settled()
  try {
    for (;;) filler.push(openSync('/dev/null'))
  } catch (error) {
    if (error.code !== 'EMFILE') throw error
  }
  for (const one of filler.splice(0, spare)) closeSync(one)
}

const client = createSocket('udp4')
client.bind(0, '127.0.0.1')
await once(client, 'listening')

/** A request that is refused at once: whatever comes before that answer came for the one before. */
const marker = encodeTftp({ kind: 'rrq', filename: 'marker', mode: 'mail', options: [] })

async function ask({ ask: kind, file }) {
  const heard = []
  const hear = (payload, from) => {
    const { packet } = decodeTftp(payload)
    heard.push(packet.kind === 'error' ? packet.message : packet.kind)
    // Ends a transfer that has begun, so that its end is told.
    if (packet.kind !== 'error')
      client.send(encodeTftp({ kind: 'error', code: 0, message: 'enough' }), from.port, '127.0.0.1')
  }
  client.on('message', hear)
  told.splice(0)
  client.send(encodeTftp({ kind, filename: file, mode: 'octet', options: [] }), served, '127.0.0.1')
  const isOver = () => told.some(({ type }) => /transfer-(ended|refused|deferred)/.test(type))
  while (!isOver()) await new Promise((go) => wake.push(go))
  const events = told.map(({ type, message, reason }) => [type, message ?? reason].filter(Boolean).join(': '))
  client.send(marker, served, '127.0.0.1')
  while (!heard.some((one) => /mode|mail/i.test(one))) await once(client, 'message')
  client.off('message', hear)
  return { heard: heard.filter((one) => !/mode|mail/i.test(one)), events }
}

process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  if (order.ask === undefined) await fill(order.spare ?? undefined)
  const answer = order.ask === undefined ? {} : await ask(order)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await service.close()
process.exit(0)
