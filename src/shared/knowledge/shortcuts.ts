/** The keys of the window, as one list: for the sheet, the search and the documentation. `Mod` is Ctrl, and Command on a Mac. */
import { pageLinks } from '../contract/pages.ts'

export interface Shortcut {
  /** Keys pressed together are joined by +; several follow one another. */
  readonly keys: readonly string[]
  readonly does: string
  /** Any of the keys does it; else one follows the other. */
  readonly isEither?: boolean
  /** Only in the desktop application. */
  readonly isOfShell?: boolean
}

export interface ShortcutGroup {
  readonly title: string
  readonly shortcuts: readonly Shortcut[]
}

const ofShell = (keys: readonly string[], does: string): Shortcut => ({ keys, does, isOfShell: true })

const drawingActions = {
  open: { keys: ['Enter'], does: 'Settings of what has the focus' },
  select: { keys: ['Space'], does: 'Select it; a machine is the one whose boot is played' },
  remove: { keys: ['Delete', 'Backspace'], isEither: true, does: 'Remove it; of a host with several wires the wire' },
  place: { keys: ['←', '→', '↑', '↓'], isEither: true, does: 'Move it' },
  placeFar: { keys: ['Shift+←', 'Shift+→', 'Shift+↑', 'Shift+↓'], isEither: true, does: 'Move it further' },
  reconnect: { keys: ['Alt+↑', 'Alt+↓'], isEither: true, does: 'Connect its wire to the segment above or below' },
} as const satisfies Readonly<Record<string, Shortcut>>
export type DrawingAction = keyof typeof drawingActions

const namesOfKeys: Readonly<Record<string, string>> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' } // prettier-ignore

/** What a key does in the simulator's drawing, by the same table as the sheet; undefined for nothing. */
export function drawingActionOf(pressed: {
  readonly key: string
  readonly shiftKey: boolean
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}): DrawingAction | undefined {
  if (pressed.ctrlKey || pressed.metaKey) return undefined
  const name = `${pressed.altKey ? 'Alt+' : ''}${pressed.shiftKey ? 'Shift+' : ''}${namesOfKeys[pressed.key] ?? pressed.key}`
  return (Object.keys(drawingActions) as DrawingAction[]).find((one) =>
    (drawingActions[one].keys as readonly string[]).includes(name),
  )
}

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: ['Mod+K'], does: 'Search' },
      { keys: ['Mod+Z'], does: 'Undo the last change' },
      { keys: ['Mod+Shift+Z'], does: 'Redo what was undone' },
      { keys: ['Mod+Y'], does: 'Redo what was undone' },
      { keys: ['F1'], does: 'Help for this page' },
      { keys: ['?'], does: 'Help for this page' },
      { keys: ['Mod+/'], does: 'Keyboard shortcuts' },
      ofShell(['Mod+N'], 'New lab'),
      ofShell(['Mod+O'], 'Open lab'),
      ofShell(['Mod+Shift+O'], 'Open capture'),
      ofShell(['Mod+Shift+S'], 'Save lab as'),
      ofShell(['F5'], 'Start the responder'),
      ofShell(['Shift+F5'], 'Stop the responder'),
      ofShell(['Mod+1'], 'Pages by number, from the top'),
    ],
  },
  { title: 'Pages', shortcuts: pageLinks.map(({ label, key }) => ({ keys: ['g', key], does: label })) },
  {
    title: 'Flows',
    shortcuts: [
      { keys: ['/'], does: 'Filter' },
      { keys: ['n'], does: 'Next packet' },
      { keys: ['p'], does: 'Previous packet' },
      { keys: [']'], does: 'Next boot attempt' },
      { keys: ['['], does: 'Previous boot attempt' },
      { keys: ['x'], does: 'Next problem' },
      { keys: ['m'], does: 'Mark the selected packets, or take their marks off' },
      { keys: ['Mod+↓'], does: 'Next packet, without selecting it' },
      { keys: ['Mod+Space'], does: 'Add the packet to the selection, or take it away' },
      { keys: ['Mod+G'], does: 'Go to a packet by number' },
      { keys: ['Shift+F10'], does: 'Menu of the packet or field' },
      { keys: ['Esc'], does: 'Select one packet only, then close it' },
      { keys: ['e'], does: 'Ladder evenly spaced' },
      { keys: ['t'], does: 'Ladder to the scale of time' },
    ],
  },
  {
    title: 'Simulator',
    shortcuts: [
      { keys: ['Space'], does: 'Play or pause' },
      { keys: ['→'], does: 'Next step' },
      { keys: ['←'], does: 'Previous step' },
      { keys: ['s'], does: 'Next stage' },
      { keys: ['Home'], does: 'First step' },
      { keys: ['End'], does: 'Last step' },
      { keys: ['Esc'], does: 'Leave the presentation' },
    ],
  },
  { title: 'Drawing of the simulator', shortcuts: Object.values(drawingActions) },
  {
    title: 'Lists',
    shortcuts: [
      { keys: ['↓'], does: 'Next row' },
      { keys: ['↑'], does: 'Previous row' },
      { keys: ['Home'], does: 'First row' },
      { keys: ['End'], does: 'Last row' },
      { keys: ['Shift+↓'], does: 'Select a range of rows, also upwards and by Home and End' },
      { keys: ['Mod+A'], does: 'Select all rows that the filter leaves' },
      { keys: ['Mod+C'], does: 'Copy the selected rows' },
    ],
  },
]
