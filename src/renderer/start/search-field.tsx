import { t } from '#messages/text.ts'
import { Anchor, Combobox, Text, TextInput, useCombobox } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import { openEntry, useFinder } from './finder.ts'
import { HitRow } from './hit-row.tsx'

/** Of each kind of thing that can be searched, one. */
const examples = [
  'PXE-E55',
  '0xc000000f',
  t('start.no-boot-filename-received'),
  'option 60',
  'UseDHCPPorts',
  t('start.wds-dhcp-one-server'),
]

/** The large field of the start page. */
export function SearchField(): ReactElement {
  const [query, setQuery] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const { isReady, find } = useFinder(true)
  const hits = useMemo(() => find(query, 10), [find, query])
  // The first hit is what Enter opens, whenever it comes.
  useEffect(() => {
    if (hits.length > 0) combobox.selectFirstOption()
    // The store of the box is another object with each render.
  }, [hits])
  const choose = (id: string): void => {
    const hit = hits.find((one) => one.id === id)
    if (!hit) return
    combobox.closeDropdown()
    openEntry(hit)
  }
  return (
    <>
      <Combobox store={combobox} onOptionSubmit={choose} withinPortal={false} shadow="none">
        <Combobox.Target>
          <TextInput
            ref={field}
            size="lg"
            className="start-search"
            aria-label={t('common.search')}
            placeholder={t('start.code-line-screen-option-mac')}
            leftSection={<IconSearch size={20} stroke={1.6} aria-hidden="true" />}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value)
              combobox.openDropdown()
            }}
            onFocus={() => query !== '' && combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={query.trim() === ''}>
          <Combobox.Options mah={420} className="hits">
            {hits.map((entry) => (
              <Combobox.Option key={entry.id} value={entry.id}>
                <HitRow entry={entry} />
              </Combobox.Option>
            ))}
            {hits.length === 0 && (
              <Combobox.Empty>{isReady ? t('start.nothing-found-try-fewer-words') : t('start.loading')}</Combobox.Empty>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <div className="start-examples">
        <Text span size="sm" c="dimmed">
          {t('start.examples')}
        </Text>
        {examples.map((one) => (
          <Anchor
            key={one}
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              setQuery(one)
              field.current?.focus()
              combobox.openDropdown()
            }}
          >
            {one}
          </Anchor>
        ))}
      </div>
    </>
  )
}
