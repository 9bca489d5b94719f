import type { LabProblem } from '#shared/lab/lab.ts'

/** A problem of the lab file in one line; one that concerns the whole file has no line number. */
export const problemText = ({ line, field, message, value, remedy }: LabProblem): string =>
  `${line > 0 ? `Line ${line}: ` : ''}${field} ${message} (it is ${value}). ${remedy}`
