/** The keys of the window, as one list: for the sheet, the search and the documentation. `Mod` is Ctrl, and Command on a Mac. */
import { say, type Phrase } from '#messages/message.ts'
import { pageLinks } from '../contract/pages.ts'

export interface Shortcut {
  /** Keys pressed together are joined by +; several follow one another. */
  readonly keys: readonly string[]
  readonly does: Phrase
  /** Any of the keys does it; else one follows the other. */
  readonly isEither?: boolean
  /** Only in the desktop application. */
  readonly isOfShell?: boolean
}

export interface ShortcutGroup {
  readonly title: Phrase
  readonly shortcuts: readonly Shortcut[]
}

const ofShell = (keys: readonly string[], does: Phrase): Shortcut => ({ keys, does, isOfShell: true })

const drawingActions = {
  open: { keys: ['Enter'], does: say('knowledge.settings-focus') },
  select: { keys: ['Space'], does: say('knowledge.select-machine-one-whose-boot') },
  remove: { keys: ['Delete', 'Backspace'], isEither: true, does: say('knowledge.remove-host-several-wires-wire') },
  place: { keys: ['←', '→', '↑', '↓'], isEither: true, does: say('knowledge.move') },
  placeFar: { keys: ['Shift+←', 'Shift+→', 'Shift+↑', 'Shift+↓'], isEither: true, does: say('knowledge.move-further') },
  reconnect: { keys: ['Alt+↑', 'Alt+↓'], isEither: true, does: say('knowledge.connect-wire-segment-above-below') },
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

/** What plays and steps a boot of the simulator. */
export const playbackShortcuts: readonly Shortcut[] = [
  { keys: ['Space'], does: say('knowledge.play-pause') },
  { keys: ['→'], does: say('knowledge.next-step') },
  { keys: ['←'], does: say('knowledge.previous-step') },
  { keys: ['s'], does: say('knowledge.next-stage') },
  { keys: ['Home'], does: say('knowledge.first-step') },
  { keys: ['End'], does: say('knowledge.last-step') },
  { keys: ['Esc'], does: say('knowledge.leave-presentation') },
]

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: say('knowledge.everywhere'),
    shortcuts: [
      { keys: ['Mod+K'], does: say('common.search') },
      { keys: ['Mod+Z'], does: say('knowledge.undo-last-change') },
      { keys: ['Mod+Shift+Z'], does: say('knowledge.redo-undone') },
      { keys: ['Mod+Y'], does: say('knowledge.redo-undone') },
      { keys: ['F1'], does: say('knowledge.help-page') },
      { keys: ['?'], does: say('knowledge.help-page') },
      { keys: ['Mod+/'], does: say('knowledge.keyboard-shortcuts') },
      ofShell(['Mod+N'], say('knowledge.new-lab')),
      ofShell(['Mod+O'], say('knowledge.open-lab')),
      ofShell(['Mod+Shift+O'], say('knowledge.open-capture')),
      ofShell(['Mod+Shift+S'], say('knowledge.save-lab')),
      ofShell(['F5'], say('knowledge.start-responder')),
      ofShell(['Shift+F5'], say('knowledge.stop-responder')),
      ofShell(['Mod+1'], say('knowledge.pages-number-top')),
    ],
  },
  { title: say('knowledge.pages'), shortcuts: pageLinks.map(({ label, key }) => ({ keys: ['g', key], does: label })) },
  {
    title: say('knowledge.flows'),
    shortcuts: [
      { keys: ['/'], does: say('parts.filter') },
      { keys: ['n'], does: say('knowledge.next-packet') },
      { keys: ['p'], does: say('knowledge.previous-packet') },
      { keys: [']'], does: say('knowledge.next-boot-attempt') },
      { keys: ['['], does: say('knowledge.previous-boot-attempt') },
      { keys: ['x'], does: say('knowledge.next-problem') },
      { keys: ['m'], does: say('knowledge.mark-selected-packets-take-their') },
      { keys: ['Mod+↓'], does: say('knowledge.next-packet-without-selecting') },
      { keys: ['Mod+Space'], does: say('knowledge.add-packet-selection-take-away') },
      { keys: ['Mod+G'], does: say('knowledge.go-packet-number') },
      { keys: ['Shift+F10'], does: say('knowledge.menu-packet-field') },
      { keys: ['Esc'], does: say('knowledge.select-one-packet-only-then') },
      { keys: ['e'], does: say('knowledge.ladder-evenly-spaced') },
      { keys: ['t'], does: say('knowledge.ladder-scale-time') },
    ],
  },
  { title: say('knowledge.simulator'), shortcuts: playbackShortcuts },
  { title: say('knowledge.drawing-simulator'), shortcuts: Object.values(drawingActions) },
  {
    title: say('knowledge.lists'),
    shortcuts: [
      { keys: ['↓'], does: say('knowledge.next-row') },
      { keys: ['↑'], does: say('knowledge.previous-row') },
      { keys: ['Home'], does: say('knowledge.first-row') },
      { keys: ['End'], does: say('knowledge.last-row') },
      { keys: ['Shift+↓'], does: say('knowledge.select-range-rows-also-upwards') },
      { keys: ['Mod+A'], does: say('knowledge.select-all-rows-filter-leaves') },
      { keys: ['Mod+C'], does: say('knowledge.copy-selected-rows') },
    ],
  },
]
