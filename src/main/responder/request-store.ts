/** Pending requests in the state folder, so that a decision that is remembered outlives the responder. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { mostRequests, type PendingRequest } from '#shared/machines/pending-requests.ts'
import { replaceFile } from '../files/replace-file.ts'

export const requestsFile = 'approvals.json'

const stored = z
  .array(
    z.object({
      request: z.int().min(1).max(0xffffffff),
      mac: z.string(),
      uuid: z.string().optional(),
      architecture: z.int().optional(),
      // Older files have neither.
      vendorClass: z.string().default(''),
      file: z.string().default(''),
      since: z.number(),
      state: z.enum(['pending', 'approved', 'refused']),
      name: z.string(),
      isRemembered: z.boolean(),
    }),
  )
  .max(mostRequests)

/** Empty where there is no file; `problem` says why one that is there cannot be used. */
export function readRequests(path: string): { readonly requests: PendingRequest[]; readonly problem?: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { requests: [] } : { requests: [], problem: `it cannot be read (${code})` }
  }
  try {
    return { requests: stored.parse(JSON.parse(text)).map((one) => ({ ...one, uuid: one.uuid, architecture: one.architecture })) } // prettier-ignore
  } catch {
    return { requests: [], problem: 'it is damaged' }
  }
}

/** Writes the newest state, one file at a time; what comes while one is written is written after it. */
export class RequestStore {
  readonly #path: string
  readonly #onError: (error: Error) => void
  #next: readonly PendingRequest[] | undefined
  #writing: Promise<void> | undefined

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path
    this.#onError = onError
  }

  write(requests: readonly PendingRequest[]): void {
    this.#next = requests
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#next) {
      const content = JSON.stringify(this.#next)
      this.#next = undefined
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
        await replaceFile(this.#path, content, { mode: 0o600, refusesLinks: true })
      } catch (error) {
        this.#onError(error as Error)
      }
    }
  }
}
