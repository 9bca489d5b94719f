/**
 * The desktop application as a test drives it: the built shell on the real Electron where that is installed, and on the
 * double over Chromium elsewhere. A test is written once and sees Electron's own API either way.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, chromium, type Browser, type Page } from 'playwright-core'
import { findElectron } from '../../scripts/electron.mjs'
import { chromiumFlags, chromiumPath } from './browser.ts'
import { describeWith } from './requirements.ts'

type Electron = typeof import('electron')

const root = fileURLToPath(new URL('../..', import.meta.url))
const builtMain = join(root, 'out/main/electron.js')
const register = new URL('electron-double/register.ts', import.meta.url).href
/** Path of the Electron binary; undefined where the double takes its place. */
const electronBinary: string | undefined = findElectron().binary
export const isDouble = electronBinary === undefined

export const describeShell = (name: string, body: () => void): void =>
  describeWith(isDouble ? ['chromium', 'built'] : ['built'], name, body)

export interface ShellOptions {
  /** The folder that stands for the person's home; made when it is not given, and then removed in the end. */
  readonly home?: string
  /** What a person writes behind the program's name. */
  readonly args?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  /** Where it is started. */
  readonly folder?: string
  /** The main file of another build, such as that of a package. */
  readonly main?: string
  readonly isPackaged?: boolean
}

export interface Shell {
  readonly home: string
  readonly process: ChildProcess
  /** The page of the window as Playwright drives it; waits for the window. */
  page(): Promise<Page>
  /** Runs a function that needs nothing from around it in the main process; it is handed Electron's API. */
  evaluate<R, A = undefined>(work: (electron: Electron, argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** The script in the window's page; goes on working where the page has crashed and come back. */
  inPage<R>(code: string): Promise<R>
  /** What the main process has written so far. */
  output(): string
  /** Resolves with the exit code when the application has ended. */
  readonly ended: Promise<number | null>
  /** Ends it, kindly first, and removes what was made for it. */
  close(): Promise<void>
}

/** The environment of a person whose home is that folder. */
const environmentOf = (home: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: home,
  USERPROFILE: home,
  LOCALAPPDATA: join(home, 'AppData/Local'),
  APPDATA: join(home, 'AppData/Roaming'),
  XDG_CONFIG_HOME: join(home, '.config'),
  XDG_DATA_HOME: join(home, '.local/share'),
  XDG_STATE_HOME: join(home, '.local/state'),
  XDG_CACHE_HOME: join(home, '.cache'),
})

const waitMs = 30_000

/** Rejects when that does not happen in time; a test that hangs tells nothing. */
async function within<T>(what: string, promise: Promise<T>, timeoutMs = waitMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

type Evaluate = Shell['evaluate']

/** What differs between the two; the rest is built on it. */
interface Started {
  readonly process: ChildProcess
  readonly evaluate: Evaluate
  page(): Promise<Page>
  release(): Promise<void>
}

function startDouble(home: string, options: ShellOptions): Started {
  const child = fork(options.main ?? builtMain, [...(options.args ?? [])], {
    execArgv: ['--import', register],
    cwd: options.folder ?? root,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...environmentOf(home),
      ...options.environment,
      PXE_LAB_ELECTRON_DOUBLE: JSON.stringify({
        home,
        chromium: chromiumPath,
        flags: chromiumFlags,
        isPackaged: options.isPackaged ?? false,
      }),
    },
  })
  const open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let count = 0
  let tellEndpoint: (endpoint: string) => void = () => {}
  const endpoint = new Promise<string>((resolve) => (tellEndpoint = resolve))
  child.on('message', (message: { endpoint?: string; id?: number; value?: never; error?: string }) => {
    if (message.endpoint !== undefined) return tellEndpoint(message.endpoint)
    const waiting = open.get(message.id!)
    open.delete(message.id!)
    if (message.error === undefined) waiting?.resolve(message.value!)
    else waiting?.reject(new Error(message.error))
  })
  child.on('exit', (code) => {
    for (const waiting of open.values()) waiting.reject(new Error(`the application ended with ${code}`))
  })
  const browsers: Browser[] = []
  return {
    process: child,
    evaluate: (work, argument) =>
      new Promise((resolve, reject) => {
        const id = ++count
        open.set(id, { resolve, reject })
        child.send({ id, source: String(work), argument })
      }),
    async page() {
      // A new client each time: one that has seen a page crash does not see it come back.
      const browser = await chromium.connectOverCDP(await endpoint)
      browsers.push(browser)
      const isOurs = (page: Page): boolean => /\.localhost:\d+\//.test(page.url())
      for (;;) {
        const found = browser
          .contexts()
          .flatMap((context) => context.pages())
          .find(isOurs)
        if (found) return found
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async release() {
      await Promise.all(browsers.map((browser) => browser.close().catch(() => {})))
    },
  }
}

async function startElectron(home: string, options: ShellOptions): Promise<Started> {
  const application = await _electron.launch({
    executablePath: electronBinary!,
    args: [options.main ?? root, `--user-data-dir=${join(home, 'userData')}`, ...(options.args ?? [])],
    cwd: options.folder ?? root,
    env: Object.fromEntries(
      Object.entries({ ...environmentOf(home), ...options.environment }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>,
  })
  return {
    process: application.process(),
    evaluate: (work, argument) => application.evaluate(work as never, argument as never),
    page: () => application.firstWindow(),
    release: () => application.close().catch(() => {}),
  }
}

const utilityPid = (shell: Shell, wanted: string): Promise<number | undefined> =>
  shell.evaluate(
    ({ app }, service: string) =>
      app.getAppMetrics().find(({ type, name }) => type === 'Utility' && name === service)?.pid,
    wanted,
  )

/** The process of the back end that runs now; undefined between two. */
/** The page of the lab: one that does not run yet opens with the start page. */
export async function labPage(shell: Shell): Promise<Page> {
  const page = await shell.page()
  await page.evaluate("window.location.hash = '#/lab'")
  return page
}

export const backEndPid = (shell: Shell): Promise<number | undefined> => utilityPid(shell, 'PXE Lab back end')
export const responderPid = (shell: Shell): Promise<number | undefined> => utilityPid(shell, 'PXE Lab responder')

/** Answers the application's message boxes with the button of that label, and keeps what they said. */
export const answerMessageBoxes = (shell: Shell, label: string): Promise<void> =>
  shell.evaluate(({ dialog }, wanted: string) => {
    const kept = globalThis as { messageBoxes?: string[] }
    kept.messageBoxes ??= []
    const answer = (...given: unknown[]): Promise<{ response: number; checkboxChecked: boolean }> => {
      const asked = given.at(-1) as { message: string; detail?: string; buttons?: string[] }
      kept.messageBoxes!.push(`${asked.message} ${asked.detail ?? ''}`)
      return Promise.resolve({ response: asked.buttons?.indexOf(wanted) ?? -1, checkboxChecked: false })
    }
    dialog.showMessageBox = answer
  }, label)

export const messageBoxes = (shell: Shell): Promise<string[]> =>
  shell.evaluate(() => (globalThis as { messageBoxes?: string[] }).messageBoxes ?? [])

/** Starts the application; end it with `close`, also when the test fails. */
export async function startShell(options: ShellOptions = {}): Promise<Shell> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'pxe-lab-shell-')))
  mkdirSync(home, { recursive: true })
  const started = isDouble ? startDouble(home, options) : await startElectron(home, options)
  const { process: child } = started
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      output += piece.toString()
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    home,
    process: child,
    ended,
    output: () => output,
    page: () =>
      within(
        'the window',
        Promise.race([
          started.page(),
          ended.then((code) => Promise.reject(new Error(`the application ended with ${code}:\n${output}`))),
        ]),
      ),
    evaluate: (work, argument) => within('the evaluation', started.evaluate(work, argument)),
    inPage: (code) =>
      within(
        'the script',
        started.evaluate(
          ({ BrowserWindow }, script: string) =>
            BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(script) as Promise<never>,
          code,
        ),
      ),
    async close() {
      if (!hasEnded()) {
        const gone = once(child, 'exit')
        // `exit` asks nobody: what runs does not hold up the end of a test.
        started.evaluate(({ app }) => app.exit(0)).catch(() => {})
        await within('the end', gone, 5000).catch(async () => {
          child.kill('SIGKILL')
          await gone
        })
      }
      await started.release()
      if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
