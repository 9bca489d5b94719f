/** The boot folder over HTTP, for UEFI HTTP boot and for boot programs that load faster that way: GET, HEAD, ranges. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { FileHandle } from 'node:fs/promises'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import type { TransferEvent, TransferStatus } from '#shared/contract/events.ts'
import type { BootFolder } from './boot-folder.ts'

const types: Readonly<Record<string, string>> = {
  efi: 'application/efi',
  iso: 'application/vnd.efi-iso',
  img: 'application/vnd.efi-img',
  ipxe: 'text/plain',
  cfg: 'text/plain',
  txt: 'text/plain',
}

/** One byte range of RFC 9110 section 14.1.2; undefined where there is none, 'none' where it cannot be satisfied. */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'none' | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim())
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return start >= size || start > end ? 'none' : { start, end }
}

export class HttpBoot {
  readonly #folder: BootFolder
  readonly #tell: (event: TransferEvent) => void
  #count = 0

  constructor(folder: BootFolder, tell: (event: TransferEvent) => void) {
    this.#folder = folder
    this.#tell = tell
  }

  /** Resolves with how to stop listening there; ends the transfers of that address. */
  listen(address: number, port: number): Promise<{ close(): Promise<void> }> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: formatIpv4(address), port, exclusive: true }, () => {
        server.off('error', reject)
        resolve({
          close: () =>
            new Promise((closed) => {
              server.close(() => closed())
              server.closeAllConnections()
            }),
        })
      })
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const isHead = request.method === 'HEAD'
    if (!isHead && request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    let name: string
    try {
      name = decodeURIComponent(new URL(request.url ?? '/', 'http://boot').pathname)
    } catch {
      response.writeHead(400).end()
      return
    }
    const file = await this.#folder.openFile(name)
    if (!file.ok) {
      this.#tell({ type: 'transfer-refused', client, file: name, reason: file.reason })
      response.writeHead(file.code === 'not-found' ? 404 : 403, { 'content-length': 0 }).end()
      return
    }
    const range = parseRange(request.headers.range, file.size)
    if (range === 'none') {
      await file.handle.close()
      response.writeHead(416, { 'content-range': `bytes */${file.size}`, 'content-length': 0 }).end()
      return
    }
    const start = range?.start ?? 0
    const end = range?.end ?? file.size - 1
    const extension = file.name.split('.').at(-1)?.toLowerCase() ?? ''
    response.writeHead(range ? 206 : 200, {
      'content-type': types[extension] ?? 'application/octet-stream',
      'content-length': Math.max(0, end - start + 1),
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${start}-${end}/${file.size}` } : {}),
    })
    if (isHead || file.size === 0) {
      await file.handle.close()
      response.end()
      return
    }
    await this.#send(file.handle, file.name, { start, end }, client, response)
  }

  #send(
    handle: FileHandle,
    name: string,
    { start, end }: { start: number; end: number },
    client: string,
    response: ServerResponse,
  ): Promise<void> {
    const transfer: TransferStatus = {
      id: `http#${++this.#count}`,
      client,
      file: name,
      kind: 'http',
      size: end - start + 1,
      blockSize: 0,
      windowSize: 0,
      bytes: 0,
      retransmissions: 0,
    }
    const startedAt = performance.now()
    let toldAt = startedAt
    this.#tell({ type: 'transfer-started', transfer })
    const stream = handle.createReadStream({ start, end })
    stream.on('data', (chunk) => {
      transfer.bytes += chunk.length
      const now = performance.now()
      if (now - toldAt < 100) return
      toldAt = now
      this.#tell({ type: 'transfer-progress', transfer })
    })
    return new Promise((resolve) => {
      const ended = (outcome: 'completed' | 'refused-by-client', message: string): void => {
        this.#tell({ type: 'transfer-ended', transfer, outcome, message, durationMs: performance.now() - startedAt })
        resolve()
      }
      response.once('finish', () => ended('completed', 'the whole answer was sent'))
      response.once('close', () => {
        stream.destroy()
        if (!response.writableFinished) ended('refused-by-client', 'the client closed the connection')
      })
      stream.pipe(response)
    })
  }
}
