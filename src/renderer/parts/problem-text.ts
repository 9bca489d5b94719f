import { t } from '#messages/text.ts'
import type { LabProblem } from '#shared/lab/lab.ts'
import type { TextProblem } from './code-mirror.tsx'

/** A problem of the lab file in one line; one that concerns the whole file has no line number. */
export const problemText = ({ line, field, message, value, remedy }: LabProblem): string =>
  line > 0
    ? t('parts.line', { line, field, message, value, remedy })
    : t('parts.it-is', { field, message, value, remedy })

/** The same as marks in the text. */
export const marksOf = (problems: readonly LabProblem[]): TextProblem[] =>
  problems.map(({ line, column, message, value, remedy }) => ({
    line,
    column,
    message: t('parts.it-is-2', { message, value, remedy }),
  }))
