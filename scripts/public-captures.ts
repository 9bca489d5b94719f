/**
 * `node scripts/public-captures.ts FOLDER`: explains every capture of a folder of public ones, and prints one line each: SHA-256, how
 * `explain` would end, name, and of an accusation its reason. docs/public-captures.tsv is what it printed; the captures are not kept.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { Session } from '#shared/trace/session.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('A folder of captures is missing: node scripts/public-captures.ts FOLDER')

/** The worst that is said of any attempt, with the headline that says it. */
function verdictOf(bytes: Uint8Array): string {
  const session = new Session()
  session.push(bytes)
  session.end()
  const told = session.trace.attempts.map((attempt) => explainAttempt(session.store, attempt, { nowNs: session.endNs }))
  const failed = told.filter((one) => one.outcome === 'failed')
  if (failed.length > 0) return `failed\t${[...new Set(failed.map((one) => one.headline))].join(' ')}`
  if (session.damage) return 'damaged\t'
  const kinds = new Set(told.map((one) => one.outcome))
  const first = (['unknown', 'waiting', 'started', 'loaded', 'address', 'idle', 'check'] as const).find((one) => kinds.has(one)) // prettier-ignore
  return `${first ?? 'none'}\t`
}

for (const name of readdirSync(folder).sort()) {
  const bytes = readFileSync(join(folder, name))
  const [outcome, reason] = verdictOf(bytes).split('\t')
  process.stdout.write(
    `${createHash('sha256').update(bytes).digest('hex')}\t${outcome}\t${name}${reason ? `\t${reason}` : ''}\n`,
  )
}
