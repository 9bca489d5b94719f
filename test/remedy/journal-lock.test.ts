/** The lock of changes: of many that ask at once one holds it, whatever was left behind; and nobody is kept out for ever. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from '../../src/main/remedy/journal.ts'

/** No process has this number. */
const dead = '4194399'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const leave = (text: string, ageMs = 0): void => {
  const lock = join(folder, 'lock')
  writeFileSync(lock, text)
  const at = (Date.now() - ageMs) / 1000
  utimesSync(lock, at, at)
}

test('of several that ask at once one holds it, whoever died with it before', async () => {
  const turns = fc.array(fc.nat(3), { minLength: 2, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(turns, fc.constantFrom(undefined, dead, 'no number', ''), async (waits, left) => {
      rmSync(folder, { recursive: true, force: true })
      if (left !== undefined) {
        await (
          await new Journal(folder).hold()
        )()
        leave(left, 60_000)
      }
      let holding = 0
      let most = 0
      const ask = async (wait: number): Promise<void> => {
        for (let turn = 0; turn < wait; turn++) await new Promise((resolve) => setImmediate(resolve))
        const letGo = await new Journal(folder).hold()
        most = Math.max(most, ++holding)
        await new Promise((resolve) => setTimeout(resolve, 5))
        holding--
        await letGo()
      }
      const ends = await Promise.allSettled(waits.map((wait) => ask(wait)))
      expect(most).toBe(1)
      for (const one of ends)
        if (one.status === 'rejected') expect(String(one.reason)).toContain('another change is being made')
      expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('a lock that is being written is somebody’s; one that stayed empty is left over', async () => {
  const journal = new Journal(folder)
  leave('')
  await expect(journal.hold()).rejects.toThrow('another change is being made')
  // A clock that has been set back since makes it no fresher.
  leave('', -60_000)
  await (
    await journal.hold()
  )()
  leave('', 60_000)
  await (
    await journal.hold()
  )()
  leave(String(process.ppid))
  await expect(journal.hold()).rejects.toThrow(`another change is being made by process ${process.ppid}`)
})
