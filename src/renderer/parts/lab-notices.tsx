import { Alert, Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { isGrave, type LabNotice } from '#shared/lab/boot-check.ts'
import { addressOf } from '../route.ts'

/** What the lab leaves its clients without; nothing where there is nothing to say. */
export function LabNotices({
  notices,
  isAtFiles = false,
}: {
  readonly notices: readonly LabNotice[]
  /** On the page Boot files, which needs no link to itself. */
  readonly isAtFiles?: boolean
}): ReactElement | null {
  if (notices.length === 0) return null
  return (
    <Alert
      color={notices.some(isGrave) ? 'red' : notices.some((one) => one.level === 'warning') ? 'yellow' : 'gray'}
      variant="light"
      title="What machines will miss"
      role={notices.some((one) => isGrave(one) || one.level === 'warning') ? 'alert' : 'note'}
      mb={12}
    >
      <ul className="notice-list">
        {notices.map((one) => (
          <li key={one.text}>
            {one.text}. <strong>{one.remedy}</strong>
          </li>
        ))}
      </ul>
      {!isAtFiles && (
        <Button component="a" href={addressOf('files')} size="compact-sm" mt={8} variant="default">
          Boot files
        </Button>
      )}
    </Alert>
  )
}
