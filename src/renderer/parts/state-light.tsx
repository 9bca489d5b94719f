import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Status } from '#shared/contract/calls.ts'
import { useStore } from '../store.ts'

type Shown = Status['state'] | 'lost'

export const stateWords: Readonly<Record<Shown, string>> = {
  lost: t('parts.not-connected'),
  stopped: t('parts.state-stopped'),
  starting: t('parts.state-starting'),
  listening: t('parts.state-listening'),
  responding: t('parts.state-responding'),
  stopping: t('parts.state-stopping'),
  problem: t('parts.state-problem'),
  silent: t('parts.not-answering'),
}

const looks: Readonly<Record<Shown, { readonly colour: string; readonly shape: string }>> = {
  lost: { colour: 'var(--lab-bad)', shape: 'ring' },
  stopped: { colour: 'var(--lab-quiet)', shape: 'ring' },
  starting: { colour: 'var(--lab-wait)', shape: 'ring' },
  listening: { colour: 'var(--lab-dhcp)', shape: 'dot' },
  responding: { colour: 'var(--lab-good)', shape: 'dot' },
  stopping: { colour: 'var(--lab-wait)', shape: 'ring' },
  problem: { colour: 'var(--lab-bad)', shape: 'square' },
  silent: { colour: 'var(--lab-bad)', shape: 'ring' },
}

/** What the responder does; of a back end that does not answer nothing is known, whatever it said last. */
export function StateLight({ state: told }: { readonly state: Status['state'] }): ReactElement {
  const isConnected = useStore((one) => one.connection === 'connected')
  const state: Shown = isConnected ? told : 'lost'
  const { colour, shape } = looks[state]
  return (
    <span className="with-dot strong" style={{ color: colour }} data-testid="state">
      <span className="dot" data-shape={shape} style={{ background: colour, borderColor: colour }} />
      {stateWords[state]}
    </span>
  )
}
