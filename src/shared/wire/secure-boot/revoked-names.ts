/** What a dbx that somebody has as a file says in the words of a scenario: authorities by id, other certificates by name. */
import { commonName, readCertificate } from '../certificate.ts'
import { sha256 } from '../sha256.ts'
import { authorityOfThumbprint } from './authorities.ts'
import { readSignatureLists } from './signature-lists.ts'

/** The largest dbx has some 25 KiB. */
export const mostDbxBytes = 512 << 10

export interface RevokedNames {
  readonly names: readonly string[]
  /** Programs by their hash, which those of a scenario do not have. */
  readonly programs: number
  /** Certificates that cannot be read, and entries of kinds that are not looked at. */
  readonly unread: number
}

/** Undefined where the bytes are no EFI signature lists, or too many. */
export function revokedNamesIn(bytes: Uint8Array): RevokedNames | undefined {
  const lists = bytes.length <= mostDbxBytes ? readSignatureLists(bytes) : undefined
  if (!lists) return undefined
  const names = new Set<string>()
  let unread = lists.others
  for (const der of lists.certificates) {
    const subject = readCertificate(der)?.subject
    const name = authorityOfThumbprint(sha256(der)) ?? (subject === undefined ? undefined : commonName(subject))
    if (name === undefined || name === '') unread++
    else names.add(name)
  }
  return { names: [...names], programs: new Set(lists.hashes).size, unread }
}
