/** The matrix against what Microsoft documents and what firmware was seen to do: rows of which the answer is known. */
import { beforeAll, describe, expect, test } from 'vitest'
import { CoHostingMatrix, matrixEntries, rowOfKey, type MatrixEntry } from '#shared/diagnosis/co-hosting.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioOfRow } from '#shared/diagnosis/co-hosting.ts'

let matrix: CoHostingMatrix
beforeAll(() => {
  matrix = new CoHostingMatrix([...matrixEntries()])
  // Every row is simulated here, which takes a slow machine longer than the usual ten seconds.
}, 60_000)

const codes = ({ cells }: MatrixEntry): string[] =>
  [cells.bios, cells.edk2, cells.ipxe].map(({ state, code, line }) =>
    state === 'booted' ? 'boots' : code || line.split(':')[0]!,
  )

const known: [what: string, key: string, expected: string[]][] = [
  [
    'WDS cannot start: DHCP has port 67',
    'this.WDS.default.unset.unset.running.second',
    ['PXE-E53', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'DHCP is deaf: WDS has port 67',
    'this.WDS.default.unset.unset.running.first',
    ['PXE-E52', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'the option promises a WDS that did not start',
    'this.WDS.1.server.unset.running.second',
    ['PXE-E55', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'half repaired: option 60 is missing',
    'this.WDS.0.unset.unset.running.first',
    ['PXE-E53', 'PXE-E16', 'Nothing to boot'],
  ],
  ['the documented set-up', 'this.WDS.0.server.unset.running.second', ['boots', 'boots', 'boots']],
  ['WDS is stopped', 'this.WDS.0.server.unset.stopped.first', ['PXE-E55', 'PXE-E16', 'Nothing to boot']],
  ['66 and 67 without 60 name a BIOS program', 'this.WDS.0.unset.set.running.first', ['boots', 'BdsDxe', 'boots']],
  ['two servers, the documented set-up', 'other.WDS.1.unset.unset.running.first', ['boots', 'boots', 'boots']],
  [
    'option 60 on the wrong server',
    'other.WDS.1.server.unset.running.first',
    ['PXE-E55', 'PXE-E16', 'Nothing to boot'],
  ],
  ['UseDHCPPorts left at 0', 'other.WDS.0.unset.unset.running.first', ['PXE-E53', 'PXE-E16', 'Nothing to boot']],
  ['no DHCP at all', 'none.WDS.1.unset.unset.running.first', ['PXE-E52', 'PXE-E16', 'Nothing to boot']],
  ['nobody at all', 'none.WDS.0.unset.unset.running.first', ['PXE-E51', 'PXE-E18', 'Nothing to boot']],
  ['the responder beside DHCP, set up right', 'this.SccmPxe.1.server.unset.running.first', ['boots', 'boots', 'boots']],
  [
    'the responder takes port 67',
    'this.SccmPxe.default.unset.unset.running.first',
    ['PXE-E52', 'PXE-E16', 'Nothing to boot'],
  ],
]

describe('co-hosting matrix', () => {
  test('has every combination once', () => {
    expect(matrix.entries.length).toBe(3 * 4 * 3 * 3 * 2 * 2 * 2)
    expect(new Set(matrix.entries.map((one) => one.key)).size).toBe(matrix.entries.length)
  })

  test.each(known)('%s', (_, key, expected) => {
    expect(codes(matrix.entry(key)!)).toEqual(expected)
  })

  test('a remedy leads to a row where every client boots, whatever starts first', () => {
    let remedies = 0
    for (const { row, boots } of matrix.entries) {
      const remedy = matrix.remedyOf(row)
      if (!remedy) continue
      remedies++
      const to = rowOfKey(remedy.to)!
      for (const starts of ['first', 'second'] as const)
        expect(matrix.entry(remedy.to.replace(/[^.]+$/, starts))!.boots).toBe(true)
      expect([to.dhcp, to.pxe]).toEqual([row.dhcp, row.pxe])
      expect(remedy.says.length).toBeGreaterThan(0)
      if (boots) expect(matrix.entry(remedy.to)!.boots).toBe(true)
    }
    expect(remedies).toBeGreaterThan(300)
  })

  test('without DHCP or without a PXE service there is none', () => {
    for (const { row } of matrix.entries)
      if (row.dhcp === 'none' || row.pxe === 'none') expect(matrix.remedyOf(row)).toBeUndefined()
  })

  test('every row can be played', () => {
    for (const { row } of matrix.entries.slice(0, 60))
      expect(changeScenario(scenarioOfRow(row, ['bios', 'edk2', 'edk2-2016', 'ipxe']), []).ok).toBe(true)
  })
})
