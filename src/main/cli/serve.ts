/** `pxe-lab serve`: the whole application for a browser. */
import { t } from '#messages/text.ts'
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { Backend } from '../backend/backend.ts'
import { writeRemedy } from '../files/replace-file.ts'
import { ForkedResponder } from '../responder-process/forked.ts'
import { mayTakePrecedence, yieldPrecedence } from '../responder-process/precedence.ts'
import { onStop } from '../stop.ts'
import type { CallFailure } from '#shared/contract/channel.ts'
import { apiRoot } from '#shared/contract/api.ts'
import { apiToken, openApiDoor } from '../web/api-door.ts'
import { boundHandlers } from '../web/bounds.ts'
import { commandAccessFile, commandHandlers, newCommandSecret, type CommandAccess } from '../web/command-access.ts'
import { pagesFolder } from '../web/pages-folder.ts'
import { PrivateNote } from '../web/private-note.ts'
import { startProgram } from '../system/programs.ts'
import { CertificateError, namedCertificate, ownCertificate, type ServerCertificate } from '../web/certificate.ts'
import { namesOf, startWebServer, type WebServer } from '../web/server.ts'
import { exitCodes } from './exit-codes.ts'
import { listOr } from './list-or.ts'
import { stopReason } from './stop-reason.ts'

export interface ServeOptions {
  readonly config: string
  readonly port: string
  readonly host: string
  readonly tls?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly open?: boolean
  readonly api?: boolean
  /** Address and port of a class; true for the usual ones. */
  readonly class?: string | true
  readonly allowFolder?: readonly string[]
  readonly stopOnStdinEnd?: boolean
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

/** How often it is seen whether the lab's own certificate is still good for its time and its addresses. */
const certificateCheckMs = 3_600_000

async function certificateOf(
  { tls, tlsCert, tlsKey, host }: ServeOptions,
  folder: string,
): Promise<ServerCertificate | undefined> {
  if (tlsCert !== undefined && tlsKey !== undefined) return namedCertificate({ cert: tlsCert, key: tlsKey })
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw new CertificateError(t('cli.tls-cert-tls-key-belong'), t('cli.name-both-files'))
  }
  if (tls !== true) return undefined
  const file = join(folder, 'tls.pem')
  try {
    return await ownCertificate(file, namesOf(host).names)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CertificateError(
      t('cli.tls-certificate-cannot-kept', { file, code: code ?? message }),
      writeRemedy(error),
    )
  }
}

async function tokenFor(file: string, folder: string): Promise<string> {
  try {
    return await apiToken(file, folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ApiTokenError(
      t('cli.api-token-cannot-kept', { file, code: code ?? message, writeRemedy: writeRemedy(error) }),
    )
  }
}

class ApiTokenError extends Error {}

const usualClass = { host: '0.0.0.0', port: 8067 }

/** `8067`, `192.0.2.5`, `192.0.2.5:8067`, `[2001:db8::5]:8067`; undefined where it is none of them. */
export function classAddress(text: string | true): { readonly host: string; readonly port: number } | undefined {
  if (text === true) return usualClass
  const read = /^(?:\[([\da-f:]+)\]|([\d.]+\.[\d.]+))?(?:(?:^|:)(\d{1,5}))?$/i.exec(text)
  if (!read || text === '') return undefined
  const [, bracketed, plain, digits] = read
  const host = bracketed ?? plain ?? usualClass.host
  const port = digits === undefined ? usualClass.port : Number(digits)
  return isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined
}

export async function serve(options: ServeOptions): Promise<number> {
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    complain(t('cli.port-not-port-number-write', { port: options.port }))
    return exitCodes.usage
  }
  const forClass = options.class === undefined ? undefined : classAddress(options.class)
  if (options.class !== undefined && !forClass) {
    complain(t('cli.class-not-address', { address: String(options.class) }))
    return exitCodes.usage
  }
  const pages = pagesFolder()
  if (pages === undefined) {
    complain(t('cli.pages-not-built-run-npm-2'))
    return exitCodes.failed
  }
  if (mayTakePrecedence()) yieldPrecedence()
  const backend = new Backend(options.config, new ForkedResponder())
  await backend.open()
  const next = new PrivateNote(join(backend.stateFolder, 'serve-address'), t('cli.address-next-window'), complain)
  const forCommands = new PrivateNote(commandAccessFile(backend.stateFolder), t('cli.way-commands'), complain)
  const secret = newCommandSecret()
  let certificate: ServerCertificate | undefined
  let web: WebServer
  try {
    certificate = await certificateOf(options, backend.stateFolder)
    const handlers = boundHandlers(backend.handlers, options.config, options.allowFolder ?? [])
    const tokenFile = join(backend.stateFolder, 'api-token')
    const api = options.api
      ? openApiDoor({ token: await tokenFor(tokenFile, backend.stateFolder), handlers })
      : undefined
    web = await startWebServer({
      backend: { connect: (listener) => backend.connect(listener), handlers },
      ...(api ? { api } : {}),
      pages,
      host: options.host,
      port,
      ...(certificate ? { tls: certificate } : {}),
      commands: { secret, handlers: commandHandlers(backend.handlers) },
      onAddress: (url) => next.write(url),
      onError: (error) => complain(t('cli.web-server', { message: error.message })),
    })
  } catch (error) {
    await backend.close()
    if (error instanceof CertificateError || error instanceof ApiTokenError) {
      complain(error.message)
      return exitCodes.usage
    }
    const { code } = error as NodeJS.ErrnoException
    complain(
      code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? t('cli.host-no-address-machine-write', { host: options.host, code })
        : t('cli.cannot-listen-choose-another-port-2', { host: options.host, port, code }),
    )
    return exitCodes.portProblem
  }
  if (forClass)
    try {
      const { addresses, code } = await backend.handlers['class.open'](forClass)
      process.stdout.write(`${t('cli.class-open', { addresses: addresses.join(' '), code })}\n`)
    } catch (error) {
      await Promise.all([backend.close(), web.close()])
      complain(`${(error as CallFailure).message}. ${(error as CallFailure).remedy}`)
      return exitCodes.portProblem
    }
  let renewing: NodeJS.Timeout | undefined
  // Before anything is told: whoever reads it may stop this at once.
  const stopped = new Promise<number>((resolve) => {
    const end = async (reason: string): Promise<void> => {
      clearInterval(renewing)
      await Promise.all([backend.close(), web.close()])
      await Promise.all([next.remove(), forCommands.remove()])
      process.stdout.write(`${t('cli.stopped', { reason: stopReason(reason) })}\n`)
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
  if (options.api)
    process.stdout.write(
      `${t('cli.programs-reach-token', { origin: web.origin, apiRoot, join: join(backend.stateFolder, 'api-token') })}\n`,
    )
  const letCommandsIn = (): void => {
    const access: CommandAccess = { url: web.origin, secret, ...(certificate ? { certificate: certificate.certificate } : {}) } // prettier-ignore
    forCommands.write(JSON.stringify(access))
  }
  letCommandsIn()
  process.stdout.write(`${t('cli.pxe-lab', { url: web.url })}\n`)
  if (!existsSync(options.config)) process.stdout.write(`${t('cli.no-yet-page-creates', { config: options.config })}\n`)
  process.stdout.write(`${t('cli.address-works-once-after-another', { path: next.path })}\n`)
  const tellFingerprint = (one: ServerCertificate): void =>
    void process.stdout.write(`${t('cli.sha-256-fingerprint-certificate', { fingerprint: one.fingerprint })}\n`)
  if (certificate) tellFingerprint(certificate)
  const elsewhere = listOr(web.elsewhere)
  if (elsewhere !== '') process.stdout.write(`${t('cli.other-machines-reach-same-code', { elsewhere })}\n`)
  if (elsewhere !== '' && !certificate) complain(t('cli.warning-passes-between-other-machines', { elsewhere }))
  renewing = setInterval(() => void renew(), certificateCheckMs).unref()
  const renew = async (): Promise<void> => {
    if (!certificate || options.tlsCert !== undefined) return
    try {
      const now = await certificateOf(options, backend.stateFolder)
      if (now && now.fingerprint !== certificate.fingerprint) {
        web.setTls(now)
        tellFingerprint(now)
        certificate = now
        letCommandsIn()
      }
    } catch (error) {
      complain((error as Error).message)
    }
  }
  if (options.open) openBrowser(web.url)
  return stopped
}
