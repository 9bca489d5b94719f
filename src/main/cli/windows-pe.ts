/** `pxe-lab windows-pe`: what a Windows image holds and whether it boots, and boot configuration for it. */
import { t, textOf } from '#messages/text.ts'
import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { englishOf } from '#messages/json.ts'
import type { Phrase } from '#messages/message.ts'
import { tellBytes } from '#shared/contract/amounts.ts'
import { probeSchema } from '#shared/contract/documents.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { chooseSizes, usualSizes, windowsImageUse, windowsPeMemory, windowsPeWays, type ChosenSizes, type TriedSizes } from '#shared/lab/windows-pe.ts' // prettier-ignore
import { Session } from '#shared/trace/session.ts'
import type { Transfer } from '#shared/trace/transfer.ts'
import { takeCensus, type CensusClient } from '../probe/census.ts'
import { rehearse } from '../probe/rehearsal.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { onStop } from '../stop.ts'
import { readCapture } from './capture-input.ts'
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
  readonly measure?: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)
const wrong = (text: string): never => {
  complain(text)
  throw new UsageError(text)
}

function whole(option: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= low && value <= high
    ? value
    : wrong(t('cli.not-valid-write-whole-number', { option, text, low, high }))
}

/** A path from the root of the server, in the spelling of the boot manager. */
function serverPath(option: string, text: string): string {
  const path = `\\${text.replaceAll('/', '\\').replace(/^\\+/, '')}`
  return /^\\[^:*?"<>|\0]+$/.test(path) ? path : wrong(t('cli.no-path-server-write-boot', { option, text }))
}

type Sizes = { readonly blockSize: number; readonly windowSize: number; readonly why: readonly Phrase[] }

/** Of a file that a measurement is about: less tells nothing of the speed. */
const fewestBytes = 128 * 1024

/** What the transfers of a capture show, the longest of each pair of sizes. */
function triedIn(session: Session): TriedSizes[] {
  const longest = new Map<string, Transfer>()
  for (let number = 1; ; number++) {
    const one = session.trace.transferOf(number)
    if (!one) break
    const key = `${one.blockSize} ${one.windowSize}`
    if (!one.isWrite && one.bytes >= fewestBytes && one.bytes > (longest.get(key)?.bytes ?? 0)) longest.set(key, one)
  }
  return [...longest.values()].map((one) => ({
    blockSize: one.blockSize,
    agreedBlockSize: one.blockSize,
    agreedWindowSize: one.windowSize,
    bytesPerSecond: Math.round((one.bytes * 1e9) / Math.max(1, one.lastNs - one.startNs)),
    lost: one.retransmissions,
    problem: one.hasEverything ? '' : t('cli.did-not-come-end', { file: one.file }),
  }))
}

/** Undefined where the capture does not tell, which has been said. */
async function capturedSizes(file: string): Promise<ChosenSizes | undefined> {
  const session = new Session()
  const code = await readCapture(file, session, async () => {}, () => session.store.last, true) // prettier-ignore
  if (code !== exitCodes.ok) return undefined
  const tried = triedIn(session)
  const chosen = chooseSizes(tried)
  if (tried.length === 0)
    complain(t('cli.measured-no-file-more-came', { file, fewestBytes: tellBytes(fewestBytes) })) // prettier-ignore
  else if (!chosen)
    complain(`--measured ${file}: no transfer came whole and without loss (${tried.map((one) => `${one.agreedBlockSize} bytes, ${one.agreedWindowSize} in a window: ${one.problem || `${one.lost} sent again`}`).join('; ')}). Try --block 1456 --window 1, or --measure.`) // prettier-ignore
  return chosen && { ...chosen, why: [...chosen.why, ...(tried.length === 1 ? [t('cli.capture-these-sizes-only-measure')] : [])] } // prettier-ignore
}

/** Undefined where the file does not tell, which has been said. */
async function measuredSizes(file: string): Promise<ChosenSizes | undefined> {
  if (/\.(?:pcap|pcapng)(?:\.(?:gz|zst|lz4))?$/i.test(file)) return capturedSizes(file)
  try {
    const { text } = await readTextFile(file)
    const rehearsals = probeSchema.parse(JSON.parse(text)).rehearsals ?? []
    const found = rehearsals.find((one) => one.recommended)
    // Another release may have chosen otherwise; what it measured counts.
    if (found)
      return (
        chooseSizes(found.sweep, { family: found.client === 'x64-uefi-ipv6' ? 6 : 4 }) ?? {
          ...found.recommended!,
          why: found.recommended!.why ?? [],
        }
      )
    complain(t('cli.measured-recommends-no-sizes-write', { file })) // prettier-ignore
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === undefined ? t('cli.not-output-pxe-lab-probe') : whyUnread(error) // prettier-ignore
    complain(t('cli.measured-name-output-pxe-lab-2', { file, why }))
  }
  return undefined
}

/** Boots on the wire as such a machine would, and tries the sizes; undefined where that came to nothing, which has been said. */
async function sizesOnWire(name: string, client: CensusClient): Promise<ChosenSizes | undefined> {
  const served = selectInterfaces([name], listInterfaces()).found[0]
  if (!served) return wrong(t('cli.measure-not-interface-ipv4-address', { name, value: listInterfaces().map((one) => one.name).join(', ') || 'none' })) // prettier-ignore
  const stop = new AbortController()
  onStop(() => stop.abort())
  process.stderr.write(`${t('cli.measuring-half-minute-most-press', { name: served.name })}\n`)
  const { results, complaint } = await takeCensus(served, [client], stop.signal)
  if (complaint !== undefined || !results[0]) {
    complain(`${served.name} cannot be asked: ${complaint ?? 'it was cancelled'}. Run it as root, or end what holds ports 67 and 68.`) // prettier-ignore
    return undefined
  }
  const rehearsal = await rehearse({ interface: served, client, isAnswered: results[0].offers.length > 0, signal: stop.signal, isBrief: false, onProgress: (text) => process.stderr.write(`${text}\n`) }) // prettier-ignore
  if (rehearsal?.recommended) return rehearsal.recommended
  const failed = rehearsal?.steps.findLast((one) => one.state === 'failed' || one.name === 'Block sizes')
  complain(`Nothing was measured: ${!rehearsal ? 'it was cancelled.' : (failed?.detail ?? 'the boot program does not come by TFTP.')}`) // prettier-ignore
  return undefined
}

const wayNames = { wimboot: 'wimboot', 'boot-manager': 'boot manager' } as const

function show(file: string, { description, problem, boots, bytes, header, images }: WindowsImageFile): void {
  tell(`${file}: ${textOf(description)}, ${tellBytes(bytes)}, ${header.compression === 'none' ? 'not compressed' : header.compression}`) // prettier-ignore
  for (const one of images) {
    const facts = [one.architecture, one.version, one.edition, one.languages.join(' '), `${tellBytes(one.bytes)} unpacked`] // prettier-ignore
    tell(`  ${one.index}${one === boots ? '*' : ' '} ${one.name}: ${facts.filter(Boolean).join(', ')}`)
  }
  if (boots && images.length > 1) tell('  * boots')
  if (problem !== '') tell(t('cli.does-not-boot', { problem }))
  if (boots) for (const remark of windowsImageUse(boots, file).remarks) tell(textOf(remark))
  if (problem !== '') return
  for (const way of windowsPeWays) {
    const need = windowsPeMemory(way, bytes)
    tell(t('cli.memory-about', { wayNames: wayNames[way], bytes: tellBytes(need.bytes) }))
    for (const part of need.parts) tell(`  ${tellBytes(part.bytes)} ${textOf(part.what)}`)
  }
}

/** 0 it boots (and the store is written), 1 it does not, 2 a file cannot be read or written. */
export async function windowsPe(file: string, options: WindowsPeOptions): Promise<number> {
  const { firmware } = options
  if (firmware !== 'uefi' && firmware !== 'bios') return wrong(t('cli.firmware-not-valid-write-uefi', { firmware })) // prettier-ignore
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
    complain(t('cli.no-windows-image-name-wim', { file }))
    return exitCodes.badFile
  }
  if (options.measured !== undefined && options.measure !== undefined)
    return wrong(t('cli.measured-measure-two-measurements-give'))
  const client = firmware === 'bios' ? 'bios' : read.boots?.architecture === 'arm64' ? 'arm64-uefi' : 'x64-uefi'
  const measured =
    options.measured !== undefined
      ? await measuredSizes(options.measured)
      : options.measure !== undefined
        ? await sizesOnWire(options.measure, client)
        : undefined
  if ((options.measured ?? options.measure) !== undefined && !measured) return exitCodes.badFile
  const sizes: Sizes = { ...usualSizes, why: [t('cli.they-windows-takes-nothing-measured')], ...measured, ...stated, ...(Object.keys(stated).length === 0 ? {} : { why: [t('cli.they-were-given')] }) } // prettier-ignore
  const store = read.problem === '' ? options.store : undefined
  const { blockSize, windowSize } = sizes
  const entry = { image, sdi, firmware, blockSize, windowSize } as const
  if (options.json) {
    const { header, images, problem, description, bytes } = read
    tell(JSON.stringify(englishOf({ version: 1, file, bytes, description, problem, bootIndex: header.bootIndex, compression: header.compression, images, memory: windowsPeWays.map((way) => windowsPeMemory(way, bytes)), ...(read.boots ? windowsImageUse(read.boots, file) : {}), sizes, store: store === undefined ? null : { file: store, ...entry } }))) // prettier-ignore
  } else show(file, read)
  if (read.problem !== '') return exitCodes.failed
  if (store === undefined) return exitCodes.ok
  if (!(await write(store, entry, options.title ?? (read.boots?.name || 'Windows PE')))) return exitCodes.badFile
  if (options.json) return exitCodes.ok
  tell(`\n${firmware === 'uefi' ? t('cli.wrote-uefi-machines-load-blocks', { store, sdi, image, blockSize, windowSize }) : t('cli.wrote-bios-machines-load-blocks', { store, sdi, image, blockSize, windowSize })}`) // prettier-ignore
  for (const why of sizes.why) tell(`  ${textOf(why)}`)
  return exitCodes.ok
}

async function write(
  store: string,
  { image, sdi, firmware, blockSize, windowSize }: Omit<Sizes, 'why'> & { image: string; sdi: string; firmware: 'uefi' | 'bios' }, // prettier-ignore
  title: string,
): Promise<boolean> {
  const bytes = writeBootConfiguration({ entries: [{ title, image }], sdi, firmware, blockSize, windowSize, timeoutSeconds: 0 }) // prettier-ignore
  try {
    await mkdir(dirname(store), { recursive: true })
    await replaceFile(store, bytes)
    return true
  } catch (error) {
    complain(t('cli.cannot-written-3', { store, code: (error as NodeJS.ErrnoException).code ?? String(error), writeRemedy: writeRemedy(error) })) // prettier-ignore
    return false
  }
}
