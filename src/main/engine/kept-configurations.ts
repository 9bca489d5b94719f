/** What a Kea had before each change, in the state folder; nobody but its user reads them, for they hold passwords. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '#shared/kea/control.ts'
import { makeOwnFolder } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'

const mostKept = 20
const isKept = (name: string): boolean => /^kea-before-.*\.json$/.test(name)

/** The path of the file. Throws what the system says. */
export async function keepConfiguration(
  folder: string,
  server: string,
  dhcp4: JsonObject,
  now = new Date(),
): Promise<string> {
  makeOwnFolder(folder)
  const who = server.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '')
  const path = join(folder, `kea-before-${now.toISOString().replace(/[:.]/g, '-')}-${who}.json`)
  await replaceFile(path, `${JSON.stringify({ Dhcp4: dhcp4 }, undefined, 2)}\n`, { mode: 0o600, refusesLinks: true })
  const all = (await readdir(folder)).filter(isKept).toSorted()
  for (const old of all.slice(0, Math.max(0, all.length - mostKept))) await rm(join(folder, old), { force: true })
  return path
}
