import { Tooltip, UnstyledButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ReactElement } from 'react'

/** An address or identifier in monospace that copies itself with one click. */
export function Copyable({ text, hint }: { readonly text: string; readonly hint?: string }): ReactElement {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    notifications.show({ message: `Copied ${text}` })
  }
  return (
    <Tooltip label={hint ? `${hint}. Click to copy` : 'Click to copy'} openDelay={500}>
      <UnstyledButton
        className="mono"
        aria-label={`Copy ${text}`}
        onClick={(event) => {
          event.stopPropagation()
          void copy()
        }}
      >
        {text}
      </UnstyledButton>
    </Tooltip>
  )
}
