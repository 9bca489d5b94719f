/** The simulator as a site of files: first its language, then all that speaks. */
import { speakHere } from '../language.ts'

await speakHere()
const { openSite } = await import('./window.tsx')
openSite()
