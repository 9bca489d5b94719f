import type { ReactElement } from 'react'

export interface MarkStyle {
  readonly shape: 'dot' | 'square' | 'ring'
  readonly colour: string
  /** What it says, for those who do not see it. */
  readonly word: string
}

/** The state of one line; told apart by shape as well as by colour. */
export function Mark({ shape, colour }: Pick<MarkStyle, 'shape' | 'colour'>): ReactElement {
  return (
    <span
      className="dot mark"
      data-shape={shape}
      aria-hidden="true"
      style={{ background: colour, borderColor: colour }}
    />
  )
}

export const good = { shape: 'dot', colour: 'var(--lab-good)' } as const
export const bad = { shape: 'square', colour: 'var(--lab-bad)' } as const
export const unknown = { shape: 'ring', colour: 'var(--lab-quiet)' } as const
export const doubtful = { shape: 'ring', colour: 'var(--lab-wait)' } as const
