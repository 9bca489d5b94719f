/** Outcomes of boots of sites, in the words and signs that Flows has for them. */
import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Outcome } from '#shared/diagnosis/explain/explanation.ts'
import type { OutcomeClass, SiteGroup } from '#shared/contract/sites.ts'
import { OutcomeMark, outcomes } from '../flows/outcome.tsx'

/** In the order in which they are drawn, from below. */
export const classes: readonly { readonly name: OutcomeClass; readonly label: string; readonly colour: string }[] = [
  { name: 'booted', label: t('sites.booted'), colour: '--lab-good' },
  { name: 'failed', label: t('sites.failed'), colour: '--lab-bad' },
  { name: 'unclear', label: t('sites.unclear'), colour: '--lab-wait' },
  { name: 'other', label: t('sites.no-boot'), colour: '--lab-quiet' },
]

const isOutcome = (text: string): text is Outcome => Object.hasOwn(outcomes, text)

export const outcomeWord = (outcome: string): string => (isOutcome(outcome) ? outcomes[outcome].word : outcome)

/** A value of a group, or filter, as people read it. */
export function valueText(by: SiteGroup, value: string): string {
  if (value === '') return by === 'code' ? t('sites.no-code') : t('sites.unknown-value')
  return by === 'outcome' ? outcomeWord(value) : value
}

/** The sign alone, beside words that say it. */
export const OutcomeSign = ({ outcome }: { readonly outcome: string }): ReactElement | null =>
  isOutcome(outcome) ? <OutcomeMark outcome={outcome} /> : null

export function OutcomeText({ outcome }: { readonly outcome: string }): ReactElement {
  if (!isOutcome(outcome)) return <span>{outcome}</span>
  return (
    <span data-tone={outcomes[outcome].tone} className="no-wrap">
      <OutcomeMark outcome={outcome} /> {outcomes[outcome].word}
    </span>
  )
}
