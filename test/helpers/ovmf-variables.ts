/**
 * The file in which OVMF keeps its variables: what a machine trusts is put into it before it is switched on (EDK2,
 * AuthenticatedVariableFormat.h; UEFI specification, sections 32.4.1 and 32.6).
 */
import { concatBytes, encodeText } from '#shared/wire/bytes.ts'

const databaseGuid = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f'
/** Of shim: MokList and SbatLevel. */
const shimGuid = '605dab50-e046-4300-abb6-3dd810dd8b23'
const x509Guid = 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072'
const owner = '00000000-0000-0000-0000-000000000000'

const guidBytes = (text: string): Uint8Array => {
  const hex = Buffer.from(text.replaceAll('-', ''), 'hex')
  return Uint8Array.of(hex[3]!, hex[2]!, hex[1]!, hex[0]!, hex[5]!, hex[4]!, hex[7]!, hex[6]!, ...hex.subarray(8))
}
const u32 = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24)
const wide = (text: string): Uint8Array => new Uint8Array(Buffer.from(`${text}\0`, 'utf16le'))

/** Certificates (DER) as a signature list each. */
export const signatureLists = (certificates: readonly Uint8Array[]): Uint8Array =>
  concatBytes(
    certificates.flatMap((one) => [
      guidBytes(x509Guid), u32(28 + 16 + one.length), u32(0), u32(16 + one.length), guidBytes(owner), one,
    ]),
  ) // prettier-ignore

const sha256Guid = 'c1c41626-504c-4092-aca9-41f936934328'
/** SHA-256 of programs, in hexadecimal digits, as one signature list. */
export const hashList = (hashes: readonly string[]): Uint8Array =>
  concatBytes([
    guidBytes(sha256Guid), u32(28 + 48 * hashes.length), u32(0), u32(48),
    ...hashes.flatMap((one) => [guidBytes(owner), new Uint8Array(Buffer.from(one, 'hex'))]),
  ]) // prettier-ignore

const headerBytes = 60
const alive = 0x3f
const deleted = 0xfd

/** The variables of `file` with this one in place of its older self. */
function withVariable(file: Uint8Array, name: string, guid: string, attributes: number, data: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(file)
  const view = new DataView(changed.buffer)
  const wanted = concatBytes([guidBytes(guid), wide(name)])
  let at = view.getUint16(48, true) + 28
  while (view.getUint16(at, true) === 0x55aa) {
    const [nameBytes, dataBytes] = [view.getUint32(at + 36, true), view.getUint32(at + 40, true)]
    const own = changed.subarray(at + 44, at + headerBytes + nameBytes)
    if (changed[at + 2] === alive && Buffer.compare(own, wanted) === 0) changed[at + 2]! &= deleted
    at = Math.ceil((at + headerBytes + nameBytes + dataBytes) / 4) * 4
  }
  const fields = [u32(attributes), new Uint8Array(28), u32(wide(name).length), u32(data.length)]
  changed.set(concatBytes([Uint8Array.of(0xaa, 0x55, alive, 0), ...fields, wanted, data]), at)
  return changed
}

/** What a machine shall trust; what is left out stays as it is. Certificates in DER. */
export interface Trust {
  readonly db?: readonly Uint8Array[]
  readonly dbx?: readonly Uint8Array[]
  readonly mok?: readonly Uint8Array[]
  /** The lines of SbatLevel. */
  readonly sbatLevel?: string
}

export function withTrust(variables: Uint8Array, { db, dbx, mok, sbatLevel }: Trust): Uint8Array {
  let file = variables
  // Non-volatile, for boot services, for the running system, written under a time.
  if (db) file = withVariable(file, 'db', databaseGuid, 0x27, signatureLists(db))
  if (dbx) file = withVariable(file, 'dbx', databaseGuid, 0x27, signatureLists(dbx))
  if (mok) file = withVariable(file, 'MokList', shimGuid, 3, signatureLists(mok))
  if (sbatLevel !== undefined) file = withVariable(file, 'SbatLevel', shimGuid, 3, encodeText(sbatLevel))
  return file
}
