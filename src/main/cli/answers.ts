/** Questions with yes or no, in the language that is spoken: its own letters and words are answers, and those of English always. */
import { t } from '#messages/text.ts'

/** The question with the letters that answer it, `[y/N]` or `[j/N]`: no is the answer of who says nothing. */
export const yesNoQuestion = (question: string): string => `${question} [${t('cli.yes-letter')}/${t('cli.no-letter')}] `

/** Full-width letters of an input method are those of a keyboard, and case is nothing. */
const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase()

/** Whether an answer means yes. */
export function meansYes(answer: string): boolean {
  const given = plain(answer)
  return ['y', 'yes', ...t('cli.yes-answers').split(' ')].some((one) => plain(one) === given)
}
