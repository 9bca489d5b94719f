/** Which dialog of the frame is open: the menu, the palette, keys and links open the same ones. */
import { spotlight } from '@mantine/spotlight'
import { create } from 'zustand'
import type { Sheet } from '#shared/contract/shell.ts'

export interface Question {
  readonly title: string
  readonly text: string
  /** The word on the button that goes on. */
  readonly action: string
}

interface Sheets {
  readonly open: Exclude<Sheet, 'search' | 'help'> | undefined
  readonly question: (Question & { readonly answer: (isSure: boolean) => void }) | undefined
}

export const useSheets = create<Sheets>(() => ({ open: undefined, question: undefined }))

/** The help of the page, as F1 opens it. */
const pressHelp = (): boolean => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'F1' }))

export function showSheet(sheet: Sheet): void {
  if (sheet === 'search') spotlight.open()
  else if (sheet === 'help') pressHelp()
  else useSheets.setState({ open: sheet })
}

export const closeSheet = (): void => useSheets.setState({ open: undefined })

/** Asks before something that cannot be taken back. */
export function confirm(question: Question): Promise<boolean> {
  // A second question withdraws the first.
  useSheets.getState().question?.answer(false)
  return new Promise((resolve) => {
    useSheets.setState({
      question: {
        ...question,
        answer(isSure) {
          useSheets.setState({ question: undefined })
          resolve(isSure)
        },
      },
    })
  })
}
