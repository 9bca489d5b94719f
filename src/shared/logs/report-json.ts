/** What a log tells, as JSON: plain values, and no pattern of ours. */
import type { LogEntry } from './entry.ts'
import type { LogReport } from './reading.ts'
import type { Failure, StoryReport } from './story.ts'
import type { TimeLine } from './time-line.ts'

export const logReportVersion = 2

const entryJson = ({ file, line, text, component, thread, id, level, time, isCut }: LogEntry) => ({
  file,
  line,
  ...(time !== undefined && { time }),
  ...(component !== undefined && { component }),
  ...(thread !== undefined && { thread }),
  ...(id !== undefined && { id }),
  ...(level !== undefined && { level }),
  text,
  ...(isCut && { isCut }),
})

const failureJson = ({ entry, chain, ...rest }: Failure) => ({
  ...rest,
  entry: entryJson(entry),
  chain: chain.map(entryJson),
})

const storyJson = ({ first, last, failures, notes, steps, strange, ...rest }: StoryReport) => ({
  ...rest,
  first: entryJson(first),
  last: entryJson(last),
  failures: failures.map(failureJson),
  notes: notes.map(failureJson),
  steps: steps.map(({ entry, text }) => ({ line: entry.line, text })),
  strange: strange.map(entryJson),
})

/** One object for each log. */
export const logReportJson = ({ stories, ...rest }: LogReport) => ({
  version: logReportVersion,
  ...rest,
  stories: stories.map(storyJson),
})

/** The same log beside a capture. */
export const timeLineJson = ({ machines, ...rest }: TimeLine) => ({
  ...rest,
  machines: machines.map(({ mac, items }) => ({
    mac,
    items: items.map(({ entry, frame, ...item }) => ({ ...item, ...(entry ? { file: entry.file, line: entry.line } : { frame }) })), // prettier-ignore
  })),
})
