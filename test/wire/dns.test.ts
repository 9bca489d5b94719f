/** DNS messages both ways, whole and cut at every length, and as tshark reads them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { bytesOfU16, concatBytes, parseHex } from '#shared/wire/bytes.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { addressesIn, dnsCodes, dnsText, dnsTypes, encodeDnsAnswer, encodeDnsQuery, encodeName, readDns } from '#shared/wire/dns.ts' // prettier-ignore
import { linkTypes } from '#shared/wire/capture-file.ts'
import { scenarioFrom, sessionOfSimulation, simulated } from '../helpers/simulate.ts'
import { describeWith } from '../helpers/requirements.ts'

const query = (name: string, type: number = dnsTypes.aaaa): Uint8Array => encodeDnsQuery(0x1234, { name, type })
const aaaa = { type: dnsTypes.aaaa, value: '2001:db8::10', ttlSeconds: 60 }

describe('reading and writing', () => {
  test('a question as RFC 1035 section 4 has it', () => {
    expect(query('boot.example')).toEqual(parseHex('123401000001000000000000' + '04626f6f74076578616d706c6500' + '001c0001')) // prettier-ignore
    const read = readDns(query('boot.example'))!
    expect(read).toMatchObject({ id: 0x1234, isResponse: false, isWhole: true, questions: [{ name: 'boot.example', type: 28 }] }) // prettier-ignore
    expect(dnsText(read)).toBe('AAAA boot.example')
  })

  test('an answer brings the addresses of the family that was asked for, or the code in words', () => {
    const asked = readDns(query('boot.example'))!
    const both = readDns(encodeDnsAnswer(asked, 0, [aaaa, { type: dnsTypes.a, value: '10.0.0.5', ttlSeconds: 60 }]))!
    expect(both).toMatchObject({ id: 0x1234, isResponse: true, isWhole: true })
    expect([addressesIn(both, [dnsTypes.aaaa]), addressesIn(both, [dnsTypes.a]), dnsText(both)]).toEqual([
      ['2001:db8::10'], ['10.0.0.5'], 'AAAA boot.example: 2001:db8::10, 10.0.0.5',
    ]) // prettier-ignore
    expect(dnsText(readDns(encodeDnsAnswer(asked, dnsCodes.noSuchName, []))!)).toEqual(
      'AAAA boot.example: no such name',
    )
    expect(dnsText(readDns(encodeDnsAnswer(asked, dnsCodes.noError, []))!)).toEqual('AAAA boot.example: no record')
  })

  test('an alias leads to the address, a circle of aliases to none', () => {
    const record = (name: Uint8Array, type: number, data: Uint8Array): Uint8Array =>
      concatBytes([name, bytesOfU16(type), bytesOfU16(1), bytesOfU16(0), bytesOfU16(60), bytesOfU16(data.length), data])
    const [boot, real] = [encodeName('boot.example')!, encodeName('WEB.example')!]
    const answer = (...records: Uint8Array[]): Uint8Array =>
      concatBytes([bytesOfU16(1), bytesOfU16(0x8180), bytesOfU16(1), bytesOfU16(records.length), bytesOfU16(0), bytesOfU16(0), boot, bytesOfU16(1), bytesOfU16(1), ...records]) // prettier-ignore
    const alias = readDns(answer(record(boot, 5, real), record(encodeName('web.example')!, 1, Uint8Array.of(10, 0, 0, 5)))) // prettier-ignore
    expect(addressesIn(alias!, [dnsTypes.a])).toEqual(['10.0.0.5'])
    const circle = readDns(answer(record(boot, 5, real), record(real, 5, boot)))!
    expect([circle.isWhole, addressesIn(circle, [dnsTypes.a])]).toEqual([true, []])
  })

  test('names that are none, and what does not print', () => {
    expect([encodeName(''), encodeName('a..b'), encodeName('a'.repeat(64)), encodeName(`${'a'.repeat(60)}.`.repeat(5))]).toEqual(Array(4).fill(undefined)) // prettier-ignore
    expect(encodeName('boot.example.')).toEqual(encodeName('boot.example'))
    const odd = concatBytes([query('x').subarray(0, 12), Uint8Array.of(4, 0x1b, 0x2e, 0x41, 0xff, 0), bytesOfU16(1), bytesOfU16(1)]) // prettier-ignore
    expect(readDns(odd)!.questions[0]!.name).toBe('\\027\\046A\\255')
  })

  test('pointers that lead forward or in a circle end the reading', () => {
    const asked = query('boot.example')
    const pointing = (to: number): Uint8Array => concatBytes([asked.subarray(0, 12), Uint8Array.of(0xc0, to), bytesOfU16(1), bytesOfU16(1)]) // prettier-ignore
    for (const to of [12, 14, 30]) expect(readDns(pointing(to))).toMatchObject({ isWhole: false, questions: [] })
  })

  test('any bytes, and a whole answer cut anywhere, are read without an error', () => {
    const whole = encodeDnsAnswer(readDns(query('boot.example'))!, 0, [aaaa, aaaa])
    for (let length = 0; length < whole.length; length++) {
      const read = readDns(whole.subarray(0, length))
      if (length < 12) expect(read).toBeUndefined()
      else expect(read!.isWhole).toBe(false)
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void readDns(bytes)))
  })
})

describeWith(['tshark'], 'as tshark reads them', () => {
  test('every field that the dissector names has the value that Wireshark has', () => {
    const simulation = simulated(scenarioFrom(new URL('../../resources/scenarios/ipv6-name-without-aaaa.yaml', import.meta.url))) // prettier-ignore
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-dns-'))
    try {
      const file = join(folder, 'dns.pcapng')
      writeFileSync(file, simulation.capture())
      const keys = ['dns.qry.name', 'dns.qry.type', 'dns.id', 'dns.flags', 'dns.count.queries', 'dns.count.answers']
      const shown = execFileSync('tshark', ['-r', file, '-Y', 'dns', '-T', 'fields', ...keys.flatMap((key) => ['-e', key])], { encoding: 'utf8' }) // prettier-ignore
      const { store } = sessionOfSimulation(simulation)
      const ours: string[] = []
      for (let frame = 1; frame <= store.count; frame++) {
        const { layers, protocol } = dissect(store.bytesOf(frame), { linkType: linkTypes.ethernet })
        if (protocol !== 'DNS') continue
        const fields = [...allFields(layers)]
        ours.push(keys.map((key) => String(fields.find((one) => one.key === key)?.value)).join('\t'))
      }
      expect(ours).toHaveLength(2)
      expect(ours).toEqual(shown.trim().split('\n'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
