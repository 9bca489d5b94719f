/**
 * One truth about a boot where a second DHCP server, dnsmasq, is on the wire: Flows, Clients, the log, notices and the count of
 * problems say the same of a boot that it spoils, and nothing wrong of one that it is part of.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import type { Client, Counters, LogLine, Problem } from '#shared/contract/calls.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import { Session } from '#shared/trace/session.ts'
import { FailureNotices, type Notice } from '../../src/main/electron/notices.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { LabFolder } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const mac = '52:54:00:77:00:01'
const ours = '192.168.77.1'
const theirs = '192.168.77.2'
const asks = fileURLToPath(new URL('../helpers/ask-raw.mjs', import.meta.url))
const boot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const given = '192.168.77.3'
const addresses = ['--dhcp-range=192.168.77.100,192.168.77.110,1h', `--dhcp-host=${mac},${given}`]
const common = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=eth0', '--bind-interfaces', '--user=root', '--dhcp-leasefile=/dev/null', '--pid-file=', '--no-ping'] // prettier-ignore

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

describeWith(['root', 'ip', 'dnsmasq'], 'a second DHCP server', () => {
  let network: Network
  let folder: LabFolder
  let lab: string
  let other: string
  let machine: string
  let backend: DrivenBackend

  beforeEach(() => {
    network = new Network()
    folder = new LabFolder()
    const hub = network.namespace('h')
    const ends = { lab: `${ours}/24`, other: `${theirs}/24`, machine: `${given}/24` }
    ;[lab, other, machine] = Object.entries(ends).map(([name, address], index) => {
      const namespace = network.namespace(name)
      network.cable({ in: hub, name: `p${index}` }, { in: namespace, name: 'eth0', addresses: [address] }) // prettier-ignore
      network.ip('-n', namespace, 'route', 'add', 'default', 'dev', 'eth0')
      return namespace
    }) as [string, string, string]
    network.ip('-n', machine, 'link', 'set', 'eth0', 'address', mac)
    network.bridge(hub, 'br0', [], ['p0', 'p1', 'p2'])
  })
  afterEach(async () => {
    await network.close()
    folder.remove()
  })

  async function start(input: Omit<LabInput, 'interface'>, ...values: string[]): Promise<void> {
    folder.write({ interface: 'eth0', allowOtherServers: true, ...input })
    folder.put('there.efi', readFileSync('/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi'))
    const peer = network.start(other, 'dnsmasq', [...common, ...values])
    await peer.sees(/DHCP, (IP range|proxy)/)
    backend = await DrivenBackend.start(network, lab, folder)
    const { complaint } = await backend.call<{ complaint: unknown }>('responder.start')
    expect(complaint).toBeNull()
  }

  async function flows(): Promise<Explanation | undefined> {
    const { base64 } = await backend.call<{ base64: string }>('frames.read', { after: 0, mostBytes: 4_000_000 })
    const session = new Session()
    session.push(Buffer.from(base64, 'base64'))
    const attempt = session.trace.machines.find((one) => one.name === mac)?.attempts.at(-1)
    return attempt && explainAttempt(session.store, attempt, { nowNs: attempt.lastNs + 60e9 })
  }
  const clientOf = async (): Promise<Client | undefined> =>
    (await backend.call<Client[]>('clients.list')).find((one) => one.mac === mac)

  /** Those things that every page says of the machine, once it is told that far. */
  async function said() {
    const log = await backend.call<LogLine[]>('log.list')
    const problems = await backend.call<Problem[]>('problems.list')
    const counted = backend.lines.filter((one) => one.push === 'counters').at(-1)?.value as Counters | undefined
    const client = await clientOf()
    const notices: Notice[] = []
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      if (client) new FailureNotices((notice) => notices.push(notice), 0).hear([client], true)
      vi.runAllTimers()
    } finally {
      vi.useRealTimers()
    }
    return { log, problems, counted: counted?.problems, boot: client?.boots[0], notices, explanation: await flows() }
  }

  test('whose offer a machine takes: every page names it, and what to do about two servers', async () => {
    await start(
      {
        mode: 'dhcp',
        dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.150', end: '192.168.77.160' }] }] },
        boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] },
      },
      ...addresses,
    )
    const messages = [{ type: 'discover' }, { type: 'request', requested: given, server: theirs }] as const
    const questions = messages.map((one) => ({ hex: formatHex(encodeDhcp(request({ mac, ...pxe(7), ...one }))), from: 68, to: '255.255.255.255:67', ms: 5000 })) // prettier-ignore
    const { stdout, stderr } = await network.exec(machine, process.execPath, [asks, JSON.stringify(questions)], 60)
    // The other one did acknowledge it, past this lab.
    expect(stdout.trim().split('\n').at(-1), stderr).toContain(`"from":"${theirs}:67"`)
    const {
      boot: row,
      explanation,
      log,
      problems,
      notices,
    } = await vi.waitUntil(async () => {
      const all = await said()
      return all.log.some((one) => one.type === 'boot-failed') && all.counted === all.problems.length ? all : undefined
    }, 90_000)
    const headline = `The client accepted the offer of another DHCP server, ${theirs}`
    expect(row).toMatchObject({ outcome: 'failed', detail: headline, code: null })
    expect(explanation).toMatchObject({ outcome: 'failed', headline: `${headline}.`, causes: row!.causes })
    expect(explanation!.fixes.join(' ')).toMatch(/proxy-dhcp/)
    expect(JSON.stringify([row, explanation, notices])).not.toMatch(/PXE-E18|which clients the lab may answer/)
    const lines = log.filter((one) => one.type === 'boot-failed')
    expect(lines).toMatchObject([{ mac, level: 'problem', text: `${mac}: ${headline}. ${row!.causes[0]}` }])
    expect(problems.filter((one) => one.about === mac)).toEqual([{ about: mac, text: `${mac}: ${headline}`, remedy: row!.causes[0] }]) // prettier-ignore
    expect(problems.filter((one) => one.about === 'responder').map((one) => one.text)).toEqual([expect.stringContaining(`DHCP server ${theirs}`)]) // prettier-ignore
    expect(notices).toEqual([{ title: `Boot failed: ${mac}`, body: headline, mac }])
  })

  test('that gives addresses beside this proxyDHCP server is no fault on any page', async () => {
    await start(
      { mode: 'proxy-dhcp', boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] } },
      ...addresses,
    )
    const run = await network.exec(machine, process.execPath, [boot, 'eth0', mac, 'edk2'], 120)
    expect(run.stdout, run.stderr).toContain('"state":"booted"')
    const all = await vi.waitUntil(async () => {
      const now = await said()
      const isTold = now.explanation?.outcome === 'loaded' && now.boot?.stage === 'loaded'
      const isAsked = now.log.some((one) => one.type === 'other-servers')
      return isTold && isAsked && now.counted === now.problems.length ? now : undefined
    }, 90_000)
    expect(all.boot).toMatchObject({
      outcome: 'loaded',
      code: null,
      detail: all.explanation!.headline.replace(/\.$/, ''),
    })
    expect(all.explanation).toMatchObject({ causes: [], fixes: [], screen: [], missing: [] })
    expect(JSON.stringify(all.explanation)).not.toMatch(/Not accepted|No ACK came/)
    expect(all.explanation!.sentences.filter((one) => one.tone === 'bad' || one.tone === 'warning')).toEqual([])
    // Its rules are for one kind of machine, which is told; nothing else is.
    expect(all.problems.filter((one) => one.about !== 'lab')).toEqual([])
    expect(all.log.filter((one) => one.level === 'problem')).toEqual([])
    expect(all.log.filter((one) => one.type === 'other-servers')).toMatchObject([
      { level: 'info', text: expect.stringContaining(theirs) },
    ])
    expect(all.notices).toEqual([])
  })
})
