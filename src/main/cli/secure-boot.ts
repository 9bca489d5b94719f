/** `pxe-lab secure-boot`: who signed boot programs, and which machines start them. */
import { forPrograms } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { inspectChain, roles, type BootChain, type ChainLink, type Revocations } from '#shared/secure-boot/chain.ts'
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
  if (options.json) tell(JSON.stringify(forPrograms({ version: 1, chains } satisfies SecureBootDocument), null, 2))
  else for (const chain of chains) tell(chainText(chain).join('\n'))
  return chains.every(({ verdicts }) => verdicts.some((one) => one.starts !== 'no')) ? exitCodes.ok : exitCodes.failed
}

/** What the file of --dbx revokes; undefined, and told, where it cannot be read. */
export async function revocationsOf(path: string): Promise<Revocations | undefined> {
  try {
    const read = revocationsIn(basename(path), new Uint8Array(await readFile(path)))
    if (read) return read
    complain(`--dbx: ${t('secure-boot.no-dbx', { name: basename(path) })}. ${t('secure-boot.no-dbx-remedy')}`)
  } catch (error) {
    complain(t('cli.dbx-name-dbx-file-such', { path, whyUnread: whyUnread(error) }))
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
    if (chains.length === 0) complain(t('cli.no-rule-boot-programs-names', { path, root })) // prettier-ignore
    return chains.length === 0 ? undefined : chains
  } catch (error) {
    complain(t('cli.boot-folder-cannot-read-create', { root, message: (error as Error).message }))
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
      else complain(t('cli.name-efi-program-such-shimx64', { file, problem }))
    } catch (error) {
      complain(t('cli.cannot-read', { file, message: (error as Error).message }))
    }
  }
  return chains.length === files.length ? chains : undefined
}

const stateText = {
  valid: '',
  'of-another-program': ` ${t('cli.not-file-changed-cut-off')}`,
  damaged: ` ${t('cli.signature-damaged')}`,
  unknown: ` ${t('cli.cannot-verified-here')}`,
} as const

function linkText({ file, role, problem, signers, sbat }: ChainLink): string[] {
  const what = textOf(roles[role])
  if (problem !== '') return [`  ${file}, ${what}: ${textOf(problem)}`]
  return [
    `  ${file}, ${what}`,
    ...(signers.length === 0 ? [`    ${t('cli.not-signed')}`] : []),
    ...signers.map((one) =>
      one.name === ''
        ? `    ${t('cli.signature-cannot-read', { problem: one.problem })}`
        : `    ${one.problem === '' ? t('cli.signed-under', { name: one.name, authority: one.authority, stateText: stateText[one.state] }) : t('cli.signed-under-2', { name: one.name, authority: one.authority, stateText: stateText[one.state], problem: one.problem })}`,
    ),
    ...(sbat.length > 0 ? [`    SBAT: ${sbat.map((one) => `${one.name} ${one.generation}`).join(', ')}`] : []),
  ]
}

const answers = { yes: t('cli.start'), no: t('cli.refuse'), unknown: t('cli.cannot-told') } as const

function chainText({ links, verdicts, sbatLevel, dbx }: BootChain): string[] {
  return [
    links[0]!.file,
    ...links.flatMap(linkText),
    `  ${t('cli.secure-boot-sbat-level-known', { sbatLevel, asOf: sbatSource.asOf, dbx: textOf(dbx) })}`,
    ...verdicts.map((one) => `    ${answers[one.starts].padEnd(15)}${textOf(one.name)}. ${textOf(one.because)}`),
    '',
  ]
}
