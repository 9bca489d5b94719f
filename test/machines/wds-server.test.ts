/** The boot half of WDS, a message at a time: whom it answers, where, and what the dialogue of option 250 says. */
import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeText, encodeText, formatHex, formatIpv4, u32At } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, encodeDhcp, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { decodeSpace } from '#shared/wire/dhcp/spaces.ts'
import type { IncomingDatagram, OutgoingDatagram } from '#shared/machines/machine.ts'
import { WdsServer, type WdsServerConfiguration, type WdsServerEvent } from '#shared/machines/wds-server.ts'
import { PendingRequests, mostRequests } from '#shared/machines/pending-requests.ts'
import { windowsLogLine } from '#shared/machines/windows-log.ts'
import { windowsPrograms } from '#shared/machines/windows-programs.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const next = 'boot\\x64\\bootmgfw.efi'
const programs = { first: 'boot\\x64\\wdsmgfw.efi', next: { optIn: next, noPrompt: next }, bcd: '\\Tmp\\x.bcd' }
const machine = (more: Partial<WdsServerConfiguration> = {}, requests?: PendingRequests): WdsServer =>
  new WdsServer(configuration(more), requests)
const configuration = (more: Partial<WdsServerConfiguration>): WdsServerConfiguration => ({
  product: 'WDS',
  ports: { dhcp: 67, bootServer: 4011 },
  filter: { allow: [], deny: [] },
  architectureDiscovery: true,
  deployments: undefined,
  interfaces: [{ name: 'eth0', address: ip('192.168.77.20'), prefixLength: 24, mtu: 1500 }],
  offers: true,
  answer: 'all',
  devices: [],
  responseDelaySeconds: 0,
  programs: new Map([[7, programs]]),
  approval: undefined,
  prompt: 'noPrompt',
  ...more,
})

interface Said {
  readonly sent: OutgoingDatagram | undefined
  readonly reply: DhcpMessage | undefined
  readonly event: WdsServerEvent | undefined
}

function say(server: WdsServer, one: Partial<ClientRequest>, from: Partial<IncomingDatagram> = {}, now = 0, header: Partial<DhcpMessage> = {}): Said {
  const message = { ...request({ type: 'discover', ...pxe(7), ...one }), ...header }
  server.handle({ ...arriving(message, from), payload: encodeDhcp(message) }, now)
  const sent = server.pollTransmit()
  expect(server.pollTransmit()).toBeUndefined()
  return { sent, reply: sent && decodeDhcp(sent.payload).message, event: sent?.event ?? server.pollEvent() }
} // prettier-ignore

const toPort4011 = { source: { address: ip('192.168.77.50'), port: 4011 }, destinationPort: 4011 }
const option250 = { code: 250, data: Uint8Array.of(12, 1, 1, 255) }
const talk = (server: WdsServer, now = 0, more: Partial<ClientRequest> = {}): Said =>
  say(server, { type: 'request', ciaddr: '192.168.77.50', options: [option250], ...more }, toPort4011, now)
const sub = ({ reply }: Said): string[] =>
  decodeSpace('wds', findOptionData(reply!, 250)!).subOptions.map(({ name, text }) => `${name} ${inEnglish(text)}`)

describe('an offer', () => {
  test.each<[string, Partial<ClientRequest>, string, number]>([
    ['to everyone', {}, '255.255.255.255', 68],
    ['to a client that has an address', { ciaddr: '192.168.77.50' }, '192.168.77.50', 68],
    ['to the relay', { giaddr: '192.168.78.1' }, '192.168.78.1', 67],
  ])('goes %s', (_, one, address, port) => {
    const { sent } = say(machine(), one)
    expect({ ...sent!.destination, address: formatIpv4(sent!.destination.address) }).toEqual({ address, port })
    expect(sent!.sourcePort).toBe(67)
  })

  test('names the server and no file, gives no address, and returns what identifies the client', () => {
    const { reply, event } = say(machine(), { flags: 0, options: [{ code: 82, data: Uint8Array.of(1, 1, 65) }] })
    expect(reply).toMatchObject({ op: 2, yiaddr: 0, siaddr: ip('192.168.77.20'), flags: 0x8000, xid: 0x1234 })
    expect(bootFileOf(reply!)).toBe('')
    expect(reply!.options.map(({ code }) => code)).toEqual([53, 54, 60, 97, 82])
    expect([findOptionData(reply!, 53)![0], u32At(findOptionData(reply!, 54)!, 0)]).toEqual([2, ip('192.168.77.20')])
    expect(event?.type).toBe('wds-offered')
  })

  test.each<[string, Partial<WdsServerConfiguration>, Partial<ClientRequest>, Partial<DhcpMessage>, RegExp | undefined]>([
    ['an answer of none', { answer: 'none' }, {}, {}, /^it is set to answer no client$/],
    ['an unknown client', { answer: 'known' }, {}, {}, /^it answers known clients only$/],
    ['a known client', { answer: 'known', devices: [{ mac: '52:54:00:77:00:01' }] }, {}, {}, undefined],
    ['a client that has not waited', { responseDelaySeconds: 4 }, {}, { secs: 3 }, /^the response delay of 4 s: the client has waited 3 s$/],
    ['a client that has', { responseDelaySeconds: 4 }, {}, { secs: 4 }, undefined],
    ['an architecture without a program', {}, pxe(11), {}, /^there is no boot program for architecture 11$/],
  ])('%s', (_, configuration, one, header, reason) => {
    const { sent, event } = say(machine(configuration), one, {}, 0, header)
    if (reason) expect(event).toMatchObject({ type: 'wds-ignored', reason: expect.stringMatching(reason) as unknown })
    expect(sent === undefined).toBe(reason !== undefined)
  }) // prettier-ignore

  test.each<[string, Partial<ClientRequest>, Partial<IncomingDatagram>, Partial<DhcpMessage>]>([
    ['another interface', {}, { interface: 'eth9' }, {}],
    ['a reply', {}, {}, { op: 2 }],
    ['a REQUEST on port 67', { type: 'request' }, {}, {}],
    ['a DISCOVER on port 4011', {}, { destinationPort: 4011 }, {}],
    ['a client that does not boot', { vendorClass: 'MSFT 5.0' }, {}, {}],
  ])('%s is not for it', (_, one, from, header) => {
    expect(say(machine(), one, from, 0, header)).toEqual({ sent: undefined, reply: undefined, event: undefined })
  })
})

describe('port 4011', () => {
  test('the firmware gets the first program, from that port, where it asked from; the delay is for offers alone', () => {
    const told = say(machine({ responseDelaySeconds: 30 }), { type: 'request', ciaddr: '192.168.77.50' }, toPort4011)
    expect(told.sent).toMatchObject({ sourcePort: 4011, destination: toPort4011.source })
    expect(told.reply).toMatchObject({ ciaddr: ip('192.168.77.50'), giaddr: 0, siaddr: ip('192.168.77.20') })
    expect(bootFileOf(told.reply!)).toBe(programs.first)
    expect(told.reply!.options.map(({ code }) => code)).toEqual([53, 54, 60, 97])
    expect(findOptionData(told.reply!, 53)![0]).toBe(5)
    expect(told.event).toMatchObject({ type: 'wds-answered', file: programs.first, dialogue: false })
  })

  test.each([
    ['optIn', 'opt in (1)'],
    ['noPrompt', 'no prompt (2)'],
    ['optOut', 'opt out (3)'],
  ] as const)('that program gets the next one, and prompt %s', (prompt, words) => {
    const told = talk(machine({ prompt }))
    expect(bootFileOf(told.reply!)).toBe(next)
    expect(sub(told)).toEqual([`pxe-client-prompt ${words}`])
    expect(findOptionData(told.reply!, 250)!.at(-1)).toBe(255)
    expect(formatHex(findOptionData(told.reply!, 252)!)).toBe(`${formatHex(encodeText(programs.bcd))}00`)
    expect(told.event).toMatchObject({ type: 'wds-answered', file: next, dialogue: true })
  })

  test('no option 252 where the store is the program’s own', () => {
    const { reply } = talk(machine({ programs: new Map([[7, { ...programs, bcd: undefined }]]) }))
    expect(findOptionData(reply!, 252)).toBeUndefined()
  })

  test('approval is counted from the first request of each machine, and asked of unknown ones alone', () => {
    const approval = { afterMs: 5000, pollSeconds: 7, message: 'Call 42' }
    const server = machine({ approval, devices: [{ mac: '52:54:00:00:00:99' }] })
    const waits = (number: number): string[] => ['next-action approval pending (1)', 'poll-interval 7', 'poll-retry-count 2160', `request-id ${number}`, 'message Call 42'] // prettier-ignore
    const told = talk(server, 1000)
    expect(sub(told)).toEqual(waits(1))
    expect(bootFileOf(told.reply!)).toBe(programs.first)
    expect(told.event).toMatchObject({ type: 'wds-pending', request: 1 })
    expect(decodeText(findOptionData(told.reply!, 60)!)).toBe('PXEClient')
    expect(sub(talk(server, 2000, { mac: '52:54:00:77:00:02' }))).toEqual(waits(2))
    expect(sub(talk(server, 5999))).toEqual(waits(1))
    expect(sub(talk(server, 6000))).toEqual(['pxe-client-prompt no prompt (2)'])
    expect(sub(talk(server, 6999, { mac: '52:54:00:77:00:02' }))).toEqual(waits(2))
    expect(sub(talk(server, 0, { mac: '52:54:00:00:00:99' }))).toEqual(['pxe-client-prompt no prompt (2)'])
  })
})

const other = { mac: '52:54:00:77:00:02', uuid: '6c616221-0000-4000-8000-525400770002' }
const byHand = { afterMs: Infinity, pollSeconds: 7, message: 'Call 42' }
const windows = windowsPrograms(['bios', 'x64-uefi'], 'Boot', () => undefined)
const isWaiting = (told: Said): boolean => sub(told).includes('next-action approval pending (1)')

describe('approval by an administrator', () => {
  test('a machine waits, asks again, is approved and gets its program', () => {
    const requests = new PendingRequests()
    const server = machine({ approval: byHand }, requests)
    expect(talk(server, 100).event).toMatchObject({ type: 'wds-pending', request: 1, isNew: true, address: '192.168.77.50' })
    expect(talk(server, 7100).event).toMatchObject({ type: 'wds-pending', request: 1, isNew: false })
    expect(requests.list()).toMatchObject([{ request: 1, mac: '52:54:00:77:00:01', architecture: 7, vendorClass: expect.stringMatching(/^PXEClient:Arch:00007/), file: next, since: 100, state: 'pending' }])
    expect(requests.decide(1, { state: 'approved', name: 'pc1', remember: false })).toMatchObject({ name: 'pc1' })
    expect(bootFileOf(talk(server, 14_100).reply!)).toBe(next)
  }) // prettier-ignore

  test.each([
    ['this boot', false, true],
    ['every boot', true, false],
  ])('an approval for %s', (_, remember, waitsAgain) => {
    const requests = new PendingRequests()
    const server = machine({ approval: byHand }, requests)
    talk(server)
    requests.decide(1, { state: 'approved', remember })
    // The answer that lets it go on may be lost, and is given again.
    for (let times = 0; times < 2; times++) expect(isWaiting(talk(server))).toBe(false)
    const first = { type: 'request', ciaddr: '192.168.77.50' } as const
    expect(bootFileOf(say(server, first, toPort4011).reply!)).toBe(programs.first)
    expect(isWaiting(talk(server))).toBe(waitsAgain)
  })

  test('a refused machine is told to abort, and one that is forgotten asks anew', () => {
    const requests = new PendingRequests()
    const server = machine({ approval: byHand }, requests)
    talk(server)
    requests.decide(1, { state: 'refused', remember: true })
    const told = talk(server)
    expect(sub(told)).toEqual(['next-action abort (5)'])
    expect(told.event).toMatchObject({ type: 'wds-refused', request: 1 })
    expect(windowsLogLine(told.event!).text).toMatch(/^52:54:00:77:00:01 was refused \(request 1\) .*\(unconfirmed\)$/)
    expect(requests.forget(1)).toBe(true)
    expect(requests.forget(1)).toBe(false)
    expect(requests.decide(1, { state: 'approved', remember: true })).toBeUndefined()
    expect(talk(server).event).toMatchObject({ type: 'wds-pending', request: 2, isNew: true })
  })

  test('a request that was taken off the list is put back as it was, unless its machine has asked again', () => {
    const requests = new PendingRequests()
    const server = machine({ approval: byHand }, requests)
    talk(server)
    requests.decide(1, { state: 'approved', name: 'pc1', remember: true })
    const [before] = requests.list()
    requests.forget(1)
    expect(requests.takeChanged()).toBe(true)
    expect([requests.restore(1), requests.restore(1), requests.restore(9)]).toEqual([true, false, false])
    expect([requests.list(), requests.takeChanged()]).toEqual([[before], true])
    requests.forget(1)
    talk(server)
    expect([requests.restore(1), requests.list().map(({ request }) => request)]).toEqual([false, [2]])
    // A decision that is taken back makes the machine wait again.
    requests.decide(2, { state: 'approved', remember: true })
    requests.decide(2, { state: 'pending', remember: false })
    expect(talk(server).event).toMatchObject({ type: 'wds-pending', request: 2 })
  })

  test('a list that was stored goes on: its decisions hold, its numbers are not given again', () => {
    const before = new PendingRequests()
    const first = machine({ approval: byHand }, before)
    talk(first, 5)
    talk(first, 6, other)
    before.decide(2, { state: 'approved', name: 'pc2', remember: true })
    expect(before.takeChanged()).toBe(true)
    expect(before.takeChanged()).toBe(false)
    const server = machine({ approval: byHand }, new PendingRequests(before.list()))
    expect(isWaiting(talk(server, 7, other))).toBe(false)
    expect(talk(server, 8).event).toMatchObject({ request: 1, isNew: false })
    expect(talk(server, 9, { mac: '52:54:00:77:00:03' }).event).toMatchObject({ request: 3, isNew: true })
  })

  test('of more machines than are kept the oldest gives way, and never one that is remembered', () => {
    const requests = new PendingRequests()
    const server = machine({ approval: byHand }, requests)
    const macOf = (at: number): string => `52:54:00:78:${(at >> 8).toString(16).padStart(2, '0')}:${(at & 255).toString(16).padStart(2, '0')}` // prettier-ignore
    for (let at = 0; at < mostRequests; at++) talk(server, at, { mac: macOf(at) })
    requests.decide(1, { state: 'approved', remember: true })
    talk(server, 9999, other)
    expect(requests.list()).toHaveLength(mostRequests)
    expect(requests.list().map(({ request }) => request)).not.toContain(2)
    for (const { request } of requests.list()) requests.decide(request, { state: 'approved', remember: true })
    const { sent, event } = talk(server, 9999, { mac: '52:54:00:77:00:09' })
    expect(sent).toBeUndefined()
    expect(event).toMatchObject({ type: 'wds-ignored', reason: expect.stringContaining('no room') as unknown })
  })

  test('what is decided of one machine changes nothing for another', () => {
    type Step = { readonly machine: number; readonly does: 'dialogue' | 'first' | 'approved' | 'refused' | 'forget'; readonly remember: boolean } // prettier-ignore
    // A network card that goes from machine to machine, and machines with one identifier.
    const machines = [other, { ...other, mac: '52:54:00:77:00:01' }, { ...other, uuid: pxe(7).uuid! }]
    const step: fc.Arbitrary<Step> = fc.record({
      machine: fc.integer({ min: 0, max: 2 }),
      does: fc.constantFrom('dialogue', 'first', 'approved', 'refused', 'forget'),
      remember: fc.boolean(),
    })
    /** What machine 0 is told, its request's number left out: that counts everybody's. */
    const toldTo0 = (steps: readonly Step[]): string[] => {
      const requests = new PendingRequests()
      const server = machine({ approval: byHand }, requests)
      const told: string[] = []
      for (const { machine: at, does, remember } of steps) {
        const who = machines[at]!
        if (does === 'dialogue' || does === 'first') {
          const said = does === 'dialogue' ? talk(server, 0, who) : say(server, { type: 'request', ciaddr: '192.168.77.50', ...who }, toPort4011) // prettier-ignore
          const { request: _, ...event } = { request: 0, ...said.event! }
          if (at === 0) told.push(`${bootFileOf(said.reply!)} ${JSON.stringify(event)}`)
          continue
        }
        const number = requests.list().find((one) => one.mac === who.mac && one.uuid === who.uuid)?.request ?? 0
        if (does === 'forget') requests.forget(number)
        else requests.decide(number, { state: does, remember })
      }
      return told
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(toldTo0(steps)).toEqual(toldTo0(steps.filter(({ machine: at }) => at === 0)))
      }),
    )
  })
})

describe('prestaged devices', () => {
  test('the response delay is not for them in WDS, and is in Configuration Manager', () => {
    const devices = [{ uuid: pxe(7).uuid }]
    expect(say(machine({ devices, responseDelaySeconds: 4 }), {}).sent).toBeDefined()
    expect(say(machine({ devices, responseDelaySeconds: 4, product: 'ConfigMgr' }), {}).sent).toBeUndefined()
  })

  test('a device has its own boot program, and is sent to the server that is to serve it', () => {
    const devices = [
      { mac: '52:54:00:77:00:01', bootFile: 'boot\\x64\\other.efi' },
      { uuid: other.uuid, referral: ip('192.168.77.99') },
    ]
    const server = machine({ devices })
    expect(bootFileOf(talk(server).reply!)).toBe('boot\\x64\\other.efi')
    const told = talk(server, 0, other)
    expect(sub(told)).toEqual(['next-action referral (3)', 'referral-server 192.168.77.99'])
    expect(told.event).toMatchObject({ type: 'wds-referred', to: '192.168.77.99' })
  })
})

describe('architecture discovery', () => {
  const bios = pxe(0)
  test.each<[string, boolean, number[], string]>([
    ['a 32-bit processor', true, [1, 2, 0, 0, 255], 'boot\\x86\\pxeboot.n12'],
    ['a 64-bit processor', true, [1, 2, 0, 9, 255], 'boot\\x64\\pxeboot.n12'],
    ['a program that does not say', true, [12, 1, 1, 255], 'boot\\x64\\pxeboot.n12'],
    ['a 64-bit processor, where it is off', false, [1, 2, 0, 9, 255], 'boot\\x86\\pxeboot.n12'],
  ])('%s', (_, architectureDiscovery, block, file) => {
    const server = machine({ programs: windows, architectureDiscovery })
    const told = talk(server, 0, { ...bios, options: [{ code: 250, data: Uint8Array.from(block) }] })
    expect(bootFileOf(told.reply!)).toBe(file)
  })
})

describe('deployments', () => {
  const known = { mac: '52:54:00:77:00:01', name: 'pc1' }
  const sms = windowsPrograms(['bios', 'x64-uefi'], 'SMSBoot', () => undefined)
  const configMgr = (more: Partial<WdsServerConfiguration>): WdsServer =>
    machine({ product: 'ConfigMgr', programs: sms, devices: [known], deployments: [], ...more })

  test.each<['required' | 'available', number, string, string]>([
    ['required', 0, 'smsboot\\x64\\pxeboot.n12', 'no prompt (2)'],
    ['available', 0, 'smsboot\\x64\\pxeboot.com', 'opt in (1)'],
    ['required', 7, 'smsboot\\x64\\bootmgfw.efi', 'no prompt (2)'],
    ['available', 7, 'smsboot\\x64\\bootmgfw.efi', 'opt in (1)'],
  ])('one that is %s, architecture %i', (kind, architecture, file, prompt) => {
    const told = talk(configMgr({ deployments: [{ to: 'all', kind }] }), 0, pxe(architecture))
    expect(bootFileOf(told.reply!)).toBe(file)
    expect(sub(told)).toEqual([`pxe-client-prompt ${prompt}`])
    expect(told.event).toMatchObject({ type: 'wds-answered', deployment: { kind }, isKnown: true })
  })

  test('without one BIOS gets abortpxe.com and UEFI is told to abort, in the words of SMSPXE.log', () => {
    const bios = talk(configMgr({}), 0, { ...pxe(0), options: [option250] })
    expect(bootFileOf(bios.reply!)).toBe('smsboot\\x64\\abortpxe.com')
    expect(findOptionData(bios.reply!, 250)).toBeUndefined()
    expect(windowsLogLine(bios.event!).text).toBe('52:54:00:77:00:01, 6C616221-0000-4000-8000-525400770003: device is in the database. no advertisements found. No boot action. Aborted. smsboot\\x64\\abortpxe.com') // prettier-ignore
    const uefi = talk(configMgr({}))
    expect(sub(uefi)).toEqual(['next-action abort (5)'])
    expect(windowsLogLine(uefi.event!).text).toMatch(/Aborted\. action 5 of option 250 \(unconfirmed\)$/)
  })

  test('the first that is for a machine counts; unknown machines have theirs, or are not answered', () => {
    const deployments = [
      { to: known, kind: 'available', bootImage: 'PS100007', programs: windowsPrograms(['x64-uefi'], 'SMSBoot\\PS100007', () => undefined) },
      { to: 'all', kind: 'required' },
      { to: 'unknown', kind: 'required' },
    ] as const // prettier-ignore
    const server = configMgr({ devices: [known, { mac: '52:54:00:77:00:03' }], deployments })
    expect(bootFileOf(talk(server).reply!)).toBe('smsboot\\ps100007\\x64\\bootmgfw.efi')
    expect(talk(server, 0, { mac: '52:54:00:77:00:03' }).event).toMatchObject({ deployment: { kind: 'required' }, isKnown: true }) // prettier-ignore
    expect(talk(server, 0, other).event).toMatchObject({ type: 'wds-answered', isKnown: false })
    const closed = configMgr({ deployments, answer: 'known' })
    expect(talk(closed, 0, other).event).toMatchObject({ type: 'wds-ignored', reason: 'it answers known clients only' })
  })
})
