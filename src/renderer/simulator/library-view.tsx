import { Anchor, Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconCheck, IconTable } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { scenarioGroups } from '#shared/simulation/scenario.ts'
import { addressOf } from '../route.ts'
import { forgetProgress, useLessons } from './progress.ts'
import { RivalPanel } from './rival-panel.tsx'

export interface ListedScenario {
  readonly id: string
  readonly origin: 'shipped' | 'saved'
  readonly title: string
  readonly group: string
  readonly summary: string
  readonly isLesson: boolean
}

/** All scenarios, with what has been repaired so far. */
export function LibraryView({
  entries,
  hasLab,
}: {
  readonly entries: readonly ListedScenario[]
  readonly hasLab: boolean
}): ReactElement {
  const solved = useLessons((one) => one.solved)
  const lessons = entries.filter((one) => one.isLesson)
  const done = lessons.filter((one) => solved.includes(one.id)).length
  const groups = [
    ...scenarioGroups.map((name) => ({
      name: name as string,
      list: entries.filter((one) => one.group === name && one.origin === 'shipped'),
    })),
    { name: 'Saved by you', list: entries.filter((one) => one.origin === 'saved') },
  ].filter(({ list }) => list.length > 0)
  return (
    <div className="page-body">
      <Title order={1}>Simulator</Title>
      <Text c="dimmed" maw={760}>
        Machines boot here on a network that exists in this window only, with the packets, waits and screens of their
        real firmware. Look at a boot step by step, break it, repair it, and see whether it holds.
      </Text>
      <Group mt="sm" gap="xs">
        <Button component="a" href={addressOf('simulator', 'matrix')} leftSection={<IconTable size={16} />}>
          Co-hosting matrix
        </Button>
        <Button component="a" variant="default" href={addressOf('doctor', 'ask')}>
          Find the cause of a failed boot
        </Button>
        {hasLab && (
          <Button component="a" variant="default" href={addressOf('simulator', 'lab')}>
            Boot machines with my lab file
          </Button>
        )}
        <Text size="sm" c="dimmed">
          {done} of {lessons.length} faults repaired
        </Text>
        {done > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={forgetProgress}>
            Begin anew
          </Button>
        )}
      </Group>
      {groups.map(({ name, list }) => (
        <section key={name} className="section">
          <Title order={2} size="h4" mb={6}>
            {name}
          </Title>
          <div className="scenario-grid">
            {list.map((one) => (
              <Anchor
                key={one.id}
                href={addressOf('simulator', one.id)}
                className="scenario-card"
                underline="never"
                c="inherit"
              >
                <Stack gap={2}>
                  <Group gap={6} wrap="nowrap">
                    <Text fw={600} size="sm">
                      {one.title}
                    </Text>
                    {solved.includes(one.id) && (
                      <Badge size="xs" color="green" variant="light" leftSection={<IconCheck size={10} />}>
                        repaired
                      </Badge>
                    )}
                  </Group>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {one.summary}
                  </Text>
                </Stack>
              </Anchor>
            ))}
          </div>
        </section>
      ))}
      <RivalPanel />
    </div>
  )
}
