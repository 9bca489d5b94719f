/**
 * Whether a newer release exists. One request for one small document when it is turned on and at each start, and only
 * then; nothing is downloaded or installed, and nothing about this machine is sent.
 */
import { z } from 'zod'
import { say, type Phrase } from '#messages/message.ts'

/** The part that is read of the answer, whose form is that of GitHub's "get the latest release". */
const releaseSchema = z.object({
  tag_name: z.string().regex(/^v?\d+\.\d+\.\d+$/),
  html_url: z.url({ protocol: /^https$/ }),
})

const timeoutMs = 10_000
const mostBytes = 1 << 20

export type UpdateState =
  | { readonly state: 'off' }
  | { readonly state: 'asking' }
  | { readonly state: 'newest' }
  | { readonly state: 'newer'; readonly version: string; readonly url: string }
  | { readonly state: 'failed'; readonly reason: Phrase }

const numbersOf = (version: string): number[] => version.replace(/^v/, '').split('.').map(Number)

/** Whether version `a` is newer than `b`; both are MAJOR.MINOR.PATCH. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  const at = left.findIndex((one, index) => one !== right[index])
  return at >= 0 && left[at]! > right[at]!
}

/** Names below .example are nobody's (RFC 2606 section 2): the project has no releases page yet. */
const isPlaceholder = (url: string): boolean => new URL(url).hostname.endsWith('.example')

async function readText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += (piece as Uint8Array).length
    if (length > mostBytes) throw new Error('the answer is larger than 1 MiB')
    pieces.push(piece as Uint8Array)
  }
  return Buffer.concat(pieces).toString('utf8')
}

const failed = (url: string, reason: Phrase): UpdateState => ({
  state: 'failed',
  reason: say('desktop.not-asked', { host: new URL(url).host, reason }),
})

/** Asks the releases address once. Never throws. */
export async function askForUpdate(
  url: string,
  current: string,
  get: (url: string, options: RequestInit) => Promise<Response> = fetch,
): Promise<UpdateState> {
  if (!URL.canParse(url)) return { state: 'failed', reason: say('desktop.no-address', { url }) }
  if (isPlaceholder(url)) return { state: 'failed', reason: say('desktop.no-releases-page') }
  try {
    const response = await get(url, {
      headers: { accept: 'application/json' },
      credentials: 'omit',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) return failed(url, say('desktop.server-answered', { status: response.status }))
    const read = releaseSchema.safeParse(JSON.parse(await readText(response)))
    if (!read.success) return failed(url, say('desktop.describes-no-release'))
    const version = read.data.tag_name.replace(/^v/, '')
    return isNewer(version, current) ? { state: 'newer', version, url: read.data.html_url } : { state: 'newest' }
  } catch (error) {
    const { message, cause } = error as Error
    const reason = (cause as Error | undefined)?.message || message
    return failed(url, reason)
  }
}

/** Keeps what is known, and asks when it is turned on. */
export class UpdateCheck {
  #state: UpdateState = { state: 'off' }
  readonly #ask: () => Promise<UpdateState>
  readonly #onChange: () => void

  constructor(ask: () => Promise<UpdateState>, onChange: () => void) {
    this.#ask = ask
    this.#onChange = onChange
  }

  get state(): UpdateState {
    return this.#state
  }

  /** Turned on it asks, unless it has; turned off it forgets. */
  turn(isOn: boolean): void {
    if (isOn === (this.#state.state !== 'off')) return
    this.#state = { state: isOn ? 'asking' : 'off' }
    if (isOn)
      void this.#ask().then((state) => {
        if (this.#state.state !== 'asking') return
        this.#state = state
        this.#onChange()
      })
  }
}
