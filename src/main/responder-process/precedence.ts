/** The responder before everything else of this program: a machine waits for it, and only a person for the rest. */
import { constants, setPriority } from 'node:os'

/** For this thread and those it starts, as far as the system lets a process of this user. */
export function takePrecedence(): void {
  try {
    setPriority(constants.priority.PRIORITY_ABOVE_NORMAL)
  } catch {
    // Without the right to it the system shares fairly, which is enough where a core is free.
  }
}
