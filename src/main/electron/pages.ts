/** The pages of the window, served as app://lab from the files that were built. */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { protocol } from 'electron'
import { contentSecurityPolicy } from '../web/security.ts'
import { serveOpenedFile } from './opened-files.ts'
import { isInside } from '../io/open-file.ts'

const scheme = 'app'
const origin = `${scheme}://lab`
/** Where the window begins. */
export const homeUrl = `${origin}/index.html`

const folder = join(import.meta.dirname, '../renderer')
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

/** Whether an address is one of ours; anything that cannot be read as an address is not. */
export function isOwnPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === `${scheme}:` && new URL(url).host === 'lab'
}

/** Must be called before the application is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

async function servePage(request: Request): Promise<Response> {
  if (!isOwnPage(request.url)) return new Response('Not found', { status: 404 })
  const { pathname } = new URL(request.url)
  const opened = await serveOpenedFile(pathname)
  if (opened) return opened
  try {
    const path = normalize(join(folder, decodeURIComponent(pathname)))
    if (!isInside(folder, path)) return new Response('Not found', { status: 404 })
    return new Response(await readFile(path), {
      headers: {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': contentSecurityPolicy("'self'"),
        'x-content-type-options': 'nosniff',
      },
    })
  } catch {
    return new Response('Not found', { status: 404 })
  }
}

export const servePages = (): void => protocol.handle(scheme, servePage)
