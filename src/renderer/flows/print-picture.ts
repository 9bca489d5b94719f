/** Prints a picture alone, without the page around it, on white. */
export async function printPicture(svg: string, title: string): Promise<void> {
  const frame = document.createElement('iframe')
  frame.className = 'print-frame'
  frame.title = title
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  // The picture brings its colours and no script; paper is light whatever the window is.
  frame.srcdoc = `<!doctype html><html lang="en"><head><meta name="color-scheme" content="light"><title></title></head><body>${svg.replace(/@media \(prefers-color-scheme:dark\)\{[^}]*\}\}/, '')}</body></html>`
  document.body.append(frame)
  await loaded
  const { contentWindow, contentDocument } = frame
  if (!contentWindow || !contentDocument) throw new Error('the picture cannot be printed from here')
  contentDocument.title = title
  contentWindow.addEventListener('afterprint', () => frame.remove(), { once: true })
  contentWindow.print()
}
