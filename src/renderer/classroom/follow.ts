/** Goes where the class is taken, and tells the class where this browser is. */
import type { ClassPlace } from '#shared/contract/classroom.ts'
import type { LessonAction } from '#shared/lessons/engine.ts'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { course, lessonCommand, lessonHeard, type LessonHeard } from '../lessons/client.ts'
import { ownLesson } from '../lessons/engine.ts'
import { courseItem, coursePage, coursePlace } from '../lessons/place.ts'
import { takeOwn } from '../lessons/progress.ts'
import { addressOf, go } from '../route.ts'
import { tellPlace, useSeat } from './link.ts'

interface Wanted {
  readonly lesson: string
  readonly seed: number
  readonly at: number
}

/** The step to go to as soon as its lesson is there. */
let wanted: Wanted | undefined
/** Where the lesson that is played is. */
let shown: { readonly lesson: string; readonly seed: number; readonly at: number; readonly of: number } | undefined
let followed: number | undefined

const order = (action: LessonAction): void =>
  void window.dispatchEvent(new CustomEvent<LessonAction>(lessonCommand, { detail: action }))

/** Which time of being taken somewhere this tab has followed; a reload stays where its student was. */
const followedKey = 'pxe-lab-class-followed'
const readFollowed = (): number | undefined => {
  try {
    const text = sessionStorage.getItem(followedKey)
    return text === null ? undefined : Number(text)
  } catch {
    return undefined
  }
}
const keepFollowed = (serial: number): void => {
  followed = serial
  try {
    sessionStorage.setItem(followedKey, String(serial))
  } catch {
    // Then a reload goes where the class is.
  }
}

/** Takes this browser there. */
export async function goWith(place: ClassPlace): Promise<void> {
  if (place.kind === 'step') {
    wanted = undefined
    go('simulator', `link?z=${place.link}`)
    return
  }
  if (place.text !== null) {
    const read = await course('own', place.text)
    if (!read.ok) return
    takeOwn(place.text)
  }
  const id = place.text === null ? place.lesson : ownLesson
  const seed = place.seed ?? useSeat.getState().number
  wanted = { lesson: id, seed, at: place.at }
  const item = courseItem({ id, seed, isBlind: place.isBlind, step: undefined })
  // It is open already, and says nothing by itself.
  if (window.location.hash === addressOf('simulator', item)) obey()
  else go('simulator', item)
}

/** What the class wants of the lesson that is shown, where that is the one. */
function obey(): void {
  const { state } = useSeat.getState()
  if (wanted && shown?.lesson === wanted.lesson && shown.seed === wanted.seed) {
    const { at } = wanted
    wanted = undefined
    if (shown.at !== at) {
      order({ do: 'go', to: at })
      return
    }
  }
  const place = state?.place?.place
  if (state?.isRevealed && place?.kind === 'lesson' && shown?.at === place.at && isThere(place)) order({ do: 'reveal' })
}

const isThere = (place: Extract<ClassPlace, { kind: 'lesson' }>): boolean =>
  shown?.lesson === (place.text === null ? place.lesson : ownLesson)

/** Whether this browser is where the class is, as far as the address tells. */
export function isWith(place: ClassPlace, item: string | undefined): boolean {
  if (place.kind === 'step') return item?.startsWith('shared') === true || item?.startsWith('link') === true
  return coursePlace(item).id === (place.text === null ? place.lesson : ownLesson)
}

export function follow(): void {
  followed = readFollowed()
  useSeat.subscribe(({ state }, before) => {
    if (!state || state === before.state) return
    const { place } = state
    if (place && place.serial !== followed) {
      keepFollowed(place.serial)
      void goWith(place.place)
    } else obey()
  })
  window.addEventListener(lessonHeard, (event) => {
    const { event: heard, report } = (event as CustomEvent<LessonHeard>).detail
    if (heard.type === 'at-step') shown = { lesson: heard.lesson, seed: heard.seed, at: heard.at, of: heard.of }
    if (!shown) return
    tellPlace({ lesson: shown.lesson, seed: shown.seed, at: shown.at, of: shown.of, score: report.score, outOf: report.of }) // prettier-ignore
    // Behind what the player is doing now.
    queueMicrotask(obey)
  })
  window.addEventListener('hashchange', () => {
    const item = percentDecoded(window.location.hash.replace(/^#\/simulator\/?/, '')) ?? ''
    if (item.split('?')[0] === coursePage && coursePlace(item).id !== undefined) return
    shown = undefined
    tellPlace(null)
  })
}
