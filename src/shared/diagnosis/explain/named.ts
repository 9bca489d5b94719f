/** What was found about a boot, with the names of machines beside their addresses. */
import { nameAddresses, type MachineNames } from '../../trace/name-addresses.ts'
import type { Explanation } from './explanation.ts'

/** `own`: the hardware address of the machine whose boot it is. */
export function named(explanation: Explanation, names: MachineNames, own: string): Explanation {
  if (names.size === 0) return explanation
  const say = (text: string): string => nameAddresses(text, names, own)
  const { headline, causes, fixes, tells, sentences, offers, missing, notes } = explanation
  return {
    ...explanation,
    headline: say(headline),
    causes: causes.map(say),
    fixes: fixes.map(say),
    tells: tells.map(say),
    sentences: sentences.map((one) => ({ ...one, text: say(one.text) })),
    offers: offers.map((one) => ({ ...one, why: say(one.why) })),
    missing: missing.map((one) => ({ ...one, causes: one.causes.map(say) })),
    notes: notes.map((one) => ({ ...one, text: say(one.text) })),
  }
}
