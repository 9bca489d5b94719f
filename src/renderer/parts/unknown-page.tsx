import { t, textOf } from '#messages/text.ts'
import { Anchor } from '@mantine/core'
import type { ReactElement } from 'react'
import { hubLinks, pageLinks } from '#shared/contract/pages.ts'
import { nearest } from '#shared/lab/nearest.ts'
import { addressOf } from '../route.ts'
import { EmptyState } from './empty-state.tsx'

/** An address that somebody typed, or that an older version wrote. */
export function UnknownPage({ name, isHub }: { readonly name: string; readonly isHub: boolean }): ReactElement {
  const links = isHub ? hubLinks : pageLinks
  const words = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, '')
  const near = nearest(
    words(name),
    links.flatMap(({ page, label }) => [page, words(textOf(label))]),
  )
  const meant = links.find(({ page, label }) => near !== undefined && [page, words(textOf(label))].includes(near))
  const first = links[0]
  return (
    <EmptyState
      title={t('parts.no-page-called', { name: name.length > 60 ? `${name.slice(0, 59)}…` : name })}
      action={
        <Anchor href={addressOf((meant ?? first).page)}>
          {meant ? t('parts.did-you-mean', { page: meant.label }) : t('parts.go-to', { page: first.label })}
        </Anchor>
      }
    >
      {t('parts.address-names-page-window-does', { pages: links.map(({ label }) => textOf(label)).join(', ') })}
    </EmptyState>
  )
}
