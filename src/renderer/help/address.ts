/** Articles have addresses, which open them beside the start page: `#/help/guide/first-boot.md`. */
import { useEffect } from 'react'
import type { PageName } from '#shared/contract/pages.ts'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { isAskItem } from '../ask/place.ts'
import { showHelp, type Shown } from './state.ts'

const prefix = '#/help/'

export const articleAddress = (path: string, anchor?: string): string =>
  `${prefix}${path}${anchor === undefined ? '' : `#${anchor}`}`

const pageArticles: Readonly<Record<PageName, string>> = {
  start: 'README.md',
  lab: 'guide/first-boot.md',
  clients: 'guide/clients.md',
  flows: 'guide/reading-a-ladder.md',
  doctor: 'guide/doctor.md',
  simulator: 'guide/simulator.md',
  files: 'guide/boot-files.md',
  planner: 'guide/planner.md',
  settings: 'reference/lab-file.md',
  sites: 'guide/many-sites.md',
}

/** The article of a page. */
export const articleOf = (page: PageName, item: string | undefined): Shown => ({
  kind: 'article',
  path:
    page === 'doctor' && isAskItem(item)
      ? 'guide/find-the-cause.md'
      : page === 'simulator' && item === 'twin'
        ? 'guide/your-network.md'
        : pageArticles[page],
})

/** Opens the article that the address names, and gives the address back to the page. */
export function useHelpAddress(): void {
  useEffect(() => {
    const open = (): void => {
      const { hash } = window.location
      if (!hash.startsWith(prefix)) return
      const [path = '', anchor] = hash.slice(prefix.length).split('#')
      showHelp({ kind: 'article', path: percentDecoded(path) ?? path, anchor })
      window.history.replaceState(null, '', '#/start')
      window.dispatchEvent(new HashChangeEvent('hashchange'))
    }
    open()
    window.addEventListener('hashchange', open)
    return () => window.removeEventListener('hashchange', open)
  }, [])
}
