import { expect, test } from 'vitest'
import { classAddress } from '../../src/main/cli/serve.ts'

test.each<[string | true, string | undefined]>([
  [true, '0.0.0.0 8067'],
  ['8080', '0.0.0.0 8080'],
  [':8080', '0.0.0.0 8080'],
  ['192.0.2.5', '192.0.2.5 8067'],
  ['192.0.2.5:0', '192.0.2.5 0'],
  ['[2001:db8::5]:8080', '2001:db8::5 8080'],
  ['[::]', ':: 8067'],
  ['192.0.2.500:1', undefined],
  ['192.0.2.5:70000', undefined],
  ['pc:80', undefined],
  ['', undefined],
])('--class %s', (text, told) => {
  const read = classAddress(text)
  expect(read && `${read.host} ${read.port}`).toBe(told)
})
