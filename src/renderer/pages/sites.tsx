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

const buckets = 60
const mostGroups = 500

function Overview({ place, hub }: { readonly place: SitesPlace; readonly hub: SitesState }): ReactElement {
  const filter = filterOf(place, hub.now)
  const trend = useHub('sites.trend', { filter, buckets })
  const overview = useHub('sites.overview', { filter, by: place.by, limit: mostGroups })
  const error = trend.error ?? overview.error
  if (error !== undefined) return <EmptyState title="The boots cannot be counted">{error}</EmptyState>
  if (!trend.value || !overview.value) return <EmptyState title="Counting boots">This takes a moment.</EmptyState>
  if (overview.value.total === 0)
    return <EmptyState title="No boot passes these filters">Clear a filter, or choose a longer period.</EmptyState>
  return (
    <div className="page-body sites-body">
      <Trend trend={trend.value} place={place} />
      <Groups place={place} overview={overview.value} />
    </div>
  )
}

const firstSteps = (
  <>
    An agent at each site listens to its network and sends the boots that it sees.
    <ol className="sites-steps">
      <li>
        Make a token for a site, on this machine: <Code>pxe-lab hub token add SITE &gt; SITE.yaml</Code>
      </li>
      <li>
        Copy that file to a machine at the site, and start the agent there:{' '}
        <Code>pxe-lab agent --hub https://THIS-MACHINE:8910 --interface NAME --credentials SITE.yaml</Code> with{' '}
        <Code>--fingerprint</Code> and the fingerprint that the hub printed.
      </li>
      <li>Boot a machine at the site. Its boot appears here within a minute.</li>
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
      <h1 className="visually-hidden">Sites</h1>
      <div className="toolbar">
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          onChange={(value) => show({ ...place, view: value })}
          data={[
            { value: 'overview', label: 'Overview' },
            { value: 'boots', label: 'Boots' },
            { value: 'agents', label: `Agents (${hub.agents.length.toLocaleString()})` },
          ]}
        />
        {silent > 0 && (
          <Text size="xs" c="var(--lab-bad)" role="status">
            ✗ {silent === 1 ? '1 agent is silent' : `${silent.toLocaleString()} agents are silent`}
          </Text>
        )}
      </div>
      {hub.agents.length === 0 ? (
        <EmptyState title="No agent has sent anything yet">{firstSteps}</EmptyState>
      ) : view === 'agents' ? (
        <Agents hub={hub} version={version} place={place} />
      ) : hub.boots === 0 ? (
        <EmptyState title="No boot has been seen yet">
          {hub.agents.length === 1 ? 'An agent sends' : `${hub.agents.length} agents send`} to this hub, and no machine
          has booted from the network where they listen. A boot appears here within a minute.
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
