/**
 * The responder before everything else of this program: a machine waits for it, and only a person for the rest. Both are
 * for the calling thread and those it starts, as far as the system lets a process of this user.
 */
import { constants, setPriority } from 'node:os'

export function takePrecedence(): void {
  try {
    setPriority(constants.priority.PRIORITY_ABOVE_NORMAL)
  } catch {
    // Without the right to it the system shares fairly, which is enough where a core is free.
  }
}

/** Whether a process that was started by a yielding one may take precedence all the same. */
export const mayTakePrecedence = (): boolean => process.platform === 'win32' || process.geteuid?.() === 0

/** For what shows and analyses. Never where the responder would inherit it and could not raise itself again. */
export function yieldPrecedence(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Then it is as important as the responder, as it was.
  }
}
