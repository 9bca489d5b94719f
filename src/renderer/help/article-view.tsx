import { t } from '#messages/text.ts'
import { Text } from '@mantine/core'
import { useEffect, useMemo, useRef, type ReactElement, type ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { anchorOf, targetOf } from '#shared/knowledge/articles.ts'
import { Copyable } from '../parts/copyable.tsx'
import { HelpLink } from './help-link.tsx'
import { findArticle } from './library.ts'
import { markTerms } from './mark-terms.ts'
import { Term } from './term.tsx'

const wordsOf = (children: ReactNode): string =>
  typeof children === 'string'
    ? children
    : Array.isArray(children)
      ? children.map(wordsOf).join('')
      : typeof children === 'object' && children !== null && 'props' in children
        ? wordsOf((children.props as { children?: ReactNode }).children)
        : typeof children === 'number'
          ? String(children)
          : ''

/** How elements are shown in an article of that path. HTML in the text stays text. */
const componentsFor = (path: string): Components => ({
  a: ({ href = '', children }) => {
    const target = targetOf(path, href)
    if (target.kind === 'article')
      return (
        <HelpLink path={target.path} anchor={target.anchor}>
          {children}
        </HelpLink>
      )
    // Files of the repository are beside the sources, not in the window.
    if (target.kind === 'file') return <span title={target.path}>{children}</span>
    return (
      <a href={target.address} target="_blank" rel="noreferrer">
        {children}
      </a>
    )
  },
  img: () => null,
  h1: ({ children }) => <h1 id={anchorOf(wordsOf(children))}>{children}</h1>,
  h2: ({ children }) => <h2 id={anchorOf(wordsOf(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={anchorOf(wordsOf(children))}>{children}</h3>,
  dfn: ({ title = '', children }) => <Term means={title}>{wordsOf(children)}</Term>,
  table: ({ children }) => (
    <div className="article-table" tabIndex={0} role="group" aria-label={t('help.table')}>
      <table className="grid-table">{children}</table>
    </div>
  ),
  pre: ({ children }) => {
    const text = wordsOf(children).trimEnd()
    return text.includes('\n') ? (
      <pre tabIndex={0} aria-label={t('help.text-copy')}>
        {children}
      </pre>
    ) : (
      <pre>
        <Copyable text={text} />
      </pre>
    )
  },
})

interface ArticleViewProps {
  readonly path: string
  readonly anchor: string | undefined
}

/** An article of the documentation. */
export function ArticleView({ path, anchor }: ArticleViewProps): ReactElement {
  const place = useRef<HTMLDivElement>(null)
  const article = findArticle(path)
  const components = useMemo(() => componentsFor(path), [path])
  useEffect(() => {
    const heading = anchor === undefined ? null : place.current?.querySelector(`[id="${CSS.escape(anchor)}"]`)
    if (heading) heading.scrollIntoView({ block: 'start' })
    else if (place.current?.parentElement) place.current.parentElement.scrollTop = 0
  }, [path, anchor])
  if (!article) return <Text>{t('help.no-article', { path })}</Text>
  return (
    <div className="article" ref={place}>
      <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[markTerms]} components={components}>
        {article.text}
      </Markdown>
    </div>
  )
}
