/** Reading logs in the window: files piece by piece, so that the page stays alive, shows how far it is, and can stop. */
import { t, textOf } from '#messages/text.ts'
import { useEffect, useState } from 'react'
import { LogReading, type LogFilter, type LogReport } from '#shared/logs/reading.ts'
import { LogMoments, type LogMoment } from '#shared/logs/time-line.ts'
import { NoTextError, rolledSets, TextPieces } from '#shared/logs/text-pieces.ts'
import { compressionOf } from '#shared/wire/compression.ts'
import { unpackerOf, type Unpacker } from '../flows/unpack.ts'

export interface OpenLog {
  /** Pasted or typed; what counts where there are no files. */
  readonly text: string
  readonly files: readonly File[]
}

export const noLog: OpenLog = { text: '', files: [] }

/** What a log tells, and what it says of machines at a time, for the captures it stands beside. */
export interface ReadLog {
  readonly name: string
  readonly report: LogReport
  readonly moments: readonly LogMoment[]
}

export interface LogState {
  readonly logs: readonly ReadLog[]
  /** Bytes read and their sum; undefined where nothing is being read. */
  readonly progress: { readonly read: number; readonly total: number } | undefined
  readonly problem: string | undefined
}

const nothing: LogState = { logs: [], progress: undefined, problem: undefined }
function begun(filter: LogFilter, name: string): { readonly reading: LogReading; readonly end: () => ReadLog } {
  const moments = new LogMoments()
  const reading = new LogReading(filter, (entry) => moments.take(entry))
  return { reading, end: () => ({ name, report: reading.end(), moments: moments.all }) }
}

function readText(text: string, filter: LogFilter): ReadLog {
  const { reading, end } = begun(filter, t('planner-page.pasted-log'))
  reading.begin('')
  reading.push(text)
  return end()
}

/** How long the page may wait for a piece. */
const breathMs = 30

/** Reads a file, packed or not; to its end unless it is stopped. `onRead` may take its time. */
async function readInto(
  reading: LogReading,
  file: File,
  signal: AbortSignal,
  onRead: (bytes: number) => Promise<void>,
): Promise<void> {
  reading.begin(file.name)
  const pieces = new TextPieces(
    (encoding, options) => new TextDecoder(encoding, options),
    (text) => reading.push(text),
  )
  const stream = file.stream().getReader()
  let unpacker: Unpacker | undefined
  let isFirst = true
  for (;;) {
    const { done, value } = await stream.read()
    if (done || signal.aborted) break
    const compression = isFirst ? compressionOf(value) : undefined
    if (compression) unpacker = unpackerOf(compression, (bytes) => pieces.push(bytes))
    isFirst = false
    await (unpacker ? unpacker.push(value) : pieces.push(value))
    await onRead(value.length)
  }
  if (signal.aborted) return stream.cancel()
  await unpacker?.end()
  pieces.end()
}

/** Logs and what is wrong with files, each of which keeps none of the others from being read. */
async function readFiles(
  files: readonly File[],
  filter: LogFilter,
  signal: AbortSignal,
  onProgress: (read: number) => void,
): Promise<{ readonly logs: readonly ReadLog[]; readonly problems: readonly string[] }> {
  const logs: ReadLog[] = []
  const problems: string[] = []
  let read = 0
  let rested = performance.now()
  const onRead = async (bytes: number): Promise<void> => {
    read += bytes
    if (performance.now() - rested <= breathMs) return
    onProgress(read)
    // A turn of the event loop: the page draws, and Stop is heard.
    await new Promise((resolve) => setTimeout(resolve))
    rested = performance.now()
  }
  for (const set of rolledSets(files, (file) => file.name)) {
    const { reading, end } = begun(filter, set.at(-1)!.name)
    let isAnyRead = false
    for (const file of set) {
      try {
        await readInto(reading, file, signal, onRead)
        isAnyRead = true
      } catch (error) {
        problems.push(error instanceof NoTextError ? textOf(error.about(file.name)) : t('planner-page.file-cannot-be-read', { file: file.name, reason: error instanceof Error ? error.message : String(error) })) // prettier-ignore
      }
      if (signal.aborted) return { logs, problems: [...problems, t('planner-page.reading-stopped')] }
    }
    if (isAnyRead) logs.push(end())
  }
  return { logs, problems }
}

/** What logs tell; `stop` ends the reading of files with what has been read whole. */
export function useLog(log: OpenLog, filter: LogFilter): LogState & { readonly stop: () => void } {
  const [state, setState] = useState(nothing)
  const [stop, setStop] = useState<() => void>(() => () => {})
  const { text, files } = log
  const { machine, fromMs, toMs } = filter
  useEffect(() => {
    const wanted: LogFilter = { ...(machine && { machine }), ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) } // prettier-ignore
    if (files.length === 0) {
      setState(text.trim() === '' ? nothing : { ...nothing, logs: [readText(text, wanted)] })
      return undefined
    }
    const total = files.reduce((sum, file) => sum + file.size, 0)
    const abort = new AbortController()
    setStop(() => () => abort.abort())
    setState({ ...nothing, progress: { read: 0, total } })
    void readFiles(files, wanted, abort.signal, (read) => setState((now) => ({ ...now, progress: { read, total } }))).then(
      ({ logs, problems }) => setState({ ...nothing, logs, problem: problems.length > 0 ? problems.join(' ') : undefined }),
    ) // prettier-ignore
    return () => abort.abort()
  }, [text, files, machine, fromMs, toMs])
  return { ...state, stop }
}
