/** Every number of iPXE that the simulated one prints, or that the diagnosis shows, is the number of the error whose words stand before it. */
import { readdirSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { expect, test } from 'vitest'
import { ipxeErrorOf, ipxeErrors } from '#shared/knowledge/ipxe-errors.ts'
import { numberOnUefi, posixErrors } from '#shared/machines/pxe-client/ipxe-errors.ts'

const shared = new URL('../../src/shared/', import.meta.url)
const sources = readdirSync(new URL('machines/pxe-client/', shared), { recursive: true })
  .map((path) => String(path).replaceAll(sep, '/'))
  .filter((path) => path.endsWith('.ts') && path.includes('ipxe'))
  .map((path) => readFileSync(new URL(`machines/pxe-client/${path}`, shared), 'utf8'))
const names: Readonly<Record<string, string>> = {
  timeout: 'Connection timed out',
  missing: 'No such file or directory',
  denied: 'Permission denied',
  reset: 'Connection reset',
  io: 'Input/output error',
  noName: 'No such device or address',
}

/** `'Text', '2d12603b'` and `errors.missing, '2d12603b'` of the machines, `Text (http://ipxe.org/2d12603b)` of the diagnosis. */
const printed: readonly (readonly [text: string, number: string])[] = [
  ...sources.flatMap((source) =>
    [...source.matchAll(/(?:'([A-Z][^'\n]+)'|errors\.(\w+)),\s+'([0-7][\da-f]{7})'/g)].map(
      ([, text, name, number]) => [text ?? names[name!]!, number!] as const,
    ),
  ),
  ...[
    ...readFileSync(new URL('diagnosis/failures.ts', shared), 'utf8').matchAll(
      /(?<=['"]| or )([A-Z][^'"(]+) \(https?:\/\/ipxe\.org\/([\da-f]{8})\)/g,
    ),
  ].map(([, text, number]) => [text!, number!] as const),
]

test('numbers and words agree', () => {
  expect(printed.length).toBeGreaterThan(40)
  const wrong = printed.filter(([text, number]) => {
    const posix = posixErrors.get(Number.parseInt(number.slice(0, 2), 16))
    const named = ipxeErrors.find((one) => one.number === number)
    const words = text.replace(/^Nothing to boot: /, '')
    return words !== posix?.text && text !== named?.text
  })
  expect(wrong).toEqual([])
})

test('each is of a part of iPXE that is known, and ends as BIOS and UEFI builds end', () => {
  for (const [text, number] of printed) {
    expect(ipxeErrorOf(number, false), `${text} ${number}`).toBeDefined()
    const { bios, uefi } = posixErrors.get(Number.parseInt(number.slice(0, 2), 16))!
    expect([bios, uefi], `${text} ${number}`).toContain(number.slice(-2))
  }
})

test('UEFI builds have octets of their own', () => {
  // As reports show them: Edge-Software-Provisioner 44, ipxe 742 and 1327, bluebanquise 49.
  expect(numberOnUefi('38086101')).toBe('38086193')
  expect(numberOnUefi('2e008001')).toBe('2e008081')
  expect(numberOnUefi('3d126001')).toBe('3d126083')
  expect(numberOnUefi('2d0c613b')).toBe('2d0c618e')
  expect(numberOnUefi('2d03e13b')).toBe('2d03e18e')
  expect(numberOnUefi('7f048283')).toBe('7f048283')
})
