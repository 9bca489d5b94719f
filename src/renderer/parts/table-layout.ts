/** How somebody arranged a table, kept from one visit to the next. */
import { useEffect, useState, type Dispatch, type SetStateAction } from 'react'

export interface TableLayout {
  readonly sorting: { readonly id: string; readonly desc: boolean }[]
  /** Columns that are shown or hidden otherwise than at first. */
  readonly columnVisibility: Record<string, boolean>
  /** Widths in px of the columns whose width was changed. */
  readonly columnSizing: Record<string, number>
}

export const plainLayout: TableLayout = { sorting: [], columnVisibility: {}, columnSizing: {} }

const keyOf = (id: string): string => `pxe-lab-table-${id}`
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
/** The entries whose values are such. */
const only = <V>(value: unknown, isSuch: (one: unknown) => one is V): Record<string, V> =>
  Object.fromEntries(Object.entries(isRecord(value) ? value : {}).flatMap(([key, one]) => (isSuch(one) ? [[key, one]] : []))) // prettier-ignore
const isWidth = (one: unknown): one is number => typeof one === 'number' && one >= 20 && one <= 4000
const isBoolean = (one: unknown): one is boolean => typeof one === 'boolean'

/** What was kept; whatever of it cannot be read is as if it had not been. */
function kept(id: string): TableLayout {
  let value: unknown
  try {
    value = JSON.parse(localStorage.getItem(keyOf(id)) ?? '{}')
  } catch {
    return plainLayout
  }
  if (!isRecord(value)) return plainLayout
  const sorting = Array.isArray(value['sorting']) ? (value['sorting'] as unknown[]) : []
  return {
    sorting: sorting.flatMap((one) =>
      isRecord(one) && typeof one['id'] === 'string' ? [{ id: one['id'], desc: one['desc'] === true }] : [],
    ),
    columnVisibility: only(value['columnVisibility'], isBoolean),
    columnSizing: only(value['columnSizing'], isWidth),
  }
}

export function useTableLayout(id: string): readonly [TableLayout, Dispatch<SetStateAction<TableLayout>>] {
  const [layout, setLayout] = useState(() => kept(id))
  useEffect(() => localStorage.setItem(keyOf(id), JSON.stringify(layout)), [id, layout])
  return [layout, setLayout]
}
