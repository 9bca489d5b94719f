/** What a log tells, as text that a person reads in a diff. */
import { readText } from '#shared/lab/text-form.ts'
import type { LogReport } from '#shared/logs/reading.ts'
import type { Failure } from '#shared/logs/story.ts'
import { spoken, type Spoken } from './spoken.ts'

export const textOf = (bytes: Uint8Array): string =>
  readText(bytes, (encoding, options) => new TextDecoder(encoding, options)).text

const lines = (one: Spoken<Failure>): string => [one.entry, ...one.chain].map(({ line }) => line).join(' ')

export function toldLog(report: LogReport): string {
  return spoken(report)
    .stories.flatMap((story) => [
      `${story.outcome}: ${story.name}${story.guid === undefined ? '' : ` ${story.guid}`} (${story.entries} entries)`,
      ...story.failures.flatMap((one) => [
        `  ${one.isOvercome ? '~' : 'x'} ${one.title} [${one.id}, lines ${lines(one)}]`,
        `      ${one.means}`,
        `      ${one.fix}`,
        ...one.codes.map(({ code, words }) => `      ${code}: ${words}`),
      ]),
      ...story.strange.map(({ line, text }) => `  ? ${line}: ${text}`),
      ...story.notes.map((one) => `  - ${one.title} [${one.id}, lines ${lines(one)}]`),
      ...story.steps.map(({ entry, text }) => `  + ${text} [line ${entry.line}]`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

/** An entry as CMTrace reads it. */
export const tagged = (text: string, component = 'SMSPXE', type = 1, second = 0, thread = '1'): string => {
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = `${two(9 + Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}.123-060`
  return `<![LOG[${text}]LOG]!><time="${time}" date="11-24-2026" component="${component}" context="" type="${type}" thread="${thread}" file="a.cpp:1">\r\n`
}
