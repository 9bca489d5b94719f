import { t } from '#messages/text.ts'
import { UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'

interface NeedsProps {
  readonly needs: readonly string[]
  /** What goes without saying where they are shown. */
  readonly within?: string
  readonly onGo: (name: string) => void
}

/** More are of no help at once. */
const most = 12

/** Facts that are not stated; each leads to its field. */
export function Needs({ needs, within = '', onGo }: NeedsProps): ReactElement {
  return (
    <>
      {t('planner-page.not-stated')}{' '}
      {needs.slice(0, most).map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <UnstyledButton className="mono planner-need" onClick={() => onGo(name)}>
            {name.startsWith(within) ? name.slice(within.length) : name}
          </UnstyledButton>
        </span>
      ))}
      {needs.length > most && ` ${t('planner-page.more', { count: needs.length - most })}`}.
    </>
  )
}
