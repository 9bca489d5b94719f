/** What somebody wrote as a text: the scenario that was applied, and the drafts that were not. */
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'

export interface Edited {
  /** The scenario as it was read from the text; undefined while nothing was applied. */
  readonly input: unknown
  /** The text, with its comments. */
  readonly text: string
}

/** Address of the scenario that was written as a text. */
export const editedScenario = 'edited'

/** A reload keeps it. */
export const useEdited = create<Edited>()(
  persist((): Edited => ({ input: undefined, text: '' }), {
    name: 'pxe-lab-edited-scenario',
    storage: createJSONStorage(() => sessionStorage),
  }),
)

const keptDrafts = 20

interface Drafts {
  /** Texts that are not applied, by the scenario they were begun at, the newest last. */
  readonly drafts: Readonly<Record<string, string>>
}

/** Another page, a reload and a restart keep them. */
export const useDrafts = create<Drafts>()(persist((): Drafts => ({ drafts: {} }), { name: 'pxe-lab-scenario-drafts' }))

export function keepDraft(id: string, text: string | undefined): void {
  useDrafts.setState(({ drafts }) => {
    const others = Object.entries(drafts).filter(([key]) => key !== id)
    const all = text === undefined ? others : [...others, [id, text] as const]
    return { drafts: Object.fromEntries(all.slice(-keptDrafts)) }
  })
}
