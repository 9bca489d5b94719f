/** Which scenarios and articles somebody looked at last; kept in this browser. */
import { useEffect } from 'react'
import { create } from 'zustand'
import { useRoute } from '../route.ts'
import { placeOf } from '../simulator/place.ts'

const key = 'pxe-lab-recent'
const kept = 6

interface Recent {
  /** Ids of scenarios, the latest first. */
  readonly scenarios: readonly string[]
}

function read(): Recent {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Recent> | null
    return { scenarios: Array.isArray(value?.scenarios) ? value.scenarios.map(String) : [] }
  } catch {
    return { scenarios: [] }
  }
}

export const useRecent = create<Recent>(read)

/** Remembers what is opened. */
export function useRemembering(): void {
  const { page, item } = useRoute()
  const scenario = page === 'simulator' ? placeOf(item).scenario : undefined
  useEffect(() => {
    if (scenario === undefined || /^(row:|lab$|server$)/.test(scenario)) return
    const { scenarios } = useRecent.getState()
    if (scenarios[0] === scenario) return
    const recent = { scenarios: [scenario, ...scenarios.filter((one) => one !== scenario)].slice(0, kept) }
    localStorage.setItem(key, JSON.stringify(recent))
    useRecent.setState(recent)
  }, [scenario])
}
