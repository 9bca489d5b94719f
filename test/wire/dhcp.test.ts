import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatHex, parseHex } from '#shared/wire/bytes.ts'
import { kinds, OptionValueError, type KindName, type OptionValue } from '#shared/wire/dhcp/kinds.ts'
import {
  blankMessage,
  bootFileOf,
  decodeDhcp,
  encodeDhcp,
  encodeDhcpWithin,
  findOptionData,
  userClassesOf,
  valueProblems,
} from '#shared/wire/dhcp/message.ts'
import { dhcpOptions, findOption } from '#shared/wire/dhcp/options.ts'
import { dhcpFields } from '#shared/wire/dissect/dhcp-fields.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { decodeSpace, encodePxeVendorOptions, readBootItem } from '#shared/wire/dhcp/spaces.ts'
import { dhcpPayloads, vector } from '../helpers/fixtures.ts'

const hex = (text: string): Uint8Array => parseHex(text)!

describe('option kinds', () => {
  const rows: readonly [KindName, OptionValue, string, string][] = [
    ['address', '192.168.77.1', 'c0a84d01', '192.168.77.1'],
    ['addresses', ['10.0.0.1', '10.0.0.2'], '0a0000010a000002', '10.0.0.1, 10.0.0.2'],
    ['addressPairs', ['10.0.0.0 255.0.0.0'], '0a000000ff000000', '10.0.0.0 255.0.0.0'],
    ['u8', 64, '40', '64'],
    ['u16', 1500, '05dc', '1500'],
    ['u16s', [68, 296], '00440128', '68, 296'],
    ['i32', -3600, 'fffff1f0', '-3600 s'],
    ['seconds', 3600, '00000e10', '3600 s'],
    ['seconds', 0xffffffff, 'ffffffff', 'for ever'],
    ['flag', true, '01', 'yes'],
    ['text', 'bench1', '62656e636831', 'bench1'],
    ['terminatedText', 'a.efi', '612e65666900', 'a.efi'],
    ['messageType', 5, '05', 'ACK (5)'],
    ['overload', 3, '03', 'file and sname hold options (3)'],
    ['clientIdentifier', '01525400770001', '01525400770001', 'hardware address 52:54:00:77:00:01'],
    [
      'machineIdentifier',
      '33221100-5544-7766-8899-aabbccddeeff',
      '0000112233445566778899aabbccddeeff',
      '33221100-5544-7766-8899-aabbccddeeff',
    ],
    ['architectures', [7, 9], '00070009', 'UEFI x64 (7), UEFI x64 or EBC (9)'],
    ['networkInterface', '1.3.16', '010310', 'UNDI 3.16'],
    ['userClass', ['iPXE', 'lab'], '0469505845036c6162', 'iPXE, lab'],
    ['domainNames', ['lab.test', 'a.b'], '036c616204746573740001610162' + '00', 'lab.test, a.b'],
    ['sipServers', ['10.0.0.1'], '010a000001', '10.0.0.1'],
    ['sipServers', ['sip.test'], '00037369700474657374' + '00', 'sip.test'],
    [
      'classlessRoutes',
      ['10.0.0.0/8 192.168.77.1', '0.0.0.0/0 192.168.77.2'],
      '080ac0a84d0100c0a84d02',
      '10.0.0.0/8 192.168.77.1, 0.0.0.0/0 192.168.77.2',
    ],
  ]
  test.each(rows)('%s %j', (name, value, bytes, text) => {
    expect(formatHex(kinds[name].encode(value))).toBe(bytes)
    expect(kinds[name].decode(hex(bytes))).toEqual({ value, text })
  })

  test('every kind of the table reads any bytes and says what is wrong instead of throwing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(kinds) as KindName[])),
        fc.uint8Array({ maxLength: 80 }),
        (name, data) => {
          const decoded = kinds[name].decode(data)
          expect(typeof inEnglish(decoded.text)).toBe('string')
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('what a kind decodes without a complaint it encodes to the same bytes', () => {
    const lossy: readonly KindName[] = [
      'clientFqdn',
      'enterpriseBlocks',
      'text',
      'terminatedText',
      'userClass',
      'domainNames',
      'sipServers',
      'classlessRoutes',
      'opaque',
      'flag',
      'empty',
    ]
    const exact = (Object.keys(kinds) as KindName[]).filter((name) => !lossy.includes(name))
    fc.assert(
      fc.property(fc.constantFrom(...exact), fc.uint8Array({ minLength: 1, maxLength: 40 }), (name, data) => {
        const { value, problem } = kinds[name].decode(data)
        if (problem === undefined) expect(formatHex(kinds[name].encode(value))).toBe(formatHex(data))
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['address', '192.168.77.256'],
    ['u8', 256],
    ['u16', -1],
    ['seconds', 'soon'],
    ['flag', 'yes'],
    ['machineIdentifier', 'none'],
    ['classlessRoutes', '10.0.0.1/8 192.168.77.1'],
    ['architectures', 'toaster'],
  ] as const)('%s refuses %j and says what it wants', (name, value) => {
    expect(() => kinds[name].encode(value)).toThrow(OptionValueError)
    expect(() => kinds[name].encode(value)).toThrow(JSON.stringify(value))
  })

  test('compression pointers are followed, and a loop of them ends', () => {
    expect(kinds.domainNames.decode(hex('036c6162047465737400' + '0161c000')).value).toEqual(['lab.test', 'a.lab.test'])
    expect(kinds.domainNames.decode(hex('c000')).problem).toContain('leads nowhere')
  })

  test('iPXE sends its user class without the length of RFC 3004', () => {
    expect(kinds.userClass.decode(hex('69505845'))).toMatchObject({
      value: ['iPXE'],
      text: expect.stringContaining('iPXE'),
    })
    expect(kinds.userClass.decode(hex('0469505845')).value).toEqual(['iPXE'])
  })
})

describe('the table of options', () => {
  test('has every option of RFC 2132 and what network boot adds, each with a reference', () => {
    for (let code = 1; code <= 76; code++) expect(dhcpOptions.has(code), `option ${code}`).toBe(true)
    for (const code of [77, 82, 93, 94, 97, 118, 119, 121, 128, 135, 150, 175, 208, 209, 210, 211, 249, 250, 252])
      expect(dhcpOptions.has(code)).toBe(true)
    for (const definition of dhcpOptions.values()) expect(definition.reference).not.toBe('')
  })

  test('names are unique and found in the spellings people use', () => {
    const names = [...dhcpOptions.values()].map((one) => one.name)
    expect(new Set(names).size).toBe(names.length)
    expect(findOption('ntp-servers')?.code).toBe(42)
    expect(findOption('42')?.name).toBe('ntp-server')
    expect(findOption(200)).toMatchObject({ code: 200, kind: 'opaque' })
    expect(findOption('255')).toBeUndefined()
    expect(findOption('no-such-option')).toBeUndefined()
  })
})

describe('messages', () => {
  const payloads = dhcpPayloads()

  test('the captures and vectors hold enough to mean something', () => expect(payloads.length).toBeGreaterThan(150))

  test('every message of real firmware and real servers decodes without a problem', () => {
    const problems = payloads.flatMap(({ name, payload }) => {
      const decoded = decodeDhcp(payload)
      return [...decoded.problems, ...valueProblems(decoded)].map((one) => `${name}: ${one.field} ${one.message}`)
    })
    // EDK2's HTTP boot asks with a stray byte in option 55, which is a list of any bytes; nothing else is odd.
    expect(problems).toEqual([])
  })

  test('encoding what was decoded gives the same bytes where the input was canonical', () => {
    let canonical = 0
    for (const { name, payload } of payloads) {
      const { message, runs } = decodeDhcp(payload)
      const end = runs.at(-1)!
      const isPadded = payload.subarray(end.at + 2 + end.length + 1).every((byte) => byte === 0)
      const isContiguous = runs.every(
        (run, at) => run.at === (runs[at - 1] ? runs[at - 1]!.at + 2 + runs[at - 1]!.length : 240),
      )
      const isShort = payload.length === Math.max(300, end.at + 2 + end.length + 1)
      if (!isPadded || !isContiguous || !isShort) continue
      canonical++
      expect(formatHex(encodeDhcp(message)), name).toBe(formatHex(payload))
    }
    expect(canonical).toBeGreaterThan(100)
  })

  test('any message survives a round trip', () => {
    const option = fc.record({ code: fc.integer({ min: 1, max: 254 }), data: fc.uint8Array({ maxLength: 600 }) })
    const message = fc.record({
      op: fc.constantFrom(1, 2), htype: fc.integer({ min: 0, max: 255 }), hlen: fc.integer({ min: 0, max: 16 }), hops: fc.integer({ min: 0, max: 255 }),
      xid: fc.nat(0xffffffff), secs: fc.nat(0xffff), flags: fc.nat(0xffff), ciaddr: fc.nat(0xffffffff), yiaddr: fc.nat(0xffffffff),
      siaddr: fc.nat(0xffffffff), giaddr: fc.nat(0xffffffff), chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      sname: fc.uint8Array({ minLength: 64, maxLength: 64 }), file: fc.uint8Array({ minLength: 128, maxLength: 128 }),
      options: fc.uniqueArray(option, { selector: (one) => one.code, maxLength: 12 }).map((list) => list.filter((one) => one.code !== 52)),
    }) // prettier-ignore
    fc.assert(
      fc.property(message, (value) => {
        const decoded = decodeDhcp(encodeDhcp(value))
        expect(decoded.problems).toEqual([])
        expect({
          ...decoded.message,
          options: decoded.message.options.map((one) => [one.code, formatHex(one.data)]),
        }).toEqual({
          ...value,
          options: value.options.map((one) => [one.code, formatHex(one.data)]),
        })
      }),
    )
  })

  test('any bytes decode and show without an exception, and ranges stay inside', () => {
    const base = vector('disc')
    const damaged = fc
      .tuple(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 12 }), fc.nat(base.length))
      .map(([changes, length]) => {
        const copy = base.slice()
        for (const [at, value] of changes) copy[at] = value
        return copy.subarray(0, length)
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 700 }), damaged), (bytes) => {
        const { layer, problems } = dhcpFields(bytes, 42)
        for (const problem of problems) expect(problem.at - 42).toBeLessThanOrEqual(Math.max(bytes.length, 236 + 4))
        for (const field of allFields([layer])) expect(field.at + field.length).toBeLessThanOrEqual(42 + bytes.length)
      }),
      { numRuns: 2000 },
    )
  })

  test('cut at every length, a message yields what could be read and one place of damage', () => {
    const whole = vector('disc')
    for (let length = 0; length < whole.length; length++) {
      const { message, problems } = decodeDhcp(whole.subarray(0, length))
      expect(problems.length, `at ${length}`).toBeGreaterThan(0)
      if (length >= 8) expect(message.xid).toBe(0x1a2b3c4d)
      if (length >= 243) expect(findOptionData(message, 53)?.[0]).toBe(1)
    }
  })

  test('long options are split and joined (RFC 3396)', () => {
    const data = Uint8Array.from({ length: 700 }, (_, at) => at & 255)
    const datagram = encodeDhcp({
      ...blankMessage,
      options: [
        { code: 53, data: Uint8Array.of(2) },
        { code: 43, data },
      ],
    })
    const decoded = decodeDhcp(datagram)
    expect(decoded.runs.map((run) => run.length)).toEqual([1, 255, 255, 190])
    expect(formatHex(findOptionData(decoded.message, 43)!)).toBe(formatHex(data))
  })

  test('option overload is read in the order options, file, sname', () => {
    const file = new Uint8Array(128)
    file.set(hex('43026162ff'))
    const sname = new Uint8Array(64)
    sname.set(hex('43026364ff'))
    const datagram = encodeDhcp({ ...blankMessage, file, sname, options: [{ code: 52, data: Uint8Array.of(3) }] })
    const { message, runs } = decodeDhcp(datagram)
    expect(runs.map((run) => run.field)).toEqual(['options', 'file', 'sname'])
    expect(bootFileOf(message)).toBe('abcd')
  })

  test('a small limit (option 57) moves options into file and sname, then drops the last', () => {
    const options = [
      { code: 53, data: Uint8Array.of(2) },
      { code: 12, data: new Uint8Array(100).fill(65) },
      { code: 15, data: new Uint8Array(60).fill(66) },
      { code: 17, data: new Uint8Array(200).fill(67) },
      { code: 40, data: new Uint8Array(55).fill(68) },
      { code: 82, data: Uint8Array.of(1, 1, 7) },
    ]
    const { datagram, dropped } = encodeDhcpWithin({ ...blankMessage, options }, 400, new Set([53]))
    const { message, problems, runs } = decodeDhcp(datagram)
    expect(datagram.length).toBeLessThanOrEqual(400)
    expect(problems).toEqual([])
    expect(dropped).toEqual([17])
    expect(runs.filter((run) => run.field !== 'options').map((run) => run.code)).toEqual([15, 40])
    expect(runs.filter((run) => run.field === 'options').at(-1)?.code).toBe(82)
    expect(message.options.map((one) => one.code)).toEqual(expect.arrayContaining([53, 12, 15, 40, 52, 82]))
  })

  test('the iPXE ROM of the captures names its class bare and is recognised', () => {
    const discover = payloads.find(({ name }) => name.startsWith('full-bios-ipxe'))!
    expect(userClassesOf(decodeDhcp(discover.payload).message)).toEqual(['iPXE'])
  })
})

describe('options inside options', () => {
  test('a PXE menu is written as dnsmasq writes it (vector V8)', () => {
    const bytes = encodePxeVendorOptions({
      discoveryControl: 3,
      bootServers: [{ type: 0x8000, addresses: [0xc0a80199] }],
      bootMenu: [{ type: 0x8000, text: "'Start ipxe (bios)'" }],
      menuPrompt: { timeoutSeconds: 0, text: 'PXE' },
    })
    const ours = decodeSpace('pxe', bytes)
    const theirs = decodeSpace('pxe', findOptionData(decodeDhcp(vector('menuoffer')).message, 43)!)
    const byCode = (list: typeof ours): Record<string, string> =>
      Object.fromEntries(list.subOptions.map((one) => [one.code, formatHex(one.data)]))
    expect(byCode(ours)).toEqual(byCode(theirs))
    expect(ours.problems).toEqual([])
  })

  test('a boot item comes back as it was asked for', () => {
    expect(readBootItem(findOptionData(decodeDhcp(vector('bsreq')).message, 43))).toEqual({ type: 0x8000, layer: 0 })
    expect(readBootItem(hex('ff'))).toBeUndefined()
  })

  test("Microsoft's option 250 and the relay's option 82 are named", () => {
    const wds = decodeSpace('wds', findOptionData(decodeDhcp(vector('wdsreq')).message, 250)!)
    expect(wds.subOptions.map((one) => [one.name, one.text])).toEqual([
      ['pxe-prompt-done', '1'], ['boot-program-version', '0x0800'], ['architecture', '7'], ['action-done', '1'], ['request-id', '17'],
    ]) // prettier-ignore
    expect(decodeSpace('relay', hex('01046574683105' + '04c0a84e00')).subOptions.map((one) => [one.name, one.text])).toEqual([
      ['agent-circuit-id', 'eth1'], ['link-selection', '192.168.78.0'],
    ]) // prettier-ignore
  })

  test('a cut-off sub-option is told with its place, what came before it is kept', () => {
    const { subOptions, problems } = decodeSpace('pxe', hex('060108' + '0a0a00'), 250)
    expect(subOptions.map((one) => one.code)).toEqual([6])
    expect(problems).toEqual([{ at: 253, field: 'menu-prompt', message: 'is cut off: 3 bytes are left' }])
  })
})
