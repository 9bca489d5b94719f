import { t, textOf } from '#messages/text.ts'
import { Anchor, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { kindTitles } from '#shared/knowledge/search/entry.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { entryOf } from '../start/finder.ts'
import { WithTerms } from './term.tsx'

/** What the tables tell of one thing. */
export function EntryView({ id }: { readonly id: string }): ReactElement {
  const entry = entryOf(id)
  if (!entry) return <Text p="md">{t('help.not-known-any-more-search')}</Text>
  const { kind, title, rows = [], address } = entry
  const page = pageLinks.find((one) => address?.startsWith(`#/${one.page}`))
  return (
    <div className="article">
      <Text size="xs" c="dimmed">
        {textOf(kindTitles[kind])}
      </Text>
      <h1>{title}</h1>
      <dl className="entry-rows">
        {rows.map(([label, words, form]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={form}>
              <WithTerms text={words} />
            </dd>
          </div>
        ))}
      </dl>
      {page && (
        <p>
          <Anchor href={address}>{t('help.open-article', { title: page.label })}</Anchor>
        </p>
      )}
    </div>
  )
}
