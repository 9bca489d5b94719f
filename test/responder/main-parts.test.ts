/** Parts of the back end that need no lab around them: each held by its values. */
import { noNames } from '#shared/lab/given-names.ts'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { ownAddresses } from '#shared/machines/machine.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import type { Verdict } from '#shared/contract/calls.ts'
import type { TransferEvent, TransferStatus } from '#shared/contract/events.ts'
import { listBootFiles } from '../../src/main/backend/boot-files.ts'
import { Captures } from '../../src/main/backend/captures.ts'
import { ClientBook, firmwareOf, keptBookSchema, vendorOf } from '../../src/main/backend/client-book.ts'
import { poolFor, propose, subnetFor } from '../../src/main/backend/proposal.ts'
import type { LiveFrames } from '../../src/main/observe/live-frames.ts'
import { selectInterfaces, type NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { PacketSampler } from '../../src/main/responder/tftp/packet-sampler.ts'
import { contentSecurityPolicy } from '../../src/main/web/security.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'
import { peProgram } from '../helpers/boot-programs.ts'

const ip = (text: string): number => parseIpv4(text)!
const nic = (name: string, address: string, prefixLength = 24): NetworkInterface => ({
  name,
  address: ip(address),
  prefixLength,
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  isLoopback: address.startsWith('127.'),
  hasLink: true,
})

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-parts-'))))
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})
const put = (name: string, content: Uint8Array | string): void => {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), content)
}

test('what a page may do: the whole policy', () => {
  expect(contentSecurityPolicy("'self' ws://127.0.0.1:1").split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self' ws://127.0.0.1:1",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
})

describe('the interfaces a lab names', () => {
  const all = [nic('eth0', '10.0.0.1'), nic('eth0', '10.0.1.1'), nic('eth1', '10.0.2.1')]
  const select = (...wanted: string[]) => {
    const { found, missing } = selectInterfaces(wanted, all)
    const index = (address: number): number => all.findIndex((one) => one.address === address)
    return { found: found.map((one) => ownAddresses(one).map((own) => index(own.address))), missing }
  }
  test.each([
    ['a name means all of its addresses', ['eth0'], { found: [[0, 1]], missing: [] }],
    ['an address means itself', ['10.0.1.1'], { found: [[1]], missing: [] }],
    ['a name and one of its addresses are one', ['10.0.1.1', 'eth0', '10.0.0.1'], { found: [[0, 1]], missing: [] }],
    ['two addresses of one interface are one', ['10.0.1.1', '10.0.0.1'], { found: [[1, 0]], missing: [] }],
    ['two names are two', ['eth1', 'eth0'], { found: [[2], [0, 1]], missing: [] }],
    ['what is not there is missing', ['eth9', '10.9.9.9', 'eth1'], { found: [[2]], missing: ['eth9', '10.9.9.9'] }],
  ] as const)('%s', (_, wanted, told) => expect(select(...wanted)).toEqual(told))
})

describe('the packets of a transfer that are shown', () => {
  const transfer = { id: 't', localPort: 4000, buffer: new Uint8Array(516) }
  const data = (block: number, length = 516): Uint8Array => {
    const packet = new Uint8Array(length)
    packet.set([0, 3, block >> 8, block & 255])
    return packet
  }
  const ack = (block: number): Uint8Array => Uint8Array.of(0, 4, block >> 8, block & 255)
  /** A sampler past its first packets, at a time of its own. */
  function past(): PacketSampler {
    vi.useFakeTimers({ toFake: ['performance'] })
    const sampler = new PacketSampler()
    for (let block = 1; block <= 64; block++) sampler.look(transfer, 'out', data(block))
    expect(sampler.take().length).toBe(64)
    // The answer to the last one.
    sampler.look(transfer, 'in', ack(64))
    expect(sampler.take().length).toBe(1)
    return sampler
  }
  const seen = (sampler: PacketSampler, packet: Uint8Array): number => {
    sampler.look(transfer, 'out', packet)
    return sampler.take().length
  }

  test('the first 64 whole, then one in 20 ms with its answer', () => {
    const sampler = past()
    expect(seen(sampler, data(65))).toBe(0)
    vi.advanceTimersByTime(19)
    expect(seen(sampler, data(66))).toBe(0)
    vi.advanceTimersByTime(1)
    expect(seen(sampler, data(67))).toBe(1)
    expect(seen(sampler, ack(67))).toBe(1)
    expect(seen(sampler, ack(67))).toBe(0)
    expect(seen(sampler, data(68))).toBe(0)
  })

  test.each([
    ['an error', Uint8Array.of(0, 5, 0, 2, 0)],
    ['a block that is sent again', data(64)],
    ['a block out of order', data(70)],
    ['the last block, shorter than the others', data(65, 515)],
  ])('%s always', (_, packet) => expect(seen(past(), packet)).toBe(1))

  test('all of them, and whole, where that is wanted', () => {
    const sampler = past()
    sampler.keepsAll = true
    for (const block of [65, 66, 67]) sampler.look(transfer, 'out', data(block))
    sampler.look(transfer, 'in', ack(67))
    expect(sampler.take().map((one) => one.head.length)).toEqual([516, 516, 516, 4])
  })

  test('block 0 follows block 65535', () => {
    const sampler = past()
    sampler.look(transfer, 'out', data(65_535))
    sampler.look(transfer, 'in', ack(65_535))
    sampler.take()
    expect(seen(sampler, data(0))).toBe(0)
  })

  test('with as much of a block as tells what program it begins', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const sampler = new PacketSampler()
    sampler.look({ ...transfer, buffer: new Uint8Array(1472) }, 'out', data(1, 1472))
    sampler.look({ ...transfer, buffer: new Uint8Array(1472) }, 'out', data(2, 1472))
    sampler.look(transfer, 'in', ack(2))
    expect(sampler.take().map(({ length, head, direction, localPort }) => [length, head.length, direction, localPort])).toEqual([[1472, 600, 'out', 4000], [1472, 32, 'out', 4000], [4, 4, 'in', 4000]]) // prettier-ignore
    expect(sampler.take()).toEqual([])
  })

  test('a transfer that is forgotten begins anew', () => {
    const sampler = past()
    sampler.forget('t')
    expect(seen(sampler, data(9))).toBe(1)
  })
})

describe('the boot folder', () => {
  const lab = (...programs: object[]) =>
    labSchema.parse({ interface: 'eth0', mode: 'proxy-dhcp', boot: { files: folder, programs } })

  test('its files by name, with what they are', async () => {
    put('b/x64.efi', peProgram(0x8664))
    put('a.txt', 'text')
    const told = await listBootFiles(lab(), folder)
    expect(told).toMatchObject({ exists: true, isTruncated: false })
    expect(told.files.map((one) => [one.name, one.size > 0])).toEqual([['a.txt', true], ['b/x64.efi', true]]) // prettier-ignore
    expect(told.files[1]!.description).toEqual(expect.stringMatching(/x64|x86-64/i))
  })

  test('a program of another architecture is one complaint, its own none', async () => {
    put('x64.efi', peProgram(0x8664))
    const { programs } = await listBootFiles(
      lab(
        { architecture: 'x64-uefi', file: 'x64.efi' },
        { architecture: 'arm64-uefi', file: 'x64.efi' },
        { architecture: 'bios', file: 'x64.efi' },
        { userClass: 'iPXE', architecture: 'bios', file: 'x64.efi' },
        { architecture: 'bios', file: 'gone.0' },
        { userClass: 'iPXE', file: 'http://10.0.0.1/a.ipxe' },
        { file: 'x64.efi' },
      ),
      folder,
    )
    expect(programs.map((one) => one.problem)).toEqual([
      '',
      'UEFI program, x64 cannot start on UEFI ARM64',
      'UEFI program, x64 cannot start on BIOS: it hangs without a word',
      '',
      'missing: there is no such file',
      '',
      '',
    ])
    expect(programs[5]).toMatchObject({ description: 'an address elsewhere', who: 'iPXE, when it runs' })
    expect(programs[6]!.who).toBe('every client')
    expect(programs[0]!.who).toBe('UEFI x64')
  })

  test('that is not there is a complaint of each file, of addresses none', async () => {
    const told = await listBootFiles(lab({ architecture: 'bios', file: 'a.0' }, { userClass: 'iPXE', file: 'http://10.0.0.1/x' }), join(folder, 'gone')) // prettier-ignore
    expect(told).toMatchObject({ exists: false, files: [] })
    expect(told.programs.map((one) => one.problem)).toEqual(['the boot folder does not exist', ''])
  })
})

describe('a first lab', () => {
  test.each([
    ['10.0.0.1/24', { start: '10.0.0.100', end: '10.0.0.199' }],
    ['10.0.0.150/24', { start: '10.0.0.100', end: '10.0.0.149' }],
    ['10.0.0.120/24', { start: '10.0.0.121', end: '10.0.0.199' }],
    ['10.0.0.1/30', { start: '10.0.0.2', end: '10.0.0.2' }],
    ['10.0.0.1/32', undefined],
  ])('on %s gives %o', (network, pool) => {
    const [address, prefix] = network.split('/')
    expect(poolFor(nic('eth0', address!, Number(prefix)))).toEqual(pool)
  })

  test('serves the network of its interface', () => {
    expect(subnetFor(nic('eth0', '10.1.2.3', 16)).subnet).toBe('10.1.0.0/16')
    expect(subnetFor(nic('eth0', '10.1.2.3', 32)).pools).toEqual([])
  })

  test.each([
    ['nobody', 'dhcp'],
    ['another', 'proxy-dhcp'],
    ['this', 'boot-server'],
  ] as const)('where %s gives addresses is %s, with the programs of the folder', (giver, mode) => {
    put('ipxe/ipxe.efi', '')
    put('undionly.kpxe', '')
    const told = propose(nic('eth0', '10.0.0.1'), giver, './files', folder)
    expect(told).toMatchObject({ mode, warnings: [] })
    expect(told.text).toMatch(/bios[^]*undionly\.kpxe[^]*x64-uefi[^]*ipxe\/ipxe\.efi/)
    expect(told.text.includes('10.0.0.0/24')).toBe(mode === 'dhcp')
  })

  test.each([
    ['nobody', 'dhcp', 'DHCPv6 server', {}],
    ['another', 'proxy-dhcp', 'Boot information beside the DHCPv6 server', null],
    ['this', 'boot-server', 'File server beside the DHCPv6 server of this machine', null],
  ] as const)(
    'an interface with IPv6 alone, where %s gives addresses: %s over IPv6',
    (giver, mode, title, advertised) => {
      put('ipxe/ipxe.efi', '')
      const over6 = { ...nic('eth0', '0.0.0.0', 0), ipv6: [{ address: 'fe80::1', prefixLength: 64 }, { address: 'fd00:77::1', prefixLength: 64 }] } // prettier-ignore
      const told = propose(over6, giver, './files', folder)
      expect(told).toMatchObject({ mode, title, warnings: [] })
      const parsed = parseLab(told.text)
      expect(parsed).toMatchObject({ ok: true, lab: { interface: 'eth0', mode, dhcp: { subnets: [] }, ipv6: { enabled: true, subnets: [] }, boot: { programs: [{ file: 'ipxe/ipxe.efi' }] } } }) // prettier-ignore
      if (parsed.ok) expect(parsed.lab.ipv6.routerAdvertisements === null ? null : {}).toEqual(advertised)
      const { warnings } = propose({ ...over6, ipv6: [over6.ipv6[0]!] }, giver, './files', folder)
      expect(warnings.map((one) => one.includes('no network to give addresses in'))).toEqual(
        mode === 'dhcp' ? [true] : [],
      )
    },
  )

  test('warns of an empty folder, of loopback, and of a network without room', () => {
    expect(propose(nic('lo', '127.0.0.1', 32), 'nobody', '.', folder).warnings).toEqual([
      expect.stringContaining('leaves no address to give'),
      expect.stringContaining('reaches this machine only'),
      expect.stringContaining('No known boot program'),
    ])
  })
})

describe('the book of machines', () => {
  const identity = (more: Partial<ClientIdentity> = {}): ClientIdentity => ({
    mac: '52:54:00:00:00:01',
    uuid: undefined,
    architecture: 7,
    architectures: [],
    vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
    userClasses: [],
    isIpxe: false,
    isRaspberryPi: false,
    boot: 'pxe',
    hostName: undefined,
    ...more,
  })
  const seen = (time: number, client = identity()) =>
    ({ type: 'client-seen', time, client, message: 'DISCOVER' }) as never
  const has = (time: number, client = identity()) =>
    ({ type: 'dhcp-acknowledged', time, client, address: '10.0.0.9' }) as never
  const transfer: TransferStatus = { id: 'a', client: '10.0.0.9', file: 'x.efi', kind: 'read', size: 1000, blockSize: 512, windowSize: 1, bytes: 0, retransmissions: 0 } // prettier-ignore
  const moved = (time: number, event: TransferEvent) => ({ time, ...event }) as never
  const ended = (outcome: 'completed' | 'client-silent' | 'size-probe', message = '') =>
    ({ type: 'transfer-ended', transfer: { ...transfer, bytes: 1000 }, outcome, message, durationMs: 500 }) as const

  test.each([
    [{ isIpxe: true }, 'iPXE, UEFI x64'],
    [{ boot: 'http', architecture: 16 }, 'UEFI x64 HTTP boot'],
    [{ vendorClass: 'U-Boot.armv8', architecture: 22 }, 'U-Boot ARM64'],
    [{}, 'UEFI x64 (EDK2)'],
    [{ architecture: 0, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' }, 'BIOS boot ROM'],
    [
      { isRaspberryPi: true, architecture: 41, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' },
      'Raspberry Pi boot loader',
    ],
    [{ vendorClass: 'PXEClient', architecture: undefined }, 'BIOS boot ROM'],
    [{ boot: 'none', vendorClass: 'MSFT 5.0', architecture: undefined }, 'Windows or Windows PE'],
    [{ boot: 'none', vendorClass: 'udhcp 1.36.1' }, 'udhcp'],
    [{ boot: 'none', vendorClass: '' }, 'DHCP client'],
  ] as const)('%o is %s', (more, name) => expect(firmwareOf(identity(more))).toBe(name))

  test('a maker by the first octets, or nobody', () => {
    expect(vendorOf('00:50:56:00:00:01')).toMatch(/VMware/i)
    expect(vendorOf('02:00:00:00:00:01')).toBe('locally administered')
    for (const nobody of ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01'])
      expect(vendorOf(nobody)).toBe('')
  })

  const verdict = (startedAt: number, more: Partial<Verdict> = {}): Verdict => ({
    mac: identity().mac,
    startedAt,
    lastAt: startedAt + 500,
    outcome: 'waiting',
    stage: 'offered',
    headline: 'Waiting for the ACK',
    code: null,
    causes: [],
    firmware: 'UEFI x64 (EDK2)',
    hostName: '',
    ...more,
  })

  test('a machine from its first event to its file; what its boot is, the model says', () => {
    const book = new ClientBook()
    book.hear(seen(1000))
    expect(book.all()).toMatchObject([{ firmware: 'UEFI x64 (EDK2)', address: null, boots: [{ stage: 'seen', startedAt: 1000 }] }]) // prettier-ignore
    book.hear(has(2000))
    expect(book.macOf('10.0.0.9')).toBe('52:54:00:00:00:01')
    expect(book.judge(verdict(999))).toBe(false)
    expect(book.all()[0]).toMatchObject({ address: '10.0.0.9', boots: [{ startedAt: 999, stage: 'offered', detail: 'Waiting for the ACK' }] }) // prettier-ignore
    book.hear(moved(3000, { type: 'transfer-started', transfer }))
    book.hear(moved(3500, { type: 'transfer-progress', transfer: { ...transfer, bytes: 500 } }))
    expect(book.all()[0]!.boots[0]!.files).toMatchObject([{ state: 'loading', bytes: 500, rate: 1000 }])
    expect(book.activeBoots(3600)).toBe(1)
    book.hear(moved(4000, ended('completed')))
    expect(book.all()[0]!.boots[0]!.files).toMatchObject([{ state: 'done', bytes: 1000, rate: 2000 }])
    book.judge(verdict(999, { lastAt: 4000, outcome: 'loaded', stage: 'loaded' }))
    expect([book.activeBoots(33_999), book.activeBoots(34_000)]).toEqual([1, 0])
    expect(book.all()[0]!.boots).toMatchObject([{ stage: 'loaded', files: [{ file: 'x.efi' }] }])
  })

  test('a Raspberry Pi, which takes an offer without a REQUEST, and a BOOTP client have the address of what they load', () => {
    const pi = identity({ isRaspberryPi: true, architecture: 41, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' })
    const offered = (client: ClientIdentity) =>
      ({ type: 'dhcp-offered', time: 1000, client, address: '10.0.0.9', boot: undefined }) as never
    const book = new ClientBook()
    book.hear(offered(identity()))
    expect(book.macOf('10.0.0.9')).toBeUndefined()
    book.hear(offered(pi))
    book.hear(moved(1100, { type: 'transfer-started', transfer }))
    expect(book.all()[0]).toMatchObject({
      firmware: 'Raspberry Pi boot loader',
      address: '10.0.0.9',
      boots: [{ files: [{ state: 'loading' }] }],
    })
    const bootp = new ClientBook()
    bootp.hear({ type: 'bootp-answered', time: 1000, client: identity({ boot: 'none', vendorClass: '' }), address: '10.0.0.9', boot: undefined } as never) // prettier-ignore
    expect(bootp.macOf('10.0.0.9')).toBe('52:54:00:00:00:01')
  })

  test('a question about the size is no file; a transfer that broke off says why', () => {
    const book = new ClientBook()
    book.hear(has(1000))
    book.hear(moved(1100, { type: 'transfer-started', transfer }))
    book.hear(moved(1200, ended('size-probe')))
    expect(book.all()[0]!.boots[0]!.files).toEqual([])
    expect(book.size).toMatchObject({ rates: 0 })
    book.hear(moved(1300, { type: 'transfer-started', transfer }))
    book.hear(moved(1400, ended('client-silent', 'the client went silent')))
    expect(book.size).toMatchObject({ rates: 0 })
    expect(book.all()[0]!.boots[0]!.files).toMatchObject([{ state: 'failed', detail: 'the client went silent' }])
  })

  test('each file belongs to the boot in which it was asked for; the newest boot is first', () => {
    const book = new ClientBook()
    book.hear(has(1000))
    book.hear(moved(1100, { type: 'transfer-started', transfer }))
    book.hear(moved(1200, ended('completed')))
    book.judge(verdict(900))
    book.judge(verdict(90_000, { outcome: 'failed', stage: 'failed' }))
    book.hear(moved(91_000, { type: 'transfer-started', transfer: { ...transfer, file: 'y.efi' } }))
    expect(book.all()[0]!.boots.map((boot) => [boot.startedAt, boot.files.map((one) => one.file)])).toEqual([[90_000, ['y.efi']], [900, ['x.efi']]]) // prettier-ignore
    // Of a boot whose beginning is not kept any more the model may see the rest.
    expect(book.judge(verdict(90_300))).toBe(false)
    expect(book.all()[0]!.boots).toHaveLength(2)
  })

  test('a failure is news once in a boot, and another failure of that boot is news where it had not failed any more', () => {
    const book = new ClientBook()
    const failed = verdict(1000, { outcome: 'failed', stage: 'failed', headline: 'Boot file not found (PXE-E23)' })
    expect([book.judge(failed), book.judge({ ...failed, lastAt: 1700 })]).toEqual([true, false])
    expect(book.failed()).toMatchObject([{ mac: failed.mac, verdict: { headline: 'Boot file not found (PXE-E23)' } }])
    book.judge(verdict(1000))
    expect(book.failed()).toEqual([])
    // It went on, and failed as before: the page shows it, nobody is told again.
    expect(book.judge(failed)).toBe(false)
    expect(book.failed()).toHaveLength(1)
    book.judge(verdict(1000))
    const other = { ...failed, headline: 'No boot filename (PXE-E53)' }
    expect([book.judge(other), book.judge({ ...failed, startedAt: 90_000 })]).toEqual([true, true])
  })

  test('a machine that the packets show and no event told of is there; one without a hardware address goes by its IP address', () => {
    const book = new ClientBook()
    book.judge(verdict(1000, { mac: '52:54:00:00:00:07' }))
    book.judge(verdict(1000, { mac: '10.0.0.77' }))
    book.judge(verdict(1000, { mac: 'fd00::77' }))
    book.hear({ type: 'transfer-started', time: 1000, transfer: { ...transfer, client: 'fd00::77' } })
    book.judge(verdict(1000, { mac: '52:54:11:22:33:44:55:66' }))
    book.hear(has(1100))
    book.judge(verdict(1000, { mac: '10.0.0.9' }))
    expect(book.all().map((one) => [one.mac, one.address, one.boots.length]).sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1))).toEqual([['52:54:00:00:00:01', '10.0.0.9', 1], ['52:54:00:00:00:07', null, 1], ['52:54:11:22:33:44:55:66', null, 1], ['at 10.0.0.77', '10.0.0.77', 1], ['at fd00::77', 'fd00::77', 1]]) // prettier-ignore
  })

  test('what is kept for the next run is what it begins with', () => {
    const book = new ClientBook()
    book.hear(has(1000))
    book.hear(moved(1100, { type: 'transfer-started', transfer }))
    book.judge(verdict(999, { outcome: 'failed', stage: 'failed' }))
    const next = new ClientBook()
    next.restore(keptBookSchema.parse(JSON.parse(JSON.stringify(book.kept))))
    expect(next.macOf('10.0.0.9')).toBe('52:54:00:00:00:01')
    expect(next.all()).toMatchObject([{ address: '10.0.0.9', boots: [{ outcome: 'failed', files: [{ state: 'failed', detail: 'PXE Lab ended meanwhile' }] }] }]) // prettier-ignore
    expect(next.judge(verdict(999, { outcome: 'failed', stage: 'failed' }))).toBe(false)
  })

  test('a clock that is set back by an hour holds up nothing', () => {
    const hour = 3_600_000
    const book = new ClientBook()
    book.hear(has(hour + 1000))
    book.hear(moved(hour + 1100, { type: 'transfer-started', transfer }))
    // Who was heard of an hour ahead is not active until then.
    expect(book.activeBoots(2000)).toBe(0)
    book.hear(moved(1000, { type: 'transfer-progress', transfer: { ...transfer, bytes: 100 } }))
    book.hear(moved(1500, { type: 'transfer-progress', transfer: { ...transfer, bytes: 600 } }))
    expect(book.all()[0]!.boots[0]!.files).toMatchObject([{ bytes: 600, rate: 1000 }])
    expect(book.activeBoots(2000)).toBe(1)
  })

  test('what changed is told once; who is reserved is asked each time', () => {
    const book = new ClientBook()
    book.hear(seen(1000))
    book.hear(seen(1000, identity({ mac: '52:54:00:00:00:02' })))
    expect(book.takeChanged(1).length).toBe(1)
    expect(book.takeChanged().length).toBe(1)
    expect(book.takeChanged()).toEqual([])
    book.setLab((mac) => mac.endsWith('02'), noNames)
    expect(book.takeChanged().map((one) => one.isReserved)).toEqual([false, true])
  })

  test('a check of PXE Lab is no machine, and no boot that is active', () => {
    const book = new ClientBook()
    const check = identity({ mac: '02:50:58:45:4c:43' })
    book.hear(seen(1000, check))
    book.judge(verdict(1000, { mac: check.mac, outcome: 'check', stage: 'seen' }))
    expect(book.activeBoots(1200)).toBe(0)
    expect(book.takeChanged()).toEqual([])
    book.hear(seen(1100))
    expect(book.all().map(({ mac }) => mac)).toEqual([identity().mac])
  })

  test('two thousand machines are kept, those that were heard of last', () => {
    const book = new ClientBook()
    const mac = (index: number): string => `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}` // prettier-ignore
    for (let index = 0; index < 2001; index++) book.hear(seen(index, identity({ mac: mac(index) })))
    expect(book.all().length).toBe(2000)
    expect(book.all().some((one) => one.mac === mac(0))).toBe(false)
  })
})

describe('the captures of a lab', () => {
  const captures = () =>
    new Captures({ frames: {} as LiveFrames, folder: () => folder, httpPorts: () => [], onChange: () => {} })

  test('are read a piece at a time, to the end and not beyond', () => {
    put('a.pcapng', Buffer.alloc(1_500_000, 7))
    const one = captures()
    expect([0, 1_048_576, 1_500_000, 9_000_000].map((at) => one.read('a.pcapng', at).bytes)).toEqual([1_048_576, 451_424, 0, 0]) // prettier-ignore
    expect(Buffer.from(one.read('a.pcapng', 1_499_999).base64, 'base64')).toEqual(Buffer.of(7))
    expect(() => one.read('b.pcapng', 0)).toThrow('there is no capture b.pcapng')
  })

  test('are listed and deleted', () => {
    put('a.pcapng', 'x')
    // A link to nothing is as one that went away while the folder was read.
    if (process.platform !== 'win32') symlinkSync('gone', join(folder, 'b.pcapng'))
    expect(captures().list().map((one) => one.name)).toEqual(['a.pcapng']) // prettier-ignore
    expect(captures().delete('a.pcapng')).toEqual([])
  })

  test('nothing runs at first', async () => {
    expect(captures().state).toMatchObject({ interface: null, file: '', startedAt: null, frames: 0, complaint: null })
    expect(await captures().stop()).toMatchObject({ interface: null })
  })
})
