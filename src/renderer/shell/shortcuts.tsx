import { Kbd, Modal, Title } from '@mantine/core'
import { useEffect, type ReactElement } from 'react'
import { pageLinks } from '#shared/contract/pages.ts'
import { isTyping } from '../parts/typing.ts'
import { hasShell } from './file-commands.ts'
import { closeSheet, showSheet, useSheets } from './sheets.ts'

interface Shortcut {
  /** Keys pressed together, one after the other where there are several. */
  readonly keys: readonly string[]
  readonly does: string
}

const isMac = navigator.userAgent.includes('Mac')
const mod = isMac ? '⌘' : 'Ctrl'

const groups: readonly { readonly title: string; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: [`${mod}+K`], does: 'Search pages, actions and clients' },
      { keys: [`${mod}+Z`], does: 'Undo the last change' },
      { keys: ['?'], does: 'Keyboard shortcuts' },
      ...(hasShell
        ? [
            { keys: [`${mod}+N`], does: 'New lab' },
            { keys: [`${mod}+O`], does: 'Open lab' },
            { keys: [`${mod}+Shift+O`], does: 'Open capture' },
            { keys: [`${mod}+Shift+S`], does: 'Save lab as' },
            { keys: ['F5'], does: 'Start the responder' },
            { keys: ['Shift+F5'], does: 'Stop the responder' },
            { keys: [`${mod}+1`], does: 'Pages by number, from the top' },
          ]
        : []),
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
      { keys: ['m'], does: 'Mark the packet, or take its mark off' },
      { keys: [`${mod}+G`], does: 'Go to a packet by number' },
      { keys: ['Shift+F10'], does: 'Menu of the packet or field' },
      { keys: ['Esc'], does: 'Close the packet' },
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
  {
    title: 'Lists',
    shortcuts: [
      { keys: ['↓'], does: 'Next row' },
      { keys: ['↑'], does: 'Previous row' },
      { keys: ['Home'], does: 'First row' },
      { keys: ['End'], does: 'Last row' },
    ],
  },
]

/** `?` opens the sheet. */
function useSheetKey(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== '?' || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      showSheet('shortcuts')
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}

export function ShortcutsSheet(): ReactElement {
  const isOpen = useSheets((one) => one.open === 'shortcuts')
  useSheetKey()
  return (
    <Modal opened={isOpen} onClose={closeSheet} title="Keyboard shortcuts" size={760}>
      <div className="shortcuts">
        {groups.map(({ title, shortcuts }) => (
          <section key={title} aria-label={title}>
            <Title order={3} mb={4}>
              {title}
            </Title>
            {shortcuts.map(({ keys, does }) => (
              <div key={does} className="shortcut">
                <span>{does}</span>
                <span>
                  {keys.map((key) => (
                    <Kbd key={key} ml={4}>
                      {key}
                    </Kbd>
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  )
}
