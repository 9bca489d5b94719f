/** The one search of the window: Start and the palette ask it, and whatever is chosen opens from here. */
import { t } from '#messages/text.ts'
import { useCallback, useEffect, useState } from 'react'
import type { Entry } from '#shared/knowledge/search/entry.ts'
import type { ListedScenario } from '#shared/knowledge/search/entries.ts'
import type { SearchIndex } from '#shared/knowledge/search/index.ts'
import { call } from '../connection.ts'
import { listScenarios } from '../scenarios.ts'
import { showHelp } from '../help/state.ts'
import { useStore } from '../store.ts'
import { actionsNow, type Action } from './actions.ts'

let building: Promise<SearchIndex> | undefined
let index: SearchIndex | undefined
let actions: readonly Action[] = []

async function build(): Promise<SearchIndex> {
  const { tableIndex } = await import('./tables.ts')
  const made = tableIndex()
  index = made
  return made
}

/** Brings in what changes: scenarios, clients, captures, actions. */
async function refresh(found: SearchIndex, onChange: () => void): Promise<void> {
  const { alsoInEnglish, scenarioEntries, clientEntries } = await import('#shared/knowledge/search/entries.ts')
  actions = actionsNow()
  found.put('action', alsoInEnglish(() => actionsNow().map(({ id, title, detail, keywords }): Entry => ({ id: `action ${id}`, kind: 'action', title, detail, keywords })))) // prettier-ignore
  found.put('client', clientEntries(useStore.getState().clients.values()))
  onChange()
  const [scenarios, captures] = await Promise.all([
    listScenarios().catch(() => []),
    call('captures.list', {}).catch(() => []),
  ])
  found.put(
    'scenario',
    scenarioEntries(
      scenarios.map(({ id, input, english }) => ({
        ...(input as unknown as Omit<ListedScenario, 'id'>),
        id,
        ...(english !== undefined && { english: english as unknown as Omit<ListedScenario, 'id' | 'english'> }),
      })),
    ),
  )
  found.put(
    'capture',
    captures.map(({ name }): Entry => ({
      id: `capture ${name}`,
      kind: 'capture',
      title: name,
      detail: t('start.saved-capture'),
      keywords: 'pcap',
      address: `#/flows/${encodeURIComponent(`saved:${name}`)}`,
    })),
  )
  onChange()
}

export const entryOf = (id: string): Entry | undefined => index?.get(id)

/** The best first; the pages for whoever has not typed yet. */
function hitsFor(query: string, limit = 12): readonly Entry[] {
  if (!index) return []
  return query.trim() === ''
    ? index.ofKind('page').slice(0, limit)
    : index.search(query, limit).map(({ entry }) => entry)
}

/** The search while `isOpen`; nothing is found until it is ready. */
export function useFinder(isOpen: boolean): {
  readonly isReady: boolean
  readonly find: (query: string, limit?: number) => readonly Entry[]
} {
  // What is found may change when the entries do.
  const [ready, setReady] = useState(0)
  useEffect(() => {
    if (!isOpen) return
    let isCurrent = true
    building ??= build()
    building.then(
      (made) => refresh(made, () => isCurrent && setReady((one) => one + 1)),
      () => (building = undefined),
    )
    return () => {
      isCurrent = false
    }
  }, [isOpen])
  const find = useCallback((query: string, limit?: number) => (ready > 0 ? hitsFor(query, limit) : []), [ready])
  return { isReady: ready > 0, find }
}

/** Goes where an entry leads, shows what it tells, or does what it names. */
export function openEntry(entry: Entry): void {
  if (entry.kind === 'action') {
    actions.find(({ id }) => `action ${id}` === entry.id)?.run()
    return
  }
  if (entry.kind === 'article') {
    const [path = '', anchor] = entry.id.replace(/^article /, '').split('#')
    showHelp({ kind: 'article', path, anchor })
    return
  }
  if (entry.rows) showHelp({ kind: 'entry', id: entry.id })
  else if (entry.address !== undefined) window.location.hash = entry.address
}
