/** That the stand-in for Windows is one: what the other tests in this folder rely on. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

describeWith(windowsNeeds, 'Windows Node', () => {
  let windows: Windows
  beforeAll(() => (windows = new Windows()))
  afterAll(() => windows.close())

  test('says it is Windows 10, with drive letters, in a profile of its own', async () => {
    const { code, stdout } = await windows.run(
      ['-p', 'JSON.stringify([process.platform, os.release(), process.cwd(), path.sep, process.env.LOCALAPPDATA])'],
      { cwd: windows.drive },
    )
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      ['win32', expect.stringMatching(/^10\.0\./), 'C:\\', '\\', expect.stringMatching(/^C:\\users\\.*\\AppData\\Local$/)],
    ]) // prettier-ignore
  })

  test('the same file by both spellings, with spaces and umlauts', async () => {
    const folder = join(windows.drive, 'Gemeinsame Ablage für Prüfungen')
    mkdirSync(folder)
    writeFileSync(join(folder, 'ein.txt'), 'from Linux')
    const path = windows.path(folder)
    expect(path).toBe('C:\\Gemeinsame Ablage für Prüfungen')
    const script = `fs.writeFileSync(process.argv[1] + '\\\\aus.txt', fs.readFileSync(process.argv[1] + '\\\\ein.txt', 'utf8') + ', ü')`
    expect(await windows.run(['-e', script, path])).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'aus.txt'), 'utf8')).toBe('from Linux, ü')
  })

  test('output of any length arrives whole and apart, with the exit code', async () => {
    const script = `console.log('x'.repeat(1e6)); console.error('für'); process.exitCode = 3`
    const { code, stdout, stderr } = await windows.run(['-e', script])
    expect([code, stdout.length, stderr.trim()]).toEqual([3, 1e6 + 1, 'für'])
  })

  test('a program is seen while it runs, and ends when it is told to or when its time is up', async () => {
    const endless = ['-e', `console.log('up'); setInterval(() => {}, 1000)`]
    const limited = windows.run(endless, { seconds: 10 })
    const running = windows.start(endless)
    await running.sees(/up/)
    expect(await running.stop()).toBe(143)
    expect(await limited).toMatchObject({ code: 124, stdout: 'up\n' })
  })

  test('native calls reach the system', async () => {
    const script = `const koffi = require('koffi')
      const socket = koffi.load('ws2_32.dll').func('uint64_t socket(int, int, int)')
      console.log(koffi.load('kernel32.dll').func('uint32_t GetCurrentProcessId()')() === process.pid, typeof socket)`
    const file = join(windows.drive, 'native.cjs')
    writeFileSync(
      file,
      script.replace("'koffi'", JSON.stringify(windows.path(join(process.cwd(), 'node_modules/koffi')))),
    )
    expect(await windows.run([windows.path(file)])).toMatchObject({ code: 0, stdout: 'true function\n', stderr: '' })
  })

  test('programs of the system run too', async () => {
    expect(await windows.program('reg.exe', ['query', 'HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion', '/v', 'CurrentBuild'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/CurrentBuild\s+REG_SZ\s+\d+/),
    }) // prettier-ignore
  })
})
