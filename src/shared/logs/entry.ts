/** One entry of a log, whatever form its file has. */
export interface LogEntry {
  readonly file: string
  /** Where it begins in its file, from 1. */
  readonly line: number
  /** The message; one of several rows keeps its line feeds. */
  readonly text: string
  /** Component or event source as it is written; undefined where the form has none. */
  readonly component: string | undefined
  readonly thread: string | undefined
  /** Number of a Windows event. */
  readonly id: number | undefined
  /** `info` is said outright; undefined where the form does not tell. */
  readonly level: 'error' | 'warning' | 'info' | undefined
  /** As the file writes it. */
  readonly time: string | undefined
  /** Milliseconds since 1970 on the clock of whoever wrote it, as if that clock showed UTC. */
  readonly localMs: number | undefined
  /** What that clock is behind UTC, where the form tells it (CMTrace: -60 for Central European winter time). */
  readonly biasMinutes: number | undefined
  /** Its beginning or its end is missing. */
  readonly isCut: boolean
}

/** The component as it stands in front of the text; undefined where the text says it already. */
export const prefixOf = ({ component, text }: LogEntry): string | undefined =>
  component !== undefined && text.startsWith(component) ? undefined : component
