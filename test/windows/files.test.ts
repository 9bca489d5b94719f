/** Files on Windows, where a name cannot be taken from a file that somebody has open. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

const koffi = fileURLToPath(new URL('../../node_modules/koffi', import.meta.url))

describeWith(windowsNeeds, 'files on Windows', () => {
  let windows: Windows
  let folder: string
  const at = (name: string): string => join(folder, name)
  beforeAll(async () => {
    windows = new Windows()
    // As the product is built: Windows Node 22 strips no types.
    const source = (path: string): string => fileURLToPath(new URL(`../../src/main/${path}`, import.meta.url))
    await build({
      configFile: false,
      logLevel: 'silent',
      resolve: { alias: { '#shared': fileURLToPath(new URL('../../src/shared', import.meta.url)) } },
      build: {
        ssr: true,
        outDir: join(windows.drive, 'built'),
        rolldownOptions: { input: { replace: source('files/replace-file.ts'), lab: source('workspace/lab-file.ts') } },
      },
      ssr: { noExternal: true },
    })
  })
  afterAll(() => windows.close())
  beforeEach(() => {
    folder = join(windows.drive, 'lab')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(at('lab.yaml'), 'old')
  })

  /** Replaces lab.yaml while this process has it open for so long, sharing no more than reading, as most programs do. */
  const replaceHeld = async (heldMs: number): Promise<{ error: string | null; tookMs: number }> => {
    writeFileSync(
      at('replace.mjs'),
      `import { createRequire } from 'node:module'
      import { replaceFile } from 'file:///C:/built/replace.js'
      const kernel = createRequire(import.meta.url)(${JSON.stringify(windows.path(koffi))}).load('kernel32.dll')
      const open = kernel.func('void *CreateFileW(str16, uint32_t, uint32_t, void *, uint32_t, uint32_t, void *)')
      const close = kernel.func('bool CloseHandle(void *)')
      // GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING.
      const handle = open('C:\\\\lab\\\\lab.yaml', 0x80000000, 1, null, 3, 0, null)
      setTimeout(() => close(handle), ${heldMs})
      const before = performance.now()
      const error = await replaceFile('C:\\\\lab\\\\lab.yaml', 'new').then(() => null, (failure) => failure.code)
      console.log(JSON.stringify({ error, tookMs: performance.now() - before }))
      process.exit()`,
    )
    const { stdout, stderr } = await windows.run(['C:\\lab\\replace.mjs'])
    expect(stderr).toBe('')
    rmSync(at('replace.mjs'))
    return JSON.parse(stdout) as { error: string | null; tookMs: number }
  }

  test('one that is held for a moment is replaced when it is let go', async () => {
    const { error, tookMs } = await replaceHeld(400)
    expect([error, readFileSync(at('lab.yaml'), 'utf8'), readdirSync(folder)]).toEqual([null, 'new', ['lab.yaml']])
    expect(tookMs).toBeGreaterThan(300)
  })

  test('one that is held on is left as it was, within a few seconds, and no draft stays', async () => {
    const { error, tookMs } = await replaceHeld(60_000)
    expect(['EPERM', 'EBUSY', 'EACCES']).toContain(error)
    expect(tookMs).toBeLessThan(30_000)
    expect([readFileSync(at('lab.yaml'), 'utf8'), readdirSync(folder)]).toEqual(['old', ['lab.yaml']])
  })

  test('a lab file keeps what Notepad and PowerShell made of it through an edit', async () => {
    writeFileSync(
      at('edit.mjs'),
      `import { LabFile, changeLabText } from 'file:///C:/built/lab.js'
      const file = new LabFile('C:\\\\lab\\\\lab.yaml')
      await file.write(changeLabText(await file.readText(), [{ path: ['mode'], value: 'dhcp' }]))`,
    )
    const before = '\ufeff# Prüfstand\r\ninterface: Ethernet 2\r\nmode: listen\r\n'
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(at('lab.yaml'), Buffer.from(before, encoding))
      expect(await windows.run(['C:\\lab\\edit.mjs'])).toMatchObject({ code: 0, stderr: '' })
      expect(readFileSync(at('lab.yaml')).toString(encoding)).toBe(before.replace('listen', 'dhcp'))
    }
  })
})
