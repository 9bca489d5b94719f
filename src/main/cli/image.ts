/** `pxe-lab image`: what an image of a disc is, and what machines load of it over the network. */
import { englishOf } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { basename } from 'node:path'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { DiscImage } from '#shared/contract/documents.ts'
import { argumentsFor, imageAddress, memoryOf, neededMemory } from '#shared/lab/disc-media.ts'
import { IsoError } from '#shared/wire/iso/node.ts'
import { whyUnread } from '../files/unreadable.ts'
import { readDiscImage } from '../inspect/disc-media.ts'
import { exitCodes } from './exit-codes.ts'

export interface ImageOptions {
  readonly server: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** Of the longest name in front of a line. */
const lineWidth = (): number =>
  Math.max(
    ...[
      t('disc.line-image'),
      t('disc.line-kernel'),
      t('disc.line-initrd'),
      t('disc.line-arguments'),
      t('disc.line-then'),
      t('disc.line-memory'),
    ].map((name) => name.length),
  )

function showEntry(image: DiscImage, entry: DiscImage['entries'][number], address: string): void {
  const { documentedMemory } = image
  const line = (name: string, value: string): void => tell(`    ${name.padEnd(lineWidth())} ${value}`)
  tell(`\n  ${textOf(entry.title)}`)
  line(
    entry.kind === 'windows' ? t('disc.line-image') : t('disc.line-kernel'),
    `${entry.kernel} (${textOf(entry.program)})`,
  )
  for (const one of entry.initrds) line(t('disc.line-initrd'), one)
  if (entry.arguments !== '') line(t('disc.line-arguments'), argumentsFor(entry, address))
  for (const { file, bytes } of entry.later)
    line(t('disc.line-then'), `${file || t('cli.image-itself')}, ${tellBytes(bytes)}`)
  line(t('disc.line-memory'), t('disc.memory-about', { memory: tellBytes(memoryOf(entry)) }))
  for (const { what, bytes } of entry.memory) line('', `${tellBytes(bytes)} ${textOf(what)}`)
  line(
    '',
    documentedMemory
      ? t('disc.memory-documented', { memory: tellBytes(documentedMemory.bytes), source: documentedMemory.source })
      : t('disc.memory-not-documented'),
  )
  if (entry.problem !== '') tell(`    ${t('cli.does-not-work', { problem: entry.problem })}`)
}

function show(file: string, image: DiscImage, address: string): void {
  tell(`${file}: ${textOf(image.name)}, ${tellBytes(image.bytes)}, ${image.formats.join(', ')}`)
  const disc = [...new Set(image.boots.map(({ platform }) => platform))]
  tell(disc.length === 0 ? t('cli.no-machine-starts-disc-itself') : t('cli.disc-itself-machines-start', { disc }))
  for (const one of image.programs) tell(`  ${one.file}: ${textOf(one.description)}`)
  for (const one of image.problems) tell(t('cli.not-read', { one }))
  if (image.entries.length > 0)
    tell(image.family === 'unknown' ? `\n${t('disc.on-the-disc')}` : `\n${t('cli.over-network')}`)
  for (const one of image.entries) showEntry(image, one, address)
  if (address === imageAddress && image.entries.some(({ arguments: given }) => given.includes(imageAddress)))
    tell(`\n${t('cli.address-image-name-server-such', { imageAddress, basename: basename(file) })}`) // prettier-ignore
  if (image.family !== 'unknown' && image.menu.length > 0) {
    tell(`\n${t('cli.own-menu-starts')}`)
    for (const one of image.menu) tell(`  ${one.title}: ${[one.kernel, ...one.initrds].join(', ')}`)
  }
  if (image.remarks.length > 0) tell(`\n${image.remarks.map((one) => textOf(one)).join('\n')}`)
}

/** 0 machines can boot from it, 1 it is not known how, 2 it cannot be read or is no image. */
export async function showImage(file: string, options: ImageOptions): Promise<number> {
  let image: DiscImage | undefined
  try {
    image = await readDiscImage(file)
  } catch (error) {
    complain(error instanceof IsoError ? t('cli.damaged-image-copy-again', { file, message: error.message }) : `${file} ${whyUnread(error)}.`) // prettier-ignore
    return exitCodes.badFile
  }
  if (!image) {
    complain(t('cli.no-image-disc-name-iso', { file }))
    return exitCodes.badFile
  }
  const best = image.entries.find(({ problem }) => problem === '')
  if (options.json) {
    const entries = image.entries.map((one) => ({ ...one, arguments: argumentsFor(one, options.server) }))
    const [first] = entries
    tell(
      JSON.stringify(
        englishOf({
          version: 1,
          file,
          ...image,
          entries,
          memoryBytes: first ? neededMemory(first, image) : null,
        }),
      ),
    )
  } else show(file, image, options.server.replace(/\/$/, ''))
  return best && image.family !== 'unknown' ? exitCodes.ok : exitCodes.failed
}
