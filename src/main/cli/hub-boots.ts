/** `pxe-lab hub boots`: boots of all sites, or counts of them, as lines, CSV or JSON; also while the hub runs. */
import { say } from '#messages/message.ts'
import { inEnglish, t, textOf } from '#messages/text.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatDateTime } from '#shared/contract/format.ts'
import { outcomeClasses, siteFilterSchema, siteGroups, siteGroupTitles, type SiteBoot, type SiteFilter, type SiteGroup } from '#shared/contract/sites.ts' // prettier-ignore
import { csvFile } from '#shared/trace/csv.ts'
import { alignRight, padColumns } from '#shared/wire/columns.ts'
import { printable } from '#shared/wire/printable.ts'
import { BootColumns, machineChoice } from '../hub/boot-columns.ts'
import { BootIndex } from '../hub/boot-index.ts'
import { SqliteDatabase, type Database } from '../hub/database.ts'
import { IndexLayoutError } from '../hub/index-layout.ts'
import { PostgresDatabase } from '../hub/postgres.ts'
import { exitCodes } from './exit-codes.ts'
import { hubFolder } from './hub-folder.ts'

export interface HubBootsOptions {
  readonly folder?: string
  readonly by?: string
  readonly where?: readonly string[]
  readonly since?: string
  readonly csv?: boolean
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const bootsAtOnce = 5000
const mostGroups = 1_000_000

/** `24h`, `7d`, or a date as `new Date` reads it; undefined where it is neither. */
function timeOf(text: string, now: number): number | undefined {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now - Number(count) * unitMs[unit]!
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** Undefined where an option is wrong, which has been told. */
function filterOf({ where = [], since }: HubBootsOptions): SiteFilter | undefined {
  const filter: Record<string, string | number> = {}
  const names = [...siteGroups, 'class']
  for (const one of where) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(one) ?? []
    if (!names.includes(name)) {
      complain(t('cli.names-nothing-boots-write-name', { printable: printable(one), names: names.join(', ') })) // prettier-ignore
      return undefined
    }
    filter[name] = value
  }
  if (since !== undefined) {
    const from = timeOf(since, Date.now())
    if (from === undefined) {
      complain(t('cli.since-no-time-write-24h', { printable: printable(since) }))
      return undefined
    }
    filter['from'] = from
  }
  const checked = siteFilterSchema.safeParse(filter)
  if (checked.success) return checked.data
  complain(
    t('cli.class-no-result-write-one', {
      printable: printable(String(filter['class'])),
      outcomeClasses: outcomeClasses.join(', '),
    }),
  )
  return undefined
}

/** Of CSV, which programs read: the same in every language. */
type Cell = readonly [title: string, value: (boot: SiteBoot) => string]
const cells: readonly Cell[] = [
  ['Began', ({ startedAt }) => formatDateTime(startedAt)],
  ['Site', ({ site }) => site],
  ['Machine', ({ mac }) => mac],
  ['Outcome', ({ outcome }) => outcome],
  ['Code', ({ code }) => code],
  ['Verdict', ({ headline }) => headline],
]
const moreCells: readonly Cell[] = [
  ['Firmware', ({ firmware }) => firmware],
  ['Architecture', ({ architecture }) => architecture],
  ['Vendor', ({ vendor }) => vendor],
  ['Model', ({ model }) => model],
  ['Boot file', ({ bootFile }) => bootFile],
  ['Server', ({ server }) => server],
  ['Address', ({ address }) => address],
  ['UUID', ({ uuid }) => uuid],
  ['Attempt', ({ attempt }) => String(attempt)],
  ['Agent', ({ agent }) => agent],
  ['Ended', ({ lastAt }) => formatDateTime(lastAt)],
]

type Write = (text: string) => void

const line = (parts: readonly string[]): string => `${parts.map(printable).join('  ').trimEnd()}\n`

async function listBoots(
  index: BootIndex,
  columns: BootColumns,
  ids: readonly number[],
  { csv, json }: HubBootsOptions,
  write: Write,
): Promise<void> {
  const shown = csv ? [...cells, ...moreCells] : cells
  const rowOf = (boot: SiteBoot): string[] => shown.map(([, value]) => printable(value(boot)))
  if (csv) write(csvFile([shown.map(([title]) => title)]))
  for (let at = 0; at < ids.length; at += bootsAtOnce) {
    const boots = columns.withAttempts(await index.boots(ids.slice(at, at + bootsAtOnce)))
    if (json) for (const boot of boots) write(`${JSON.stringify(boot)}\n`)
    else write(csv ? csvFile(boots.map(rowOf)) : boots.map((boot) => line(rowOf(boot))).join(''))
  }
}

function listGroups(
  columns: BootColumns,
  filter: SiteFilter,
  machine: Parameters<BootColumns['overview']>[1],
  by: SiteGroup,
  { csv, json }: HubBootsOptions,
  write: Write,
): void {
  const { groups } = columns.overview(filter, machine, by, mostGroups)
  if (json) return groups.forEach((one) => write(`${JSON.stringify({ [by]: one.value, ...one, value: undefined })}\n`))
  const rows = groups.map((one) => [printable(one.value), ...outcomeClasses.map((name) => String(one[name])), formatDateTime(one.lastAt)]) // prettier-ignore
  if (csv)
    return write(
      csvFile([[inEnglish(siteGroupTitles[by]), ...outcomeClasses, inEnglish(say('cli.last-boot'))], ...rows]),
    )
  const head = [textOf(siteGroupTitles[by]), ...outcomeClasses, t('cli.last-boot')]
  for (const row of [head, ...rows])
    write(line(row.map((cell, at) => (at === 0 ? padColumns(cell, 30) : alignRight(cell, 8)))))
}

export async function hubBoots(options: HubBootsOptions): Promise<number> {
  const by = siteGroups.find((one) => one === options.by)
  if (options.by !== undefined && by === undefined) {
    complain(t('cli.nothing-boots-counted-write-one', { printable: printable(options.by), siteGroups: siteGroups.join(', ') })) // prettier-ignore
    return exitCodes.usage
  }
  const filter = filterOf(options)
  if (!filter) return exitCodes.usage
  const folder = hubFolder(options)
  const postgres = process.env['PXE_LAB_HUB_DATABASE'] || undefined
  const file = join(folder, 'index.sqlite')
  if (postgres === undefined && !existsSync(file)) {
    complain(t('cli.no-index-name-folder-hub', { folder }))
    return exitCodes.badFile
  }
  let index: BootIndex
  try {
    const database: Database = postgres === undefined ? SqliteDatabase.open(file) : new PostgresDatabase(postgres, (error) => complain(error.message)) // prettier-ignore
    // The hub may have it open.
    index = await BootIndex.open(database, { mayChange: false })
  } catch (error) {
    const remedy = error instanceof IndexLayoutError ? error.remedy : t('cli.run-command-user-who-runs')
    complain(t('cli.index-cannot-read', { message: (error as Error).message, remedy }))
    return exitCodes.badFile
  }
  try {
    const columns = new BootColumns()
    for await (const boots of index.everything()) for (const boot of boots) columns.put(boot)
    const machine = machineChoice(filter.machine)
    // Texts lose their carriage returns on the way to a terminal, which CSV needs (RFC 4180); what is in its cells is printable.
    const write: Write = (text) => void process.stdout.write(options.csv ? Buffer.from(text) : text)
    if (by !== undefined) listGroups(columns, filter, machine, by, options, write)
    else await listBoots(index, columns, columns.page(filter, machine, 0, columns.count).ids, options, write)
    return exitCodes.ok
  } finally {
    await index.close()
  }
}
