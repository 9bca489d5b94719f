/**
 * The signatures of a PE program: Authenticode in PKCS #7 SignedData (RFC 2315 section 9.1; Windows Authenticode Portable
 * Executable Signature Format). Each is read by itself, and verified as firmware does: the hash that it names against
 * the program, and the signature against the certificate of its signer.
 */
import { readPeImage, sectionOf, type PeImage } from '../wire/pe-image.ts'
import {
  asnOf,
  childrenOf,
  contentOf,
  digestNameOf,
  integerOf,
  isIssuedBy,
  oidOf,
  readCertificate,
  sameBytes,
  wholeOf,
  type Certificate,
  type Cryptography,
  type DigestName,
} from './certificate.ts'

/** WIN_CERT_TYPE_PKCS_SIGNED_DATA. */
const pkcsSignedData = 2
const oids = {
  signedData: '1.2.840.113549.1.7.2',
  spcIndirectData: '1.3.6.1.4.1.311.2.1.4',
  messageDigest: '1.2.840.113549.1.9.4',
} as const

export interface ProgramSignature {
  /** The certificate of whoever signed, and those that issued it, as far as the signature brings them; verified. */
  readonly chain: readonly Certificate[]
  readonly digestName: DigestName | undefined
  /** Whether the hash in it is that of the program; undefined where it cannot be computed. */
  readonly isOfProgram: boolean | undefined
  /** Whether the key of the signer's certificate made it; undefined where the algorithm is not known here. */
  readonly isIntact: boolean | undefined
  /** Why it cannot be read as far as it should; empty where it can. */
  readonly problem: string
}

export interface SignedProgram {
  readonly image: PeImage
  readonly signatures: readonly ProgramSignature[]
  /** SHA-256 of what Authenticode hashes, in hexadecimal digits: the form of db and dbx; undefined of a broken file. */
  readonly hash: Uint8Array | undefined
  /** Content of the section `.sbat`; undefined where there is none. */
  readonly sbat: Uint8Array | undefined
}

/** Undefined where the bytes are no PE program. The whole file is needed. */
export function readSignedProgram(bytes: Uint8Array, cryptography: Cryptography): SignedProgram | undefined {
  const image = readPeImage(bytes)
  if (!image) return undefined
  const { hashed } = image
  // A program may have thousands of signatures: it is hashed once by each algorithm.
  const known = new Map<DigestName, Uint8Array>()
  const digest = hashed && ((name: DigestName): Uint8Array => {
    const own = known.get(name) ?? cryptography.digest(name, hashed)
    known.set(name, own)
    return own
  }) // prettier-ignore
  return {
    image,
    signatures: image.signatures
      .filter((entry) => entry.type === pkcsSignedData)
      .map((entry) => signatureOf(entry.content, digest, cryptography)),
    hash: digest?.('sha256'),
    sbat: sectionOf(bytes, image, '.sbat'),
  }
}

const unread = (problem: string): ProgramSignature => ({
  chain: [],
  digestName: undefined,
  isOfProgram: undefined,
  isIntact: undefined,
  problem,
})

function signatureOf(
  der: Uint8Array,
  digestOfProgram: ((name: DigestName) => Uint8Array) | undefined,
  cryptography: Cryptography,
): ProgramSignature {
  const whole = asnOf(der)
  if (!whole) return unread('it is no ASN.1')
  const outer = childrenOf(whole)
  // Some tools leave the outer ContentInfo out, and EDK2 takes both.
  const signedData = oidOf(outer[0]) === oids.signedData ? childrenOf(childrenOf(outer[1])[0]) : outer
  const [, , content, ...rest] = signedData
  const [type, inner] = childrenOf(content)
  if (oidOf(type) !== oids.spcIndirectData) return unread('it is no Authenticode signature')
  const indirect = childrenOf(inner)[0]
  const [algorithm, digest] = childrenOf(childrenOf(indirect)[1])
  const digestName = digestNameOf(algorithm)
  const named = contentOf(digest)
  const context = (number: number) => rest.find((one) => one.idBlock.tagClass === 3 && one.idBlock.tagNumber === number)
  const certificates = childrenOf(context(0)).flatMap((one) => readCertificate(wholeOf(one)) ?? [])
  const signers = childrenOf(rest.findLast((one) => one.idBlock.tagClass === 1))
  if (!indirect || !named || signers.length === 0) return unread('it names no hash, or no signer')
  const [, identifier, signedDigest, ...tail] = childrenOf(signers[0])
  const [issuer, serial] = childrenOf(identifier)
  const signer = certificates.find(
    (one) => issuer && one.serial === integerOf(serial) && sameBytes(one.issuer.der, wholeOf(issuer)),
  )
  return {
    chain: signer ? chainOf(signer, certificates, cryptography) : [],
    digestName,
    isOfProgram: digestName && digestOfProgram && sameBytes(digestOfProgram(digestName), named),
    isIntact: signer && isSignedBy(signer, digestNameOf(signedDigest), tail, indirect, cryptography),
    problem: signer ? '' : 'the certificate of its signer is not in it',
  }
}

type Block = Parameters<typeof wholeOf>[0]

/** Whether the signer's key signed what was hashed: the attributes, one of which is the hash of the content (RFC 2315 section 9.3). */
function isSignedBy(
  signer: Certificate,
  digestName: DigestName | undefined,
  tail: readonly Block[],
  content: Block,
  cryptography: Cryptography,
): boolean | undefined {
  if (!digestName) return undefined
  const attributes = tail.find((one) => one.idBlock.tagClass === 3 && one.idBlock.tagNumber === 0)
  const signature = contentOf(tail.find((one) => one.idBlock.tagClass === 1 && one.idBlock.tagNumber === 4))
  if (!signature) return undefined
  const body = bodyOf(content)
  if (!attributes) return cryptography.verifies(digestName, signer.key, body, signature)
  const stated = childrenOf(attributes).find((one) => oidOf(childrenOf(one)[0]) === oids.messageDigest)
  const digest = contentOf(childrenOf(childrenOf(stated)[1])[0])
  if (!digest || !sameBytes(digest, cryptography.digest(digestName, [body]))) return false
  // They are signed as the SET that they are, not under the tag that they stand under.
  const set = Uint8Array.from(wholeOf(attributes))
  set[0] = 0x31
  return cryptography.verifies(digestName, signer.key, set, signature)
}

/** The content of an element without its tag and length. */
function bodyOf(block: Block): Uint8Array {
  const whole = wholeOf(block)
  return whole.subarray(whole.length - block.lenBlock.length)
}

/** Whoever issued whom, upwards; a name alone proves nothing, the signature does. */
function chainOf(signer: Certificate, all: readonly Certificate[], cryptography: Cryptography): Certificate[] {
  const chain = [signer]
  for (;;) {
    const last = chain.at(-1)!
    const next = all.find((one) => !chain.includes(one) && isIssuedBy(last, one, cryptography))
    if (!next) return chain
    chain.push(next)
  }
}
