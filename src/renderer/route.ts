/** Every state has an address: the hash of the window's location, such as #/clients/52:54:00:77:00:01. */
import { useSyncExternalStore } from 'react'
import { hubLinks, pageLinks, type PageName } from '#shared/contract/pages.ts'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'

export interface Route {
  readonly page: PageName
  /** What the page shows in particular: a client, a packet. */
  readonly item: string | undefined
  /** What the address names where no page is called that. */
  readonly unknown?: string
}

function parse(hash: string): Route {
  const [name, ...rest] = hash.replace(/^#\/?/, '').split('/')
  // A code by itself, as people write addresses.
  if (name === 'codes' && rest.length > 0) return { page: 'doctor', item: `ask?code=${rest.join('/')}` }
  const page = [...pageLinks, ...hubLinks].find((one) => one.page === name)?.page
  if (!page)
    return {
      page: 'start',
      item: undefined,
      ...(name !== '' && name !== undefined && { unknown: percentDecoded(name) ?? name }),
    }
  const item = rest.join('/')
  return { page, item: item === '' ? undefined : (percentDecoded(item) ?? item) }
}

export const addressOf = (page: PageName, item?: string): string =>
  `#/${page}${item === undefined ? '' : `/${encodeURIComponent(item)}`}`

export function go(page: PageName, item?: string, isReplacing = false): void {
  const address = addressOf(page, item)
  if (isReplacing) {
    window.history.replaceState(null, '', address)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else window.location.hash = address
}

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useRoute(): Route {
  return parse(useSyncExternalStore(subscribe, () => window.location.hash))
}
