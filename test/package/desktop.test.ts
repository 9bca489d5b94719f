/** The desktop packages of Linux and Windows, made by electron-builder from the real build around a stub of Electron. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { extractAll, listPackage } from '@electron/asar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stage } from '../../scripts/packaging/stage.mjs'
import { describeWith } from '../helpers/requirements.ts'
import { isDouble, startShell } from '../helpers/shell.ts'
import { writeStubElectron } from './stub-electron.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'pxe-lab-package-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const systems = [
  { system: 'linux', flag: '--linux', folder: 'linux-unpacked', program: 'pxe-lab-desktop', native: 'linux_x64' },
  { system: 'win32', flag: '--win', folder: 'win-unpacked', program: 'PXE Lab.exe', native: 'win32_x64' },
] as const

/** Every file below a folder, with forward slashes. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) =>
      join(one.parentPath, one.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )

/** The states of the fuses in a program, in the order of FuseV1Options. */
function fusesOf(program: string): string {
  const bytes = readFileSync(program)
  const at = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
  expect(at).toBeGreaterThan(0)
  return bytes.toString('latin1', at + 34, at + 34 + bytes[at + 33]!)
}

describeWith(['built'], 'desktop packages', () => {
  beforeAll(() => {
    stage(join(work, 'dist/app'))
    for (const { system, flag } of systems) {
      writeStubElectron(join(work, system), system)
      execFileSync(
        process.execPath,
        [
          join(root, 'node_modules/electron-builder/cli.js'),
          '--config',
          'electron-builder.config.mjs',
          flag,
          '--x64',
          '--dir',
          `-c.electronDist=${join(work, system)}`,
        ],
        {
          cwd: root,
          stdio: 'pipe',
          env: { ...process.env, PXE_LAB_DIST: join(work, 'dist'), PXE_LAB_COMPRESSION: 'store' },
        },
      )
    }
  })

  for (const { system, folder, program, native } of systems) {
    const packed = join(work, 'dist/packages', folder)
    const resources = join(packed, 'resources')
    const inArchive = (): string[] =>
      listPackage(join(resources, 'app.asar'), { isPack: false })
        .map((path) => path.replaceAll('\\', '/').slice(1))
        .filter((path) => /\.\w+$|LICENSE$/.test(path))

    test(`${system}: holds what runs, and nothing else`, () => {
      const files = inArchive()
      for (const wanted of [
        'package.json',
        'out/main/electron.js',
        'out/main/backend-process.js',
        'out/main/desktop-responder.js',
        'out/main/model-worker.js',
        'out/main/tftp-worker.js',
        'out/preload/index.cjs',
        'out/renderer/index.html',
        'out/THIRD-PARTY-NOTICES.txt',
        'resources/collect-facts.ps1',
        'resources/scenarios/plain-dhcp.yaml',
        'node_modules/koffi/package.json',
        'node_modules/koffi/LICENSE.txt',
      ])
        expect(files).toContain(wanted)
      const allowed =
        /^(package\.json|LICENSE|out\/(main|preload|renderer)\/|out\/THIRD-PARTY-NOTICES\.txt$|resources\/|node_modules\/(koffi|@koromix)\/)/
      expect(files.filter((file) => !allowed.test(file))).toEqual([])
      expect(
        files.filter((file) =>
          /\.(tsx?|map|md|cc|hh|h|S|asm|test\.\w+)$|(^|\/)(test|src\/main|docs|bench|scripts)\//.test(file),
        ),
      ).toEqual([])
    })

    test(`${system}: koffi is of that system, alone, and outside the archive`, () => {
      const unpacked = filesBelow(join(resources, 'app.asar.unpacked'))
      expect(unpacked.filter((file) => file.endsWith('.node'))).toEqual([
        `node_modules/@koromix/koffi-${system}-x64/${native}/koffi.node`,
      ])
      expect(unpacked).toContain('node_modules/koffi/src/koffi/index.cjs')
      const [library] = unpacked.filter((file) => file.endsWith('.node'))
      const magic = readFileSync(join(resources, 'app.asar.unpacked', library!)).toString('latin1', 0, 4)
      expect(magic).toMatch(system === 'win32' ? /^MZ/ : /^\x7fELF/)
    })

    test(`${system}: licences lie where people look`, () => {
      for (const file of ['LICENSE.electron.txt', 'LICENSES.chromium.html', 'resources/LICENSE.txt'])
        expect(existsSync(join(packed, file)), file).toBe(true)
      expect(readFileSync(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toContain('\nreact 19')
    })

    test(`${system}: the program has the fuses that SECURITY.md promises`, () => {
      // RunAsNode, cookie encryption, NODE_OPTIONS, --inspect, asar integrity, only from asar, V8 snapshot, file://.
      expect(fusesOf(join(packed, program))).toBe('01001100')
    })

    test(`${system}: package.json is what it needs to run`, () => {
      const folderOf = join(work, `extracted-${system}`)
      extractAll(join(resources, 'app.asar'), folderOf)
      const manifest = JSON.parse(readFileSync(join(folderOf, 'package.json'), 'utf8')) as Record<string, unknown>
      expect(manifest).toMatchObject({ productName: 'PXE Lab', main: 'out/main/electron.js', type: 'module' })
      expect(Object.keys(manifest)).not.toContain('devDependencies')
      expect(Object.keys(manifest)).not.toContain('scripts')
    })
  }

  // The real Electron is tried with its own packages by whoever has it.
  test.skipIf(!isDouble || process.platform !== 'linux')(
    'linux: the packed application starts from its archive, and finds everything in it',
    async () => {
      // The double's Node cannot look into archives: the folder in its place is what the archive holds, byte by byte.
      const archive = join(work, 'started/resources/app.asar')
      extractAll(join(work, 'dist/packages/linux-unpacked/resources/app.asar'), archive)
      const shell = await startShell({ main: join(archive, 'out/main/electron.js'), isPackaged: true, folder: work })
      try {
        const page = await shell.page()
        await page.getByRole('heading', { name: 'Boot machines' }).waitFor()
        // The scenarios come from the resources, the list of interfaces through koffi.
        await page.evaluate("location.hash = '#/simulator'")
        await page
          .getByText(/UseDHCPPorts/)
          .first()
          .waitFor()
        expect(shell.output()).not.toMatch(/Cannot find|ENOENT|koffi/i)
      } finally {
        await shell.close()
      }
    },
  )

  test('win32: the archive is held by its hash in the program', () => {
    const program = readFileSync(join(work, 'dist/packages/win-unpacked/PXE Lab.exe')).toString('latin1')
    expect(program).toMatch(/resources\\\\app\.asar","alg":"SHA256","value":"[0-9a-f]{64}"/)
  })
})
