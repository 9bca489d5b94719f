/** Where somebody put the hosts and machines of a scenario; where nobody did, the drawing has a place for them. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export interface Point {
  readonly x: number
  readonly y: number
}

export type Places = Readonly<Record<string, Point>>

const keptLayouts = 50

interface Layouts {
  /** By scenario, the one that was touched last at the end. */
  readonly layouts: Readonly<Record<string, Places>>
}

export const useLayouts = create<Layouts>()(persist((): Layouts => ({ layouts: {} }), { name: 'pxe-lab-layouts' }))

export const nowhere: Places = {}

export function keepPlaces(id: string, places: Places): void {
  useLayouts.setState(({ layouts }) => {
    const others = Object.entries(layouts).filter(([key]) => key !== id)
    const all = Object.keys(places).length === 0 ? others : [...others, [id, places] as const]
    return { layouts: Object.fromEntries(all.slice(-keptLayouts)) }
  })
}
