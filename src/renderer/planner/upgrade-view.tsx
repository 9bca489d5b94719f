import { Group, Text, TextInput, Title } from '@mantine/core'
import { useMemo, useState, type ReactElement } from 'react'
import { isOpen, versionGates } from '#shared/planner/gate-rules.ts'
import type { Site } from '#shared/planner/site.ts'
import { versionPattern } from '#shared/planner/versions.ts'
import { upgradeAreas, upgradeTimeline, type AreaState, type Step } from '#shared/planner/timeline.ts'
import { Mark } from '../doctor/mark.tsx'
import { Fold } from '../parts/fold.tsx'
import { Hierarchy } from './hierarchy.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'

/** Of things that are unsafe for one reason, the first are enough. */
const mostUnsafe = 30
const words = { violated: 'unsafe', unknown: 'open', met: 'safe', 'not-applicable': '' } as const

function Cell({ area }: { readonly area: AreaState }): ReactElement {
  if (area.state === 'not-applicable') return <td />
  return (
    <td className="no-wrap">
      <Mark {...marks[area.state]} />
      <Text span size="xs">
        {words[area.state]}
      </Text>
    </td>
  )
}

function Gates({ site }: { readonly site: Site }): ReactElement | null {
  const sites = site.sites ?? []
  if (sites.length === 0) return null
  return (
    <section className="section" aria-label="What came with which version">
      <Title order={2} mb={6}>
        What came with which version
      </Title>
      <div className="planner-scroll">
        <table className="grid-table">
          <thead>
            <tr>
              <th>From</th>
              <th>What</th>
              {sites.map((one) => (
                <th key={one.code}>
                  {one.code} {one.version}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {versionGates.map((gate) => (
              <tr key={gate.opens}>
                <td>{gate.since}</td>
                <td>
                  {gate.opens} <span className="mono">{gate.rule}</span>
                </td>
                {sites.map((one) => {
                  const open = isOpen(gate, one.version)
                  const state = open === undefined ? 'unknown' : open ? 'met' : 'violated'
                  return (
                    <td key={one.code} className="no-wrap">
                      <Mark {...marks[state]} />
                      {{ unknown: 'not known', met: 'has it', violated: 'has not' }[state]}
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
        {title}
      </Text>
      {tasks.map((one) => (
        <Text key={one} size="sm">
          {one}
        </Text>
      ))}
      {isSafe ? (
        <Text size="sm">
          <Mark {...marks.met} />
          {index === 0 ? 'Now' : 'After it'} everything is safe.
        </Text>
      ) : (
        <Fold
          label={index === 0 ? 'Now' : `After ${title}`}
          opens={index === 0 && unsafe.length > 0}
          summary={
            <>
              <Mark {...(unsafe.length > 0 ? marks.violated : marks.unknown)} />
              {index === 0 ? 'Now' : 'After it'} {unsafe.length} unsafe
              {needs.length > 0 ? `, ${needs.length} ${needs.length === 1 ? 'fact' : 'facts'} not stated` : ''}
            </>
          }
        >
          {unsafe.slice(0, mostUnsafe).map((one, at) => (
            <Text key={at} size="sm" pl={20}>
              <strong>
                {one.area}, {one.subject}
              </strong>
              : {one.says} {one.remedy}{' '}
              <Text span size="xs" c="dimmed">
                {one.rule}
                {one.until === undefined ? '' : `; safe again after "${one.until}"`}
              </Text>
            </Text>
          ))}
          {unsafe.length > mostUnsafe && (
            <Text size="sm" pl={20} c="dimmed">
              and {unsafe.length - mostUnsafe} more
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
  onGo,
}: {
  readonly site: Site
  readonly onGo: (name: string) => void
}): ReactElement {
  const [target, setTarget] = useState('')
  const wanted = versionPattern.test(target) ? target : undefined
  const timeline = useMemo(() => upgradeTimeline(site, wanted), [site, wanted])
  const { steps, warnings } = timeline
  const next = steps[1]
  return (
    <>
      <Group justify="space-between" align="flex-start" mb={8}>
        <div role="status">
          <Title order={1}>
            {!site.sites?.length
              ? 'No site is stated.'
              : timeline.target === undefined
                ? 'The version of no site is stated.'
                : next
                  ? `Next: ${next.tasks[0]}`
                  : `Everything has ${timeline.target}.`}
          </Title>
        </div>
        <TextInput
          size="xs"
          w={150}
          label="Upgrade to version"
          placeholder={timeline.target ?? 'such as 2503'}
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value.trim())}
          error={target !== '' && wanted === undefined && 'No version such as 2403. Write four digits.'}
        />
      </Group>
      {site.sites?.length ? null : (
        <Text size="sm">
          <Needs needs={['sites']} onGo={onGo} />
        </Text>
      )}
      {warnings.map((one) => (
        <Text key={one} size="sm" c="var(--lab-wait)">
          {one}
        </Text>
      ))}
      {site.sites?.length ? (
        <>
          <Hierarchy site={site} />
          <div className="planner-scroll">
            <table className="grid-table planner-steps" aria-label="Steps of the upgrade">
              <thead>
                <tr>
                  <th>Step</th>
                  {upgradeAreas.map((one) => (
                    <th key={one.name}>{one.name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {steps.map(({ title, areas, isMixed }, index) => (
                  <tr key={`${title} ${index}`}>
                    <th scope="row">
                      {index === 0 ? '' : `${index}. `}
                      {title}
                      {isMixed && (
                        <Text span size="xs" c="dimmed" className="block">
                          versions differ
                        </Text>
                      )}
                    </th>
                    {areas.map((area) => (
                      <Cell key={area.area} area={area} />
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <section className="section" aria-label="What to do, and what is unsafe meanwhile">
            <Title order={2} mb={6}>
              What to do, and what is unsafe meanwhile
            </Title>
            {steps.map((step, index) => (
              <StepView key={`${step.title} ${index}`} step={step} index={index} onGo={onGo} />
            ))}
          </section>
          <Gates site={site} />
        </>
      ) : null}
    </>
  )
}
