import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import type { FormEvent, ReactElement } from 'react'
import { classBounds, type ClassState } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { lead } from './lead.ts'
import { VoteResult } from './vote-card.tsx'
import { useVoteDraft } from './vote-draft.ts'

function Draft(): ReactElement {
  const { question, choices } = useVoteDraft()
  const given = choices.map((one) => one.trim().slice(0, classBounds.choiceCharacters)).filter((one) => one !== '')
  const isComplete = question.trim() !== '' && given.length >= 2
  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!isComplete) return
    const whole = question.trim().slice(0, classBounds.questionCharacters)
    if (await lead({ do: 'ask', question: whole, choices: given.slice(0, classBounds.choices) }))
      useVoteDraft.setState({ question: '', choices: ['', ''] })
  }
  return (
    <form onSubmit={(event) => void ask(event)}>
      <Stack gap={8}>
        <TextInput
          label={t('class.question')}
          size="xs"
          maxLength={classBounds.questionCharacters}
          value={question}
          onChange={(event) => useVoteDraft.setState({ question: event.currentTarget.value })}
        />
        {choices.map((choice, index) => (
          <TextInput
            // oxlint-disable-next-line react/no-array-index-key -- a choice is its place in the list
            key={index}
            aria-label={t('class.choice', { number: index + 1 })}
            placeholder={t('class.choice', { number: index + 1 })}
            size="xs"
            maxLength={classBounds.choiceCharacters}
            value={choice}
            onChange={(event) => useVoteDraft.setState({ choices: choices.with(index, event.currentTarget.value) })}
          />
        ))}
        <Group gap="xs">
          <Button type="submit" size="xs" disabled={!isComplete}>
            {t('class.ask')}
          </Button>
          {choices.length < classBounds.choices && (
            <Button size="xs" variant="subtle" onClick={() => useVoteDraft.setState({ choices: [...choices, ''] })}>
              {t('class.add-choice')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

/** A question to everybody: asked, counted, shown. */
export function LeadVote({ state }: { readonly state: ClassState }): ReactElement {
  const { vote } = state
  const here = state.students.filter(({ isHere }) => isHere).length
  return (
    <section className="section" aria-labelledby="class-vote">
      <h2 id="class-vote" className="strong">
        {t('class.vote')}
      </h2>
      {!vote ? (
        <Draft />
      ) : (
        <Stack gap={8}>
          <Text fw={600}>{vote.question}</Text>
          <Text size="sm" role="status">
            {t('class.vote-so-far', { voted: vote.voted, here })}
          </Text>
          {vote.counts ? (
            <VoteResult choices={vote.choices} counts={vote.counts} />
          ) : (
            <Text size="sm" c="dimmed">
              {t('class.vote-hidden')}
            </Text>
          )}
          <Group gap="xs">
            {vote.stage === 'open' && (
              <Button size="xs" onClick={() => void lead({ do: 'close-vote' })}>
                {t('class.close-vote')}
              </Button>
            )}
            {vote.stage === 'closed' && (
              <Button size="xs" onClick={() => void lead({ do: 'show-vote' })}>
                {t('class.show-vote')}
              </Button>
            )}
            <Button size="xs" variant="default" onClick={() => void lead({ do: 'end-vote' })}>
              {t('class.end-vote')}
            </Button>
          </Group>
        </Stack>
      )}
    </section>
  )
}
