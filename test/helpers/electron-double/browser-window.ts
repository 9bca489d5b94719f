/** `BrowserWindow`: what a window is told about itself is kept; nothing is drawn but the page in Chromium. */
import { EventEmitter } from 'node:events'
import { app, chromium } from './app.ts'
import { PreventableEvent, WebContents } from './web-contents.ts'

interface Bounds {
  x: number
  y: number
  width: number
  height: number
}
interface WindowOptions extends Partial<Bounds> {
  readonly show?: boolean
  readonly title?: string
  readonly minWidth?: number
  readonly minHeight?: number
  readonly webPreferences?: { readonly preload?: string }
}

let count = 0
const windows = new Set<BrowserWindow>()
/** The window that has the focus, if one has it. */
let focused: readonly BrowserWindow[] = []

export class BrowserWindow extends EventEmitter {
  readonly id = ++count
  readonly webContents = new WebContents()
  /** As the application gave them, for tests that ask for the sandbox and its like. */
  readonly options: WindowOptions
  readonly #ready: Promise<void>
  #bounds: Bounds
  #normal: Bounds
  #title: string
  #isVisible: boolean
  #isMinimized = false
  #isMaximized = false
  #isFullScreen = false
  #isDestroyed = false

  constructor(options: WindowOptions = {}) {
    super()
    this.options = options
    const { x = 100, y = 80, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    this.#normal = this.#bounds
    this.#title = options.title ?? app.getName()
    this.#isVisible = options.show !== false
    windows.add(this)
    app.emit('web-contents-created', new PreventableEvent(), this.webContents)
    app.emit('browser-window-created', new PreventableEvent(), this)
    this.webContents.once('painted', () => this.emit('ready-to-show'))
    this.webContents.on('page-title-updated', (_event: unknown, title: string) => {
      const event = new PreventableEvent()
      this.emit('page-title-updated', event, title, true)
      if (!event.defaultPrevented) this.#title = title
    })
    this.#ready = this.webContents
      .attach(chromium(), options.webPreferences?.preload)
      .then(() => this.webContents.setSize(this.#bounds.width, this.#bounds.height))
    if (this.#isVisible) this.focus()
  }

  static getAllWindows = (): BrowserWindow[] => [...windows]
  static getFocusedWindow = (): BrowserWindow | null => focused[0] ?? null
  static fromWebContents = (contents: WebContents): BrowserWindow | null =>
    [...windows].find((one) => one.webContents === contents) ?? null
  static fromId = (id: number): BrowserWindow | null => [...windows].find((one) => one.id === id) ?? null

  async loadURL(url: string): Promise<void> {
    await this.#ready
    await this.webContents.loadURL(url)
  }

  /** As a person closes it: the application may refuse. */
  close(): void {
    if (this.#isDestroyed) return
    const event = new PreventableEvent()
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }
  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    windows.delete(this)
    if (this.isFocused()) focused = []
    this.webContents.destroy()
    this.emit('closed')
    app.windowClosed(windows.size)
  }
  isDestroyed = (): boolean => this.#isDestroyed

  show(): void {
    this.#isVisible = true
    this.emit('show')
    this.focus()
  }
  showInactive(): void {
    this.#isVisible = true
    this.emit('show')
  }
  hide(): void {
    this.#isVisible = false
    this.emit('hide')
  }
  isVisible = (): boolean => this.#isVisible && !this.#isMinimized
  focus(): void {
    focused = [this]
    this.emit('focus')
  }
  blur(): void {
    if (this.isFocused()) focused = []
    this.emit('blur')
  }
  isFocused = (): boolean => focused[0] === this
  minimize(): void {
    this.#isMinimized = true
    this.emit('minimize')
  }
  restore(): void {
    this.#isMinimized = false
    this.emit('restore')
  }
  isMinimized = (): boolean => this.#isMinimized
  maximize(): void {
    if (!this.#isMaximized) this.#normal = this.#bounds
    this.#isMaximized = true
    this.#place({ x: 0, y: 0, width: 1920, height: 1040 })
    this.emit('maximize')
  }
  unmaximize(): void {
    this.#isMaximized = false
    this.#place(this.#normal)
    this.emit('unmaximize')
  }
  isMaximized = (): boolean => this.#isMaximized
  setFullScreen(on: boolean): void {
    this.#isFullScreen = on
    this.emit(on ? 'enter-full-screen' : 'leave-full-screen')
  }
  isFullScreen = (): boolean => this.#isFullScreen
  isNormal = (): boolean => !this.#isMaximized && !this.#isMinimized && !this.#isFullScreen

  #place(bounds: Bounds): void {
    const before = this.#bounds
    this.#bounds = bounds
    void this.#ready.then(() => this.webContents.setSize(bounds.width, bounds.height)).catch(() => {})
    if (before.width !== bounds.width || before.height !== bounds.height) {
      this.emit('resize')
      this.emit('resized')
    }
    if (before.x !== bounds.x || before.y !== bounds.y) {
      this.emit('move')
      this.emit('moved')
    }
  }
  getBounds = (): Bounds => ({ ...this.#bounds })
  getNormalBounds = (): Bounds => ({ ...(this.#isMaximized ? this.#normal : this.#bounds) })
  setBounds(bounds: Partial<Bounds>): void {
    this.#place({ ...this.#bounds, ...bounds })
  }
  getSize = (): number[] => [this.#bounds.width, this.#bounds.height]
  setSize(width: number, height: number): void {
    this.setBounds({ width, height })
  }
  getPosition = (): number[] => [this.#bounds.x, this.#bounds.y]
  setPosition(x: number, y: number): void {
    this.setBounds({ x, y })
  }
  center(): void {}
  getTitle = (): string => this.#title
  setTitle(title: string): void {
    this.#title = title
  }
  setProgressBar(): void {}
  setOverlayIcon(): void {}
  setIcon(): void {}
  setMenu(): void {}
  removeMenu(): void {}
  setMenuBarVisibility(): void {}
  setAutoHideMenuBar(): void {}
  flashFrame(): void {}
  setRepresentedFilename(): void {}
  setDocumentEdited(): void {}
  setBackgroundColor(): void {}
}
