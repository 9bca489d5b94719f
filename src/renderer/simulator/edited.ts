/** The scenario that somebody wrote as a text; a reload keeps it. */
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'

interface Edited {
  /** The scenario as it was read from the text; undefined while nothing was applied. */
  readonly input: unknown
  /** The text, with its comments. */
  readonly text: string
}

export const useEdited = create<Edited>()(
  persist((): Edited => ({ input: undefined, text: '' }), {
    name: 'pxe-lab-edited-scenario',
    storage: createJSONStorage(() => sessionStorage),
  }),
)
