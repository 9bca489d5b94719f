/** `pxe-lab read-log`: what logs of WDS, Configuration Manager and Windows Setup tell, as stories. */
import { forPrograms } from '#messages/json.ts'
import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { basename } from 'node:path'
import { prefixOf, type LogEntry } from '#shared/logs/entry.ts'
import { isMachineId, LogReading, type LogFilter, type LogReport } from '#shared/logs/reading.ts'
import { logReportJson, timeLineJson } from '#shared/logs/report-json.ts'
import type { Failure, Outcome, StoryReport } from '#shared/logs/story.ts'
import { LogClock } from '#shared/logs/log-time.ts'
import { NoTextError, rolledSets } from '#shared/logs/text-pieces.ts'
import { rules } from '#shared/planner/plan.ts'
import { printable } from '#shared/wire/printable.ts'
import { clockText, LogMoments, timeLine, type TimeLine } from '#shared/logs/time-line.ts'
import { Session } from '#shared/trace/session.ts'
import { Output, readCapture } from './capture-input.ts'
import { exitCodes } from './exit-codes.ts'
import { logFilesOf, readLogFile, standardInput } from './log-input.ts'
import { whyUnread } from '../files/unreadable.ts'

export interface ReadLogOptions {
  readonly json?: boolean
  readonly machine?: string
  readonly from?: string
  readonly to?: string
  readonly capture?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const marks = { failed: 'x', unknown: '?', good: '+', open: '-' } as const
const outcomes = {
  failed: t('logs.outcome-failed'),
  unknown: t('cli.something-failed-not-known'),
  good: t('logs.outcome-good'),
  open: t('cli.nothing-failed-no-end-told'),
} as const

const shown = (entry: LogEntry): string =>
  [`${entry.line}:`, entry.time, prefixOf(entry), entry.id, entry.text.trim().replace(/\s*\n\s*/g, ' ').slice(0, 600)].filter((one) => one !== undefined && one !== '').join(' ') // prettier-ignore

function toldFailure(
  { title, means, fix, entry, chain, count, codes, isConfirmed, source, rules: ids }: Failure,
  mark: string,
): string[] {
  // prettier-ignore
  const later = chain.slice(0, 6)
  return [
    `  ${mark} ${textOf(title)}${count > 1 ? ` (${t('logs.entries', { count })})` : ''}`,
    `      ${shown(entry)}`,
    ...later.map((one) => `      ${shown(one)}`),
    ...(chain.length > later.length ? [`      ... ${t('logs.more', { count: chain.length - later.length })}`] : []),
    `      ${t('logs.cause', { cause: means })}`,
    ...(fix === '' ? [] : [`      ${t('logs.fix', { fix })}`]),
    ...codes.map(({ code, words }) => `      ${code}: ${textOf(words)}`),
    ...ids.map(
      (id) => `      ${t('cli.planner-rule', { id, text: textOf(rules.find((one) => one.id === id)?.title) })}`,
    ),
    `      ${t('logs.source', { source })}${isConfirmed ? '' : ` ${t('cli.wording-not-confirmed')}`}`,
  ]
}

function toldStory(story: StoryReport): string[] {
  const { name, guid, outcome, requests, failures, notes, steps, strange, strangeCount } = story
  return [
    `${marks[outcome]} ${textOf(name)}${guid === undefined ? '' : ` (${guid})`}: ${outcomes[outcome]}${requests > 1 ? `, ${t('logs.requests', { count: requests })}` : ''}`,
    ...failures.filter((one) => !one.isOvercome).flatMap((one) => toldFailure(one, 'x')),
    ...failures.filter((one) => one.isOvercome).map((one) => `  ~ ${t('logs.overcome', { title: one.title, line: one.entry.line })}`),
    ...(strangeCount > 0
      ? [
          `  ? ${t('logs.strange', { count: strangeCount })}`,
          ...strange.slice(-10).map((one) => `      ${shown(one)}`),
        ]
      : []),
    ...notes.map((one) => `  - ${t('logs.no-failure', { title: one.title, count: one.count, line: one.entry.line })} ${[one.means, one.fix].filter((text) => text !== '').map((text) => textOf(text)).join(' ')}`.trimEnd()),
    ...steps.slice(-12).map((one) => `  + ${t('logs.in-line', { text: one.text, line: one.entry.line })}`),
  ].map(printable) // prettier-ignore
}

function headline({ stories, outcome, entries }: LogReport): string {
  const failures = stories.flatMap((one) => one.failures).filter((one) => !one.isOvercome).length
  if (outcome === 'failed') return t('logs.failures', { count: failures })
  if (outcome === 'unknown') return t('cli.something-failed-no-row-knows')
  if (outcome === 'good') return t('cli.nothing-failed')
  if (stories.some((one) => one.failures.length > 0)) return t('cli.failed-overcome-later-no-entry')
  return entries === 0 ? t('cli.no-entries') : t('cli.no-entry-tells-failure-none')
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`

function toldTimeLine(line: TimeLine, machine: string | undefined): string[] {
  const wanted = machine?.toUpperCase().replace(/[^\dA-F]/g, '') ?? ''
  return [
    textOf(clockText(line)),
    ...line.machines
      .filter((one) => one.mac.replaceAll(':', '').includes(wanted))
      .flatMap(({ mac, items }) => [
        t('cli.clock-capture', { mac }),
        ...items.map(
          ({ atMs, from, text, entry, frame }) =>
            `  ${seconds(atMs - items[0]!.atMs).padStart(11)}  ${from.padEnd(4)}  ${textOf(text)} (${entry ? `${entry.file}:${entry.line}` : t('logs.frame', { frame: frame! })})`,
        ),
      ]),
  ].map(printable)
}

const dayMs = 86_400_000

/** A time as somebody writes it on the command line, of the clock of the log; a day is all of it. Undefined where it is none. */
function momentOf(text: string, isEnd: boolean): number | undefined {
  const isDay = !text.includes(':')
  const read = new LogClock().read(isDay ? `${text} 00:00` : text)
  // The zone of the log's clock is in the log: another one is not asked for.
  if (!read || read.biasMinutes !== undefined) return undefined
  return isDay && isEnd ? read.localMs + dayMs - 1 : read.localMs
}

/** 0 read and nothing failed, 1 failures, 2 a file cannot be read, 3 failed, cause unknown. */
export async function readLogs(files: readonly string[], options: ReadLogOptions): Promise<number> {
  const fromMs = options.from === undefined ? undefined : momentOf(options.from, false)
  const toMs = options.to === undefined ? undefined : momentOf(options.to, true)
  for (const [name, text, ms] of [['--from', options.from, fromMs], ['--to', options.to, toMs]] as const)
    if (text !== undefined && ms === undefined) {
      complain(t('cli.no-time-log-s-clock', { name, printable: printable(text) }))
      return exitCodes.usage
    } // prettier-ignore
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    complain(t('cli.later-than-swap-them', { printable: printable(options.from!), printable2: printable(options.to!) }))
    return exitCodes.usage
  }
  if (options.machine !== undefined && !isMachineId(options.machine)) {
    complain(t('cli.machine-no-mac-address-guid', { printable: printable(options.machine) })) // prettier-ignore
    return exitCodes.usage
  }
  const filter: LogFilter = {
    ...(options.machine !== undefined && { machine: options.machine }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  }
  const output = new Output()
  const session = options.capture === undefined ? undefined : new Session()
  if (session) {
    const code = await readCapture(options.capture!, session, async () => {}, () => session.store.last, true) // prettier-ignore
    if (code !== exitCodes.ok) return code
  }
  const found = new Set<Outcome>()
  let isAnyUnread = false
  const unread = async (file: string, error: unknown): Promise<void> => {
    isAnyUnread = true
    await output.flush()
    const about = error instanceof NoTextError ? error.about(file) : say('cli.name-log-file', { file, whyUnread: whyUnread(error) }) // prettier-ignore
    complain(printable(textOf(about)))
  }
  const named: string[] = []
  for (const file of files)
    try {
      const inside = file === standardInput ? [file] : await logFilesOf(file)
      if (inside.length === 0) await unread(file, new NoTextError((name) => say('cli.no-log-files-log-lo', { file: name }))) // prettier-ignore
      named.push(...inside)
    } catch (error) {
      await unread(file, error)
    }
  for (const all of rolledSets([...new Set(named)], (file) => file)) {
    const moments = new LogMoments()
    const reading = new LogReading(filter, session && ((entry) => moments.take(entry)))
    const set: string[] = []
    for (const file of all) {
      const begin = (): void => {
        if (set.at(-1) === file) return
        set.push(file)
        reading.begin(file === standardInput ? '' : basename(file))
      }
      try {
        await readLogFile(file, (text) => {
          begin()
          reading.push(text)
        })
        begin()
      } catch (error) {
        await unread(file, error)
      }
    }
    if (set.length === 0) continue
    const report = reading.end()
    found.add(report.outcome)
    const line = session && timeLine(moments.all, session)
    if (options.json)
      output.line(JSON.stringify(forPrograms({ ...logReportJson(report), ...(line && { timeLine: timeLineJson(line) }) }))) // prettier-ignore
    else {
      output.line(
        printable(
          `${set.map((one) => (one === standardInput ? t('logs.standard-input') : one)).join(' + ')}: ${t('logs.lines', { count: report.lines })}, ${t('logs.entries', { count: report.entries })}${report.left > 0 ? t('cli.outside-time', { left: report.left }) : ''}`,
        ),
      )
      for (const story of report.stories) for (const line of toldStory(story)) output.line(line)
      if (options.machine !== undefined && report.stories.length === 0)
        output.line(printable(t('cli.no-machine-log', { machine: options.machine })))
      else output.line(headline(report))
      if (line) for (const one of toldTimeLine(line, options.machine)) output.line(one)
    }
  }
  await output.flush()
  if (isAnyUnread) return exitCodes.badFile
  return found.has('failed') ? exitCodes.failed : found.has('unknown') ? exitCodes.undetermined : exitCodes.ok
}
