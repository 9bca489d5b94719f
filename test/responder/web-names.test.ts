/** Under which names the pages are found, on a machine with several addresses, and what a command says where no lab is served. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { commandAccessFile } from '../../src/main/web/command-access.ts'
import { askLab, NotServed } from '../../src/main/web/lab-command.ts'
import { isLoopbackHost, namesOf } from '../../src/main/web/server.ts'

vi.mock(import('node:os'), async (original) => {
  const os = await original()
  const address = (text: string, more: object = {}) =>
    ({ address: text, family: text.includes(':') ? 'IPv6' : 'IPv4', internal: false, ...more }) as never
  return {
    ...os,
    hostname: () => 'LAB-PC',
    networkInterfaces: () => ({
      lo: [address('127.0.0.1', { internal: true }), address('::1', { internal: true })],
      eth0: [address('10.0.0.5'), address('2001:db8::5'), address('fe80::5')],
      eth1: [address('192.168.7.1')],
      gone: undefined,
    }),
  }
})

const local = ['localhost', '127.0.0.1', '::1']

test.each([
  ['127.0.0.1', ['127.0.0.1', 'localhost', '::1'], []],
  ['localhost', local, []],
  ['::1', ['::1', 'localhost', '127.0.0.1'], []],
  ['10.0.0.5', ['10.0.0.5', ...local], ['10.0.0.5']],
  ['Lab.Example', ['lab.example', ...local], ['Lab.Example']],
  ['0.0.0.0', ['127.0.0.1', 'localhost', '::1', '10.0.0.5', '192.168.7.1', 'lab-pc'], ['10.0.0.5', '192.168.7.1']],
  ['::', ['::1', 'localhost', '127.0.0.1', '10.0.0.5', '2001:db8::5', '192.168.7.1', 'lab-pc'], ['10.0.0.5', '2001:db8::5', '192.168.7.1']],
])('who listens on %s is found under %j, and by others under %j', (host, names, elsewhere) => {
  expect(namesOf(host)).toEqual({ names, elsewhere })
}) // prettier-ignore

test.each([
  ['127.0.0.1', true],
  ['127.255.3.4', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example', false],
  ['x127.0.0.1', false],
  ['128.0.0.1', false],
])('only programs of this machine reach %s: %s', (host, isLocal) => {
  expect(isLoopbackHost(host)).toBe(isLocal)
})

describe('a command without a lab', () => {
  let root: string
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-command-'))))
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const asked = (folder = root): Promise<NotServed> =>
    askLab(folder, () => Promise.resolve()).then(
      () => expect.unreachable(),
      (error: unknown) => error as NotServed,
    )
  const note = (text: string): void => {
    mkdirSync(dirname(commandAccessFile(root)), { recursive: true })
    writeFileSync(commandAccessFile(root), text)
  }

  test('none uses the folder, or there is no such folder', async () => {
    writeFileSync(join(root, 'file'), '')
    for (const folder of [root, join(root, 'nowhere'), join(root, 'file')]) {
      const error = await asked(folder)
      expect(error).toBeInstanceOf(NotServed)
      expect(error).toMatchObject({ message: `no pxe-lab serve uses the state folder ${folder}`, remedy: expect.stringMatching(/^Start it with: pxe-lab serve/) }) // prettier-ignore
    }
  })

  test.each([['{'], ['{}'], ['[]'], ['{"url":1,"secret":2}']])('its note is %s', async (text) => {
    note(text)
    expect(await asked()).toMatchObject({ message: `${commandAccessFile(root)} is damaged`, remedy: 'Stop pxe-lab serve and start it again.' }) // prettier-ignore
  })

  test('its note is a folder', async () => {
    mkdirSync(commandAccessFile(root), { recursive: true })
    expect(await asked()).toMatchObject({ message: expect.stringContaining('cannot be read: '), remedy: 'Stop pxe-lab serve and start it again.' }) // prettier-ignore
  })

  test('it has ended', async () => {
    note(JSON.stringify({ url: 'http://127.0.0.1:1', secret: 'x'.repeat(32) }))
    expect(await asked()).toMatchObject({ message: `the pxe-lab serve that used ${root} does not run any more (ECONNREFUSED at http://127.0.0.1:1)` }) // prettier-ignore
  })
})
