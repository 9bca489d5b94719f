/** `pxe-lab secure-boot`: who signed boot programs, and which machines start them. */
import { readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { inspectChain, type BootChain, type ChainLink, type Revocations } from '#shared/secure-boot/chain.ts'
import type { SecureBootDocument } from '#shared/contract/documents.ts'
import { sbatSource } from '#shared/wire/secure-boot/sbat.ts'
import { cryptography } from '../inspect/cryptography.ts'
import { chainsIn, publishedRevocations, readerOf, revocationsIn } from '../inspect/boot-chains.ts'
import { BootFolder } from '../responder/boot-folder.ts'
import { whyUnread } from '../files/unreadable.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'

export interface SecureBootOptions {
  readonly config?: string
  readonly dbx?: string
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** 0 every chain is started by some machines, 1 one is started by none, 2 a file cannot be read. */
export async function secureBoot(files: readonly string[], options: SecureBootOptions): Promise<number> {
  const revocations = options.dbx === undefined ? publishedRevocations : await revocationsOf(options.dbx)
  if (!revocations) return exitCodes.badFile
  const chains =
    files.length > 0
      ? await chainsOfFiles(files, revocations)
      : await chainsOfLab(options.config ?? 'lab.yaml', revocations)
  if (!chains) return exitCodes.badFile
  if (options.json) tell(JSON.stringify({ version: 1, chains } satisfies SecureBootDocument, null, 2))
  else for (const chain of chains) tell(chainText(chain).join('\n'))
  return chains.every(({ verdicts }) => verdicts.some((one) => one.starts !== 'no')) ? exitCodes.ok : exitCodes.failed
}

/** What the file of --dbx revokes; undefined, and told, where it cannot be read. */
export async function revocationsOf(path: string): Promise<Revocations | undefined> {
  try {
    const read = revocationsIn(basename(path), new Uint8Array(await readFile(path)))
    if (typeof read !== 'string') return read
    complain(`--dbx: ${read}`)
  } catch (error) {
    complain(`--dbx: ${path} ${whyUnread(error)}. Name a dbx file, such as dbxupdate_x64.bin.`)
  }
  return undefined
}

async function chainsOfLab(path: string, revocations: Revocations): Promise<BootChain[] | undefined> {
  const found = await labOf(path, '--config')
  if (!found) return undefined
  const { files, programs } = found.lab.boot
  const root = isAbsolute(files) ? files : resolve(dirname(path), files)
  try {
    const chains = await chainsIn(root, programs.map((one) => one.file), revocations) // prettier-ignore
    if (chains.length === 0) complain(`${path}: no rule of boot.programs names a UEFI program that is in ${root}. Name a file instead.`) // prettier-ignore
    return chains.length === 0 ? undefined : chains
  } catch (error) {
    complain(`The boot folder ${root} cannot be read: ${(error as Error).message}. Create it, or set boot.files.`)
    return undefined
  }
}

/** Each file with what lies beside it. */
async function chainsOfFiles(files: readonly string[], revocations: Revocations): Promise<BootChain[] | undefined> {
  const chains: BootChain[] = []
  for (const file of files) {
    try {
      const read = readerOf(await BootFolder.open(dirname(resolve(file))))
      const chain = await inspectChain(basename(file), read, cryptography, { revocations })
      const { problem } = chain.links[0]!
      if (problem === '') chains.push(chain)
      else complain(`${file}: ${problem}. Name an EFI program, such as shimx64.efi.`)
    } catch (error) {
      complain(`${file} cannot be read: ${(error as Error).message}.`)
    }
  }
  return chains.length === files.length ? chains : undefined
}

const stateText = {
  valid: '',
  'of-another-program': ' (not of this file: it was changed, or is cut off)',
  damaged: ' (the signature is damaged)',
  unknown: ' (cannot be verified here)',
} as const

function linkText({ file, role, problem, signers, sbat }: ChainLink): string[] {
  if (problem !== '') return [`  ${file}, ${role}: ${problem}`]
  return [
    `  ${file}, ${role}`,
    ...(signers.length === 0 ? ['    not signed'] : []),
    ...signers.map((one) =>
      one.name === ''
        ? `    a signature that cannot be read: ${one.problem}`
        : `    signed by ${one.name} under ${one.authority}${stateText[one.state]}${one.problem === '' ? '' : `; ${one.problem}`}`,
    ),
    ...(sbat.length > 0 ? [`    SBAT: ${sbat.map((one) => `${one.name} ${one.generation}`).join(', ')}`] : []),
  ]
}

const answers = { yes: 'start', no: 'refuse', unknown: 'cannot be told' } as const

function chainText({ links, verdicts, sbatLevel, dbx }: BootChain): string[] {
  return [
    links[0]!.file,
    ...links.flatMap(linkText),
    `  With Secure Boot on, SBAT level ${sbatLevel} (known as of ${sbatSource.asOf}), ${dbx}:`,
    ...verdicts.map((one) => `    ${answers[one.starts].padEnd(15)}${one.name}. ${one.because}`),
    '',
  ]
}
