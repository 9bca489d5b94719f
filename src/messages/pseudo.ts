/** English as a longer language with marks on its letters, for tests of layouts. */
import type { Compiled } from './message.ts'

const marked: Readonly<Record<string, string>> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', y: 'ý', c: 'ç', n: 'ñ', s: 'š', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú', N: 'Ñ', C: 'Ç', S: 'Š' } // prettier-ignore

/** Tags are kept, for `Rich` finds them by their names. */
const pieces = /(<\/?[a-z][a-z\d-]*>)/

/** A text with its letters marked, 40 % longer, between ⟦ and ⟧. A message in it loses its own signs. */
export function pseudoText(text: string): string {
  const parts = text.replaceAll(/ ~~~~|[⟦⟧]/g, '').split(pieces)
  const told = parts.map((part, at) => (at % 2 === 1 ? part : part.replaceAll(/[a-zA-Z]/g, (one) => marked[one] ?? one))).join('') // prettier-ignore
  const letters = parts.filter((_, at) => at % 2 === 0).join('').length
  return `⟦${told}${' ~~~~'.repeat(Math.ceil((letters * 0.4) / 5))}⟧`
}

export const pseudoOf = (english: Compiled): Compiled =>
  new Proxy(english, {
    get: (words, id: string) => {
      const told = words[id]
      return told && ((values: object) => pseudoText(told(values)))
    },
  })
