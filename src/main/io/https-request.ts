/**
 * The one place where this program asks an HTTPS server. One connection is kept from request to request; nothing is written to it
 * before the certificate of the other side is trusted: by the authorities of the system, by those of a given file, or because it is
 * the very certificate whose fingerprint was given.
 */
import { request as httpRequest } from 'node:http'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, getCACertificates, rootCertificates, type TLSSocket } from 'node:tls'
import { answerDeadline } from './answer-deadline.ts'

export interface HttpsTrust {
  /** PEM of those who may have signed it, in place of the authorities of the system. */
  readonly ca?: string | undefined
  /** SHA-256 of the certificate itself, as 64 hexadecimal digits in upper case; its name and who signed it do not count then. */
  readonly fingerprint?: string | undefined
}

export interface HttpsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface HttpsRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
}

/** The other side is reached, and is not whom it should be. */
export class UntrustedServer extends Error {}

/** What Node trusts by itself and what the system trusts beside it, such as the authority of a company. */
function systemAuthorities(): string[] {
  try {
    return [...rootCertificates, ...getCACertificates('system')]
  } catch {
    return [...rootCertificates]
  }
}

/** Of an answer, unless more is expected. */
const usualAnswerBytes = 64 * 1024

export class HttpsClient {
  readonly #url: URL
  readonly #trust: HttpsTrust
  readonly #timeoutMs: number
  readonly #mostAnswerBytes: number
  #socket: TLSSocket | undefined
  /** One that is not secure yet. */
  #opening: TLSSocket | undefined

  /** `url` begins with https. `timeoutMs`: without a byte in either direction; the whole answer may take four times as long once the request is sent. */
  constructor(url: URL, trust: HttpsTrust, timeoutMs: number, mostAnswerBytes = usualAnswerBytes) {
    this.#url = url
    this.#trust = trust
    this.#timeoutMs = timeoutMs
    this.#mostAnswerBytes = mostAnswerBytes
  }

  /** Rejects with an UntrustedServer, with what the system says (ECONNREFUSED), or with code ETIMEDOUT. */
  async ask(request: HttpsRequest): Promise<HttpsAnswer> {
    const socket = await this.#connected()
    return new Promise((resolve, reject) => {
      // Its own connection alone: a failure is told more than once, and the next request may have another by then.
      const fail = (error: Error): void => {
        socket.destroy()
        if (this.#socket === socket) this.#socket = undefined
        reject(error)
      }
      const sent = httpRequest({
        createConnection: () => socket,
        method: request.method,
        path: request.path,
        headers: {
          ...request.headers,
          host: this.#url.host,
          connection: 'keep-alive',
          'content-length': String(request.body?.length ?? 0),
        },
      })
      sent.setTimeout(this.#timeoutMs, () => sent.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))) // prettier-ignore
      sent.on('error', fail)
      let isWhole = (): void => {}
      sent.on('finish', () => (isWhole = answerDeadline(this.#timeoutMs, (error) => sent.destroy(error))))
      sent.on('close', () => isWhole())
      sent.on('response', (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('error', fail)
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > this.#mostAnswerBytes) return void response.destroy(new Error('the answer is too long'))
          parts.push(part)
        })
        response.on('end', () => {
          if (response.headers.connection === 'close') this.close()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
        })
      })
      sent.end(request.body)
    })
  }

  /** Ends the connection, and what is asked; the next request makes another. */
  close(): void {
    this.#socket?.destroy()
    this.#opening?.destroy()
    this.#socket = undefined
    this.#opening = undefined
  }

  #connected(): Promise<TLSSocket> {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return Promise.resolve(this.#socket)
    const { hostname, port } = this.#url
    const host = hostname.replace(/^\[|\]$/g, '')
    const { ca, fingerprint } = this.#trust
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port: port === '' ? 443 : Number(port),
        ...(isIP(host) ? {} : { servername: host }),
        ca: ca ?? systemAuthorities(),
        allowPartialTrustChain: true,
        // It is judged below, before anything is written.
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
      })
      this.#opening = socket
      const fail = (error: Error): void => {
        socket.destroy()
        reject(error)
      }
      socket.on('error', fail)
      socket.setTimeout(this.#timeoutMs, () => fail(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))) // prettier-ignore
      socket.once('close', () => fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })))
      socket.once('secureConnect', () => {
        const problem = this.#distrust(socket, host, fingerprint)
        if (problem !== undefined) return fail(new UntrustedServer(problem))
        socket.removeAllListeners('timeout')
        socket.setTimeout(0)
        this.#socket = socket
        this.#opening = undefined
        resolve(socket)
      })
    })
  }

  #distrust(socket: TLSSocket, host: string, fingerprint: string | undefined): string | undefined {
    const shown = socket.getPeerX509Certificate()
    if (!shown) return 'it shows no certificate'
    const own = shown.fingerprint256.replaceAll(':', '')
    if (fingerprint !== undefined)
      return own === fingerprint ? undefined : `its certificate has the fingerprint ${shown.fingerprint256}, and not the one that was given` // prettier-ignore
    if (!socket.authorized)
      return `its certificate is not trusted (${(socket.authorizationError as unknown as { code?: string } | undefined)?.code ?? String(socket.authorizationError)}); its fingerprint is ${shown.fingerprint256}` // prettier-ignore
    return checkServerIdentity(host, socket.getPeerCertificate())?.message
  }
}
