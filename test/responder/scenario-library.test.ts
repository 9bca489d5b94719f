/** Scenarios that a person keeps beside those that come with the program, and what a command line finds by name. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findScenario, labFileText, ScenarioLibrary } from '../../src/main/workspace/scenario-library.ts'
import { peProgram } from '../helpers/boot-programs.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-scenarios-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))
const put = (name: string, text: string | Uint8Array): string => {
  const path = join(root, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

test('a saved one is listed after those of the program, for its owner alone, until it is deleted', async () => {
  const folder = join(root, 'state/scenarios')
  const library = new ScenarioLibrary(folder)
  const shipped = await library.list()
  expect(shipped.length).toBeGreaterThan(5)
  expect(new Set(shipped.map((one) => one.origin))).toEqual(new Set(['shipped']))
  const { input } = shipped[0]!
  expect(await library.save('mine', input)).toEqual([])
  put('state/scenarios/broken.yaml', 'segments: 1')
  put('state/scenarios/notes.txt', 'hello')
  const listed = await library.list()
  expect(listed.slice(0, -1)).toEqual(shipped)
  expect(listed.at(-1)).toMatchObject({ id: 'mine', origin: 'saved', input })
  if (process.platform !== 'win32') expect(statSync(join(folder, 'mine.yaml')).mode & 0o777).toBe(0o600)
  expect(await new ScenarioLibrary().list()).toEqual(shipped)
  await library.delete(shipped[0]!.id)
  await library.delete('mine')
  expect(await library.list()).toEqual(shipped)
})

test('one that is none is told field by field, and nothing is written', async () => {
  const folder = join(root, 'scenarios')
  const library = new ScenarioLibrary(folder)
  const problems = await library.save('mine', { ...((await library.list())[0]!.input as object), seed: 'much' })
  expect(problems).toEqual([expect.stringMatching(/^seed .*\. [A-Z].*\.$/)])
  expect(existsSync(folder)).toBe(false)
  expect(await new ScenarioLibrary().save('mine', {})).toEqual(['There is no folder to save in.'])
})

test('a name of the library, a scenario file and a lab file are found; a lab file with what its machines will miss', async () => {
  const [first] = await new ScenarioLibrary().list()
  expect(await findScenario(first!.id)).toMatchObject({ ok: true, id: first!.id, notices: [] })
  const own = put('two.yaml', stringify(first!.input))
  expect(await findScenario(own)).toMatchObject({ ok: true, id: 'two', input: first!.input, notices: [] })
  const lab = put('lab.yaml', 'interface: 192.168.77.1\nmode: proxy-dhcp\nboot:\n  files: files\n  programs: [{ architecture: x64-uefi, file: x.efi }]\n') // prettier-ignore
  const codes = async (): Promise<unknown> => {
    const found = await findScenario(lab)
    return found.ok && [found.id, ...found.notices.map(({ code }) => code)]
  }
  expect(await codes()).toEqual(['lab', 'folder-missing', 'nothing-to-boot'])
  // The files beside the lab file are those that its machines get.
  put('files/x.efi', peProgram(0x8664))
  expect(await codes()).toEqual(['lab', 'nothing-to-boot'])
})

test('what cannot be found or read is told', async () => {
  expect(await findScenario('no-such')).toMatchObject({ ok: false, problems: undefined, message: expect.stringMatching(/^no-such is neither a file nor a scenario\./) }) // prettier-ignore
  expect(await findScenario(put('bad.yaml', 'segments: 1'))).toMatchObject({ ok: false, problems: expect.arrayContaining([expect.objectContaining({ field: 'segments', line: 1 })]) }) // prettier-ignore
  expect(await findScenario(put('lab.yaml', 'interface: eth0\nmode: router'))).toMatchObject({ ok: false, problems: [{ field: 'mode', value: '"router"' }] }) // prettier-ignore
})

test('the text of a lab file is of a lab in any case', () => {
  expect(labFileText({ interface: '10.0.0.1', mode: 'listen' })).toBe('interface: 10.0.0.1\nmode: listen\n')
  expect(labFileText({ mode: 'router' })).toBe('{}\n')
})
