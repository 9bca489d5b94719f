/** What the system gives an application: dialogs, tray, notifications, theme, screens, clipboard. Tests replace answers. */
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { BrowserWindow } from './browser-window.ts'
import { folderIn } from './options.ts'

type DialogArguments = readonly [unknown, unknown?]
const optionsOf = ([first, second]: DialogArguments): Record<string, unknown> =>
  (second ?? first) as Record<string, unknown>

/** Nobody is there to answer: every dialog is cancelled unless a test puts another function in its place. */
export const dialog = {
  showOpenDialog: (...given: DialogArguments): Promise<{ canceled: boolean; filePaths: string[] }> =>
    Promise.resolve({ canceled: optionsOf(given) !== null, filePaths: [] }),
  showSaveDialog: (...given: DialogArguments): Promise<{ canceled: boolean; filePath: string }> =>
    Promise.resolve({ canceled: optionsOf(given) !== null, filePath: '' }),
  showMessageBox: (...given: DialogArguments): Promise<{ response: number; checkboxChecked: boolean }> =>
    Promise.resolve({ response: Number(optionsOf(given)['cancelId'] ?? 0), checkboxChecked: false }),
  showMessageBoxSync: (...given: DialogArguments): number => Number(optionsOf(given)['cancelId'] ?? 0),
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`[error box] ${title}: ${content}\n`)
  },
}

export const shell = {
  openExternal: (url: string): Promise<void> => Promise.resolve(void process.stderr.write(`[openExternal] ${url}\n`)),
  openPath: (path: string): Promise<string> => Promise.resolve(existsSync(path) ? '' : 'Failed to open path'),
  showItemInFolder(): void {},
  beep(): void {},
}

export class Tray extends EventEmitter {
  image: unknown
  toolTip = ''
  menu: unknown = null
  title = ''
  #isDestroyed = false
  static readonly all = new Set<Tray>()
  constructor(image: unknown) {
    super()
    this.image = image
    Tray.all.add(this)
  }
  setImage(image: unknown): void {
    this.image = image
  }
  setPressedImage(): void {}
  setToolTip(text: string): void {
    this.toolTip = text
  }
  setTitle(title: string): void {
    this.title = title
  }
  setContextMenu(menu: unknown): void {
    this.menu = menu
  }
  popUpContextMenu(): void {}
  displayBalloon(): void {}
  destroy(): void {
    this.#isDestroyed = true
    Tray.all.delete(this)
  }
  isDestroyed = (): boolean => this.#isDestroyed
}

export class Notification extends EventEmitter {
  readonly title: string
  readonly body: string
  readonly silent: boolean
  static readonly shown: Notification[] = []
  static isSupported = (): boolean => true
  constructor({ title = '', body = '', silent = false }: { title?: string; body?: string; silent?: boolean } = {}) {
    super()
    this.title = title
    this.body = body
    this.silent = silent
  }
  show(): void {
    Notification.shown.push(this)
    this.emit('show', {})
  }
  close(): void {
    this.emit('close', {})
  }
}

class NativeImage {
  readonly #bytes: Buffer
  readonly #size: { readonly width: number; readonly height: number }
  constructor(bytes: Buffer, size?: { readonly width: number; readonly height: number }) {
    this.#bytes = bytes
    // Width and height follow the name of the first chunk of a PNG file.
    const isPng = bytes.length > 24 && bytes.subarray(12, 16).toString('latin1') === 'IHDR'
    this.#size =
      size ?? (isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : { width: 0, height: 0 })
  }
  isEmpty = (): boolean => this.#bytes.length === 0
  getSize = (): { readonly width: number; readonly height: number } => this.#size
  resize = (size: { width?: number; height?: number }): NativeImage =>
    new NativeImage(this.#bytes, { ...this.#size, ...size })
  toPNG = (): Buffer => this.#bytes
  toDataURL = (): string => `data:image/png;base64,${this.#bytes.toString('base64')}`
  setTemplateImage(): void {}
  addRepresentation(): void {}
}

export const nativeImage = {
  createEmpty: (): NativeImage => new NativeImage(Buffer.alloc(0)),
  // As Electron does, a file that is not there gives an empty image.
  createFromPath: (path: string): NativeImage =>
    new NativeImage(existsSync(path) ? readFileSync(path) : Buffer.alloc(0)),
  createFromBuffer: (bytes: Buffer): NativeImage => new NativeImage(bytes),
  createFromDataURL: (url: string): NativeImage => new NativeImage(Buffer.from(url.split(',')[1] ?? '', 'base64')),
}

class NativeTheme extends EventEmitter {
  #source: 'system' | 'light' | 'dark' = 'system'
  get themeSource(): 'system' | 'light' | 'dark' {
    return this.#source
  }
  set themeSource(source: 'system' | 'light' | 'dark') {
    this.#source = source
    for (const window of BrowserWindow.getAllWindows())
      void window.webContents.setColorScheme(source === 'dark' ? 'dark' : 'light')
    this.emit('updated')
  }
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark'
  }
}
export const nativeTheme = new NativeTheme()

const display = {
  id: 1,
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
  size: { width: 1920, height: 1080 },
  workAreaSize: { width: 1920, height: 1040 },
  scaleFactor: 1,
}
class Screen extends EventEmitter {
  getPrimaryDisplay = (): typeof display => display
  getAllDisplays = (): (typeof display)[] => [display]
  getDisplayMatching = (): typeof display => display
  getDisplayNearestPoint = (): typeof display => display
  getCursorScreenPoint = (): { x: number; y: number } => ({ x: 0, y: 0 })
}
export const screen = new Screen()

let copied = ''
export const clipboard = {
  writeText(text: string): void {
    copied = text
  },
  readText: (): string => copied,
}

export const crashReporter = {
  start(): void {},
  getUploadToServer: (): boolean => false,
  setUploadToServer(): void {},
  addExtraParameter(): void {},
  getCrashesDirectory: (): string => folderIn('crashDumps'),
}

export const powerMonitor = new EventEmitter()
export const powerSaveBlocker = { start: (): number => 1, stop: (): boolean => true, isStarted: (): boolean => true }

export const net = {
  fetch: (url: string, init?: RequestInit): Promise<Response> => fetch(url, init),
  isOnline: (): boolean => true,
}
