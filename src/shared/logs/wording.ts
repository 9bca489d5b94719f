/** Whether an entry says that something failed, or that it went well, by words that any component may write. */
import type { LogEntry } from './entry.ts'

const failWords =
  /\b(fail(ed|ure|s|ing)?|errors?|fatal|cannot|can't|could not|couldn't|unable to|denied|refused|timed? ?out|expired|abort(ed|ing)?|crash(ed)?|not valid|corrupt(ed)?)\b/i
/** What has such words and says the opposite. */
const noFailWords = /\b(no|0|without|ignore[sd]?) (fatal )?(errors?|failures?)\b|\b(errors?|failures?|failed)( count)?\s*[:=]?\s*0\b(?!x)|\b0 failed\b|\btime-?outs?\s*[:=]\s*\d+|\btime-?out: retrying\b/gi // prettier-ignore
const failCode = /(?:0x|\b)[8cC][\da-fA-F]{7}\b/
/** A text without what only sounds like a failure: `3 files, 0 failed`. */
export const withoutNone = (text: string): string => text.replace(noFailWords, '')
const hasFailWords = (text: string): boolean => failWords.test(withoutNone(text))
/** What is run or set is quoted, and not told. */
const quotes = /^\W{0,4}(executing command line|command line|running( command)?|run command|set (a |an )?\w* ?\w* ?variable|evaluating|expand a string)\b/i // prettier-ignore

/** Whether an entry says that something failed: `yes` outright, `maybe` where its level says that it is information. */
export function failsBy(entry: LogEntry): 'yes' | 'maybe' | 'no' {
  if (entry.level === 'error') return 'yes'
  if (entry.level === 'warning') return 'no'
  // The heading of a box on a screen; what failed stands below it.
  if (/^\W*error\W*$/i.test(entry.text)) return 'no'
  const text = entry.text.length > 2000 ? entry.text.slice(0, 2000) : entry.text
  if (entry.level === 'info' && quotes.test(text)) return 'no'
  if (entry.level === 'info') return /\bfail(ed|ure)\b/i.test(text) && failCode.test(text) ? 'maybe' : 'no'
  if (/\(0x0+\)$/.test(text)) return 'no'
  return hasFailWords(text) || /\b0x[89cC][\da-fA-F]{7}\b/.test(text) ? 'yes' : 'no'
}

const wellWords = /\b(succ?e(ss(ful(ly)?)?|eded|eds))\b/i
/** `No configuration methods succeeded`. */
const noneWell = /\b(no|none|neither|nothing|not)\b[^.]{0,40}\bsuccee(ded|ds)\b/i

/** Whether a text says that something went well, and not a word of a failure. */
export const saysWell = (text: string): boolean => wellWords.test(text) && !noneWell.test(text) && !hasFailWords(text)
