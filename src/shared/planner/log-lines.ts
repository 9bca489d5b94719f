/** Lines of the logs of Configuration Manager and of Windows Setup, as they lie in their files. */

export interface LogLine {
  /** Where it begins in the file, from 1. */
  readonly line: number
  readonly text: string
  /** As the file writes it; undefined where it does not. */
  readonly time: string | undefined
  readonly component: string | undefined
  readonly level: 'error' | 'warning' | undefined
}

/** `<![LOG[text]LOG]!><time="…" date="…" component="…" context="" type="3" thread="…" file="…">`, which CMTrace reads. */
const opening = '<![LOG['
const closing = ']LOG]!>'
const tagsBehind = /\s*<([^>]*)>/y
const attribute = (tags: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(tags)?.[1] || undefined
/** `text  $$<component><date time><thread=…>`, of older components: what follows the text. */
const dollars = /\$\$<([^>]*)><([^>]*)>/y
/** `2026-01-31 12:00:00, Error   MOUPG  text`, of Windows Setup. */
const setup =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), (Info|Warning|Error|Fatal \w+|Perf)\s+(?:\[?([\w. ]{1,20}?)\]?\s{2,}|)(.*)$/
const levels = { 2: 'warning', 3: 'error' } as const

const plain = (text: string, line: number): LogLine | undefined => {
  if (text.trim() === '') return undefined
  const own = setup.exec(text)
  if (own)
    return {
      line,
      text: own[4]!,
      time: own[1],
      component: own[3],
      level: own[2] === 'Warning' ? 'warning' : own[2] === 'Info' || own[2] === 'Perf' ? undefined : 'error',
    }
  const end = text.indexOf('$$<')
  dollars.lastIndex = end
  const old = end < 0 ? null : dollars.exec(text)
  return old
    ? { line, text: text.slice(0, end).trimEnd(), time: old[2], component: old[1], level: undefined }
    : { line, text: text.trimEnd(), time: undefined, component: undefined, level: undefined }
}

interface TaggedEntry {
  readonly from: number
  readonly to: number
  readonly said: string
  readonly tags: string
}

/** The entries in tags, in order; in one pass, whatever the text holds between and instead of them. */
function* taggedEntries(text: string): Generator<TaggedEntry> {
  let from = text.indexOf(opening)
  let end = -1
  let tags: RegExpExecArray | null = null
  while (from >= 0) {
    const said = from + opening.length
    if (end < said) {
      end = text.indexOf(closing, said)
      if (end < 0) return
      tagsBehind.lastIndex = end + closing.length
      tags = tagsBehind.exec(text)
    }
    if (tags) {
      const to = tags.index + tags[0].length
      yield { from, to, said: text.slice(said, end), tags: tags[1]! }
      from = text.indexOf(opening, to)
    } else from = text.indexOf(opening, end + closing.length)
  }
}

/** The lines of a log of any of these forms, in their order; one of several rows is one line. */
export function readLogLines(text: string): LogLine[] {
  const found: LogLine[] = []
  let row = 1
  const addPlain = (between: string): void => {
    const rows = between.split('\n')
    for (const [index, one] of rows.entries()) {
      const read = plain(one.replace(/\r$/, ''), row + index)
      if (read) found.push(read)
    }
    row += rows.length - 1
  }
  let end = 0
  for (const { from, to, said, tags } of taggedEntries(text)) {
    addPlain(text.slice(end, from))
    const [time, date] = [attribute(tags, 'time'), attribute(tags, 'date')]
    found.push({
      line: row,
      text: said,
      time: time === undefined ? undefined : `${date === undefined ? '' : `${date} `}${time.replace(/[+-]\d+$/, '')}`,
      component: attribute(tags, 'component'),
      level: levels[Number(attribute(tags, 'type')) as keyof typeof levels],
    })
    row += text.slice(from, to).split('\n').length - 1
    end = to
  }
  addPlain(text.slice(end))
  return found
}
