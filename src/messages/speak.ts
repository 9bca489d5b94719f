/** The language of this process: its catalogue is loaded, and everything said from then on is said so. */
import { catalogues } from './compiled/catalogues.ts'
import { languageFor, languages, pseudo, type Language } from './languages.ts'
import { textKey } from './local-texts.ts'
import type { Compiled, Translation } from './message.ts'
import { pseudoOf, pseudoText } from './pseudo.ts'
import { english, speak } from './text.ts'

/** A translation by the names of messages. One of another version, as an old cache may have it, says nothing: all is English then. */
function translationOf({ of, functions }: Translation): Compiled {
  const ids = Object.keys(english)
  if (textKey(ids.join()) !== of) return english
  return Object.fromEntries(ids.flatMap((id, at) => (functions[at] ? [[id, functions[at]]] : [])))
}

/**
 * Speaks the best of the languages that somebody wants. It is called before anything is imported that says something, for tables of
 * words are made once.
 * @param wanted language tags (BCP 47), the first the best
 * @param chosen the tag of one that somebody chose here
 */
export async function speakBest(wanted: readonly string[], chosen?: string): Promise<Language> {
  const named = [...languages, pseudo].find(({ tag }) => tag === chosen)
  const language = named ?? languageFor(chosen === undefined ? wanted : [chosen, ...wanted])
  if (language === pseudo) {
    // Which texts of files are translated any translation tells, for none lacks one.
    const texts = (await catalogues[languages[1]!.tag]?.())?.texts ?? {}
    speak(pseudoOf(english), pseudo.tag, (text) => (textKey(text) in texts ? pseudoText(text) : text))
  } else {
    const told = await catalogues[language.tag]?.()
    speak(told ? translationOf(told) : english, language.tag, (text) => told?.texts[textKey(text)] ?? text)
  }
  return language
}
