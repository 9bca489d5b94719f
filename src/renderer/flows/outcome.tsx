import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Outcome } from '#shared/diagnosis/explain/explanation.ts'

/** A sign, a word, and the class of their colour. */
export const outcomes: Readonly<Record<Outcome, { readonly mark: string; readonly tone: string; readonly word: string }>> = {
  started: { mark: '✓', tone: 'good', word: t('flows.outcome-booted') },
  loaded: { mark: '✓', tone: 'good', word: t('flows.outcome-loaded') },
  address: { mark: '·', tone: 'quiet', word: t('flows.outcome-address') },
  idle: { mark: '·', tone: 'quiet', word: t('flows.outcome-no-boot') },
  unknown: { mark: '?', tone: 'wait', word: t('flows.outcome-not-told') },
  waiting: { mark: '…', tone: 'wait', word: t('flows.outcome-waiting') },
  failed: { mark: '✗', tone: 'bad', word: t('flows.outcome-failed') },
  check: { mark: '?', tone: 'quiet', word: t('flows.outcome-check') },
} // prettier-ignore

export function OutcomeMark({ outcome }: { readonly outcome: Outcome }): ReactElement {
  const { mark, tone, word } = outcomes[outcome]
  return (
    <span data-tone={tone} role="img" aria-label={word}>
      {mark}
    </span>
  )
}
