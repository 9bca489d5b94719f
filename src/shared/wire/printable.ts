/**
 * Text of others as it may be shown where control characters do something: in a terminal, in a log of lines. What a
 * machine on the wire wrote can then neither move the cursor, nor begin a line of its own, nor turn the direction of reading.
 */

/** C0, DEL and C1 (ECMA-48), line separators, and what changes the direction of text (UAX 9). */
const everyUnprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu
/** The same without the line feed and the tab, for texts of several lines that are ours. */
const everyUnprintableInLines = new RegExp(String.raw`(?![\n\t])${everyUnprintable.source}`, 'gu')

/** Nearly every text is ASCII, and to see that costs a tenth of asking for classes of Unicode. */
const beyondAscii = /[^ -~]/
const beyondAsciiInLines = /[^ -~\n\t]/

const named: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }

const escaped = (character: string): string => {
  const code = character.charCodeAt(0)
  // As JSON writes them, so that JSON stays what it was.
  return named[character] ?? `\\u${code.toString(16).padStart(4, '0')}`
}

/** One line, whatever it was: `\n`, `\u001b` and the like in place of what is not shown. */
export const printable = (text: string): string =>
  beyondAscii.test(text) ? text.replace(everyUnprintable, escaped) : text

/** The same for a text whose line feeds and tabs are its own. */
export const printableLines = (text: string): string =>
  beyondAsciiInLines.test(text) ? text.replace(everyUnprintableInLines, escaped) : text
