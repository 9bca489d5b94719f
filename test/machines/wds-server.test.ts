/** The boot half of WDS, a message at a time: whom it answers, where, and what the dialogue of option 250 says. */
import { describe, expect, test } from 'vitest'
import { decodeText, encodeText, formatHex, formatIpv4, u32At } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, encodeDhcp, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { decodeSpace } from '#shared/wire/dhcp/spaces.ts'
import type { IncomingDatagram, OutgoingDatagram } from '#shared/machines/machine.ts'
import { WdsServer, type WdsServerConfiguration, type WdsServerEvent } from '#shared/machines/wds-server.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const programs = { first: 'boot\\x64\\wdsmgfw.efi', next: 'boot\\x64\\bootmgfw.efi', bcd: '\\Tmp\\x.bcd' }
const machine = (more: Partial<WdsServerConfiguration> = {}): WdsServer =>
  new WdsServer({
    interfaces: [{ name: 'eth0', address: ip('192.168.77.20'), prefixLength: 24, mtu: 1500 }],
    offers: true,
    answer: 'all',
    known: [],
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
  return { sent, reply: sent && decodeDhcp(sent.payload).message, event: server.pollEvent() }
} // prettier-ignore

const toPort4011 = { source: { address: ip('192.168.77.50'), port: 4011 }, destinationPort: 4011 }
const option250 = { code: 250, data: Uint8Array.of(12, 1, 1, 255) }
const talk = (server: WdsServer, now = 0, more: Partial<ClientRequest> = {}): Said =>
  say(server, { type: 'request', ciaddr: '192.168.77.50', options: [option250], ...more }, toPort4011, now)
const sub = ({ reply }: Said): string[] =>
  decodeSpace('wds', findOptionData(reply!, 250)!).subOptions.map(({ name, text }) => `${name} ${text}`)

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
    ['a known client', { answer: 'known', known: ['52:54:00:77:00:01'] }, {}, {}, undefined],
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
    expect(bootFileOf(told.reply!)).toBe(programs.next)
    expect(sub(told)).toEqual([`pxe-client-prompt ${words}`])
    expect(findOptionData(told.reply!, 250)!.at(-1)).toBe(255)
    expect(formatHex(findOptionData(told.reply!, 252)!)).toBe(`${formatHex(encodeText(programs.bcd))}00`)
    expect(told.event).toMatchObject({ type: 'wds-answered', file: programs.next, dialogue: true })
  })

  test('no option 252 where the store is the program’s own', () => {
    const { reply } = talk(machine({ programs: new Map([[7, { ...programs, bcd: undefined }]]) }))
    expect(findOptionData(reply!, 252)).toBeUndefined()
  })

  test('approval is counted from the first request of each machine, and asked of unknown ones alone', () => {
    const approval = { afterMs: 5000, pollSeconds: 7, message: 'Call 42' }
    const server = machine({ approval, known: ['52:54:00:00:00:99'] })
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
