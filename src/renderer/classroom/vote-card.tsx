import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { StudentState } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { vote as send } from './link.ts'

/** How a vote went: a bar for each choice. */
export function VoteResult({
  choices,
  counts,
}: {
  readonly choices: readonly string[]
  readonly counts: readonly number[]
}): ReactElement {
  const all = counts.reduce((sum, count) => sum + count, 0)
  return (
    <Stack gap={6} component="ul" className="vote-result" aria-label={t('class.vote-result')}>
      {choices.map((choice, index) => {
        const count = counts[index] ?? 0
        const percent = all === 0 ? 0 : (count / all) * 100
        return (
          // oxlint-disable-next-line react/no-array-index-key -- two choices may read alike
          <li key={index}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm">{choice}</Text>
              <Text size="sm" className="vote-count">
                {t('class.vote-count', { count, percent: percent / 100 })}
              </Text>
            </Group>
            <Progress value={percent} size="sm" aria-hidden="true" />
          </li>
        )
      })}
    </Stack>
  )
}

/** A question to the class, as a student sees it. */
export function VoteCard({ vote }: { readonly vote: NonNullable<StudentState['vote']> }): ReactElement {
  const { id, question, choices, stage, hasVoted, counts } = vote
  return (
    <section className="vote-card" aria-labelledby="vote-question">
      <h2 id="vote-question" className="strong">
        {question}
      </h2>
      {counts ? (
        <VoteResult choices={choices} counts={counts} />
      ) : stage === 'open' && !hasVoted ? (
        <>
          <Group gap={8}>
            {choices.map((choice, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- two choices may read alike
              <Button key={index} size="sm" variant="default" className="vote-choice" onClick={() => send(id, index)}>
                {choice}
              </Button>
            ))}
          </Group>
          <Text size="xs" c="dimmed">
            {t('class.vote-once')}
          </Text>
        </>
      ) : (
        <Text size="sm" role="status">
          {hasVoted ? t('class.voted') : t('class.vote-closed')}
        </Text>
      )}
    </section>
  )
}
