/**
 * The boot folder over HTTP and HTTPS, for UEFI HTTP boot and for boot programs that load faster that way: GET, HEAD, ranges. A file
 * is sent whole and unmixed, or the connection is broken off: the length that was announced says which (RFC 9112 section 8).
 * Names of fields are spelt as RFC 9110 spells them: they are compared without regard to case by everybody but GRUB, which up
 * to 2.12 finds a length only as "Content-Length: " and otherwise waits for the connection to end.
 */
import { STATUS_CODES, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { formatHost, formatIp, isLinkLocal, type IpAddress } from '#shared/wire/ip-address.ts'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { transferRefused, type TransferEvent, type TransferStatus } from '#shared/contract/events.ts'
import { clientOf, endingOf, openHttpServer, type HttpServer } from '../io/http-server.ts'
import { OpenFiles } from './open-files.ts'
import { HttpFrames, type SeenSegment } from './http-frames.ts'
import { tlsFailure } from './tls-failure.ts'
import type { BootFile, FoundFile, ServedFolder } from './boot-folder.ts'
import { FileChunks } from './file-chunks.ts'

const types: ReadonlyMap<string, string> = new Map([
  ['efi', 'application/efi'],
  ['iso', 'application/vnd.efi-iso'],
  ['img', 'application/vnd.efi-img'],
  ['ipxe', 'text/plain'],
  ['cfg', 'text/plain'],
  ['txt', 'text/plain'],
])

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

/** The path of a request in any of its forms (RFC 9112 section 3.2), decoded; undefined where it is none. */
export function pathOf(target: string): string | undefined {
  const [path = ''] = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return percentDecoded(path === '' ? '/' : path)
}

/** Whether the client has this content; a tag counts before a date, which knows whole seconds only (RFC 9110 section 13.2.2). */
function isUnchanged(headers: IncomingHttpHeaders, tag: string, modified: Date | undefined): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
  if (!modified) return false
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Math.floor(modified.getTime() / 1000) * 1000 <= since
}

const statusFor: Readonly<Record<Extract<BootFile, { ok: false }>['code'], number>> = {
  'not-found': 404,
  forbidden: 403,
  folder: 403,
  busy: 503,
  unreadable: 500,
}

interface TlsTexts {
  readonly key: string
  readonly certificate: string
}

/** Of the beginning of a file, what is kept among the packets. */
const mostHead = 1024

export class HttpBoot {
  readonly #files: OpenFiles
  readonly #tell: (event: TransferEvent) => void
  readonly #warn: (message: string) => void
  /** Undefined where nobody looks at packets. */
  readonly #frames: HttpFrames | undefined
  readonly #chunks = new FileChunks()
  readonly #scheme: 'http' | 'https'
  readonly #servers = new Set<HttpServer>()
  /** PEM texts of what HTTPS shows; undefined before it is known. */
  #tls: TlsTexts | undefined
  #count = 0

  constructor(
    folder: ServedFolder,
    tell: (event: TransferEvent) => void,
    warn: (message: string) => void = () => {},
    observe?: (segment: SeenSegment) => void,
    scheme: 'http' | 'https' = 'http',
  ) {
    this.#scheme = scheme
    this.#frames = observe && new HttpFrames(observe)
    this.#files = new OpenFiles(folder)
    this.#tell = tell
    this.#warn = warn
  }

  /** Port 0 takes any. Rejects with an error that has a `code` such as EADDRINUSE or EACCES. */
  async listen(address: IpAddress, port: number, zone?: string): Promise<HttpServer> {
    const isOfLink = typeof address === 'string' && isLinkLocal(address) && zone !== undefined
    const server = await openHttpServer({
      host: isOfLink ? `${address}%${zone}` : formatIp(address),
      port,
      ...(this.#scheme === 'https' ? { tls: this.#tls ?? ('later' as const) } : {}),
      onTlsFailure: (peer, error) => {
        const { reason, alert } = tlsFailure(error)
        this.#frames?.failedHandshake(peer, alert)
        this.#tell({ type: 'tls-failed', client: peer.client, reason })
      },
      onRequest: (request, response) => this.#serve(request, response),
      onBadRequest: (client, line, reason) => {
        // The first record of a handshake (RFC 8446 section 5.1).
        if (line.startsWith('\x16\x03'))
          return this.#tell({ type: 'tls-failed', client, reason: 'it began TLS on the port of plain HTTP: its address says https with this port' }) // prettier-ignore
        this.#tell(
          transferRefused(
            client,
            line,
            /^(GET|HEAD) .* .* HTTP\/1/.test(line)
              ? 'the address has a space in it, which must be written as %20'
              : `it is no HTTP request (${reason})`,
            this.#scheme,
          ),
        )
      },
      onCrowded: (crowd, count) =>
        this.#warn(`${this.#scheme.toUpperCase()} boot on ${formatHost(address)}:${port}: all connections are taken, ${count} of them by ${crowd}. Those that ask for nothing are closed, so that others get in`), // prettier-ignore
      onError: (error) =>
        this.#warn(`${this.#scheme.toUpperCase()} boot on ${formatHost(address)}:${port}: ${error.message}`),
    })
    this.#servers.add(server)
    const close = (): Promise<void> => {
      this.#servers.delete(server)
      return server.close()
    }
    return { ...server, close }
  }

  /** What it shows from now on, wherever it listens. */
  setTls(tls: TlsTexts): void {
    this.#tls = tls
    for (const server of this.#servers) server.setTls(tls)
  }

  /** Begins the answer, and tells whoever watches. */
  #begin(response: ServerResponse, status: number, headers: Readonly<Record<string, string | number>>): ServerResponse {
    const { socket } = response.req
    this.#frames?.answer(socket, `${status} ${STATUS_CODES[status] ?? ''}`, headers)
    return response.writeHead(status, headers)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#frames?.request(request)
    const client = clientOf(request.socket)
    const refuse = (reason: string): void =>
      this.#tell(transferRefused(client, request.url ?? '', reason, this.#scheme))
    const isHead = request.method === 'HEAD'
    if (!isHead && request.method !== 'GET') {
      refuse(`${request.method} is not served, GET and HEAD are`)
      this.#begin(response, 405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
      return
    }
    const name = pathOf(request.url ?? '/')
    if (name === undefined) {
      refuse('the address is not valid')
      this.#begin(response, 400, { 'Content-Length': 0 }).end()
      return
    }
    const query = (request.url ?? '').split('#', 1)[0]!.split('?').slice(1).join('?')
    const file = await this.#files.open(name, { client, server: serverOf(request), query })
    if (!file.ok) {
      this.#tell(
        file.code === 'busy'
          ? { type: 'transfer-deferred', client, reason: file.reason }
          : transferRefused(client, name, file.reason, this.#scheme),
      )
      if (file.code === 'busy') response.setHeader('Retry-After', 1)
      this.#begin(response, statusFor[file.code], { 'Content-Length': 0 }).end()
      return
    }
    try {
      await this.#answer(file, request, response, isHead, client)
    } finally {
      file.release()
    }
  }

  async #answer(
    file: FoundFile,
    { headers }: IncomingMessage,
    response: ServerResponse,
    isHead: boolean,
    client: string,
  ): Promise<void> {
    const tag = `"${file.version}"`
    // When the file changed says nothing of when its values for this machine did.
    const dated: Record<string, string> = file.content ? { 'Cache-Control': 'private, no-cache' } : { 'Last-Modified': file.modified.toUTCString() } // prettier-ignore
    if (isUnchanged(headers, tag, file.content ? undefined : file.modified)) {
      this.#begin(response, 304, { ETag: tag, ...dated }).end()
      return
    }
    // A part of a file that has changed since is of no use to who has the rest (RFC 9110 section 13.1.5).
    const isSame = headers['if-range'] === undefined || headers['if-range'] === tag
    const range = isSame ? parseRange(headers.range, file.size) : undefined
    if (range === 'none') {
      const reason = `the range ${headers.range} is not in the file, which has ${file.size} bytes`
      this.#tell(transferRefused(client, file.name, reason, this.#scheme))
      this.#begin(response, 416, { 'Content-Range': `bytes */${file.size}`, 'Content-Length': 0 }).end()
      return
    }
    const { start, end } = range ?? { start: 0, end: file.size - 1 }
    const extension = file.name.split('.').at(-1)?.toLowerCase() ?? ''
    this.#begin(response, range ? 206 : 200, {
      'Content-Type': types.get(extension) ?? 'application/octet-stream',
      'Content-Length': end - start + 1,
      'Accept-Ranges': 'bytes',
      ETag: tag,
      ...dated,
      ...(range ? { 'Content-Range': `bytes ${start}-${end}/${file.size}` } : {}),
    })
    if (isHead || file.size === 0) response.end()
    else await this.#send(file, start, end, client, response)
  }

  async #send(file: FoundFile, start: number, end: number, client: string, response: ServerResponse): Promise<void> {
    const transfer: TransferStatus = {
      id: `${this.#scheme}#${++this.#count}`,
      client,
      file: file.name,
      kind: this.#scheme,
      size: end - start + 1,
      blockSize: 0,
      windowSize: 0,
      bytes: 0,
      retransmissions: 0,
    }
    const startedAt = performance.now()
    this.#tell({ type: 'transfer-started', transfer })
    const ended = (outcome: 'completed' | 'refused-by-client' | 'failed', message: string): void =>
      this.#tell({ type: 'transfer-ended', transfer, outcome, message, durationMs: performance.now() - startedAt })
    let toldAt = startedAt
    let toldBytes = 0
    const { socket } = response.req
    let head: Uint8Array | undefined
    const tell = (): void => {
      this.#frames?.sent(socket, transfer.bytes - toldBytes, toldBytes === 0 ? head : undefined)
      toldBytes = transfer.bytes
    }
    const sent = await this.#copy(file, start, end, response, (bytes) => {
      // Enough to tell what program it begins.
      if (!file.isSecret) head ??= new Uint8Array(bytes.subarray(0, mostHead))
      transfer.bytes += bytes.length
      const now = performance.now()
      if (now - toldAt < 100) return
      toldAt = now
      tell()
      this.#tell({ type: 'transfer-progress', transfer })
    })
    tell()
    if (sent !== undefined) {
      this.#frames?.brokenOff(socket, false)
      // Less than was announced: the client knows that it has not got all of it.
      response.destroy()
      return ended('failed', sent)
    }
    if (!response.destroyed)
      await new Promise<void>((resolve) => {
        response.once('close', resolve)
        response.end()
      })
    if (response.writableFinished) return ended('completed', 'the whole answer was sent')
    const ending = endingOf(socket)
    this.#frames?.brokenOff(socket, ending === undefined)
    if (ending === undefined) ended('refused-by-client', 'the client closed the connection')
    else ended('failed', `the connection ended, and not by the client: ${ending}`)
  }

  /** Why the file could not be sent to its end; undefined where it was, or where the client hung up. */
  async #copy(
    file: FoundFile,
    start: number,
    end: number,
    response: ServerResponse,
    onSent: (bytes: Uint8Array) => void,
  ): Promise<string | undefined> {
    try {
      if (file.content) {
        const bytes = file.content.subarray(start, end + 1)
        if (!response.write(bytes)) await drained(response)
        onSent(bytes)
        return undefined
      }
      for (let at = start; at <= end && !response.destroyed;) {
        const chunk = await this.#chunks.read(file, at, end)
        if (!chunk) return 'the file changed during the transfer; the connection was broken off'
        const { bytes, release } = chunk
        at += bytes.length
        const isTaken = response.write(bytes, release)
        onSent(bytes)
        if (!isTaken) await drained(response)
      }
      return undefined
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return `the file cannot be read any further (${code ?? message}); the connection was broken off`
    }
  }
}

/** Our IPv4 address that was asked. */
const serverOf = ({ socket }: IncomingMessage): string => (socket.localAddress ?? '').replace(/^::ffff:/, '')

/** Resolves when it takes more, or when nobody takes anything any more. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
    if (response.destroyed) done()
  })
