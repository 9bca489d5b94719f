/**
 * The certificates in the signature of a PE program (Microsoft PE format, "The Attribute Certificate Table"; PKCS #7
 * SignedData, RFC 2315 section 9.1). They are taken out, not verified.
 */

interface Element {
  readonly tag: number
  /** Where the content begins and ends. */
  readonly start: number
  readonly end: number
}

/** One element of DER (X.690 section 8.1); undefined where it runs past its end. */
function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  const tag = bytes[at]
  let length = bytes[at + 1]
  if (tag === undefined || length === undefined) return undefined
  let start = at + 2
  if (length > 0x80) {
    const count = length & 0x7f
    if (count > 4) return undefined
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0)
    start += count
  } else if (length === 0x80) return undefined
  const end = start + length
  return end <= limit ? { tag, start, end } : undefined
}

function* elementsOf(bytes: Uint8Array, parent: Element): Generator<Element & { readonly from: number }> {
  let at = parent.start
  while (at < parent.end) {
    const element = elementAt(bytes, at, parent.end)
    if (!element) return
    yield { ...element, from: at }
    at = element.end
  }
}

const explicit0 = 0xa0
const sequence = 0x30
const pkcsSignedData = 2

const u16Little = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
const u32Little = (bytes: Uint8Array, at: number): number =>
  (u16Little(bytes, at) | (u16Little(bytes, at + 2) << 16)) >>> 0

/** X.509 certificates (DER) of a whole PE program; undefined where it is none, empty where it is not signed. */
export function signatureCertificates(program: Uint8Array): Uint8Array[] | undefined {
  const peAt = u32Little(program, 0x3c)
  if (program[0] !== 0x4d || program[1] !== 0x5a || u32Little(program, peAt) !== 0x4550) return undefined
  const optionalAt = peAt + 24
  const magic = u16Little(program, optionalAt)
  if (magic !== 0x10b && magic !== 0x20b) return undefined
  // The fifth data directory; its address is a place in the file.
  const entryAt = optionalAt + (magic === 0x20b ? 112 : 96) + 4 * 8
  const tableAt = u32Little(program, entryAt)
  const tableEnd = Math.min(program.length, tableAt + u32Little(program, entryAt + 4))
  const found: Uint8Array[] = []
  if (tableAt === 0) return found
  for (let at = tableAt; at + 8 < tableEnd;) {
    const length = u32Little(program, at)
    if (length < 8) break
    if (u16Little(program, at + 6) === pkcsSignedData)
      found.push(...certificatesIn(program.subarray(at + 8, Math.min(at + length, tableEnd))))
    // Entries begin at multiples of eight.
    at += Math.ceil(length / 8) * 8
  }
  return found
}

/** The `certificates` of a SignedData: the element [0] behind version, algorithms and content. */
function certificatesIn(der: Uint8Array): Uint8Array[] {
  const whole = elementAt(der, 0, der.length)
  if (whole?.tag !== sequence) return []
  const content = [...elementsOf(der, whole)].find((one) => one.tag === explicit0)
  const signedData = content && elementAt(der, content.start, content.end)
  if (!signedData) return []
  const certificates = [...elementsOf(der, signedData)].find((one) => one.tag === explicit0)
  if (!certificates) return []
  return [...elementsOf(der, certificates)]
    .filter((one) => one.tag === sequence)
    .map((one) => der.subarray(one.from, one.end))
}
