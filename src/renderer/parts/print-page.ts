/** Prints a document alone, without the page around it, on white. It brings its colours and no script. */
import { t } from '#messages/text.ts'
export async function printPage(html: string, title: string): Promise<void> {
  const frame = document.createElement('iframe')
  frame.className = 'print-frame'
  frame.title = title
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  frame.srcdoc = html
  document.body.append(frame)
  await loaded
  const { contentWindow, contentDocument } = frame
  if (!contentWindow || !contentDocument) throw new Error(t('parts.cannot-printed-here'))
  contentDocument.title = title
  contentWindow.addEventListener('afterprint', () => frame.remove(), { once: true })
  contentWindow.print()
}
