/**
 * What is built into a shim, and which file it loads (shim 16.1: cert.S, netboot.c, httpboot.c; the shim of iPXE: its
 * README). Its name of the second stage is text in the program; the path comes from where it was loaded itself.
 */
import { decodeUtf16 } from '../wire/bytes.ts'
import { sectionOf, type PeImage } from '../wire/pe-image.ts'
import type { SbatComponent } from '../wire/secure-boot/sbat.ts'
import { readSignatureLists } from '../wire/secure-boot/signature-lists.ts'
import { readCertificate, type Certificate } from './certificate.ts'

const vendorSection = '.vendor_cert'

/** Whether a program is a shim: it says so in its SBAT, and brings a table of certificates. */
export const isShim = (image: PeImage, sbat: readonly SbatComponent[] | undefined): boolean =>
  image.sections.some((one) => one.name === vendorSection) || (sbat?.some((one) => one.name === 'shim') ?? false)

/** The certificates that a shim trusts beside the firmware's: one certificate, or a list of them. */
export function vendorCertificates(bytes: Uint8Array, image: PeImage): Certificate[] {
  const table = sectionOf(bytes, image, vendorSection)
  if (!table || table.length < 16) return []
  const view = new DataView(table.buffer, table.byteOffset, table.length)
  const [size, at] = [view.getUint32(0, true), view.getUint32(8, true)]
  if (size === 0 || at + size > table.length) return []
  const authorized = table.subarray(at, at + size)
  const single = readCertificate(authorized)
  return single
    ? [single]
    : (readSignatureLists(authorized)?.certificates ?? []).flatMap((one) => readCertificate(one) ?? [])
}

const mostNameLetters = 64
/** Letters, digits, `_`, `.` and `-`. */
const isOfName = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x2e || code === 0x2d // prettier-ignore

/** The name that is built in: a path in UTF-16 such as `\grubx64.efi`, neither MokManager nor fallback. */
function builtInName(bytes: Uint8Array, image: PeImage): string | undefined {
  for (const { name, start, used } of image.sections) {
    if (!/^\.(r?data|rodata)/.test(name) || start + used > bytes.length) continue
    const data = bytes.subarray(start, start + used)
    // Text of UTF-16 begins at an even place. A name has no backslash in it, so that no byte is looked at twice.
    for (let at = 0; at + 2 <= data.length; at += 2) {
      if (data[at] !== 0x5c || data[at + 1] !== 0) continue
      const begin = at + 2
      let end = begin
      while (end + 2 <= data.length && data[end + 1] === 0 && isOfName(data[end]!)) end += 2
      at = end - 2
      const length = (end - begin) / 2
      if (length < 5 || length > mostNameLetters || data[end] !== 0 || data[end + 1] !== 0) continue
      const name = decodeUtf16(data.subarray(begin, end))
      if (/\.efi$/i.test(name) && !/^(mm|fb|mokmanager|fallback)/i.test(name)) return name
    }
  }
  return undefined
}

/** The path of the second stage beside a shim that was loaded as `path`; undefined where its name is not to be found. */
export function secondStageOf(path: string, bytes: Uint8Array, image: PeImage): string | undefined {
  const name = builtInName(bytes, image)
  if (name === undefined) return undefined
  const folder = /^.*[/\\]/.exec(path)?.[0] ?? ''
  // The shim of iPXE alone derives the name: `snponly-shimx64.efi` loads `snponly.efi`.
  const derived = /^ipxe\.efi$/i.test(name) && /([^/\\]*)-shim[^/\\.]{0,4}(\.efi)$/i.exec(path)
  return derived ? `${folder}${derived[1]}${derived[2]}` : `${folder}${name}`
}
