/** `app`: the life of the application, its folders, and the lock that lets only one run. */
import { EventEmitter } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { Chromium } from './cdp.ts'
import { folderIn, options } from './options.ts'
import { startProtocolServer } from './protocol.ts'
import { endUtilityProcesses, utilityMetrics } from './utility-process.ts'

let browser: Chromium | undefined
export const chromium = (): Chromium => {
  if (!browser) throw new Error('a window cannot be made before the application is ready')
  return browser
}

interface Quitting {
  defaultPrevented: boolean
  preventDefault(): void
}
const quittingEvent = (): Quitting => ({
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true
  },
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Where the first process listens for the second; a pipe on Windows has no folder. */
const lockAddress = (): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\electron-double-${process.pid}` : join(folderIn('userData'), 'lock.sock')

class App extends EventEmitter {
  name = 'pxe-lab'
  badgeCount = 0
  userAgentFallback = ''
  readonly isPackaged = options.isPackaged
  readonly commandLine = { switches: new Map<string, string>(), appendSwitch(name: string, value = ''): void { this.switches.set(name, value) }, hasSwitch(name: string): boolean { return this.switches.has(name) } } // prettier-ignore
  readonly #paths = new Map<string, string>()
  readonly #ready: Promise<void>
  #isReady = false
  #isQuitting = false
  #handOver: Promise<void> | undefined
  #lock: { readonly file: string; readonly server: Server } | undefined
  /** What the system was told, for tests that ask. */
  readonly recentDocuments: string[] = []

  constructor() {
    super()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ready = promise
    // By then the application has asked for the lock; a second process opens no browser beside that of the first.
    setImmediate(() => {
      if (this.#handOver) return
      void Promise.all([Chromium.launch(), startProtocolServer()]).then(([launched]) => {
        browser = launched
        this.#isReady = true
        process.send?.({ endpoint: launched.endpoint })
        this.emit('will-finish-launching')
        this.emit('ready', {}, {})
        resolve()
      })
    })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.quit())
    process.on('exit', endUtilityProcesses)
  }

  whenReady = (): Promise<void> => this.#ready
  isReady = (): boolean => this.#isReady
  getName = (): string => this.name
  setName(name: string): void {
    this.name = name
  }
  getVersion = (): string =>
    (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
  getAppMetrics = utilityMetrics
  getLocale = (): string => 'en-US'
  /** As the system is set (Electron, app.getPreferredSystemLanguages). */
  getPreferredSystemLanguages(): string[] {
    return ['en-GB']
  }

  getPath(name: string): string {
    if (name === 'exe') return process.execPath
    return this.#paths.get(name) ?? folderIn(name)
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }
  setAppLogsPath(path?: string): void {
    if (path !== undefined) this.setPath('logs', path)
  }
  getAppPath = (): string => join(import.meta.dirname, '../../..')
  setAppUserModelId(): void {}
  setAboutPanelOptions(): void {}
  showAboutPanel(): void {}
  setAsDefaultProtocolClient = (): boolean => true
  addRecentDocument(path: string): void {
    this.recentDocuments.push(path)
  }
  clearRecentDocuments(): void {
    this.recentDocuments.length = 0
  }
  setBadgeCount(count = 0): boolean {
    this.badgeCount = count
    return true
  }
  getBadgeCount = (): number => this.badgeCount
  disableHardwareAcceleration(): void {
    if (this.#isReady) throw new Error('disableHardwareAcceleration must be called before the application is ready')
  }
  enableSandbox(): void {}
  focus(): void {}
  hide(): void {}
  show(): void {}
  relaunch(): void {}
  getGPUFeatureStatus = (): object => ({})

  requestSingleInstanceLock(additional: unknown = null): boolean {
    const file = join(this.getPath('userData'), 'lock')
    try {
      const handle = openSync(file, 'wx')
      writeSync(handle, JSON.stringify({ pid: process.pid, address: lockAddress() }))
      closeSync(handle)
    } catch {
      const holder = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; address: string }
      if (!isAlive(holder.pid)) {
        rmSync(file)
        return this.requestSingleInstanceLock(additional)
      }
      this.#handOver = new Promise((resolve) => {
        const socket = connect(holder.address, () =>
          socket.end(JSON.stringify({ argv: process.argv, folder: process.cwd(), additional })),
        )
        socket.on('close', () => resolve())
        socket.on('error', () => resolve())
      })
      return false
    }
    const address = lockAddress()
    if (process.platform !== 'win32') rmSync(address, { force: true })
    const server = createServer({ allowHalfOpen: false }, (socket) => {
      let text = ''
      socket.on('data', (piece) => (text += piece.toString()))
      socket.on('end', () => {
        const { argv, folder, additional: data } = JSON.parse(text) as Record<string, unknown>
        void this.#ready.then(() => this.emit('second-instance', {}, argv, folder, data))
      })
    })
    server.listen(address)
    server.unref()
    this.#lock = { file, server }
    return true
  }
  hasSingleInstanceLock = (): boolean => this.#lock !== undefined
  releaseSingleInstanceLock(): void {
    this.#lock?.server.close()
    if (this.#lock) rmSync(this.#lock.file, { force: true })
    this.#lock = undefined
  }

  /** As `windowClosed` of Electron's browser: the last window tells the application, unless it is quitting anyway. */
  windowClosed(left: number): void {
    if (left > 0) return
    if (this.#isQuitting) this.#leave()
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed')
    else this.quit()
  }

  quit(): void {
    void (async () => {
      await this.#handOver
      if (this.#isQuitting) return
      const event = quittingEvent()
      this.emit('before-quit', event)
      if (event.defaultPrevented) return
      this.#isQuitting = true
      const { BrowserWindow } = await import('./browser-window.ts')
      const open = BrowserWindow.getAllWindows()
      if (open.length === 0) return this.#leave()
      for (const window of open) window.close()
      // A window that stays has refused to quit.
      if (BrowserWindow.getAllWindows().length > 0) this.#isQuitting = false
    })()
  }

  #leave(): void {
    const event = quittingEvent()
    this.emit('will-quit', event)
    if (event.defaultPrevented) this.#isQuitting = false
    else this.exit(0)
  }

  exit(code = 0): void {
    this.emit('quit', {}, code)
    this.releaseSingleInstanceLock()
    process.exit(code)
  }
}

export const app = new App()
