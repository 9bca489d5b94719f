/**
 * The desktop shell: one window, one back-end process, a message port between them. Everything else is behind the
 * contract. The window is sandboxed, loads its pages from app://lab, and can go nowhere.
 */
import { extname, join, normalize, sep } from 'node:path'
import { readFile } from 'node:fs/promises'
import {
  app,
  BrowserWindow,
  Menu,
  MessageChannelMain,
  protocol,
  session,
  shell,
  utilityProcess,
  type UtilityProcess,
} from 'electron'
import { contentSecurityPolicy } from '../web/security.ts'

const scheme = 'app'
const home = `${scheme}://lab/index.html`
const pages = join(import.meta.dirname, '../renderer')
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])

let window: BrowserWindow | undefined
let backEnd: UtilityProcess | undefined
let isQuitting = false

/** The lab file named on the command line, or the one in the user's folder. */
function labPath(): string {
  const named = process.argv.slice(app.isPackaged ? 1 : 2).find((one) => /\.(ya?ml|json)$/i.test(one))
  return named ?? join(app.getPath('documents'), 'PXE Lab', 'lab.yaml')
}

async function servePage(request: Request): Promise<Response> {
  const path = normalize(join(pages, decodeURIComponent(new URL(request.url).pathname)))
  if (!path.startsWith(pages + sep)) return new Response('Not found', { status: 404 })
  try {
    return new Response(await readFile(path), {
      headers: {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': contentSecurityPolicy("'self'"),
        'x-content-type-options': 'nosniff',
      },
    })
  } catch {
    return new Response('Not found', { status: 404 })
  }
}

/** The back end has a process of its own: a busy window never delays a packet, and either may crash alone. */
function startBackEnd(): UtilityProcess {
  const child = utilityProcess.fork(join(import.meta.dirname, 'backend-process.js'), [labPath()], {
    serviceName: 'PXE Lab responder',
  })
  child.on('exit', () => {
    if (isQuitting) return
    backEnd = startBackEnd()
    connectWindow()
  })
  return child
}

function connectWindow(): void {
  if (!window || !backEnd) return
  const { port1, port2 } = new MessageChannelMain()
  backEnd.postMessage({ type: 'window' }, [port1])
  window.webContents.postMessage('back-end', null, [port2])
}

function openWindow(): void {
  window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    title: 'PXE Lab',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window?.show())
  window.webContents.on('did-finish-load', connectWindow)
  window.on('closed', () => (window = undefined))
  void window.loadURL(home)
}

function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      // Links to documentation open in the browser; nothing opens here.
      if (url.startsWith('https://')) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}

if (!app.requestSingleInstanceLock()) app.quit()
else {
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', () => {
    isQuitting = true
    backEnd?.postMessage({ type: 'quit' })
  })
  void app.whenReady().then(() => {
    lockDown()
    protocol.handle(scheme, servePage)
    Menu.setApplicationMenu(
      Menu.buildFromTemplate([
        ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
        { role: 'fileMenu' },
        { role: 'editMenu' },
        { role: 'viewMenu' },
        { role: 'windowMenu' },
      ]),
    )
    backEnd = startBackEnd()
    openWindow()
    if (process.env['PXE_LAB_SMOKE_TEST'] !== undefined)
      window?.webContents.once('did-finish-load', () => {
        process.stdout.write('window loaded\n')
        setTimeout(() => app.quit(), 1000)
      })
  })
}
