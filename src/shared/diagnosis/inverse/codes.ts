/** Codes on screens: what counts as one, and the many ways in which people write them. */

/** PXE codes, the numbers of iPXE's error pages, status values of Windows and its boot manager. */
const patterns = [/PXE-[A-Z][0-9A-F]{2}\b/g, /(?<=ipxe\.org\/)[0-9a-f]{8}/gi, /\b0x[0-9a-f]{8}\b/gi]

/** A code as it is compared: `PXE-E55`, `2d03e13b`, `0xc000000f`. */
const canonical = (code: string): string => (/^pxe-/i.test(code) ? code.toUpperCase() : code.toLowerCase())

/** The codes in the lines of a screen, each once, in their order. */
export const codesIn = (lines: readonly string[]): string[] => [
  ...new Set(patterns.flatMap((pattern) => [...lines.join('\n').matchAll(pattern)].map(([code]) => canonical(code)))),
]

/**
 * A code that somebody typed, in any common form: `PXE-E55`, `E55`, `pxe e55:`, `PXE-E55: ProxyDHCP service did not ...`,
 * `http://ipxe.org/2d03e13b`, `0xC000000F`, `c000000f`. Undefined where it has the form of none.
 */
export function readCode(text: string): string | undefined {
  const trimmed = text.trim()
  // Screens and people write the letter O where the code has a zero: PXE-MOF.
  const pxe =
    /^PXE[\s_-]*([ETM])[\s_-]?([0-9A-FO]{2})\b/i.exec(trimmed) ?? /^([ETM])[\s_-]?([0-9A-F]{2})\b/i.exec(trimmed)
  if (pxe) return `PXE-${pxe[1]!.toUpperCase()}${pxe[2]!.toUpperCase().replaceAll('O', '0')}`
  const ipxe = /ipxe\.org\/(?:err\/)?([0-9a-f]{6,8})\b/i.exec(trimmed)
  if (ipxe) return ipxe[1]!.toLowerCase()
  const status = /^(0x)?([0-9a-f]{6,8})\b/i.exec(trimmed)
  if (status) return `${status[1] === undefined ? '' : '0x'}${status[2]!.toLowerCase()}`
  return codesIn([trimmed.toUpperCase().replaceAll('0X', '0x')])[0]
}
