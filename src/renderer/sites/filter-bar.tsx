import { t, textOf } from '#messages/text.ts'
import { Button, Group, Select, TextInput } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { siteGroupTitles, type SiteDimension } from '#shared/contract/sites.ts'
import { useStore } from '../store.ts'
import { useSiteNames } from './names.tsx'
import { isFiltered, periods, show, withoutFilter, type Period, type SitesPlace } from './place.ts'
import { classes, valueText } from './words.tsx'

const first: readonly SiteDimension[] = ['site', 'code', 'firmware']
const more: readonly SiteDimension[] = ['outcome', 'architecture', 'vendor', 'model', 'bootFile', 'server']

/** A machine is looked for when nothing was typed for this long. */
const askAfterMs = 300

function MachineField({ place }: { readonly place: SitesPlace }): ReactElement {
  const given = place.machine ?? ''
  const { macOf } = useSiteNames()
  const [text, setText] = useState(given)
  useEffect(() => setText(given), [given])
  useEffect(() => {
    if (text === given) return
    const timer = window.setTimeout(() => show({ ...place, machine: macOf(text.trim()) ?? text.trim(), boot: undefined, offset: 0 }, true), askAfterMs) // prettier-ignore
    return () => window.clearTimeout(timer)
  }, [text, given, place, macOf])
  return (
    <TextInput
      size="xs"
      w={170}
      aria-label={t('sites.machine-title')}
      placeholder={t('sites.name-mac-address-uuid')}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}

function ValueSelect({ place, name }: { readonly place: SitesPlace; readonly name: SiteDimension }): ReactElement {
  const known = useStore((one) => one.hub?.values[name]) ?? []
  const value = place.values[name]
  // What was chosen may be a value that is not known here any more, or none.
  const values = value === undefined || known.includes(value) ? known : [value, ...known]
  const title = textOf(siteGroupTitles[name])
  return (
    <Select
      size="xs"
      w={150}
      aria-label={title}
      placeholder={title}
      data={values.map((one) => ({ value: `=${one}`, label: valueText(name, one) }))}
      value={value === undefined ? null : `=${value}`}
      onChange={(chosen) =>
        show({ ...place, boot: undefined, offset: 0, values: { ...place.values, [name]: chosen?.slice(1) } })
      }
      searchable
      clearable
      limit={200}
      comboboxProps={{ width: 280, position: 'bottom-start' }}
    />
  )
}

/** What of all boots is shown; everything stands in the address. */
export function FilterBar({ place }: { readonly place: SitesPlace }): ReactElement {
  const [isWide, setWide] = useState(false)
  const hasMore = more.some((name) => place.values[name] !== undefined)
  const rest = { ...place, boot: undefined, offset: 0 }
  const span = place.from !== undefined || place.to !== undefined
  return (
    <div className="toolbar sites-filter" role="search" aria-label={t('sites.filter-boots')}>
      <Select
        size="xs"
        w={150}
        aria-label={t('sites.period')}
        data={[
          { value: '', label: t('sites.all-times') },
          ...Object.entries(periods).map(([value, { label }]) => ({ value, label })),
        ]}
        value={span ? null : (place.period ?? '')}
        placeholder={span ? t('sites.from', { from: formatDateTime(place.from ?? 0) }) : undefined}
        onChange={(value) => show({ ...rest, from: undefined, to: undefined, period: (value || undefined) as Period | undefined })} // prettier-ignore
        allowDeselect={false}
      />
      <Select
        size="xs"
        w={120}
        aria-label={t('sites.result')}
        placeholder={t('sites.result')}
        data={classes.map(({ name, label }) => ({ value: name, label }))}
        value={place.class ?? null}
        onChange={(value) => show({ ...rest, class: value ?? undefined })}
        clearable
      />
      {first.map((name) => (
        <ValueSelect key={name} place={place} name={name} />
      ))}
      <MachineField place={place} />
      {(isWide || hasMore) && more.map((name) => <ValueSelect key={name} place={place} name={name} />)}
      <Group gap={6} wrap="nowrap">
        {!hasMore && (
          <Button size="compact-xs" variant="subtle" aria-expanded={isWide} onClick={() => setWide(!isWide)}>
            {isWide ? t('sites.fewer-filters') : t('sites.more-filters')}
          </Button>
        )}
        {isFiltered(place) && (
          <Button size="compact-xs" variant="default" onClick={() => show(withoutFilter(place))}>
            {t('sites.clear-filters')}
          </Button>
        )}
      </Group>
      {span && (
        <span className="sites-span">
          {t('sites.from-to', {
            start: formatDateTime(place.from ?? 0),
            end: place.to === undefined ? t('sites.now') : formatDateTime(place.to),
          })}
        </span>
      )}
    </div>
  )
}
