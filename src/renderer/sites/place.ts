/** Where the page of sites is: the address holds the view, every filter, and the boot that is shown. */
import { t } from '#messages/text.ts'
import {
  outcomeClasses,
  siteDimensions,
  siteGroups,
  type OutcomeClass,
  type SiteDimension,
  type SiteFilter,
  type SiteGroup,
} from '#shared/contract/sites.ts'
import { go } from '../route.ts'

export const views = ['overview', 'boots', 'agents'] as const
export type View = (typeof views)[number]

const hourMs = 3_600_000
/** Periods that end now, by how they stand in the address. */
export const periods = {
  '1h': { label: t('sites.last-hour'), ms: hourMs },
  '24h': { label: t('sites.last-24-hours'), ms: 24 * hourMs },
  '7d': { label: t('sites.last-7-days'), ms: 7 * 24 * hourMs },
  '30d': { label: t('sites.last-30-days'), ms: 30 * 24 * hourMs },
  '90d': { label: t('sites.last-90-days'), ms: 90 * 24 * hourMs },
} as const
export type Period = keyof typeof periods

export interface SitesPlace {
  readonly view: View
  readonly by: SiteGroup
  /** Undefined for all times, and where first and last moment are given. */
  readonly period?: Period | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly machine?: string | undefined
  readonly class?: OutcomeClass | undefined
  readonly values: Readonly<Partial<Record<SiteDimension, string>>>
  /** The boot whose details are shown, and how many newer ones the list leaves out. */
  readonly boot?: number | undefined
  readonly offset: number
}

const oneOf = <T extends string>(list: readonly T[], text: string | null): T | undefined =>
  list.find((one) => one === text)

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The place of an address; what is wrong in one is left out. */
export function placeOf(item: string | undefined): SitesPlace {
  const [view = '', query = ''] = (item ?? '').split(/\?(.*)/s)
  const given = new URLSearchParams(query)
  const values: Partial<Record<SiteDimension, string>> = {}
  for (const name of siteDimensions) {
    const value = given.get(name)
    if (value !== null) values[name] = value
  }
  return {
    view: oneOf(views, view) ?? 'overview',
    by: oneOf(siteGroups, given.get('by')) ?? 'site',
    period: oneOf(Object.keys(periods) as Period[], given.get('period')),
    from: numberIn(given.get('from')),
    to: numberIn(given.get('to')),
    machine: given.get('machine') ?? undefined,
    class: oneOf(outcomeClasses, given.get('class')),
    values,
    boot: numberIn(given.get('boot')),
    offset: numberIn(given.get('offset')) ?? 0,
  }
}

export function itemOf(place: SitesPlace): string {
  const { view, by, period, from, to, machine, values, boot, offset } = place
  const query = new URLSearchParams()
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) query.set(name, String(value))
  }
  if (by !== 'site') put('by', by)
  put('period', period)
  put('from', from)
  put('to', to)
  if (machine !== '') put('machine', machine)
  put('class', place.class)
  for (const name of siteDimensions) put(name, values[name])
  put('boot', boot)
  if (offset > 0) put('offset', offset)
  const text = query.toString()
  return text === '' ? view : `${view}?${text}`
}

/** Goes to a place; what only narrows down what is shown replaces where one is. */
export const show = (place: SitesPlace, isReplacing = false): void => go('sites', itemOf(place), isReplacing)

/** What a hub is asked with; `now` is its clock. */
export function filterOf(place: SitesPlace, now: number): SiteFilter {
  const { period, from, to, machine, values } = place
  return {
    ...values,
    ...(period ? { from: now - periods[period].ms } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(machine === undefined || machine === '' ? {} : { machine }),
    ...(place.class ? { class: place.class } : {}),
  }
}

/** The same view without any filter. */
export const withoutFilter = ({ view, by }: SitesPlace): SitesPlace => ({ view, by, values: {}, offset: 0 })

export const isFiltered = (place: SitesPlace): boolean => itemOf({ ...withoutFilter(place), view: 'overview', by: 'site' }) !== itemOf({ ...place, view: 'overview', by: 'site', boot: undefined, offset: 0 }) // prettier-ignore

/** Narrows a place down to one value, of whatever things are grouped by. */
export function narrowed(place: SitesPlace, by: SiteGroup, value: string): SitesPlace {
  const rest = { ...place, boot: undefined, offset: 0 }
  return by === 'machine' ? { ...rest, machine: value } : { ...rest, values: { ...place.values, [by]: value } }
}
