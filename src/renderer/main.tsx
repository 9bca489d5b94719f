/** The window: first its language, then all that speaks. */
import { speakHere } from './language.ts'

await speakHere()
const { openWindow } = await import('./window.tsx')
openWindow()
