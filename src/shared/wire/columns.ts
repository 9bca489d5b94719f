/** How much room text takes on a terminal: letters of Chinese, Japanese and Korean are twice as wide as others (Unicode UAX #11). */

/** Wide and full-width letters; those of ambiguous width are narrow, as terminals show them. */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u // prettier-ignore
/** Marks stand on the letter before them, as file names of macOS have them. */
const mark = /\p{M}/u
const columnOf = (letter: string): number => (letter < '\u0300' ? 1 : wide.test(letter) ? 2 : mark.test(letter) ? 0 : 1)

/** How many columns of a terminal, or narrow letters, a text takes. */
export function columnsOf(text: string): number {
  let sum = 0
  for (const letter of text) sum += columnOf(letter)
  return sum
}

/** The beginning of a text, of `most` columns at most. */
export function firstColumns(text: string, most: number): string {
  let room = most
  let end = 0
  for (const letter of text) {
    room -= columnOf(letter)
    if (room < 0) break
    end += letter.length
  }
  return text.slice(0, end)
}

const room = (text: string, columns: number, fill: string): string =>
  fill.repeat(Math.max(0, columns - columnsOf(text)))

/** `padEnd` by columns. */
export const padColumns = (text: string, columns: number, fill = ' '): string => text + room(text, columns, fill)

/** `padStart` by columns. */
export const alignRight = (text: string, columns: number): string => room(text, columns, ' ') + text

/** Pieces that stay together on a line: a word with the space before it, or a wide letter; what closes goes with what is before it. */
const piece = /\s*(?:[\u3008\u300a\u300c\u300e\u3010\uff08\u201c]*(?:[\u2e80-\u2fff\u3003-\u3007\u3012-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u{20000}-\u{3fffd}]|[^\s\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]+)[\u3001\u3002\u3009\u300b\u300d\u300f\u3011\uff09\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u201d\u30fc\u3005\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7]*|\S)/gu // prettier-ignore

/** The text in lines of at most that many columns; words that are longer stay whole. Lines that it has are kept. */
export function wrapColumns(text: string, columns: number): string {
  return text
    .split(/\r\n|\n/)
    .map((line) => {
      const lines: string[] = []
      let own = ''
      for (const next of line.match(piece) ?? []) {
        if (own !== '' && columnsOf(own) + columnsOf(next) > columns) {
          lines.push(own)
          own = next.trimStart()
        } else own += next
      }
      return [...lines, own].join('\n')
    })
    .join('\n')
}
