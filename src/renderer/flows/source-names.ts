/** What can be looked at goes by a name: the live frames, captures of the lab, files of this window. */

/** The source whose frames come in as they pass. */
import { t } from '#messages/text.ts'
export const live = 'live'

export const isFile = (source: string): boolean => source.startsWith('file:')
export const isSaved = (source: string): boolean => source.startsWith('saved:')
/** The stored capture of a boot of a hub: `site:ID:NAME`. */
export const isOfSite = (source: string): boolean => source.startsWith('site:')
export const bootOfSource = (source: string): number => Number(source.split(':')[1])
export const nameOfSource = (source: string): string =>
  source === live ? t('flows.live') : source.split(':').slice(isOfSite(source) ? 2 : 1).join(':') // prettier-ignore
