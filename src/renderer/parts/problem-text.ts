import type { LabProblem } from '#shared/lab/lab.ts'
import type { TextProblem } from './code-mirror.tsx'

/** A problem of the lab file in one line; one that concerns the whole file has no line number. */
export const problemText = ({ line, field, message, value, remedy }: LabProblem): string =>
  `${line > 0 ? `Line ${line}: ` : ''}${field} ${message} (it is ${value}). ${remedy}`

/** The same as marks in the text. */
export const marksOf = (problems: readonly LabProblem[]): TextProblem[] =>
  problems.map(({ line, column, message, value, remedy }) => ({
    line,
    column,
    message: `${message} (it is ${value}). ${remedy}`,
  }))
