/** What the back end and the thread of the model tell each other. */
import type { Verdict } from '#shared/contract/calls.ts'
import type { SettledBoot } from './verdict.ts'

export type ToModel =
  /** Where the frames are kept; undefined keeps none. */
  | { readonly type: 'folder'; readonly folder: string | undefined }
  /** The next frames as a capture of their own; `isKept` says that they lie on the disk already. Answered by `taken`. */
  | { readonly type: 'frames'; readonly pcapng: Uint8Array; readonly isKept: boolean }
  /** Forgets everything, on the disk too where `isDeleted`, which is answered by `cleared`. */
  | { readonly type: 'clear'; readonly isDeleted: boolean }
  /** Answered by `ended` when everything before it is done. */
  | { readonly type: 'end' }

export type FromModel =
  | { readonly type: 'taken' | 'cleared' | 'ended' }
  | { readonly type: 'verdicts'; readonly verdicts: readonly Verdict[] }
  | { readonly type: 'settled'; readonly boots: readonly SettledBoot[] }
  /** The history cannot be written, by the system's code; undefined when it can be again. */
  | { readonly type: 'unwritten'; readonly code: string | undefined }
