/** Why a command was told to stop, as `onStop` says it in logs, for whoever reads it on a terminal. */
import { say, type Phrase } from '#messages/message.ts'

const reasons: Readonly<Record<string, Phrase>> = {
  'by standard input': say('cli.stop-standard-input'),
  'because standard input ended': say('cli.stop-input-ended'),
  'by the program that started it': say('cli.stop-parent'),
  'because the program that started it has ended': say('cli.stop-parent-ended'),
}

export function stopReason(reason: string): Phrase {
  const [, signal] = /^by (SIG[A-Z]+)$/.exec(reason) ?? []
  return reasons[reason] ?? (signal === undefined ? reason : say('cli.stop-signal', { signal }))
}
