/** Where a problem of a YAML file is, what it is called there, and what is said of it. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readYaml } from '#shared/lab/yaml-file.ts'

const schema = z.strictObject({
  name: z.string().describe('a name').optional(),
  port: z.int().min(1).max(65_535).describe('a port').default(69),
  mode: z.enum(['dhcp', 'listen']).optional(),
  subnets: z.array(z.strictObject({ subnet: z.string(), router: z.string().optional() }).describe('a subnet')).default([]),
  options: z.record(z.string().refine((key) => key !== 'x', 'is no option'), z.union([z.string(), z.number()])).default({}),
}) // prettier-ignore
const problemsOf = (text: string) => readYaml(text, schema, 'a test file').list.problems

describe('a problem', () => {
  // [text, line, column, field, value, message, remedy]
  test.each<[string, string, number, number, string, string, string, string]>([
    ['at a value', 'name: a\nport: 0\n', 2, 7, 'port', '0', 'is below 1', 'Write a port.'],
    ['above', 'port: 65536\n', 1, 7, 'port', '65536', 'is above 65535', 'Write a port.'],
    ['of the wrong kind', 'port: "69"\n', 1, 7, 'port', '"69"', 'is not a number', 'Write a port.'],
    ['none of the words', 'mode: off\n', 1, 7, 'mode', '"off"', 'is none of dhcp, listen', 'Correct or remove it.'],
    ['in a list', 'subnets:\n  - subnet: a\n  - subnet: 7\n', 3, 13, 'subnets[1].subnet', '7', 'is not a text', 'Correct or remove it.'],
    ['of what is missing: the nearest thing around it', 'subnets:\n  - subnet: a\n  - router: b\n', 3, 5, 'subnets[1].subnet', 'not written', 'is missing or of the wrong kind', 'Correct or remove it.'],
    ['of an element', 'subnets: [7]\n', 1, 11, 'subnets[0]', '7', 'is not a map of keys', 'Write a subnet.'],
    ['of a key with a number', 'options:\n  42: [1]\n', 2, 7, 'options.42', '[1]', 'is none of what may stand here', 'Correct or remove it.'],
    ['of a key that may not be', 'options: { x: 1 }\n', 1, 15, 'options.x', '1', 'is no option', 'Correct or remove it.'],
    ['of a key that nearly is', 'prot: 1\n', 1, 7, 'prot', '1', 'is no key of a test file', 'Did you mean port?'],
    ['of a key that is far from any', 'zzzzzz: 1\n', 1, 9, 'zzzzzz', '1', 'is no key of a test file', 'Known here: name, port, mode, subnets, options.'],
    ['of a key inside', 'subnets:\n  - subnet: a\n    Routr: b\n', 3, 12, 'subnets[0].Routr', '"b"', 'is no key of a test file', 'Did you mean router?'],
    ['of the whole', '7\n', 1, 1, 'the file', '7', 'is not a map of keys', 'Correct or remove it.'],
    ['of a text that is long', `mode: ${'x'.repeat(79)}\n`, 1, 7, 'mode', `"${'x'.repeat(76)}...`, 'is none of dhcp, listen', 'Correct or remove it.'],
    ['of a text that just fits', `mode: ${'x'.repeat(78)}\n`, 1, 7, 'mode', `"${'x'.repeat(78)}"`, 'is none of dhcp, listen', 'Correct or remove it.'],
    ['of a key that stands twice', 'name: a\n\nname: b\n', 3, 1, 'the file', '"name"', 'stands twice in the same map', 'Remove one of the two.'],
  ])('%s', (_, text, line, column, field, value, message, remedy) => {
    expect(problemsOf(text)).toEqual([{ line, column, field, value, message, remedy }])
  }) // prettier-ignore

  test('of the text itself has the place and what stands there', () => {
    expect(problemsOf('name: a\nport: [1\n')[0]).toMatchObject({ field: 'the file', message: expect.stringMatching(/^is not YAML: /) as unknown, remedy: 'Check indentation, colons and brackets around this line.' }) // prettier-ignore
    expect(problemsOf('name: a\nport: @1 \nmode: dhcp\n')[0]).toMatchObject({
      line: 2,
      column: 7,
      value: '"port: @1"',
    })
  })

  test('a distance of two, or of a third of the word, is near enough', () => {
    const known = z.strictObject({ responder: z.string().optional(), port: z.string().optional() })
    const remedy = (key: string): string => inEnglish(readYaml(`${key}: 1\n`, known, 'x').list.problems[0]!.remedy)
    expect(['pot', 'pXXt', 'XXXt', 'RESPONDER', 'respXXXer', 'resXXXXer'].map(remedy)).toEqual([
      'Did you mean port?',
      'Did you mean port?',
      'Known here: responder, port.',
      'Did you mean responder?',
      'Did you mean responder?',
      'Known here: responder, port.',
    ])
  })
})

test('what is right comes with its defaults, from an empty file too', () => {
  expect(readYaml('', schema, 'x').value).toEqual({ port: 69, subnets: [], options: {} })
  expect(readYaml('port: 70 # comment\n', schema, 'x')).toMatchObject({ value: { port: 70 }, input: { port: 70 } })
  expect(readYaml('port: 0\n', schema, 'x').value).toBeUndefined()
  expect(readYaml('a: *b\n', schema, 'x')).toMatchObject({ input: undefined, value: undefined })
})
