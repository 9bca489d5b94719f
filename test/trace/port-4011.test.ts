/** What is told of port 4011: asked, answered or not, whatever of the exchange with the DHCP server went past the capture. */
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import { address, text, Wire } from '../helpers/wire.ts'

/** What a proxyDHCP sees of a boot; the rest goes between client and DHCP server alone. */
interface Seen {
  readonly hasOffer: boolean
  readonly hasRequest: boolean
  readonly hasAck: boolean
}
const seen: Seen[] = [true, false].flatMap((hasOffer) => [{ hasOffer, hasRequest: true, hasAck: true }, { hasOffer, hasRequest: true, hasAck: false }, { hasOffer, hasRequest: false, hasAck: false }]) // prettier-ignore

function addressed({ hasOffer, hasRequest, hasAck }: Seen): Wire {
  const wire = new Wire('uefi')
  wire.asks(0, 1)
  wire.answers(0.1, 2, '10.0.0.1', '', [text(60, 'PXEClient')])
  if (hasOffer) wire.answers(0.2, 2, '10.0.0.9', '10.0.0.50')
  if (hasRequest) wire.asks(1, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.9')])
  if (hasAck) wire.answers(1.1, 5, '10.0.0.9', '10.0.0.50')
  return wire
}
function told({ session }: Wire): Explanation {
  expect(session.trace.machines).toHaveLength(1)
  const attempt = session.trace.attempts.at(-1)!
  return explainAttempt(session.store, attempt, { nowNs: attempt.lastNs + 60e9 })
}
const said = ({ sentences }: Explanation): string => sentences.map((one) => one.text).join('\n')
const stage = ({ stages }: Explanation) => stages.find((one) => one.name === 'boot-server')?.state

describe.each(seen)('of a client whose exchange with the DHCP server is in the capture as %o', (part) => {
  test('a question that is answered, with the file', () => {
    const wire = addressed(part)
    wire.asksBootServer(2)
    wire.bootServerAnswers(3, 'there.efi')
    wire.loads(4, 'there.efi', [new Uint8Array(100)])
    const explanation = told(wire)
    expect(explanation).toMatchObject({ outcome: 'loaded', failure: undefined, headline: 'Loaded there.efi.' })
    expect(said(explanation)).toContain('It asked the boot server 10.0.0.1 on port 4011. The answer came after 1 s and names there.efi.') // prettier-ignore
    expect(stage(explanation)).toBe('done')
  })

  test('an answer that names no file', () => {
    const wire = addressed(part)
    wire.asksBootServer(2)
    wire.bootServerAnswers(3)
    const explanation = told(wire)
    expect(explanation).toMatchObject({ outcome: 'failed', failure: 'no-boot-information' })
    expect(said(explanation)).toContain('on port 4011. The answer came after 1 s and names no file.')
  })

  test('a question that nobody answers', () => {
    const wire = addressed(part)
    for (const seconds of [2, 3, 5]) wire.asksBootServer(seconds)
    const explanation = told(wire)
    expect(explanation).toMatchObject({ outcome: 'failed', failure: 'boot-server-mute', headline: 'The boot server did not answer on port 4011 (PXE-E16).' }) // prettier-ignore
    expect(said(explanation)).toContain('It asked 10.0.0.1 3 times on port 4011, and no answer came.')
    expect(stage(explanation)).toBe('failed')
    expect(explanation.missing.map((one) => one.label)).toEqual(Array.from({ length: 3 }, () => 'ACK from port 4011'))
  })

  test('one of two servers that does not answer', () => {
    const wire = addressed(part)
    wire.asksBootServer(2)
    wire.asksBootServer(3)
    wire.asksBootServer(4, [], '10.0.0.2')
    wire.bootServerAnswers(4.5, 'there.efi', [], '10.0.0.2')
    wire.loads(5, 'there.efi', [new Uint8Array(100)])
    const lines = said(told(wire))
    expect(lines).toContain('It asked 10.0.0.1 twice on port 4011, and no answer came.')
    expect(lines).toContain('It asked the boot server 10.0.0.2 on port 4011. The answer came after 500 ms and names there.efi.') // prettier-ignore
  })
})

test('what went past the capture is told, with the address that the client has', () => {
  const wire = addressed({ hasOffer: false, hasRequest: false, hasAck: false })
  wire.asksBootServer(2)
  expect(said(told(wire))).toContain('Neither its REQUEST nor the ACK is in the capture; the client went on with the address 10.0.0.50.') // prettier-ignore
  expect(told(wire).offers).toMatchObject([{ server: '10.0.0.1', taken: 'acceptable', why: 'It brings no address; the offer that does is not in the capture.' }]) // prettier-ignore
})

test('an answer from another address of the server that was asked leaves no server unanswered', () => {
  const wire = addressed(seen[0]!)
  wire.asksBootServer(2)
  wire.bootServerAnswers(3, 'there.efi', [], '10.0.0.3')
  expect(said(told(wire))).toMatch(/It asked the boot server 10\.0\.0\.1 on port 4011\. The answer came after 1 s/)
})
