import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Boot } from '#shared/contract/calls.ts'

/** Never colour alone: each state has its shape and its word. */
const looks: Readonly<
  Record<Boot['stage'], { readonly word: string; readonly colour: string; readonly shape: string }>
> = {
  seen: { word: 'seen', colour: 'var(--lab-quiet)', shape: 'ring' },
  offered: { word: 'offered', colour: 'var(--lab-wait)', shape: 'ring' },
  address: { word: t('parts.address'), colour: 'var(--lab-dhcp)', shape: 'dot' },
  'boot-server': { word: 'asked port 4011', colour: 'var(--lab-pxe)', shape: 'dot' },
  loading: { word: 'loading', colour: 'var(--lab-tftp)', shape: 'dot' },
  loaded: { word: 'loaded', colour: 'var(--lab-good)', shape: 'dot' },
  started: { word: 'system started', colour: 'var(--lab-good)', shape: 'dot' },
  approval: { word: t('parts.waiting-approval'), colour: 'var(--lab-wait)', shape: 'ring' },
  failed: { word: 'failed', colour: 'var(--lab-bad)', shape: 'square' },
}

/** A state in the word that its badge has. */
export const stageWord = (stage: Boot['stage']): string => looks[stage].word

export function StageBadge({ stage }: { readonly stage: Boot['stage'] }): ReactElement {
  const look = looks[stage]
  return (
    <span className="with-dot" style={{ color: look.colour }}>
      <span className="dot" data-shape={look.shape} style={{ background: look.colour, borderColor: look.colour }} />
      {look.word}
    </span>
  )
}
