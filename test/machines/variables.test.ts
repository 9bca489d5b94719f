/** Placeholders: what is filled in, what stays, what is refused, and that no value leads out of the boot folder. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { machineVariablesOf, templateTest } from '#shared/lab/machine-variables.ts'
import { fillLine, fillName, toldNumber, variablesOf, type MachineFacts } from '#shared/machines/variables/machines.ts'
import {
  asBytes,
  bytesOfText,
  fillTemplate,
  hasPlaceholders,
  textOfBytes,
  variablesIn,
  type Lookup,
} from '#shared/machines/variables/template.ts'

const values: Readonly<Record<string, string>> = {
  mac: '52:54:00:77:00:0a',
  uuid: '11112222-3333-4444-5555-66667777888f',
  ip: '192.168.77.101',
  hostname: 'node1',
  note: `it's <a> & "b"`,
}
const lookup: Lookup = (name) =>
  name === 'password' ? { text: 'sesame', isSecret: true } : Object.hasOwn(values, name) ? { text: values[name]!, isSecret: false } : undefined // prettier-ignore
const filled = (text: string, escaping: 'none' | 'xml' | 'url' = 'none'): unknown => {
  const result = fillTemplate(text, lookup, { escaping })
  return result.ok ? result.text : result.problems
}

test.each([
  ['{mac} {mac:-} {mac:hex} {mac:pxelinux} {mac:-:upper}', '52:54:00:77:00:0a 52-54-00-77-00-0a 52540077000a 01-52-54-00-77-00-0a 52-54-00-77-00-0A'], // prettier-ignore
  ['{uuid:hex} {uuid:upper}', '1111222233334444555566667777888f 11112222-3333-4444-5555-66667777888F'],
  ['{ip} {ip:hex} {ip:pxelinux}', '192.168.77.101 C0A84D65 C0A84D65'],
  [
    '{note:xml} {note:shell} {note:json}',
    `it&apos;s &lt;a&gt; &amp; &quot;b&quot; 'it'\\''s <a> & "b"' "it's <a> & \\"b\\""`,
  ],
  ['\\\\{hostname}\\share C:\\{hostname}', '\\\\node1\\share C:\\node1'],
  // What other languages mean by braces.
  ['${mac} ${net0/mac:hexhyp} %{name} {{ ds.x }} {{mac}}', '${mac} ${net0/mac:hexhyp} %{name} {{ ds.x }} {{mac}}'],
  ['f() { echo {a,b} {1..3} {}; } awk "{ print $1 }"', 'f() { echo {a,b} {1..3} {}; } awk "{ print $1 }"'],
  ['{ "a": {"b":1} } {a:b} {9f1c2c9e-0b1d-4c3e-8d8a-1a2b3c4d5e6f}', '{ "a": {"b":1} } {a:b} {9f1c2c9e-0b1d-4c3e-8d8a-1a2b3c4d5e6f}'], // prettier-ignore
  ['{!print} {!mac:-}', '{print} {mac:-}'],
  ['no end {mac', 'no end {mac'],
])('%s', (text, expected) => {
  expect(filled(text)).toBe(expected)
})

test('in XML a value is text, and what says otherwise is believed', () => {
  expect(filled('<a>{note}</a>', 'xml')).toBe('<a>it&apos;s &lt;a&gt; &amp; &quot;b&quot;</a>')
  expect(filled('<a>{note:raw}</a>', 'xml')).toBe(`<a>${values['note']}</a>`)
})

test('a brace whose suffix is no form is no placeholder, though every object has something of that name', () => {
  expect(filled('{hostname:constructor} {hostname:upper}')).toBe('{hostname:constructor} NODE1')
})

test('what has no value is a problem with its place, and never an empty text', () => {
  expect(filled('one\n  {mac} {rolle}\n{hostname:hex}')).toEqual([
    {
      line: 2,
      column: 9,
      placeholder: '{rolle}',
      text: '{rolle} is no variable of this lab',
      remedy: 'Add rolle to variables, or write {!rolle} where the text {rolle} is meant.',
    },
    {
      line: 3,
      column: 1,
      placeholder: '{hostname:hex}',
      text: '{hostname:hex}: the value node1 has no such form',
      remedy: expect.stringContaining('MAC addresses'),
    },
  ])
  // A secret is in no message.
  expect(JSON.stringify(filled('{password:hex}'))).not.toContain('sesame')
})

test('whatever a text holds, reading it ends, and it comes out as it was where it names nothing', () => {
  const pieces = fc.array(
    fc.constantFrom('{', '}', '$', '%', '!', ':', '-', 'mac', 'hostname', 'x', ' ', '\n', '{mac}', '{{', '\u00e4'),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('')
      const result = fillTemplate(text, lookup)
      if (!result.ok) {
        for (const { line, column, placeholder } of result.problems)
          expect(text.split('\n')[line - 1]!.slice(column - 1)).toMatch(
            new RegExp(`^${placeholder.replaceAll(/[{}:!-]/g, '\\$&')}`),
          )
        return
      }
      expect(result.parts.map((one) => one.text).join('')).toBe(result.text)
      expect(result.parts.every((one) => one.text !== '')).toBe(true)
      if (!hasPlaceholders(text)) expect(result.text).toBe(text)
      for (const name of variablesIn(text)) expect(result.parts.some((one) => one.variable === name)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('bytes of a file stay what they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const result = fillTemplate(textOfBytes(bytes), () => ({ text: '\u00fc', isSecret: false }), { write: asBytes })
      if (result.ok && !hasPlaceholders(textOfBytes(bytes))) expect(bytesOfText(result.text)).toEqual(bytes)
    }),
  )
  const result = fillTemplate('{x}', () => ({ text: '\u00fc\u20ac', isSecret: false }), { write: asBytes })
  expect(result.ok && Buffer.from(bytesOfText(result.text)).toString('utf8')).toBe('\u00fc\u20ac')
})

describe('names of files', () => {
  const nameLookup =
    (value: string): Lookup =>
    () => ({ text: value, isSecret: false })

  test('whatever a value is, the path stays in the folder and is never shorter of a part', () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.constantFrom('../../etc/passwd', '..', '..\\..\\x', 'a/../../b', '/etc', 'C:/x', 'http://evil/', '\0', 'a\nb'),
    )
    const shapes = fc.constantFrom('{x}', 'hosts/{x}/ks.cfg', 'hosts\\{x}.ipxe', '{x}{x}/a', '{x:lower}')
    fc.assert(
      fc.property(shapes, nasty, (shape, value) => {
        const name = fillName(shape, nameLookup(value))
        if (!name.ok) {
          expect(name.why).not.toBe('')
          return
        }
        expect(name.text.split(/[\\/]/)).not.toContain('..')
        expect(name.text).not.toMatch(/^[a-z][a-z0-9+.-]*:\/\//i)
        expect(name.text).not.toMatch(/[\x00-\x1f]/) // oxlint-disable-line no-control-regex
        if (shape === '{x}') expect(name.text).toBe(value)
      }),
      { numRuns: 500 },
    )
    expect(fillName('{x}', nameLookup('../../etc/passwd'))).toMatchObject({ ok: false, why: expect.stringContaining('leads out') }) // prettier-ignore
  })

  test('in an address a value is one part of it', () => {
    expect(fillName('http://s/a?h={x}&m={m}', (name) => ({ text: name === 'm' ? values['mac']! : 'a b/..&c=d', isSecret: false }))).toEqual({ ok: true, text: `http://s/a?h=a%20b%2F..%26c%3Dd&m=${values['mac']}` }) // prettier-ignore
    expect(fillLine('x', nameLookup(''), 10)).toEqual({ ok: true, text: 'x' })
    expect(fillLine('{x}', nameLookup('too long for it'), 10)).toMatchObject({ ok: false })
  })
})

const lab = labSchema.parse({
  interface: 'eth0',
  variables: { role: 'desktop', rootpw: { secret: 'all' } },
  machines: [
    { subnet: '10.1.0.0/16', variables: { role: 'far', place: 'attic' } },
    { architecture: 'x64-uefi', variables: { place: 'desk' } },
    { mac: '52-54-00-77-00-0A', hostname: 'node1', variables: { role: 'kiosk', rootpw: { secret: 'own' } } },
    { serial: 'PF1A2B3C', variables: { role: 'laptop' } },
  ],
  dhcp: {
    subnets: [
      {
        subnet: '192.168.77.0/24',
        reservations: [{ mac: '52:54:00:77:00:0b', address: '192.168.77.5', hostname: 'pi' }],
      },
    ],
  },
})
const variables = machineVariablesOf(lab)
const told = (facts: Partial<MachineFacts>, names: readonly string[], withSecrets = true): unknown => {
  const of = variablesOf(variables, { mac: '', ...facts }, 0, { withSecrets })
  return names.map((name) => {
    const value = of(name)
    return value && 'why' in value ? `no: ${value.why}` : value?.text
  })
}

test('a machine has what its own entry says, then what those of its network and kind say, then the defaults', () => {
  const names = ['role', 'place', 'hostname', 'rootpw']
  expect(told({ mac: '52:54:00:77:00:0a', architecture: 7 }, names)).toEqual(['kiosk', 'desk', 'node1', 'own'])
  expect(told({ mac: '52:54:00:77:00:0a', architecture: 7, address: 0x0a010001 }, names)).toEqual(['kiosk', 'attic', 'node1', 'own']) // prettier-ignore
  expect(told({ mac: '52:54:00:77:00:0b', architecture: 0 }, names)).toEqual([
    'desktop',
    'no: machines of 10.1.0.0/16 have one, and where this one is is not known',
    'pi',
    'all',
  ])
  expect(told({ mac: '1', serial: 'pf1a2b3c' }, ['role', 'serial'])).toEqual(['laptop', 'PF1A2B3C'])
  expect(told({ mac: '1' }, ['rootpw', 'nothing'], false)).toEqual([expect.stringContaining('no: it is secret'), undefined]) // prettier-ignore
  expect(told({ mac: '' }, ['mac', 'ip', 'server', 'serial'])).toEqual(Array(4).fill(expect.stringMatching(/^no: /)))
})

test('what comes from the wire is a value only in its form', () => {
  for (const hostName of ['../../etc/passwd', 'a b', '$(reboot)', '<x>', '-a', 'a\n', '', 'x'.repeat(64)])
    expect(told({ mac: '1', hostName }, ['hostname'])).toEqual([expect.stringMatching(/^no: /)])
  expect(told({ mac: '1', hostName: 'pc-7.lab' }, ['hostname'])).toEqual(['pc-7.lab'])
  for (const text of [
    'To be filled by O.E.M.',
    'Default string',
    '0000000',
    '123456789',
    '../..',
    'a..b',
    "x'",
    '',
    'None',
    'System Serial Number',
  ])
    // prettier-ignore
    expect(toldNumber(text)).toBeUndefined()
  expect(['PF1A2B3C', 'VMware-56 4d 3f', ' CN7.1-2 '].map(toldNumber)).toEqual(['PF1A2B3C', 'VMware-56 4d 3f', 'CN7.1-2']) // prettier-ignore
})

test.each([
  [['ks.cfg'], ['ks.cfg', 'deep/down/KS.CFG'], ['ks.cfg.bak', 'xks.cfg']],
  [['answers/**'], ['answers/a', 'answers/b/c.xml'], ['answers', 'x/answers/a']],
  [
    ['*.ipxe', 'a/*/user-data'],
    ['boot.ipxe', 'x/y.ipxe', 'a/b/user-data'],
    ['a/user-data', 'a/b/c/user-data'],
  ],
  [['**/meta-data'], ['meta-data', 'a/b/meta-data'], ['xmeta-data']],
])('templates %j', (patterns, are, areNot) => {
  const test = templateTest(patterns)
  expect(are.filter((name) => !test(name))).toEqual([])
  expect(areNot.filter(test)).toEqual([])
})
