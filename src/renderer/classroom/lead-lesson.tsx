import { Alert, Button, Group, Loader, NumberInput, Radio, Select, Stack, Switch, Text, Tooltip } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { ClassState } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { course } from '../lessons/client.ts'
import { courseItem } from '../lessons/place.ts'
import { mostVariant } from '#shared/lessons/variants.ts'
import { lead } from './lead.ts'
import type { ListedLesson } from './outline.ts'
import { useVoteDraft } from './vote-draft.ts'

const kinds = {
  say: 'lesson.kind-say',
  show: 'lesson.kind-show',
  predict: 'lesson.kind-predict',
  ask: 'lesson.kind-ask',
  break: 'lesson.kind-break',
  fix: 'lesson.kind-fix',
  check: 'lesson.kind-check',
} as const

/** The first sentence of a step, for a list. */
const begins = (text: string): string => text.trim().split('\n')[0]!.replaceAll('`', '')

/** Takes everybody to a step of a lesson, and shows its answer to all. */
export function LeadLesson({
  state,
  lessons,
}: {
  readonly state: ClassState
  readonly lessons: readonly ListedLesson[]
}): ReactElement {
  const now = state.place?.place
  const led = now?.kind === 'lesson' ? now : undefined
  const [id, setId] = useState(led ? (led.text === null ? led.lesson : 'own') : lessons[0]!.id)
  const [at, setAt] = useState(led?.at ?? 0)
  const [seed, setSeed] = useState<number | null>(led?.seed ?? null)
  const [isBlind, setBlind] = useState(led?.isBlind ?? false)
  const lesson = lessons.find((one) => one.id === id) ?? lessons[0]!
  const place = { id: lesson.id, seed: seed ?? 1, isBlind }
  const { value: outline } = useRead(() => course('outline', place, lesson.input), JSON.stringify(place))
  const steps = outline?.ok ? outline.steps : []
  const isAt = (one: number): boolean => led?.lesson === lesson.id && led.at === one
  const take = async (to: number): Promise<void> => {
    const text = await course('portable', lesson.id, lesson.input)
    const title = isBlind ? lesson.blindTitle : lesson.title
    if (await lead({ do: 'take', place: { kind: 'lesson', lesson: lesson.id, title, seed, isBlind, at: to, text } }))
      setAt(to)
  }
  const step = steps[at]
  const isAsked = step !== undefined && ['predict', 'ask', 'fix'].includes(step.kind)
  return (
    <section className="section" aria-labelledby="class-lesson">
      <h2 id="class-lesson" className="strong">
        {t('class.lead-lesson')}
      </h2>
      <Stack gap="sm">
        <Select
          label={t('lesson.lesson')}
          size="xs"
          searchable
          allowDeselect={false}
          value={lesson.id}
          onChange={(value) => {
            if (value === null) return
            setId(value)
            setAt(0)
          }}
          data={lessons.map((one, index) => ({
            value: one.id,
            label: t('lesson.numbered', { number: index + 1, title: isBlind ? one.blindTitle : one.title }),
          }))}
        />
        <Radio.Group
          label={t('lesson.variant-label')}
          value={seed === null ? 'own' : 'same'}
          onChange={(value) => setSeed(value === 'own' ? null : 1)}
        >
          <Group mt={4} gap="md">
            <Radio size="xs" value="own" label={t('class.variant-own')} />
            <Radio size="xs" value="same" label={t('class.variant-same')} />
            {seed !== null && (
              <NumberInput
                aria-label={t('lesson.variant-label')}
                size="xs"
                w={90}
                min={1}
                max={mostVariant}
                allowDecimal={false}
                clampBehavior="strict"
                value={seed}
                onChange={(value) => typeof value === 'number' && value >= 1 && setSeed(value)}
              />
            )}
          </Group>
        </Radio.Group>
        <Switch
          size="xs"
          label={t('lesson.blind')}
          checked={isBlind}
          onChange={(event) => {
            setBlind(event.currentTarget.checked)
            setAt(0)
          }}
        />
        {outline && !outline.ok && (
          <Alert color="red" variant="light" role="alert" title={t('lesson.cannot')}>
            {outline.problem}. {outline.remedy}
          </Alert>
        )}
        {!outline && <Loader size={16} />}
        {steps.length > 0 && (
          <>
            <Select
              label={t('class.step')}
              size="xs"
              allowDeselect={false}
              value={String(Math.min(at, steps.length))}
              onChange={(value) => value !== null && setAt(Number(value))}
              data={[
                ...steps.map(({ kind, text }, index) => ({
                  value: String(index),
                  label: t('class.step-named', { at: index + 1, kind: t(kinds[kind]), text: begins(text) }),
                })),
                { value: String(steps.length), label: t('class.step-result') },
              ]}
            />
            <Group gap="xs">
              <Button size="xs" onClick={() => void take(at)}>
                {t('class.take')}
              </Button>
              <Button size="xs" variant="default" disabled={at >= steps.length} onClick={() => void take(at + 1)}>
                {t('class.take-next')}
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={!isAt(at) || !isAsked || state.isRevealed}
                onClick={() => void lead({ do: 'reveal' })}
              >
                {t('class.reveal')}
              </Button>
              {step && step.choices.length > 1 && (
                <Tooltip label={t('class.vote-needs-same')} disabled={seed !== null}>
                  <Button
                    size="xs"
                    variant="default"
                    // A button that is disabled shows no hint.
                    aria-disabled={seed === null}
                    data-disabled={seed === null}
                    onClick={() => {
                      if (seed !== null)
                        useVoteDraft.setState({ question: begins(step.text), choices: [...step.choices] })
                    }}
                  >
                    {t('class.vote-from-step')}
                  </Button>
                </Tooltip>
              )}
              <Button
                size="xs"
                variant="subtle"
                component="a"
                href={addressOf('simulator', courseItem({ ...place, step: undefined }))}
              >
                {t('class.open-lesson')}
              </Button>
            </Group>
          </>
        )}
        <Text size="sm" c="dimmed" role="status">
          {now === undefined
            ? t('class.nobody-led')
            : now.kind === 'step'
              ? t('class.led-scenario', { title: now.title })
              : t('class.led-lesson', { title: now.title, at: now.at + 1 })}
          {state.isRevealed && ` ${t('class.is-revealed')}`}
        </Text>
        {now && (
          <Group>
            <Button size="compact-xs" variant="default" onClick={() => void lead({ do: 'release' })}>
              {t('class.release')}
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  )
}
