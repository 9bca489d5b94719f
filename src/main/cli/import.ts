/** `pxe-lab import`: what the configuration of another DHCP server offers to each kind of machine, with lines. */
import { bootTable, type BootRow } from '#shared/interchange/boot-table.ts'
import type { Decided } from '#shared/interchange/evaluate.ts'
import type { SourceFile } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { printableLines } from '#shared/wire/printable.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'
import { labOfConfiguration } from '#shared/twin/lab-of-configuration.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { exitCodes } from './exit-codes.ts'
import { tellDifferences, tellTwin } from './twin.ts'
import { UsageError } from './usage-error.ts'

export interface ImportOptions {
  readonly json?: boolean
  readonly mac?: string
  readonly twin?: boolean
  readonly lab?: string
  readonly before?: readonly string[]
  readonly after?: readonly string[]
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`)
function misused(text: string): UsageError {
  complain(text)
  return new UsageError(text)
}
const titles = { kea: 'Kea', dnsmasq: 'dnsmasq' } as const
const placed = (one: Decided | undefined): string => (one ? `${one.text} (line ${one.source.line})` : 'none')

const plainRow = ({ subnet, machine, isRelayed, offer }: BootRow) => ({
  subnet: subnet.network,
  machine,
  isRelayed,
  silent: offer.silent,
  reservation: offer.reservation?.source,
  address: offer.reservation?.address,
  pools: offer.pools.map(({ start, end }) => ({ start, end })),
  classes: offer.classes,
  bootFile: offer.bootFile,
  nextServer: offer.nextServer,
  serverName: offer.serverName,
  leaseSeconds: offer.leaseSeconds,
  options: Object.fromEntries(offer.options),
  undecided: offer.undecided,
})

function tellRow({ machine, isRelayed, offer }: BootRow): void {
  const who = `  ${`${machine}${isRelayed ? ', relayed' : ''} `.padEnd(28, '.')}`
  if (offer.silent) return tell(`${who} no offer: ${offer.silent.text} (line ${offer.silent.source.line})`)
  const file = offer.bootFile ?? offer.options.get(67)
  const server = offer.nextServer ?? offer.options.get(66)
  tell(`${who} ${file ? `boot file ${placed(file)}, server ${server ? placed(server) : 'the DHCP server itself'}` : 'an address without a boot file'}`) // prettier-ignore
}

/** The files' text; undefined where one cannot be read, which has been told. */
async function filesOf(names: readonly string[]): Promise<SourceFile[] | undefined> {
  const files: SourceFile[] = []
  for (const name of names)
    try {
      files.push({ name, text: (await readTextFile(name)).text })
    } catch (error) {
      complain(`${name} ${whyUnread(error)}. Name a configuration of Kea (JSON) or dnsmasq.`)
      return undefined
    }
  return files
}

/** The lab file of a configuration, written to `target`; what it cannot say is told. */
async function asLab(names: readonly string[], target: string): Promise<number> {
  if (names.length !== 1) throw misused(`--lab takes one configuration, and ${names.length} were named. Name the one of the DHCP server.`) // prettier-ignore
  const files = await filesOf(names)
  const configuration = files?.[0] && readConfiguration(files[0])
  if (!files) return exitCodes.badFile
  if (!configuration) {
    complain(`${names[0]} is no configuration of a DHCP server that is known.`)
    return exitCodes.badFile
  }
  const { lab, left } = labOfConfiguration(configuration)
  try {
    await replaceFile(target, yamlText(lab))
  } catch (error) {
    complain(`${target} cannot be written. ${writeRemedy(error)}`)
    return exitCodes.badFile
  }
  tell(`Written: ${target}. Set its interface, and put the boot files into its boot folder.`)
  for (const { source, text } of left) tell(`Not in it: ${source.file}, line ${source.line}: ${text}`)
  return left.length === 0 ? exitCodes.ok : exitCodes.failed
}

/** The network that the files make, or the difference between two of them. */
async function asNetwork(names: readonly string[], options: ImportOptions): Promise<number> {
  const { before, after, json = false } = options
  if ((before === undefined) !== (after === undefined)) throw misused('--before and --after belong together: name the files of the network as it is, and those of the network as it is to be.') // prettier-ignore
  if (before && names.length > 0) throw misused(`${names[0]} stands beside --before and --after. Name it behind one of them.`) // prettier-ignore
  const sides = before && after ? [before, after] : [names]
  const read: SourceFile[][] = []
  for (const side of sides) {
    const files = await filesOf(side)
    if (!files) return exitCodes.badFile
    for (const file of files) {
      if (readConfiguration(file)) continue
      complain(`${file.name} is no configuration of Kea or dnsmasq: there is no "Dhcp4" and no dhcp-range in it.`)
      return exitCodes.badFile
    }
    read.push(files)
  }
  return read[1] ? tellDifferences(read[0]!, read[1], json) : tellTwin(read[0]!, json)
}

/** 0 everything is understood, 1 something is not, 2 a file cannot be read or is of no engine that is known. */
export async function importConfiguration(files: readonly string[], options: ImportOptions): Promise<number> {
  const { json, mac } = options
  if (options.twin === true || options.before || options.after) return await asNetwork(files, options)
  if (options.lab !== undefined) return await asLab(files, options.lab)
  if (files.length === 0) throw misused('Name the configuration files to read, or --before and --after with the files of each.') // prettier-ignore
  let isWhole = true
  const found: object[] = []
  for (const name of files) {
    let text: string
    try {
      ;({ text } = await readTextFile(name))
    } catch (error) {
      complain(`${name} ${whyUnread(error)}. Name a configuration of Kea (JSON) or dnsmasq.`)
      return exitCodes.badFile
    }
    const configuration = readConfiguration({ name, text })
    if (!configuration) {
      complain(`${name} is no configuration of Kea or dnsmasq: there is no "Dhcp4" and no dhcp-range in it.`)
      return exitCodes.badFile
    }
    const rows = bootTable(configuration, mac)
    isWhole &&= configuration.notUnderstood.length === 0
    found.push({ configuration, offers: rows.map(plainRow) })
    if (json) continue
    tell(`${name}: ${titles[configuration.engine]}`)
    for (const subnet of configuration.subnets) {
      tell(`\nSubnet ${subnet.network}${subnet.isProxy ? ', proxyDHCP' : ''} (line ${subnet.source.line})`)
      for (const row of rows) if (row.subnet === subnet) tellRow(row)
    }
    if (configuration.notUnderstood.length > 0) tell('\nNot understood:')
    for (const one of configuration.notUnderstood) tell(`  line ${one.line}: ${one.text}\n      ${one.why}`)
  }
  if (json) tell(JSON.stringify({ version: 1, files: found }))
  return isWhole ? exitCodes.ok : exitCodes.failed
}
