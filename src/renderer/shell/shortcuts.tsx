import { Kbd, Modal, Title } from '@mantine/core'
import { Fragment, useEffect, type ReactElement } from 'react'
import { t, textOf } from '#messages/text.ts'
import { shortcutGroups } from '#shared/knowledge/shortcuts.ts'
import { hasShell } from './file-commands.ts'
import { closeSheet, showSheet, useSheets } from './sheets.ts'

const isMac = navigator.userAgent.includes('Mac')
/** Keys as they are printed on keyboards of the language; others are what they are called. */
const caps: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : t('shell.key-ctrl'),
  Shift: t('shell.key-shift'),
  Space: t('shell.key-space'),
  Home: t('shell.key-home'),
  End: t('shell.key-end'),
  Delete: t('shell.key-delete'),
  Backspace: t('shell.key-backspace'),
  Enter: t('shell.key-enter'),
  Esc: t('shell.key-esc'),
}
const shown = (key: string): string =>
  key === '+' ? key : key.split('+').map((one) => caps[one] ?? one).join('+') // prettier-ignore

const groups = shortcutGroups.map(({ title, shortcuts }) => ({
  title,
  shortcuts: shortcuts.filter(({ isOfShell }) => !isOfShell || hasShell),
}))

/** Ctrl+/ opens the sheet. */
function useSheetKey(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== '/' || !(event.ctrlKey || event.metaKey) || event.altKey) return
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
    <Modal opened={isOpen} onClose={closeSheet} title={t('shell.shortcuts')} size={760}>
      <div className="shortcuts">
        {groups.map(({ title, shortcuts }) => (
          <section key={textOf(title)} aria-label={textOf(title)}>
            <Title order={3} mb={4}>
              {textOf(title)}
            </Title>
            {shortcuts.map(({ keys, does, isEither }) => (
              <div key={keys.join(' ')} className="shortcut">
                <span>{textOf(does)}</span>
                <span>
                  {keys.map((key, index) => (
                    <Fragment key={key}>
                      {isEither && index > 0 && ` ${t('shell.or')} `}
                      <Kbd ml={4}>{shown(key)}</Kbd>
                    </Fragment>
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
