/** What was found about a boot as it is said, with the names of machines beside their addresses. */
import { textOf } from '#messages/text.ts'
import type { Phrase } from '#messages/message.ts'
import { nameAddresses, type MachineNames } from '../../trace/name-addresses.ts'
import type { Explanation } from './explanation.ts'

/** `own`: the hardware address of the machine whose boot it is. */
export function named(explanation: Explanation, names: MachineNames, own: string): Explanation<string> {
  const said = (text: Phrase): string => nameAddresses(textOf(text), names, own)
  const { headline, code, causes, fixes, tells, sentences, stages, offers, missing, notes } = explanation
  return {
    ...explanation,
    headline: said(headline),
    code: code && { ...code, meaning: textOf(code.meaning), elsewhere: textOf(code.elsewhere) },
    causes: causes.map(said),
    fixes: fixes.map(said),
    tells: tells.map(said),
    sentences: sentences.map((one) => ({ ...one, text: said(one.text) })),
    stages: stages.map((one) => ({ ...one, title: textOf(one.title) })),
    offers: offers.map((one) => ({ ...one, brings: textOf(one.brings), why: said(one.why) })),
    missing: missing.map((one) => ({ ...one, label: textOf(one.label), causes: one.causes.map(said) })),
    notes: notes.map((one) => ({ ...one, text: said(one.text) })),
  }
}
