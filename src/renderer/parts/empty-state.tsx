import { Stack, Text, Title } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'

interface EmptyStateProps {
  readonly title: string
  readonly icon?: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** Says what a page is for and offers the first step. */
export function EmptyState({ title, icon, children, action }: EmptyStateProps): ReactElement {
  return (
    <Stack align="flex-start" gap={8} p={28} maw={560}>
      {icon}
      <Title order={1}>{title}</Title>
      <Text c="dimmed" component="div">
        {children}
      </Text>
      {action}
    </Stack>
  )
}
