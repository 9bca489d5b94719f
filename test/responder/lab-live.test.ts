/** The lab file while it is open: whatever becomes of it is a problem of the file, and a window may not lead out of its folder. */
import { inEnglish } from '#messages/text.ts'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LabState, LogLine } from '#shared/contract/calls.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { boundHandlers } from '../../src/main/web/bounds.ts'
import { LabFile } from '../../src/main/workspace/lab-file.ts'
import { DrivenBackend } from '../helpers/backend.ts'

const text = 'interface: lo\nmode: listen\n'
let root: string
let file: string
let backend: Backend

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-live-'))
  mkdirSync(join(root, 'lab'))
  file = join(root, 'lab/lab.yaml')
  writeFileSync(file, text)
  // No responder is started here.
  backend = new Backend(file, {
    open() {},
    retry() {},
    end() {},
    renew: () => Promise.resolve(),
    close: () => Promise.resolve(),
  })
  await backend.open()
})

afterEach(async () => {
  await backend.close()
  rmSync(root, { recursive: true, force: true })
})

/** The first state the windows are told that is so. */
const told = (isSo: (state: LabState) => boolean): Promise<LabState> =>
  new Promise((resolve) => {
    const leave = backend.connect((message) => {
      const { push, value } = message as { push: string; value: LabState }
      if (push !== 'lab' || !isSo(value)) return
      leave()
      resolve(value)
    })
  })

const bomb = ['interface: lo', 'a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[at]}`).join(',')}]`)].join('\n') // prettier-ignore

test.each([
  ['a bomb of aliases', () => writeFileSync(file, bomb), /cannot be expanded/],
  ['a folder', () => (rmSync(file), mkdirSync(file)), /is a folder/],
  ['rubbish', () => writeFileSync(file, Buffer.from([0, 255, 1, 2])), /./],
])('becomes %s, and comes back', async (_what, change, message) => {
  const broken = told((state) => state.problems.length > 0)
  change()
  const state = await broken
  expect(state).toMatchObject({ exists: true, lab: null })
  expect(inEnglish(state.problems[0]!.message)).toMatch(message)
  expect(state.problems[0]!.remedy).not.toBe('')
  const mended = told((one) => one.problems.length === 0 && one.lab !== null)
  rmSync(file, { recursive: true })
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
  expect((await mended).text).toBe(text)
})

test('goes away, and comes back', async () => {
  const gone = told((state) => !state.exists)
  rmSync(file)
  expect(await gone).toMatchObject({ lab: null, problems: [] })
  const back = told((state) => state.exists)
  writeFileSync(file, text)
  await back
})

// Windows has no such permissions; there its errors are injected (net/fault-table.test.ts).
test.skipIf(process.platform === 'win32')('may not be read any more, and may again', async () => {
  // Root may read everything.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined
  if (nobody !== undefined) for (const path of [root, join(root, 'lab'), file]) chownSync(path, nobody, nobody)
  const driven = await DrivenBackend.here(file, nobody)
  try {
    chmodSync(file, 0)
    await vi.waitFor(
      () => expect(inEnglish(driven.labs.at(-1)?.problems[0]?.message ?? '')).toMatch(/may not be read/),
      60_000,
    )
    expect(driven.labs.at(-1)).toMatchObject({ exists: true, lab: null })
    chmodSync(file, 0o600)
    await vi.waitFor(() => expect(driven.labs.at(-1)).toMatchObject({ problems: [], text }), 60_000)
    // Its folder may not be entered: that is not to have gone.
    chmodSync(join(root, 'lab'), 0)
    await vi.waitFor(
      () => expect(inEnglish(driven.labs.at(-1)?.problems[0]?.message ?? '')).toMatch(/may not be read/),
      60_000,
    )
    expect(driven.labs.at(-1)).toMatchObject({ exists: true, lab: null })
    chmodSync(join(root, 'lab'), 0o700)
    await vi.waitFor(() => expect(driven.labs.at(-1)).toMatchObject({ problems: [], text }), 60_000)
  } finally {
    await driven.running.stop('SIGKILL')
  }
})

describe('reading fails for a moment', () => {
  test.each(['EBUSY', 'EIO', 'EACCES', 'EMFILE'])('%s: told once, read again by itself', async (code) => {
    const read = LabFile.prototype.readText
    let failures = 0
    const reading = vi.spyOn(LabFile.prototype, 'readText').mockImplementation(async function (this: LabFile) {
      if (failures++ < 4) throw Object.assign(new Error(`${code}: injected`), { code })
      return read.call(this)
    })
    try {
      const log: LogLine[] = []
      const leave = backend.connect((message) => {
        const { push, value } = message as { push: string; value: LogLine[] }
        if (push === 'log') log.push(...value)
      })
      const broken = told((state) => state.problems.length > 0)
      const changed = `${text}# another\n`
      writeFileSync(file, changed)
      expect(await broken).toMatchObject({ exists: true, needsRestart: false })
      // In the meantime nothing is written over what nobody has read.
      await expect(Promise.resolve().then(() => backend.handlers['lab.write']({ text }))).rejects.toThrow(/cannot be read|may not be read/) // prettier-ignore
      expect(await told((state) => state.lab !== null)).toMatchObject({ text: changed, problems: [] })
      leave()
      expect(failures).toBe(5)
      expect(log.filter((line) => line.text.includes('is read again until it can be'))).toHaveLength(1)
    } finally {
      reading.mockRestore()
    }
  })
})

test('windows are told what its machines will miss, and when they no longer do', async () => {
  mkdirSync(join(root, 'lab/boot'))
  const missing = told((state) => state.notices.length > 0)
  writeFileSync(file, 'interface: lo\nmode: proxy-dhcp\nboot:\n  programs: [{ architecture: bios, file: a.0 }, { architecture: x64-uefi, file: a.0 }]\n') // prettier-ignore
  expect((await missing).notices.map(({ code, field }) => [code, field])).toEqual([
    ['program-missing', 'boot.programs[0].file'],
    ['program-missing', 'boot.programs[1].file'],
  ])
  const wrong = told((state) => state.notices.length === 1)
  writeFileSync(join(root, 'lab/boot/a.0'), 'code')
  expect(inEnglish((await wrong).notices[0]!.text)).toContain(
    'UEFI x64 machines get nothing to boot: a.0 is the wrong program',
  )
  const nothing = told((state) => state.lab?.mode === 'listen' && state.notices.length === 0)
  writeFileSync(file, text)
  await nothing
})

describe('a window that came over the network', () => {
  const bound = () => boundHandlers(backend.handlers, file, [join(root, 'allowed')])
  const write = (more: string) => bound()['lab.write']({ text: text + more })

  test.each([
    'boot: { files: /etc }',
    'boot: { files: ../elsewhere }',
    'boot: { files: ./a/../../elsewhere }',
    'state: /tmp',
    'tftp: { upload: / }',
  ])('names no folder outside: %s', async (more) => {
    await expect(Promise.resolve().then(() => write(more))).rejects.toThrow(/leads out of the folder of the lab/)
    const [field, rest] = more.split(': ', 2) as [string, string]
    const value = rest.startsWith('{')
      ? { [rest.slice(2).split(':')[0]!]: more.split(': ')[2]!.replace(' }', '') }
      : rest
    await expect(Promise.resolve().then(() => bound()['lab.change']({ changes: [{ path: [field], value }] }))).rejects.toThrow(/leads out of/) // prettier-ignore
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('names folders inside, allowed ones, and those that the file names already', async () => {
    await write('boot: { files: ./files/x }\nstate: ./s\n')
    await write(`boot: { files: ${join(root, 'allowed/x')} }\n`)
    await expect(Promise.resolve().then(() => write(`boot: { files: ${join(root, 'allowedx')} }\n`))).rejects.toMatchObject({ remedy: expect.stringContaining('--allow-folder') }) // prettier-ignore
    const elsewhere = `boot: { files: ${join(root, 'own')} }\n`
    const handlers = bound()
    // By whoever may write the file.
    writeFileSync(file, text + elsewhere)
    await backend.handlers['lab.open']({ path: file })
    await handlers['lab.write']({ text: `${text}${elsewhere}autoStopMinutes: 5\n` })
    await expect(Promise.resolve().then(() => bound()['setup.propose']({ interface: 'lo', giver: 'none', files: '/etc' } as never))).rejects.toThrow(/leads out/) // prettier-ignore
  })

  test('opens no file outside, and nothing but labs', async () => {
    writeFileSync(join(root, 'lab/notes.txt'), 'x')
    writeFileSync(join(root, 'other.yaml'), text)
    writeFileSync(join(root, 'lab/second.yaml'), text)
    for (const path of [
      '/etc/shadow',
      '../other.yaml',
      join(root, 'other.yaml'),
      'notes.txt',
      `${root}/lab/../other.yaml`,
    ])
      await expect(Promise.resolve().then(() => bound()['lab.open']({ path }))).rejects.toThrow(
        /no lab file in the folder/,
      )
    expect(await bound()['lab.open']({ path: 'second.yaml' })).toMatchObject({ path: join(root, 'lab/second.yaml') })
  })
})
