/** `pxe-lab hub`: takes what agents of many sites see, and shows it. `pxe-lab hub token` says which sites may send. */
import { join } from 'node:path'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { printable } from '#shared/wire/printable.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { Hub, tokensFile } from '../hub/hub.ts'
import { IndexLayoutError } from '../hub/index-layout.ts'
import { PostgresDatabase } from '../hub/postgres.ts'
import { S3Store } from '../hub/s3-store.ts'
import { siteName, TokenBook } from '../hub/tokens.ts'
import { onStop } from '../stop.ts'
import { CertificateError, namedCertificate, ownCertificate, type ServerCertificate } from '../web/certificate.ts'
import { pagesFolder } from '../web/pages-folder.ts'
import { PrivateNote } from '../web/private-note.ts'
import { isLoopbackHost, namesOf, startWebServer, type WebServer } from '../web/server.ts'
import { exitCodes } from './exit-codes.ts'
import { hubFolder } from './hub-folder.ts'

export interface HubCommandOptions {
  readonly folder?: string
  readonly host: string
  readonly port: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly s3?: string
  readonly keepDays?: string
  readonly window: boolean
  readonly windowHost: string
  readonly windowPort: string
  readonly stopOnStdinEnd?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

async function certificateOf(options: HubCommandOptions, folder: string): Promise<ServerCertificate> {
  const { tlsCert, tlsKey, host, windowHost } = options
  if (tlsCert === undefined && tlsKey === undefined)
    return ownCertificate(join(folder, 'tls.pem'), [...new Set([host, windowHost].flatMap((one) => namesOf(one).names))]) // prettier-ignore
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CertificateError('--tls-cert and --tls-key belong together', 'Name both files.')
  return namedCertificate({ cert: tlsCert, key: tlsKey })
}

/** Address of the server and bucket in one: https://SERVER/BUCKET. Keys are those of AWS's own tools. */
function storeOf(s3: string | undefined): S3Store | undefined {
  if (s3 === undefined) return undefined
  const url = URL.canParse(s3) ? new URL(s3) : undefined
  const bucket = url?.pathname.replaceAll('/', '') ?? ''
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region = 'us-east-1' } = process.env // prettier-ignore
  if (!url || !/^https?:$/.test(url.protocol) || !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket))
    throw new CertificateError(`--s3 ${s3} is no bucket`, 'Write https://SERVER/BUCKET.')
  if (!accessKeyId || !secretAccessKey)
    throw new CertificateError('--s3 needs a key', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  return new S3Store({ endpoint: url.origin, bucket, region, accessKeyId, secretAccessKey })
}

const portOf = (option: string, text: string): number | undefined => {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  complain(`${option} ${text} is not a port number. Write one from 0 to 65535.`)
  return undefined
}

/** What PostgreSQL is asked for, without the password. */
function databaseName(url: string): string {
  if (!URL.canParse(url)) return 'as PXE_LAB_HUB_DATABASE says'
  const { host, pathname, searchParams } = new URL(url)
  return `${percentDecoded(pathname.slice(1)) ?? pathname.slice(1)} on ${host || (searchParams.get('host') ?? 'this machine')}`
}

const whyNotListening = (host: string, port: number, code: string, option: string): string =>
  `cannot listen on ${host}:${port} (${code}). Choose another --${option}port or --${option}host.`
const isPortProblem = (code: string | undefined): code is string =>
  code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL'

/** Tells every tenth of the way; stopped before the end, the index stays as it was. */
function layoutProgress(): (done: number, total: number) => void {
  let told = -1
  return (done, total) => {
    const tenth = Math.floor((done / total) * 10)
    if (tenth <= told) return
    told = tenth
    complain(`the index of an older PXE Lab is rewritten: ${done} of ${total} boots`)
  }
}

interface Window {
  readonly web: WebServer
  readonly note: PrivateNote
}

/** The window of the hub: plain HTTP where only this machine reaches it, as `serve` does, and never without TLS elsewhere. */
async function openWindow(
  running: Hub,
  options: HubCommandOptions,
  { folder, port, pages, certificate }: { folder: string; port: number; pages: string; certificate: ServerCertificate },
): Promise<Window> {
  const host = options.windowHost
  const note = new PrivateNote(join(folder, 'window-address'), 'the address of the next window', complain)
  const web = await startWebServer({
    backend: running,
    pages,
    host,
    port,
    ...(isLoopbackHost(host) ? {} : { tls: certificate }),
    onAddress: (url) => note.write(url),
    onError: (error) => complain(`the window: ${error.message}`),
  })
  return { web, note }
}

export async function hub(options: HubCommandOptions): Promise<number> {
  const folder = hubFolder(options)
  const port = portOf('--port', options.port)
  const windowPort = portOf('--window-port', options.windowPort)
  const keepDays = options.keepDays === undefined ? undefined : Number(options.keepDays)
  if (port === undefined || windowPort === undefined) return exitCodes.usage
  if (keepDays !== undefined && !(keepDays >= 1)) {
    complain(`--keep-days ${options.keepDays} is no number of days. Write 1 or more.`)
    return exitCodes.usage
  }
  const pages = options.window ? pagesFolder() : undefined
  if (options.window && pages === undefined) {
    complain('the pages are not built. Run npm run build, or add --no-window.')
    return exitCodes.failed
  }
  const onError = (error: Error): void => complain(error.message)
  const postgres = process.env['PXE_LAB_HUB_DATABASE'] || undefined
  let certificate: ServerCertificate
  let running: Hub
  try {
    certificate = await certificateOf(options, folder)
    running = await Hub.open({
      folder,
      host: options.host,
      port,
      tls: certificate,
      store: storeOf(options.s3),
      database: postgres === undefined ? undefined : new PostgresDatabase(postgres, onError),
      keepDays,
      onError,
      onLayoutProgress: layoutProgress(),
    })
  } catch (error) {
    if (error instanceof CertificateError) {
      complain(error.message)
      return exitCodes.usage
    }
    if (error instanceof IndexLayoutError) {
      complain(`the hub cannot start: ${error.message}. ${error.remedy}`)
      return exitCodes.badFile
    }
    const { code, message } = error as NodeJS.ErrnoException
    complain(
      isPortProblem(code)
        ? whyNotListening(options.host, port, code, '')
        : `the hub cannot start: ${message}. See whether ${folder} can be written and the database is reached.`,
    )
    return exitCodes.portProblem
  }
  let shown: Window | undefined
  try {
    if (pages !== undefined)
      shown = await openWindow(running, options, { folder, port: windowPort, pages, certificate })
  } catch (error) {
    await running.close()
    const { code = (error as Error).message } = error as NodeJS.ErrnoException
    complain(whyNotListening(options.windowHost, windowPort, code, 'window-'))
    return exitCodes.portProblem
  }
  const tell = (text: string): void => void process.stdout.write(`${text}\n`)
  tell(`The hub listens for agents on https://${options.host}:${running.port}`)
  tell(`SHA-256 fingerprint of its certificate: ${certificate.fingerprint}`)
  tell(`Tokens, certificate${postgres === undefined ? ', index' : ''}${options.s3 === undefined ? ' and captures' : ''} are in ${folder}`) // prettier-ignore
  if (postgres !== undefined) tell(`The index is in PostgreSQL: ${databaseName(postgres)}`)
  if (options.s3 !== undefined) tell(`Captures are in ${options.s3}`)
  tell(keepDays === undefined ? 'Nothing is removed; --keep-days sets a limit' : `Boots and captures older than ${keepDays} days are removed`) // prettier-ignore
  const tokens = await new TokenBook(tokensFile(folder)).all()
  const sites = new Set(tokens.filter(({ revokedAt }) => revokedAt === null).map(({ site }) => site))
  tell(
    sites.size === 0
      ? `No site may send yet. Make a token for one: pxe-lab hub --folder ${folder} token add SITE > SITE.yaml`
      : `${sites.size} ${sites.size === 1 ? 'site' : 'sites'} may send`,
  )
  if (shown) {
    tell(`The window of the hub is at ${shown.web.url}`)
    tell(`This address works once. After that, for another window, use the address in ${shown.note.path}`)
    const elsewhere = shown.web.elsewhere.join(' or ')
    if (elsewhere !== '') tell(`Other machines reach it at ${elsewhere} with the same ?code= behind it`)
  }
  return new Promise((resolve) => {
    const end = async (reason: string): Promise<void> => {
      await Promise.all([running.close(), shown?.web.close()])
      await shown?.note.remove()
      tell(`Stopped ${reason}.`)
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
}

export async function addToken(site: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const checked = siteName.safeParse(site)
  if (!checked.success) {
    complain(`${printable(site)} is no name of a site: ${checked.error.issues[0]?.message}.`)
    return exitCodes.usage
  }
  const { token, id } = await new TokenBook(tokensFile(hubFolder(options))).make(site, Date.now())
  process.stderr.write(`Token ${id} for ${site}. It is shown this once: keep it in a file for --credentials.\n`)
  process.stdout.write(`site: ${site}\ntoken: ${token}\n`)
  return exitCodes.ok
}

export async function listTokens(options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  for (const { id, site, madeAt, revokedAt } of await new TokenBook(tokensFile(hubFolder(options))).all())
    process.stdout.write(`${id}  ${site.padEnd(30)} made ${formatDateTime(madeAt)}${revokedAt === null ? '' : `, revoked ${formatDateTime(revokedAt)}`}\n`) // prettier-ignore
  return exitCodes.ok
}

export async function revokeToken(idOrSite: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const revoked = await new TokenBook(tokensFile(hubFolder(options))).revoke(idOrSite, Date.now())
  if (revoked.length === 0) {
    complain(`no valid token has the id or the site ${printable(idOrSite)}. pxe-lab hub token list shows them.`)
    return exitCodes.failed
  }
  for (const { id, site } of revoked) process.stdout.write(`Revoked ${id} of ${site}.\n`)
  return exitCodes.ok
}
