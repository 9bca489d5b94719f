import { t } from '#messages/text.ts'
import { tellNumber } from '#shared/contract/amounts.ts'
import { ActionIcon, Menu, Text, TextInput, Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconColumns3, IconFileDownload } from '@tabler/icons-react'
import {
  columnVisibilityFeature,
  createSortedRowModel,
  functionalUpdate,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Updater,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  useId,
  useMemo,
  useRef,
  useState,
  type HTMLAttributes,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
} from 'react'
import { ContextMenu, isMenuKey, useContextMenu } from './context-menu.tsx'
import { copyText } from './copy.ts'
import { download } from './download.ts'
import { rowOfKey } from './row-keys.ts'
import { compareValues, copyOf, csvOf, filterRows, textOf, type Column } from './table-columns.ts'
import { plainLayout, useTableLayout, type TableLayout } from './table-layout.ts'
import { clickGesture, extendTo, selectAll, selectOnly, toggle, type Selection } from './table-selection.ts'
import { isTyping } from './typing.ts'

/** What can be done with the rows that are selected, in their menu. */
export interface RowAction {
  readonly label: string
  readonly run: () => void
  /** It deletes, frees or replaces. */
  readonly isBad?: boolean
}

interface DataTableProps<T> {
  /** Under which the arrangement of its columns is remembered. */
  readonly id: string
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly keyOf: (row: T) => string
  /** The row that details are shown of; left out where the table itself keeps it. */
  readonly selected?: string | undefined
  readonly onSelect?: (row: T) => void
  readonly rowHeight?: number
  /** As high as its rows, up to so many; left out it fills its pane. */
  readonly mostRows?: number
  readonly actions?: (rows: readonly T[]) => readonly RowAction[]
  /** What a row is called, where its cells do not say it. */
  readonly rowName?: (row: T) => string
  readonly rowProps?: (row: T) => HTMLAttributes<HTMLDivElement> & { readonly 'data-over'?: boolean | undefined }
  /** Stands in the bar above, before the filter. */
  readonly bar?: ReactNode
}

const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
})
const headHeight = 28
const gap = 10
const edge = 12
const leastWidth = 32

const widthOf = (element: Element): number => element.getBoundingClientRect().width

/** Rows of any number, of which those in view are drawn: sorted, filtered, selected, copied, exported by whoever looks at them. */
export function DataTable<T extends object>({
  id,
  label,
  rows,
  columns,
  keyOf,
  selected,
  onSelect,
  rowHeight = 30,
  mostRows,
  actions,
  rowName,
  rowProps,
  bar,
}: DataTableProps<T>): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const base = useId()
  /** Where the pointer would be at width 0, while it changes one. */
  const pulled = useRef<number>(undefined)
  const menu = useContextMenu<readonly T[]>()
  const [filter, setFilter] = useState('')
  const [layout, setLayout] = useTableLayout(id)
  const [own, setOwn] = useState<Selection>(selectOnly(undefined))
  const shown = useMemo(() => filterRows(rows, columns, filter), [rows, columns, filter])
  const definitions = useMemo(
    () =>
      columns.map((column): ColumnDef<typeof features, T> => ({
        id: column.id,
        // An absent value stays at the end whichever way it sorts.
        accessorFn: (row) => column.value?.(row) ?? undefined,
        enableSorting: column.value !== undefined,
        enableHiding: column.value !== undefined,
        sortUndefined: 'last',
        sortDescFirst: false,
        sortFn: (a, b, name) => compareValues(a.getValue<string | number>(name), b.getValue<string | number>(name)),
      })),
    [columns],
  )
  const set =
    <K extends keyof TableLayout>(part: K) =>
    (updater: Updater<TableLayout[K]>) =>
      setLayout((before) => ({ ...before, [part]: functionalUpdate(updater, before[part]) }))
  const table = useTable<typeof features, T>({
    features,
    data: shown,
    columns: definitions,
    getRowId: keyOf,
    state: {
      sorting: layout.sorting,
      columnVisibility: {
        ...Object.fromEntries(columns.filter(({ isExtra }) => isExtra).map((one) => [one.id, false])),
        ...layout.columnVisibility,
      },
    },
    onSortingChange: set('sorting'),
    onColumnVisibilityChange: set('columnVisibility'),
  })
  const items = table.getRowModel().rows
  const heads = table.getHeaderGroups()[0]!.headers
  const byId = new Map(columns.map((one) => [one.id, one]))
  const visible = heads.map((head) => byId.get(head.column.id)!)
  const order = items.map((item) => item.id)

  // Whoever shows details of a row decides which it is; what was selected beside it stays as long as it is part of that.
  const current = onSelect ? selected : own.current
  const isPart = current !== undefined && own.keys.has(current)
  const selection: Selection = isPart ? { ...own, current } : selectOnly(current)
  const chosen = items.filter((item) => selection.keys.has(item.id)).map((item) => item.original)
  const at = current === undefined ? -1 : order.indexOf(current)

  const list = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: headHeight,
    scrollMargin: headHeight,
  })
  const choose = (next: Selection): void => {
    setOwn(next)
    const row = items.find((item) => item.id === next.current)
    if (row && next.current !== current) onSelect?.(row.original)
  }
  const click = (event: MouseEvent, key: string): void => {
    const gesture = clickGesture(event)
    choose(
      gesture === 'extend'
        ? extendTo(selection, order, key)
        : gesture === 'toggle'
          ? toggle(selection, key)
          : selectOnly(key),
    )
  }
  const copy = (some: readonly T[]): void =>
    void copyText(copyOf(some, visible), some.length === 1 ? t('parts.row') : t('parts.rows', { count: some.length }))
  const save = (some: readonly T[]): void => download(`${id}.csv`, csvOf(some, visible), 'text/csv')
  const resize = (column: Column<T>, width: number): void =>
    set('columnSizing')((before) => ({ ...before, [column.id]: Math.max(leastWidth, Math.round(width)) }))

  const press = (event: KeyboardEvent): void => {
    // A field or button within a row has keys of its own.
    if (isTyping(event.target)) return
    const isOwn = event.target === event.currentTarget
    const isControl = event.ctrlKey || event.metaKey
    if (isControl && isOwn) {
      if (event.key === 'a') choose(selectAll(selection, order))
      else if (event.key === 'c' && chosen.length > 0 && document.getSelection()?.isCollapsed !== false) copy(chosen)
      else return
      event.preventDefault()
      return
    }
    if (isOwn && isMenuKey(event) && chosen.length > 0) {
      menu.openByKey(event, chosen, document.getElementById(`${base}${at}`) ?? event.currentTarget)
      return
    }
    const next = rowOfKey(event, at, items.length)
    if (next === undefined) return
    event.preventDefault()
    choose(event.shiftKey ? extendTo(selection, order, order[next]!) : selectOnly(order[next]))
    list.scrollToIndex(next)
  }

  const template = visible
    .map(({ id: name, width, grows }) => {
      const own = layout.columnSizing[name]
      return own !== undefined ? `${own}px` : grows ? `minmax(${width}px, ${grows}fr)` : `${width}px`
    })
    .join(' ')
  const least =
    visible.reduce((sum, one) => sum + (layout.columnSizing[one.id] ?? one.width), 0) +
    gap * (visible.length - 1) +
    2 * edge
  const isFiltered = shown.length < rows.length
  return (
    <div className="data-table" data-fits={mostRows !== undefined || undefined}>
      <div className="toolbar table-bar">
        {bar}
        <TextInput
          size="xs"
          className="table-filter"
          aria-label={t('parts.filter-column', { column: label })}
          placeholder={t('parts.filter')}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && filter !== '' && (event.stopPropagation(), setFilter(''))}
        />
        <Text size="xs" c="dimmed" role="status" className="table-count">
          {isFiltered ? `${t('parts.count-of', { count: shown.length })} ` : ''}
          {tellNumber(rows.length)}
          {chosen.length > 1 ? t('parts.selected', { count: chosen.length }) : ''}
        </Text>
        <Menu position="bottom-end" shadow="sm">
          <Menu.Target>
            <Tooltip label={t('parts.choose-columns')} openDelay={500}>
              <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('parts.columns', { table: label })}>
                <IconColumns3 size={16} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {table
              .getAllLeafColumns()
              .filter((one) => one.getCanHide())
              .map((one) => (
                <Menu.CheckboxItem
                  key={one.id}
                  checked={one.getIsVisible()}
                  disabled={
                    one.getIsVisible() && table.getVisibleLeafColumns().filter((it) => it.getCanHide()).length === 1
                  }
                  onChange={(checked) => one.toggleVisibility(checked)}
                >
                  {byId.get(one.id)!.title}
                </Menu.CheckboxItem>
              ))}
            <Menu.Divider />
            <Menu.Item onClick={() => setLayout(plainLayout)}>{t('parts.reset-columns')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Tooltip
          label={chosen.length > 1 ? t('parts.export-rows-csv', { count: chosen.length }) : t('parts.export-csv')}
          openDelay={500}
        >
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={t('parts.export-table-csv', { table: label })}
            disabled={items.length === 0}
            onClick={() => save(chosen.length > 1 ? chosen : items.map((item) => item.original))}
          >
            <IconFileDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div
        ref={box}
        role="grid"
        aria-label={label}
        aria-multiselectable
        aria-rowcount={items.length + 1}
        aria-activedescendant={at < 0 ? undefined : `${base}${at}`}
        tabIndex={0}
        className="table-box"
        style={
          mostRows === undefined
            ? undefined
            : { height: headHeight + Math.max(1, Math.min(items.length, mostRows)) * rowHeight + 2 }
        }
        onKeyDown={press}
      >
        <div style={{ minWidth: least }}>
          <div role="rowgroup" className="table-head">
            <div role="row" aria-rowindex={1} className="list-head" style={{ gridTemplateColumns: template }}>
              {heads.map((head) => {
                const column = byId.get(head.column.id)!
                const sorted = head.column.getIsSorted()
                const Arrow = sorted === 'desc' ? IconArrowDown : IconArrowUp
                return (
                  <div
                    key={head.id}
                    role="columnheader"
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                    className={column.isNumber ? 'table-title number' : 'table-title'}
                  >
                    {column.value ? (
                      <button
                        type="button"
                        title={t('parts.click-sort-shift-arrow-key', { hint: column.hint ?? column.title })}
                        onClick={head.column.getToggleSortingHandler()}
                        onKeyDown={(event) => {
                          const way = { ArrowLeft: -8, ArrowRight: 8 }[event.key]
                          if (way === undefined || !event.shiftKey) return
                          event.preventDefault()
                          event.stopPropagation()
                          resize(column, widthOf(event.currentTarget.parentElement!) + way)
                        }}
                      >
                        <span>{column.title}</span>
                        {sorted && <Arrow size={12} aria-hidden />}
                      </button>
                    ) : (
                      <span className="visually-hidden">{column.title}</span>
                    )}
                    <span
                      className="table-border"
                      aria-hidden
                      onDoubleClick={() =>
                        set('columnSizing')((before) =>
                          Object.fromEntries(Object.entries(before).filter(([key]) => key !== column.id)),
                        )
                      }
                      onPointerDown={(event) => {
                        event.preventDefault()
                        event.currentTarget.setPointerCapture(event.pointerId)
                        pulled.current = event.clientX - widthOf(event.currentTarget.parentElement!)
                      }}
                      onPointerMove={(event) => {
                        if (pulled.current !== undefined) resize(column, event.clientX - pulled.current)
                      }}
                      onLostPointerCapture={() => (pulled.current = undefined)}
                    />
                  </div>
                )
              })}
            </div>
          </div>
          <div role="rowgroup" className="table-rows" style={{ height: list.getTotalSize() }}>
            {list.getVirtualItems().map((virtual) => {
              const item = items[virtual.index]!
              const row = item.original
              return (
                <div
                  {...rowProps?.(row)}
                  key={item.id}
                  id={`${base}${virtual.index}`}
                  role="row"
                  aria-label={rowName?.(row)}
                  aria-selected={selection.keys.has(item.id)}
                  aria-rowindex={virtual.index + 2}
                  data-current={item.id === current || undefined}
                  className="list-row table-row"
                  style={{
                    gridTemplateColumns: template,
                    height: rowHeight,
                    transform: `translateY(${virtual.start - headHeight}px)`,
                  }}
                  onClick={(event) => click(event, item.id)}
                  onContextMenu={(event) => {
                    if (isTyping(event.target)) return
                    const isIn = selection.keys.has(item.id)
                    if (!isIn) choose(selectOnly(item.id))
                    menu.openAt(event, isIn ? chosen : [row])
                  }}
                >
                  {visible.map((column) => (
                    <div key={column.id} role="gridcell" className={column.isNumber ? 'number' : undefined}>
                      {column.cell ? column.cell(row) : textOf(column, row)}
                    </div>
                  ))}
                </div>
              )
            })}
          </div>
          {items.length === 0 && (
            <Text p="xs" c="dimmed">
              {isFiltered ? t('parts.nothing-matches', { filter }) : t('parts.none')}
            </Text>
          )}
        </div>
      </div>
      <ContextMenu label={t('parts.menu', { table: label })} place={menu.place} onClose={menu.close}>
        {(some) => {
          const offered = actions?.(some) ?? []
          return (
            <>
              {offered.map((one) => (
                <Menu.Item key={one.label} {...(one.isBad && { color: 'red' })} onClick={one.run}>
                  {one.label}
                </Menu.Item>
              ))}
              {offered.length > 0 && <Menu.Divider />}
              <Menu.Item onClick={() => copy(some)}>
                {some.length === 1 ? t('parts.copy-row') : t('parts.copy-rows', { count: some.length })}
              </Menu.Item>
              <Menu.Item onClick={() => save(some)}>
                {some.length === 1 ? t('parts.export-row-csv') : t('parts.export-rows-csv', { count: some.length })}
              </Menu.Item>
              <Menu.Item onClick={() => choose(selectAll(selection, order))}>{t('parts.select-all')}</Menu.Item>
            </>
          )
        }}
      </ContextMenu>
    </div>
  )
}
