/** The window: first its language, then all that speaks. */
import { speakHere } from './language.ts'

// The shell hands over the port to the back end once the page is loaded, which is before the window is there to take it.
const early: MessageEvent[] = []
const keep = (event: MessageEvent): void => void early.push(event)
window.addEventListener('message', keep)

await speakHere()
const { openWindow } = await import('./window.tsx')
window.removeEventListener('message', keep)
openWindow()
for (const { data, origin, source, ports } of early)
  window.dispatchEvent(new MessageEvent('message', { data: data as unknown, origin, source, ports: [...ports] }))
