/** The one place where this program asks an HTTP server without TLS: one question a connection. */
import { request as httpRequest } from 'node:http'
import { answerDeadline } from './answer-deadline.ts'
import type { HttpsAnswer, HttpsRequest } from './https-request.ts'

export interface HttpClientOptions {
  /** Without a byte in either direction; the whole answer may take four times as long once the request is sent. */
  readonly timeoutMs: number
  readonly mostAnswerBytes: number
  /** The interface that the host, an IPv6 address of one link, is on (RFC 4007 section 11). */
  readonly zone?: string | undefined
}

/** Rejects with what the system says (ECONNREFUSED), or with code ETIMEDOUT. `url` begins with http. */
export function askOverHttp(url: URL, request: HttpsRequest, options: HttpClientOptions): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, {
      method: request.method,
      path: request.path,
      ...(options.zone === undefined ? {} : { hostname: `${url.hostname.slice(1, -1)}%${options.zone}` }),
      headers: {
        host: url.host,
        ...request.headers,
        connection: 'close',
        'content-length': String(request.body?.length ?? 0),
      },
      agent: false,
    })
    sent.setTimeout(options.timeoutMs, () => sent.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))) // prettier-ignore
    sent.on('error', reject)
    let isWhole = (): void => {}
    sent.on('finish', () => (isWhole = answerDeadline(options.timeoutMs, (error) => sent.destroy(error))))
    sent.on('close', () => isWhole())
    sent.on('response', (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('error', reject)
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size > options.mostAnswerBytes) return void response.destroy(new Error('the answer is too long'))
        parts.push(part)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })) // prettier-ignore
    })
    sent.end(request.body)
  })
}
