/** `pxe-lab hub`: takes what agents of many sites see, and shows it. `pxe-lab hub token` says which sites may send. */
import { t } from '#messages/text.ts'
import { join } from 'node:path'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { padColumns } from '#shared/wire/columns.ts'
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
import { listOr } from './list-or.ts'
import { stopReason } from './stop-reason.ts'
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
    throw new CertificateError(t('cli.tls-cert-tls-key-belong'), t('cli.name-both-files'))
  return namedCertificate({ cert: tlsCert, key: tlsKey })
}

/** Address of the server and bucket in one: https://SERVER/BUCKET. Keys are those of AWS's own tools. */
function storeOf(s3: string | undefined): S3Store | undefined {
  if (s3 === undefined) return undefined
  const url = URL.canParse(s3) ? new URL(s3) : undefined
  const bucket = url?.pathname.replaceAll('/', '') ?? ''
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region = 'us-east-1' } = process.env // prettier-ignore
  if (!url || !/^https?:$/.test(url.protocol) || !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket))
    throw new CertificateError(t('cli.s3-no-bucket', { s3 }), t('cli.write-https-server-bucket'))
  if (!accessKeyId || !secretAccessKey) throw new CertificateError(t('cli.s3-needs-key'), t('cli.s3-set-key'))
  return new S3Store({ endpoint: url.origin, bucket, region, accessKeyId, secretAccessKey })
}

const portOf = (option: string, text: string): number | undefined => {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  complain(t('cli.not-port-number-write-one', { option, text }))
  return undefined
}

/** What PostgreSQL is asked for, without the password. */
function databaseName(url: string): string {
  if (!URL.canParse(url)) return t('cli.database-as-stated')
  const { host, pathname, searchParams } = new URL(url)
  return t('cli.database-on', {
    database: percentDecoded(pathname.slice(1)) ?? pathname.slice(1),
    host: host || (searchParams.get('host') ?? t('cli.this-machine')),
  })
}

const whyNotListening = (host: string, port: number, code: string, option: string): string =>
  t('cli.cannot-listen-choose-another-port', { host, port, code, option })
const isPortProblem = (code: string | undefined): code is string =>
  code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL'

/** Tells every tenth of the way; stopped before the end, the index stays as it was. */
function layoutProgress(): (done: number, total: number) => void {
  let told = -1
  return (done, total) => {
    const tenth = Math.floor((done / total) * 10)
    if (tenth <= told) return
    told = tenth
    complain(t('cli.index-older-pxe-lab-rewritten', { done, total }))
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
  const note = new PrivateNote(join(folder, 'window-address'), t('cli.address-next-window'), complain)
  const web = await startWebServer({
    backend: running,
    pages,
    host,
    port,
    ...(isLoopbackHost(host) ? {} : { tls: certificate }),
    onAddress: (url) => note.write(url),
    onError: (error) => complain(t('cli.window-error', { message: error.message })),
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
    complain(t('cli.keep-days-no-number-days', { keepDays: options.keepDays }))
    return exitCodes.usage
  }
  const pages = options.window ? pagesFolder() : undefined
  if (options.window && pages === undefined) {
    complain(t('cli.pages-not-built-run-npm'))
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
      complain(t('cli.hub-cannot-start', { message: error.message, remedy: error.remedy }))
      return exitCodes.badFile
    }
    const { code, message } = error as NodeJS.ErrnoException
    complain(
      isPortProblem(code)
        ? whyNotListening(options.host, port, code, '')
        : t('cli.hub-cannot-start-see-whether', { message, folder }),
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
  // Before anything is told: whoever reads it may stop this at once.
  const stopped = new Promise<number>((resolve) => {
    const end = async (reason: string): Promise<void> => {
      await Promise.all([running.close(), shown?.web.close()])
      await shown?.note.remove()
      tell(t('cli.stopped', { reason: stopReason(reason) }))
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
  tell(t('cli.hub-listens-agents-https', { host: options.host, port: running.port }))
  tell(t('cli.sha-256-fingerprint-certificate', { fingerprint: certificate.fingerprint }))
  const kept = [t('cli.kept-tokens'), t('cli.kept-certificate'), ...(postgres === undefined ? [t('cli.kept-index')] : []), ...(options.s3 === undefined ? [t('cli.kept-captures')] : [])] // prettier-ignore
  tell(t('cli.kept-in-folder', { kept, folder }))
  if (postgres !== undefined) tell(t('cli.index-postgresql', { databaseName: databaseName(postgres) }))
  if (options.s3 !== undefined) tell(t('cli.captures', { s3: options.s3 }))
  tell(keepDays === undefined ? t('cli.nothing-removed-keep-days-sets') : t('cli.boots-captures-older-than-days', { keepDays })) // prettier-ignore
  const tokens = await new TokenBook(tokensFile(folder)).all()
  const sites = new Set(tokens.filter(({ revokedAt }) => revokedAt === null).map(({ site }) => site))
  tell(sites.size === 0 ? t('cli.no-site-may-send-yet', { folder }) : t('cli.sites-may-send', { size: sites.size }))
  if (shown) {
    tell(t('cli.window-hub', { url: shown.web.url }))
    tell(t('cli.address-works-once-after-another', { path: shown.note.path }))
    const elsewhere = listOr(shown.web.elsewhere)
    if (elsewhere !== '') tell(t('cli.other-machines-reach-same-code', { elsewhere }))
  }
  return stopped
}

export async function addToken(site: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const checked = siteName.safeParse(site)
  if (!checked.success) {
    complain(t('cli.no-name-site', { printable: printable(site), message: checked.error.issues[0]?.message }))
    return exitCodes.usage
  }
  const { token, id } = await new TokenBook(tokensFile(hubFolder(options))).make(site, Date.now())
  process.stderr.write(`${t('cli.token-shown-once-keep-file', { id, site })}\n`)
  process.stdout.write(`site: ${site}\ntoken: ${token}\n`)
  return exitCodes.ok
}

export async function listTokens(options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  for (const { id, site, madeAt, revokedAt } of await new TokenBook(tokensFile(hubFolder(options))).all())
    process.stdout.write(`${id}  ${padColumns(site, 30)} ${revokedAt === null ? t('cli.token-made', { made: formatDateTime(madeAt) }) : t('cli.token-revoked', { made: formatDateTime(madeAt), revoked: formatDateTime(revokedAt) })}\n`) // prettier-ignore
  return exitCodes.ok
}

export async function revokeToken(idOrSite: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const revoked = await new TokenBook(tokensFile(hubFolder(options))).revoke(idOrSite, Date.now())
  if (revoked.length === 0) {
    complain(t('cli.no-valid-token-id-site', { printable: printable(idOrSite) }))
    return exitCodes.failed
  }
  for (const { id, site } of revoked) process.stdout.write(`${t('cli.revoked', { id, site })}\n`)
  return exitCodes.ok
}
