/**
 * A PE program as Secure Boot looks at it: its sections, its table of signatures, and the bytes that a signature is over
 * (Microsoft PE format, sections 3 to 5; Windows Authenticode Portable Executable Signature Format, "Calculating the PE
 * image hash"). Whatever lies outside the file is a problem, never an exception.
 */
import { decodeText } from './bytes.ts'

export interface PeSection {
  readonly name: string
  /** Where its bytes stand in the file, and how many. */
  readonly start: number
  readonly length: number
  /** How many of them the program uses; the rest fills up. */
  readonly used: number
}

export interface PeSignatureEntry {
  /** wCertificateType: 2 is PKCS #7. */
  readonly type: number
  readonly content: Uint8Array
}

export interface PeImage {
  readonly machine: number
  readonly sections: readonly PeSection[]
  /** Entries of the attribute certificate table, in order. */
  readonly signatures: readonly PeSignatureEntry[]
  /** What an Authenticode hash is over, in order; undefined where the headers name bytes that are not there. */
  readonly hashed: readonly Uint8Array[] | undefined
  readonly problems: readonly string[]
}

const magic32 = 0x10b
const magic64 = 0x20b
/** The certificate table is the fifth data directory. */
const certificateDirectory = 4
const sectionHeaderBytes = 40
const symbolBytes = 18
/** WIN_CERTIFICATE: length, revision, type. */
const entryHeaderBytes = 8

/** Undefined where the bytes are no PE program. */
export function readPeImage(bytes: Uint8Array): PeImage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 0x40 || view.getUint16(0, true) !== 0x5a4d) return undefined
  const peAt = view.getUint32(0x3c, true)
  const optionalAt = peAt + 24
  if (optionalAt + 2 > bytes.length || view.getUint32(peAt, true) !== 0x4550) return undefined
  const magic = view.getUint16(optionalAt, true)
  if (magic !== magic32 && magic !== magic64) return undefined
  const problems: string[] = []
  const machine = view.getUint16(peAt + 4, true)
  const optionalBytes = view.getUint16(peAt + 20, true)
  const directoriesAt = optionalAt + (magic === magic64 ? 112 : 96)
  const entryAt = directoriesAt + certificateDirectory * 8
  if (entryAt + 8 > bytes.length) {
    problems.push('the file ends within its headers')
    return { machine, sections: [], signatures: [], hashed: undefined, problems }
  }
  const names = view.getUint32(peAt + 12, true) + view.getUint32(peAt + 16, true) * symbolBytes
  const sections = sectionsOf(view, optionalAt + optionalBytes, view.getUint16(peAt + 6, true), names, problems)
  const hasTable = view.getUint32(directoriesAt - 4, true) > certificateDirectory
  // Alone among the directories, its address is a place in the file.
  const table = {
    start: hasTable ? view.getUint32(entryAt, true) : 0,
    length: hasTable ? view.getUint32(entryAt + 4, true) : 0,
  }
  const signatures = table.length === 0 ? [] : entriesOf(bytes, view, table, problems)
  return {
    machine,
    sections,
    signatures,
    hashed: hashedOf(bytes, {
      checksumAt: optionalAt + 64,
      entryAt: hasTable ? entryAt : undefined,
      headerBytes: view.getUint32(optionalAt + 60, true),
      sections,
      tableBytes: table.length,
      tableEnd: table.start + table.length,
    }),
    problems,
  }
}

function sectionsOf(view: DataView, from: number, count: number, names: number, problems: string[]): PeSection[] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  const sections: PeSection[] = []
  for (let index = 0; index < count; index++) {
    const at = from + index * sectionHeaderBytes
    if (at + sectionHeaderBytes > view.byteLength) {
      problems.push(`the headers of ${count} sections are announced, ${index} are there`)
      break
    }
    const length = view.getUint32(at + 16, true)
    const start = view.getUint32(at + 20, true)
    const short = decodeText(bytes.subarray(at, at + 8))
    // Names of more than eight letters stand in the string table behind the symbols, as tools of GNU write them.
    const place = /^\/(\d+)$/.exec(short)
    const name = place ? decodeText(bytes.subarray(names + Number(place[1])).subarray(0, 64)) : short
    if (length > 0 && start + length > view.byteLength)
      problems.push(`section ${name} ends at byte ${start + length}, the file at ${view.byteLength}`)
    sections.push({ name, start, length, used: Math.min(length, view.getUint32(at + 8, true)) })
  }
  return sections
}

function entriesOf(
  bytes: Uint8Array,
  view: DataView,
  table: { readonly start: number; readonly length: number },
  problems: string[],
): PeSignatureEntry[] {
  const found: PeSignatureEntry[] = []
  const end = table.start + table.length
  if (end > bytes.length) problems.push(`the table of signatures ends at byte ${end}, the file at ${bytes.length}`)
  for (let at = table.start; at + entryHeaderBytes < end;) {
    const length = at + entryHeaderBytes <= bytes.length ? view.getUint32(at, true) : 0
    if (length <= entryHeaderBytes || at + length > Math.min(end, bytes.length)) {
      problems.push(`the signature at byte ${at} does not fit into its table`)
      break
    }
    found.push({ type: view.getUint16(at + 6, true), content: bytes.subarray(at + entryHeaderBytes, at + length) })
    // Entries begin at multiples of eight.
    at += Math.ceil(length / 8) * 8
  }
  return found
}

interface HashedParts {
  readonly checksumAt: number
  /** Where the directory names the table of signatures; undefined where there is no such directory. */
  readonly entryAt: number | undefined
  readonly headerBytes: number
  readonly sections: readonly PeSection[]
  readonly tableBytes: number
  readonly tableEnd: number
}

/** Everything but the checksum, the directory entry of the signatures and the signatures themselves. */
function hashedOf(bytes: Uint8Array, parts: HashedParts): Uint8Array[] | undefined {
  const { checksumAt, entryAt, headerBytes, tableBytes, tableEnd } = parts
  const sections = parts.sections.filter((one) => one.length > 0).toSorted((a, b) => a.start - b.start)
  const headerEnd = entryAt === undefined ? checksumAt + 4 : entryAt + 8
  if (headerBytes < headerEnd || headerBytes > bytes.length || tableEnd > bytes.length) return undefined
  if (sections.some((one) => one.start + one.length > bytes.length)) return undefined
  const sum = headerBytes + sections.reduce((all, one) => all + one.length, 0)
  if (sum > bytes.length) return undefined
  return [
    bytes.subarray(0, checksumAt),
    ...(entryAt === undefined
      ? [bytes.subarray(checksumAt + 4, headerBytes)]
      : [bytes.subarray(checksumAt + 4, entryAt), bytes.subarray(entryAt + 8, headerBytes)]),
    ...sections.map((one) => bytes.subarray(one.start, one.start + one.length)),
    // What lies behind the sections, without the signatures: as firmware counts it, by sums and not by places.
    ...(bytes.length - tableBytes > sum ? [bytes.subarray(sum, bytes.length - tableBytes)] : []),
  ]
}

/** The used bytes of the section with that name; undefined where there is none, or where it is not whole. */
export function sectionOf(bytes: Uint8Array, image: PeImage, name: string): Uint8Array | undefined {
  const section = image.sections.find((one) => one.name === name)
  if (!section || section.start + section.used > bytes.length) return undefined
  return bytes.subarray(section.start, section.start + section.used)
}
