import { useEffect, useState, type ReactElement, type ReactNode } from 'react'

interface FoldProps {
  readonly label?: string
  readonly summary: ReactNode
  readonly summaryClass?: string
  /** Whether it is open until somebody folds it; what becomes true later opens it as well. */
  readonly opens?: boolean
  readonly children: ReactNode
}

/** Something that unfolds; what is folded is not drawn, however much it is. */
export function Fold({ label, summary, summaryClass, opens = false, children }: FoldProps): ReactElement {
  const [isOpen, setOpen] = useState(opens)
  useEffect(() => setOpen(opens), [opens])
  return (
    <details className="fold" aria-label={label} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={summaryClass}>{summary}</summary>
      {isOpen && children}
    </details>
  )
}
