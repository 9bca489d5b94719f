/** Where somebody is in the course, as it stands in an address: `lessons?id=what-is-dhcp&seed=12&step=offer`. */
import { mostVariant } from '#shared/lessons/variants.ts'

export interface CoursePlace {
  /** Undefined for the list of lessons. */
  readonly id: string | undefined
  readonly seed: number | undefined
  readonly isBlind: boolean
  /** A step that is looked at again; undefined for the one that is played. */
  readonly step: string | undefined
}

export const coursePage = 'lessons'
/** Where a class is led from. */
export const classPage = 'class'

export function coursePlace(item: string | undefined): CoursePlace {
  const values = new URLSearchParams((item ?? '').split('?')[1] ?? '')
  const seed = Number(values.get('seed') ?? NaN)
  return {
    id: values.get('id') ?? undefined,
    seed: Number.isInteger(seed) && seed >= 1 && seed <= mostVariant ? seed : undefined,
    isBlind: values.get('blind') === '1',
    step: values.get('step') ?? undefined,
  }
}

export function courseItem({ id, seed, isBlind, step }: CoursePlace): string {
  const values = new URLSearchParams()
  if (id !== undefined) values.set('id', id)
  if (seed !== undefined) values.set('seed', String(seed))
  if (isBlind) values.set('blind', '1')
  if (step !== undefined) values.set('step', step)
  const query = values.toString()
  return query === '' ? coursePage : `${coursePage}?${query}`
}
