import { textOf } from '#messages/text.ts'
import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { explanationOf } from '#shared/diagnosis/commands.ts'
import { Copyable } from '../parts/copyable.tsx'

export function Commands({
  title,
  commands,
}: {
  readonly title: string
  readonly commands: readonly string[]
}): ReactElement {
  return (
    <>
      <Text size="xs" c="dimmed" mt={6}>
        {title}
      </Text>
      {commands.map((command) => (
        <div key={command} className="wraps">
          <Copyable text={command} />
          <Text size="xs" c="dimmed">
            {textOf(explanationOf(command))}
          </Text>
        </div>
      ))}
    </>
  )
}
