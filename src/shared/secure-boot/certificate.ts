/** X.509 certificates (RFC 5280 section 4.1): the fields that Secure Boot and a person look at. */
import { fromBER, Constructed, Integer, ObjectIdentifier, type BaseBlock } from 'asn1js'
import { formatHex } from '../wire/bytes.ts'
import { printable } from '../wire/printable.ts'

/** What verifying needs of the world: hashes and public keys are computed by whoever has a library for them. */
export interface Cryptography {
  digest(algorithm: DigestName, parts: readonly Uint8Array[]): Uint8Array
  /** Whether this key (SubjectPublicKeyInfo, DER) made the signature: PKCS #1 v1.5 or ECDSA. */
  verifies(algorithm: DigestName, key: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean
}

const digestsByOid = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  // A signature algorithm names its hash too (RFC 8017 appendix A.2.4, RFC 5758 section 3.2).
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
} as const
export type DigestName = (typeof digestsByOid)[keyof typeof digestsByOid]

export interface DistinguishedName {
  /** The common name, or the whole name where there is none. */
  readonly common: string
  /** As `CN=..., O=...`, in the order of the certificate. */
  readonly text: string
  readonly der: Uint8Array
}

export interface Certificate {
  readonly der: Uint8Array
  readonly subject: DistinguishedName
  readonly issuer: DistinguishedName
  /** In hexadecimal digits. */
  readonly serial: string
  /** Milliseconds since 1970. Firmware does not look at it: a certificate that has ended is not one that is revoked. */
  readonly notAfter: number
  /** SubjectPublicKeyInfo, DER. */
  readonly key: Uint8Array
  /** What the issuer signed, how, and the signature. */
  readonly signed: Uint8Array
  readonly algorithm: DigestName | undefined
  readonly signature: Uint8Array
}

/** Limits of what is read: a signature of real programs has some 300 nodes and 15 levels. */
const limits = { maxDepth: 40, maxNodes: 10_000, maxContentLength: 1 << 20, copyInput: false, parseEmbedded: false }

/** One element of BER with nothing behind it that matters; undefined where the bytes are none. */
export function asnOf(bytes: Uint8Array): BaseBlock | undefined {
  try {
    // The library keeps views of its input: it gets a copy that nobody else writes to.
    const { offset, result } = fromBER(Uint8Array.from(bytes), limits)
    return offset < 0 || result.error !== '' ? undefined : result
  } catch {
    // It throws for text and numbers that it cannot hold.
    return undefined
  }
}

export const childrenOf = (block: BaseBlock | undefined): readonly BaseBlock[] =>
  block instanceof Constructed ? block.valueBlock.value : []

/** The bytes of a whole element, tag and length included. */
export const wholeOf = (block: BaseBlock): Uint8Array => block.valueBeforeDecodeView

export const oidOf = (block: BaseBlock | undefined): string =>
  block instanceof ObjectIdentifier ? block.valueBlock.toString() : ''

/** The hash that an AlgorithmIdentifier names. */
export const digestNameOf = (algorithm: BaseBlock | undefined): DigestName | undefined =>
  (digestsByOid as Readonly<Record<string, DigestName>>)[oidOf(childrenOf(algorithm)[0])]

export const integerOf = (block: BaseBlock | undefined): string =>
  block instanceof Integer ? formatHex(block.valueBlock.valueHexView) : ''

/** The content bytes of a primitive element: OCTET STRING, BIT STRING without its count of unused bits. */
export function contentOf(block: BaseBlock | undefined): Uint8Array | undefined {
  const value = block?.valueBlock as { readonly valueHexView?: Uint8Array } | undefined
  return value?.valueHexView
}

const attributeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '1.2.840.113549.1.9.1': 'E',
}

function textOf(block: BaseBlock | undefined): string {
  const read = (block as { getValue?: () => unknown } | undefined)?.getValue
  const value = read?.call(block)
  return typeof value === 'string' ? printable(value) : ''
}

function nameOf(block: BaseBlock): DistinguishedName {
  const parts = childrenOf(block).flatMap((set) =>
    childrenOf(set).map((pair) => {
      const [type, value] = childrenOf(pair)
      return { name: attributeNames[oidOf(type)] ?? oidOf(type), value: textOf(value) }
    }),
  )
  const text = parts.map((one) => `${one.name}=${one.value}`).join(', ')
  return { common: parts.findLast((one) => one.name === 'CN')?.value ?? text, text, der: wholeOf(block) }
}

const timeOf = (block: BaseBlock | undefined): number => {
  const read = (block as { toDate?: () => Date } | undefined)?.toDate
  return read ? read.call(block).getTime() : Number.NaN
}

/** Undefined where the bytes are no certificate. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  const whole = asnOf(der)
  const [toBeSigned, algorithm, signature] = childrenOf(whole)
  if (!whole || !toBeSigned || !signature) return undefined
  const fields = [...childrenOf(toBeSigned)]
  // The version is left out by certificates of the first.
  if (fields[0]?.idBlock.tagClass === 3) fields.shift()
  const [serial, , issuer, validity, subject, key] = fields
  const bits = contentOf(signature)
  if (!issuer || !subject || !key || !bits || childrenOf(validity).length !== 2) return undefined
  try {
    return {
      der: wholeOf(whole),
      subject: nameOf(subject),
      issuer: nameOf(issuer),
      serial: integerOf(serial),
      notAfter: timeOf(childrenOf(validity)[1]),
      key: wholeOf(key),
      signed: wholeOf(toBeSigned),
      algorithm: digestNameOf(algorithm),
      signature: bits,
    }
  } catch {
    return undefined
  }
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

/** Whether that certificate issued this one: by name, and by its signature. */
export const isIssuedBy = (one: Certificate, issuer: Certificate, cryptography: Cryptography): boolean =>
  sameBytes(one.issuer.der, issuer.subject.der) &&
  one.algorithm !== undefined &&
  cryptography.verifies(one.algorithm, issuer.key, one.signed, one.signature)
