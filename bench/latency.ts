/**
 * How long a DHCP client waits for its answer while the pages keep the back end busy: it reads a capture of 200 MB in its
 * own process and saves a lab file of half a megabyte, again and again. The responder is another process, so that this
 * must not be felt. A time, not a ratio: no peer serves pages. Beside it, by the scheduler's own account of the thread that
 * answers (Linux, Documentation/scheduler/sched-stats.rst): what it ran for each answer, and what it waited for a processor.
 */
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DrivenBackend } from '../test/helpers/backend.ts'
import { LabFolder } from '../test/helpers/lab.ts'
import { Network } from '../test/helpers/network.ts'
import { writeLargeCapture } from './million.ts'

const captureBytes = 200_000_000
const labBytes = 500_000
const seconds = 20
const aimMs = 20
const realTime = ['-r', '10']

/** Asks every 10 ms as a machine of its own, DISCOVER to ACK; prints the milliseconds of each answer. */
const client = `
  const socket = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  const asked = new Map()
  const waits = { offer: [], ack: [] }
  let lost = 0
  let count = Number(process.argv[1])
  const send = (type, xid, options) => {
    const p = Buffer.alloc(300)
    p.set([1, 1, 6]); p.writeUInt32BE(xid, 4); p.set([0x52, 0x54, 0], 28); p.writeUIntBE(xid & 0xffffff, 31, 3)
    p.writeUInt32BE(0x63825363, 236); p.set([53, 1, type, ...options, 255], 240)
    asked.set(xid + ' ' + type, performance.now())
    socket.send(p, 67, '10.77.255.255')
  }
  socket.on('message', (p) => {
    const at = performance.now()
    const xid = p.readUInt32BE(4)
    const [type, kind, asker] = p[242] === 2 ? [2, 'offer', 1] : [5, 'ack', 3]
    const since = asked.get(xid + ' ' + asker)
    if (since === undefined) return
    asked.delete(xid + ' ' + asker)
    waits[kind].push(at - since)
    if (type === 2) send(3, xid, [50, 4, ...p.subarray(16, 20), 54, 4, 10, 77, 0, 1])
  })
  socket.bind(68, () => {
    socket.setBroadcast(true)
    const ticker = setInterval(() => send(1, ++count, []), 10)
    setTimeout(() => {
      clearInterval(ticker)
      setTimeout(() => { console.log(JSON.stringify({ ...waits, lost: asked.size })); socket.close() }, 1000)
    }, ${seconds} * 1000)
  })`

interface Waits {
  readonly offer: number[]
  readonly ack: number[]
  readonly lost: number
}

/** What the thread that answers has run and waited for a processor so far, in milliseconds. */
function scheduledMs(pid: number): readonly [ran: number, waited: number] {
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map(Number)
  return [ran! / 1e6, waited! / 1e6]
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN

function report(when: string, { offer, ack, lost }: Waits): boolean {
  const words = (name: string, values: readonly number[]): string =>
    `${name} median ${quantile(values, 0.5).toFixed(2)} ms, 99 % ${quantile(values, 0.99).toFixed(2)} ms, longest ${quantile(values, 1).toFixed(1)} ms`
  process.stdout.write(
    `DHCP while the back end ${when} (${offer.length} machines): ${words('OFFER', offer)}; ${words('ACK', ack)}; ${lost} unanswered\n`,
  )
  return quantile(offer, 0.99) < aimMs && quantile(ack, 0.99) < aimMs
}

/** One of the wanted size that is valid all the same: reservations until it is large enough. */
function growLab(file: string): void {
  let text = `${readFileSync(file, 'utf8')}      reservations:\n`
  for (let count = 0; text.length < labBytes; count++)
    text += `        - { mac: "02:00:00:00:${(count >> 8).toString(16).padStart(2, '0')}:${(count & 255).toString(16).padStart(2, '0')}", address: 10.77.0.${(count % 200) + 10} } # bench\n`
  writeFileSync(file, text)
}

export async function benchLatency(): Promise<void> {
  const network = new Network()
  const folder = new LabFolder()
  try {
    const here = network.namespace('s')
    const there = network.namespace('c')
    network.cable(
      { in: here, name: 'srv0', addresses: ['10.77.0.1/16'] },
      { in: there, name: 'cli0', addresses: ['10.77.0.2/16'] },
    )
    folder.write({ interface: 'srv0' })
    writeFileSync(
      folder.file,
      `interface: srv0\nmode: dhcp\nallowOtherServers: true\ndhcp:\n  subnets:\n    - subnet: 10.77.0.0/16\n      pools: [{ start: 10.77.1.0, end: 10.77.255.254 }]\n`,
    )
    const capture = join(folder.root, 'large.pcapng')
    writeLargeCapture(capture, 100_000)
    // The same frames again until it is large enough: a section may follow a section.
    for (const once = readFileSync(capture); statSync(capture).size < captureBytes;) appendFileSync(capture, once)
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    const holder = await network.exec(here, 'ss', ['-lunpH', 'sport = :67'])
    const responder = Number(/pid=(\d+)/.exec(holder.stdout)![1])
    const ask = async (first: number): Promise<Waits> => {
      const [ranBefore, waitedBefore] = scheduledMs(responder)
      const { stdout, stderr } = await network.exec(
        there,
        'chrt',
        [...realTime, process.execPath, '-e', client, String(first)],
        seconds + 20,
      )
      if (stdout === '') throw new Error(stderr)
      const waits = JSON.parse(stdout) as Waits
      const [ran, waited] = scheduledMs(responder)
      const answers = waits.offer.length + waits.ack.length
      process.stdout.write(
        `the responder ran ${((ran - ranBefore) / answers).toFixed(3)} ms for each answer and waited ${((waited - waitedBefore) / answers).toFixed(3)} ms for a processor\n`,
      )
      return waits
    }
    report('is idle', await ask(0))

    const largeLab = join(folder.root, 'large.yaml')
    writeFileSync(largeLab, readFileSync(folder.file))
    growLab(largeLab)
    const text = readFileSync(largeLab, 'utf8')
    const over = new AbortController()
    let rounds = 0
    const keepBusy = async (): Promise<void> => {
      for (; !over.signal.aborted; rounds++) {
        const saved = backend.call('lab.write', { text }, 120)
        await backend.analyse(capture, 120)
        await saved
      }
    }
    const busy = keepBusy()
    const what = `reads ${captureBytes / 1e6} MB and saves ${labBytes / 1e3} kB`
    report(`${what}, as it is installed`, await ask(1_000_000))
    // Other programs of this machine are not what is measured: the responder gets a processor at once, too (sched(7)).
    await network.exec(here, 'chrt', ['-a', '-p', ...realTime, String(responder)])
    const isReached = report(`${what}, and nothing else of this machine counts`, await ask(2_000_000))
    over.abort()
    await busy
    process.stdout.write(
      `99 % under ${aimMs} ms: ${isReached ? 'reached' : 'MISSED'} (${rounds} times read and saved)\n`,
    )
  } finally {
    await network.close()
    folder.remove()
  }
}
