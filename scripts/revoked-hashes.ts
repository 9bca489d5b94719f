/**
 * Writes src/shared/wire/secure-boot/revoked-hashes.ts from the list that Microsoft publishes with dbx:
 * node scripts/revoked-hashes.ts dbx_info_msft_latest.json 2026-07-01
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  readonly authenticodeHash: string
  readonly hashType: string
}

const [file, changed] = process.argv.slice(2)
const { images } = JSON.parse(readFileSync(file!, 'utf8')) as { readonly images: Readonly<Record<string, readonly Entry[]>> } // prettier-ignore
const hashes = Object.values(images)
  .flat()
  .filter((one) => one.hashType === 'SHA256' && /^[\dA-F]{64}$/i.test(one.authenticodeHash))
  .map((one) => one.authenticodeHash.toLowerCase())
const bytesEach = 12
const starts = [...new Set(hashes.map((one) => one.slice(0, 2 * bytesEach)))].sort()

writeFileSync(
  new URL('../src/shared/wire/secure-boot/revoked-hashes.ts', import.meta.url),
  `/**
 * The programs that the published dbx revokes by their hash: ${starts.length} of them, for every architecture. Of each
 * SHA-256 the first ${bytesEach} bytes, in order: no two programs are alike in so many. Made by
 * scripts/revoked-hashes.ts from github.com/microsoft/secureboot_objects, PreSignedObjects/DBX/dbx_info_msft_latest.json.
 */

/** The last change of that list. */
export const revokedHashesOf = '${changed}'

const bytesEach = ${bytesEach}
// prettier-ignore
const starts = '${starts.join('')}'

let known: ReadonlySet<string> | undefined

/** Whether the published dbx names this hash, in hexadecimal digits. */
export function isHashRevoked(hash: string): boolean {
  known ??= new Set(starts.match(new RegExp(\`.{\${2 * bytesEach}}\`, 'g')))
  return known.has(hash.slice(0, 2 * bytesEach))
}
`,
)
