/** What a lab would leave its clients without, with its boot folder as it is now; see `shared/lab/boot-check.ts`. */
import { say, sameText } from '#messages/message.ts'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { bootProgramHeadBytes } from '#shared/wire/boot-program.ts'
import { checkBoot, namedFiles, type BootFolderView, type FolderFile, type LabNotice } from '#shared/lab/boot-check.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { decodeText } from '#shared/wire/bytes.ts'
import {
  filesNamedByConfiguration,
  raspberryPiFirmware,
  raspberryPiNames,
} from '#shared/machines/pxe-client/raspberry-pi.ts'
import { isRaspberryPiFolder } from '#shared/machines/raspberry-pi-folder.ts'
import {
  commonFolderOf,
  filesNamedIn,
  raspberryPiFolderOf,
  smallMachines,
  smallMachinesOf,
  uBootFolders,
  type SmallMachine,
} from '#shared/lab/small-machines.ts'
import { BootFolder, readAt } from '../responder/boot-folder.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { templateNotices } from './render-template.ts'

/** The largest boot configuration that is read whole: those of Windows have some 32 KiB. */
const mostHiveBytes = 1 << 20

async function lookUp(folder: BootFolder, name: string): Promise<FolderFile> {
  const found = await folder.openFile(name)
  if (!found.ok) return { ok: false, reason: found.reason }
  try {
    let head = new Uint8Array(bootProgramHeadBytes)
    let bytesRead = await readAt(found, head, 0)
    // A boot configuration is a registry hive, whose entries may stand anywhere in it.
    if (bytesRead === head.length && found.size <= mostHiveBytes && decodeText(head.subarray(0, 4)) === 'regf') {
      head = new Uint8Array(found.size)
      bytesRead = await readAt(found, head, 0)
    }
    return { ok: true, name: found.name, size: found.size, head: head.subarray(0, bytesRead) }
  } catch (error) {
    return {
      ok: false,
      reason: say('boot-check.cannot-be-read', { why: (error as NodeJS.ErrnoException).code ?? String(error) }),
    }
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
  return { view: { exists: folder !== undefined, files, smallMachines: await smallMachineFiles(lab, folder) }, own }
}

/** Files of Raspberry Pis and U-Boot, by the names that those of a simulation ask for. */
async function smallMachineFiles(lab: Lab, folder: BootFolder | undefined): Promise<ReadonlyMap<string, FolderFile>> {
  const files = new Map<string, FolderFile>()
  const machines = folder ? smallMachinesOf(lab) : []
  if (!folder || machines.length === 0) return files
  const add = async (name: string, place = name): Promise<Extract<FolderFile, { ok: true }> | undefined> => {
    const found = await lookUp(folder, place)
    if (!found.ok) return undefined
    files.set(name, found)
    return found
  }
  for (const machine of machines)
    if (machine === 'u-boot-pxe') for (const below of uBootFolders(lab)) await addUBoot(lab, folder, below, add)
    else await addRaspberryPi(lab, folder, machine, add)
  return files
}

type Add = (name: string, place?: string) => Promise<Extract<FolderFile, { ok: true }> | undefined>

async function addUBoot(lab: Lab, folder: BootFolder, below: string, add: Add): Promise<void> {
  await add('boot.scr.uimg')
  const names = await readdir(join(folder.root, below, 'pxelinux.cfg')).catch(() => [])
  const defaults = ['default-arm', 'default'].map((name) => `${below}pxelinux.cfg/${name}`)
  let configuration = (await add(defaults[0]!)) ?? (await add(defaults[1]!))
  // Boards with a file each: the simulated one has that of the first.
  const first = names.find((name) => /^01(-[0-9a-f]{2}){6}$/i.test(name))
  if (!configuration && first !== undefined)
    configuration = await add(
      `${below}pxelinux.cfg/01-${smallMachines['u-boot-pxe'].replaceAll(':', '-')}`,
      `${below}pxelinux.cfg/${first}`,
    )
  if (configuration) for (const name of filesNamedIn(decodeText(configuration.head))) await add(`${below}${name}`)
}

async function addRaspberryPi(
  lab: Lab,
  folder: BootFolder,
  machine: Exclude<SmallMachine, 'u-boot-pxe'>,
  add: Add,
): Promise<void> {
  const firmware = raspberryPiFirmware[machine]
  const common = commonFolderOf(lab)
  let [to, from] = [common, common]
  // Pis with a folder each: the simulated one has that of the first.
  if (!(await add(`${common}${firmware}`))) {
    const own = await readdir(folder.root).catch(() => [])
    for (const name of own.filter(isRaspberryPiFolder))
      if (await add(`${raspberryPiFolderOf(machine)}${firmware}`, `${name}/${firmware}`)) {
        ;[to, from] = [raspberryPiFolderOf(machine), `${name}/`]
        break
      }
  }
  for (const name of ['bootcode.bin', 'boot.img', ...raspberryPiNames]) {
    const found = await add(`${to}${name}`, `${from}${name}`)
    if (name !== 'config.txt' || !found) continue
    for (const named of filesNamedByConfiguration(decodeText(found.head))) await add(`${to}${named}`, `${from}${named}`)
  }
  await add('bootcode.bin')
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
      !others.some(({ text }) => sameText(text, one.text))
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
