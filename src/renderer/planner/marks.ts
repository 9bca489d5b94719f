import type { State } from '#shared/planner/rule.ts'
import { bad, good, unknown } from '../doctor/mark.tsx'

export const marks = { violated: bad, unknown, met: good, 'not-applicable': unknown } as const satisfies Record<
  State,
  unknown
>
