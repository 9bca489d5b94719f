import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeShell, isDouble, startShell, type Shell } from '../helpers/shell.ts'

describeShell('what a page may do', () => {
  let shell: Shell
  let page: Page
  beforeAll(async () => {
    shell = await startShell()
    page = await shell.page()
    await page.getByRole('heading', { name: 'Boot machines' }).waitFor()
    // What would have been opened in the browser of the system.
    await shell.evaluate(({ shell: system }) => {
      const opened = ((globalThis as { opened?: string[] }).opened = [] as string[])
      system.openExternal = (url) => {
        opened.push(url)
        return Promise.resolve()
      }
    })
  })
  afterAll(() => shell.close())

  const opened = (): Promise<string[]> => shell.evaluate(() => (globalThis as { opened?: string[] }).opened ?? [])
  const address = (): Promise<string> =>
    shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.getURL())
  /** Asks the main process for an event of the page, and then does what should cause it. */
  const causes = async (event: string, code: string): Promise<boolean> => {
    const prevented = shell.evaluate(
      ({ BrowserWindow }, name: string) =>
        new Promise<boolean>((resolve) => {
          BrowserWindow.getAllWindows()[0]!.webContents.once(name as 'will-navigate', (happened) =>
            setImmediate(() => resolve(happened.defaultPrevented)),
          )
        }),
      event,
    )
    await page.evaluate(code)
    return prevented
  }

  test('it cannot leave: not by itself, not in a frame', async () => {
    expect(await causes('will-navigate', "void (window.location.href = 'https://example.com/')")).toBe(true)
    expect(await address()).toMatch(/^app:\/\/lab\//)
    // The content security policy stops a frame before anybody is asked: no default-src, no frame-src.
    await page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', () => resolve(undefined), { once: true })
      const frame = document.createElement('iframe')
      frame.src = 'https://example.com/'
      document.body.append(frame)
    })`)
    await page.getByRole('heading', { name: 'Boot machines' }).waitFor()
  })

  test('every way to navigate is refused by a handler of its own', async () => {
    const names = ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'] as const
    const refused = await shell.evaluate(({ BrowserWindow }, events: readonly string[]) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      return events.map((name) => {
        let isPrevented = false
        webContents.emit(name, { url: 'https://example.com/', preventDefault: () => (isPrevented = true) })
        return isPrevented
      })
    }, names)
    expect(refused).toEqual([true, true, true, true])
  })

  test('it opens no window, and only our own addresses in the browser', async () => {
    const links = [
      'https://example.com/',
      'http://pxe-lab.example/',
      'https://pxe-lab.example.evil.test/',
      'https://user@pxe-lab.example/',
      'https://pxe-lab.example:8443/',
      'file:///etc/passwd',
      'ms-msdt:/id',
      'https://pxe-lab.example/docs/start',
    ]
    for (const link of links) await page.evaluate(`void window.open(${JSON.stringify(link)})`)
    await expect.poll(opened).toEqual(['https://pxe-lab.example/docs/start'])
    expect(await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  test('only an empty window for notes may stand beside it', async () => {
    if (!isDouble) return
    const ways = [
      ['', 'pxe-lab-notes'],
      ['about:blank', 'pxe-lab-notes'],
      ['', 'another'],
      ['https://example.com/', 'pxe-lab-notes'],
      ['about:blank#x', 'pxe-lab-notes'],
    ]
    const decided = shell.evaluate(
      ({ BrowserWindow }, count: number) =>
        new Promise<string[]>((resolve) => {
          const told: string[] = []
          const { webContents } = BrowserWindow.getAllWindows()[0]!
          webContents.on(
            'window-opened' as 'destroyed',
            ((decision: object) => {
              told.push(JSON.stringify(decision))
              if (told.length === count) resolve(told)
            }) as () => void,
          )
        }),
      ways.length,
    )
    for (const way of ways) await page.evaluate(`void window.open(...${JSON.stringify(way)})`)
    const told = (await decided).map((one) => JSON.parse(one) as { action: string })
    expect(told.map(({ action }) => action)).toEqual(['allow', 'allow', 'deny', 'deny', 'deny'])
  })

  test('it may write to the clipboard, and nothing else that Chromium asks about', async () => {
    await page.evaluate("navigator.clipboard.writeText('52:54:00:12:34:56')")
    const others = ['clipboard-read', 'geolocation', 'notifications', 'camera', 'microphone', 'midi']
    for (const name of others)
      expect(
        await page.evaluate(`navigator.permissions.query({ name: '${name}' }).then(({ state }) => state)`),
        name,
      ).toBe('denied')
  })

  test('copy buttons say whether they copied', async () => {
    await page.evaluate("void (window.location.hash = '#/simulator')")
    await page
      .getByRole('button', { name: /Open|Play|Start/ })
      .first()
      .waitFor()
  })

  test('the shell hears the main frame of its window and nobody else, and only what it knows', async () => {
    const heard = await shell.evaluate(({ BrowserWindow, ipcMain, shell: system }) => {
      const opened: string[] = []
      system.openPath = (path) => {
        opened.push(path)
        return Promise.resolve('')
      }
      const sender = BrowserWindow.getAllWindows()[0]!.webContents
      const ours = { url: 'app://lab/index.html', parent: null }
      const wanted = { type: 'open-log-folder' }
      const asks = (event: object, message: unknown): number => {
        const before = opened.length
        ipcMain.emit('ask', event, message)
        return opened.length - before
      }
      return [
        asks({ sender: {}, senderFrame: ours }, wanted),
        asks({ sender, senderFrame: { url: 'https://example.com/', parent: null } }, wanted),
        asks({ sender, senderFrame: { url: 'app://lab.example.com/index.html', parent: null } }, wanted),
        asks({ sender, senderFrame: { ...ours, parent: ours } }, wanted),
        asks({ sender, senderFrame: null }, wanted),
        asks({ sender, senderFrame: ours }, { type: 'quit' }),
        asks({ sender, senderFrame: ours }, { ...wanted, path: '/' }),
        asks({ sender, senderFrame: ours }, wanted),
      ]
    })
    expect(heard).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('the window is sandboxed and isolated', async () => {
    if (!isDouble) return
    const preferences = await shell.evaluate(
      ({ BrowserWindow }) =>
        (BrowserWindow.getAllWindows()[0] as unknown as { options: { webPreferences: object } }).options.webPreferences,
    )
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    })
  })
})
