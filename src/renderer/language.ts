/** The language of the window: the chosen one, or that of the browser and its system. */
import type { Language } from '#messages/languages.ts'
import { speakBest } from '#messages/speak.ts'
import { t } from '#messages/text.ts'

const place = 'pxe-lab-language'

/** The tag of the language somebody chose here; undefined where the system decides. */
export function chosenLanguage(): string | undefined {
  try {
    return localStorage.getItem(place) ?? undefined
  } catch {
    // A browser that keeps nothing for this page.
    return undefined
  }
}

/** Keeps the choice and shows the window in it; undefined leaves it to the system. */
export function chooseLanguage(tag: string | undefined): void {
  if (tag === undefined) localStorage.removeItem(place)
  else localStorage.setItem(place, tag)
  location.reload()
}

/** To be awaited before anything that says something is imported. */
export async function speakHere(): Promise<Language> {
  const language = await speakBest(navigator.languages, chosenLanguage(), (message) => console.warn(message))
  document.documentElement.lang = language.tag
  // Pages are one file for every language: what stands in them is English until here.
  document.querySelector('#portals')?.setAttribute('aria-label', t('shell.portals'))
  return language
}
