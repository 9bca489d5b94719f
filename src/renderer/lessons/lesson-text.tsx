import { Code } from '@mantine/core'
import type { ReactElement } from 'react'

/** Text of a lesson: an empty line between paragraphs, `code` between backticks. */
export function LessonText({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="lesson-text">
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((paragraph) => (
          <p key={paragraph}>
            {paragraph.split('`').map((part, index) =>
              // oxlint-disable-next-line react/no-array-index-key -- the parts of one sentence have no other
              index % 2 === 1 ? <Code key={index}>{part}</Code> : part,
            )}
          </p>
        ))}
    </div>
  )
}
