/** Where the responder's process comes from: forked by this one, or started by the desktop shell. */
import type { Channel } from './messages.ts'

export interface SourceListener {
  /** A process runs and can be reached by that channel. */
  up(channel: Channel): void
  /** It ended unasked; another one is started after that pause, or none any more. */
  down(how: string, restartsInMs: number | undefined): void
}

export interface ResponderSource {
  /** Called once. */
  open(listener: SourceListener): void
  /** Begins anew where too many ends had made an end of it. */
  retry(): void
  /** Ends a process that does not answer any more, by force; its end is told as any other, with that reason. */
  end(why: string): void
  /** Ends the process, as asked, and starts another one with all the rights that this one gave up. */
  renew(): Promise<void>
  close(): Promise<void>
}
