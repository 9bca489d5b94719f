/**
 * One truth about a boot: whatever the responder sends, drops or decides, over real sockets, what the packets of the lab tell
 * of the boot is what its events tell, and no page says another thing.
 */
import { inEnglish } from '#messages/text.ts'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import type { Counters } from '#shared/contract/calls.ts'
import { givenNames } from '#shared/lab/given-names.ts'
import { named } from '#shared/diagnosis/explain/named.ts'
import { machineNames } from '#shared/trace/name-addresses.ts'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import { Session } from '#shared/trace/session.ts'
import type { FrameSummary } from '#shared/wire/summary.ts'
import { encodeDhcp, decodeDhcp, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { ProblemBook } from '../../src/main/backend/problem-book.ts'
import { FailureNotices, type Notice } from '../../src/main/electron/notices.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { InProcessResponder } from '../helpers/in-process-responder.ts'
import { TftpClient } from '../helpers/tftp-client.ts'

// Nothing here takes a second; on a machine that is busy with other things it may.

const mac = '52:54:00:77:00:01'
/** As the lab file calls it. */
const name = 'office-7'
const server = '127.0.0.1'

let root: string
let backend: Backend
let ports: { dhcp: number; tftp: number; bootServer: number }
let http: number
let pushes: { push: string; value: unknown }[] = []

async function start(lab: object): Promise<void> {
  writeFileSync(
    join(root, 'lab.yaml'),
    stringify({ interface: server, ports, state: './state', configmgr: { devices: [{ mac, name }] }, ...lab }),
  )
  backend = new Backend(join(root, 'lab.yaml'), new InProcessResponder())
  await backend.open()
  backend.connect((message) => pushes.push(message as (typeof pushes)[number]))
  await backend.handlers['responder.start']({})
}

const addresses = (start_: string, end: string): object => ({
  subnets: [{ subnet: '127.0.0.0/8', pools: [{ start: start_, end }] }],
})
const dhcpLab = { mode: 'dhcp', dhcp: addresses('127.9.0.1', '127.9.0.9') }

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-truth-'))
  mkdirSync(join(root, 'boot'))
  writeFileSync(join(root, 'boot/there.efi'), peProgram(0x8664, 100_000))
  const [dhcp, tftp, bootServer, port] = await freePorts(4)
  ports = { dhcp: dhcp!, tftp: tftp!, bootServer: bootServer! }
  http = port!
  pushes = []
})
afterEach(async () => {
  await backend.close()
  rmSync(root, { recursive: true, force: true })
})

/** One message of a machine; undefined where nothing has come within the time. */
async function ask(what: ClientRequest, port: number, waitMs = 5000): Promise<DhcpMessage | undefined> {
  const socket = createSocket('udp4')
  socket.bind(0, server)
  await once(socket, 'listening')
  try {
    socket.send(encodeDhcp(request({ mac, ...what })), port, server)
    const [payload] = (await once(socket, 'message', { signal: AbortSignal.timeout(waitMs) })) as [Buffer]
    return decodeDhcp(payload).message
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

/** DISCOVER to ACK as UEFI firmware; its address. */
async function getAddress(architecture = 7, xid = 1): Promise<string> {
  const offer = await ask({ type: 'discover', xid, ...pxe(architecture) }, ports.dhcp)
  const address = formatIpv4(offer!.yiaddr)
  await ask({ type: 'request', xid, ...pxe(architecture), requested: address, server }, ports.dhcp)
  return address
}

/** The packets of the lab, a line each. */
async function kept(): Promise<FrameSummary[]> {
  const { base64 } = await backend.handlers['frames.read']({ after: 0, mostBytes: 4_000_000 })
  const session = new Session()
  session.push(Buffer.from(base64, 'base64'))
  return Array.from({ length: session.store.count }, (_, at) => session.summaryOf(session.store.first + at))
}

const labOf = (): Lab => labSchema.parse(parse(readFileSync(join(root, 'lab.yaml'), 'utf8')))

/** What the packets of the lab tell of the machine, as any window would read them, a minute later. */
async function flows(): Promise<Explanation | undefined> {
  const { base64 } = await backend.handlers['frames.read']({ after: 0, mostBytes: 4_000_000 })
  const session = new Session()
  session.push(Buffer.from(base64, 'base64'))
  const attempt = session.trace.machines.find((one) => one.name === mac)?.attempts.at(-1)
  if (!attempt) return undefined
  const explanation = explainAttempt(session.store, attempt, { nowNs: attempt.lastNs + 60e9, isLive: true })
  return named(explanation, machineNames(session.trace.machines, givenNames(labOf()).byMac), mac)
}
const told = (until: (explanation: Explanation) => boolean): Promise<Explanation> =>
  vi.waitUntil(async () => {
    const explanation = await flows()
    return explanation && until(explanation) ? explanation : undefined
  }, 60_000)

/** What every page says of the machine, which must be the same: its row, the log, the notice, the problems. */
async function agreed(pattern: RegExp, failures = 1): Promise<void> {
  const client = await vi.waitUntil(async () => {
    const one = (await backend.handlers['clients.list']({})).find((each) => each.mac === mac)
    const [boot] = one?.boots ?? []
    // Of several boots the newest.
    return boot?.stage === 'failed' && (failures === 1 || pattern.test(boot.detail)) ? one : undefined
  }, 60_000)
  const { detail, code, causes, outcome } = client.boots[0]!
  expect(detail).toMatch(pattern)
  expect(outcome).toBe('failed')
  const explanation = (await flows())!
  expect(explanation.headline).toBe(`${detail}.`)
  expect(explanation.causes).toEqual(causes)
  // What to do is for whoever has this lab, not for whoever has another server.
  expect(explanation.fixes.length).toBeGreaterThan(0)
  expect(explanation.fixes.join(' ')).not.toMatch(/WDS|Windows/)
  expect(explanation.code?.code ?? null).toBe(code)
  const lines = await backend.handlers['log.list']({})
  const failed = lines.filter((one) => one.type === 'boot-failed' && one.mac === mac)
  expect(failed).toHaveLength(failures)
  expect(failed.at(-1)).toMatchObject({ mac, level: 'problem', text: `${name} (${mac}): ${detail}. ${causes[0]}` })
  const problems = await backend.handlers['problems.list']({})
  expect(problems.filter((one) => one.about === mac)).toEqual([{ about: mac, text: `${name}: ${detail}`, remedy: causes[0] }]) // prettier-ignore
  await vi.waitUntil(() => (pushed<Counters>('counters').at(-1)?.problems ?? 0) === problems.length, 60_000)
  const notices: Notice[] = []
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  try {
    new FailureNotices((notice) => notices.push(notice), 0).hear([client], true)
    vi.runAllTimers()
  } finally {
    vi.useRealTimers()
  }
  expect(notices).toEqual([{ title: `Boot failed: ${name}`, body: detail, mac }])
  expect(client.name).toBe(name)
  // Whoever reads it in a sentence reads its name: once with the address, and then alone.
  for (const text of [...lines.map((one) => one.text), ...problems.map((one) => one.text), detail, ...causes])
    expect(text.replaceAll(`${name} (${mac})`, '')).not.toContain(mac)
}

const pushed = <T>(name: string): T[] => pushes.flatMap(({ push, value }) => (push === name ? [value as T] : []))

describe('what the responder decides is in the packets of the lab', () => {
  test('a machine that does not trust the certificate, and one that does', async () => {
    await start({
      ...dhcpLab,
      https: { enabled: true, port: http },
      boot: { programs: [{ architecture: 'x64-uefi-http', file: 'there.efi' }] },
    })
    const report = (await backend.handlers['https.read']({}))!
    expect(report).toMatchObject({ isOwn: true, warnings: [], server: { names: ['127.0.0.1'], key: 'RSA 3072' } })
    const { pem, der, list, name: authority } = report.authority!
    const uefi = { ...pxe(16), vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' }
    const offer = await ask({ type: 'discover', xid: 1, ...uefi }, ports.dhcp)
    const address = formatIpv4(offer!.yiaddr)
    await ask({ type: 'request', xid: 1, ...uefi, requested: address, server }, ports.dhcp)
    const curl = (...values: string[]): Promise<number> =>
      new Promise((resolve) => {
        execFile('curl', ['-s', '--interface', address, '-o', join(root, 'loaded'), ...values, `https://${server}:${http}/there.efi`], (error) => resolve(error ? Number(error.code) : 0)) // prettier-ignore
      })
    // Nobody is enrolled in it.
    expect(await curl()).toBe(60)
    await agreed(/^The TLS handshake failed$/)
    const { sentences, causes } = (await flows())!
    expect(sentences.map(({ text }) => text).join(' ')).toMatch(/with the alert "unknown CA": it does not trust the CA/)
    expect(causes[0]).toMatch(/does not trust the CA that issued the certificate/)
    const lines = (await backend.handlers['log.list']({})).map(({ text }) => text)
    expect(lines).toContainEqual(expect.stringMatching(/did not complete the TLS handshake: it sent the TLS alert "unknown ca"/)) // prettier-ignore
    // What a window hands out makes the difference, and its forms are one certificate.
    writeFileSync(join(root, 'ca.pem'), Buffer.from(pem, 'base64'))
    expect(await curl('--cacert', join(root, 'ca.pem'))).toBe(0)
    expect(readFileSync(join(root, 'loaded'))).toEqual(readFileSync(join(root, 'boot/there.efi')))
    const raw = new X509Certificate(Buffer.from(pem, 'base64')).raw
    expect(Buffer.from(der, 'base64')).toEqual(raw)
    expect(Buffer.from(list, 'base64').subarray(44)).toEqual(raw)
    expect(authority).toMatch(/^CN=PXE Lab CA /)
  })

  test('a file that is not there, with the ERROR that was sent', async () => {
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'missing.efi' }] } })
    const client = await new TftpClient(ports.tftp, await getAddress()).open()
    await client.load('missing.efi')
    client.close()
    const { headline, causes, code } = await told((one) => one.failure !== undefined)
    expect(headline).toBe('Boot file not found (PXE-E23).')
    expect(code?.code).toBe('PXE-E23')
    expect(causes[0]).toBe('There is no such file: missing.efi.')
    expect(causes.join(' ')).not.toMatch(/firewall/i)
    await agreed(/^Boot file not found \(PXE-E23\)$/)
  })

  test('a machine without a rule', async () => {
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] } })
    const address = await getAddress(11)
    // It gives its address back from another one, which is ignored and explains nothing.
    await ask({ type: 'release', ...pxe(11), ciaddr: address, server }, ports.dhcp, 500)
    const ignored = `${name} (${mac}) is ignored: its RELEASE of ${address} came from ${server}`
    await vi.waitUntil(
      async () => (await backend.handlers['log.list']({})).some(({ text }) => text === ignored),
      60_000,
    )
    const { headline, causes } = await told((one) => one.failure !== undefined)
    expect(headline).toMatch(/^PXE Lab does not boot this machine: .* \(PXE-E16\)\.$/)
    expect(causes).toHaveLength(1)
    await agreed(/^PXE Lab does not boot this machine: /)
  })

  test('a machine that is not to be answered', async () => {
    await start({ ...dhcpLab, clients: { deny: [mac] }, boot: { programs: [] } })
    expect(await ask({ type: 'discover', ...pxe(7) }, ports.dhcp, 500)).toBeUndefined()
    const { headline } = await told((one) => one.failure !== undefined)
    expect(headline).toMatch(/^PXE Lab did not answer: .* \(PXE-E18\)\.$/)
    await agreed(/^PXE Lab did not answer: /)
  })

  test('a pool without a free address', async () => {
    await start({ mode: 'dhcp', dhcp: addresses('127.9.0.1', '127.9.0.1'), boot: { programs: [] } })
    await ask({ type: 'discover', mac: '52:54:00:77:00:02', ...pxe(7) }, ports.dhcp)
    expect(await ask({ type: 'discover', ...pxe(7) }, ports.dhcp, 500)).toBeUndefined()
    const { headline } = await told((one) => one.failure !== undefined)
    expect(headline).toMatch(/^No free address: .*127\.9\.0\.1.* \(PXE-E18\)\.$/)
    await agreed(/^No free address: /)
  })

  test('an address that is refused', async () => {
    await start({ ...dhcpLab, boot: { programs: [] } })
    await ask({ type: 'discover', ...pxe(7) }, ports.dhcp)
    await ask({ type: 'request', ...pxe(7), requested: '10.9.9.9', server }, ports.dhcp)
    const { headline, causes } = await told((one) => one.failure !== undefined)
    expect(headline).toBe('The DHCP server refused the address (PXE-E18).')
    expect(causes[0]).toBe('The address is in no pool.')
    await agreed(/^The DHCP server refused the address/)
  })

  test('a program of another architecture, and a transfer that the client breaks off', async () => {
    writeFileSync(join(root, 'boot/arm.efi'), peProgram(0xaa64, 2000))
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'arm.efi' }] } })
    const address = await getAddress()
    const client = await new TftpClient(ports.tftp, address).open()
    await client.load('arm.efi')
    await agreed(/^The boot program is for another kind of machine/)
    client.close()
    // Switched off and on, its next boot is another one.
    await getAddress(7, 2)
    const again = await new TftpClient(ports.tftp, address).open()
    await again.ask('rrq', 'there.efi')
    expect(await again.hear()).toMatchObject({ kind: 'data', block: 1 })
    await again.say({ kind: 'error', code: 3, message: 'no room' })
    const { headline, sentences } = await told((one) => one.headline.includes('aborted'))
    expect(headline).toBe('The TFTP transfer was aborted (PXE-E23).')
    expect(sentences.map((one) => one.text).join(' ')).toContain('no room')
    await vi.waitUntil(async () => (await backend.handlers['clients.list']({})).find((each) => each.mac === mac)?.boots[0]?.detail === 'The TFTP transfer was aborted (PXE-E23)', 60_000) // prettier-ignore
    again.close()
  })

  test.each([
    ['zeros', new Uint8Array(3000), 'not a UEFI program: it has no PE header'],
    ['a line of text', Buffer.from('not found\n'), 'text file, not a UEFI program'],
    ['nothing', new Uint8Array(0), 'the file is empty'],
  ])('a file that is no boot program: %s', async (_, content, why) => {
    writeFileSync(join(root, 'boot/wrong.efi'), content)
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'wrong.efi' }] } })
    const client = await new TftpClient(ports.tftp, await getAddress()).open()
    await client.load('wrong.efi')
    client.close()
    await agreed(/^The file that was sent is not a boot program$/)
    expect((await flows())!.causes[0]).toBe(`wrong.efi: ${why}.`)
    // The page of the files says it of the rule.
    const { programs } = await backend.handlers['files.list']({})
    expect(programs[0]!.problem).toEqual(why)
  })

  test('port 4011 of a proxyDHCP: asked and answered, asked and left alone', async () => {
    const askBootServer = (xid: number, architecture = 7) =>
      ask({ type: 'request', xid, ...pxe(architecture), ciaddr: server }, ports.bootServer, 1000)
    const said = async (): Promise<string> => (await flows())!.sentences.map((one) => one.text).join('\n')
    await start({ mode: 'proxy-dhcp', boot: { programs: [{ architecture: 'x64-uefi', file: 'missing.efi' }] } })
    await ask({ type: 'discover', ...pxe(7) }, ports.dhcp)
    // REQUEST and ACK are between the machine and its DHCP server.
    expect(await askBootServer(1)).toBeDefined()
    const client = await new TftpClient(ports.tftp, server).open()
    await client.load('missing.efi')
    client.close()
    await agreed(/^Boot file not found/)
    expect(await said()).toMatch(new RegExp(`It asked the boot server ${server} on port 4011\\. The answer came after .* and names missing\\.efi\\.`)) // prettier-ignore
    // Another kind of machine, which no rule names: nothing it asks is answered.
    await backend.handlers['frames.clear']({})
    await ask({ type: 'discover', xid: 2, ...pxe(11) }, ports.dhcp, 500)
    for (let count = 0; count < 3; count++) expect(await askBootServer(2, 11)).toBeUndefined()
    await agreed(/^PXE Lab does not boot this machine: .* \(PXE-E16\)$/, 2)
    expect(await said()).toContain(`It asked ${server} 3 times on port 4011, and no answer came.`)
  })

  test('a machine that waits for approval, and is refused', async () => {
    await start({ mode: 'proxy-dhcp', role: 'wds', wds: { approve: true } })
    await ask({ type: 'discover', ...pxe(7) }, ports.dhcp)
    // As the program of WDS asks, which the machine has loaded by then: with option 250.
    const askWds = (): Promise<unknown> =>
      ask({ type: 'request', ...pxe(7), ciaddr: server, options: [{ code: 250, data: Uint8Array.of(12, 1, 1, 255) }] }, ports.bootServer, 1000) // prettier-ignore
    await askWds()
    const row = async () => (await backend.handlers['clients.list']({})).find((each) => each.mac === mac)?.boots[0]
    await vi.waitUntil(async () => (await row())?.stage === 'approval', 60_000)
    expect(await row()).toMatchObject({ outcome: 'waiting', detail: 'Waiting for approval (pending request ID 1)' })
    expect((await flows())!.headline).toBe('Waiting for approval (pending request ID 1).')
    expect((await backend.handlers['problems.list']({})).filter((one) => one.about === mac)).toEqual([])
    await backend.handlers['approvals.decide']({ request: 1, verdict: 'refuse', name: '' })
    await askWds()
    await agreed(/^An administrator refused this machine/)
  })

  test('of a fast transfer a part, which is told; or every packet, where that is wanted', async () => {
    writeFileSync(join(root, 'boot/there.efi'), peProgram(0x8664, 600_000))
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] } })
    const address = await getAddress()
    const load = async (): Promise<void> => {
      const client = await new TftpClient(ports.tftp, address).open()
      await client.load('there.efi', { blksize: 1000, windowsize: 16 })
      client.close()
    }
    const loaded = (one: Explanation): string | undefined => one.sentences.findLast(({ text }) => text.startsWith('It loaded'))?.text // prettier-ignore
    await load()
    const part = loaded(await told((one) => loaded(one)?.includes('not kept') ?? false))
    expect(part).toMatch(/block size 1000, window 16, (?:\d+ blocks? sent again, )?\d+ blocks not kept\.$/)
    expect(await backend.handlers['frames.keep']({ all: true })).toMatchObject({ keepsAllPackets: true })
    await backend.handlers['frames.clear']({})
    // Every window hears at once that what it has is not what is kept.
    const { generation } = await backend.handlers['frames.range']({})
    expect(pushed<{ generation: number }>('frames').at(-1)).toMatchObject({ generation })
    await load()
    // An empty one ends it, for its size is a multiple of the block size.
    const blocks = async () =>
      new Set((await kept()).map((one) => /^DATA \d+/.exec(inEnglish(one.summary))?.[0]).filter(Boolean))
    await vi.waitUntil(async () => (await blocks()).size === 601, 60_000)
    expect((await kept()).some((one) => one.isMalformed)).toBe(false)
    expect(await backend.handlers['frames.keep']({ all: false })).toMatchObject({ keepsAllPackets: false })
  })

  test('a machine that requests nothing: nothing speaks of a capture, for there is none', async () => {
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] } })
    await getAddress()
    const unseen = 'no request for it was seen by PXE Lab'
    const { sentences, headline } = await told((one) => `${one.headline} ${one.sentences.map(({ text }) => text).join(' ')}`.includes(unseen)) // prettier-ignore
    const row = (await backend.handlers['clients.list']({})).find((each) => each.mac === mac)
    const all = [headline, row?.boots[0]?.detail ?? '', ...sentences.map((one) => one.text)].join('\n')
    expect(all).toContain(unseen)
    expect(all).not.toMatch(/capture/i)
  })

  test('a file over HTTP, as requested, answered and sent', async () => {
    await start({
      ...dhcpLab,
      boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] },
      http: { enabled: true, port: http },
    })
    // iPXE is told by DHCP and loads by HTTP; the connection comes from the address that it was given.
    const address = await getAddress()
    const { get } = await import('node:http')
    const load = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        get({ host: server, port: http, path, localAddress: address, agent: false }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode!))
        }).on('error', reject)
      })
    expect(await load('/there.efi')).toBe(200)
    const { sentences, outcome } = await told((one) => one.sentences.some(({ text }) => text.startsWith('It loaded')))
    expect(outcome).toBe('loaded')
    expect(sentences.map((one) => one.text).join('\n')).toMatch(/there\.efi.*97\.7 KiB/)
    expect(await load('/gone.efi')).toBe(404)
    await told((one) => one.sentences.some(({ text }) => /gone\.efi.*404/.test(text)))
    // Switched off and on; the file is another one meanwhile.
    writeFileSync(join(root, 'boot/there.efi'), '<!DOCTYPE html>\n<title>Not found</title>\n')
    await getAddress(7, 2)
    expect(await load('/there.efi')).toBe(200)
    await told((one) => one.causes[0] === 'there.efi: web page (HTML), not a UEFI program.' || one.causes[0] === '/there.efi: web page (HTML), not a UEFI program.') // prettier-ignore
  })
})

describe('what stands is counted, and told where it is', () => {
  const told = () => backend.handlers['problems.list']({})
  /** The count that was pushed is that of the list; both may still follow the lab file when this begins. */
  const counted = (): Promise<unknown> =>
    vi.waitUntil(async () => pushed<Counters>('counters').at(-1)?.problems === (await told()).length, 60_000)

  test('a port that another program has, until it starts', async () => {
    const other = createSocket('udp4')
    other.bind(ports.tftp, server)
    await once(other, 'listening')
    await start({ ...dhcpLab, boot: { programs: [] } })
    const { complaint, state } = await backend.handlers['status.read']({})
    expect(state).toBe('problem')
    const about = `port ${ports.tftp}`
    expect((await told()).filter((one) => one.about === about)).toEqual([{ about, text: complaint!.message, remedy: complaint!.remedy }]) // prettier-ignore
    await counted()
    const lines = await backend.handlers['log.list']({})
    expect(lines.filter((one) => one.type === 'not-started').map((one) => one.text)).toEqual([`the responder cannot start: ${complaint!.message}. ${complaint!.remedy}`]) // prettier-ignore
    other.close()
    await once(other, 'close')
    expect(await backend.handlers['responder.start']({})).toMatchObject({ complaint: null })
    expect((await told()).filter((one) => one.about === about)).toEqual([])
    await counted()
  })

  test('a lab without a program for any machine, and for some', async () => {
    await start({ ...dhcpLab, boot: { programs: [] } })
    await vi.waitUntil(
      async () => (await told()).some((one) => one.about === 'lab' && one.text.startsWith('No machine gets anything')),
      60_000,
    )
    await counted()
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'gone.efi' }] } })
    await vi.waitUntil(
      async () => (await told()).some((one) => one.about === 'lab' && one.text.includes('gone.efi')),
      60_000,
    )
    // Kinds of machines that no rule is about may be left out on purpose: told on the page of the lab, and no problem.
    expect((await told()).filter((one) => one.text.includes('no rule of boot.programs matches them'))).toEqual([])
    await counted()
  })

  test('another DHCP server, leases that cannot be stored, an interface that is gone: until it is over', () => {
    const book = new ProblemBook()
    const all = (): string[] =>
      book.all({ complaints: [], lab: { problems: [], notices: [], exists: true }, clients: { failed: () => [] } }).listed.map((one) => one.text) // prettier-ignore
    const rival = { interface: 'eth0', server: '10.0.0.2', role: 'dhcp', offered: '10.0.0.9', vendorClass: '', bootFile: '', nextServer: '' } as const // prettier-ignore
    const hear = (event: object, mode: 'dhcp' | 'proxy-dhcp' = 'dhcp'): void => book.hear({ time: 1, ...event } as LabEvent, mode) // prettier-ignore
    hear({ type: 'other-servers', servers: [rival], complaint: undefined }, 'proxy-dhcp')
    expect(all()).toEqual([])
    hear({ type: 'other-servers', servers: [rival], complaint: undefined })
    hear({ type: 'leases-not-stored', cause: 'the disk is full', remedy: 'Free some.', unanswered: 0 })
    hear({ type: 'interface-lost', interface: 'eth0', address: '10.0.0.1' })
    expect(all()).toEqual([expect.stringContaining('DHCP server 10.0.0.2'), expect.stringContaining('the disk is full'), expect.stringContaining('eth0')]) // prettier-ignore
    hear({ type: 'leases-stored-again', unanswered: 2 })
    hear({ type: 'interface-back', interface: 'eth0', address: '10.0.0.1' })
    hear({ type: 'other-servers', servers: [], complaint: undefined })
    expect(all()).toEqual([])
  })
})

describe('a restart of the back end', () => {
  const seen = async () => ({
    clients: await backend.handlers['clients.list']({}),
    flows: await flows(),
    log: (await backend.handlers['log.list']({})).map(({ time, text, mac: about }) => ({ time, text, about })),
  })
  const restart = async (): Promise<void> => {
    await backend.close()
    backend = new Backend(join(root, 'lab.yaml'), new InProcessResponder())
    await backend.open()
  }

  test('shows the same boots, machines and lines; a second window too', async () => {
    await start({ ...dhcpLab, boot: { programs: [{ architecture: 'x64-uefi', file: 'missing.efi' }] } })
    const client = await new TftpClient(ports.tftp, await getAddress()).open()
    await client.load('missing.efi')
    client.close()
    await agreed(/^Boot file not found/)
    const before = await seen()
    expect(await seen()).toEqual(before)
    await restart()
    const after = await seen()
    expect(after.clients).toEqual(before.clients)
    expect(after.flows).toEqual(before.flows)
    expect(after.log.slice(0, before.log.length)).toEqual(before.log)
    expect((await backend.handlers['problems.list']({})).map((one) => one.about)).toContain(mac)
    // What was told before is no news.
    await vi.waitUntil(async () => (await backend.handlers['frames.read']({ after: 0, mostBytes: 1 })).last > 0, 60_000)
    expect((await seen()).log.filter((one) => one.text.includes('Boot file not found'))).toHaveLength(1)
    if (process.platform !== 'win32')
      for (const file of readdirSync(join(root, 'state/history')))
        expect(statSync(join(root, 'state/history', file)).mode & 0o777, file).toBe(0o600)
    const { id } = await backend.handlers['frames.clear']({})
    expect(await flows()).toBeUndefined()
    // Taken back, it is there again, on the disk too.
    await backend.handlers['frames.restore']({ id })
    expect(() => backend.handlers['frames.restore']({ id })).toThrow('not kept any more')
    expect((await flows())?.outcome).toBe('failed')
    await restart()
    expect((await flows())?.outcome).toBe('failed')
    await backend.handlers['frames.clear']({})
    await restart()
    expect(await flows()).toBeUndefined()
    expect((await seen()).clients).toEqual(before.clients)
  })

  test('with a damaged book and a damaged capture says so, and begins with the rest', async () => {
    await start({ ...dhcpLab, boot: { programs: [] } })
    await getAddress()
    await told((one) => one.failure !== undefined)
    await backend.close()
    writeFileSync(join(root, 'state/history/book.json'), '{"version": 1, "book":')
    appendFileSync(join(root, 'state/history/frames-000001.pcapng'), 'rubbish')
    backend = new Backend(join(root, 'lab.yaml'), new InProcessResponder())
    await backend.open()
    const { log, clients } = await seen()
    expect(log.map((one) => one.text)).toEqual([
      expect.stringMatching(/frames-000001\.pcapng is damaged at byte \d+/),
      expect.stringMatching(/book\.json cannot be read \(it is damaged\); machines and log begin anew\.$/),
    ])
    expect(clients).toEqual([])
    // The frames are there, and the model tells of the machine again.
    await vi.waitUntil(async () => (await seen()).clients.some((one) => one.mac === mac), 60_000)
  })
})
