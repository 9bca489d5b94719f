import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { keptShellSchema, type KeptShell } from '#shared/contract/shell.ts'
import { describeShell, isDouble, startShell, type Shell } from '../helpers/shell.ts'

const capture = fileURLToPath(new URL('../fixtures/captures/full-pxelinux.pcap', import.meta.url))
const tftpPort = 30_691
const labText = `# bench
interface: 127.0.0.1
mode: proxy-dhcp
ports: { dhcp: 30671, tftp: ${tftpPort}, bootServer: 30692 }
boot: { files: ./boot, programs: [] }
`

/** A folder with a lab file and a boot file that is too large for one block. */
function makeLab(): { readonly folder: string; readonly lab: string } {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-desktop-'))
  mkdirSync(join(folder, 'boot'))
  writeFileSync(join(folder, 'boot', 'program.efi'), Buffer.alloc(5000))
  const lab = join(folder, 'bench.yaml')
  writeFileSync(lab, labText)
  return { folder, lab }
}

const eventually = <T>(test: () => T | Promise<T>): Promise<T> => vi.waitFor(test, { timeout: 60_000, interval: 50 })

interface MenuState {
  readonly enabled: boolean
  readonly below: readonly string[]
}
/** An item of the menu bar by its id. */
const menuItem = (shell: Shell, id: string): Promise<MenuState | undefined> =>
  shell.evaluate(({ Menu }, wanted: string) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(wanted)
    return item ? { enabled: item.enabled, below: item.submenu?.items.map(({ label }) => label) ?? [] } : undefined
  }, id)
const choose = (shell: Shell, id: string): Promise<void> =>
  shell.evaluate(({ Menu }, wanted: string) => Menu.getApplicationMenu()!.getMenuItemById(wanted)!.click(), id)

/** What the next dialogs yield. */
const answer = (shell: Shell, path: string): Promise<void> =>
  shell.evaluate(({ dialog }, chosen: string) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen })
  }, path)
const answerQuestion = (shell: Shell, response: number): Promise<void> =>
  shell.evaluate(({ dialog }, chosen: number) => {
    const asked = globalThis as { asked?: string[] }
    asked.asked = []
    dialog.showMessageBox = (...given: unknown[]) => {
      asked.asked!.push((given.at(-1) as { message: string }).message)
      return Promise.resolve({ response: chosen, checkboxChecked: false })
    }
  }, response)
const questions = (shell: Shell): Promise<string[]> =>
  shell.evaluate(() => (globalThis as { asked?: string[] }).asked ?? [])

const kept = (shell: Shell): KeptShell =>
  keptShellSchema.parse(JSON.parse(readFileSync(join(shell.home, 'userData', 'desktop.json'), 'utf8')))

const title = (shell: Shell): Promise<string> =>
  shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle())

describeShell('what people expect of a desktop application', () => {
  const { folder, lab } = makeLab()
  let shell: Shell
  let page: Page
  beforeAll(async () => {
    // A lab and a capture as arguments, the lab by a name that counts from the current folder.
    shell = await startShell({ args: ['bench.yaml', capture], folder })
    page = await shell.page()
  })
  afterAll(async () => {
    await shell.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('opens the lab and the capture that it was started with', async () => {
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'full-pxelinux.pcap' }).waitFor()
    await eventually(async () => expect(await title(shell)).toBe('bench.yaml - PXE Lab'))
  })

  test('has a menu that follows the state, and goes to each page', async () => {
    await eventually(async () => expect((await menuItem(shell, 'save-lab-as'))?.enabled).toBe(true))
    expect([await menuItem(shell, 'start'), await menuItem(shell, 'stop')]).toMatchObject([
      { enabled: true },
      { enabled: false },
    ])
    await choose(shell, 'page-clients')
    await expect.poll(() => new URL(page.url()).hash).toBe('#/clients')
    await choose(shell, 'shortcuts')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await choose(shell, 'about')
    const about = page.getByRole('dialog', { name: 'About PXE Lab' })
    expect(await about.innerText()).toMatch(/Chromium[\s\S]*Node\.js[\s\S]*Logs/)
    await about.getByRole('button', { name: 'Licences' }).click()
    await about.getByLabel('Licences').filter({ hasText: 'MIT License' }).last().waitFor()
    await page.keyboard.press('Escape')
  })

  test('opens a capture from a dialog, keeps it in the list, and forgets a file that is gone', async () => {
    const copy = join(folder, 'copied.pcapng')
    writeFileSync(copy, readFileSync(capture))
    await answer(shell, copy)
    await choose(shell, 'open-capture')
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'copied.pcapng' }).waitFor()
    await eventually(
      async () =>
      expect((await menuItem(shell, 'open-recent'))?.below.slice(0, 3)).toEqual([
        'copied.pcapng', expect.anything(), expect.anything(),
      ]), // prettier-ignore
    )
    rmSync(copy)
    await shell.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()!.getMenuItemById('open-recent')!.submenu!.items[0]!.click(),
    )
    await page.getByRole('alert').filter({ hasText: 'copied.pcapng does not exist' }).waitFor()
    expect(kept(shell).recent.map(({ path }) => path)).not.toContain(copy)
    await choose(shell, 'clear-recent')
    await eventually(async () => expect((await menuItem(shell, 'open-recent'))?.enabled).toBe(false))
    expect(kept(shell).recent).toEqual([])
  })

  test('saves the lab elsewhere, where it serves the same folder, and goes on there', async () => {
    mkdirSync(join(folder, 'below'))
    const target = join(folder, 'below', 'copy.yaml')
    await answer(shell, join(folder, 'below', 'copy.yaml'))
    await choose(shell, 'save-lab-as')
    await eventually(async () => expect(await title(shell)).toBe('copy.yaml - PXE Lab'))
    expect(readFileSync(target, 'utf8')).toMatch(/^# bench[\s\S]*files: \.\.\/boot/)
    await answer(shell, lab)
    await choose(shell, 'new-lab')
    await page.getByRole('alert').filter({ hasText: 'bench.yaml already exists' }).waitFor()
    expect(readFileSync(lab, 'utf8')).toBe(labText)
  })

  test('asks before it stops the responder for another lab', async () => {
    const sign = (): Promise<string | undefined> =>
      shell.evaluate(({ Tray }) => [...(Tray as unknown as { all?: Set<{ toolTip: string }> }).all!][0]?.toolTip)
    await choose(shell, 'start')
    await eventually(async () => expect(await title(shell)).toBe('copy.yaml (responding) - PXE Lab'))
    if (isDouble) expect(await sign()).toBe('PXE Lab: copy.yaml is responding on 127.0.0.1')
    await answerQuestion(shell, 1)
    await answer(shell, lab)
    await choose(shell, 'open-lab')
    await eventually(async () => expect(await questions(shell)).toEqual(['Stop the responder and open bench.yaml?']))
    expect(await title(shell)).toBe('copy.yaml (responding) - PXE Lab')
    await answerQuestion(shell, 0)
    await choose(shell, 'open-lab')
    await eventually(async () => expect(await title(shell)).toBe('bench.yaml - PXE Lab'))
    if (isDouble) await eventually(async () => expect(await sign()).toBeUndefined())
  })

  test('tells once of a boot that fails while the window is not in front', async () => {
    const shown = (): Promise<string[]> =>
      shell.evaluate(({ Notification }) =>
        (Notification as unknown as { shown: { title: string; body: string }[] }).shown.map((one) => `${one.title}: ${one.body}`),
      ) // prettier-ignore
    if (!isDouble) return
    await choose(shell, 'start')
    await eventually(async () => expect(await title(shell)).toContain('responding'))
    await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.blur())
    const client = createSocket('udp4')
    try {
      const ended = new Promise<void>((resolve) =>
        client.on('message', (_data, from) => {
          // RFC 1350 section 5: an ERROR ends the transfer, as firmware sends it when it gives up.
          client.send(Buffer.from('\0\x05\0\0gave up\0', 'latin1'), from.port, from.address, () => resolve())
        }),
      )
      client.send(Buffer.from('\0\x01program.efi\0octet\0', 'latin1'), tftpPort, '127.0.0.1')
      await ended
      await eventually(async () => expect(await shown()).toEqual([expect.stringMatching(/^Boot failed: at 127\.0\.0\.1: The TFTP transfer was aborted/)])) // prettier-ignore
    } finally {
      client.close()
    }
    const stopped = await shell.evaluate(({ Tray }) => {
      const [tray] = (Tray as unknown as { all: Set<{ menu: { items: { label: string; click(): void }[] } }> }).all
      const item = tray!.menu.items.find(({ label }) => label === 'Stop responding')
      item?.click()
      return item !== undefined
    })
    expect(stopped).toBe(true)
    await eventually(async () => expect(await title(shell)).toBe('bench.yaml - PXE Lab'))
  })

  test.skipIf(!isDouble)('opens a lab that is dropped on the window, and a capture that macOS hands over', async () => {
    const dropped = join(shell.home, 'dropped', 'dropped.yaml')
    mkdirSync(join(shell.home, 'dropped'), { recursive: true })
    writeFileSync(dropped, labText)
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.items.add(new File([''], 'dropped.yaml'))
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }))
    })()`)
    await eventually(async () => expect(await title(shell)).toBe('dropped.yaml - PXE Lab'))
    await shell.evaluate(({ app }, path: string) => {
      app.emit('open-file', { preventDefault() {} }, path)
    }, capture)
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'full-pxelinux.pcap' }).waitFor()
  })

  test('writes logs where the Help menu says', async () => {
    await choose(shell, 'page-settings')
    const opened = await shell.evaluate(({ shell: system, Menu, app }) => {
      let path = ''
      system.openPath = (asked: string) => Promise.resolve(((path = asked), ''))
      Menu.getApplicationMenu()!.getMenuItemById('open-log-folder')!.click()
      return { path, crashes: app.getPath('crashDumps') }
    })
    expect(opened.crashes.startsWith(opened.path)).toBe(true)
    expect(readFileSync(join(opened.path, 'pxe-lab.log'), 'utf8')).toMatch(/^\S+Z PXE Lab \S+ starts: Electron /)
    expect(readFileSync(join(opened.path, 'back-end.log'), 'utf8')).toMatch(/ready in mode proxy-dhcp/)
    await page.getByText(opened.path).first().waitFor()
  })

  test('keeps the choices of Settings, and turns acceleration off after repeated crashes', async () => {
    const notify = page.getByRole('switch', { name: 'Notify when a boot fails' })
    const wait = (test: (one: KeptShell) => boolean): Promise<void> =>
      eventually(() => expect(existsSync(join(shell.home, 'userData', 'desktop.json')) && test(kept(shell))).toBe(true))
    await notify.click({ force: true })
    await wait((one) => !one.preferences.notifiesFailures)
    const crash = (): Promise<void> =>
      shell.evaluate(
        ({ app }) => void app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 1 }),
      )
    await crash()
    await wait((one) => one.graphicsCrashes === 1 && one.preferences.hardwareAcceleration)
    await crash()
    await wait((one) => !one.preferences.hardwareAcceleration)
    await page.getByRole('alert').filter({ hasText: 'hardware acceleration is off from the next start' }).waitFor()
  })

  test('comes back with the place it had, without acceleration, and with the choices', async () => {
    const bounds = { x: 40, y: 60, width: 1200, height: 700 }
    await shell.evaluate(({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]!.setBounds(place), bounds)
    const home = shell.home
    const gone = shell.ended
    await shell.evaluate(({ app }) => app.quit())
    await gone
    const again = await startShell({ home })
    try {
      const second = await again.page()
      expect(await again.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds())).toEqual(bounds)
      await choose(again, 'page-settings')
      await second.getByText('Off in this session: it is off in Settings').waitFor()
      expect(await second.getByRole('switch', { name: 'Notify when a boot fails' }).isChecked()).toBe(false)
    } finally {
      await again.close()
    }
  })
})
