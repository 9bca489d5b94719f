/** `webContents`: a page of Chromium with its preload script. */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
// Playwright has these types, and does not export them.
import type { Protocol } from '../../../node_modules/playwright-core/types/protocol.d.ts'
import type { Chromium, Session } from './cdp.ts'
import { ipcMain } from './ipc-main.ts'
import type { MessagePortMain } from './ports.ts'
import { bindingName, pageScript, preloadWorld, wrapPreload, type FromPreload } from './preload.ts'
import { fromChromium, toChromium } from './protocol.ts'
import { decidePermissions, session as sessions } from './session.ts'

type WindowOpenHandler = (details: { readonly url: string; readonly frameName: string }) => {
  readonly action: 'allow' | 'deny'
}

/** An event that a listener may prevent, as Electron hands it. */
export class PreventableEvent {
  defaultPrevented = false
  readonly [name: string]: unknown
  constructor(details: object = {}) {
    Object.assign(this, details)
  }
  preventDefault(): void {
    this.defaultPrevented = true
  }
}

const literal = (value: unknown): string => (value === undefined ? 'undefined' : JSON.stringify(value))
let count = 0

class MainFrame {
  readonly parent = null
  readonly #url: () => string
  constructor(url: () => string) {
    this.#url = url
  }
  get url(): string {
    return this.#url()
  }
  get origin(): string {
    return this.url === '' ? 'null' : new URL(this.url).origin
  }
}

export class WebContents extends EventEmitter {
  readonly id = ++count
  readonly session = sessions.defaultSession
  /** One object, as an application compares it with the frame that sent something. */
  readonly mainFrame = new MainFrame(() => this.#url)
  #cdp!: Session
  #chromium!: Chromium
  #targetId = ''
  #mainFrame = ''
  #world: number | undefined
  #url = ''
  #title = ''
  #isCrashed = false
  #isDestroyed = false
  #opening: WindowOpenHandler = () => ({ action: 'allow' })
  /** Where the application itself, rather than the page, wants to go. */
  #wanted: string | undefined
  readonly #held = new Map<number, MessagePortMain>()
  #toWorld = Promise.resolve()

  async attach(chromium: Chromium, preload: string | undefined): Promise<void> {
    this.#chromium = chromium
    const { session, targetId } = await chromium.openPage()
    this.#cdp = session
    this.#targetId = targetId
    this.#listen()
    await session.send('Page.enable')
    await session.send('Runtime.enable')
    await session.send('Inspector.enable')
    await session.send('Log.enable')
    const { frameTree } = await session.send('Page.getFrameTree')
    this.#mainFrame = frameTree.frame.id
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript })
    if (preload !== undefined) {
      await session.send('Runtime.addBinding', { name: bindingName, executionContextName: preloadWorld })
      const source = wrapPreload(readFileSync(preload, 'utf8'))
      await session.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: preloadWorld })
    }
    await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document' }] })
    await chromium.root.send('Target.setDiscoverTargets', { discover: true })
  }

  #listen(): void {
    const cdp = this.#cdp
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const { isDefault, frameId } = context.auxData as unknown as { isDefault: boolean; frameId: string }
      if (isDefault || context.name !== preloadWorld || frameId !== this.#mainFrame) return
      // Ports belong to a document and go with it.
      this.#dropPorts()
      this.#world = context.id
    })
    cdp.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
      if (executionContextId === this.#world) this.#hear(JSON.parse(payload) as FromPreload)
    })
    cdp.on('Fetch.requestPaused', (paused) => void this.#navigate(paused).catch(() => {}))
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.#url = fromChromium(frame.url)
    })
    cdp.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId !== this.#mainFrame) return
      this.#url = fromChromium(url)
      this.emit(
        'did-start-navigation',
        new PreventableEvent({ url: this.#url, isMainFrame: true, isSameDocument: true }),
      )
      this.emit('did-navigate-in-page', new PreventableEvent(), this.#url, true)
    })
    cdp.on('Page.domContentEventFired', () => this.emit('dom-ready', new PreventableEvent()))
    cdp.on('Page.loadEventFired', () => {
      if (this.#url === '' || this.#url.startsWith('about:')) return
      this.emit('did-finish-load', new PreventableEvent())
      this.emit('painted')
    })
    cdp.on('Inspector.targetCrashed', () => {
      this.#isCrashed = true
      this.#dropPorts()
      this.emit('render-process-gone', new PreventableEvent(), { reason: 'crashed', exitCode: 5 })
    })
    cdp.on('Log.entryAdded', ({ entry }) => this.#tellConsole(entry.level, entry.text))
    cdp.on('Runtime.consoleAPICalled', ({ type, args }) =>
      this.#tellConsole(type, args.map((one) => String(one.value ?? one.description)).join(' ')),
    )
    cdp.on('Runtime.exceptionThrown', ({ exceptionDetails }) =>
      this.#tellConsole('error', exceptionDetails.exception?.description ?? exceptionDetails.text),
    )
  }

  #tellConsole(level: string, message: string): void {
    this.emit('console-message', new PreventableEvent({ level, message }))
    if (level === 'error' || level === 'warning') process.stderr.write(`[page ${level}] ${message}\n`)
  }

  /** Tells what the application decided; nothing is opened here, whatever that was. */
  #openWindow(url: string, frameName: string): void {
    this.emit('window-opened', { url, frameName, ...this.#opening({ url, frameName }) })
  }

  /** A document is about to be loaded, into the page or a frame: by the application, by the page, or by a redirect. */
  async #navigate(paused: Protocol.Events['Fetch.requestPaused']): Promise<void> {
    const url = fromChromium(paused.request.url)
    const isMainFrame = paused.frameId === this.#mainFrame
    const isOurs = isMainFrame && this.#wanted === url
    if (isOurs) this.#wanted = undefined
    const details = { url, isMainFrame, isSameDocument: false, frame: null, initiator: null }
    const ask = (name: string): boolean => {
      const event = new PreventableEvent(details)
      this.emit(name, event, url)
      return !event.defaultPrevented
    }
    const isRedirect = paused.redirectedRequestId !== undefined
    const allowed = isRedirect
      ? ask('will-redirect')
      : isOurs || [ask('will-frame-navigate'), !isMainFrame || ask('will-navigate')].every(Boolean)
    const { requestId } = paused
    if (!allowed) return void (await this.#cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }))
    this.emit('did-start-navigation', new PreventableEvent(details))
    if (isMainFrame) this.#isCrashed = false
    if (toChromium(url) !== url) {
      if (isMainFrame) await this.#grant(url)
      await this.#cdp.send('Fetch.continueRequest', { requestId })
      return
    }
    // The world outside is one page, so that nothing leaves this machine.
    const body = Buffer.from('<title>outside</title>the world outside').toString('base64')
    const responseHeaders = [{ name: 'content-type', value: 'text/html' }]
    await this.#cdp.send('Fetch.fulfillRequest', { requestId, responseCode: 200, responseHeaders, body })
  }

  async #grant(url: string): Promise<void> {
    const { origin } = new URL(toChromium(url))
    for (const { permission, setting } of await decidePermissions(this, url))
      await this.#chromium.root.send('Browser.setPermission', { permission, setting, origin })
  }

  #hear(message: FromPreload): void {
    if (message.type === 'port') return this.#held.get(message.id)?.postMessage(message.data)
    if (message.type === 'title') {
      this.#title = message.title
      return void this.emit('page-title-updated', new PreventableEvent(), message.title, true)
    }
    if (message.type === 'open') return this.#openWindow(fromChromium(message.url), message.frameName)
    const event = new PreventableEvent({ sender: this, senderFrame: this.mainFrame, processId: 1, frameId: 1 })
    if (message.type === 'send') return void ipcMain.emit(message.channel, event, ...message.args)
    ipcMain.invoke(event, message.channel, message.args).then(
      (value) => this.#run(`__answer(${message.id}, ${literal(value)}, null)`),
      (error: Error) => this.#run(`__answer(${message.id}, null, ${literal(error.message)})`),
    )
  }

  #dropPorts(): void {
    for (const port of this.#held.values()) port.close()
    this.#held.clear()
    this.#world = undefined
  }

  /** In the preload's world, one after the other; a document that went away hears nothing. */
  #run(expression: string): void {
    const contextId = this.#world
    if (contextId === undefined) return
    this.#toWorld = this.#toWorld.then(() =>
      this.#cdp.send('Runtime.evaluate', { expression, contextId }).then(
        () => {},
        () => {},
      ),
    )
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.#run(`__fromMain(${literal(channel)}, ${literal(args)}, [])`)
  }

  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    this.#run(`__fromMain(${literal(channel)}, [${literal(message)}], ${literal(ports.map((port) => port.id))})`)
    for (const port of ports) {
      this.#held.set(port.id, port)
      port.handOver({
        take: (data) => this.#run(`__toPort(${port.id}, ${literal(data)})`),
        closed: () => this.#run(`__closePort(${port.id})`),
      })
    }
  }

  async loadURL(url: string): Promise<void> {
    this.#wanted = url.replace(/#.*$/, '')
    const loaded = new Promise<void>((resolve) => this.once('did-finish-load', () => resolve()))
    const { errorText } = await this.#cdp.send('Page.navigate', { url: toChromium(url) })
    if (errorText) throw new Error(`${errorText} loading '${url}'`)
    await loaded
  }

  reload(): void {
    this.#wanted = this.#url.replace(/#.*$/, '')
    // A page whose process is gone has nothing to reload: it is loaded anew.
    void (this.#isCrashed
      ? this.#cdp.send('Page.navigate', { url: toChromium(this.#url) })
      : this.#cdp.send('Page.reload'))
  }
  reloadIgnoringCache(): void {
    this.reload()
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#cdp.send('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  forcefullyCrashRenderer(): void {
    // The command never gets its answer: who should give it is gone.
    void this.#cdp.send('Page.crash').catch(() => {})
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#opening = handler
  }
  getURL = (): string => this.#url
  getTitle = (): string => this.#title
  isCrashed = (): boolean => this.#isCrashed
  isDestroyed = (): boolean => this.#isDestroyed
  isLoading = (): boolean => false
  openDevTools(): void {}
  toggleDevTools(): void {}
  closeDevTools(): void {}
  setZoomLevel(): void {}
  setZoomFactor(): void {}
  getZoomLevel = (): number => 0
  focus(): void {}

  async setSize(width: number, height: number): Promise<void> {
    await this.#cdp.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  }
  async setColorScheme(value: 'light' | 'dark'): Promise<void> {
    await this.#cdp.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#dropPorts()
    this.emit('destroyed')
    void this.#chromium?.root.send('Target.closeTarget', { targetId: this.#targetId }).catch(() => {})
  }
}
