/** The ladder as text: for terminals, golden files and people who read with their ears. */
import { t } from '#messages/text.ts'
import { columnsOf, firstColumns } from '../wire/columns.ts'
import { printable } from '../wire/printable.ts'
import type { Ladder, LadderRow, Lane } from './ladder.ts'

const laneWidth = 22

const roleNames: Readonly<Record<string, () => string>> = {
  'boot server': () => t('ladder.boot-server'),
  client: () => t('ladder.client'),
  host: () => t('ladder.host'),
  relay: () => t('ladder.relay'),
  server: () => t('ladder.server'),
}

/** What the machine of a lane does; names of protocols are the same in every language. */
export const headOf = (lane: Lane): string => lane.roles.map((role) => roleNames[role]?.() ?? role).join(', ')

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
  if (row.kind === 'ghost')
    return `${t('ladder.missing', { label: row.label })} ${row.missing.isOverdue ? t('ladder.did-not-come') : t('ladder.due')}`
  if (row.kind === 'bar')
    return `${row.label}: ${t('ladder.transfer', { bytes: row.bytes, seconds: ((row.endNs - row.timeNs) / 1e9).toFixed(3) })}${row.retransmissions > 0 ? `, ${t('ladder.sent-again', { count: row.retransmissions })}` : ''}`
  const mark = row.mark === 'won' ? ` [${t('ladder.taken')}]` : row.mark === 'lost' ? ` [${t('ladder.not-taken')}]` : ''
  return `${row.label}${row.tries > 1 ? ` (${t('ladder.try', { number: row.tries })})` : ''}${mark}${row.tone === 'benign' ? ` [${t('ladder.normal')}]` : ''}`
}

const laneName = (lane: Lane | undefined): string =>
  lane === undefined ? t('ladder.all') : [headOf(lane), lane.address].filter(Boolean).join(' ')

/** A row as a sentence: when, who to whom, what, and what is to be said of it. */
export function describeRow(row: LadderRow, { lanes, startNs }: Ladder): string {
  const note = row.note === undefined ? '' : `. ${row.note}`
  const wrong = row.tone === 'bad' && row.kind !== 'ghost' ? ` [${t('ladder.problem')}]` : ''
  return printable(
    `${t('ladder.row', { time: ((row.timeNs - startNs) / 1e9).toFixed(3), from: laneName(lanes[row.from]), to: laneName(lanes[row.to]), what: told(row) })}${wrong}${note}`,
  )
}

/** `nameOf`: what the machine of a lane is called; empty where it has no name. */
export function ladderText({ lanes, rows, startNs }: Ladder, nameOf: (lane: Lane) => string = () => ''): string {
  const heads = (text: (lane: Lane) => string): string =>
    `${' '.repeat(11)}${lanes
      .map((lane) => {
        const head = firstColumns(text(lane), laneWidth - 2)
        return head + ' '.repeat(laneWidth - columnsOf(head))
      })
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
