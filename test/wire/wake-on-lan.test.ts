/** Magic packets: their bytes, and their fields as tshark reads them, over UDP, IPv6 and as a frame of their own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfU16, concatBytes, formatHex, formatMac, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { fieldKeys } from '#shared/wire/dissect/keys.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { summarize } from '#shared/wire/summary.ts'
import { encodeMagicPacket, magicPacketAt } from '#shared/wire/wake-on-lan.ts'
import { describeWith } from '../helpers/requirements.ts'

const mac = parseHex('525400770001')!
const source = parseHex('525400000001')!
const broadcast = new Uint8Array(6).fill(0xff)
const options = { linkType: linkTypes.ethernet }

const overUdp = (payload: Uint8Array, destinationPort: number): Uint8Array =>
  wrapUdp({
    sourceMac: source,
    destinationMac: broadcast,
    sourceAddress: parseIpv4('192.168.77.1')!,
    destinationAddress: parseIpv4('192.168.77.255')!,
    sourcePort: 40_000,
    destinationPort,
    payload,
  })
const ofItsOwn = (payload: Uint8Array): Uint8Array => concatBytes([broadcast, source, bytesOfU16(0x0842), payload])
const tagged = (payload: Uint8Array): Uint8Array =>
  concatBytes([broadcast, source, bytesOfU16(0x8100), bytesOfU16(77), bytesOfU16(0x0842), payload])

const passwords = [new Uint8Array(), parseHex('c0a84d01')!, parseHex('0102030a0b0c')!]
const frames = passwords.flatMap((password) => {
  const packet = encodeMagicPacket(mac, password)
  return [overUdp(packet, 9), overUdp(packet, 7), overUdp(packet, 40_009), ofItsOwn(packet), tagged(packet)]
})

test('is six octets of ones, the address sixteen times, and the password', () => {
  expect(formatHex(encodeMagicPacket(mac))).toBe('ffffffffffff' + '525400770001'.repeat(16))
  expect(formatHex(encodeMagicPacket(mac, passwords[2]))).toBe(
    'ffffffffffff' + '525400770001'.repeat(16) + '0102030a0b0c',
  )
})

test('is found again whatever the address and the password, and not when one octet differs', () => {
  const octets = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(octets(6), fc.oneof(octets(0), octets(4), octets(6)), fc.nat(101), fc.integer({ min: 1, max: 255 }), (address, password, at, flip) => {
      const packet = encodeMagicPacket(address, password)
      const found = magicPacketAt(packet, 0, packet.length)
      expect(found).toMatchObject({ mac: formatMac(address), length: packet.length })
      expect(found!.password !== '').toBe(password.length > 0)
      packet[at]! ^= flip
      expect(magicPacketAt(packet, 0, packet.length)).toBeUndefined()
    }),
  ) // prettier-ignore
})

test('is told in a line, and its fields are ones that filters know', () => {
  expect(summarize(frames[0]!, options)).toMatchObject({ protocol: 'WOL', summary: 'magic packet for 52:54:00:77:00:01', destination: '192.168.77.255:9' }) // prettier-ignore
  expect(summarize(frames.at(-1)!, options)).toMatchObject({ protocol: 'WOL', summary: 'magic packet for 52:54:00:77:00:01, with a SecureOn password' }) // prettier-ignore
  const keys = new Set(frames.flatMap((frame) => [...allFields(dissect(frame, options).layers)].map(({ key }) => key)))
  expect([...keys].filter((key) => key?.startsWith('wol.'))).toEqual(['wol.sync', 'wol.mac', 'wol.passwd'])
  expect([...keys].filter((key) => key?.includes('.') && !fieldKeys.has(key))).toEqual([])
})

test('that is cut short or something else stays what it is', () => {
  const short = encodeMagicPacket(mac).subarray(0, 101)
  expect(summarize(overUdp(short, 9), options)).toMatchObject({ protocol: 'UDP', summary: '101 bytes' })
  expect(summarize(ofItsOwn(short), options)).toMatchObject({ protocol: 'WOL', isMalformed: true })
  expect(summarize(ofItsOwn(short), { ...options, originalLength: 116 })).toMatchObject({ isMalformed: false })
  expect(dissect(ofItsOwn(short), options).layers.map(({ key }) => key)).toEqual(['eth'])
})

describeWith(['tshark'], 'read as tshark reads them', () => {
  test('every field of every kind of frame', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-wol-'))
    try {
      const file = join(folder, 'wol.pcapng')
      const written = frames.map((bytes) => pcapngFrame({ interface: 0, seconds: 0, nanoseconds: 0, bytes }))
      writeFileSync(file, concatBytes([pcapngHeader('test', [{ name: 'lan', linkType: linkTypes.ethernet }]), ...written])) // prettier-ignore
      // Of a password tshark keeps the first octets of its text: that there is one is compared.
      const fields = ['wol.sync', 'wol.mac']
      const rows = execFileSync('tshark', ['-r', file, '--disable-protocol', 'echo', '-T', 'fields', '-E', 'aggregator=;', '-e', '_ws.col.Protocol', '-e', 'wol.passwd', ...fields.flatMap((one) => ['-e', one])], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) // prettier-ignore
      const ours = frames.map((frame) => {
        const all = [...allFields(dissect(frame, options).layers)]
        const values = fields.map((key) => all.filter((one) => one.key === key).map(({ value }) => value).join(';')) // prettier-ignore
        const password = all.some(({ key }) => key === 'wol.passwd') ? 'password' : ''
        return [summarize(frame, options).protocol, password, ...values]
      })
      const theirs = rows
        .split('\n')
        .slice(0, -1)
        .map((row) => row.split('\t'))
      expect(ours).toEqual(theirs.map(([protocol, password, ...rest]) => [protocol, password && 'password', ...rest]))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
