import { say } from '#messages/message.ts'
import { together } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { SegmentedControl, Text, TextInput, Title } from '@mantine/core'
import { useMemo, useState, type ReactElement } from 'react'
import { collectionUpgrades, type UpgradeVerdict } from '#shared/planner/in-place.ts'
import type { Site } from '#shared/planner/site.ts'
import { upgradeMatrix } from '#shared/planner/upgrade-paths.ts'
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'
import { Rich } from '../parts/rich.tsx'

const pathMarks = { can: marks.met, 'later-build': marks.met, cannot: marks.violated } as const
const pathWords = {
  can: t('planner-page.path-can'),
  'later-build': t('planner-page.later-build'),
  cannot: t('planner-page.path-cannot'),
} as const

function Matrix({
  kind,
  owned,
}: {
  readonly kind: 'client' | 'server'
  readonly owned: ReadonlySet<string>
}): ReactElement {
  const { targets, rows } = upgradeMatrix(kind)
  return (
    <table
      className="grid-table"
      aria-label={kind === 'client' ? t('planner-page.clients') : t('planner-page.servers')}
    >
      <thead>
        <tr>
          <th>{t('planner-page.from')}</th>
          {targets.map((one) => (
            <th key={one}>{t('planner-page.to-version', { version: one.replace('Windows ', '') })}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ source, cells }) => (
          <tr key={source} aria-selected={owned.has(source)} data-owned={owned.has(source)}>
            <th scope="row">{source}</th>
            {cells.map(({ verdict, why }, index) => (
              <td key={targets[index]} title={textOf(why)} className="no-wrap">
                <Mark {...pathMarks[verdict]} />
                {pathWords[verdict]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const verdictWords = {
  met: t('planner-page.path-can'),
  violated: t('planner-page.path-cannot'),
  unknown: t('planner-page.state-not-known'),
} as const

function Verdict({
  verdict: { name, kind, state, reasons, needs },
  onGo,
}: {
  readonly verdict: UpgradeVerdict
  readonly onGo: (name: string) => void
}): ReactElement {
  return (
    <Text size="sm">
      <Mark {...marks[state]} />
      <Rich
        message={say('planner-page.verdict-by', { verdict: verdictWords[state], kind, name })}
        tags={{ verdict: (text) => <strong>{text}</strong> }}
      />
      {reasons.length > 0 && t('planner-page.deploy-traditional-way', { reasons: together(reasons) })}
      {needs.length > 0 && '. '}
      {needs.length > 0 && <Needs needs={needs} onGo={onGo} />}
    </Text>
  )
}

const mostCollections = 50

/** What becomes what in place, in general and for each collection. */
export function InPlaceView({
  site,
  onGo,
}: {
  readonly site: Site
  readonly onGo: (name: string) => void
}): ReactElement {
  const [words, setWords] = useState('')
  const [shown, setShown] = useState<'all' | UpgradeVerdict['state']>('all')
  const upgrades = useMemo(() => collectionUpgrades(site), [site])
  const owned = new Set(upgrades.flatMap((one) => one.operatingSystem ?? []))
  const found = upgrades.filter(
    (one) =>
      one.collection.toLowerCase().includes(words.toLowerCase()) &&
      (shown === 'all' ||
        one.targets.some(({ state }) => state === shown) ||
        (shown === 'violated' && one.traditional.length > 0)),
  )
  const can = upgrades.filter((one) => one.targets.some(({ state }) => state === 'met')).length
  return (
    <>
      <div role="status">
        <Title order={1} mb={8}>
          {upgrades.length === 0
            ? t('planner-page.collection-stated')
            : t('planner-page.collections-can-upgraded-place', { ready: can, count: upgrades.length })}
        </Title>
      </div>
      {upgrades.length === 0 && (
        <Text size="sm">
          <Needs needs={['collections']} onGo={onGo} />
        </Text>
      )}
      {upgrades.length > 0 && site.upgradePackages === undefined && site.featureUpdates === undefined && (
        <Text size="sm">
          {t('planner-page.by-what')} <Needs needs={['upgradePackages', 'featureUpdates']} onGo={onGo} />
        </Text>
      )}
      {upgrades.length > 8 && (
        <div className="plan-tools">
          <SegmentedControl
            size="xs"
            aria-label={t('planner-page.collections')}
            value={shown}
            onChange={(value) => setShown(value)}
            data={[
              { value: 'all', label: t('planner-page.all') },
              { value: 'met', label: t('planner-page.can') },
              { value: 'violated', label: t('planner-page.cannot') },
              { value: 'unknown', label: t('planner-page.not-known') },
            ]}
          />
          <TextInput
            size="xs"
            placeholder={t('planner-page.find-collection')}
            aria-label={t('planner-page.find-collection')}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        </div>
      )}
      <section aria-label={t('planner-page.collections-2')}>
        {found.slice(0, mostCollections).map(({ collection, operatingSystem, targets, traditional }, index) => (
          <div key={`${collection} ${index}`} className="entry">
            <Text size="sm" fw={600}>
              {collection}
              <Text span size="xs" c="dimmed">
                {' '}
                {operatingSystem ?? t('planner-page.operating-system-stated')}
              </Text>
            </Text>
            <div className="indented">
              {targets.map((one) => (
                <Verdict key={`${one.kind} ${one.name}`} verdict={one} onGo={onGo} />
              ))}
              {traditional.map((one) => (
                <Text key={one.name} size="sm">
                  <Mark {...marks.violated} />
                  <strong>{t('planner-page.traditional')}</strong>: {one.name}. {textOf(together(one.reasons))}
                </Text>
              ))}
            </div>
          </div>
        ))}
        {found.length > mostCollections && (
          <Text size="xs" c="dimmed">
            {t('planner-page.more-find-them-name', { count: found.length - mostCollections })}
          </Text>
        )}
      </section>
      <section className="section" aria-label={t('planner-page.becomes')}>
        <Title order={2} mb={6}>
          {t('planner-page.becomes')}
        </Title>
        <div className="plan-matrices">
          <Matrix kind="client" owned={owned} />
          <Matrix kind="server" owned={owned} />
        </div>
        <Text size="xs" c="dimmed" mt={6}>
          {t('planner-page.later-build-note')}
        </Text>
      </section>
    </>
  )
}
