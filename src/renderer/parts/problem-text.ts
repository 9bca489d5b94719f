import { t } from '#messages/text.ts'
import type { LabProblem } from '#shared/lab/lab.ts'
import type { TextProblem } from './code-mirror.tsx'

/** A problem of the lab file in one line; one that concerns the whole file has no line number. */
export const problemText = ({ line, field, message, value, remedy }: LabProblem): string =>
  line > 0
    ? t('parts.line-problem', { line, setting: field, problem: message, value, remedy })
    : t('parts.setting-problem', { setting: field, problem: message, value, remedy })

/** The same as marks in the text. */
export const marksOf = (problems: readonly LabProblem[]): TextProblem[] =>
  problems.map(({ line, column, message, value, remedy }) => ({
    line,
    column,
    message: t('parts.problem-value', { problem: message, value, remedy }),
  }))
