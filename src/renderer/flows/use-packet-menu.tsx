/** The menu of a packet with its comment dialog, for every place that shows packets. */
import { t } from '#messages/text.ts'
import { useCallback, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import { ContextMenu, useContextMenu } from '../parts/context-menu.tsx'
import type { PacketRow } from './answers.ts'
import { ask } from './client.ts'
import { CommentDialog } from './comment-dialog.tsx'
import { PacketMenu, type FilterChange } from './packet-menu.tsx'
import { choiceOf, holdsPacket } from './packet-selection.ts'
import type { PacketColumn } from './preferences.ts'
import type { SelectedPackets } from './use-packet-selection.ts'

export type OpenPacketMenu = (
  event: MouseEvent | KeyboardEvent,
  row: PacketRow,
  column: PacketColumn,
  element: Element,
) => void

export function usePacketMenu(
  source: string,
  onFilter: FilterChange,
  selected?: SelectedPackets,
): { readonly open: OpenPacketMenu; readonly menu: ReactElement } {
  const { place, close, openAt, openByKey } = useContextMenu<{
    readonly row: PacketRow
    readonly column: PacketColumn
  }>()
  const [commented, setCommented] = useState<PacketRow>()
  const open = useCallback<OpenPacketMenu>(
    (event, row, column, element) => {
      if ('clientX' in event) openAt(event, { row, column })
      else openByKey(event, { row, column }, element)
    },
    [openAt, openByKey],
  )
  const menu = (
    <>
      <ContextMenu label={t('flows.packet')} place={place} onClose={close}>
        {({ row, column }) => (
          <PacketMenu
            source={source}
            row={row}
            column={column}
            onFilter={onFilter}
            choice={selected && holdsPacket(selected.selection, row.frame) ? choiceOf(selected.selection) : [row.frame]}
            onSelectAll={selected?.pickAll}
            onComment={setCommented}
          />
        )}
      </ContextMenu>
      {commented && (
        <CommentDialog
          frame={commented.frame}
          text={commented.remark}
          onSave={(text) => void ask('remark', source, commented.frame, text)}
          onClose={() => setCommented(undefined)}
        />
      )}
    </>
  )
  return { open, menu }
}
