/** A student's page: first its language, then all that speaks. */
import { speakHere } from '../language.ts'

await speakHere()
const { openClass } = await import('./window.tsx')
openClass()
