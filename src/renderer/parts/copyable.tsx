import { t } from '#messages/text.ts'
import { Tooltip, UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'
import { copyText } from './copy.ts'

/** An address or identifier in monospace that copies itself with one click. */
export function Copyable({ text, hint }: { readonly text: string; readonly hint?: string }): ReactElement {
  return (
    <Tooltip label={hint ? t('parts.click-copy', { hint }) : t('parts.click-copy-2')} openDelay={500}>
      <UnstyledButton
        className="mono"
        aria-label={t('parts.copy', { text })}
        onClick={(event) => {
          event.stopPropagation()
          void copyText(text)
        }}
      >
        {text}
      </UnstyledButton>
    </Tooltip>
  )
}
