/** A question to the class while it is written. */
import { create } from 'zustand'

export const useVoteDraft = create<{ readonly question: string; readonly choices: readonly string[] }>(() => ({
  question: '',
  choices: ['', ''],
}))
