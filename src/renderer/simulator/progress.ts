/** What a person has solved so far; kept in this browser. */
import { create } from 'zustand'

const key = 'pxe-lab-lessons'

const read = (): readonly string[] => {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? '[]') as unknown
    return Array.isArray(value) ? value.map(String) : []
  } catch {
    return []
  }
}

export const useLessons = create<{ readonly solved: readonly string[] }>(() => ({ solved: read() }))

export function solve(scenario: string): void {
  const { solved } = useLessons.getState()
  if (solved.includes(scenario)) return
  const now = [...solved, scenario]
  localStorage.setItem(key, JSON.stringify(now))
  useLessons.setState({ solved: now })
}

export function forgetProgress(): void {
  localStorage.removeItem(key)
  useLessons.setState({ solved: [] })
}
