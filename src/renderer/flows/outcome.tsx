import type { ReactElement } from 'react'
import type { Outcome } from '#shared/diagnosis/explain/explanation.ts'

/** A sign, a word, and the class of their colour. */
export const outcomes: Readonly<Record<Outcome, { readonly mark: string; readonly tone: string; readonly word: string }>> = {
  started: { mark: '✓', tone: 'good', word: 'booted' },
  loaded: { mark: '✓', tone: 'good', word: 'loaded' },
  address: { mark: '·', tone: 'quiet', word: 'address' },
  idle: { mark: '·', tone: 'quiet', word: 'no boot' },
  unknown: { mark: '?', tone: 'wait', word: 'not told' },
  waiting: { mark: '…', tone: 'wait', word: 'waiting' },
  failed: { mark: '✗', tone: 'bad', word: 'failed' },
  check: { mark: '?', tone: 'quiet', word: 'check' },
} // prettier-ignore

export function OutcomeMark({ outcome }: { readonly outcome: Outcome }): ReactElement {
  const { mark, tone, word } = outcomes[outcome]
  return (
    <span data-tone={tone} role="img" aria-label={word}>
      {mark}
    </span>
  )
}
