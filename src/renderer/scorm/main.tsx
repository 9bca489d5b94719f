/** A lesson in a learning platform: first its language, then all that speaks. */
import { speakHere } from '../language.ts'

await speakHere()
const { openScorm } = await import('./window.tsx')
openScorm()
