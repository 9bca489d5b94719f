/** Captures in an object store that speaks the protocol of S3: AWS, MinIO, Ceph, Garage and others. Requests are signed (SigV4). */
import { hash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import type { PieceStore } from './piece-store.ts'

export interface S3Settings {
  /** Address of the server, such as https://s3.eu-central-1.amazonaws.com or https://minio.example:9000. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const requestMs = 60_000

/** What the server says of itself in an error: `<Code>NoSuchBucket</Code>`. */
const codeIn = (text: string): string | undefined => /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(text)?.[1]

const remedies: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Make the bucket, or name another one.',
  AccessDenied: 'Give this key the right to put, get and delete objects there.',
  InvalidAccessKeyId: 'Check AWS_ACCESS_KEY_ID.',
  SignatureDoesNotMatch: 'Check AWS_SECRET_ACCESS_KEY and the region.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
}

export class S3Error extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export class S3Store implements PieceStore {
  readonly #settings: S3Settings
  readonly #client: AwsClient

  constructor(settings: S3Settings) {
    this.#settings = settings
    const { accessKeyId, secretAccessKey, region } = settings
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 3, initRetryMs: 200 })
  }

  async #ask(method: string, key: string, body?: Uint8Array): Promise<Response> {
    const { endpoint, bucket } = this.#settings
    const url = `${endpoint.replace(/\/+$/, '')}/${bucket}/${key}`
    let answer: Response
    try {
      answer = await this.#client.fetch(url, {
        method,
        signal: AbortSignal.timeout(requestMs),
        // The digest of the body is signed as well: without it the store could not tell that something was changed on the way.
        headers: {
          'x-amz-content-sha256': hash('sha256', body ?? new Uint8Array(0), 'hex'),
          ...(body ? { 'content-length': String(body.length) } : {}),
        },
        ...(body ? { body: new Uint8Array(body) } : {}),
      })
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string; message?: string } }
      throw new S3Error(`the object store at ${endpoint} does not answer (${cause?.code ?? cause?.message ?? message})`, 'Check its address and that it runs.') // prettier-ignore
    }
    if (answer.ok || (answer.status === 404 && method !== 'PUT')) return answer
    const code = codeIn(await answer.text().catch(() => ''))
    throw new S3Error(
      `the object store at ${endpoint} refuses ${method} in ${bucket}: ${answer.status}${code === undefined ? '' : ` ${code}`}`,
      remedies[code ?? ''] ?? 'See its log.',
    )
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const answer = await this.#ask('PUT', key, bytes)
    await answer.body?.cancel()
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const answer = await this.#ask('GET', key)
    if (!answer.ok) {
      // A bucket that is gone is no object that is not there.
      const code = codeIn(await answer.text())
      if (code === 'NoSuchBucket') throw new S3Error(`there is no bucket ${this.#settings.bucket}`, remedies[code]!)
      return undefined
    }
    return new Uint8Array(await answer.arrayBuffer())
  }

  async remove(key: string): Promise<void> {
    const answer = await this.#ask('DELETE', key)
    await answer.body?.cancel()
  }
}
