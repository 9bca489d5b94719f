/**
 * Tokens by which agents come in: each is good for one site, until it is revoked. Of a token only its digest is kept; it is random
 * enough that nothing slower is needed. The file is changed by `pxe-lab hub token` while the hub runs, which looks at it again.
 */
import { hash, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { readOwnFile } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'

const prefix = 'pxl_'
const secretBytes = 32
const form = /^pxl_[\w-]{43}$/

export const siteName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, 'letters, digits, dots, hyphens and underscores, 63 at most, not at its ends') // prettier-ignore

const tokenSchema = z.object({
  /** What people call it by: it is no secret. */
  id: z.string(),
  site: siteName,
  sha256: z.string(),
  madeAt: z.number(),
  revokedAt: z.number().nullable(),
})
export type Token = z.infer<typeof tokenSchema>
const fileSchema = z.object({ version: z.literal(1), tokens: z.array(tokenSchema) })

const digestOf = (token: string): string => hash('sha256', token, 'hex')

export class TokenBook {
  readonly #file: string
  #seen = ''
  #byDigest = new Map<string, Token>()

  constructor(file: string) {
    this.#file = file
  }

  /** All of them, in the order in which they were made. Rejects with what the system says, or where the file is damaged. */
  async all(): Promise<Token[]> {
    try {
      const { text } = await readOwnFile(this.#file)
      return fileSchema.parse(JSON.parse(text)).tokens
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  async #write(tokens: readonly Token[]): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
    await replaceFile(this.#file, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, { mode: 0o600, refusesLinks: true }) // prettier-ignore
  }

  /** Makes a token; this is the only time that it is there to be read. */
  async make(site: string, now: number): Promise<{ readonly token: string; readonly id: string }> {
    const token = prefix + randomBytes(secretBytes).toString('base64url')
    const id = randomBytes(4).toString('hex')
    await this.#write([...(await this.all()), { id, site, sha256: digestOf(token), madeAt: now, revokedAt: null }])
    return { token, id }
  }

  /** Revokes a token by its id, or those of a site; returns which were good until now. */
  async revoke(idOrSite: string, now: number): Promise<Token[]> {
    const all = await this.all()
    const revoked = all.filter((one) => one.revokedAt === null && (one.id === idOrSite || one.site === idOrSite))
    if (revoked.length > 0)
      await this.#write(all.map((one) => (revoked.includes(one) ? { ...one, revokedAt: now } : one)))
    return revoked
  }

  /** The site of a token; undefined where it is none, or no longer good. Nobody is let in while the file cannot be read. */
  async siteOf(token: string): Promise<string | undefined> {
    if (!form.test(token)) return undefined
    await this.#refresh()
    // Found by its digest: how long that takes tells nothing of the token.
    return this.#byDigest.get(digestOf(token))?.site
  }

  async #refresh(): Promise<void> {
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false })
    const marks = found ? `${found.ino} ${found.size} ${found.mtimeNs}` : ''
    if (marks === this.#seen) return
    let tokens: Token[] = []
    try {
      tokens = await this.all()
    } catch {
      this.#byDigest = new Map()
      return
    }
    this.#byDigest = new Map(tokens.filter((one) => one.revokedAt === null).map((one) => [one.sha256, one]))
    this.#seen = marks
  }
}
