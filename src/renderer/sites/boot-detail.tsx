import { t } from '#messages/text.ts'
import { Anchor, Button, Group, Text, Title } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { tellDuration } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import type { SiteBoot, SiteComparison } from '#shared/contract/sites.ts'
import { Copyable } from '../parts/copyable.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import type { Column } from '../parts/table-columns.ts'
import { addressOf } from '../route.ts'
import { useStore } from '../store.ts'
import { vendorText } from '../parts/vendor.ts'
import { NameField, useSiteNames } from './names.tsx'
import { openInFlows } from './open-in-flows.ts'
import { itemOf, withoutFilter, type SitesPlace } from './place.ts'
import { useHub } from './use-hub.ts'
import { OutcomeText } from './words.tsx'

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement | null {
  return children === '' ? null : (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  )
}

type Packet = SiteComparison['packets'][number] & { readonly index: number }
const keyOf = ({ index }: Packet): string => String(index)

function Seen({ isSeen, name }: { readonly isSeen: boolean; readonly name: string }): ReactElement {
  return isSeen ? (
    <span data-tone="good" role="img" aria-label={t('sites.seen', { name })}>
      ✓
    </span>
  ) : (
    <span data-tone="bad" role="img" aria-label={t('sites.not-seen', { name })}>
      ✗
    </span>
  )
}

const packetColumns = (here: string, there: string): readonly Column<Packet>[] => [
  { id: 'time', title: t('sites.time-title'), width: 70, isNumber: true, value: ({ atMs }) => atMs, text: ({ atMs }) => (atMs / 1000).toFixed(3) }, // prettier-ignore
  { id: 'what', title: t('sites.what-title'), width: 160, grows: 1, value: ({ label }) => label },
  { id: 'here', title: t('sites.here-title'), hint: here, width: 52, value: (one) => (one.here ? t('sites.is-seen') : t('sites.is-not-seen')), cell: (one) => <Seen isSeen={one.here} name={here} /> }, // prettier-ignore
  { id: 'there', title: t('sites.there-title'), hint: there, width: 56, value: (one) => (one.there ? t('sites.is-seen') : t('sites.is-not-seen')), cell: (one) => <Seen isSeen={one.there} name={there} /> }, // prettier-ignore
  { id: 'way', title: t('sites.way-title'), hint: t('sites.way-hint'), width: 80, isNumber: true, value: ({ delayMs }) => delayMs, text: ({ delayMs }) => (delayMs === null ? '' : `${delayMs.toFixed(2)} ms`) }, // prettier-ignore
]

const tones = { good: 'good', plain: undefined, warning: 'wait', bad: 'bad' } as const
const marks = { good: '✓ ', plain: '', warning: '… ', bad: '✗ ' } as const

function Comparison({ one }: { readonly one: SiteComparison }): ReactElement {
  const { other, hereName, thereName, sentences, packets, clockDifferenceMs } = one
  return (
    <section className="section" aria-label={t('sites.seen-at', { place: thereName })}>
      <Group justify="space-between" gap={8}>
        <Title order={3}>{t('sites.also-seen', { place: thereName })}</Title>
        <Button size="compact-xs" variant="default" onClick={() => openInFlows(other)}>
          {t('sites.open-capture')}
</Button>
      </Group>
      <ul className="sights">
        {sentences.map(({ text, tone }) => (
          <li key={text} data-tone={tones[tone]}>
            {marks[tone]}
            {text}
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed">
        {t('sites.here-and-there', { here: hereName, there: thereName, told: other.headline })}
        {Math.abs(clockDifferenceMs) >= 1 && ` ${t('sites.clocks-differ', { time: tellDuration(Math.abs(clockDifferenceMs)) })}`}
      </Text>
      <DataTable
        id="site-compared"
        label={t('sites.packets-here', { place: thereName })}
        rows={packets.map((packet, index) => ({ ...packet, index }))}
        columns={packetColumns(hereName, thereName)}
        keyOf={keyOf}
        rowHeight={24}
        mostRows={12}
      />
    </section>
  ) // prettier-ignore
}

/** Captures of agents come within this time, or much later. */
const settledMs = 600_000

function Comparisons({ boot }: { readonly boot: SiteBoot }): ReactElement | null {
  const isOld = useStore(({ hub }) => hub !== undefined && hub.now - boot.lastAt > settledMs)
  const { value, error } = useHub('sites.compare', { boot: boot.id }, isOld)
  if (error !== undefined)
    return <Text c="var(--lab-bad)">{t('sites.captures-cannot-compared', { reason: error })}</Text>
  if (!value) return <Text c="dimmed">{t('sites.looking-other-agents-saw-boot')}</Text>
  if (value.length === 0) return <Text c="dimmed">{t('sites.no-other-agent-saw-boot')}</Text>
  return (
    <>
      {value.map((one) => (
        <Comparison key={one.other.id} one={one} />
      ))}
    </>
  )
}

/** A boot of which no frame had one is known by its IP address. */
const isMac = (mac: string): boolean => parseMac(mac) === mac

interface BootDetailProps {
  readonly id: number
  readonly place: SitesPlace
  readonly agentName: (id: string) => string
}

/** One boot: what became of it, what is known of the machine, and where else it was seen. */
export function BootDetail({ id, place, agentName }: BootDetailProps): ReactElement {
  const { value: boot, error } = useHub('sites.boot', { boot: id })
  const { nameOf } = useSiteNames()
  if (error !== undefined) return <EmptyState title={t('sites.boot-not-kept-any-more')}>{error}</EmptyState>
  if (!boot || boot.id !== id) return <EmptyState title={t('sites.reading-boot')}>{t('sites.takes-moment')}</EmptyState>
  const all: SiteBoot = boot
  const name = nameOf(all.mac)
  return (
    <div className="client-detail">
      <Group justify="space-between" align="flex-start" gap={8}>
        <div>
          <Title order={1}>{name === '' ? <Copyable text={all.mac} hint={vendorText(all.vendor)} /> : name}</Title>
          <Text c="dimmed">
            {name !== '' && (
              <>
                <Copyable text={all.mac} hint={vendorText(all.vendor)} /> ·{' '}
              </>
            )}
            {[all.site, vendorText(all.vendor), t('sites.attempt-number', { number: all.attempt })]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          {isMac(all.mac) && <NameField key={all.mac} mac={all.mac} />}
        </div>
        <Button size="compact-sm" onClick={() => openInFlows(all)}>
          {t('sites.open-flows')}
        </Button>
      </Group>
      <div className="boot-verdict spaced" data-outcome={all.outcome}>
        <OutcomeText outcome={all.outcome} /> <strong>{all.headline}</strong>
      </div>
      <table className="grid-table">
        <tbody>
          <Fact name={t('sites.fact-began')}>{formatDateTime(all.startedAt)}</Fact>
          <Fact name={t('sites.fact-took')}>{tellDuration(all.lastAt - all.startedAt)}</Fact>
          <Fact name={t('sites.fact-code')}>{all.code}</Fact>
          <Fact name={t('sites.fact-firmware')}>{all.firmware}</Fact>
          <Fact name={t('sites.fact-architecture')}>{all.architecture}</Fact>
          <Fact name={t('sites.fact-model')}>{all.model}</Fact>
          <Fact name={t('sites.fact-boot-file')}>{all.bootFile}</Fact>
          <Fact name={t('sites.fact-server')}>{all.server}</Fact>
          <Fact name={t('sites.fact-address')}>{all.address}</Fact>
          <Fact name="UUID">{all.uuid}</Fact>
          <Fact name={t('sites.fact-agent')}>{agentName(all.agent)}</Fact>
        </tbody>
      </table>
      <Anchor size="sm" href={addressOf('sites', itemOf({ ...withoutFilter(place), view: 'boots', machine: all.mac }))}>
        {t('sites.all-boots-machine')}
      </Anchor>
      <section className="section" aria-label={t('sites.other-agents')}>
        <Title order={2} mb={4}>
          {t('sites.other-agents')}
        </Title>
        <Comparisons key={id} boot={all} />
      </section>
    </div>
  )
}
