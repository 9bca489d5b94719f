/** Who signed a program, as a few plain values that pages, reports and judgements share. */
import { formatHex } from '../wire/bytes.ts'
import {
  authorities,
  authorityNamed,
  authorityOfThumbprint,
  type AuthorityId,
} from '../wire/secure-boot/authorities.ts'
import type { ProgramSignature } from './authenticode.ts'
import type { Cryptography } from './certificate.ts'

export interface Signer {
  /** The common name of whoever signed, and of the authority that issued the certificate. */
  readonly name: string
  readonly authority: string
  /** Of Microsoft's authorities the one; only where its own certificate proves it. */
  readonly authorityId: AuthorityId | undefined
  /** SHA-256 of every certificate of the chain, the signer's first, in hexadecimal digits. */
  readonly thumbprints: readonly string[]
  /** When the certificate of the signer ends, in milliseconds since 1970; no firmware looks at it. */
  readonly untilMs: number | undefined
  /** Whether the signature is of this very program; what is not decides nothing, and no firmware takes it. */
  readonly state: 'valid' | 'of-another-program' | 'damaged' | 'unknown'
  /** What else has to be said; empty where nothing. */
  readonly problem: string
}

export function signerOf(signature: ProgramSignature, cryptography: Cryptography): Signer {
  const { chain, isIntact, isOfProgram } = signature
  const [leaf] = chain
  const thumbprints = chain.map((one) => cryptography.digest('sha256', [one.der]))
  const authorityId = thumbprints.map(authorityOfThumbprint).find((id) => id !== undefined)
  const issuer = authorityId ? authorities[authorityId].name : (leaf?.issuer.common ?? '')
  const isPretended = authorityId === undefined && authorityNamed(issuer) !== undefined
  return {
    name: leaf?.subject.common ?? '',
    authority: issuer,
    authorityId,
    thumbprints: thumbprints.map((one) => formatHex(one)),
    untilMs: leaf?.notAfter,
    state:
      isOfProgram === false
        ? 'of-another-program'
        : isIntact === false
          ? 'damaged'
          : isOfProgram && isIntact
            ? 'valid'
            : 'unknown',
    problem: isPretended
      ? `it names ${issuer} as the authority, and does not bring the certificate of Microsoft that would prove it`
      : signature.problem,
  }
}
