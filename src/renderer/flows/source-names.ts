/** What can be looked at goes by a name: the live frames, captures of the lab, files of this window. */

/** The source whose frames come in as they pass. */
export const live = 'live'

export const isFile = (source: string): boolean => source.startsWith('file:')
export const isSaved = (source: string): boolean => source.startsWith('saved:')
export const nameOfSource = (source: string): string =>
  source === live ? 'Live' : source.slice(source.indexOf(':') + 1)
