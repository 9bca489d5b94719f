import { ActionIcon, Anchor, Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconCheck, IconSchool, IconSitemap, IconTable, IconTrash } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { scenarioGroups } from '#shared/simulation/scenario.ts'
import { localText, t } from '#messages/text.ts'
import { call, hasBackEnd } from '../connection.ts'
import { coursePage } from '../lessons/place.ts'
import { addressOf } from '../route.ts'
import { attempt } from '../store.ts'
import { offerUndo } from '../undo.tsx'
import { forgetProgress, useLessons } from './progress.ts'
import { RivalPanel } from './rival-panel.tsx'

export interface ListedScenario {
  readonly id: string
  readonly origin: 'shipped' | 'saved'
  readonly title: string
  readonly group: string
  readonly summary: string
  readonly isLesson: boolean
  /** As it was written. */
  readonly input: unknown
}

/** Deletes a scenario that somebody saved; it can be brought back as it was. */
const remove = ({ id, title, input }: ListedScenario, onChanged: () => void): Promise<unknown> =>
  attempt(t('simulator.scenario'), async () => {
    await call('scenarios.delete', { id })
    onChanged()
    offerUndo(t('simulator.scenario-deleted', { title }), async () => {
      await call('scenarios.save', { id, input: input as never })
      onChanged()
    })
  })

/** All scenarios, with what has been repaired so far. */
export function LibraryView({
  entries,
  hasLab,
  onChanged,
}: {
  readonly entries: readonly ListedScenario[]
  readonly hasLab: boolean
  readonly onChanged: () => void
}): ReactElement {
  const solved = useLessons((one) => one.solved)
  const lessons = entries.filter((one) => one.isLesson)
  const done = lessons.filter((one) => solved.includes(one.id)).length
  const groups = [
    ...scenarioGroups.map((name) => ({
      name: localText(name),
      list: entries.filter((one) => one.group === name && one.origin === 'shipped'),
    })),
    { name: t('simulator.saved-you'), list: entries.filter((one) => one.origin === 'saved') },
  ].filter(({ list }) => list.length > 0)
  return (
    <div className="page-body">
      <Title order={1}>{t('simulator.simulator')}</Title>
      <Text c="dimmed" maw={760}>
        {t('simulator.machines-boot-here-network-exists')}
      </Text>
      <Group mt="sm" gap="xs">
        <Button component="a" href={addressOf('simulator', coursePage)} leftSection={<IconSchool size={16} />}>
          {t('lesson.course')}
        </Button>
        <Button
          component="a"
          variant="default"
          href={addressOf('simulator', 'matrix')}
          leftSection={<IconTable size={16} />}
        >
          {t('simulator.co-hosting-matrix')}
        </Button>
        {hasBackEnd && (
          <>
            <Button
              component="a"
              variant="default"
              href={addressOf('simulator', 'twin')}
              leftSection={<IconSitemap size={16} />}
            >
              {t('simulator.your-network')}
            </Button>
            <Button component="a" variant="default" href={addressOf('doctor', 'ask')}>
              {t('simulator.find-cause-failed-boot')}
            </Button>
          </>
        )}
        {hasLab && (
          <Button component="a" variant="default" href={addressOf('simulator', 'lab')}>
            {t('simulator.boot-machines-my-lab-file')}
          </Button>
        )}
        <Text size="sm" c="dimmed">
          {t('simulator.faults-repaired', { done, all: lessons.length })}
        </Text>
        {done > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={forgetProgress}>
            {t('simulator.begin-anew')}
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
              <div key={one.id} className="scenario-place">
                <Anchor href={addressOf('simulator', one.id)} className="scenario-card" underline="never" c="inherit">
                  <Stack gap={2}>
                    <Group gap={6} wrap="nowrap">
                      <Text fw={600} size="sm">
                        {one.title}
                      </Text>
                      {solved.includes(one.id) && (
                        <Badge size="xs" color="green" variant="light" leftSection={<IconCheck size={10} />}>
                          {t('simulator.repaired-2')}
                        </Badge>
                      )}
                    </Group>
                    <Text size="xs" c="dimmed">
                      {one.summary}
                    </Text>
                  </Stack>
                </Anchor>
                {one.origin === 'saved' && (
                  <ActionIcon
                    className="scenario-delete"
                    size="sm"
                    variant="subtle"
                    color="gray"
                    aria-label={t('simulator.delete', { title: one.title })}
                    onClick={() => void remove(one, onChanged)}
                  >
                    <IconTrash size={14} />
                  </ActionIcon>
                )}
              </div>
            ))}
          </div>
        </section>
      ))}
      {hasBackEnd && <RivalPanel />}
    </div>
  )
}
