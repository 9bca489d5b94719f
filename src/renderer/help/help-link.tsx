import { Anchor } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { articleAddress } from './address.ts'
import { showHelp } from './state.ts'

interface HelpLinkProps {
  readonly path: string
  readonly anchor?: string | undefined
  readonly children: ReactNode
}

/** Opens an article beside the page. */
export function HelpLink({ path, anchor, children }: HelpLinkProps): ReactElement {
  return (
    <Anchor
      href={articleAddress(path, anchor)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        showHelp({ kind: 'article', path, anchor })
      }}
    >
      {children}
    </Anchor>
  )
}
