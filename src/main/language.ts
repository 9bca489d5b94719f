/** The language that the system of a program without a window speaks. */
import { speakBest } from '#messages/speak.ts'

/**
 * Languages that a process is to speak, the best first: the variables of POSIX locales in their order (GNU gettext manual,
 * "Locale Environment Variables"), and what Windows and macOS are set to where there are none.
 */
export function languagesOf(env: Readonly<Record<string, string | undefined>>, ofSystem: string): readonly string[] {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG']
  if (!locale) return [ofSystem]
  const tagOf = (text: string): string => text.replace(/[.@].*$/, '').replaceAll('_', '-')
  // The locale of programs: nobody is meant.
  if (/^(C|POSIX)$/.test(tagOf(locale))) return ['en']
  return [...(env['LANGUAGE'] ?? '').split(':').filter(Boolean), locale].map(tagOf)
}

/** Why words cannot be used stands where a terminal or the log of a service shows it. */
export const warnOfWords = (message: string): void => void process.stderr.write(`pxe-lab: ${message}\n`)

/** As PXE_LAB_LANGUAGE says, else as the system does. To be awaited before anything that says something is imported. */
export const speakAsSystem = (): Promise<unknown> =>
  speakBest(
    languagesOf(process.env, Intl.DateTimeFormat().resolvedOptions().locale),
    process.env['PXE_LAB_LANGUAGE'] || undefined,
    warnOfWords,
  )
