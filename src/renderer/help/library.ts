/** The documentation as it is built in: read by the help and by the search, in a chunk of its own. */
import type { Article } from '#shared/knowledge/articles.ts'

const texts = import.meta.glob('../../../docs/**/*.md', { query: '?raw', import: 'default', eager: true })

export const articles: readonly Article[] = Object.entries(texts).map(([file, text]) => ({
  path: file.slice(file.indexOf('/docs/') + '/docs/'.length),
  text,
}))

export const findArticle = (path: string): Article | undefined => articles.find((one) => one.path === path)
