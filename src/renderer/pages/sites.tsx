import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Code, SegmentedControl, Text } from '@mantine/core'
import { useCallback, useMemo, type ReactElement } from 'react'
import { agentHealth, type SitesState } from '#shared/contract/sites.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRoute } from '../route.ts'
import { Agents } from '../sites/agents.tsx'
import { Boots } from '../sites/boots.tsx'
import { FilterBar } from '../sites/filter-bar.tsx'
import { Groups } from '../sites/groups.tsx'
import { SiteNames } from '../sites/names.tsx'
import { filterOf, placeOf, show, type SitesPlace } from '../sites/place.ts'
import { Trend } from '../sites/trend.tsx'
import { useHub } from '../sites/use-hub.ts'
import '../sites/sites.css'
import { useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'

const buckets = 60
const mostGroups = 500

function Overview({ place, hub }: { readonly place: SitesPlace; readonly hub: SitesState }): ReactElement {
  const filter = filterOf(place, hub.now)
  const trend = useHub('sites.trend', { filter, buckets })
  const overview = useHub('sites.overview', { filter, by: place.by, limit: mostGroups })
  const error = trend.error ?? overview.error
  if (error !== undefined) return <EmptyState title={t('pages.boots-cannot-counted')}>{error}</EmptyState>
  if (!trend.value || !overview.value)
    return <EmptyState title={t('pages.counting-boots')}>{t('pages.takes-moment')}</EmptyState>
  if (overview.value.total === 0)
    return (
      <EmptyState title={t('pages.no-boot-passes-these-filters')}>
        {t('pages.clear-filter-choose-longer-period')}
      </EmptyState>
    )
  return (
    <div className="page-body sites-body">
      <Trend trend={trend.value} place={place} />
      <Groups place={place} overview={overview.value} />
    </div>
  )
}

const code = { code: (text: string) => <Code>{text}</Code> }
const firstSteps = (
  <>
    {t('pages.agents-listen')}
    <ol className="sites-steps">
      <li>
        <Rich message={say('pages.make-token')} tags={code} />
      </li>
      <li>
        <Rich message={say('pages.start-agent')} tags={code} />
      </li>
      <li>{t('pages.boot-machine-site-boot-appears')}</li>
    </ol>
  </>
)

/** Boots of every site that sends to this hub. */
export function SitesPage(): ReactElement {
  const { item } = useRoute()
  const hub = useStore((one) => one.hub)!
  const version = useStore((one) => one.version)
  const place = useMemo(() => placeOf(item), [item])
  const agents = useMemo(() => new Map(hub.agents.map((one) => [one.id, one])), [hub.agents])
  const agentName = useCallback((id: string) => agents.get(id)?.name || id, [agents])
  const { view } = place
  const silent = hub.agents.filter((one) => agentHealth(one, hub.now).text === 'silent').length
  return (
    <div className="page-full">
      <h1 className="visually-hidden">{t('pages.sites')}</h1>
      <div className="toolbar">
        <SegmentedControl
          size="xs"
          aria-label={t('pages.view')}
          value={view}
          onChange={(value) => show({ ...place, view: value })}
          data={[
            { value: 'overview', label: t('pages.overview') },
            { value: 'boots', label: t('pages.boots') },
            { value: 'agents', label: t('pages.agents', { count: hub.agents.length }) },
          ]}
        />
        {silent > 0 && (
          <Text size="xs" c="var(--lab-bad)" role="status">
            ✗ {t('pages.agents-silent', { silent })}
          </Text>
        )}
      </div>
      {hub.agents.length === 0 ? (
        <EmptyState title={t('pages.no-agent-sent-anything-yet')}>{firstSteps}</EmptyState>
      ) : view === 'agents' ? (
        <Agents hub={hub} version={version} place={place} />
      ) : hub.boots === 0 ? (
        <EmptyState title={t('pages.no-boot-been-seen-yet')}>
          {t('pages.agents-send-hub-no-machine', { count: hub.agents.length })}
        </EmptyState>
      ) : (
        <SiteNames>
          <FilterBar place={place} />
          {view === 'boots' ? (
            <Boots place={place} filter={filterOf(place, hub.now)} agentName={agentName} />
          ) : (
            <Overview place={place} hub={hub} />
          )}
        </SiteNames>
      )}
    </div>
  )
}
