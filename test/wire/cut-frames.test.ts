/** Frames of which only the beginning is kept: what is missing is not broken. */
import { expect, test } from 'vitest'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { summarize } from '#shared/wire/summary.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { chaddr, ip, pxe, request } from '../helpers/dhcp.ts'

const mac = chaddr('52:54:00:77:00:01').subarray(0, 6)
const frame = (payload: Uint8Array, ports: readonly [number, number], payloadLength?: number): Uint8Array =>
  wrapUdp({
    sourceMac: mac,
    destinationMac: mac,
    sourceAddress: ip('10.0.0.1'),
    destinationAddress: ip('10.0.0.9'),
    sourcePort: ports[0],
    destinationPort: ports[1],
    payload,
    ...(payloadLength === undefined ? {} : { payloadLength }),
  })

test('a block of a file has its own length, and what is kept of it is told', () => {
  const head = new Uint8Array(32)
  head.set([0, 3, 0, 5])
  const bytes = frame(head, [50_000, 2000], 1460)
  const options = { linkType: 1, isTftp: true, originalLength: bytes.length - 32 + 1460 }
  expect(summarize(bytes, options)).toMatchObject({ summary: 'DATA 5, 1456 bytes', isMalformed: false })
  const { problems, cut, layers } = dissect(bytes, options)
  expect([problems, cut]).toEqual([[], '74 of 1,502 bytes kept'])
  expect([...allFields(layers)].filter((one) => one.problem !== undefined)).toEqual([])
})

test('a DHCP message is not malformed for being cut anywhere', () => {
  const whole = frame(encodeDhcp(request({ type: 'discover', ...pxe(7) })), [68, 67])
  for (let kept = 0; kept < whole.length; kept++) {
    const bytes = whole.subarray(0, kept)
    const options = { linkType: 1, originalLength: whole.length }
    expect(summarize(bytes, options).isMalformed, `${kept}`).toBe(false)
    expect(dissect(bytes, options).problems, `${kept}`).toEqual([])
    // What was sent so short is broken.
    if (kept > 0 && kept < 200) expect(dissect(bytes, { linkType: 1 }).problems, `${kept}`).not.toEqual([])
  }
})
