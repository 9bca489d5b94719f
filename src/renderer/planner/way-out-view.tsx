import { Code, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Standing } from '#shared/planner/way-out.ts'
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'

const stateMarks = {
  'goes on': marks.met,
  deprecated: marks.unknown,
  ends: marks.violated,
  unknown: marks.unknown,
} as const
const stateWords = { 'goes on': 'Goes on', deprecated: 'Deprecated', ends: 'Ends', unknown: 'Not known' } as const

/** What depends on WDS or MDT, what takes its place, and the commands that show it in the lab. */
export function WayOutView({
  standings,
  onGo,
}: {
  readonly standings: readonly Standing[]
  readonly onGo: (name: string) => void
}): ReactElement {
  const ending = standings.filter((one) => one.state === 'ends').length
  return (
    <>
      <div role="status">
        <Title order={1} mb={8}>
          {standings.length === 0
            ? 'Nothing in this file depends on WDS or MDT.'
            : ending === 0
              ? `Nothing ends; ${standings.length} ${standings.length === 1 ? 'thing depends' : 'things depend'} on WDS or MDT.`
              : `${ending} of ${standings.length} that depend on WDS or MDT ${ending === 1 ? 'ends' : 'end'}.`}
        </Title>
      </div>
      {standings.length === 0 && (
        <Text size="sm">
          What WDS deploys without Configuration Manager: <Needs needs={['wdsDeployments', 'mdt']} onGo={onGo} />
        </Text>
      )}
      {standings.map(({ subject, have, state, says, needs, replacements }, index) => (
        <section key={`${subject} ${index}`} className="section" aria-label={`${subject}: ${have}`}>
          <Title order={2}>
            {subject}: {have}
          </Title>
          <Text size="sm">
            <Mark {...stateMarks[state]} />
            <strong>{stateWords[state]}.</strong> {says}
          </Text>
          {needs.length > 0 && (
            <Text size="sm">
              <Needs needs={needs} onGo={onGo} />
            </Text>
          )}
          {replacements.map(({ title, steps, lab }) => (
            <details key={title}>
              <summary>{title}</summary>
              <ol>
                {steps.map((one) => (
                  <li key={one}>
                    <Text size="sm">{one}</Text>
                  </li>
                ))}
              </ol>
              {lab.length === 0 ? (
                <Text size="sm" c="dimmed" pl={20}>
                  Nothing of this is network boot, so the lab has nothing to show.
                </Text>
              ) : (
                lab.map((one) => (
                  <Text key={one.command} size="sm" pl={20}>
                    {one.says}: <Code>{one.command}</Code>
                  </Text>
                ))
              )}
            </details>
          ))}
        </section>
      ))}
    </>
  )
}
