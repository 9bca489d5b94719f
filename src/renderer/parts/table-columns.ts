/** What a table knows of its columns: how they sort, what of them is searched, copied and exported. */
import type { ReactNode } from 'react'
import { csvFile } from '#shared/trace/csv.ts'

export interface Column<T> {
  /** Under which its width, order and whether it is shown are remembered. */
  readonly id: string
  readonly title: string
  /** What the head says when the pointer rests on it, where the title is short. */
  readonly hint?: string
  /** By which rows are sorted; null comes last either way. Left out of a column of buttons, which is not copied either. */
  readonly value?: (row: T) => string | number | null
  /** What is searched, copied and exported, where the value itself is not what people read. */
  readonly text?: (row: T) => string
  /** What is drawn, where that is more than the text. */
  readonly cell?: (row: T) => ReactNode
  /** Least width in px, until somebody changes it. */
  readonly width: number
  /** Share of the room that is left; none where left out. */
  readonly grows?: number
  readonly isNumber?: boolean
  /** Only shown when somebody chooses it. */
  readonly isExtra?: boolean
}

export const textOf = <T>(column: Column<T>, row: T): string => column.text?.(row) ?? String(column.value?.(row) ?? '')

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Numbers by size, texts as people count (`.9` before `.10`). */
export const compareValues = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))

/** Rows in which every word of the filter occurs, in whatever column. */
export function filterRows<T>(rows: readonly T[], columns: readonly Column<T>[], filter: string): readonly T[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = columns
      .map((column) => textOf(column, row))
      .join('\n')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function* cellsOf<T>(rows: readonly T[], columns: readonly Column<T>[]): Generator<readonly string[]> {
  const told = columns.filter(({ value }) => value !== undefined)
  yield told.map(({ title }) => title)
  for (const row of rows) yield told.map((column) => textOf(column, row))
}

/** Rows as a CSV file with the titles of their columns. */
export const csvOf = <T>(rows: readonly T[], columns: readonly Column<T>[]): string => csvFile(cellsOf(rows, columns))

/** Rows as spreadsheets take them when they are pasted: a tab between cells, no head. */
export const copyOf = <T>(rows: readonly T[], columns: readonly Column<T>[]): string =>
  [...cellsOf(rows, columns)]
    .slice(1)
    .map((cells) => cells.map((text) => text.replaceAll(/[\t\r\n]+/g, ' ')).join('\t'))
    .join('\n')
