import { t } from '#messages/text.ts'

/** `a, b or c`; empty for nothing. */
export const listOr = (names: readonly string[]): string => (names.length === 0 ? '' : t('cli.choice', { names }))
