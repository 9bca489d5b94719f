import { Text } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'

/** One setting: what it is, what it does, and its control. */
export function SettingRow({
  label,
  hint,
  children,
}: {
  readonly label: string
  readonly hint: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <div className="setting-row">
      <div>
        <div>{label}</div>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </div>
      <div>{children}</div>
    </div>
  )
}
