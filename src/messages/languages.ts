/** The languages that have a catalogue, English first. */

export interface Language {
  /** BCP 47. */
  readonly tag: string
  /** As its speakers write it. */
  readonly name: string
}

export const languages: readonly Language[] = [
  { tag: 'en', name: 'English' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'es', name: 'Español' },
  { tag: 'fr', name: 'Français' },
  { tag: 'ja', name: '日本語' },
  { tag: 'zh-Hans', name: '简体中文' },
]

/** Not a language: English with marks and 40 % longer, made as it is shown. It shows clipped layouts and texts of no catalogue. */
export const pseudo: Language = { tag: 'en-XA', name: 'Longer (for tests of layouts)' }

/** `zh-TW` is written with traditional characters: no reader of them is given simplified ones. */
const scriptOf = (tag: string): string | undefined => {
  try {
    return new Intl.Locale(tag).maximize().script
  } catch {
    return undefined
  }
}

/**
 * The language to speak to somebody who reads these, the first the best (RFC 4647 section 3.4, lookup): the very language, or the
 * same language in the same script. English where there is none. A bare `zh` behind `zh-TW`, as browsers and systems of Taiwan put it, is
 * that of `zh-TW`.
 */
export function languageFor(wanted: readonly string[], offered: readonly Language[] = languages): Language {
  const scripts = new Map<string, string | undefined>()
  for (const one of wanted) {
    const tag = one.replaceAll('_', '-')
    const primary = tag.toLowerCase().split('-')[0]!
    const isBare = tag.toLowerCase() === primary
    const script = isBare && scripts.has(primary) ? scripts.get(primary) : scriptOf(tag)
    if (!scripts.has(primary)) scripts.set(primary, script)
    const found = offered.find(({ tag }) => tag.split('-')[0] === primary && scriptOf(tag) === script)
    if (found) return found
  }
  return offered[0]!
}
