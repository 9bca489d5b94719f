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
const tagged = /<!\[LOG\[([^]*?)\]LOG\]!>\s*<([^>]*)>/g
const attribute = (tags: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(tags)?.[1] || undefined
/** `text  $$<component><date time><thread=…>`, of older components. */
const dollars = /^(.*?)\s*\$\$<([^>]*)><([^>]*)>/
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
  const old = dollars.exec(text)
  return old
    ? { line, text: old[1]!, time: old[3], component: old[2], level: undefined }
    : { line, text: text.trimEnd(), time: undefined, component: undefined, level: undefined }
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
  for (const match of text.matchAll(tagged)) {
    addPlain(text.slice(end, match.index))
    const [whole, said = '', tags = ''] = match
    const [time, date] = [attribute(tags, 'time'), attribute(tags, 'date')]
    found.push({
      line: row,
      text: said,
      time: time === undefined ? undefined : `${date === undefined ? '' : `${date} `}${time.replace(/[+-]\d+$/, '')}`,
      component: attribute(tags, 'component'),
      level: levels[Number(attribute(tags, 'type')) as keyof typeof levels],
    })
    row += whole.split('\n').length - 1
    end = match.index + whole.length
  }
  addPlain(text.slice(end))
  return found
}

/** How the bytes of a log are to be read: Windows Setup writes some in UTF-16, not always with a byte order mark. */
export const logEncoding = (bytes: Uint8Array): 'utf-16le' | 'utf-8' =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0)
    ? 'utf-16le'
    : 'utf-8'
