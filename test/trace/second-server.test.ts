/** Another DHCP server whose answers go past whoever captured: what the client does next shows that they came. */
import { expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { address, bytes, text, Wire } from '../helpers/wire.ts'

function beside(): Wire {
  const wire = new Wire('uefi')
  wire.asks(0, 1)
  wire.answers(0.1, 2, '10.0.0.1', '', [text(60, 'PXEClient'), bytes(43, 6, 1, 8, 255)], 'there.efi')
  wire.asks(1, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.9')])
  return wire
}
const told = ({ session }: Wire, afterNs: number) => {
  const attempt = session.trace.attempts[0]!
  return explainAttempt(session.store, attempt, { nowNs: attempt.lastNs + afterNs })
}

test('an ACK that the capture lacks is no failure where the client goes on', () => {
  const wire = beside()
  wire.asks(2, 3, [], { ciaddr: 0x0a000032 })
  const { session } = wire
  wire.loads(3, 'there.efi', [new Uint8Array(100)])
  expect(session.trace.machines).toHaveLength(1)
  const { outcome, failure, headline, screen, sentences } = told(wire, 60e9)
  expect({ outcome, failure, headline, screen }).toEqual({ outcome: 'loaded', failure: undefined, headline: 'Loaded there.efi.', screen: [] }) // prettier-ignore
  const said = sentences.map((one) => one.text).join(' ')
  expect(said).toContain('The ACK is not in the capture; the client went on with the address.')
  expect(said).toContain('It brings no address; the offer of 10.0.0.9, which does, is not in the capture.')
})

test('and one where it does not', () => {
  expect(told(beside(), 120e9)).toMatchObject({ outcome: 'failed', failure: 'no-ack' })
})
