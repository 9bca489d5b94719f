/** A file by HTTP, whole, as the rehearsal looks at it. */
import { isLinkLocal } from '#shared/wire/ip-address.ts'
import { askOverHttp } from '../io/http-request.ts'

export interface HttpFetch {
  /** The interface that addresses of one link are on (RFC 4007 section 11). */
  readonly zone: string | undefined
  readonly mostBytes: number
  readonly signal: AbortSignal
}

/** How long an address of one link is waited for without a byte. */
const waitMs = 20_000

/** What is there, or why it is not. */
export async function fetchOverHttp(url: string, { zone, mostBytes, signal }: HttpFetch): Promise<Uint8Array | string> {
  const tooLong = `it is larger than ${mostBytes >> 20} MiB`
  try {
    const place = new URL(url)
    // An address with a zone is none in a URL (RFC 3986 section 3.2.2), and so none for fetch.
    if (zone !== undefined && isLinkLocal(place.hostname.slice(1))) {
      const { status, body } = await askOverHttp(place, { method: 'GET', path: `${place.pathname}${place.search}`, headers: {} }, { timeoutMs: waitMs, mostAnswerBytes: mostBytes, zone }) // prettier-ignore
      return status === 200 ? body : String(status)
    }
    const response = await fetch(url, { signal })
    if (!response.ok) return `${response.status} ${response.statusText}`
    const content = new Uint8Array(await response.arrayBuffer())
    return content.length > mostBytes ? tooLong : content
  } catch (error) {
    return error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
  }
}
