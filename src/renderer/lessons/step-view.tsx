import { Alert, Button, Group, List, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import type { LessonAction, StepView as Step } from '#shared/lessons/engine.ts'
import { t, textOf } from '#messages/text.ts'
import { OutcomeTable } from '../simulator/lesson.tsx'
import { LessonText } from './lesson-text.tsx'

interface StepViewProps {
  readonly step: Step
  readonly names: ReadonlyMap<string, string>
  /** Whether it is the step that is played, and not an earlier one. */
  readonly isPlayed: boolean
  readonly isBusy: boolean
  readonly onAct: (action: LessonAction) => void
  readonly onGo: (at: number) => void
}

const titles = {
  say: 'lesson.kind-say',
  show: 'lesson.kind-show',
  predict: 'lesson.kind-predict',
  ask: 'lesson.kind-ask',
  break: 'lesson.kind-break',
  fix: 'lesson.kind-fix',
  check: 'lesson.kind-check',
} as const

function Feedback({ step, names }: Pick<StepViewProps, 'step' | 'names'>): ReactElement | null {
  const { record, because, answer, compared, refused } = step
  const isWrong = record.done === undefined && record.answer !== undefined
  if (record.done === undefined && !isWrong) return null
  if (record.done === 'read' || record.done === 'skipped') return null
  const title = isWrong
    ? t('lesson.wrong', { answer: answer ?? '' })
    : record.done === 'right'
      ? t('lesson.right', { points: step.worth })
      : t('lesson.shown', { answer: answer ?? '' })
  return (
    <Alert
      color={isWrong ? 'red' : record.done === 'right' ? 'green' : 'gray'}
      variant="light"
      title={title}
      role="status"
    >
      {because !== undefined && <LessonText text={because} />}
      {refused !== undefined && <Text size="sm">{textOf(refused)}</Text>}
      {compared && <OutcomeTable before={compared.before} after={compared.after} names={names} />}
    </Alert>
  )
}

/** One step: what is said, and the answer of whoever learns. */
export function StepView({ step, names, isPlayed, isBusy, onAct, onGo }: StepViewProps): ReactElement {
  const [answer, setAnswer] = useState('')
  const top = useRef<HTMLHeadingElement>(null)
  const forward = useRef<HTMLButtonElement>(null)
  const isAsked = step.options.length > 0 || step.isTyped
  const isDone = step.record.done !== undefined
  useEffect(() => {
    setAnswer('')
    top.current?.focus({ preventScroll: false })
  }, [step.id])
  // An answer that was wrong is not chosen any more.
  useEffect(() => setAnswer(''), [step.record.wrong.length])
  useEffect(() => {
    if (isAsked && isDone) forward.current?.focus()
  }, [isAsked, isDone, step.id])
  const send = (): void => {
    if (answer.trim() !== '') onAct({ do: 'answer', answer })
  }
  const mayGo = !isPlayed || !isAsked || isDone
  return (
    <section className="lesson-task" aria-labelledby="lesson-step" tabIndex={0}>
      <Stack gap="sm">
        <h2 id="lesson-step" ref={top} tabIndex={-1} className="strong">
          {t('lesson.step-of', { at: step.at + 1, of: step.of, kind: t(titles[step.kind]) })}
        </h2>
        <LessonText text={step.text} />
        {isAsked && (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              send()
            }}
          >
            {step.isTyped ? (
              <TextInput
                label={t('lesson.your-answer')}
                value={isDone ? (textOf(step.answer) ?? '') : answer}
                readOnly={isDone || !isPlayed}
                autoComplete="off"
                maw={320}
                onChange={(event) => setAnswer(event.currentTarget.value)}
              />
            ) : (
              <Radio.Group
                label={t('lesson.your-answer')}
                value={isDone ? (step.record.answer ?? '') : answer}
                onChange={setAnswer}
              >
                <Stack gap={8} mt={6}>
                  {step.options.map(({ key, text }) => (
                    <Radio
                      key={key}
                      value={key}
                      label={textOf(text)}
                      disabled={isDone || !isPlayed || step.record.wrong.includes(key)}
                    />
                  ))}
                </Stack>
              </Radio.Group>
            )}
            {isPlayed && !isDone && (
              <Group gap="xs" mt="sm">
                <Button type="submit" size="xs" loading={isBusy} disabled={answer.trim() === ''}>
                  {step.kind === 'fix' ? t('lesson.try-repair') : t('lesson.answer')}
                </Button>
                <Text size="sm" c="dimmed">
                  {t('lesson.worth', { points: step.worth })}
                </Text>
              </Group>
            )}
          </form>
        )}
        <Feedback step={step} names={names} />
        {isAsked && isPlayed && (
          <div>
            {step.hints.length > 0 && (
              <List size="sm" type="ordered" mb={6} aria-label={t('lesson.hints')}>
                {step.hints.map((hint) => (
                  <List.Item key={hint}>
                    <LessonText text={hint} />
                  </List.Item>
                ))}
              </List>
            )}
            {!isDone && (
              <Group gap="xs">
                {step.hintsLeft > 0 && (
                  <Button size="compact-xs" variant="default" disabled={isBusy} onClick={() => onAct({ do: 'hint' })}>
                    {t('lesson.hint')}
                  </Button>
                )}
                <Button size="compact-xs" variant="default" disabled={isBusy} onClick={() => onAct({ do: 'reveal' })}>
                  {t('lesson.reveal')}
                </Button>
              </Group>
            )}
          </div>
        )}
        <Group gap="xs" mt="md">
          <Button size="xs" variant="default" disabled={step.at === 0} onClick={() => onGo(step.at - 1)}>
            {t('lesson.back')}
          </Button>
          <Button
            ref={forward}
            size="xs"
            disabled={!mayGo}
            loading={isBusy && !isAsked}
            onClick={() => (isPlayed ? onAct({ do: 'next' }) : onGo(step.at + 1))}
          >
            {step.kind === 'check' && isPlayed ? t('lesson.check') : t('lesson.next')}
          </Button>
        </Group>
      </Stack>
    </section>
  )
}
