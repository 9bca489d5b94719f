/** `pxe-lab windows-pe`: what a Windows image holds and whether it boots, and boot configuration for it. */
import { basename } from 'node:path'
import { formatBytes } from '#shared/contract/format.ts'
import { probeSchema } from '#shared/contract/documents.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { readWindowsImageFile, type WindowsImageFile } from '../inspect/windows-image.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface WindowsPeOptions {
  readonly store?: string
  readonly path?: string
  readonly sdi: string
  readonly firmware: string
  readonly title?: string
  readonly block?: string
  readonly window?: string
  readonly measured?: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const wrong = (text: string): never => {
  complain(text)
  throw new UsageError(text)
}

/** Documented minimum of Windows PE beside the RAM disk (Microsoft, "Windows PE: hardware requirements"). */
const windowsPeMemory = 512 * 1024 * 1024

/** What the boot manager takes where nothing else is said (Microsoft, "RamDiskTFTPBlockSize"). */
const usual = { blockSize: 1456, windowSize: 4 } as const

function whole(option: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= low && value <= high
    ? value
    : wrong(`--${option} ${text} is not valid. Write a whole number from ${low} to ${high}.`)
}

/** A path from the root of the server, in the spelling of the boot manager. */
function serverPath(option: string, text: string): string {
  const path = `\\${text.replaceAll('/', '\\').replace(/^\\+/, '')}`
  return /^\\[^:*?"<>|\0]+$/.test(path)
    ? path
    : wrong(`--${option} ${text} is no path on the server. Write it from the boot folder, such as \\Boot\\boot.wim.`)
}

type Sizes = { readonly blockSize: number; readonly windowSize: number }

/** Undefined where the file does not tell, which has been said. */
async function measuredSizes(file: string): Promise<Sizes | undefined> {
  try {
    const { text } = await readTextFile(file)
    const found = probeSchema.parse(JSON.parse(text)).rehearsals?.find((one) => one.recommended)?.recommended
    if (found) return found
    complain(`--measured ${file} recommends no sizes. Write it with pxe-lab probe --rehearse --json where the image comes by TFTP.`) // prettier-ignore
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === undefined ? 'is not the output of pxe-lab probe --rehearse --json' : whyUnread(error) // prettier-ignore
    complain(`--measured ${file} ${why}. Name the output of pxe-lab probe --rehearse --json.`)
  }
  return undefined
}

function show(file: string, { description, problem, boots, bytes, header, images }: WindowsImageFile): void {
  tell(`${file}: ${description}, ${formatBytes(bytes)}, ${header.compression === 'none' ? 'not compressed' : header.compression}`) // prettier-ignore
  for (const one of images) {
    const facts = [one.architecture, one.version, one.edition, one.languages.join(' '), `${formatBytes(one.bytes)} unpacked`] // prettier-ignore
    tell(`  ${one.index}${one === boots ? '*' : ' '} ${one.name}: ${facts.filter(Boolean).join(', ')}`)
  }
  if (boots && images.length > 1) tell('  * boots')
  if (problem !== '') tell(`It does not boot: ${problem}.`)
  else
    tell(`A machine needs about ${formatBytes(bytes + windowsPeMemory)} of memory: the image, and 512 MB for Windows PE.`) // prettier-ignore
}

/** 0 it boots (and the store is written), 1 it does not, 2 a file cannot be read or written. */
export async function windowsPe(file: string, options: WindowsPeOptions): Promise<number> {
  const { firmware } = options
  if (firmware !== 'uefi' && firmware !== 'bios') return wrong(`--firmware ${firmware} is not valid. Write uefi or bios.`) // prettier-ignore
  const stated = {
    ...(options.block === undefined ? {} : { blockSize: whole('block', options.block, 512, 65_464) }),
    ...(options.window === undefined ? {} : { windowSize: whole('window', options.window, 1, 64) }),
  }
  const image = serverPath('path', options.path ?? `Boot/${basename(file)}`)
  const sdi = serverPath('sdi', options.sdi)
  let read: WindowsImageFile | undefined
  try {
    read = await readWindowsImageFile(file)
  } catch (error) {
    complain(`${file} ${whyUnread(error)}.`)
    return exitCodes.badFile
  }
  if (!read) {
    complain(`${file} is no Windows image. Name a .wim file, such as sources\\boot.wim of Windows media.`)
    return exitCodes.badFile
  }
  const measured = options.measured === undefined ? undefined : await measuredSizes(options.measured)
  if (options.measured !== undefined && !measured) return exitCodes.badFile
  const sizes: Sizes = { ...usual, ...measured, ...stated }
  const store = read.problem === '' ? options.store : undefined
  const entry = { image, sdi, firmware, ...sizes } as const
  if (options.json) {
    const { header, images, problem, description, bytes } = read
    tell(JSON.stringify({ version: 1, file, bytes, description, problem, bootIndex: header.bootIndex, compression: header.compression, images, memoryBytes: bytes + windowsPeMemory, store: store === undefined ? null : { file: store, ...entry } })) // prettier-ignore
  } else show(file, read)
  if (read.problem !== '') return exitCodes.failed
  if (store === undefined) return exitCodes.ok
  if (!(await write(store, entry, options.title ?? (read.boots?.name || 'Windows PE')))) return exitCodes.badFile
  if (!options.json)
    tell(`\nWrote ${store}: ${firmware === 'uefi' ? 'UEFI' : 'BIOS'} machines load ${sdi} and ${image} with blocks of ${sizes.blockSize} bytes, ${sizes.windowSize} in a window.`) // prettier-ignore
  return exitCodes.ok
}

async function write(
  store: string,
  { image, sdi, firmware, blockSize, windowSize }: Sizes & { image: string; sdi: string; firmware: 'uefi' | 'bios' },
  title: string,
): Promise<boolean> {
  const bytes = writeBootConfiguration({ entries: [{ title, image }], sdi, firmware, blockSize, windowSize, timeoutSeconds: 0 }) // prettier-ignore
  try {
    await replaceFile(store, bytes)
    return true
  } catch (error) {
    complain(`${store} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}). ${writeRemedy(error)}`) // prettier-ignore
    return false
  }
}
