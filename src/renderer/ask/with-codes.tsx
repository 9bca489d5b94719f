import type { Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import { Anchor } from '@mantine/core'
import { Fragment, type ReactElement } from 'react'
import { findCode } from '#shared/knowledge/code-book.ts'
import { addressOf } from '../route.ts'
import { askItem, nothingAsked } from './place.ts'

/** What may be a code of PXE, UEFI, the boot manager, Configuration Manager or Windows. */
const candidate = /\b(PXE-[A-Z]\d{1,2}|EFI_[A-Z]+(?:_[A-Z]+)*|0x[89a-d][\da-f]{7})\b/gi

/** The codes of a text that a table has, each once. */
export const codesIn = (text: string): readonly string[] => [
  ...new Set(text.match(candidate)?.filter((one) => findCode(one) !== undefined)),
]

/** A text in which each code that a table has leads to its page. */
export function WithCodes({ text }: { readonly text: Phrase }): ReactElement {
  return (
    <>
      {textOf(text)
        .split(candidate)
        .map((piece, at) =>
          // The odd pieces are what was found.
          at % 2 === 1 && findCode(piece) ? (
            <Anchor
              key={at}
              inherit
              c="inherit"
              underline="always"
              href={addressOf('doctor', askItem({ ...nothingAsked, code: piece }))}
              // A row or a summary around it does something else.
              onClick={(event) => event.stopPropagation()}
              onDoubleClick={(event) => event.stopPropagation()}
            >
              {piece}
            </Anchor>
          ) : (
            <Fragment key={at}>{piece}</Fragment>
          ),
        )}
    </>
  )
}
