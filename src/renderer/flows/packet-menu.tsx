/** What can be done with a packet of the list. */
import { t } from '#messages/text.ts'
import { Menu } from '@mantine/core'
import type { ReactElement } from 'react'
import type { FrameForm } from '#shared/trace/frame-text.ts'
import { copyText } from '../parts/copy.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt } from '../store.ts'
import type { PacketChoice, PacketRow } from './answers.ts'
import { ask } from './client.ts'
import { comparisonOf } from './filter-text.ts'
import type { PacketColumn } from './preferences.ts'

export type FilterChange = (test: string, how: 'apply' | 'exclude' | 'and') => void

/** The test that a packet has what it has in a column; undefined where that is no field. */
export function testOfCell(row: PacketRow, column: PacketColumn): string | undefined {
  const end = (name: string, text: string): string | undefined => {
    if (/^([\da-f]{2}:){5}/i.test(text)) return comparisonOf('mac', text)
    // The list tells the port behind the address.
    const address = /^\[(.+)\]:\d+$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
    return address === '' ? undefined : comparisonOf(name, address)
  }
  switch (column) {
    case 'protocol':
      return comparisonOf('protocol', row.protocol.toLowerCase())
    case 'source':
      return end('source', row.source)
    case 'destination':
      return end('destination', row.destination)
    case 'machine':
      return row.machine === '' ? undefined : comparisonOf('client', row.machine)
    case 'length':
      return comparisonOf('frame.len', row.length)
    default:
      return comparisonOf('frame.number', row.frame)
  }
}

const forms: readonly FrameForm[] = ['summary', 'text', 'hex', 'hex-stream', 'c-array', 'csv']

/** Copies packets, and says where that is not all of them. */
export const copyFrames = (source: string, choice: PacketChoice, form: FrameForm): Promise<unknown> =>
  attempt(t('flows.copy'), async () => {
    const { text, frames, all } = await ask('copy', source, choice, form)
    await copyText(
      text,
      frames < all
        ? t('flows.copied-first', { packets: frames, total: all })
        : t('flows.copied-all', { packets: frames }),
    )
  })

interface PacketMenuProps {
  readonly source: string
  readonly row: PacketRow
  readonly column: PacketColumn
  readonly onFilter: FilterChange
  /** What is marked and copied: the row, or all that are selected with it. */
  readonly choice: PacketChoice
  readonly onComment: (row: PacketRow) => void
  /** Where there is a list of which all can be selected. */
  readonly onSelectAll?: (() => void) | undefined
}

export function PacketMenu(props: PacketMenuProps): ReactElement {
  const { source, row, column, choice, onFilter, onComment, onSelectAll } = props
  const test = testOfCell(row, column)
  const { value: follows } = useRead(() => ask('followsOf', source, row.frame), `${source} ${row.frame}`)
  const { value: tally } = useRead(() => ask('tally', source, choice), `${source} ${JSON.stringify(choice)}`)
  const packets = tally?.packets ?? 1
  const isSeveral = packets > 1
  const count = packets
  const isMarked = tally ? tally.marked === packets : row.isMarked
  return (
    <>
      {test !== undefined && (
        <>
          <Menu.Label>{test}</Menu.Label>
          <Menu.Item onClick={() => onFilter(test, 'apply')}>{t('flows.apply-filter')}</Menu.Item>
          <Menu.Item onClick={() => onFilter(test, 'and')}>{t('flows.add-filter')}</Menu.Item>
          <Menu.Item onClick={() => onFilter(test, 'exclude')}>{t('flows.exclude')}</Menu.Item>
          <Menu.Divider />
        </>
      )}
      {follows?.map(({ label, filter }) => (
        <Menu.Item key={label} onClick={() => onFilter(filter, 'apply')}>
          {label}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item onClick={() => void ask('mark', source, choice, !isMarked)} rightSection="m">
        {isMarked
          ? isSeveral
            ? t('flows.remove-marks', { count })
            : t('flows.remove-mark')
          : isSeveral
            ? t('flows.mark-packets', { count })
            : t('flows.mark-2')}
      </Menu.Item>
      <Menu.Item onClick={() => onComment(row)}>
        {isSeveral ? `${t('flows.comment-packet', { frame: row.frame })}…` : t('flows.comment-2')}
      </Menu.Item>
      <Menu.Divider />
      {forms.map((form) => (
        <Menu.Item key={form} onClick={() => void copyFrames(source, choice, form)}>
          {isSeveral ? t(`flows.copy-several-${form}`, { count }) : t(`flows.copy-one-${form}`)}
        </Menu.Item>
      ))}
      <Menu.Item onClick={() => void copyFrames(source, 'shown', 'csv')}>
        {t('flows.copy-every-shown-packet-csv')}
      </Menu.Item>
      {onSelectAll && <Menu.Item onClick={onSelectAll}>{t('flows.select-all')}</Menu.Item>}
    </>
  )
}
