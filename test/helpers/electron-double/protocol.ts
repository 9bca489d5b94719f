/** `protocol.handle`: Chromium cannot have another scheme, so `app://lab` is a loopback server under a name of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'

type Handle = (request: Request) => Response | Promise<Response>
const handles = new Map<string, Handle>()
const schemes = new Map<string, { readonly standard?: boolean }>()

export const protocol = {
  registerSchemesAsPrivileged(list: readonly { scheme: string; privileges?: { standard?: boolean } }[]): void {
    for (const { scheme, privileges } of list) schemes.set(scheme, privileges ?? {})
  },
  handle(scheme: string, handle: Handle): void {
    // Without these privileges Electron gives the pages no origin, and no module loads.
    if (!schemes.get(scheme)?.standard) throw new Error(`${scheme} was not registered as a standard scheme`)
    handles.set(scheme, handle)
  },
  isProtocolHandled: (scheme: string): boolean => handles.has(scheme),
}

let port = 0

/** The address in Chromium of `app://lab/...`: names below localhost are loopback and count as secure. */
export function toChromium(url: string): string {
  const { protocol: name, host, pathname, search, hash } = new URL(url)
  const scheme = name.slice(0, -1)
  return handles.has(scheme) ? `http://${host}.${scheme}.localhost:${port}${pathname}${search}${hash}` : url
}

/** The address as the application knows it. */
export function fromChromium(url: string): string {
  const found = /^http:\/\/([^./]+)\.([^./]+)\.localhost:(\d+)(.*)$/.exec(url)
  return found && Number(found[3]) === port ? `${found[2]}://${found[1]}${found[4]}` : url
}

export async function startProtocolServer(): Promise<void> {
  const server = createServer((request, response) => {
    void (async () => {
      const url = fromChromium(`http://${request.headers.host}${request.url}`)
      const handle = handles.get(new URL(url).protocol.slice(0, -1))
      if (!handle) return void response.writeHead(502).end()
      const answer = await handle(new Request(url, { method: request.method ?? 'GET' }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      if (answer.body) Readable.fromWeb(answer.body).pipe(response)
      else response.end()
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  server.unref()
}
