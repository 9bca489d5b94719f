/** `pxe-lab decode`: one line or one JSON object for each frame of a capture file. */
import { englishOf } from '#messages/json.ts'
import { textOf } from '#messages/text.ts'
import { Flows } from '#shared/trace/flows.ts'
import { compileFilter, type FrameTest } from '#shared/trace/filter/filter.ts'
import { FilterError } from '#shared/trace/filter/syntax.ts'
import { treeText } from '#shared/trace/frame-text.ts'
import { Session } from '#shared/trace/session.ts'
import type { Problem } from '#shared/wire/bytes.ts'
import { CaptureReader } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { printable } from '#shared/wire/printable.ts'
import { formatUtc } from '#shared/wire/time.ts'
import type { FrameSummary } from '#shared/wire/summary.ts'
import { Output, readCapture } from './capture-input.ts'
import { UsageError } from './usage-error.ts'

export interface DecodeOptions {
  readonly json?: boolean
  readonly filter?: string
  readonly tree?: boolean
}

/** The version of the JSON shape, see resources/decode.schema.json. */
const jsonVersion = 1

/** A filter or a complaint about it, with a mark under the place. */
export function filterOf(text: string | undefined, session: Session): FrameTest | undefined {
  if (text === undefined) return undefined
  try {
    return compileFilter(text, session)
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const { at, length, message, remedy } = error.problem
    process.stderr.write(
      `pxe-lab: filter: ${message}. ${remedy}\n  ${text}\n  ${' '.repeat(at)}${'^'.repeat(Math.max(1, length))}\n`,
    )
    throw new UsageError()
  }
}

const blanks = ['', ' ', '  ', '   ', '    ', '     ']

/** Seconds with six decimals in a column of twelve; by hand, for `toFixed` costs more than the rest of the line. */
function secondsText(ns: number): string {
  const microseconds = Math.round(ns / 1000)
  if (microseconds < 0) return (microseconds / 1e6).toFixed(6).padStart(12)
  const seconds = Math.floor(microseconds / 1e6)
  const whole = String(seconds)
  return `${blanks[5 - whole.length] ?? ''}${whole}.${String(1e6 + microseconds - seconds * 1e6).slice(1)}`
}

/** The pieces of a line about one frame, which others wrote in part; times in nanoseconds. */
function rowOf(frame: number, timeNs: number, line: FrameSummary, problem: Problem | undefined): readonly string[] {
  const number = String(frame)
  const row = [
    blanks[6 - number.length] ?? '',
    number,
    '  ',
    secondsText(timeNs),
    '  ',
    line.source,
    ' -> ',
    line.destination,
    '  ',
    line.protocol,
    '  ',
    textOf(line.summary),
  ]
  if (problem) row.push(`  [malformed: ${problem.field} ${problem.message}]`)
  return row
}

/** One frame as a line; times in nanoseconds. */
export const lineText = (...frame: Parameters<typeof rowOf>): string => printable(rowOf(...frame).join(''))

function lineOf(session: Session, frame: number): string {
  const line = session.summaryOf(frame)
  const problem = line.isMalformed ? session.dissectionOf(frame).problems[0] : undefined
  return lineText(frame, session.store.timeOf(frame), line, problem)
}

function objectOf(session: Session, frame: number, withTree: boolean): object {
  const { store, trace } = session
  const { layers, problems, protocol, summary, source, destination } = session.dissectionOf(frame)
  const comment = store.commentOf(frame)
  const direction = store.directionOf(frame)
  const machine = trace.machineOf(frame)
  return {
    version: jsonVersion,
    frame,
    time: formatUtc(store.absoluteNs(frame)),
    seconds: store.timeOf(frame) / 1e9,
    interface: store.interfaceOf(frame).name,
    ...(direction === undefined ? {} : { direction }),
    ...(machine ? { client: machine.name } : {}),
    source,
    destination,
    protocol,
    summary,
    length: store.originalLengthOf(frame),
    ...(comment === undefined ? {} : { comment }),
    problems,
    ...(withTree ? { layers } : {}),
  }
}

export async function decode(file: string, options: DecodeOptions): Promise<number> {
  const isPlain = options.filter === undefined && !options.json && !options.tree
  return isPlain ? decodeLines(file) : decodeFrames(file, options)
}

/** A line a frame, with nothing kept: as fast as it goes. */
async function decodeLines(file: string): Promise<number> {
  const out = new Output()
  const flows = new Flows()
  const linkTypes: number[] = []
  let count = 0
  let start = { seconds: 0, nanoseconds: 0 }
  const reader = new CaptureReader({
    onInterface: ({ linkType }) => void linkTypes.push(linkType),
    onFrame({ interface: index, seconds, nanoseconds, bytes, originalLength }) {
      if (count++ === 0) start = { seconds, nanoseconds }
      const linkType = linkTypes[index]!
      const line = flows.read(bytes, linkType, originalLength)
      const problem = line.isMalformed
        ? dissect(flows.bytes, { linkType, isTftp: flows.isTftp }).problems[0]
        : undefined
      out.row(rowOf(count, (seconds - start.seconds) * 1e9 + (nanoseconds - start.nanoseconds), line, problem))
    },
  })
  return readCapture(
    file,
    reader,
    () => out.flush(),
    () => count,
  )
}

async function decodeFrames(file: string, options: DecodeOptions): Promise<number> {
  // Of a long file only what is being printed is kept.
  const session = new Session(8 * 1024 * 1024)
  const { store } = session
  const out = new Output()
  const test = filterOf(options.filter, session)
  let told = 0
  const print = async (): Promise<void> => {
    for (let frame = Math.max(told + 1, store.first); frame <= store.last; frame++) {
      if (test && !test(frame)) continue
      if (options.json) out.line(JSON.stringify(englishOf(objectOf(session, frame, options.tree === true))))
      else out.line(options.tree ? `${lineOf(session, frame)}\n${treeText(session, frame)}` : lineOf(session, frame))
    }
    told = store.last
    await out.flush()
  }
  return readCapture(file, session, print, () => store.last)
}
