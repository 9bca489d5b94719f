/** `pxe-lab export`: a lab file, or the configuration of one DHCP server, as the configuration of a DHCP server, with what that server does otherwise. */
import { t } from '#messages/text.ts'
import { textOf } from '#messages/text.ts'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Configuration } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import { planOfConfiguration } from '#shared/interchange/writers/model-plan.ts'
import type { Exported, ExportNote, ServicePlan } from '#shared/interchange/writers/plan.ts'
import { exportTargets, noteTitles, targetVersions, writePlan, type ExportTarget } from '#shared/interchange/writers/targets.ts' // prettier-ignore
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { withIncluded } from '../files/included-files.ts'
import { readTextFile } from '../files/text-file.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { runTool } from '../system/programs.ts'
import { linesOf } from '#shared/lab/lab-lines.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'

export interface ExportOptions {
  readonly to: string
  readonly engineVersion?: string
  readonly address?: string
  readonly tftpRoot?: string
  readonly out?: string
  readonly check?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

function misused(text: string): UsageError {
  complain(text)
  return new UsageError(text)
}

/** The engine's own test of a file; Windows has none that changes nothing. */
const tests: Readonly<
  Partial<Record<ExportTarget, (file: string) => readonly [program: string, ...values: string[]]>>
> = {
  kea: (file) => ['kea-dhcp4', '-t', file],
  dnsmasq: (file) => ['dnsmasq', '--test', `--conf-file=${file}`],
  dhcpd: (file) => ['dhcpd', '-t', '-4', '-cf', file],
}

/** 0 written, 1 the engine refuses it, 2 the lab file cannot be read or the result not be written. */
export async function exportLab(path: string, options: ExportOptions): Promise<number> {
  const { to, engineVersion, address, out, check } = options
  if (!(exportTargets as readonly string[]).includes(to)) throw misused(t('cli.no-dhcp-server-can-written', { to, exportTargets: exportTargets.join(', ') })) // prettier-ignore
  const versions = targetVersions[to as ExportTarget]
  if (engineVersion !== undefined && !versions?.includes(engineVersion))
    throw misused(versions ? t('cli.engine-version-not-known-choose', { engineVersion, to, versions: versions.join(', ') }) : t('cli.engine-version-not-known-leave', { engineVersion, to })) // prettier-ignore
  if (check === true && !(to in tests)) throw misused(t('cli.check-dhcp-server-machine-test', { to })) // prettier-ignore
  const own = address === undefined ? undefined : parseIpv4(address)
  if (address !== undefined && own === undefined) throw misused(t('cli.address-not-ipv4-address-name', { address })) // prettier-ignore
  const plan = await planOf(path, own)
  if (!plan) return exitCodes.badLabFile
  const { files, notes } = writePlan(plan, { ...options, to: to as ExportTarget })
  for (const note of notes) complain(noteText(path, note))
  if (out === undefined) {
    process.stdout.write(files[0]!.text)
    const others = files.slice(1).map(({ name }) => name)
    if (others.length > 0) complain(t('cli.standard-output-goes-alone-out', { name: files[0]!.name, others: others.join(', ') })) // prettier-ignore
  } else
    for (const one of files) {
      const target = join(out, one.name)
      try {
        await mkdir(out, { recursive: true })
        await replaceFile(target, one.text)
      } catch (error) {
        complain(t('cli.cannot-written', { target, writeRemedy: writeRemedy(error) }))
        return exitCodes.badFile
      }
      tell(t('cli.written', { target }))
    }
  return check === true ? await checked(to as ExportTarget, files[0]!) : exitCodes.ok
}

/** The plan of a lab file, or of the configuration of another server; undefined where it cannot be had, which has been told. */
async function planOf(path: string, own: number | undefined): Promise<ServicePlan | undefined> {
  const configuration = await foreignOf(path)
  if (configuration) {
    const self = own ?? listInterfaces().find(({ isLoopback }) => !isLoopback)?.address ?? 0
    return planOfConfiguration({ configuration, self, isSelfGuessed: own === undefined })
  }
  const found = await labOf(path, t('cli.first-argument'))
  if (!found) return undefined
  const { lab, file } = found
  const served = selectInterfaces([lab.interface].flat(), listInterfaces()).found
  const addresses = own === undefined ? served.flatMap((one) => [one.address, ...(one.others ?? []).map((other) => other.address)]) : [own] // prettier-ignore
  if (addresses.length === 0 && lab.boot.nextServer === null) {
    complain(t('cli.interface-no-ipv4-address-machine', { path, flat: [lab.interface].flat().join(', ') })) // prettier-ignore
    return undefined
  }
  return planOfLab({ lab, addresses, lineOf: linesOf(await file.readText()) })
}

/** Undefined for a lab file, and for one that cannot be read, which is told when it is read as one. */
async function foreignOf(path: string): Promise<Configuration | undefined> {
  try {
    const [file, ...others] = await withIncluded([{ name: path, text: (await readTextFile(path)).text }])
    const configuration = readConfiguration(file!, others)
    return configuration?.engine === 'lab' ? undefined : configuration
  } catch {
    return undefined
  }
}

function noteText(path: string, { kind, key, line, text }: ExportNote): string {
  const where = key === '' ? '' : `${path}${line > 0 ? `:${line}` : ''}: ${key}: `
  return `${textOf(noteTitles[kind])}: ${where}${textOf(text)}`
}

async function checked(target: ExportTarget, { name, text }: Exported['files'][number]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pxe-lab-export-'))
  try {
    const file = join(folder, name)
    await replaceFile(file, text)
    const [program, ...values] = tests[target]!(file)
    const { code, output, problem } = await runTool(program, values)
    if (code === 0) {
      complain(t('cli.accepts-file', { program }))
      return exitCodes.ok
    }
    complain(`${program} ${problem ?? t('cli.refuses-file', { output: output.trim() })}`)
    return exitCodes.failed
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
