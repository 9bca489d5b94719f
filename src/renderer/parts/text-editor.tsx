import { Loader } from '@mantine/core'
import { lazy, Suspense, type ReactElement } from 'react'
import type { TextEditorProps } from './code-mirror.tsx'

const CodeMirror = lazy(async () => ({ default: (await import('./code-mirror.tsx')).CodeMirror }))

/** A text with line numbers, colours, marks, completion and search. */
export function TextEditor(props: TextEditorProps): ReactElement {
  return (
    <Suspense fallback={<Loader size={16} />}>
      <CodeMirror {...props} />
    </Suspense>
  )
}
