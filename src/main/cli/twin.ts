/** `pxe-lab import --twin`, `--before` and `--after`: configurations played as a network, and two of them compared. */
import { forPrograms } from '#messages/json.ts'
import { t, textOf } from '#messages/text.ts'
import { compareTwins, type Difference } from '#shared/twin/compare.ts'
import { networkOf } from '#shared/twin/network.ts'
import { groupsOf, isBooting, twinOf, type Twin, type TwinCell, type TwinRow, type TwinState } from '#shared/twin/twin.ts' // prettier-ignore
import type { Source, SourceFile } from '#shared/interchange/model.ts'
import { columnsOf, padColumns } from '#shared/wire/columns.ts'
import { printableLines } from '#shared/wire/printable.ts'
import { exitCodes } from './exit-codes.ts'

const tell = (text: string): void => void process.stdout.write(`${printableLines(text)}\n`)
const at = (source: Source | undefined): string =>
  source ? ` (${t('cli.file-line', { file: source.file, line: source.line })})` : ''

/** One word for a cell of the table. */
const words: Readonly<Record<TwinState, string>> = { boots: t('cli.boots'), 'boots-if': t('cli.boots-if-files'), local: t('cli.boots-disk'), depends: t('cli.boots-depends'), unknown: t('cli.boots-unknown'), fails: t('cli.boots-fails') } // prettier-ignore

const plainCell = ({ kind, ...cell }: TwinCell) => ({ machine: kind.title, ...cell })
const plainRow = ({ scope, reservation, cells }: TwinRow) => ({
  network: scope.network,
  name: scope.name,
  source: scope.source,
  servers: [...scope.direct, ...scope.relayed].map(({ title }) => title),
  isRelayed: scope.relayed.length > 0,
  ...(reservation ? { reservation: { who: reservation.who, source: reservation.source } } : {}),
  machines: cells.map(plainCell),
})

const rowTitle = ({ scope, reservation }: TwinRow): string => `${scope.network}${reservation ? ` ${reservation.who}` : ''}` // prettier-ignore

function tellTable(rows: readonly TwinRow[]): void {
  const kinds = rows[0]?.cells.map(({ kind }) => kind) ?? []
  const first = Math.max(8, ...rows.map((row) => columnsOf(rowTitle(row))))
  const widths = kinds.map(({ title }) => Math.max(columnsOf(title), 8, ...Object.values(words).map(columnsOf)))
  const line = (head: string, cells: readonly string[]): string => `${padColumns(head, first)}  ${cells.map((one, index) => padColumns(one, widths[index]!)).join('  ')}`.trimEnd() // prettier-ignore
  tell(
    line(
      t('cli.network'),
      kinds.map(({ title }) => title),
    ),
  )
  for (const row of rows) tell(line(rowTitle(row), row.cells.map(({ state }) => words[state]))) // prettier-ignore
}

/** Rows in which the same happens, told once. */
function tellReasons(rows: readonly TwinRow[]): void {
  const told = new Map<string, string[]>()
  for (const row of rows) {
    const text = groupsOf(row).map(({ kinds, cell }) => `  ${kinds.map(({ title }) => title).join(', ')}: ${cell.verdict}${at(cell.decides)}${isBooting(cell.state) ? '' : `\n      ${cell.because}`}`).join('\n') // prettier-ignore
    told.set(text, [...(told.get(text) ?? []), rowTitle(row)])
  }
  for (const [text, names] of told) tell(`\n${names.slice(0, 3).join(', ')}${names.length > 3 ? ` ${t('cli.and-more', { count: names.length - 3 })}` : ''}\n${text}`) // prettier-ignore
}

const codeOf = (twin: Twin): number => {
  const states = new Set(twin.rows.flatMap(({ cells }) => cells.map(({ state }) => state)))
  if (states.has('fails') || states.has('depends')) return exitCodes.failed
  return states.has('unknown') ? exitCodes.undetermined : exitCodes.ok
}

/** 0 every machine boots where its files are there, 1 some do not, 3 some are not known. */
export function tellTwin(files: readonly SourceFile[], json: boolean): number {
  const twin = twinOf(networkOf(files))
  const { network, rows, notices } = twin
  if (json) {
    tell(JSON.stringify(forPrograms({ version: 1, rows: rows.map(plainRow), notices, assumes: network.assumes, notUnderstood: network.notUnderstood }))) // prettier-ignore
    return codeOf(twin)
  }
  tell(`${t('cli.rows-machines-served', { length: rows.length, servers: network.servers.map(({ title }) => title).join(', ') })}\n`) // prettier-ignore
  tellTable(rows)
  tellReasons(rows)
  if (notices.length > 0) tell(`\n${t('cli.to-look-at')}`)
  for (const { text, source } of notices) tell(`  ${textOf(text)}${at(source)}`)
  if (network.assumes.length > 0) tell(`\n${t('cli.taken-given')}`)
  for (const text of network.assumes) tell(`  ${text}`)
  if (network.notUnderstood.length > 0) tell(`\n${t('cli.not-understood')}:`)
  for (const { file, line, text, why } of network.notUnderstood)
    tell(`  ${t('cli.file-line', { file, line })}: ${text}\n      ${textOf(why)}`)
  return codeOf(twin)
}

const changes: Readonly<Record<Difference['change'], string>> = { stops: t('cli.no-longer-boots'), starts: t('cli.boots-now'), otherwise: t('cli.changes') } // prettier-ignore
const sideOf = (cell: TwinCell | undefined): string => (cell ? `${cell.verdict}${at(cell.decides)}${isBooting(cell.state) ? '' : `: ${cell.because}`}` : t('cli.not-present')) // prettier-ignore

/** 0 every machine boots as before, 1 some do not. */
export function tellDifferences(before: readonly SourceFile[], after: readonly SourceFile[], json: boolean): number {
  const [old, own] = [twinOf(networkOf(before)), twinOf(networkOf(after))]
  const found = compareTwins(old, own)
  if (json) {
    tell(JSON.stringify({ version: 1, differences: found.map(({ kind, before: one, after: other, ...rest }) => ({ ...rest, machine: `${kind.title}${rest.machine === '' ? '' : `, ${rest.machine}`}`, before: one && plainCell(one), after: other && plainCell(other) })) })) // prettier-ignore
    return found.length === 0 ? exitCodes.ok : exitCodes.failed
  }
  if (found.length === 0) tell(t('cli.every-machine-boots-before'))
  for (const { scope, machine, kind, before: one, after: other, change } of found)
    tell(`${changes[change]}: ${t('cli.machine-in-network', { machine: `${kind.title}${machine === '' ? '' : `, ${machine}`}`, network: scope })}\n    ${t('cli.before', { what: sideOf(one) })}\n    ${t('cli.after', { what: sideOf(other) })}`) // prettier-ignore
  const count = (wanted: Difference['change']): number => found.filter(({ change }) => change === wanted).length
  if (found.length > 0) tell(`\n${t('cli.no-longer-boot-boot-now', { count: count('stops'), count2: count('starts'), count3: count('otherwise') })}`) // prettier-ignore
  return found.length === 0 ? exitCodes.ok : exitCodes.failed
}
