import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  askSchema,
  checkSchema,
  decodedFrameSchema,
  doctorSchema,
  explainedCaptureSchema,
  imageSchema,
  planSchema,
  probeSchema,
  readLogSchema,
  scaleSchema,
  secureBootSchema,
  simulatedSchema,
} from '#shared/contract/documents.ts'
import { expectationsSchema } from '#shared/lab/expectations.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import { siteFileSchema } from '#shared/planner/site.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { calls } from '#shared/contract/calls.ts'
import { asSentence } from '#shared/lab/phrase.ts'
import { labSchema, type LabProblem } from '#shared/lab/lab.ts'
import { changeLabText, describeProblem, newLabText, parseLab } from '../../src/main/workspace/lab-file.ts'
import { spoken } from '../helpers/spoken.ts'

const valid = `# my bench
interface: eth1   # the blue cable
mode: dhcp
dhcp:
  subnets:
    - subnet: 192.168.77.0/24
      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]
      router: 192.168.77.1
      dns: [192.168.77.1]
      options: { 42: 192.168.77.1 }
      reservations: [{ mac: 52:54:00:00:00:01, address: 192.168.77.50, hostname: bench1 }]
boot:
  programs:
    - { userClass: iPXE, file: menu.ipxe }
    - { architecture: bios, file: undionly.kpxe }
    - { architecture: 27, file: riscv.efi }
`

const problemsOf = (text: string) => {
  const parsed = parseLab(text)
  return parsed.ok ? [] : spoken(parsed.problems)
}

test('ports of transfers are a range without privilege, in order, and none of those that the lab listens on', () => {
  const told = (ports: string, more = ''): string[] =>
    problemsOf(`interface: eth1\ntftp: { ports: ${ports} }\n${more}`).map((one) => `${one.field} ${inEnglish(one.message)}. ${inEnglish(one.remedy)}`) // prettier-ignore
  for (const good of ['4012-4020', '4000-4010', '1024-1024', '65535-65535', 'null']) expect(told(good)).toEqual([])
  for (const [bad, listened] of [['4000-4011', 4011], ['4011-4020', 4011], ['4011-4011', 4011], ['1024-65535', 4011]] as const) // prettier-ignore
    expect(told(bad)).toEqual([`tftp.ports contains ${listened}, on which the lab listens itself. Write a range beside it, such as 50000-50100.`]) // prettier-ignore
  // Ports that are moved are those it listens on; with one port for everything no range is used.
  expect(told('6000-6100', 'ports: { dhcp: 6067, tftp: 7069, bootServer: 7011 }\n')[0]).toContain('contains 6067')
  expect(told('4000-4011', 'ports: { dhcp: 6067, tftp: 7069, bootServer: 7011 }\n')).toEqual([])
  expect(problemsOf('interface: eth1\ntftp: { ports: 4000-4011, singlePort: true }\n')).toEqual([])
  for (const wrong of ['5000-4000', '60-70', '69-69', '1023-1030', '65535-65536', '0-70000', '""', '5000-'])
    expect(told(wrong)).toEqual([expect.stringMatching(/^tftp\.ports is not a range of ports\. Write the UDP ports .* \(1024 to 65535\)/)]) // prettier-ignore
  for (const wrong of ['5000', '-1', '[5000, 5100]']) expect(told(wrong)).toEqual([expect.stringMatching(/^tftp\.ports is none of what may stand here\. Write the UDP ports/)]) // prettier-ignore
})

describe('reading', () => {
  test('a small file is enough, and every default is there', () => {
    const parsed = parseLab('interface: eth1\n')
    expect(parsed).toMatchObject({
      ok: true,
      lab: {
        mode: 'listen',
        ports: { dhcp: 67, tftp: 69, bootServer: 4011 },
        allowOtherServers: false,
        tftp: { maxBlockSize: 1468, maxWindowSize: 64, upload: null },
        state: null,
        dhcp: { leaseSeconds: 3600, vendorClass: 'none' },
        boot: { files: './boot', nextServer: null },
      },
    })
  })

  test('the file of the documentation and JSON are accepted', () => {
    expect(problemsOf(valid)).toEqual([])
    expect(problemsOf(JSON.stringify(parse(valid)))).toEqual([])
  })

  test.each<[string, string, string, Partial<LabProblem>]>([
    [
      'a value of the wrong kind',
      'mode: dhcp',
      'mode: router',
      { line: 3, field: 'mode', value: '"router"', message: 'is none of listen, dhcp, proxy-dhcp, boot-server' },
    ],
    [
      'a misspelt key',
      'interface: eth1',
      'interface: eth1\nmod: dhcp',
      { line: 3, field: 'mod', remedy: 'Did you mean mode?' },
    ],
    [
      'a pool outside its subnet',
      '192.168.77.199',
      '192.168.78.199',
      {
        line: 7,
        field: 'dhcp.subnets[0].pools[0].end',
        value: '"192.168.78.199"',
        message: 'lies outside 192.168.77.0/24',
        remedy: 'Write an address from 192.168.77.1 to 192.168.77.254.',
      },
    ],
    [
      'a pool the wrong way round',
      'end: 192.168.77.199',
      'end: 192.168.77.99',
      { field: 'dhcp.subnets[0].pools[0].end', message: "comes before the pool's start 192.168.77.100" },
    ],
    [
      'the broadcast address',
      'end: 192.168.77.199',
      'end: 192.168.77.255',
      { message: 'is the broadcast address of 192.168.77.0/24' },
    ],
    [
      'a router outside',
      'router: 192.168.77.1',
      'router: 10.0.0.1',
      { line: 8, field: 'dhcp.subnets[0].router', message: 'lies outside 192.168.77.0/24' },
    ],
    [
      'a router in the pool',
      'router: 192.168.77.1',
      'router: 192.168.77.120',
      { message: 'contains the router 192.168.77.120' },
    ],
    ['host bits', 'subnet: 192.168.77.0/24', 'subnet: 192.168.77.5/24', { line: 6, message: 'is not a network' }],
    [
      'no address',
      'dns: [192.168.77.1]',
      'dns: [192.168.77.300]',
      { line: 9, field: 'dhcp.subnets[0].dns[0]', value: '"192.168.77.300"', message: 'is not an IPv4 address' },
    ],
    [
      'an option with a wrong value',
      '42: 192.168.77.1',
      '42: soon',
      {
        line: 10,
        field: 'dhcp.subnets[0].options.42',
        message: expect.stringContaining('ntp-server'),
        remedy: 'Write an IPv4 address, or a list of them.',
      },
    ],
    [
      'an option the server makes',
      '42: 192.168.77.1',
      '53: 2',
      { message: expect.stringContaining('made by the server') },
    ],
    ['no such option', '42: 192.168.77.1', 'nonsense: 1', { line: 10, message: 'is no DHCP option' }],
    [
      'a reservation without a client',
      'mac: 52:54:00:00:00:01, ',
      '',
      { message: 'names no client: write mac, uuid or clientId' },
    ],
    [
      'no architecture',
      'architecture: 27',
      'architecture: toaster',
      { line: 16, field: 'boot.programs[2].architecture', message: 'is no architecture' },
    ],
    [
      'two services on one port',
      'mode: dhcp',
      'mode: dhcp\nports: { dhcp: 69 }',
      { message: 'is the same port as another service' },
    ],
    [
      'broken YAML',
      'mode: dhcp',
      'mode: [dhcp',
      { field: 'the file', message: expect.stringContaining('is not YAML') },
    ],
  ])('%s is told with its line, value and remedy', (_name, from, to, expected) => {
    expect(valid).toContain(from)
    const found = problemsOf(valid.replace(from, to))
    expect(found).toContainEqual(expect.objectContaining(expected))
    for (const problem of found) expect(problem.remedy).not.toBe('')
  })

  test('overlapping pools and subnets, double reservations', () => {
    const text = `interface: e
mode: dhcp
dhcp:
  subnets:
    - subnet: 10.0.0.0/16
      pools: [{ start: 10.0.0.10, end: 10.0.0.20 }, { start: 10.0.0.15, end: 10.0.0.30 }]
      reservations: [{ mac: 52:54:00:00:00:01, address: 10.0.0.5 }, { mac: 52:54:00:00:00:02, address: 10.0.0.5 }]
    - subnet: 10.0.1.0/24
`
    expect(problemsOf(text).map((one) => one.message)).toEqual([
      'overlaps pool 1, 10.0.0.10 to 10.0.0.20',
      'is reserved by reservation 1 already',
      'overlaps 10.0.0.0/16',
    ])
  })

  test('a machine that is named twice, however it is written', () => {
    const text = `interface: e
mode: proxy-dhcp
role: configmgr
dhcp:
  subnets:
    - subnet: 10.0.0.0/16
      reservations:
        - { mac: 52:54:00:00:00:0a, address: 10.0.0.5 }
        - { mac: 52-54-00-00-00-0A, address: 10.0.0.6 }
wds: { devices: [{ uuid: 4c4c4544-0042-3510-8051-b4c04f4d3132 }, { uuid: '{4C4C4544-0042-3510-8051-B4C04F4D3132}' }] }
configmgr: { devices: [{ mac: 52:54:00:00:00:01, name: a }, { mac: 52:54:00:00:00:02, name: a }, { mac: '525400000001' }, { mac: 52:54:00:00:00:01, uuid: 4c4c4544-0042-3510-8051-b4c04f4d3132 }] }
`
    expect(problemsOf(text).map(({ line, field, message }) => `${line} ${field} ${inEnglish(message)}`)).toEqual([
      '9 dhcp.subnets[0].reservations[1].mac is that of reservation 1 already',
      '10 wds.devices[1].uuid is that of device 1 already',
      '11 configmgr.devices[2].mac is that of device 1 already',
    ])
  })

  test('one line a problem, as compilers print them', () => {
    const [first] = problemsOf('interface: e\nmode: router\n')
    expect(describeProblem('lab.yaml', first!)).toBe(
      'lab.yaml:2:7: mode is none of listen, dhcp, proxy-dhcp, boot-server (it is "router"). Write listen, dhcp, proxy-dhcp or boot-server.',
    )
  })
})

describe('changing', () => {
  test('comments and order survive, also next to what changes', () => {
    const changed = changeLabText(valid, [
      { path: ['mode'], value: 'listen' },
      {
        path: ['dhcp', 'subnets', 0, 'reservations', 1],
        value: { mac: '52:54:00:00:00:02', address: '192.168.77.51' },
      },
      { path: ['tftp', 'upload'], value: './in' },
      { path: ['dhcp', 'subnets', 0, 'router'], value: undefined },
    ])
    expect(changed).toContain('# my bench')
    expect(changed).toContain('# the blue cable')
    expect(changed.indexOf('interface')).toBeLessThan(changed.indexOf('mode'))
    const parsed = parseLab(changed)
    expect(parsed).toMatchObject({ ok: true, lab: { mode: 'listen', tftp: { upload: './in' } } })
    if (parsed.ok) {
      expect(parsed.lab.dhcp.subnets[0]!.reservations).toHaveLength(2)
      expect(parsed.lab.dhcp.subnets[0]!.router).toBeUndefined()
    }
  })

  test('a new file reads back', () => {
    expect(parseLab(newLabText({ interface: 'eth1', mode: 'proxy-dhcp' }))).toMatchObject({ ok: true })
  })
})

test.each([
  ['lab', labSchema],
  ['decode', decodedFrameSchema],
  ['explain', explainedCaptureSchema],
  ['scenario', scenarioSchema],
  ['simulate', simulatedSchema],
  ['ask', askSchema],
  ['scale', scaleSchema],
  ['secure-boot', secureBootSchema],
  ['facts', factsSchema],
  ['doctor', doctorSchema],
  ['probe', probeSchema],
  ['expectations', expectationsSchema],
  ['site', siteFileSchema],
  ['image', imageSchema],
  ['plan', planSchema],
  ['read-log', readLogSchema],
  ['check', checkSchema],
])('resources/%s.schema.json is what the schema generates', (name, schema) => {
  const generated = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: asSentence })
  const kept: unknown = JSON.parse(
    readFileSync(new URL(`../../resources/${name}.schema.json`, import.meta.url), 'utf8'),
  )
  expect(kept, 'run: node scripts/documents.ts').toEqual(JSON.parse(JSON.stringify(generated)))
})

describe('a file that is made to hurt is a problem of the file', () => {
  test.each([
    ['aliases of aliases', `a: &a [${'x,'.repeat(9)}]\n${['b', 'c', 'd', 'e'].map((key, at) => `${key}: &${key} [${`*${'abcd'[at]},`.repeat(9)}]`).join('\n')}\n`, 'cannot be expanded'],
    ['an alias without its anchor', 'interface: *nobody\n', 'cannot be expanded'],
    ['an alias of what it is part of', 'interface: &a [*a]\n', 'is part of what it stands for'],
    ['more aliases than anybody writes', Array.from({ length: 30_000 }, (_, at) => `k${at}: &a${at} [${at === 0 ? 'x' : `*a${at - 1}`}]`).join('\n'), 'is one of more than 200 aliases'],
    ['3,000 levels', `interface: ${'['.repeat(3000)}${']'.repeat(3000)}\n`, 'nested too deeply'],
    ['3,000 levels that do not end', `interface: ${'{a: '.repeat(3000)}`, 'nested too deeply'],
  ])('%s', (_, text, message) => {
    const [first] = problemsOf(text)
    expect(first!.message).toContain(message)
    expect(first!.remedy).not.toBe('')
    if (message === 'cannot be expanded') expect(first, 'of the file as a whole').toMatchObject({ line: 1, column: 1 })
  }) // prettier-ignore

  test('a key that stands twice is told where it stands the second time', () => {
    expect(problemsOf('interface: eth1\nmode: dhcp\nports:\n  dhcp: 67\n  dhcp: 68\nmode: listen\n')).toMatchObject([
      { line: 6, column: 1, value: '"mode"', message: 'stands twice in the same map' },
      { line: 5, column: 3, value: '"dhcp"', message: 'stands twice in the same map' },
    ])
  })

  test('of thousands of problems the first hundred are told', () => {
    expect(problemsOf(Array.from({ length: 2000 }, (_, at) => `k${at}: 1`).join('\n'))).toHaveLength(100)
    expect(problemsOf('mode: listen\n'.repeat(2000))).toHaveLength(100)
    expect(problemsOf(': : :\n'.repeat(2000))).toHaveLength(100)
  })
})

describe('a change by a window', () => {
  const text = 'interface: eth0\nclients: { allow: ["52:54:00"] }\ndhcp: { options: { 42: 10.0.0.1 } }\n'
  test('makes a list longer by one, and no more', () => {
    const allow = (place: number): string => changeLabText(text, [{ path: ['clients', 'allow', place], value: '08:00' }]) // prettier-ignore
    expect(parse(allow(1))).toMatchObject({ clients: { allow: ['52:54:00', '08:00'] } })
    // A hundred million empty places end the process.
    for (const place of [2, 1e8, 4_294_967_294])
      expect(() => allow(place)).toThrow(`clients.allow has no place ${place}: the list ends before it`)
    expect(() => changeLabText(text, [{ path: ['boot', 'programs', 1e8], value: {} }])).toThrow('has no place')
    // Options go by number, and are no list.
    expect(parse(changeLabText(text, [{ path: ['dhcp', 'options', 250], value: 'a' }]))).toMatchObject({ dhcp: { options: { 250: 'a' } } }) // prettier-ignore
  })

  test('has a path that a lab can have', () => {
    const { args } = calls['lab.change']
    const isTaken = (path: readonly unknown[]): boolean => args.safeParse({ changes: [{ path, value: 1 }] }).success
    expect(isTaken(['dhcp', 'subnets', 0, 'router'])).toBe(true)
    for (const path of [[], Array(17).fill('a'), ['a'.repeat(1001)], ['clients', -1]]) expect(isTaken(path)).toBe(false)
  })
})

test.each([
  ['braces without end', '{'.repeat(1000)],
  ['a map as a key', '? {a: 1}\n: 1\n'],
  ['keys of keys', `${'{'.repeat(60)}a: 1${'}: 1'.repeat(60)}`],
  ['lists as keys', '? '.repeat(300)],
  ['an alias as a key', 'a: &a { b: 1 }\nc: { *a : 1 }\n'],
])('%s are no lab file, and are told at once', (_, text) => {
  const started = performance.now()
  const parsed = parseLab(text)
  expect(parsed.ok).toBe(false)
  expect(!parsed.ok && parsed.problems.length).toBeGreaterThan(0)
  expect(performance.now() - started).toBeLessThan(60_000)
})

test('pools are told as overlapping where they share an address, and only there', () => {
  const edge = fc.integer({ min: 10, max: 20 })
  const pool = fc.tuple(edge, edge).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  fc.assert(
    fc.property(pool, pool, (one, other) => {
      const lines = [one, other].map(([start, end]) => `{ start: 10.0.0.${start}, end: 10.0.0.${end} }`)
      const problems = problemsOf(
        `interface: eth0\nmode: dhcp\ndhcp: { subnets: [{ subnet: 10.0.0.0/24, pools: [${lines.join(', ')}] }] }\n`,
      )
      const shared = Array.from({ length: 30 }, (_, at) => at).filter((at) => [one, other].every(([start, end]) => start <= at && at <= end)) // prettier-ignore
      expect(problems.map(({ field, message }) => `${field} ${inEnglish(message)}`)).toEqual(
        shared.length > 0 ? [`dhcp.subnets[0].pools[1] overlaps pool 1, 10.0.0.${one[0]} to 10.0.0.${one[1]}`] : [],
      )
    }),
  )
})

test('a text is read once, however often it is asked for, and another is read anew', () => {
  expect(parseLab(valid)).toBe(parseLab(valid))
  expect(parseLab(`${valid}# more\n`)).not.toBe(parseLab(valid))
  expect(parseLab('interface: eth1\n')).toMatchObject({ ok: true })
  expect(parseLab('interface: eth1\nmode: router\n')).toMatchObject({ ok: false })
})

describe('engine', () => {
  const problemsOf = (text: string): string[] => {
    const parsed = parseLab(text)
    return parsed.ok
      ? []
      : parsed.problems.map(({ field, message, remedy }) => `${field} ${inEnglish(message)}. ${inEnglish(remedy)}`)
  }
  const lab = (servers: string, more = ''): string => `interface: eth0\nmode: boot-server\nengine: { kea: { servers: [${servers}] } }\n${more}` // prettier-ignore

  test('names the control channels of a Kea', () => {
    expect(problemsOf(lab('{ socket: /run/kea/kea4-ctrl-socket }'))).toEqual([])
    expect(problemsOf(lab('{ url: "https://kea.example:8000/", user: a, passwordFile: p, ca: ca.pem }, { url: "http://[::1]:8000" }'))).toEqual([]) // prettier-ignore
  })

  for (const [text, problem] of [
    [lab('{}'), /engine\.kea\.servers\[0\] needs either socket or url/],
    [lab('{ socket: run/kea }'), /servers\[0\]\.socket is no absolute path/],
    [lab('{ url: "ftp://kea/" }'), /servers\[0\]\.url is not an http or https address without a user/],
    [lab('{ url: "http://a:b@kea/" }'), /servers\[0\]\.url is not an http or https address without a user/],
    [lab('{ url: "https://kea/", user: a }'), /passwordFile|user needs the other/],
    [lab('{ url: "http://kea/", user: a, passwordFile: p }'), /url would send the password in the clear/],
    [lab('{ url: "http://kea/", ca: ca.pem }'), /ca is given for a channel without TLS/],
    [lab('{ url: "https://kea/", fingerprint: "12" }'), /fingerprint is not a SHA-256 fingerprint/],
    [lab('{ socket: /a }, { socket: /a }'), /servers\[1\] is there twice/],
    [lab(''), /servers/],
    [lab('{ socket: /a }').replace('boot-server', 'dhcp'), /mode is dhcp, while engine says that Kea gives/],
    [lab('{ socket: /a }').replace('boot-server', 'listen'), /mode is listen, which answers nobody/],
    [lab('{ socket: /a }', 'dhcp: { subnets: [{ subnet: 10.0.0.0/24 }] }'), /dhcp\.subnets are given while engine/],
    [lab('{ socket: /a }', 'dhcp: { options: { 42: 10.0.0.1 } }'), /dhcp\.options are given while engine/],
  ] as const)
    test(`is told what is wrong: ${problem.source}`, () => {
      const problems = problemsOf(text)
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(problem)
    })
})
