/**
 * `node scripts/public-captures.ts FOLDER`: explains every capture of a folder of public ones. Prints one line for each that holds DHCP,
 * BOOTP or TFTP: SHA-256, how `explain` would end, name, and of an accusation its reason; then, on standard error, how many there are and
 * what share is accused. docs/public-captures.tsv is what it printed; the captures are not kept. Equal files count once.
 */
import { inEnglish } from '#messages/text.ts'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { Session } from '#shared/trace/session.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('A folder of captures is missing: node scripts/public-captures.ts FOLDER')

interface Verdict {
  readonly outcome: string
  /** The headlines that accuse somebody. */
  readonly reason: string
}

/** The worst that is said of any attempt, with the headline that says it; undefined where no machine boots or asks for an address. */
function verdictOf(bytes: Uint8Array): Verdict | undefined {
  const session = new Session()
  session.push(bytes)
  session.end()
  const told = session.trace.attempts.map((attempt) => explainAttempt(session.store, attempt, { nowNs: session.endNs }))
  if (told.length === 0) return undefined
  const failed = told.filter((one) => one.outcome === 'failed')
  if (failed.length > 0)
    return { outcome: 'failed', reason: [...new Set(failed.map((one) => inEnglish(one.headline)))].join(' ') }
  if (session.damage) return { outcome: 'damaged', reason: '' }
  const kinds = new Set(told.map((one) => one.outcome))
  const worst = (['unknown', 'waiting', 'started', 'loaded', 'address', 'idle', 'check'] as const).find((one) => kinds.has(one)) // prettier-ignore
  return { outcome: worst!, reason: '' }
}

const seen = new Set<string>()
const counts = new Map<string, number>()
for (const name of readdirSync(folder).sort()) {
  const file = readFileSync(join(folder, name))
  const hash = createHash('sha256').update(file).digest('hex')
  if (seen.has(hash)) continue
  seen.add(hash)
  const verdict = verdictOf(file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file)
  if (!verdict) continue
  counts.set(verdict.outcome, (counts.get(verdict.outcome) ?? 0) + 1)
  process.stdout.write(`${hash}\t${verdict.outcome}\t${name}${verdict.reason ? `\t${verdict.reason}` : ''}\n`)
}
const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
const accused = counts.get('failed') ?? 0
process.stderr.write(
  `${seen.size} captures read, ${all} with such traffic, ${accused} accused (${((accused / Math.max(1, all)) * 100).toFixed(1)} %): ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}\n`,
)
