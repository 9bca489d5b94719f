import { subjectText } from '#shared/planner/rule.ts'
import { t, textOf } from '#messages/text.ts'
import { Group, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { isOpen, versionGates } from '#shared/planner/gate-rules.ts'
import type { Site } from '#shared/planner/site.ts'
import { versionPattern } from '#shared/planner/versions.ts'
import { upgradeAreas, type AreaState, type Step } from '#shared/planner/timeline.ts'
import { Mark } from '../doctor/mark.tsx'
import { Fold } from '../parts/fold.tsx'
import { useRead } from '../parts/use-read.ts'
import { Hierarchy } from './hierarchy.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'
import { siteWorker } from './use-site.ts'

/** Of things that are unsafe for one reason, the first are enough. */
const mostUnsafe = 30

function Cell({ area }: { readonly area: AreaState }): ReactElement {
  if (area.state === 'not-applicable') return <td />
  return (
    <td className="no-wrap">
      <Mark {...marks[area.state]} />
      <Text span size="xs">
        {t('planner-page.area-state', { state: area.state })}
      </Text>
    </td>
  )
}

function Gates({ site }: { readonly site: Site }): ReactElement | null {
  const sites = site.sites ?? []
  if (sites.length === 0) return null
  return (
    <section className="section" aria-label={t('planner-page.came-version')}>
      <Title order={2} mb={6}>
        {t('planner-page.came-version')}
      </Title>
      <div className="planner-scroll">
        <table className="grid-table">
          <thead>
            <tr>
              <th>{t('planner-page.from')}</th>
              <th>{t('planner-page.what')}</th>
              {sites.map((one) => (
                <th key={one.code}>
                  {one.code} {one.version}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {versionGates.map((gate) => (
              <tr key={textOf(gate.opens)}>
                <td>{gate.since}</td>
                <td>
                  {textOf(gate.opens)} <span className="mono">{gate.rule}</span>
                </td>
                {sites.map((one) => {
                  const open = isOpen(gate, one.version)
                  const state = open === undefined ? 'unknown' : open ? 'met' : 'violated'
                  return (
                    <td key={one.code} className="no-wrap">
                      <Mark {...marks[state]} />
                      {
                        {
                          unknown: t('planner-page.state-not-known'),
                          met: t('planner-page.has-it'),
                          violated: t('planner-page.has-not'),
                        }[state]
                      }
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function StepView({
  step,
  index,
  onGo,
}: {
  readonly step: Step
  readonly index: number
  readonly onGo: (name: string) => void
}): ReactElement {
  const { title, tasks, areas } = step
  const unsafe = areas.flatMap((area) => area.unsafe.map((one) => ({ ...one, area: area.area })))
  const needs = [...new Set(areas.flatMap((area) => area.needs))]
  const isSafe = unsafe.length === 0 && needs.length === 0
  return (
    <div className="entry">
      <Text size="sm" fw={600}>
        {index === 0 ? '' : `${index}. `}
        {textOf(title)}
      </Text>
      {tasks.map((one) => (
        <Text key={textOf(one)} size="sm">
          {textOf(one)}
        </Text>
      ))}
      {isSafe ? (
        <Text size="sm">
          <Mark {...marks.met} />
          {index === 0 ? t('planner-page.now-safe') : t('planner-page.after-safe')}
        </Text>
      ) : (
        <Fold
          label={index === 0 ? t('planner-page.now') : t('planner-page.after-step', { step: textOf(title) })}
          opens={index === 0 && unsafe.length > 0}
          summary={
            <>
              <Mark {...(unsafe.length > 0 ? marks.violated : marks.unknown)} />
              {index === 0
                ? t('planner-page.now-unsafe', { count: unsafe.length })
                : t('planner-page.after-unsafe', { count: unsafe.length })}
              {needs.length > 0 ? `, ${t('planner-page.facts-not-stated', { count: needs.length })}` : ''}
            </>
          }
        >
          {unsafe.slice(0, mostUnsafe).map((one, at) => (
            <Text key={at} size="sm" pl={20}>
              <strong>
                {textOf(one.area)}, {textOf(subjectText(one.subject))}
              </strong>
              : {textOf(one.says)} {textOf(one.remedy)}{' '}
              <Text span size="xs" c="dimmed">
                {one.rule}
                {one.until === undefined ? '' : t('planner-page.safe-again-after', { until: one.until })}
              </Text>
            </Text>
          ))}
          {unsafe.length > mostUnsafe && (
            <Text size="sm" pl={20} c="dimmed">
              {t('planner-page.more', { count: unsafe.length - mostUnsafe })}
            </Text>
          )}
          {needs.length > 0 && (
            <Text size="sm" pl={20}>
              <Needs needs={needs} onGo={onGo} />
            </Text>
          )}
        </Fold>
      )}
    </div>
  )
}

/** The upgrade of the hierarchy step by step: what is safe when, and what to do next. */
export function UpgradeView({
  site,
  text,
  onGo,
}: {
  readonly site: Site
  /** Of which the site was read. */
  readonly text: string
  readonly onGo: (name: string) => void
}): ReactElement {
  const [target, setTarget] = useState('')
  const wanted = versionPattern.test(target) ? target : undefined
  const { value: timeline, error } = useRead(() => siteWorker('timeline', text, wanted), `${wanted ?? ''} ${text}`)
  const { steps, warnings } = timeline ?? { steps: [], warnings: [] }
  const next = steps[1]
  return (
    <>
      <Group justify="space-between" align="flex-start" mb={8}>
        <div role="status">
          <Title order={1}>
            {!site.sites?.length
              ? t('planner-page.site-stated')
              : error !== undefined
                ? error
                : !timeline
                  ? t('planner-page.working-out')
                  : timeline.target === undefined
                    ? t('planner-page.version-site-stated')
                    : next
                      ? t('planner-page.next', { step: textOf(next.tasks[0]) })
                      : t('planner-page.everything', { target: timeline.target })}
          </Title>
        </div>
        <TextInput
          size="xs"
          w={150}
          label={t('planner-page.upgrade-version')}
          placeholder={timeline?.target ?? t('planner-page.such-2503')}
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value.trim())}
          error={target !== '' && wanted === undefined && t('planner-page.version-such-2403-write-four')}
        />
      </Group>
      {site.sites?.length ? null : (
        <Text size="sm">
          <Needs needs={['sites']} onGo={onGo} />
        </Text>
      )}
      {warnings.map((one) => (
        <Text key={textOf(one)} size="sm" c="var(--lab-wait)">
          {textOf(one)}
        </Text>
      ))}
      {site.sites?.length ? (
        <>
          <Hierarchy site={site} />
          <div className="planner-scroll">
            <table className="grid-table planner-steps" aria-label={t('planner-page.steps-upgrade')}>
              <thead>
                <tr>
                  <th>{t('planner-page.step')}</th>
                  {upgradeAreas.map((one) => (
                    <th key={textOf(one.name)}>{textOf(one.name)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {steps.map(({ title, areas, isMixed }, index) => (
                  <tr key={`${textOf(title)} ${index}`}>
                    <th scope="row">
                      {index === 0 ? '' : `${index}. `}
                      {textOf(title)}
                      {isMixed && (
                        <Text span size="xs" c="dimmed" className="block">
                          {t('planner-page.versions-differ')}
                        </Text>
                      )}
                    </th>
                    {areas.map((area) => (
                      <Cell key={textOf(area.area)} area={area} />
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <section className="section" aria-label={t('planner-page.do-unsafe-meanwhile')}>
            <Title order={2} mb={6}>
              {t('planner-page.do-unsafe-meanwhile')}
            </Title>
            {steps.map((step, index) => (
              <StepView key={`${textOf(step.title)} ${index}`} step={step} index={index} onGo={onGo} />
            ))}
          </section>
          <Gates site={site} />
        </>
      ) : null}
    </>
  )
}
