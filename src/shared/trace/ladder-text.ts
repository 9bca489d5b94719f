/** The ladder as text: for terminals, golden files and people who read with their ears. */
import { printable } from '../wire/printable.ts'
import type { Ladder, LadderRow, Lane } from './ladder.ts'

const laneWidth = 22

const headOf = (lane: Lane): string => lane.roles.join(', ')

function drawn(row: LadderRow, lanes: number): string {
  const cells = Array.from<unknown, string>({ length: (lanes - 1) * laneWidth + 1 }, (_, at) =>
    at % laneWidth === 0 ? '|' : ' ',
  )
  const everyone = row.to < 0 ? lanes - 1 : row.to
  const [from, to] = [row.from * laneWidth, everyone * laneWidth]
  const line = row.kind === 'ghost' ? '.' : row.kind === 'bar' ? '=' : '-'
  const [left, right] = from < to ? [from, to] : [to, from]
  for (let at = left + 1; at < right; at++) cells[at] = row.kind === 'ghost' && at % 2 === 0 ? ' ' : line
  if (from < to) cells[right - 1] = row.kind === 'arrow' && row.isBroadcast ? ')' : '>'
  if (from > to) cells[left + 1] = '<'
  return cells.join('')
}

const seconds = (ns: number): string => (ns / 1e9).toFixed(3).padStart(9)

function told(row: LadderRow): string {
  if (row.kind === 'ghost') return `(missing) ${row.label} ${row.missing.isOverdue ? 'did not come' : 'is due'}`
  if (row.kind === 'bar')
    return `${row.label}: ${row.bytes} bytes in ${((row.endNs - row.timeNs) / 1e9).toFixed(3)} s${row.retransmissions > 0 ? `, ${row.retransmissions} sent again` : ''}`
  const mark = row.mark === 'won' ? ' [taken]' : row.mark === 'lost' ? ' [not taken]' : ''
  return `${row.label}${row.tries > 1 ? ` (try ${row.tries})` : ''}${mark}${row.tone === 'benign' ? ' [normal]' : ''}`
}

const laneName = (lane: Lane | undefined): string =>
  lane === undefined ? 'all' : [headOf(lane), lane.address].filter(Boolean).join(' ')

/** A row as a sentence: when, who to whom, what, and what is to be said of it. */
export function describeRow(row: LadderRow, { lanes, startNs }: Ladder): string {
  const note = row.note === undefined ? '' : `. ${row.note}`
  const wrong = row.tone === 'bad' && row.kind !== 'ghost' ? ' [problem]' : ''
  return printable(
    `${((row.timeNs - startNs) / 1e9).toFixed(3)} s, ${laneName(lanes[row.from])} to ${laneName(lanes[row.to])}: ${told(row)}${wrong}${note}`,
  )
}

/** `nameOf`: what the machine of a lane is called; empty where it has no name. */
export function ladderText({ lanes, rows, startNs }: Ladder, nameOf: (lane: Lane) => string = () => ''): string {
  const heads = (text: (lane: Lane) => string): string =>
    `${' '.repeat(11)}${lanes
      .map((lane) =>
        text(lane)
          .slice(0, laneWidth - 2)
          .padEnd(laneWidth),
      )
      .join('')}`.trimEnd()
  return [
    heads(headOf),
    ...(lanes.some((lane) => nameOf(lane) !== '') ? [heads(nameOf)] : []),
    heads((lane) => lane.address || lane.mac),
    ...rows.map((row) => `${seconds(row.timeNs - startNs)}  ${drawn(row, lanes.length)}  ${told(row)}`),
  ]
    .map(printable)
    .join('\n')
}
