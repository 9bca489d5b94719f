import { subjectText } from '#shared/planner/rule.ts'
import { t, textOf } from '#messages/text.ts'
import { Code, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { standingNames, type Standing } from '#shared/planner/way-out.ts'
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'

const stateMarks = {
  'goes on': marks.met,
  deprecated: marks.unknown,
  ends: marks.violated,
  unknown: marks.unknown,
} as const
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
            ? t('planner-page.nothing-file-depends-wds-mdt')
            : ending === 0
              ? t('planner-page.nothing-ends-things-depend-wds', { count: standings.length })
              : t('planner-page.depend-wds-mdt-end', { ending, count: standings.length })}
        </Title>
      </div>
      {standings.length === 0 && (
        <Text size="sm">
          {t('planner-page.wds-alone')} <Needs needs={['wdsDeployments', 'mdt']} onGo={onGo} />
        </Text>
      )}
      {standings.map(({ subject, have, state, says, needs, replacements }, index) => (
        <section
          key={`${subject} ${index}`}
          className="section"
          aria-label={`${textOf(subjectText(subject))}: ${textOf(have)}`}
        >
          <Title order={2}>
            {textOf(subjectText(subject))}: {textOf(have)}
          </Title>
          <Text size="sm">
            <Mark {...stateMarks[state]} />
            <strong>{textOf(standingNames[state])}.</strong> {textOf(says)}
          </Text>
          {needs.length > 0 && (
            <Text size="sm">
              <Needs needs={needs} onGo={onGo} />
            </Text>
          )}
          {replacements.map(({ title, steps, lab }) => (
            <details key={textOf(title)}>
              <summary>{textOf(title)}</summary>
              <ol>
                {steps.map((one) => (
                  <li key={textOf(one)}>
                    <Text size="sm">{textOf(one)}</Text>
                  </li>
                ))}
              </ol>
              {lab.length === 0 ? (
                <Text size="sm" c="dimmed" pl={20}>
                  {t('planner-page.nothing-network-boot-so-lab')}
                </Text>
              ) : (
                lab.map((one) => (
                  <Text key={one.command} size="sm" pl={20}>
                    {textOf(one.says)}: <Code>{one.command}</Code>
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
