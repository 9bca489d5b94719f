/**
 * EFI signature lists (UEFI specification, section 32.4.1), as db and dbx hold them, and as they are handed around: alone, as
 * a file of efivarfs (four bytes of attributes before them) or as an update signed by its authority, such as dbxupdate_x64.bin
 * (EFI_VARIABLE_AUTHENTICATION_2, section 8.2.2).
 */
import { formatHex } from '../bytes.ts'

/** Signature types as they stand in a list: fields of little endian first. */
const types = {
  /** EFI_CERT_X509_GUID. */
  a159c0a5e494a74a87b5ab155c2bf072: 'certificate',
  /** EFI_CERT_SHA256_GUID. */
  '2616c4c14c509240aca941f936934328': 'hash',
} as const

const listHeaderBytes = 28
const ownerBytes = 16
/** EFI_TIME before WIN_CERTIFICATE. */
const timeBytes = 16

export interface SignatureLists {
  /** Certificates in DER. */
  readonly certificates: readonly Uint8Array[]
  /** SHA-256 of programs as Authenticode hashes them, in hexadecimal digits. */
  readonly hashes: readonly string[]
  /** Entries of other kinds, such as hashes of certificates. */
  readonly others: number
}

/** Where the lists begin; undefined where the bytes are none of the three forms. */
function beginOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  // Revision 2.0 and type WIN_CERT_TYPE_EFI_GUID.
  if (bytes.length >= timeBytes + 8 && view.getUint16(timeBytes + 4, true) === 0x200 && view.getUint16(timeBytes + 6, true) === 0xef1)
    return timeBytes + view.getUint32(timeBytes, true) // prettier-ignore
  return [0, 4].find((at) => isListAt(bytes, at))
}

/** Whether a list stands there whose lengths agree with each other and with the file. */
function isListAt(bytes: Uint8Array, at: number): boolean {
  if (at + listHeaderBytes > bytes.length) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at)
  const [length, header, each] = [16, 20, 24].map((offset) => view.getUint32(offset, true)) as [number, number, number]
  return (
    length >= listHeaderBytes + header && length <= view.byteLength && each > ownerBytes && (length - listHeaderBytes - header) % each === 0
  ) // prettier-ignore
}

/** Undefined where the bytes are no signature lists to their end: a list that is cut off would revoke less than it seems to. */
export function readSignatureLists(bytes: Uint8Array): SignatureLists | undefined {
  const begin = beginOf(bytes)
  if (begin === undefined || begin >= bytes.length) return undefined
  const certificates: Uint8Array[] = []
  const hashes: string[] = []
  let others = 0
  for (let at = begin; at < bytes.length;) {
    if (!isListAt(bytes, at)) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at)
    const [length, header, each] = [16, 20, 24].map((offset) => view.getUint32(offset, true)) as [number, number, number] // prettier-ignore
    const type = (types as Readonly<Record<string, string>>)[formatHex(bytes.subarray(at, at + 16))]
    for (let one = at + listHeaderBytes + header; one < at + length; one += each) {
      const data = bytes.subarray(one + ownerBytes, one + each)
      if (type === 'certificate') certificates.push(data)
      else if (type === 'hash' && data.length === 32) hashes.push(formatHex(data))
      else others++
    }
    at += length
  }
  return { certificates, hashes, others }
}
