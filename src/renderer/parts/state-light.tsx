import type { ReactElement } from 'react'
import type { Status } from '#shared/contract/calls.ts'

export const stateWords: Readonly<Record<Status['state'], string>> = {
  stopped: 'Stopped',
  starting: 'Starting',
  listening: 'Listening',
  responding: 'Responding',
  stopping: 'Stopping',
  problem: 'Problem',
}

const looks: Readonly<Record<Status['state'], { readonly colour: string; readonly shape: string }>> = {
  stopped: { colour: 'var(--lab-quiet)', shape: 'ring' },
  starting: { colour: 'var(--lab-wait)', shape: 'ring' },
  listening: { colour: 'var(--lab-dhcp)', shape: 'dot' },
  responding: { colour: 'var(--lab-good)', shape: 'dot' },
  stopping: { colour: 'var(--lab-wait)', shape: 'ring' },
  problem: { colour: 'var(--lab-bad)', shape: 'square' },
}

export function StateLight({ state }: { readonly state: Status['state'] }): ReactElement {
  const { colour, shape } = looks[state]
  return (
    <span
      style={{ display: 'inline-flex', alignItems: 'center', gap: 8, fontWeight: 600, color: colour }}
      data-testid="state"
    >
      <span className="dot" data-shape={shape} style={{ background: colour, borderColor: colour }} />
      {stateWords[state]}
    </span>
  )
}
