/** The search of all that the tables know; a chunk of its own, read when somebody searches first. */
import { articleEntries, tableEntries } from '#shared/knowledge/search/entries.ts'
import { SearchIndex } from '#shared/knowledge/search/index.ts'
import { articles } from '../help/library.ts'

export const tableIndex = (): SearchIndex => new SearchIndex([...tableEntries(), ...articleEntries(articles)])
