/** What `pxe-lab check` makes of a network: comparison, baseline, reports and timers. */
import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  clientKeys,
  compareEngine,
  compareWire,
  engineExpectationOf,
  expectationOf,
  expectationsSchema,
  wiresOf,
  type ObservedWire,
} from '#shared/lab/expectations.ts'
import { checkSchema } from '#shared/contract/documents.ts'
import { readYaml, yamlText } from '#shared/lab/yaml-file.ts'
import { check } from '../../src/main/cli/check.ts'
import { formOf, nagiosExit, stateOf, type CheckReport } from '../../src/main/cli/check-report.ts'
import { installSteps, scheduleFiles } from '../../src/main/cli/check-schedule.ts'
import { describeWith } from '../helpers/requirements.ts'

const nameOf = (client: string): string => client
const address = fc.ipV4()
const orNobody = fc.oneof(address, fc.constant(''))
const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
const client = fc.record(
  {
    addressFrom: orNobody,
    bootServer: orNobody,
    boot: fc.oneof(
      fc.record({ file: fc.string({ minLength: 1 }).filter((one) => one !== 'none'), fileServer: address, sha256: hex, shows: fc.constant('') }),
      fc.record({ file: fc.constant(''), fileServer: fc.constant(''), sha256: fc.constant(''), shows: fc.constantFrom('PXE-E53', 'PXE-E18') }),
    ),
  },
  { requiredKeys: ['addressFrom', 'bootServer'] },
) // prettier-ignore
const wire: fc.Arbitrary<ObservedWire> = fc.record({
  interface: fc.constantFrom('eth0', 'Ethernet 2', 'vEthernet (LAN)'),
  dhcpServers: fc.uniqueArray(address, { maxLength: 3 }),
  proxies: fc.uniqueArray(address, { maxLength: 3 }),
  warnings: fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
  clients: fc.record(Object.fromEntries(clientKeys.map((key) => [key, client])), { requiredKeys: [] }),
})

const read = (text: string) => readYaml(text, expectationsSchema, 'a file of expectations')

describe('a baseline', () => {
  test('holds of what it was made of, and survives being written as a file', () => {
    fc.assert(
      fc.property(wire, (observed) => {
        const { list, value } = read(yamlText({ wires: [expectationOf(observed)] }))
        expect(list.problems).toEqual([])
        const assertions = compareWire(wiresOf(value!)[0]!, observed, nameOf)
        expect(assertions.filter((one) => one.state !== 'holds')).toEqual([])
        expect(assertions.length).toBeGreaterThanOrEqual(3)
      }),
    )
  })

  test('tells each value that is another one since, and no other', () => {
    const before: ObservedWire = {
      interface: 'eth0',
      dhcpServers: ['10.1.1.2'],
      proxies: ['10.1.1.5'],
      warnings: [],
      clients: { 'x64-uefi': { addressFrom: '10.1.1.2', bootServer: '10.1.1.5', boot: { file: 'boot\\x64\\wdsmgfw.efi', fileServer: '10.1.1.5', sha256: 'a'.repeat(64), shows: '' } } },
    } // prettier-ignore
    const changed = (after: Partial<ObservedWire>): string[] =>
      compareWire(expectationOf(before), { ...before, ...after }, nameOf)
        .filter((one) => one.state === 'differs')
        .map((one) => `${one.what}: ${one.expected} > ${one.found}`)
    expect(changed({})).toEqual([])
    expect(changed({ dhcpServers: ['10.1.1.9', '10.1.1.2'] })).toEqual(['DHCP servers: 10.1.1.2 > 10.1.1.2, 10.1.1.9'])
    expect(changed({ proxies: [] })).toEqual(['proxyDHCP servers: 10.1.1.5 > nobody'])
    expect(changed({ warnings: ['Nobody answers.'] })).toEqual(['warnings: none > Nobody answers.'])
    const uefi = before.clients['x64-uefi']!
    expect(changed({ clients: { 'x64-uefi': { ...uefi, boot: { ...uefi.boot!, sha256: 'b'.repeat(64) } } } })).toEqual([`x64-uefi, SHA-256: ${'a'.repeat(64)} > ${'b'.repeat(64)}`]) // prettier-ignore
    expect(changed({ clients: { 'x64-uefi': { ...uefi, boot: { ...uefi.boot!, file: '/Boot/X64/WDSMGFW.efi' } } } })).toEqual([]) // prettier-ignore
    expect(changed({ clients: { 'x64-uefi': { ...uefi, boot: { file: '', fileServer: '', sha256: '', shows: 'PXE-E53' } } } })).toEqual([
      'x64-uefi, file: boot\\x64\\wdsmgfw.efi > none',
      'x64-uefi, file server: 10.1.1.5 > none',
      `x64-uefi, SHA-256: ${'a'.repeat(64)} > none`,
      'x64-uefi, shows: none > PXE-E53',
    ]) // prettier-ignore
  })
})

test.each([
  ['doctor: healthy\n', 'interface is missing'],
  ['interface: eth0\nwires: [{ interface: eth1 }]\n', 'wires stands beside interface'],
  ['wires: []\n', 'wires is below 1'],
  ['wires: [{ interface: eth1 }, { interface: eth1 }]\n', 'wires[1].interface stands twice in the list'],
  ['interface: eth0\nclients: { bios: { addressFrom: nobody } }\n', 'clients.bios.addressFrom is no IPv4 address'],
])('a file that says %j is refused: %s', (text, told) => {
  const [first] = read(text).list.problems
  expect(`${first?.field} ${inEnglish(first?.message ?? '')}`).toContain(told)
  expect(first?.remedy).not.toBe('')
})

const hostile = 'a "quoted" | back\\slash\nand line'
const report = (state: 'holds' | 'differs' | 'unknown'): CheckReport => ({
  places: [
    { interface: 'eth0', complaint: '', assertions: [{ what: 'DHCP servers', expected: '10.1.1.2', found: '10.1.1.2', state: 'holds' }, { what: hostile, expected: 'x', found: hostile, state: state === 'differs' ? 'differs' : 'holds' }] },
    { interface: 'eth1', complaint: state === 'unknown' ? 'port 68 is taken' : '', assertions: [] },
  ],
  endedAt: 1_795_680_000,
  seconds: 1.5,
}) // prettier-ignore

test('an engine: a baseline holds of what it was made of, each change is told, and what was not found out is not called different', () => {
  const observed = { server: '/run/kea/a', answers: true, isInPlace: true, subnets: ['10.1.0.0/16', '10.0.0.0/16'], pair: 'hot-standby, partner in touch' } // prettier-ignore
  const { list, value } = read(yamlText({ wires: [{ interface: 'eth0' }], engine: { lab: 'lab.yaml', servers: [engineExpectationOf(observed)] } })) // prettier-ignore
  expect(list.problems).toEqual([])
  const [expected] = value!.engine!.servers
  expect(compareEngine(expected!, { ...observed, subnets: observed.subnets.toReversed() }).map((one) => one.state)).toEqual(Array(4).fill('holds')) // prettier-ignore
  const other = { server: '/run/kea/a', answers: false, isInPlace: false, subnets: ['10.1.0.0/16'], pair: '' }
  expect(compareEngine(expected!, other).map((one) => one.state)).toEqual(Array(4).fill('differs'))
  const dark = compareEngine(expected!, { ...observed, answers: undefined, isInPlace: 'interface eth7 has no IPv4 address' }) // prettier-ignore
  expect(dark.map(({ state, found }) => `${state} ${found}`).slice(0, 2)).toEqual(['unknown no network was asked', 'unknown interface eth7 has no IPv4 address']) // prettier-ignore
  // A server that could not be asked leaves the state unknown, and is named in every form.
  const place = { interface: '', server: 'Kea at /run/kea/a', complaint: 'Kea does not answer', assertions: [] }
  const lost: CheckReport = { places: [...report('holds').places, place], endedAt: 1, seconds: 1 }
  expect(stateOf(lost)).toBe('unknown')
  expect(formOf.text(lost)).toContain(
    'Kea at /run/kea/a\n??  Kea at /run/kea/a could not be queried: Kea does not answer\n',
  )
  expect(formOf.nagios(lost)).toMatch(/^PXE UNKNOWN - Kea at \/run\/kea\/a could not be queried/)
  expect(formOf.prometheus(lost)).toContain('pxe_lab_check_asked{server="Kea at /run/kea/a"} 0\n')
  expect(checkSchema.parse(JSON.parse(formOf.json(lost)))).toMatchObject({ servers: [{ server: 'Kea at /run/kea/a', state: 'unknown' }], machine: [] }) // prettier-ignore
})

test('a monitoring plugin: word, one line, performance data, and the exit codes of plugins', () => {
  const shapes = ['holds', 'differs', 'unknown'] as const
  expect(shapes.map((one) => [stateOf(report(one)), nagiosExit[one]])).toEqual([['holds', 0], ['differs', 2], ['unknown', 3]]) // prettier-ignore
  for (const one of shapes) {
    const text = formOf.nagios(report(one))
    expect(text.split('\n')[0]).toMatch(/^PXE (OK|CRITICAL|UNKNOWN) - [^|]+ \| expected=\d differing=\d;;0 unknown=\d time=1\.500s$/) // prettier-ignore
    expect(text.match(/\|/g)).toHaveLength(1)
  }
  expect(formOf.nagios(report('differs'))).toMatch(/^PXE CRITICAL - eth0 a "quoted" \/ /)
  expect(formOf.nagios(report('unknown'))).toMatch(/^PXE UNKNOWN - eth1 could not be queried: port 68 is taken/)
})

test.each([
  ['no file', undefined],
  ['a file of another version', 'version: 99\nwires: []\n'],
  ['a lab file that is not there', 'engine: { lab: gone.yaml, servers: [{ server: /run/kea/a, answers: true, isInPlace: true }] }\n'],
])('%s: a plugin says UNKNOWN with its code, and others end with 2', async (_, text) => {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-check-'))
  const said: string[] = []
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((one) => said.push(String(one)) > 0)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const target = join(folder, 'a|b.yaml')
    if (text !== undefined) writeFileSync(target, text)
    expect(await check({ expect: target, form: 'nagios' })).toBe(3)
    expect(said.join('')).toMatch(/^PXE UNKNOWN - [^|\n]+ cannot be used[^|\n]*\n$/)
    expect(await check({ expect: target })).toBe(2)
  } finally {
    out.mockRestore()
    err.mockRestore()
    rmSync(folder, { recursive: true })
  }
}) // prettier-ignore

test('metrics are lines of the text format, and give label values back as they were', () => {
  const line = /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? \S+)$/
  const text = formOf.prometheus(report('differs'))
  for (const one of text.trimEnd().split('\n')) expect(one).toMatch(line)
  const labels = [...text.matchAll(/what="((?:[^"\\]|\\.)*)"/g)].map(([, one]) => one!.replace(/\\(.)/g, (_, of: string) => (of === 'n' ? '\n' : of))) // prettier-ignore
  expect(labels).toEqual(['DHCP servers', hostile])
  expect(text).toContain('pxe_lab_check_ended_timestamp_seconds 1795680000')
})

test('text and JSON name each network where there are several, and what was not asked', () => {
  expect(formOf.text(report('unknown'))).toContain('??  eth1 could not be queried: port 68 is taken\n')
  for (const one of ['holds', 'unknown'] as const) checkSchema.parse(JSON.parse(formOf.json(report(one))))
  expect(checkSchema.parse(JSON.parse(formOf.json(report('differs'))))).toMatchObject({ version: 2, state: 'differs', wires: [{ interface: 'eth0', state: 'differs' }, { state: 'holds' }] }) // prettier-ignore
})

/** As CommandLineToArgvW documents it. */
function argumentsOf(line: string): string[] {
  const found: string[] = []
  let current = ''
  let isQuoted = false
  let isOpen = false
  for (let at = 0; at <= line.length; at++) {
    const slashes = /^\\*/.exec(line.slice(at))![0].length
    if (slashes > 0 && line[at + slashes] === '"') {
      current += '\\'.repeat(Math.floor(slashes / 2))
      at += slashes
      if (slashes % 2 === 1) current += '"'
      else isQuoted = !isQuoted
      isOpen = true
      continue
    }
    const one = line[at]
    if (one === '"') {
      isQuoted = !isQuoted
      isOpen = true
    } else if (one === undefined || (/\s/.test(one) && !isQuoted)) {
      if (isOpen) found.push(current)
      current = ''
      isOpen = false
    } else {
      current += one
      isOpen = true
    }
  }
  return found
}

test('a task of Windows is XML in UTF-16 whose command line is taken apart into what was given', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '&', '<', "'", '%', 'ä') })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 44_640 }), (values, everyMinutes) => {
      const [file] = scheduleFiles.windows({ command: ['C:\\Program Files\\node.exe', ...values], everyMinutes })
      const text = Buffer.from(file!.content as Uint8Array).toString('utf16le')
      expect(text.startsWith('\u{feff}<?xml version="1.0" encoding="UTF-16"?>\r\n')).toBe(true)
      const textOf = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)![1]!.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
      expect(text.match(/&(?!#\d+;)/)).toBeNull()
      expect(textOf('Command')).toBe('C:\\Program Files\\node.exe')
      expect(argumentsOf(textOf('Arguments'))).toEqual(values)
      expect(textOf('Interval')).toBe(`PT${everyMinutes}M`)
    }),
  )
  expect(installSteps.windows('C:\\x')).toContain('schtasks /Create')
}) // prettier-ignore

describeWith(['systemd-analyze'], 'a timer of systemd', () => {
  test('is accepted without a word, whatever its command says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-timer-'))
    try {
      const odd = '100% of $HOME and "this" \\ that'
      for (const { name, content } of scheduleFiles.systemd({ command: [process.execPath, '--check', odd], everyMinutes: 7 })) writeFileSync(join(folder, name), content)
      const said = execFileSync('systemd-analyze', ['verify', '--man=no', join(folder, 'pxe-lab-check.service'), join(folder, 'pxe-lab-check.timer')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      expect(said).toBe('')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}) // prettier-ignore
