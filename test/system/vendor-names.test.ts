/** The names of the makers of network cards, as the built program carries them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packVendorNames, unpackVendorNames, vendorNames } from '../../scripts/packaging/vendor-names.ts'

test('every name and prefix comes back', () => {
  const names = vendorNames(readFileSync(createRequire(import.meta.url).resolve('oui-data'), 'utf8'))
  expect(Object.keys(names).length).toBeGreaterThan(38_000)
  expect(names['000C29']).toBe('VMware, Inc.')
  const packed = packVendorNames(names)
  expect(packed.length).toBeLessThan(340_000)
  const textOf = (one: Readonly<Record<string, string>>): string => Object.keys(one).sort().map((key) => `${key} ${one[key]}`).join('\n') // prettier-ignore
  expect(textOf(unpackVendorNames(packed, brotliDecompressSync)) === textOf(names)).toBe(true)
})

test('prefixes at both ends, and makers without a name', () => {
  const names = { '000000': 'XEROX', '000001': '', FFFFFF: 'XEROX', '00000A': 'É' }
  expect(unpackVendorNames(packVendorNames(names), brotliDecompressSync)).toEqual(names)
})
