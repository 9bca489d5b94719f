import { describe, expect, test } from 'vitest'
import { countReaches, heatGrid, reachOf } from '#shared/diagnosis/co-hosting-heat.ts'
import { allRows, keyOfRow, matrixClients, type MatrixEntry, type MatrixRow } from '#shared/diagnosis/co-hosting.ts'

const entry = (row: MatrixRow, booting: readonly string[]): MatrixEntry => ({
  key: keyOfRow(row),
  row,
  cells: Object.fromEntries(
    matrixClients.map((client) => [
      client,
      { state: booting.includes(client) ? 'booted' : 'failed', code: '', line: '', because: '' },
    ]),
  ) as MatrixEntry['cells'],
  boots: booting.length === matrixClients.length,
})

/** Everybody boots where option 60 is at the server, only BIOS where it is left over, nobody where it is not set. */
const entries = allRows().map((row) =>
  entry(row, row.option60 === 'server' ? matrixClients : row.option60 === 'unset' ? [] : ['bios']),
)

describe('the matrix from afar', () => {
  test('counts whom set-ups boot, all machines or one kind', () => {
    expect(countReaches(entries, undefined)).toEqual({ everybody: 288, some: 288, nobody: 288 })
    expect(countReaches(entries, 'bios')).toEqual({ everybody: 576, some: 0, nobody: 288 })
    expect(countReaches(entries, 'edk2')).toEqual({ everybody: 288, some: 0, nobody: 576 })
  })

  test('every set-up stands once on the grid, beside those it shares its values with', () => {
    const grid = heatGrid(entries, {})
    expect(grid).toHaveLength(12)
    const cells = grid.flatMap((row) => row.cells)
    expect(cells).toHaveLength(216)
    expect(new Set(cells.flatMap((cell) => cell.entries.map((one) => one.key))).size).toBe(864)
    for (const { chosen, entries: here } of cells) {
      expect(here).toHaveLength(4)
      for (const { row } of here) expect(row).toMatchObject(chosen)
      expect(new Set(here.map((one) => reachOf(one, undefined))).size).toBe(1)
    }
  })

  test('filters leave out what they rule out, rows and columns too', () => {
    const grid = heatGrid(entries, { dhcp: 'this', option60: 'server', service: 'running' })
    expect(grid.map((row) => row.chosen.dhcp)).toEqual(['this', 'this', 'this', 'this'])
    for (const { cells } of grid) {
      expect(cells).toHaveLength(6)
      for (const cell of cells) {
        expect(cell.chosen.option60).toBe('server')
        expect(cell.entries.map(({ row }) => [row.service, row.starts])).toEqual([
          ['running', 'first'],
          ['running', 'second'],
        ])
      }
    }
  })
})
