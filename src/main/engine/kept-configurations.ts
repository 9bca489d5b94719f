/** What a Kea had before each change, in the state folder; nobody but its user reads them, for they hold passwords. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '#shared/kea/control.ts'
import { makeOwnFolder } from '../files/own-file.ts'

const mostKept = 20
const isKept = (name: string): boolean => /^kea-before-.*\.json$/.test(name)

/** The path of the file. Throws what the system says. */
export function keepConfiguration(folder: string, server: string, dhcp4: JsonObject, now = new Date()): string {
  makeOwnFolder(folder)
  const who = server.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '')
  const path = join(folder, `kea-before-${now.toISOString().replace(/[:.]/g, '-')}-${who}.json`)
  writeFileSync(path, `${JSON.stringify({ Dhcp4: dhcp4 }, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
  const all = readdirSync(folder).filter(isKept).toSorted()
  for (const old of all.slice(0, Math.max(0, all.length - mostKept))) rmSync(join(folder, old), { force: true })
  return path
}
