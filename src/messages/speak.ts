/** The language of this process: its catalogue is loaded, and everything said from then on is said so. */
import { catalogues } from './compiled/catalogues.ts'
import { languageFor, languages, pseudo, type Language } from './languages.ts'
import { textKey } from './local-texts.ts'
import type { Compiled, Translation } from './message.ts'
import { pseudoOf, pseudoText } from './pseudo.ts'
import { english, speak } from './text.ts'

/** A translation by the names of messages. @throws {Error} for one of another version, as an old cache may have it */
function translationOf({ of, functions }: Translation): Compiled {
  const ids = Object.keys(english)
  if (textKey(ids.join()) !== of) throw new Error('it is of another version')
  return Object.fromEntries(ids.flatMap((id, at) => (functions[at] ? [[id, functions[at]]] : [])))
}

/** Undefined where its file is missing, damaged or of another version: a program that speaks English is better than none. */
async function wordsOf(
  tag: string,
  warn: (message: string) => void,
): Promise<{ readonly words: Compiled; readonly texts: Translation['texts'] } | undefined> {
  try {
    const told = await catalogues[tag]!()
    return { words: translationOf(told), texts: told.texts }
  } catch (error) {
    warn(`The words of ${tag} cannot be used (${error instanceof Error ? error.message : String(error)}); English is spoken. Install PXE Lab again.`) // prettier-ignore
    return undefined
  }
}

/**
 * Speaks the best of the languages that somebody wants. It is called before anything is imported that says something, for tables of
 * words are made once.
 * @param wanted language tags (BCP 47), the first the best
 * @param chosen the tag of one that somebody chose here
 * @param warn told, in English, where the words of a language cannot be used
 */
export async function speakBest(
  wanted: readonly string[],
  chosen?: string,
  warn: (message: string) => void = () => {},
): Promise<Language> {
  const named = [...languages, pseudo].find(({ tag }) => tag === chosen)
  const language = named ?? languageFor(chosen === undefined ? wanted : [chosen, ...wanted])
  if (language === pseudo) {
    // Which texts of files are translated any translation tells, for none lacks one.
    const texts = (await wordsOf(languages[1]!.tag, warn))?.texts ?? {}
    speak(pseudoOf(english), pseudo.tag, (text) => (textKey(text) in texts ? pseudoText(text) : text))
    return language
  }
  const told = language.tag in catalogues ? await wordsOf(language.tag, warn) : undefined
  if (!told) {
    // Numbers and dates in it as well: 1.234 in an English sentence is another number.
    speak(english, languages[0]!.tag)
    return languages[0]!
  }
  speak(told.words, language.tag, (text) => told.texts[textKey(text)] ?? text)
  return language
}
