/**
 * Where a lab keeps leases, captures, journal and saved scenarios: in the folder its file names under `state`, otherwise in
 * the folder that the system has for such things. Beside the lab file, where they used to be, OneDrive and its like copy
 * them, hold them open, and bring them back from other machines.
 */
import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { lstat, readdir, rmdir } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Lab } from '#shared/lab/lab.ts'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { closeToOthers } from '../files/close-to-others.ts'
import { giveFolder } from '../files/give-folder.ts'
import { moveFolder } from '../files/move-folder.ts'
import { isInside } from '../io/open-file.ts'
import { Journal } from '../remedy/journal.ts'
import { actAs, whoRuns, type User } from '../system/rights.ts'
import { FolderInUse, lastHolder, StateLock } from '../responder/state-lock.ts'
import { parseLab, LabFile } from './lab-file.ts'

export interface StatePlace {
  readonly folder: string
  /** For the log: that the folder has moved, or why it could not. */
  readonly told: readonly UntimedEvent[]
  /** Why the lab cannot be started: the folder that its file names is another lab's, and `folder` stands in for it. */
  readonly refused?: { readonly message: string; readonly remedy: string }
}

/** The folder of the system for what programs keep: Windows, macOS, XDG Base Directory Specification 0.8. */
export function stateHome(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  const named = (name: string): string | undefined => environment[name] || undefined
  if (platform === 'win32') return join(named('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'PXE Lab')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'PXE Lab')
  const state = named('XDG_STATE_HOME')
  // "All paths must be absolute. If an implementation encounters a relative path it should ignore it."
  return join(state?.startsWith('/') ? state : join(home, '.local', 'state'), 'pxe-lab')
}

/** The path without links, as far as it is there. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(realPath(above), basename(path))
  }
}

const isOneCase = process.platform === 'win32' || process.platform === 'darwin'
/** One for each file, by whichever path. */
const keyOf = (path: string): string => (isOneCase ? realPath(path).toLowerCase() : realPath(path))

/** A name that a person recognises, and one for each lab file: two of the same name lie in different folders. */
function usualFolder(file: LabFile, user: User | undefined): string {
  const path = realPath(file.path)
  const key = createHash('sha256').update(keyOf(path)).digest('hex').slice(0, 12) // prettier-ignore
  const name = basename(path, extname(path)).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 40) // prettier-ignore
  const home = user?.home !== undefined && existsSync(user.home) ? user.home : homedir()
  return join(stateHome(process.platform, process.env, home), 'labs', `${name || 'lab'}-${key}`)
}

/** What the program itself puts into a state folder. */
const ownNames =
  /^(leases\.sqlite|lock\.sqlite|tls\.pem|https(?:-ca)?\.pem|checks\.json|approvals\.json|serve-(?:address|commands)$|captures$|history$|remedies$|scenarios$|\..*\.part$)/

const contents = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

/** Whether somebody has the database open: only one connection alone may change how its journal is kept. */
function isOpenElsewhere(file: string): boolean {
  try {
    const database = new DatabaseSync(file, { readOnly: false })
    try {
      database.exec('PRAGMA busy_timeout = 0')
      const answer = database.prepare('PRAGMA journal_mode = DELETE').get() as { journal_mode: string }
      return answer.journal_mode !== 'delete'
    } finally {
      database.close()
    }
  } catch (error) {
    return /locked|busy/i.test((error as Error).message)
  }
}

interface Neighbour {
  readonly name: string
  readonly file: LabFile
  readonly lab: Lab
}

/** The other labs in the folder of a lab file, whether they run or not. */
async function neighboursOf(file: LabFile): Promise<Neighbour[]> {
  const found: Neighbour[] = []
  for (const name of await contents(dirname(file.path))) {
    if (!/\.(ya?ml|json)$/i.test(name) || name === basename(file.path)) continue
    const other = new LabFile(join(dirname(file.path), name))
    const parsed = parseLab(await other.readText().catch(() => ''))
    if (parsed.ok) found.push({ name, file: other, lab: parsed.lab })
  }
  return found
}

/** Why a state folder beside the lab file has to stay there; undefined where it may move. */
async function reasonToStay(former: string, file: LabFile, neighbours: readonly Neighbour[]): Promise<string | undefined> {
  const names = await contents(former)
  const stranger = names.find((name) => !ownNames.test(name))
  if (stranger !== undefined) return `it also holds ${stranger}, which is not of PXE Lab`
  const sharer = neighbours.find(({ lab }) => lab.state === null)
  if (sharer) return `${sharer.name} uses it too`
  if ((await new Journal(join(former, 'remedies')).holder()) !== undefined) return 'a change of this machine is being made'
  try {
    StateLock.take(former, file.path).release()
  } catch (error) {
    return error instanceof FolderInUse ? error.message : `it cannot be written (${(error as Error).message})`
  }
  if (names.includes('leases.sqlite') && isOpenElsewhere(join(former, 'leases.sqlite'))) return 'it is in use by another PXE Lab'
  return undefined
} // prettier-ignore

/** Who the responder becomes; where that is not clear the responder says so when it starts. */
function userOf(file: LabFile, lab: Lab | undefined): User | undefined {
  try {
    return whoRuns(file.path, lab?.runAs ?? null).user
  } catch {
    return undefined
  }
}

/** Where root runs the back end, the folder is made for the user first. What fails here the responder tells. */
function give(folder: string, user: User | undefined): void {
  try {
    if (user) giveFolder(folder, user, /^((leases|lock)\.sqlite|checks\.json$|https(-ca)?\.pem$)/)
    // Older versions made some of it readable to everybody.
    if (existsSync(folder)) actAs(user, () => closeToOthers(folder, ownNames))
  } catch {
    // It may also be read-only, and nothing written.
  }
}

/**
 * The state folder of a lab. One that still lies beside the lab file moves to its place, once: whole or not at all, never
 * while somebody uses it, and never where the lab file names a folder. `lab` is undefined where the file cannot be read:
 * nothing moves then, since it may name a folder.
 */
export async function placeOfState(file: LabFile, lab: Lab | undefined): Promise<StatePlace> {
  const user = userOf(file, lab)
  const place = await findPlace(file, lab, user)
  give(place.folder, user)
  return place
}

/** Whether that lab file is there and its state lies in that folder. */
async function uses(path: string, folder: string): Promise<boolean> {
  const file = new LabFile(path)
  const parsed = parseLab(await file.readText().catch(() => ''))
  if (!parsed.ok) return false
  const { lab } = parsed
  return lab.state === null
    ? [usualFolder(file, userOf(file, lab)), file.resolve('state')].some((one) => keyOf(one) === keyOf(folder))
    : keyOf(file.resolve(lab.state)) === keyOf(folder)
}

/** The lab of another folder that has this state folder: who used it last, or who names it from beside it. */
async function ownerElsewhere(folder: string, file: LabFile): Promise<string | undefined> {
  const own = keyOf(dirname(file.path))
  // What lies with the lab is the lab's.
  if (isInside(own, keyOf(folder))) return undefined
  const holder = lastHolder(folder)
  const beside = dirname(resolve(folder))
  const names = (await contents(beside)).filter((name) => /\.(ya?ml|json)$/i.test(name))
  const found = [...(holder?.host === hostname() ? [holder.lab] : []), ...names.map((name) => join(beside, name))]
  for (const path of found) if (keyOf(dirname(path)) !== own && (await uses(path, folder))) return path
  return undefined
}

/** Leases, approvals and captures of one lab are nothing for another that only names their folder; `otherwise` is its own. */
async function namedPlace(file: LabFile, state: string, otherwise: string): Promise<StatePlace> {
  const folder = file.resolve(state)
  const owner = await ownerElsewhere(folder, file)
  if (owner === undefined) return { folder, told: [] }
  const message = `the state folder ${folder} belongs to the lab ${owner}`
  const remedy = 'Name another folder in state, or leave it out for a folder of its own.'
  return { folder: otherwise, told: [{ type: 'warning', message: `${message}. ${remedy}` }], refused: { message, remedy } } // prettier-ignore
}

async function findPlace(file: LabFile, lab: Lab | undefined, user: User | undefined): Promise<StatePlace> {
  const folder = usualFolder(file, user)
  if (lab && lab.state !== null) return namedPlace(file, lab.state, folder)
  const former = file.resolve('state')
  if ((await contents(folder)).length > 0) return { folder, told: [] }
  const found = await lstat(former).catch(() => undefined)
  const isState = (await contents(former)).some((name) => ownNames.test(name))
  if (!found || !isState) return { folder, told: [] }
  // It is another lab's, with all that one has acknowledged; a lab file that cannot be read may say the same of it.
  const neighbours = await neighboursOf(file)
  const isSomebodys = neighbours.some(({ file: other, lab: { state } }) => state !== null && resolve(other.resolve(state)) === resolve(former)) // prettier-ignore
  if (isSomebodys && (lab || !existsSync(file.path))) return { folder, told: [] }
  // A link was put there by somebody who wants it so.
  if (!lab || !found.isDirectory() || isInside(resolve(former), resolve(folder))) return { folder: former, told: [] } // prettier-ignore
  const stays = (why: string): StatePlace => ({
    folder: former,
    told: [{ type: 'warning', message: `the state of this lab stays in ${former}: ${why}. Write state: ./state into the lab file to keep it there.` }],
  }) // prettier-ignore
  const reason = await reasonToStay(former, file, neighbours)
  if (reason !== undefined) return stays(reason)
  try {
    // The folders above it belong to that user as well.
    give(folder, user)
    await rmdir(folder).catch(() => {})
    await moveFolder(former, folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Where another process was faster, it is there already.
    if ((await contents(folder)).length > 0) return { folder, told: [] }
    return stays(`it cannot be moved to ${folder} (${code ?? message})`)
  }
  return { folder, told: [{ type: 'state-moved', from: former, to: folder }] }
}
