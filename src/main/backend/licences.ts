/** The licence texts that are shipped, for the About dialog. */
import { readFile } from 'node:fs/promises'
import type { Reply } from '#shared/contract/calls.ts'

// The package begins two folders above a built file and three above this source.
const inPackage = (path: string): URL[] => [
  new URL(`../../${path}`, import.meta.url),
  new URL(`../../../${path}`, import.meta.url),
]

async function read(path: string): Promise<string | null> {
  for (const url of inPackage(path)) {
    const text = await readFile(url, 'utf8').catch(() => null)
    if (text !== null) return text
  }
  return null
}

export const readLicences = async (): Promise<Reply<'app.licences'>> => ({
  own: await read('LICENSE'),
  others: await read('out/THIRD-PARTY-NOTICES.txt'),
})
