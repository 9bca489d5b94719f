/** Names that students give themselves, and codes as they type them. */
import { classBounds, codeLetters, codeLength } from '../contract/classroom.ts'

/**
 * Letters, marks, digits and what stands in names (in East Asia a middle dot between the parts of foreign ones); nothing that is not seen,
 * turns the direction or piles up.
 */
const nameShape = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,'’_·・-]*$/u
const unseen = /\p{Default_Ignorable_Code_Point}/u
const piled = /\p{M}{4}/u

/** A name as it is shown; undefined where it is none. */
export function readName(text: string): string | undefined {
  const name = text.normalize('NFKC').replaceAll(/\s+/gu, ' ').trim()
  const isName = nameShape.test(name) && !unseen.test(name) && !piled.test(name)
  return isName && name.length <= classBounds.nameCharacters ? name : undefined
}

/** Two names that nobody could tell apart aloud are one. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The code in what was typed: in whatever case, with spaces or hyphens. */
export const readCode = (text: string): string => text.toUpperCase().replaceAll(/[\s-]/gu, '')

/** A code of a room; `random` gives numbers in [0, 1). */
export const newCode = (random: () => number): string =>
  Array.from({ length: codeLength }, () => codeLetters[Math.floor(random() * codeLetters.length)]!).join('')
