/** Captures that a person chose outside the page. The page gets an address for each, and never a path. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'

const prefix = '/opened/'
const opened = new Map<string, string>()
const text = { 'content-type': 'text/plain' }

/** The path below app://lab from which the page may fetch that file from now on. */
export function offerFile(path: string): { readonly name: string; readonly url: string } {
  const url = `${prefix}${opened.size + 1}`
  opened.set(url, path)
  return { name: basename(path), url }
}

/** The answer to a request for an opened file; undefined where the address is none. */
export async function serveOpenedFile(pathname: string): Promise<Response | undefined> {
  if (!pathname.startsWith(prefix)) return undefined
  const path = opened.get(pathname)
  if (path === undefined) return new Response('Not found', { status: 404 })
  try {
    const found = await stat(path)
    const { size } = found
    if (!found.isFile()) return new Response(`${basename(path)} is not a file`, { status: 404, headers: text })
    if (size === 0) return new Response(new Uint8Array(0))
    // A capture may be growing: what is sent is as long as what was announced.
    const file = createReadStream(path, { end: size - 1 })
    await new Promise<void>((resolve, reject) => file.once('open', () => resolve()).once('error', reject))
    return new Response(Readable.toWeb(file), {
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    })
  } catch (error) {
    return new Response((error as Error).message, { status: 404, headers: text })
  }
}
