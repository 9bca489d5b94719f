/** One boot at two agents: where a packet died, told from real captures of both sides of a relay with frames taken away. */
import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { SiteBoot, SiteComparison } from '#shared/contract/sites.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { compareSights, type Sight } from '../../src/main/hub/compare-sights.ts'
import { StreamModel } from '../../src/main/hub/stream-model.ts'
import { fixture, framesIn, sessionOf } from '../helpers/fixtures.ts'

type Frame = CapturedFrame & { readonly label: string }
const framesOf = (name: string): Frame[] => {
  const session = sessionOf(name)
  return framesIn(readFileSync(fixture(`captures/${name}`))).map((frame, at) => ({ ...frame, label: inEnglish(session.summaryOf(at + 1).summary) })) // prettier-ignore
}
const client = framesOf('relay-uefi-x64.pcap')
const server = framesOf('relay-uefi-x64.server.pcap')

const pcapngOf = (frames: readonly CapturedFrame[]): Uint8Array =>
  concatBytes([
    pcapngHeader('PXE Lab', [{ linkType: 1, name: 'eth0' }]),
    ...frames.map(({ seconds, nanoseconds, bytes, originalLength }) => pcapngFrame({ interface: 0, seconds, nanoseconds, bytes, originalLength })), // prettier-ignore
  ])

/** What a hub knows of the only boot of a capture. */
function sightOf(name: string, frames: readonly CapturedFrame[]): Sight {
  const pcapng = pcapngOf(frames)
  const model = new StreamModel()
  model.take({ number: 1, pcapng })
  const [boot] = model.changes()
  const { startedUs, xids: _xids, ...rest } = boot!
  const known: SiteBoot = { ...rest, id: 1, site: name, agent: `${name}/0123456789abcdef`, attempt: 1, vendor: '', startedAt: startedUs / 1000 } // prettier-ignore
  return { boot: known, name, pcapng }
}

const compare = (here: readonly CapturedFrame[], there: readonly CapturedFrame[]): SiteComparison =>
  compareSights(sightOf('branch', here), sightOf('centre', there))
const texts = ({ sentences }: SiteComparison): string[] => sentences.map(({ tone, text }) => `${tone}: ${text}`)

const until = (frames: readonly Frame[], label: RegExp): Frame[] =>
  frames.slice(0, frames.findIndex((one) => label.test(one.label)) + 1)
const later = (frame: Frame, seconds: number): Frame => ({ ...frame, seconds: frame.seconds + seconds })

test('nothing is said to be lost where both saw everything', () => {
  expect(texts(compare(client, server))).toEqual([
    'good: No packet of this boot was lost for good between branch and centre.',
  ])
})

test('a RELEASE that one of them saw alone is no loss: nothing answers it, and no boot waits for it', () => {
  const request = client.find(({ label }) => label.startsWith('REQUEST'))!
  const bytes = Uint8Array.from(request.bytes)
  const typeAt = Buffer.from(bytes).indexOf(Uint8Array.of(53, 1, 3))
  bytes[typeAt + 2] = 7
  // Without a UDP checksum (RFC 768), since the content is another one.
  bytes.fill(0, 14 + 20 + 6, 14 + 20 + 8)
  const [here, there] = [client, server].map((frames) => until(frames, /^ACK/))
  const release = { ...later(request, here!.at(-1)!.seconds - request.seconds + 1), bytes, label: 'RELEASE' }
  const { sentences, packets } = compare([...here!, release], there!)
  expect(packets.at(-1)).toMatchObject({ label: expect.stringMatching(/^RELEASE/), here: true, there: false })
  expect(sentences.map(({ tone }) => tone)).toEqual(['good'])
})

test('an offer that does not come back, with how often and what to check', () => {
  const discover = until(client, /^DISCOVER/)
  const offers = until(server, /^OFFER/)
  const once = compare(discover, offers)
  expect(texts(once)).toEqual([
    'bad: OFFER was seen at centre and not at branch: it was lost between them.',
    'plain: Check the way back to the client: the route from the server to the relay agent, DHCP snooping (the port that the OFFER comes in by must be trusted), firewall.',
  ])
  expect(once.packets.map(({ label, here, there }) => [label.slice(0, 5), here, there])).toEqual([
    ['DISCO', true, true],
    ['OFFER', false, true],
  ])
  const again = compare(
    [...discover, ...discover.map((one) => later(one, 4))],
    [...offers, ...offers.map((one) => later(one, 4))],
  )
  expect(texts(again)[0]).toBe('bad: OFFER was seen at centre and not at branch, 2 times: it was lost between them.')
})

test('a request that does not arrive is lost on the way to the server, whichever of the two is looked at', () => {
  const [near, far] = [until(client, /^REQUEST/), until(server, /^OFFER/)]
  expect(texts(compare(near, far))).toEqual([
    'bad: REQUEST was seen at branch and not at centre: it was lost between them.',
    'plain: Check what lies between them on the way to the server: relay agent (IP helper), VLAN, firewall.',
  ])
  const other = compareSights(sightOf('centre', far), sightOf('branch', near))
  expect(texts(other)[0]).toBe('bad: REQUEST was seen at branch and not at centre: it was lost between them.')
})

test('an acknowledgement that is repeated for a client that asks again never arrived', () => {
  const request = client.find(({ label }) => label.startsWith('REQUEST'))!
  const [theirRequest, theirAck] = [/^REQUEST/, /^ACK/].map((form) => server.find(({ label }) => form.test(label))!)
  const near = [...until(client, /^REQUEST/), later(request, 4)]
  const far = [...until(server, /^ACK/), later(theirRequest!, 4), later(theirAck!, 4)]
  expect(texts(compare(near, far))[0]).toBe(
    'bad: ACK was seen at centre and not at branch, 2 times: it was lost between them.',
  )
})

test('a file that is asked for and never comes: the request, or the answer, died', () => {
  expect(texts(compare(until(client, /^read/), until(server, /^ACK/)))).toEqual([
    'bad: TFTP read request was seen at branch and not at centre: it was lost between them.',
    'plain: Check what lies between them on the way of the file: firewall, NAT, MTU.',
  ])
  expect(texts(compare(until(client, /^read/), until(server, /^OACK/)))[0]).toBe(
    'bad: TFTP OACK was seen at centre and not at branch: it was lost between them.',
  )
})

test('an agent behind a switch that sees broadcasts alone has lost nothing', () => {
  const blind = client.filter(({ label }) => /^(DISCOVER|OFFER|REQUEST|ACK 1)/.test(label))
  const [first, second] = texts(compare(blind, server))
  expect(first).toBe('good: No packet of this boot was lost for good between branch and centre.')
  expect(second).toMatch(/^warning: \d+ packets passed unseen at one of the two, .* unless the port is mirrored/)
})

test('what got through when it was sent again is told as loss on the way, not as the end of the boot', () => {
  const discover = client.find(({ label }) => label.startsWith('DISCOVER'))!
  const comparison = compare([later(discover, -4), ...client], server)
  expect(texts(comparison)).toEqual([
    'good: No packet of this boot was lost for good between branch and centre.',
    'warning: 1 packet got through only when sent again: the way between them loses packets.',
  ])
  expect(comparison.packets.slice(0, 2).map(({ here, there }) => [here, there])).toEqual([
    [true, false],
    [true, true],
  ])
})

test('clocks that differ are taken off', () => {
  const ahead = server.map((one) => later(one, 90))
  const { clockDifferenceMs, packets, sentences } = compare(client, ahead)
  expect(clockDifferenceMs).toBeGreaterThan(89_900)
  expect(clockDifferenceMs).toBeLessThan(90_100)
  expect(sentences[0]?.tone).toBe('good')
  for (const { delayMs } of packets) expect(Math.abs(delayMs!)).toBeLessThan(100)
})

test('a transfer that stops in the middle is lost there, and what came before is not', () => {
  const block = client.find(({ label }) => label.startsWith('DATA 21'))!
  const far = server.slice(0, server.findIndex(({ label }) => label === block.label) + 1)
  const again = [...far, later(far.at(-1)!, 1), later(far.at(-1)!, 3)]
  expect(texts(compare(client.slice(0, client.indexOf(block)), again))[0]).toBe(
    'bad: TFTP DATA was seen at centre and not at branch, 3 times: it was lost between them.',
  )
})
