/** The addresses outside that this application may open in the browser of the system, and nothing else. */
import { shell } from 'electron'
import { homepage, releases } from '../version.ts'

/** Where newer versions are asked for; an organisation may name its own copy of the releases. */
export const releasesUrl = process.env['PXE_LAB_RELEASES_URL'] ?? releases

/** Prefixes as they stand in our pages and menus; a new link needs its line here. Releases have their pages where they are listed. */
const allowed: readonly string[] = [homepage, ...(URL.canParse(releasesUrl) ? [new URL('/', releasesUrl).href] : [])]

/** Whether the address is one of ours: same scheme, host and port, below the path, and without credentials. */
export function isAllowedLink(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, origin, pathname, username, password } = new URL(url)
  if (protocol !== 'https:' || username !== '' || password !== '') return false
  return allowed.some((one) => {
    const ours = new URL(one)
    return (
      origin === ours.origin && (pathname === ours.pathname || pathname.startsWith(ours.pathname.replace(/\/?$/, '/')))
    )
  })
}

export function openLink(url: string): void {
  if (isAllowedLink(url)) void shell.openExternal(url)
}
