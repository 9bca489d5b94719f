/** The articles of `docs/`: their titles, sections and links, and how an address of GitHub becomes one of the window. */

export interface Article {
  /** Path below `docs/`: `guide/first-boot.md`. */
  readonly path: string
  readonly text: string
}

export interface Section {
  readonly heading: string
  /** As GitHub makes anchors of headings; empty for what stands before the first. */
  readonly anchor: string
  readonly level: number
  /** Without marks. */
  readonly text: string
}

/** As github-slugger does: lower case, no punctuation, hyphens for spaces. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')

/** Text without the marks of Markdown. */
export const withoutMarks = (text: string): string =>
  text
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*_|>#]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The heading of an article: its first line. */
export const titleOf = ({ text, path }: Article): string => /^# (.+)$/m.exec(text)?.[1]?.trim() ?? path

/** An article by its headings of level 1 to 3; what stands in blocks of code begins none. */
export function sectionsOf({ text }: Article): Section[] {
  const found: { heading: string; anchor: string; level: number; lines: string[] }[] = []
  const used = new Map<string, number>()
  let isCode = false
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const heading = isCode ? null : /^(#{1,3}) (.+)$/.exec(line)
    if (heading) {
      const words = withoutMarks(heading[2]!)
      const plain = anchorOf(words)
      const again = used.get(plain) ?? 0
      used.set(plain, again + 1)
      found.push({
        heading: words,
        anchor: again === 0 ? plain : `${plain}-${again}`,
        level: heading[1]!.length,
        lines: [],
      })
    } else found.at(-1)?.lines.push(line)
  }
  return found.map(({ lines, ...rest }) => ({ ...rest, text: withoutMarks(lines.join(' ')) }))
}

export interface Contents {
  readonly title: string
  readonly articles: readonly { readonly title: string; readonly path: string }[]
}

/** The table of contents: the lists of `docs/README.md`, by heading. */
export function contentsOf(readme: string): Contents[] {
  const groups: { title: string; articles: { title: string; path: string }[] }[] = []
  for (const line of readme.split('\n')) {
    const heading = /^## (.+)$/.exec(line)
    if (heading) groups.push({ title: heading[1]!, articles: [] })
    const link = /^- \[([^\]]+)\]\(([^)#]+\.md)\)/.exec(line)
    if (link) groups.at(-1)?.articles.push({ title: link[1]!, path: link[2]! })
  }
  return groups.filter((one) => one.articles.length > 0)
}

export type Target =
  | { readonly kind: 'article'; readonly path: string; readonly anchor: string | undefined }
  /** A file of the repository that is no article. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'outside'; readonly address: string }

/** Where a link of an article leads, as it is written there. */
export function targetOf(from: string, href: string): Target {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return { kind: 'outside', address: href }
  const [file = '', anchor] = href.split('#')
  const folders = file === '' ? from.split('/') : [...from.split('/').slice(0, -1), ...file.split('/')]
  const path: string[] = []
  let above = 0
  for (const one of folders) {
    if (one === '..') {
      if (path.pop() === undefined) above++
    } else if (one !== '.' && one !== '') path.push(one)
  }
  const name = path.join('/')
  // Above the documentation, or not Markdown.
  if (above > 0 || !name.endsWith('.md')) return { kind: 'file', path: above > 0 ? name : `docs/${name}` }
  return { kind: 'article', path: name, anchor }
}
