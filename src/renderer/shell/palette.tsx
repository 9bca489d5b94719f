import { useMantineColorScheme } from '@mantine/core'
import { Spotlight } from '@mantine/spotlight'
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { onSwitchColours } from '../start/colours.ts'
import { openEntry, useFinder } from '../start/finder.ts'
import { HitRow } from '../start/hit-row.tsx'

/** The search of the start page, one key away from everywhere. */
export function Palette(): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const [query, setQuery] = useState('')
  const { isReady, find } = useFinder(isOpen)
  const { toggleColorScheme } = useMantineColorScheme()
  useEffect(() => onSwitchColours(toggleColorScheme), [toggleColorScheme])
  const hits = useMemo(() => find(query, 12), [find, query])
  const list = useRef<HTMLDivElement>(null)
  // Spotlight marks the first when one types; what is found later is first then.
  useEffect(() => {
    for (const one of list.current?.querySelectorAll('[data-selected]') ?? []) one.removeAttribute('data-selected')
    list.current?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  }, [hits])
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => setOpen(false)}
      shortcut="mod + K"
      // From a field as well.
      tagsToIgnore={[]}
      attributes={{ content: { 'aria-label': t('common.search') } }}
    >
      <Spotlight.Search placeholder={t('shell.search-for')} aria-label={t('shell.search-everything')} />
      <Spotlight.ActionsList>
        <div ref={list} className="hits palette-hits">
          {hits.map((entry) => (
            <Spotlight.Action key={entry.id} onClick={() => openEntry(entry)}>
              <HitRow entry={entry} />
            </Spotlight.Action>
          ))}
        </div>
        {hits.length === 0 && (
          <Spotlight.Empty>{t(isReady ? 'shell.search-none' : 'shell.search-reading')}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
