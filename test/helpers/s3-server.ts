/** A small object store that checks what a real one does: Signature Version 4, the digest of the body, and the date. */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

interface SignedRequest {
  readonly method: string
  /** Path and query as they stand in the request line. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/**
 * The signature that a request must have, from the parts that it names as signed itself. Written after "Signature Calculations for
 * the Authorization Header" of the Amazon S3 API reference, not after the signer under test.
 */
export function signatureOf({ method, target, headers }: SignedRequest, secret: string): { readonly given: string; readonly due: string; readonly signed: readonly string[] } {
  const found = authorization.exec(headers['authorization'] ?? '')
  if (!found) return { given: '', due: '-', signed: [] }
  const [, , day, region, names, given] = found as unknown as [string, string, string, string, string, string]
  const [path = '', query = ''] = target.split('?', 2)
  const canonicalQuery = query === '' ? '' : query.split('&').map((one) => (one.includes('=') ? one : `${one}=`)).sort().join('&')
  const signed = names.split(';')
  const canonical = [
    method,
    path,
    canonicalQuery,
    ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    names,
    headers['x-amz-content-sha256'] ?? '',
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = ['aws4_request', 's3', region, day].reduceRight((by: string | Buffer, part) => hmac(by, part), `AWS4${secret}`)
  return { given, due: hmac(key, text).toString('hex'), signed }
} // prettier-ignore

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

/** x-amz-date, as milliseconds since 1970. */
const timeOf = (date = ''): number => Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')) // prettier-ignore
const mostSkewMs = 15 * 60_000

interface Refusal {
  readonly status: number
  readonly code: string
}

export class S3Server {
  readonly objects = new Map<string, Buffer>()
  readonly requests: string[] = []
  /** Answers to come before any is good, such as 503 SlowDown. */
  readonly refusals: Refusal[] = []
  nowMs = (): number => Date.now()
  readonly #server: Server
  readonly #secrets: ReadonlyMap<string, string>

  private constructor(bucket: string, secrets: Readonly<Record<string, string>>) {
    this.#secrets = new Map(Object.entries(secrets))
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = Buffer.concat(parts)
        const method = request.method ?? ''
        const target = request.url ?? ''
        this.requests.push(`${method} ${target}`)
        const headers = flat(request.headers)
        const refusal = this.refusals.shift() ?? this.#refusalOf({ method, target, headers }, body, bucket)
        const key = decodeURIComponent(target.slice(bucket.length + 2))
        if (refusal) {
          response.writeHead(refusal.status, { 'content-type': 'application/xml' })
          response.end(`<?xml version="1.0"?><Error><Code>${refusal.code}</Code><Message>told</Message></Error>`)
          return
        }
        if (method === 'PUT') this.objects.set(key, body)
        if (method === 'DELETE') this.objects.delete(key)
        const found = this.objects.get(key)
        response.writeHead(method === 'DELETE' ? 204 : 200)
        response.end(method === 'GET' ? found : undefined)
      })
    })
  }

  static async start(bucket: string, secrets: Readonly<Record<string, string>>): Promise<S3Server> {
    const server = new S3Server(bucket, secrets)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #refusalOf(request: SignedRequest, body: Buffer, bucket: string): Refusal | undefined {
    const { headers, target, method } = request
    const [, keyId = ''] = authorization.exec(headers['authorization'] ?? '') ?? []
    const secret = this.#secrets.get(keyId)
    if (secret === undefined) return { status: 403, code: 'InvalidAccessKeyId' }
    const { given, due, signed } = signatureOf(request, secret)
    if (given !== due || !['host', 'x-amz-date', 'x-amz-content-sha256'].every((name) => signed.includes(name)))
      return { status: 403, code: 'SignatureDoesNotMatch' }
    if (!(Math.abs(timeOf(headers['x-amz-date']) - this.nowMs()) < mostSkewMs)) return { status: 403, code: 'RequestTimeTooSkewed' } // prettier-ignore
    if (headers['x-amz-content-sha256'] !== sha256(body)) return { status: 400, code: 'XAmzContentSHA256Mismatch' }
    if (!target.startsWith(`/${bucket}/`)) return { status: 404, code: 'NoSuchBucket' }
    if (method === 'GET' && !this.objects.has(decodeURIComponent(target.slice(bucket.length + 2)))) return { status: 404, code: 'NoSuchKey' } // prettier-ignore
    return undefined
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
