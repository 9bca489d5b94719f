/** What became of the rules after something was changed in a site file. */
import type { Phrase } from '#messages/message.ts'
import { worstFirst, type Judged, type State } from './rule.ts'

export interface RuleChange {
  readonly id: string
  readonly title: Phrase
  readonly from: State
  readonly to: State
}

interface Verdicts {
  readonly rules: readonly Pick<Judged, 'id' | 'title' | 'state'>[]
}

const order: readonly State[] = [...worstFirst, 'not-applicable']

/** Rules whose state changed: what became violated first, what became met last. */
export const changesBetween = (before: Verdicts, after: Verdicts): RuleChange[] =>
  after.rules
    .flatMap(({ id, title, state }, index) => {
      const from = before.rules[index]!.state
      return from === state ? [] : [{ id, title, from, to: state }]
    })
    .toSorted((a, b) => order.indexOf(a.to) - order.indexOf(b.to))
