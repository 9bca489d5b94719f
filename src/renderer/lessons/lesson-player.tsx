import { ActionIcon, Alert, Badge, Group, Loader, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useCallback, useEffect, useRef, useState, type ReactElement } from 'react'
import { mostVariant } from '#shared/lessons/variants.ts'
import type { LessonAction } from '#shared/lessons/engine.ts'
import { scenarioNames } from '#shared/simulation/scenario-names.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { t } from '#messages/text.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { addressOf, go } from '../route.ts'
import { ClassButton } from '../classroom/class-button.tsx'
import { complain } from '../store.ts'
import { course, hearCommands, tellLesson } from './client.ts'
import { ExportButton } from './export-button.tsx'
import type { LessonPlace, Played, Shown } from './engine.ts'
import { PrintButton } from './print-button.tsx'
import { LookView } from './look-view.tsx'
import { courseItem, coursePage } from './place.ts'
import { keepResult, keepState, keyOf, useProgress } from './progress.ts'
import { ResultView } from './result-view.tsx'
import { StepView } from './step-view.tsx'

interface LessonPlayerProps {
  readonly place: LessonPlace
  readonly step: string | undefined
  /** The scenario it is about, where it has none of its own. */
  readonly input: unknown
  /** The lesson after it. */
  readonly next: string | undefined
  /** Whether nothing but this lesson is there, as in a learning platform. */
  readonly isAlone?: boolean
}

/** Time in front of the page: what passes while it is hidden is not counted. */
function useTime(): () => number {
  const seen = useRef({ since: 0, before: 0 })
  useEffect(() => {
    seen.current = { since: performance.now(), before: 0 }
    const change = (): void => {
      const now = performance.now()
      if (document.hidden) seen.current.before += now - seen.current.since
      seen.current.since = now
    }
    document.addEventListener('visibilitychange', change)
    return () => document.removeEventListener('visibilitychange', change)
  }, [])
  return useCallback(() => {
    const now = performance.now()
    const spent = seen.current.before + now - seen.current.since
    seen.current = { since: now, before: 0 }
    return spent
  }, [])
}

const namesIn = ({ view }: Shown): ReadonlyMap<string, string> => {
  const checked = view?.look && changeScenario(view.look.input, view.look.changes)
  return checked?.ok ? scenarioNames(checked.scenario) : new Map()
}

/** A lesson that is played. */
export function LessonPlayer({ place, step, input, next, isAlone = false }: LessonPlayerProps): ReactElement {
  const [played, setPlayed] = useState<Played>()
  const [isBusy, setBusy] = useState(true)
  const spent = useTime()
  const waiting = useRef(Promise.resolve())
  const looked = useRef(step)
  const key = keyOf(place)
  looked.current = step
  const play = useCallback(
    (action: LessonAction | undefined): void => {
      setBusy(true)
      // One after the other: each begins with the state that the one before has left.
      waiting.current = waiting.current
        .then(async () => {
          const kept = useProgress.getState().states[keyOf(place)]
          const told = await course(
            'play',
            place,
            input,
            kept,
            action,
            action ? spent() : 0,
            action ? undefined : looked.current,
          )
          setPlayed(told)
          if (!told.ok) return
          const { state, result, events, report } = told.shown
          if (action) keepState(place, state)
          if (action && result.isComplete) keepResult(place.id, result)
          tellLesson(events, report)
        })
        .catch((error: unknown) => complain(error, t('lesson.lesson')))
        .finally(() => setBusy(false))
    },
    // oxlint-disable-next-line react/exhaustive-deps -- the place is what its key says
    [key, input, spent],
  )
  useEffect(() => play(undefined), [play, step])
  useEffect(() => hearCommands(play), [play])
  if (!played) return <EmptyState title={t('lesson.opening')} icon={<Loader size={20} />} />
  if (!played.ok)
    return (
      <Alert m="md" color="red" variant="light" role="alert" title={t('lesson.cannot')}>
        {played.problem}. {played.remedy}
      </Alert>
    )
  const { shown } = played
  const { view, state, result } = shown
  const isPlayed = view === undefined || view.at === state.at
  const act = (action: LessonAction): void => {
    if (step !== undefined) go('simulator', courseItem({ ...place, step: undefined }), true)
    play(action)
  }
  const look = (at: number): void => {
    // Names of the steps are in the state as far as they were played.
    const ids = Object.keys(state.records)
    go('simulator', courseItem({ ...place, step: at >= state.at ? undefined : ids[at] }))
  }
  const again = (): void =>
    go('simulator', courseItem({ ...place, seed: (place.seed % mostVariant) + 1, step: undefined }))
  const mayOpen = !isAlone && view !== undefined && (view.kind !== 'predict' || view.record.done !== undefined)
  return (
    <div className="lesson-page">
      <Group className="toolbar" gap="xs">
        {!isAlone && (
          <ActionIcon
            component="a"
            href={addressOf('simulator', coursePage)}
            variant="subtle"
            color="gray"
            aria-label={t('lesson.all')}
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
        )}
        <Title order={1} size="h3">
          {shown.title}
        </Title>
        <span className="grows" />
        {!isAlone && <PrintButton title={shown.title} lessons={() => [{ place, input }]} />}
        {!isAlone && (
          <ExportButton
            wanted={async () => {
              const text = await course('portable', place.id, input)
              return { ...(text === null ? { lesson: place.id } : { text }), isBlind: place.isBlind }
            }}
          />
        )}
        <ClassButton
          place={async () => ({
            kind: 'lesson',
            lesson: place.id,
            title: shown.title,
            seed: place.seed,
            isBlind: place.isBlind,
            at: state.at,
            text: await course('portable', place.id, input),
          })}
        />
        <Badge variant="light" color="gray" radius="sm" tt="none">
          {t('lesson.variant', { seed: String(place.seed) })}
        </Badge>
        <Text size="sm">{t('lesson.score', { score: result.score, of: result.of })}</Text>
      </Group>
      {view ? (
        <div className="lesson-stage">
          <StepView step={view} names={namesIn(shown)} isPlayed={isPlayed} isBusy={isBusy} onAct={act} onGo={look} />
          {view.look && <LookView look={view.look} mayOpen={mayOpen} />}
        </div>
      ) : (
        <ResultView
          result={result}
          nextAddress={
            next === undefined ? undefined : addressOf('simulator', courseItem({ ...place, id: next, step: undefined }))
          }
          onAgain={again}
          isAlone={isAlone}
        />
      )}
    </div>
  )
}
