// The articles as the pages of a site: the title as front matter, links to pages in place of links to files.
import { contentsOf, targetOf, titleOf, type Article } from '../../src/shared/knowledge/articles.ts'

/** `guide/relays.md` is `guide/relays`, `README.md` the first page. */
const slugOf = (path: string): string =>
  path === 'README.md'
    ? ''
    : path
        .replace(/\.md$/, '')
        .replace(/README$/, '')
        .toLowerCase()

/** From the page of one article to that of another, wherever the site lies. */
function hrefOf(from: string, to: string, anchor: string | undefined): string {
  const up = slugOf(from) === '' ? './' : '../'.repeat(slugOf(from).split('/').length)
  const slug = slugOf(to)
  return `${up}${slug === '' ? '' : `${slug}/`}${anchor === undefined ? '' : `#${anchor}`}`
}

export interface SitePage {
  /** Below the pages of the site. */
  readonly path: string
  readonly text: string
}

export function sitePage(article: Article): SitePage {
  const { path, text } = article
  let isCode = false
  const lines = text.split('\n').map((line) => {
    if (/^\s*```/.test(line)) isCode = !isCode
    if (isCode) return line
    // A bar of backticks is code too: what stands in it is no link.
    return line.replaceAll(/(`[^`]*`)|(?<!!)\[([^\]]*)\]\(([^)]+)\)/g, (whole, code: string | undefined, words: string, href: string) => {
      if (code !== undefined) return whole
      const target = targetOf(path, href)
      if (target.kind === 'outside') return whole
      return target.kind === 'file' ? words : `[${words}](${hrefOf(path, target.path, target.anchor)})`
    })
  }) // prettier-ignore
  const body = lines.slice(lines.findIndex((line) => line.startsWith('# ')) + 1)
  return {
    path: path === 'README.md' ? 'index.md' : path.toLowerCase(),
    text: `---\ntitle: ${JSON.stringify(titleOf(article))}\n---\n${body.join('\n')}`,
  }
}

/** The contents at the side of each page, as Starlight wants them. */
export const sidebarOf = (readme: string): unknown[] =>
  contentsOf(readme).map(({ title, articles }) => ({
    label: title,
    items: articles.map((one) => ({ label: one.title, slug: slugOf(one.path) })),
  }))
