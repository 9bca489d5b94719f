/** The one way to the clipboard: whoever copies something is told that it was copied, or that it was not. */
import { t } from '#messages/text.ts'
import { notifications } from '@mantine/notifications'

/** Where the page is not at a secure address (a lab on another machine over HTTP) the older way is the only one. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('readonly', '')
  field.style.position = 'fixed'
  field.style.opacity = '0'
  const focused = document.activeElement
  document.body.append(field)
  field.focus()
  field.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (focused instanceof HTMLElement) focused.focus()
  }
}

/** Copies a text; `name` is what the message calls it, the text itself where that is short. */
export async function copyText(text: string, name = text): Promise<void> {
  // Absent where the address is not secure, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined
  let isCopied = false
  try {
    if (clipboard) {
      await clipboard.writeText(text)
      isCopied = true
    }
  } catch {
    // Refused, or the page is not in front: the other way may still do.
  }
  if (isCopied || copyBySelection(text)) notifications.show({ message: t('parts.copied', { name }) })
  else
    notifications.show({
      color: 'red',
      title: t('parts.not-copied'),
      message: t('parts.clipboard-refused-select-text-copy', { text }),
      autoClose: false,
    })
}
