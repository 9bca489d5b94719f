import { t, textOf } from '#messages/text.ts'
import { Anchor, Button, Group, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Question } from '#shared/diagnosis/inverse/dialogue.ts'
import { observation } from '#shared/diagnosis/inverse/observations.ts'
import type { PageName } from '#shared/contract/pages.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { Copyable } from '../parts/copyable.tsx'
import { addressOf } from '../route.ts'

function PageLink({ to }: { readonly to: string }): ReactElement {
  const [page = '', item] = to.split('/')
  const label = pageLinks.find((one) => one.page === page)?.label ?? page
  return (
    <Anchor href={addressOf(page as PageName, item)} size="sm">
      {t('ask.open-page', { page: label })}
    </Anchor>
  )
}

/** The observation that splits what is left best: how to make it, and its answers. */
export function QuestionCard({
  question,
  onAnswer,
}: {
  readonly question: Question
  /** Undefined: not known. */
  readonly onAnswer: (answer: string | undefined) => void
}): ReactElement {
  const { id, choices } = question
  const { asks, how } = observation(id)
  return (
    <section className="section" aria-label={t('ask.question')}>
      <Title order={2}>{textOf(asks)}</Title>
      <ul className="ask-how">
        {how.map(({ says, command, page }) => (
          <li key={textOf(says)}>
            {textOf(says)} {page !== undefined && <PageLink to={page} />}
            {command !== undefined && (
              <div className="ask-command">
                <Copyable text={command} />
              </div>
            )}
          </li>
        ))}
      </ul>
      <div className="ask-choices" role="group" aria-label={t('ask.answers')}>
        {choices.map(({ answer, says, leaves }) => (
          <button key={answer} type="button" className="ask-choice" onClick={() => onAnswer(answer)}>
            {/* A line off a screen is what firmware prints, in English. */}
            <span {...(typeof says === 'string' && { lang: 'en' })}>{textOf(says)}</span>
            <span className="ask-leaves">{t('ask.causes', { leaves })}</span>
          </button>
        ))}
      </div>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" variant="default" onClick={() => onAnswer(undefined)}>
          {t('ask.i-do-not-know')}
        </Button>
        <Text size="xs" c="dimmed">
          {t('ask.number-how-many-causes-answer')}
        </Text>
      </Group>
    </section>
  )
}
