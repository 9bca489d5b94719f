/** Explanations as somebody reads them in English. */
import { explainAttempt as explain } from '#shared/diagnosis/explain/explain.ts'
import type { Explanation as Explained } from '#shared/diagnosis/explain/explanation.ts'
import { spoken } from './spoken.ts'

export type Explanation = Explained<string>

export const explainAttempt = (...given: Parameters<typeof explain>): Explanation => spoken(explain(...given))
