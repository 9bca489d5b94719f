/** `pxe-lab hub`: takes what agents of many sites see, and shows it. `pxe-lab hub token` says which sites may send. */
import { join } from 'node:path'
import { printable } from '#shared/wire/printable.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { Hub, tokensFile } from '../hub/hub.ts'
import { PostgresDatabase } from '../hub/postgres.ts'
import { S3Store } from '../hub/s3-store.ts'
import { siteName, TokenBook } from '../hub/tokens.ts'
import { onStop } from '../stop.ts'
import { CertificateError, namedCertificate, ownCertificate, type ServerCertificate } from '../web/certificate.ts'
import { namesOf } from '../web/server.ts'
import { stateHome } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'

export interface HubCommandOptions {
  readonly folder?: string
  readonly host: string
  readonly port: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly s3?: string
  readonly keepDays?: string
  readonly stopOnStdinEnd?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const folderOf = ({ folder }: Pick<HubCommandOptions, 'folder'>): string => folder ?? join(stateHome(), 'hub')

async function certificateOf({ tlsCert, tlsKey, host }: HubCommandOptions, folder: string): Promise<ServerCertificate> {
  if (tlsCert === undefined && tlsKey === undefined) return ownCertificate(join(folder, 'tls.pem'), namesOf(host).names)
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CertificateError('--tls-cert and --tls-key belong together. Name both files.')
  return namedCertificate({ cert: tlsCert, key: tlsKey })
}

/** Address of the server and bucket in one: https://SERVER/BUCKET. Keys are those of AWS's own tools. */
function storeOf(s3: string | undefined): S3Store | undefined {
  if (s3 === undefined) return undefined
  const url = URL.canParse(s3) ? new URL(s3) : undefined
  const bucket = url?.pathname.replaceAll('/', '') ?? ''
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region = 'us-east-1' } = process.env // prettier-ignore
  if (!url || !/^https?:$/.test(url.protocol) || !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket))
    throw new CertificateError(`--s3 ${s3} is no bucket. Write https://SERVER/BUCKET.`)
  if (!accessKeyId || !secretAccessKey)
    throw new CertificateError('--s3 needs a key. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  return new S3Store({ endpoint: url.origin, bucket, region, accessKeyId, secretAccessKey })
}

export async function hub(options: HubCommandOptions): Promise<number> {
  const folder = folderOf(options)
  const port = Number(options.port)
  const keepDays = options.keepDays === undefined ? undefined : Number(options.keepDays)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    complain(`--port ${options.port} is not a port number. Write one from 0 to 65535.`)
    return exitCodes.usage
  }
  if (keepDays !== undefined && !(keepDays >= 1)) {
    complain(`--keep-days ${options.keepDays} is no number of days. Write 1 or more.`)
    return exitCodes.usage
  }
  const onError = (error: Error): void => complain(error.message)
  const postgres = process.env['PXE_LAB_HUB_DATABASE']
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
      database: postgres === undefined || postgres === '' ? undefined : new PostgresDatabase(postgres, onError),
      keepDays,
      onError,
    })
  } catch (error) {
    if (error instanceof CertificateError) {
      complain(error.message)
      return exitCodes.usage
    }
    const { code, message } = error as NodeJS.ErrnoException
    complain(
      code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL'
        ? `cannot listen on ${options.host}:${port} (${code}). Choose another --port or --host.`
        : `the hub cannot start: ${message}. See whether ${folder} can be written and the database is reached.`,
    )
    return exitCodes.portProblem
  }
  process.stdout.write(`The hub listens on https://${options.host}:${running.port}\n`)
  process.stdout.write(`SHA-256 fingerprint of its certificate: ${certificate.fingerprint}\n`)
  return new Promise((resolve) => {
    onStop(
      (reason) =>
        void running.close().then(() => {
          process.stdout.write(`Stopped ${reason}.\n`)
          resolve(exitCodes.ok)
        }),
      { onStdinEnd: options.stopOnStdinEnd },
    )
  })
}

export async function addToken(site: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const checked = siteName.safeParse(site)
  if (!checked.success) {
    complain(`${printable(site)} is no name of a site: ${checked.error.issues[0]?.message}.`)
    return exitCodes.usage
  }
  const { token, id } = await new TokenBook(tokensFile(folderOf(options))).make(site, Date.now())
  process.stderr.write(`Token ${id} for ${site}. It is shown this once: keep it in a file for --credentials.\n`)
  process.stdout.write(`site: ${site}\ntoken: ${token}\n`)
  return exitCodes.ok
}

export async function listTokens(options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  for (const { id, site, madeAt, revokedAt } of await new TokenBook(tokensFile(folderOf(options))).all())
    process.stdout.write(`${id}  ${site.padEnd(30)} made ${formatDateTime(madeAt)}${revokedAt === null ? '' : `, revoked ${formatDateTime(revokedAt)}`}\n`) // prettier-ignore
  return exitCodes.ok
}

export async function revokeToken(idOrSite: string, options: Pick<HubCommandOptions, 'folder'>): Promise<number> {
  const revoked = await new TokenBook(tokensFile(folderOf(options))).revoke(idOrSite, Date.now())
  if (revoked.length === 0) {
    complain(`no valid token has the id or the site ${printable(idOrSite)}. pxe-lab hub token list shows them.`)
    return exitCodes.failed
  }
  for (const { id, site } of revoked) process.stdout.write(`Revoked ${id} of ${site}.\n`)
  return exitCodes.ok
}
