/**
 * The responder's process is killed again and again under load while its back end lives. Ten times in every run;
 * `PXE_LAB_KILLS=500` makes it as many as that.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { formatMac } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import { decodeDhcp, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import { unwrapUdp } from '#shared/wire/frame.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { framesIn } from '../helpers/fixtures.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { markPort, sniffed } from '../helpers/sniffed.ts'

const kills = Number(process.env['PXE_LAB_KILLS'] ?? 10)

/** Who was told that an address is theirs, by what a sniffer saw on the clients' wire. */
function acknowledged(capture: string): Map<number, Set<string>> {
  const seen = new Map<number, Set<string>>()
  for (const { bytes } of framesIn(readFileSync(capture))) {
    const udp = unwrapUdp(bytes)
    const message = udp && decodeDhcp(udp.payload).message
    if (!message || messageTypeOf(message) !== messageTypes.ack) continue
    const holders = seen.get(message.yiaddr) ?? new Set()
    seen.set(message.yiaddr, holders.add(formatMac(message.chaddr.subarray(0, 6))))
  }
  return seen
}

/** A busy machine may stand still for longer than a restart takes. */
const patienceMs = 60_000

async function until<T>(what: string, look: () => T | undefined, told: () => string = () => ''): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(10)) {
    const found = look()
    if (found !== undefined) return found
  }
  throw new Error(`${what} did not come within ${patienceMs / 1000} s: ${told()}`)
}

describeWith(['root', 'ip', 'ss', 'perfdhcp', 'tcpdump'], 'the responder process is killed', () => {
  const { network, folder, here, there } = labWireForAllTests()

  test(`${kills} times under load: no acknowledged lease is lost, and none is given twice`, { timeout: 120_000 + kills * 20_000 }, async () => {
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      runAs: '4242:4243',
      dhcp: { leaseSeconds: 86_400, subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] }, // prettier-ignore
    })
    chmodSync(folder.root, 0o755)
    const capture = join(folder.root, 'wire.pcap')
    const sniffer = network.start(there, 'tcpdump', ['-i', 'cli0', '-n', '-U', '--immediate-mode', '-Z', 'root', '-w', capture, `udp and src host 10.77.0.1 and (src port 67 or dst port ${markPort})`]) // prettier-ignore
    await sniffer.sees(/listening on/)
    const backend = await DrivenBackend.start(network, here, folder, { PXE_LAB_TEST_PATIENT: '1' })
    await backend.call('responder.start')
    const holder = (): number | undefined => {
      const text = execFileSync('ip', ['netns', 'exec', here, 'ss', '-lunpH', 'sport = :67'], { encoding: 'utf8' })
      const pid = /pid=(\d+)/.exec(text)?.[1]
      return pid === undefined ? undefined : Number(pid)
    }
    let load: Running | undefined
    let before: number | undefined
    let loads = 0
    for (let round = 0; round < kills; round++) {
      const pid = await until('another responder process', () => {
        const now = holder()
        return now === before ? undefined : now
      }, () => `${round} kills, ${backend.running.output.slice(-2000)}`)
      const size = statSync(capture).size
      // Some twenty answers of this process are on the wire, or some more: at another moment of the load each time.
      const some = 8000 + ((round * 37) % 60) * 400
      await until('answers', () => {
        // The load gives up by itself now and then, for want of answers.
        if (!load || load.child.exitCode !== null)
          load = network.start(there, 'perfdhcp', ['-4', '-l', '10.77.0.2', '-r', '300', '-R', '30000', '-s', String(++loads), '-b', 'mac=00:0c:01:00:00:00', '-p', '1000', '10.77.0.1']) // prettier-ignore
        return statSync(capture).size > size + some ? true : undefined
      }, () => `${round} kills, ${backend.running.output.slice(-2000)}`) // prettier-ignore
      process.kill(pid, 'SIGKILL')
      before = pid
      if ((round + 1) % 50 === 0) process.stderr.write(`${round + 1} kills\n`)
    }
    await load?.stop('SIGKILL')
    await until('the last responder process', () => (holder() === before ? undefined : holder()))
    await sniffed(network, here, '10.77.0.2', capture)
    await sniffer.stop('SIGINT')
    await backend.call('responder.stop')
    const left = acknowledged(capture)
    const database = new DatabaseSync(join(folder.root, 'state/leases.sqlite'))
    const rows = database.prepare("SELECT address, mac FROM lease WHERE state = 'bound'").all() as { address: number; mac: string }[] // prettier-ignore
    database.close()
    const kept = new Map(rows.map(({ address, mac }) => [address, mac]))
    expect(left.size).toBeGreaterThan(kills * 10)
    expect([...left].filter(([, holders]) => holders.size > 1)).toEqual([])
    expect([...left].filter(([address, [holder]]) => kept.get(address) !== holder)).toEqual([])
    console.log(`${kills} kills, ${left.size} acknowledged leases: none lost, none given twice`)
  }) // prettier-ignore
})
