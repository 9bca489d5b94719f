/** Captures that a person chose outside the page. The page gets an address for each, and never a path. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'

const prefix = '/opened/'
const opened = new Map<string, string>()

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
    const { size } = await stat(path)
    const file = createReadStream(path)
    await new Promise<void>((resolve, reject) => file.once('open', () => resolve()).once('error', reject))
    return new Response(Readable.toWeb(file), {
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    })
  } catch (error) {
    return new Response((error as Error).message, { status: 404, headers: { 'content-type': 'text/plain' } })
  }
}
