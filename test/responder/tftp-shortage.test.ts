/** TFTP in a process that is out of descriptors: silence and the true cause in the log, for an ERROR would end the boot. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortageOf } from '../../src/main/io/shortage.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['prlimit'], 'a TFTP service that is out of descriptors', () => {
  let folder: string
  let child: ChildProcess
  let lines: AsyncIterator<string>
  /** How many descriptors are enough to open a file, and leave none for the socket of its transfer. */
  let spareForFile = 0
  const cannotBegin = 'transfer-ended: the transfer cannot begin (EMFILE)'
  const next = async (): Promise<string> => String((await lines.next()).value)
  const order = async (what: object): Promise<{ heard: string[]; events: string[] }> => {
    child.stdin!.write(`${JSON.stringify(what)}\n`)
    return JSON.parse(await next()) as { heard: string[]; events: string[] }
  }
  const read = () => order({ ask: 'rrq', file: 'x.efi' })
  const write = (file: string) => order({ ask: 'wrq', file })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-shortage-'))
    for (const name of ['boot', 'uploads']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'boot/x.efi'), 'program')
    const program = fileURLToPath(new URL('../helpers/short-of-descriptors.mjs', import.meta.url))
    const [port] = await freePorts(1)
    child = spawn('prlimit', ['--nofile=256:256', process.execPath, program, folder, String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    expect(await next()).toBe('ready')
  })

  afterAll(() => {
    child.stdin!.end()
    rmSync(folder, { recursive: true, force: true })
  })

  test('no socket for a transfer: nothing is said, the log names the cause, and who asks again has the file', async () => {
    expect(await read()).toMatchObject({ heard: ['data'] })
    // As many as the file needs while it is opened; none is left for the socket then.
    for (let spare = 0; spare < 8; spare++) {
      await order({ spare })
      const { heard, events } = await read()
      if (events.includes(cannotBegin)) spareForFile ||= spare
      if (heard[0] === 'data') break
      expect({ spare, heard, cause: events.at(-1) }).toEqual({
        spare,
        heard: [],
        cause: expect.stringMatching(/EMFILE/),
      })
    }
    expect(spareForFile).toBeGreaterThan(0)
    await order({ spare: null })
    expect(await read()).toMatchObject({ heard: ['data'] })
  })

  test('nor for an upload, and what was begun of it is gone', async () => {
    expect(await write('fine')).toMatchObject({ heard: ['ack'] })
    for (let spare = 0; spare < 8; spare++) {
      await order({ spare })
      const { heard, events } = await write(`file-${spare}`)
      if (heard[0] === 'ack') break
      expect({ spare, heard, cause: events.at(-1) }).toEqual({
        spare,
        heard: [],
        cause: expect.stringMatching(/EMFILE/),
      })
    }
    await order({ spare: null })
    expect(await write('fine')).toMatchObject({ heard: ['ack'] })
    expect(readdirSync(join(folder, 'uploads'))).toEqual([])
  })

  test('who goes on asking is told at last, and left alone again then', async () => {
    expect((await read()).heard).toEqual(['data'])
    const silences: string[] = []
    let heard: string[] = []
    for (let asked = 0; asked < 100 && heard.length === 0; asked++) {
      // First the file cannot be looked for, later on only the socket is short.
      await order({ spare: Math.min(asked, spareForFile) })
      const answer = await read()
      heard = answer.heard
      if (heard.length === 0) silences.push(answer.events.at(-1)!)
    }
    expect(heard).toEqual(['the transfer cannot begin (EMFILE)'])
    expect(silences).toHaveLength(20)
    expect(new Set(silences)).toEqual(
      new Set(['transfer-deferred: too many files are open at once (EMFILE)', cannotBegin]),
    )
    expect((await read()).heard).toEqual([])
    await order({ spare: null })
    expect((await read()).heard).toEqual(['data'])
  })
})

test.each([
  ['EMFILE', '', 'EMFILE'],
  ['ENOBUFS', '', 'ENOBUFS'],
  ['ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE', 'EMFILE'],
  ['ENOENT', 'EMFILE is only in its words', undefined],
])('%s %s: short of %s', (code, message, short) => {
  expect(shortageOf(Object.assign(new Error(message), { code }))).toBe(short)
})
