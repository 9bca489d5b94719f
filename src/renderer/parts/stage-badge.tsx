import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Boot } from '#shared/contract/calls.ts'

/** Never colour alone: each state has its shape and its word. */
const looks: Readonly<
  Record<Boot['stage'], { readonly word: string; readonly colour: string; readonly shape: string }>
> = {
  seen: { word: t('parts.stage-seen'), colour: 'var(--lab-quiet)', shape: 'ring' },
  offered: { word: t('parts.stage-offered'), colour: 'var(--lab-wait)', shape: 'ring' },
  address: { word: t('parts.address'), colour: 'var(--lab-dhcp)', shape: 'dot' },
  'boot-server': { word: t('parts.stage-asked-port-4011'), colour: 'var(--lab-pxe)', shape: 'dot' },
  loading: { word: t('parts.stage-loading'), colour: 'var(--lab-tftp)', shape: 'dot' },
  loaded: { word: t('parts.stage-loaded'), colour: 'var(--lab-good)', shape: 'dot' },
  started: { word: t('parts.stage-system-started'), colour: 'var(--lab-good)', shape: 'dot' },
  approval: { word: t('parts.waiting-approval'), colour: 'var(--lab-wait)', shape: 'ring' },
  failed: { word: t('parts.stage-failed'), colour: 'var(--lab-bad)', shape: 'square' },
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
