import { Alert, Loader } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import { packedVariant } from '#shared/lessons/engine.ts'
import { t } from '#messages/text.ts'
import { listScenarios } from '../scenarios.ts'
import { course, lessonHeard, type LessonHeard } from '../lessons/client.ts'
import { ownLesson, type CourseEntry, type LessonPlace } from '../lessons/engine.ts'
import { LessonPlayer } from '../lessons/lesson-player.tsx'
import '../lessons/lessons.css'
import { coursePlace } from '../lessons/place.ts'
import { mostVariant } from '#shared/lessons/variants.ts'
import { keyOf, useProgress } from '../lessons/progress.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { useRoute } from '../route.ts'
import { ComplaintBar } from '../shell/complaint-bar.tsx'
import type { Platform } from './platform.ts'

/** A variant for whoever learns, the same each time, and mostly another for the next. */
function variantOf(student: string): number {
  let sum = 0
  for (const letter of student) sum = (sum * 31 + letter.codePointAt(0)!) % mostVariant
  return student === '' ? (crypto.getRandomValues(new Uint32Array(1))[0]! % mostVariant) + 1 : sum + 1
}

/** Nothing stays in the browser: the next at this computer may be somebody else. */
function forgetBrowser(): void {
  useProgress.persist.setOptions({ name: 'none', storage: { getItem: () => null, setItem() {}, removeItem() {} } })
  useProgress.setState({ states: {}, best: {} })
}

interface Opened {
  readonly entry: CourseEntry
  readonly input: unknown
}

async function open(id: string): Promise<Opened | undefined> {
  if (id === ownLesson) {
    const response = await fetch('./lesson.json')
    const read = response.ok ? await course('own', await response.text()) : undefined
    return read?.ok ? { entry: read.entry, input: undefined } : undefined
  }
  const entry = (await course('course')).find((one) => one.id === id)
  const scenarios = await listScenarios()
  return entry && { entry, input: scenarios.find((one) => one.id === entry.scenario)?.input }
}

/** Where the lesson begins: at what the platform has kept, else in the variant of whoever learns. */
function launch(platform: Platform | undefined): LessonPlace {
  forgetBrowser()
  const values = new URLSearchParams(window.location.search)
  const id = values.get('lesson') ?? ''
  const kept = platform?.kept ?? ''
  const known = packedVariant(kept)
  const place = {
    id,
    seed: known?.seed ?? variantOf(platform?.student ?? ''),
    isBlind: known?.isBlind ?? values.get('blind') === '1',
  }
  if (known) useProgress.setState({ states: { [keyOf(place)]: kept as never } })
  return place
}

/** One lesson, as a learning platform shows it in a frame. */
export function ScormApp({ platform }: { readonly platform: Platform | undefined }): ReactElement {
  const { item } = useRoute()
  const [launched] = useState(() => launch(platform))
  const { value: opened, error } = useRead(() => open(launched.id), launched.id)
  const [begun] = useState(() => performance.now())
  useEffect(() => {
    if (!platform) return undefined
    const hear = (event: Event): void => {
      const { report } = (event as CustomEvent<LessonHeard>).detail
      platform.tell({
        percent: report.percent,
        isComplete: report.isComplete,
        place: report.place ?? '',
        state: report.state,
        ms: performance.now() - begun,
      })
    }
    const end = (): void => platform.finish()
    window.addEventListener(lessonHeard, hear)
    window.addEventListener('pagehide', end)
    return () => {
      window.removeEventListener(lessonHeard, hear)
      window.removeEventListener('pagehide', end)
    }
  }, [platform, begun])
  // Another variant, which whoever plays has asked for, stands in the address.
  const asked = coursePlace(item)
  const place = asked.id === launched.id ? { ...launched, seed: asked.seed ?? launched.seed } : launched
  return (
    <div className="scorm-page">
      {!platform && (
        <Alert color="yellow" variant="light" role="alert" radius={0}>
          {t('scorm.no-platform')}
        </Alert>
      )}
      <main className="page" id="page" tabIndex={-1}>
        <ComplaintBar />
        {opened ? (
          <LessonPlayer
            key={keyOf(place)}
            place={place}
            step={asked.step}
            input={opened.input}
            next={undefined}
            isAlone
          />
        ) : error !== undefined ? (
          <EmptyState title={t('lesson.none')}>{error}</EmptyState>
        ) : (
          <EmptyState title={t('lesson.opening')} icon={<Loader size={20} />} />
        )}
      </main>
    </div>
  )
}
