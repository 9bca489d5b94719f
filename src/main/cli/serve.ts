/** `pxe-lab serve`: the whole application for a browser. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Backend } from '../backend/backend.ts'
import { ForkedResponder } from '../responder-process/forked.ts'
import { onStop } from '../stop.ts'
import { boundHandlers } from '../web/bounds.ts'
import { NextAddress } from '../web/next-address.ts'
import { startProgram } from '../system/programs.ts'
import { startWebServer, type WebServer } from '../web/server.ts'
import { exitCodes } from './exit-codes.ts'

export interface ServeOptions {
  readonly config: string
  readonly port: string
  readonly host: string
  readonly open?: boolean
  readonly allowFolder?: readonly string[]
  readonly stopOnStdinEnd?: boolean
}

/** `out/renderer` beside the built files, or beside the sources when run from them. */
function pagesFolder(): string | undefined {
  return ['../renderer', '../../../out/renderer']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}/index.html`))
}

function openBrowser(url: string): void {
  const [command, ...rest] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', url]
      : process.platform === 'darwin'
        ? ['open', url]
        : ['xdg-open', url]
  try {
    const child = startProgram(command, rest, { stdio: 'ignore', detached: true })
    child.on('error', () => {})
    child.unref()
  } catch {
    // Where nothing can open a browser the printed address has to do.
  }
}

export async function serve(options: ServeOptions): Promise<number> {
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    complain(`--port ${options.port} is not a port number. Write one from 0 to 65535.`)
    return exitCodes.usage
  }
  const pages = pagesFolder()
  if (pages === undefined) {
    complain('the pages are not built. Run: npm run build')
    return exitCodes.failed
  }
  const backend = new Backend(options.config, new ForkedResponder())
  await backend.open()
  const next = new NextAddress(backend.stateFolder, complain)
  let web: WebServer
  try {
    web = await startWebServer({
      backend: {
        connect: (listener) => backend.connect(listener),
        handlers: boundHandlers(backend.handlers, options.config, options.allowFolder ?? []),
      },
      pages,
      host: options.host,
      port,
      onAddress: (url) => next.write(url),
      onError: (error) => complain(`the web server: ${error.message}`),
    })
  } catch (error) {
    await backend.close()
    complain(
      `cannot listen on ${options.host}:${port} (${(error as NodeJS.ErrnoException).code}). Choose another --port or --host.`,
    )
    return exitCodes.portProblem
  }
  process.stdout.write(`PXE Lab is at ${web.url}\n`)
  process.stdout.write(`This address works once. For another window, use the address in ${next.path}\n`)
  if (web.elsewhere.length > 0)
    complain(
      `warning: whoever reaches ${web.elsewhere.join(' or ')} sees the pages, and may read what passes on the way. Listen on 127.0.0.1 and use an SSH tunnel where the network is not yours alone.`,
    )
  if (options.open) openBrowser(web.url)
  return new Promise((resolve) => {
    const end = async (reason: string): Promise<void> => {
      await Promise.all([backend.close(), web.close()])
      await next.remove()
      process.stdout.write(`Stopped ${reason}.\n`)
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
}
