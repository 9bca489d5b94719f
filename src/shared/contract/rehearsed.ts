import type { RehearsedBoot } from './documents.ts'

interface Rehearsed {
  readonly line: string
  readonly steps: readonly RehearsedBoot['steps'][number][]
  readonly program?: object | undefined
}

/** How a rehearsed boot ended, in a few words: what the firmware shows where it shows something. */
export function rehearsedEnd({ line, steps, program }: Rehearsed): string {
  if (line !== '') return line
  if (program) return 'starts its program'
  const failed = steps.find((one) => one.state === 'failed')
  return failed ? `fails at ${failed.name}` : 'could not be tried to its end'
}

/** A step in words; what it says begins with its name where it can. */
export const rehearsedStep = ({ name, detail }: Pick<RehearsedBoot['steps'][number], 'name' | 'detail'>): string =>
  detail === name || detail.startsWith(`${name} `) ? detail : `${name}: ${detail}`
