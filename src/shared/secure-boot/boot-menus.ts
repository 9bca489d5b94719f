/**
 * Which programs a boot loader starts, as far as its configuration says it by plain paths: GRUB by grub.cfg and what that
 * includes (GRUB manual, sections 16.3 and 17; Boot Loader Specification for `blscfg`), iPXE by its scripts. What a variable
 * stands in, or what another server has, is not followed.
 */
import { decodeText } from '../wire/bytes.ts'
import type { ReadFile } from './chain.ts'

export interface NamedProgram {
  readonly role: 'kernel' | 'chained program' | 'shim'
  readonly file: string
}

/** Files that are read, and programs that are looked at: a menu may name hundreds. */
const mostMenus = 6
const mostPrograms = 4

const isIpxe = (loader: string): boolean => /(ipxe|snponly|snp|undionly)[^/\\]*$/i.test(loader)
const folderOf = (file: string): string => /^.*[/\\]/.exec(file)?.[0] ?? ''
const isPlain = (path: string): boolean => /^[/\\]?\w[\w./\\+@~-]*$/.test(path)

/** `loader` is where it was loaded from; `scripts` are those that a lab hands out to iPXE. */
export async function programsNamedBy(
  loader: string,
  scripts: readonly string[],
  read: ReadFile,
): Promise<NamedProgram[]> {
  const found = isIpxe(loader)
    ? await walk([`${folderOf(loader)}autoexec.ipxe`, ...scripts], ipxeLine, read)
    : await walk(await grubMenu(loader, read), grubLine, read)
  const seen = new Set<string>()
  return found.filter(({ file }) => !seen.has(file) && seen.add(file)).slice(0, mostPrograms)
}

/** Where GRUB builds of the distributions look, beside the loader and below the root: the first that is there. */
async function grubMenu(loader: string, read: ReadFile): Promise<string[]> {
  const names = ['grub.cfg', 'grub/grub.cfg']
  for (const place of new Set([...names.map((one) => `${folderOf(loader)}${one}`), ...names]))
    if ((await read(place)) instanceof Uint8Array) return [place]
  return []
}

/** One line of a menu, by the file it stands in: a program, or another menu. */
type Line = (words: readonly string[], menu: string) => NamedProgram | { readonly menu: string } | undefined

async function walk(menus: readonly string[], lineOf: Line, read: ReadFile): Promise<NamedProgram[]> {
  const found: NamedProgram[] = []
  const open = [...new Set(menus)]
  const known = new Set(open)
  for (let count = 0; count < mostMenus; count++) {
    const menu = open.shift()
    if (menu === undefined) break
    const bytes = await read(menu)
    // A program that iPXE chains is one of its own.
    if (!(bytes instanceof Uint8Array) || (bytes[0] === 0x4d && bytes[1] === 0x5a)) continue
    for (const line of decodeText(bytes).split(/\r?\n/)) {
      const words = line.trim().split(/\s+/).map((word) => word.replaceAll(/^["']|["']$/g, '')) // prettier-ignore
      const named = lineOf(words, menu)
      if (named === undefined) continue
      if ('file' in named) {
        found.push(named)
        // What iPXE chains may be a script.
        if (named.role !== 'chained program' || !/\.(ipxe|php|cfg|txt)$|^[^.]*$/i.test(named.file)) continue
        found.pop()
      }
      const next = 'menu' in named ? named.menu : named.file
      if (!known.has(next)) open.push(next)
      known.add(next)
    }
  }
  return found
}

/** Paths of GRUB are those of its device, with or without a slash. */
const grubLine: Line = ([command, first]) => {
  if (first === undefined || !isPlain(first)) return undefined
  const file = first.replace(/^\//, '')
  if (command === 'linux' || command === 'linuxefi') return { role: 'kernel', file }
  if (command === 'chainloader') return { role: 'chained program', file }
  const isMenu = command === 'configfile' || command === 'source' || (command === 'blscfg' && file.endsWith('.conf'))
  return isMenu ? { menu: file } : undefined
}

/** Options of these commands that take the next word. */
const withValue = /^(-n|--name|-t|--timeout|-a|--autofree-after)$/

/** Names in a script of iPXE are relative to the script. */
const ipxeLine: Line = ([command, ...words], menu) => {
  const role = ({ kernel: 'kernel', chain: 'chained program', shim: 'shim' } as const)[command ?? '']
  if (role === undefined) return undefined
  const name = words.find((word, at) => !word.startsWith('-') && !withValue.test(words[at - 1] ?? ''))
  if (name === undefined || !isPlain(name)) return undefined
  const file = name.startsWith('/') ? name.slice(1) : `${folderOf(menu)}${name}`
  return { role, file }
}
