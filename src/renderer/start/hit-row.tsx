import { textOf } from '#messages/text.ts'
import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { kindTitles, type Entry } from '#shared/knowledge/search/entry.ts'

/** One thing that was found: what it is called, what it is, of which kind. */
export function HitRow({ entry }: { readonly entry: Entry }): ReactElement {
  return (
    <span className="hit">
      <span className="hit-words" {...(entry.kind === 'article' && { lang: 'en' })}>
        <span className={entry.kind === 'code' || entry.kind === 'setting' ? 'hit-title mono' : 'hit-title'}>
          {entry.title}
        </span>
        <Text component="span" size="xs" className="hit-detail">
          {entry.detail}
        </Text>
      </span>
      <Text component="span" size="xs" className="hit-kind">
        {textOf(kindTitles[entry.kind])}
      </Text>
    </span>
  )
}
