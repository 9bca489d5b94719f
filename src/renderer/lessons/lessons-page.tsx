import { Button, Loader } from '@mantine/core'
import type { ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { listScenarios } from '../scenarios.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { course } from './client.ts'
import { CourseView } from './course-view.tsx'
import { ownLesson, type CourseEntry } from './engine.ts'
import { LessonPlayer } from './lesson-player.tsx'
import './lessons.css'
import { coursePage, coursePlace } from './place.ts'
import { keyOf, useOwn, useProgress } from './progress.ts'

async function entriesOf(own: string): Promise<readonly CourseEntry[]> {
  const shipped = await course('course')
  const read = own === '' ? undefined : await course('own', own)
  return read?.ok ? [...shipped, read.entry] : shipped
}

/** The course of the simulator: the list of lessons, or one that is played. */
export function LessonsPage({ item }: { readonly item: string | undefined }): ReactElement {
  const { id, seed, isBlind, step } = coursePlace(item)
  const usual = useProgress((one) => one.seed)
  const own = useOwn((one) => one.text)
  const { value: all } = useRead(() => entriesOf(own), own)
  const { value: scenarios } = useRead(listScenarios, 'scenarios')
  const entry = all?.find((one) => one.id === id)
  if (!all || !scenarios) return <EmptyState title={t('lesson.opening')} icon={<Loader size={20} />} />
  const shipped = all.filter((one) => one.id !== ownLesson)
  if (id === undefined) return <CourseView entries={shipped} />
  const input = scenarios.find((one) => one.id === entry?.scenario)?.input
  if (!entry || (entry.scenario !== undefined && input === undefined))
    return (
      <EmptyState
        title={entry ? t('lesson.no-scenario', { name: entry.scenario! }) : t('lesson.none')}
        action={
          <Button component="a" href={addressOf('simulator', coursePage)} size="xs">
            {t('lesson.all')}
          </Button>
        }
      />
    )
  const place = { id, seed: seed ?? usual, isBlind }
  const next = shipped[shipped.indexOf(entry) + 1]?.id
  return (
    <LessonPlayer
      key={keyOf(place)}
      place={place}
      step={step}
      input={input}
      next={entry.id === ownLesson ? undefined : next}
    />
  )
}
