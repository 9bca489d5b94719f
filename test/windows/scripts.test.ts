/** What a person types after cloning: `npm start`, `npm test`, `npm run build`, in a folder with spaces and an umlaut. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../helpers/requirements.ts'
import { cloneInto } from '../helpers/windows-clone.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

describeWith(windowsNeeds, 'a clone on Windows', () => {
  let windows: Windows
  let clone: ReturnType<typeof cloneInto>
  beforeAll(() => {
    windows = new Windows()
    clone = cloneInto(windows, 'PXE Lab für Prüfungen')
  })
  afterAll(() => windows.close())

  test('before anything else, what is missing is installed, by npm.cmd', async () => {
    const tools = join(windows.drive, 'npm of this test')
    mkdirSync(tools)
    writeFileSync(join(tools, 'npm.cmd'), '@echo %* > "%~dp0called.txt"\r\n@exit /b 5\r\n')
    const { code, stdout } = await windows.run(['scripts/with-modules.mjs', 'build'], {
      cwd: clone.folder,
      environment: { WINEPATH: windows.path(tools) },
    })
    expect(stdout).toMatch(/^Installing packages/)
    expect(readFileSync(join(tools, 'called.txt'), 'utf8')).toMatch(/^ci --no-audit --no-fund\b/)
    expect(code).toBe(5)
    clone.markInstalled()
  })

  test('npm start builds, and opens the lab as a page where Electron is not', { timeout: 220_000 }, async () => {
    const lab = windows.start(['scripts/start.mjs', '--port', '0'], { cwd: clone.folder, seconds: 200 })
    const [address] = await lab.sees(/http:\/\/127\.0\.0\.1:\d+\/\S*/, 180)
    expect(lab.stdout).toMatch(/The desktop window needs Electron/)
    const page = await fetch(address)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')])
    await lab.stop()
    expect(existsSync(join(clone.folder, 'out/main/electron.js'))).toBe(true)
  })

  test(
    'npm test builds and runs the tests: house rules, wire, machines, planner, diagnosis',
    { timeout: 900_000 },
    async () => {
      const folders = ['rules', 'wire', 'machines', 'planner', 'diagnosis'].map((name) => `test/${name}`)
      // A process for each file would cost a start of Node here, which takes seconds on a busy machine.
      // What plays thousands of boots takes minutes here, and asks nothing of the system.
      const long = ['inverse', 'twin'].flatMap((name) => ['--exclude', `test/diagnosis/${name}.test.ts`])
      const { code, stdout, stderr } = await windows.run(
        ['scripts/test.mjs', '--project', 'rules', '--project', 'core', '--no-isolate', ...long, ...folders],
        { cwd: clone.folder, environment: { NO_COLOR: '1' }, seconds: 880 },
      )
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? []
      expect(failed, `${stdout}\n${stderr}`.slice(-6000)).toBe('0')
      expect(Number(passed)).toBeGreaterThan(900)
      expect(stdout).toMatch(/Could not run here:\n(?: .*\n)*.*needs tshark/)
      expect(code).toBe(0)
    },
  )
})
