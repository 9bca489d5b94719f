/**
 * Whether a machine starts a program, by what the machine trusts. Firmware and shim judge differently, and each is told
 * as it is: EDK2, DxeImageVerificationLib; shim 16.1, verify.c and pe.c. A key is the id of an authority of Microsoft, or
 * the name of any other certificate; behind a `#` may stand what tells it from others of that name. A key of 64 hexadecimal
 * digits is a program itself, by its SHA-256 of Authenticode.
 */
import { say, type Phrase } from '#messages/message.ts'
import { authorities, authorityIds, type AuthorityId } from './authorities.ts'
import { revokedBy, type SbatComponent, type SbatLevel } from './sbat.ts'

export interface SignedBy {
  /** One list for each signature: the key of its signer and of every authority above. Signatures that are not valid are none. */
  readonly signatures: readonly (readonly string[])[]
  /** SHA-256 of Authenticode in hexadecimal digits; undefined where it is not known. */
  readonly hash?: string | undefined
  /** Undefined where the program has no section `.sbat` that can be read. */
  readonly sbat: readonly SbatComponent[] | undefined
}

export interface MachineTrust {
  /** Keys that may sign (db), and those that may not (dbx). */
  readonly db: readonly string[]
  readonly dbx: readonly string[]
  /** Keys of the machine's owner, which shim alone looks at. */
  readonly mok: readonly string[]
  readonly sbatLevel: Pick<SbatLevel, 'least'>
}

export interface Judgement {
  readonly starts: boolean
  /** Why, as a clause. */
  readonly because: Phrase
}

export const certificateKey = (name: string, thumbprint: string): string => `${name.replaceAll('#', '')}#${thumbprint}`

const nameOf = (key: string): string =>
  (authorityIds as readonly string[]).includes(key) ? authorities[key as AuthorityId].name : key.replace(/#.*$/, '')

const listed = (keys: readonly string[]): string => keys.map(nameOf).join(', ')

/** The last of each chain: the authority that a person knows. */
const signersOf = ({ signatures }: SignedBy): string => listed(signatures.flatMap((keys) => keys.at(-1) ?? []))

const isListed = ({ hash }: SignedBy, keys: readonly string[]): boolean => hash !== undefined && keys.includes(hash)

const revokedItself: Judgement = { starts: false, because: say('secure-boot.itself-revoked') }

/** EDK2: one signature that is revoked is enough to refuse, however good the others are, and so is the hash of the program. */
export function judgeByFirmware(program: SignedBy, { db, dbx }: MachineTrust): Judgement {
  if (isListed(program, dbx)) return revokedItself
  if (program.signatures.length === 0)
    return isListed(program, db)
      ? { starts: true, because: say('secure-boot.hash-in-db') }
      : { starts: false, because: say('secure-boot.not-signed') }
  let trusted: string | undefined
  for (const keys of program.signatures) {
    const revoked = keys.find((key) => dbx.includes(key))
    if (revoked !== undefined)
      return {
        starts: false,
        because:
          trusted === undefined
            ? say('secure-boot.signature-revoked', { key: nameOf(revoked) })
            : say('secure-boot.signature-revoked-beside', { key: nameOf(revoked), other: nameOf(trusted) }),
      }
    trusted ??= keys.find((key) => db.includes(key))
  }
  if (trusted === undefined && isListed(program, db)) return { starts: true, because: say('secure-boot.hash-in-db') }
  return trusted === undefined
    ? {
        starts: false,
        because: say('secure-boot.signed-under', { signers: signersOf(program), count: program.signatures.length }),
      }
    : { starts: true, because: say('secure-boot.in-db', { key: nameOf(trusted) }) }
}

const sbatRefusal = (program: SignedBy, level: MachineTrust['sbatLevel']): Phrase | undefined => {
  const [revoked] = program.sbat ? revokedBy(program.sbat, level) : []
  return (
    revoked &&
    say('secure-boot.generation-revoked', {
      component: revoked.component,
      generation: revoked.generation,
      least: revoked.least,
    })
  )
}

/** shim looks at itself before anything else, and switches the machine off where it is revoked. */
export function judgeShimItself(shim: SignedBy, { sbatLevel }: MachineTrust): Judgement {
  const refusal = sbatRefusal(shim, sbatLevel)
  return refusal === undefined
    ? { starts: true, because: say('secure-boot.generation-not-revoked') }
    : { starts: false, because: refusal }
}

/**
 * shim about its second stage, or about a kernel that the second stage hands to it (`isLast`: those need no `.sbat`).
 * `vendor` are the keys built into shim. One good signature is enough, beside those that are revoked.
 */
export function judgeByShim(
  program: SignedBy,
  trust: MachineTrust,
  vendor: readonly string[],
  isLast = false,
): Judgement {
  const places = [
    [trust.db, 'db'],
    [vendor, 'shim'],
    [trust.mok, 'mok'],
  ] as const
  const enrolled = places.find(([known]) => isListed(program, known))
  if (program.signatures.length === 0 && !enrolled) return { starts: false, because: say('secure-boot.not-signed') }
  if (!isLast && program.sbat === undefined) return { starts: false, because: say('secure-boot.no-sbat') }
  const refusal = sbatRefusal(program, trust.sbatLevel)
  if (refusal !== undefined) return { starts: false, because: refusal }
  if (isListed(program, trust.dbx)) return revokedItself
  if (enrolled) return { starts: true, because: say('secure-boot.hash-place', { place: enrolled[1] }) }
  let revoked: string | undefined
  for (const keys of program.signatures) {
    const bad = keys.find((key) => trust.dbx.includes(key))
    revoked ??= bad
    if (bad !== undefined) continue
    for (const [known, where] of places) {
      const key = keys.find((one) => known.includes(one))
      if (key !== undefined)
        return { starts: true, because: say('secure-boot.key-place', { key: nameOf(key), place: where }) }
    }
  }
  return revoked === undefined
    ? {
        starts: false,
        because: say('secure-boot.not-known', { signers: signersOf(program) }),
      }
    : { starts: false, because: say('secure-boot.key-revoked', { key: nameOf(revoked) }) }
}

/** Machines as they are found in the field, by what they trust. */
export interface MachineKind {
  readonly id: 'of-2011' | 'of-both' | 'of-2023' | 'windows-alone' | 'windows-2011-revoked' | 'all-2011-revoked'
  readonly name: Phrase
  readonly db: readonly AuthorityId[]
  readonly dbx: readonly AuthorityId[]
}

export const machineKinds: readonly MachineKind[] = [
  {
    id: 'of-2011',
    name: say('secure-boot.trust-2011'),
    db: ['windows-2011', 'uefi-2011'],
    dbx: [],
  },
  {
    id: 'of-both',
    name: say('secure-boot.trust-both'),
    db: ['windows-2011', 'uefi-2011', 'windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: [],
  },
  {
    id: 'of-2023',
    name: say('secure-boot.trust-2023'),
    db: ['windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: [],
  },
  {
    id: 'windows-alone',
    name: say('secure-boot.trust-windows'),
    db: ['windows-2011', 'windows-2023'],
    dbx: [],
  },
  {
    id: 'windows-2011-revoked',
    name: say('secure-boot.trust-windows-2011-revoked'),
    db: ['windows-2011', 'uefi-2011', 'windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: ['windows-2011'],
  },
  {
    id: 'all-2011-revoked',
    name: say('secure-boot.trust-2011-revoked'),
    db: ['windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: ['windows-2011', 'uefi-2011'],
  },
]
