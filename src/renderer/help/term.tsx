import { textOf } from '#messages/text.ts'
import { Tooltip } from '@mantine/core'
import { Fragment, type ReactElement } from 'react'
import { withTerms } from '#shared/knowledge/glossary.ts'

interface TermProps {
  readonly means: string
  readonly children: string
}

/** A word with its definition on hover and on focus. */
export function Term({ means, children }: TermProps): ReactElement {
  return (
    <Tooltip label={means} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <dfn className="term" tabIndex={0}>
        {children}
      </dfn>
    </Tooltip>
  )
}

/** A text whose terms are explained. */
export function WithTerms({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {withTerms(text).map((piece, at) =>
        typeof piece === 'string' ? (
          <Fragment key={at}>{piece}</Fragment>
        ) : (
          <Term key={at} means={textOf(piece.term.means)}>
            {piece.text}
          </Term>
        ),
      )}
    </>
  )
}
