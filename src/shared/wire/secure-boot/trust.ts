/**
 * Whether a machine starts a program, by what the machine trusts. Firmware and shim judge differently, and each is told
 * as it is: EDK2, DxeImageVerificationLib; shim 16.1, verify.c and pe.c. A key is the id of an authority of Microsoft, or
 * the name of any other certificate; behind a `#` may stand what tells it from others of that name. A key of 64 hexadecimal
 * digits is a program itself, by its SHA-256 of Authenticode.
 */
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
  readonly because: string
}

export const certificateKey = (name: string, thumbprint: string): string => `${name.replaceAll('#', '')}#${thumbprint}`

const nameOf = (key: string): string =>
  (authorityIds as readonly string[]).includes(key) ? authorities[key as AuthorityId].name : key.replace(/#.*$/, '')

const listed = (keys: readonly string[]): string => keys.map(nameOf).join(', ')

/** The last of each chain: the authority that a person knows. */
const signersOf = ({ signatures }: SignedBy): string => listed(signatures.flatMap((keys) => keys.at(-1) ?? []))

const isListed = ({ hash }: SignedBy, keys: readonly string[]): boolean => hash !== undefined && keys.includes(hash)

const revokedItself: Judgement = { starts: false, because: 'the program itself is revoked: its hash is in dbx' }

/** EDK2: one signature that is revoked is enough to refuse, however good the others are, and so is the hash of the program. */
export function judgeByFirmware(program: SignedBy, { db, dbx }: MachineTrust): Judgement {
  if (isListed(program, dbx)) return revokedItself
  if (program.signatures.length === 0)
    return isListed(program, db)
      ? { starts: true, because: 'its hash is in db' }
      : { starts: false, because: 'it is not signed' }
  let trusted: string | undefined
  for (const keys of program.signatures) {
    const revoked = keys.find((key) => dbx.includes(key))
    if (revoked !== undefined)
      return {
        starts: false,
        because: `it bears a signature under ${nameOf(revoked)}, which is revoked (dbx)${trusted === undefined ? '' : `; that ${nameOf(trusted)} signed it too does not help`}`,
      }
    trusted ??= keys.find((key) => db.includes(key))
  }
  if (trusted === undefined && isListed(program, db)) return { starts: true, because: 'its hash is in db' }
  return trusted === undefined
    ? {
        starts: false,
        because: `it is signed under ${signersOf(program)}, ${program.signatures.length > 1 ? 'none of which is in db' : 'which is not in db'}`,
      }
    : { starts: true, because: `${nameOf(trusted)} is in db` }
}

const sbatRefusal = (program: SignedBy, level: MachineTrust['sbatLevel']): string | undefined => {
  const [revoked] = program.sbat ? revokedBy(program.sbat, level) : []
  return (
    revoked && `its ${revoked.component} is of generation ${revoked.generation}, and SBAT asks for ${revoked.least}`
  )
}

/** shim looks at itself before anything else, and switches the machine off where it is revoked. */
export function judgeShimItself(shim: SignedBy, { sbatLevel }: MachineTrust): Judgement {
  const refusal = sbatRefusal(shim, sbatLevel)
  return refusal === undefined
    ? { starts: true, because: 'its generation is not revoked' }
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
    [trust.db, 'in db'],
    [vendor, 'built into shim'],
    [trust.mok, 'enrolled as MOK'],
  ] as const
  const enrolled = places.find(([known]) => isListed(program, known))
  if (program.signatures.length === 0 && !enrolled) return { starts: false, because: 'it is not signed' }
  if (!isLast && program.sbat === undefined)
    return { starts: false, because: 'it has no section .sbat, which shim asks of its second stage' }
  const refusal = sbatRefusal(program, trust.sbatLevel)
  if (refusal !== undefined) return { starts: false, because: refusal }
  if (isListed(program, trust.dbx)) return revokedItself
  if (enrolled) return { starts: true, because: `its hash is ${enrolled[1]}` }
  let revoked: string | undefined
  for (const keys of program.signatures) {
    const bad = keys.find((key) => trust.dbx.includes(key))
    revoked ??= bad
    if (bad !== undefined) continue
    for (const [known, where] of places) {
      const key = keys.find((one) => known.includes(one))
      if (key !== undefined) return { starts: true, because: `${nameOf(key)} is ${where}` }
    }
  }
  return revoked === undefined
    ? {
        starts: false,
        because: `${signersOf(program)} is neither in db nor built into shim; its key has to be enrolled as MOK on each machine`,
      }
    : { starts: false, because: `${nameOf(revoked)} is revoked (dbx)` }
}

/** Machines as they are found in the field, by what they trust. */
export interface MachineKind {
  readonly id: 'of-2011' | 'of-both' | 'of-2023' | 'windows-alone' | 'windows-2011-revoked' | 'all-2011-revoked'
  readonly name: string
  readonly db: readonly AuthorityId[]
  readonly dbx: readonly AuthorityId[]
}

export const machineKinds: readonly MachineKind[] = [
  {
    id: 'of-2011',
    name: 'Machines with the certificates of 2011 alone',
    db: ['windows-2011', 'uefi-2011'],
    dbx: [],
  },
  {
    id: 'of-both',
    name: 'Machines with those of 2011 and 2023',
    db: ['windows-2011', 'uefi-2011', 'windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: [],
  },
  {
    id: 'of-2023',
    name: 'Machines with those of 2023 alone',
    db: ['windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: [],
  },
  {
    id: 'windows-alone',
    name: 'Machines that trust Windows alone (the third-party authority is switched off)',
    db: ['windows-2011', 'windows-2023'],
    dbx: [],
  },
  {
    id: 'windows-2011-revoked',
    name: 'Machines on which Microsoft Windows Production PCA 2011 is revoked (KB5025885)',
    db: ['windows-2011', 'uefi-2011', 'windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: ['windows-2011'],
  },
  {
    id: 'all-2011-revoked',
    name: 'Machines on which both authorities of 2011 are revoked',
    db: ['windows-2023', 'uefi-2023', 'option-rom-2023'],
    dbx: ['windows-2011', 'uefi-2011'],
  },
]
