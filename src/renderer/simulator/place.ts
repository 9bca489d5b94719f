/** Where the simulator is: which scenario, with which changes, whose boot, which step. Every state has an address. */
import type { Change } from '#shared/simulation/scenario.ts'
import { go } from '../route.ts'

/** `matrix` is the co-hosting matrix from afar, `rows` the same row by row. */
export type View = 'play' | 'present' | 'matrix' | 'rows'

export interface SimulatorPlace {
  /** Name of a scenario, `lab` for the open lab, `row:KEY` for a row of the matrix, `server` for what the Doctor looked at. */
  readonly scenario: string | undefined
  readonly view: View
  readonly step: number
  /** The client whose steps are shown, or `all`; undefined shows the first. */
  readonly client: string | undefined
  readonly changes: readonly Change[]
}

/** Far more settings of a scenario than anybody changes: twenty thousand take the window a minute. */
export const mostChanges = 1000

function changesIn(text: string | null): Change[] {
  if (text === null || text === '') return []
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) && value.length <= mostChanges
      ? (value as Change[]).filter((one) => typeof one === 'object' && one !== null && typeof one.path === 'string')
      : []
  } catch {
    return []
  }
}

export function placeOf(item: string | undefined): SimulatorPlace {
  const [name = '', query = ''] = (item ?? '').split('?')
  const values = new URLSearchParams(query)
  const step = Number(values.get('step') ?? 0)
  const view = values.get('view')
  return {
    scenario: name === '' || name === 'matrix' ? undefined : name,
    view: name === 'matrix' ? (view === 'rows' ? 'rows' : 'matrix') : view === 'present' ? 'present' : 'play',
    step: Number.isInteger(step) && step >= 0 ? step : 0,
    client: values.get('client') ?? undefined,
    changes: changesIn(values.get('set')),
  }
}

export const isMatrix = ({ view }: SimulatorPlace): boolean => view === 'matrix' || view === 'rows'

/** The place as it stands in an address. */
export function itemOf(place: SimulatorPlace): string {
  const values = new URLSearchParams()
  if (place.view === 'present' || place.view === 'rows') values.set('view', place.view)
  if (place.client !== undefined) values.set('client', place.client)
  if (place.step > 0) values.set('step', String(place.step))
  if (place.changes.length > 0) values.set('set', JSON.stringify(place.changes))
  const query = values.toString()
  const name = isMatrix(place) ? 'matrix' : (place.scenario ?? '')
  return query === '' ? name : `${name}?${query}`
}

export const show = (place: SimulatorPlace, isReplacing = false): void => go('simulator', itemOf(place), isReplacing)
