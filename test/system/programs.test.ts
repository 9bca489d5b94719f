import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleText } from '../../src/main/system/console-text.ts'
import { findIn, findProgram, type Place } from '../../src/main/system/program-paths.ts'
import { runTool, startProgram } from '../../src/main/system/programs.ts'

describe('where programs are', () => {
  const windows = (...there: string[]): Place => ({
    system: 'windows',
    windows: 'D:\\WINNT',
    exists: (path) => there.includes(path),
  })

  test.each<[string, Place, string | undefined]>([
    ['reg', windows('D:\\WINNT\\System32\\reg.exe', 'reg.exe'), 'D:\\WINNT\\System32\\reg.exe'],
    ['netsh.exe', windows('D:\\WINNT\\System32\\netsh.exe'), 'D:\\WINNT\\System32\\netsh.exe'],
    [
      'powershell',
      windows('D:\\WINNT\\System32\\WindowsPowerShell\\v1.0\\powershell.exe', 'D:\\WINNT\\System32\\powershell.exe'),
      'D:\\WINNT\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    ],
    [
      'sc',
      windows('D:\\WINNT\\Sysnative\\ntdll.dll', 'D:\\WINNT\\Sysnative\\sc.exe', 'D:\\WINNT\\System32\\sc.exe'),
      'D:\\WINNT\\Sysnative\\sc.exe',
    ],
    [
      'dumpcap',
      windows('D:\\WINNT\\System32\\dumpcap.exe', 'D:\\Program Files\\Wireshark\\dumpcap.exe'),
      'D:\\Program Files\\Wireshark\\dumpcap.exe',
    ],
    ['dumpcap', windows('D:\\WINNT\\System32\\dumpcap.exe', 'dumpcap.exe'), undefined],
    ['ip', { system: 'linux', windows: '', exists: (path) => path === '/usr/sbin/ip' }, '/usr/sbin/ip'],
    ['ip', { system: 'linux', windows: '', exists: (path) => path === 'ip' || path === './ip' }, undefined],
    ['open', { system: 'macos', windows: '', exists: (path) => path === '/usr/bin/open' }, '/usr/bin/open'],
  ])('%s', (program, place, path) => expect(findIn(program, place)).toBe(path))

  test.each(['', '..\\reg', 'a/b', '.exe'])('%j is no name of a program', (program) =>
    expect(() => findIn(program, windows())).toThrow('is no name of a program'),
  )
})

describe.skipIf(process.platform === 'win32')('programs of this system', () => {
  let folder: string
  const path = process.env['PATH']
  const here = process.cwd()
  const script = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/sh\n${text}\n`)
    chmodSync(file, 0o755)
    return file
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-programs-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('neither the current folder nor PATH is looked through', async () => {
    script('netstat-of-somebody', 'echo taken')
    script('sh', 'echo taken')
    try {
      process.chdir(folder)
      process.env['PATH'] = `${folder}${delimiter}${path}`
      expect(findProgram('netstat-of-somebody')).toBeUndefined()
      expect(await runTool('netstat-of-somebody', [])).toMatchObject({
        code: -1,
        output: '',
        problem: 'netstat-of-somebody is not here',
      })
      expect(() => startProgram('netstat-of-somebody', [])).toThrow('is not here')
      expect(await runTool('sh', ['-c', 'echo real'])).toMatchObject({ code: 0, output: 'real\n' })
    } finally {
      process.chdir(here)
      process.env['PATH'] = path
    }
  })

  test('both channels and the code', async () => {
    expect(await runTool(script('both', 'echo said; echo complained >&2; exit 3'), ['a b'])).toEqual({
      command: `${join(folder, 'both')} a b`,
      output: 'said\ncomplained\n',
      code: 3,
      problem: `${join(folder, 'both')} ended with 3`,
    })
  })

  test('one that hangs is left at its limit, although a child of it keeps the channel open', async () => {
    const began = performance.now()
    const { output, code, problem } = await runTool(script('hangs', 'echo begun; sleep 30'), [], { timeoutMs: 300 })
    expect({ output, code }).toEqual({ output: 'begun\n', code: -1 })
    expect(problem).toMatch(/did not end within 0.3 s$/)
    expect(performance.now() - began).toBeLessThan(25_000)
  })

  test('one that has ended is not waited for because a child of it lives on', async () => {
    const began = performance.now()
    const answer = await runTool(script('leaves', 'sleep 30 & echo left; exit 0'), [])
    expect(answer).toMatchObject({ output: 'left\n', code: 0 })
    expect(answer.problem).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(25_000)
  })

  test('what is too long is cut off, and that is told', async () => {
    const { output, problem } = await runTool(script('long', 'while :; do echo 0123456789; done'), [], {
      mostBytes: 1000,
    })
    expect(output).toHaveLength(1000)
    expect(problem).toMatch(/printed more than 1000 bytes; the rest is missing$/)
  })

  test('one that goes on printing has all the time it needs, one that falls silent has not', async () => {
    const slow = script('slow', 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done')
    const told: number[] = []
    const answer = await runTool(slow, [], { silenceMs: 400, onProgress: (bytes) => told.push(bytes) })
    expect(answer).toMatchObject({ output: '1\n2\n3\n4\n5\n6\n', code: 0 })
    expect(told.at(-1)).toBe(12)
    const silent = await runTool(script('silent', 'echo 1; sleep 3'), [], { silenceMs: 200 })
    expect(silent).toMatchObject({ output: '1\n', problem: expect.stringMatching(/printed nothing for 0.2 s$/) })
  })

  test('one that is cancelled, and one that was before it began', async () => {
    const stop = new AbortController()
    const running = runTool(script('waits', 'echo 1; sleep 3'), [], {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    expect(await running).toMatchObject({ output: '1\n', problem: expect.stringMatching(/was not waited for$/) })
    expect(await runTool(join(folder, 'waits'), [], { signal: stop.signal })).toMatchObject({ output: '', code: -1 })
  })
})

describe('what programs print', () => {
  const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
  test.each<[string, Buffer, number, string]>([
    ['UTF-8', Buffer.from('État'), 850, 'État'],
    ['UTF-8 with a byte order mark', Buffer.from('\uFEFFÉtat'), 850, 'État'],
    ['UTF-16 with a byte order mark', Buffer.concat([Buffer.of(0xff, 0xfe), utf16('接続')]), 437, '接続'],
    ['UTF-16 without', utf16('\r\n接続'), 932, '\r\n接続'],
    // From the tables of the Unicode Consortium, Public/MAPPINGS/VENDORS/MICSFT/PC.
    ['code page 437', Buffer.of(0x81, 0x62, 0x65, 0x72), 437, 'über'],
    ['code page 850', Buffer.of(0x90, 0x74, 0x61, 0x74), 850, 'État'],
    ['code page 866', Buffer.of(0x8f, 0xe0), 866, 'Пр'],
    ['code page 932', Buffer.of(0x90, 0xda, 0x91, 0xb1), 932, '接続'],
    ['an unknown code page', Buffer.of(0x41, 0xff), 12345, 'A\uFFFD'],
  ])('%s', (_, bytes, codePage, text) => expect(consoleText(bytes, codePage)).toBe(text))
})
