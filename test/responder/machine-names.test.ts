/** Names that people give to machines of a hub: kept on disk, bounded, and never written over what is not theirs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mostMachineNames } from '#shared/contract/sites.ts'
import { MachineNames } from '../../src/main/hub/machine-names.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-names-'))
  path = join(folder, 'machine-names.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mac = (number: number): string => `52:54:00:00:${[number >> 8, number & 255].map((one) => one.toString(16).padStart(2, '0')).join(':')}` // prettier-ignore

test('names outlive the hub, also those that were given at once; an empty one is none', async () => {
  const names = new MachineNames(path)
  await Promise.all([1, 2, 3].map((one) => names.set({ mac: mac(one), name: `bench-${one}` })))
  await names.set({ mac: mac(2), name: '' })
  await names.set({ mac: mac(3), name: 'café' })
  const kept = [
    { mac: mac(1), name: 'bench-1' },
    { mac: mac(3), name: 'café' },
  ]
  expect(names.list()).toEqual(kept)
  expect(new MachineNames(path).list()).toEqual(kept)
})

test('there is room for so many, and what has a name can be renamed where there is none', async () => {
  writeFileSync(
    path,
    JSON.stringify(Array.from({ length: mostMachineNames }, (_, at) => ({ mac: mac(at), name: 'pc' }))),
  )
  const names = new MachineNames(path)
  expect(await names.set({ mac: '52:54:00:ff:ff:ff', name: 'one more' })).toBe(false)
  expect(await names.set({ mac: mac(0), name: 'renamed' })).toBe(true)
  expect(new MachineNames(path).list()).toHaveLength(mostMachineNames)
})

test.each(['{"mac":', '[{"mac":"52:54:00:00:00:01"}]', '[{"mac":"x","name":"y"}]'])('%s is told and kept', (text) => {
  writeFileSync(path, text)
  expect(() => new MachineNames(path)).toThrow(/machine-names\.json is no list of machine names\. Correct it/)
  expect(readFileSync(path, 'utf8')).toBe(text)
})
