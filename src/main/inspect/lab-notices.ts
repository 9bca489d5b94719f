/** What a lab would leave its clients without, with its boot folder as it is now; see `shared/lab/boot-check.ts`. */
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { bootProgramHeadBytes } from '#shared/wire/boot-program.ts'
import { checkBoot, namedFiles, type BootFolderView, type FolderFile, type LabNotice } from '#shared/lab/boot-check.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { BootFolder, readAt } from '../responder/boot-folder.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { templateNotices } from './render-template.ts'

async function lookUp(folder: BootFolder, name: string): Promise<FolderFile> {
  const found = await folder.openFile(name)
  if (!found.ok) return { ok: false, reason: found.reason }
  try {
    const head = new Uint8Array(bootProgramHeadBytes)
    const bytesRead = await readAt(found, head, 0)
    return { ok: true, name: found.name, size: found.size, head: head.subarray(0, bytesRead) }
  } catch (error) {
    return { ok: false, reason: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` }
  } finally {
    await found.handle.close()
  }
}

/** Addresses of the interfaces the lab names; empty where there are none of these here. */
function ownAddresses(lab: Lab): readonly number[] {
  const wanted = typeof lab.interface === 'string' ? [lab.interface] : lab.interface
  try {
    return selectInterfaces(wanted, listInterfaces()).found.map(({ address }) => address)
  } catch {
    return []
  }
}

/** The files that a lab names, as the responder would find them. `bootFolder` is absolute. */
export async function viewOfLab(
  lab: Lab,
  bootFolder: string,
): Promise<{ readonly view: BootFolderView; readonly own: readonly number[] }> {
  const own = ownAddresses(lab)
  const folder = await BootFolder.open(bootFolder, lab.boot.raspberryPi).catch(() => undefined)
  const files = new Map<string, FolderFile>()
  if (folder) for (const name of namedFiles(lab)) files.set(name, await lookUp(folder, name))
  return { view: { exists: folder !== undefined, files }, own }
}

export async function noticesOf(lab: Lab, bootFolder: string): Promise<readonly LabNotice[]> {
  const { view, own } = await viewOfLab(lab, bootFolder)
  return [
    ...checkBoot(lab, view, own),
    ...(lab.boot.templates.length > 0 ? await noticesOfTemplates(lab, bootFolder) : []),
  ]
}

async function noticesOfTemplates(lab: Lab, bootFolder: string): Promise<readonly LabNotice[]> {
  const folder = await BootFolder.open(bootFolder, lab.boot.raspberryPi).catch(() => undefined)
  if (!folder || lab.mode === 'listen') return []
  // What cannot be looked at is told by what asks for it.
  return templateNotices(lab, folder, await namesIn(folder.root)).catch(() => [])
}

const mostNames = 5000

/** Files of a folder by their paths with slashes; of more than so many, those that come first. */
async function namesIn(root: string): Promise<readonly string[]> {
  const names: string[] = []
  const waiting = [root]
  for (let path = waiting.shift(); path !== undefined && names.length < mostNames; path = waiting.shift())
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) waiting.push(join(path, entry.name))
      else names.push(relative(root, join(path, entry.name)).replaceAll(sep, '/'))
  return names
}

/** How often the files are looked at again. */
const intervalMs = 3000

/**
 * Keeps the notices of a lab up to date while files come and go. `onChange` hears what is new and what is over, the first
 * time too. Returns how to stop.
 */
export function followNotices(
  lab: Lab,
  bootFolder: string,
  onChange: (all: readonly LabNotice[], fresh: readonly LabNotice[], over: readonly LabNotice[]) => void,
): () => void {
  let last: readonly LabNotice[] | undefined
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const look = async (): Promise<void> => {
    const now = await noticesOf(lab, bootFolder)
    if (isOver) return
    const missingFrom = (others: readonly LabNotice[]) => (one: LabNotice) =>
      !others.some(({ text }) => text === one.text)
    const fresh = now.filter(missingFrom(last ?? []))
    const over = (last ?? []).filter(missingFrom(now))
    if (last === undefined || fresh.length > 0 || over.length > 0) onChange(now, fresh, over)
    last = now
    timer = setTimeout(() => void look(), intervalMs)
    timer.unref()
  }
  void look()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
