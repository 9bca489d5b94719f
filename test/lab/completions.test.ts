import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { proposeYaml, type SchemaNode } from '#shared/lab/completions.ts'
import { labJsonSchema } from '#shared/lab/lab.ts'
import { siteJsonSchema } from '#shared/planner/site.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'

const schema = labJsonSchema() as SchemaNode
/** Labels at the bar. */
const at = (marked: string, of: SchemaNode = schema): string[] => {
  const offset = marked.indexOf('|')
  return proposeYaml(marked.replace('|', ''), offset, of).proposed.map(({ label }) => label)
}
/** The text with one of the proposals taken. */
const taken = (marked: string, label: string): string => {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { from, proposed } = proposeYaml(text, offset, schema)
  const one = proposed.find((each) => each.label === label)
  return one ? text.slice(0, from) + one.text + text.slice(offset) : `no ${label}`
}

describe('what may be written next', () => {
  test('keys of the file, without those that are there', () => {
    const keys = at('interface: eth0\n|\nmode: dhcp\n')
    expect(keys).toEqual(expect.arrayContaining(['dhcp', 'boot', 'tftp', 'http', 'runAs']))
    expect(keys).not.toContain('interface')
    expect(keys).not.toContain('mode')
  })
  test.each<[string, readonly string[]]>([
    ['mode: |', ['listen', 'dhcp', 'proxy-dhcp', 'boot-server']],
    ['mode: pro|', ['listen', 'dhcp', 'proxy-dhcp', 'boot-server']],
    ['role: |', ['null', 'wds', 'configmgr']],
    ['http:\n  enabled: |', ['true', 'false']],
    ['dhcp:\n  subnets:\n    - subnet: 10.0.0.0/24\n      |', ['pools', 'router', 'reservations']],
    ['dhcp:\n  subnets:\n  - subnet: 10.0.0.0/24\n    |', ['pools', 'router', 'reservations']],
    ['dhcp:\n  subnets:\n    - |', ['subnet', 'pools']],
    ['boot:\n  programs:\n    - { arch|', ['architecture', 'file', 'userClass']],
    ['boot:\n  programs:\n    - { architecture: bios, |', ['file', 'userClass']],
    ['boot:\n  programs: [{ file: a, protocol: |', ['tftp', 'http']],
    ['wds:\n  architectures: [bios, |', ['bios', 'x64-uefi', 'arm64-uefi']],
    ['wds:\n  architectures:\n    - |', ['bios', 'x64-uefi', 'arm64-uefi']],
    ['boot:\n  menus:\n    - architecture: bios\n      items:\n        - text: a\n          |', ['file', 'type']],
    ['dhcp:\n  identity: mac\n# word\n\n  |\n  bootp: off\n', ['subnets', 'leaseSeconds']],
    ['configmgr:\n  deployments:\n    - to: all\n      kind: |', ['required', 'available']],
  ])('%j', (marked, wanted) => expect(at(marked)).toEqual(expect.arrayContaining([...wanted])))

  test.each<[string, string]>([
    ['dhcp:\n  identity: mac\n  |\n', 'identity'],
    ['boot:\n  programs:\n    - { architecture: bios, |', 'architecture'],
    ['dhcp:\n  subnets:\n    - subnet: 10.0.0.0/24\n      |\n    - router: 10.0.1.1\n', 'subnet'],
    ['dhcp:\n  |', 'mode'],
  ])('%j, but not %s', (marked, unwanted) => expect(at(marked)).not.toContain(unwanted))
  test('a neighbour in a list has keys of its own', () => {
    expect(at('dhcp:\n  subnets:\n    - subnet: 10.0.0.0/24\n    - |')).toContain('subnet')
  })
  test.each(['# mode: |', 'interface: eth0 # |', 'mode: dhcp |x', 'nothing:\n  |', 'mode:|'])(
    'nothing in %j',
    (marked) => expect(at(marked)).toEqual(marked.startsWith('mode: dhcp') ? expect.any(Array) : []),
  )
  test('what is taken is put in place, nested where it is nested', () => {
    expect(taken('mo|\n', 'mode')).toBe('mode: \n')
    expect(taken('mode: pro|\n', 'proxy-dhcp')).toBe('mode: proxy-dhcp\n')
    expect(taken('dh|', 'dhcp')).toBe('dhcp:\n  ')
    expect(taken('dhcp:\n  sub|', 'subnets')).toBe('dhcp:\n  subnets:\n    - ')
    expect(taken('boot:\n  programs:\n    - { arch| }', 'architecture')).toBe(
      'boot:\n  programs:\n    - { architecture:  }',
    )
  })

  test('every value that is proposed for a key of the lab is valid there', () => {
    const base = 'interface: eth0\ndhcp:\n  subnets:\n    - subnet: 10.0.0.0/24\n      pools: [{ start: 10.0.0.5, end: 10.0.0.9 }]\n' // prettier-ignore
    const properties = schema.properties!
    let tried = 0
    for (const [section, node] of Object.entries(properties)) {
      if (section === 'interface' || section === 'dhcp') continue
      const keys = node.properties ? Object.keys(node.properties) : [undefined]
      for (const key of keys) {
        const head = key === undefined ? `${base}${section}: ` : `${base}${section}:\n  ${key}: `
        for (const { text } of proposeYaml(head, head.length, schema).proposed) {
          tried++
          const parsed = parseLab(`${head}${text}\n`)
          expect(parsed.ok ? [] : parsed.problems, head + text).toEqual([])
        }
      }
    }
    expect(tried).toBeGreaterThan(25)
  })

  test('never fails, wherever the cursor is, in whatever text', () => {
    const piece = fc.oneof(
      fc.constantFrom('dhcp:', 'subnets:', '- ', '  ', '\n', '{ ', ' }', '[', ']', 'mode: ', ', ', '"', "'", '#', 'x', ': ', '\r\n', '\t', '-'),
      fc.string({ maxLength: 4 }),
    ) // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(), (pieces, where) => {
        const text = pieces.join('')
        const offset = where % (text.length + 1)
        const { from } = proposeYaml(text, offset, schema)
        expect(from).toBeLessThanOrEqual(offset)
        expect(from).toBeGreaterThanOrEqual(text.lastIndexOf('\n', offset - 1))
      }),
    )
  })

  test('a site file too', () => {
    const site = siteJsonSchema() as SchemaNode
    expect(at('|', site).length).toBeGreaterThan(5)
  })
})
