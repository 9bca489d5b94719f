/** Carries commands to a Kea: over its control socket, or over HTTP to a control agent (up to 2.6) or to the server itself. */
import { readFile } from 'node:fs/promises'
import { keaServerName, type KeaServer } from '#shared/lab/engine.ts'
import { commandText, KeaProblem, readReply, type KeaCommand, type KeaReply } from '#shared/kea/control.ts'
import { askOverHttp } from '../io/http-request.ts'
import { HttpsClient, UntrustedServer, type HttpsAnswer } from '../io/https-request.ts'
import { askLocally } from '../io/local-request.ts'

/** A configuration of ten thousand reservations has some megabytes. */
const mostAnswerBytes = 64 << 20
const answerMs = 15_000

/** It is not there, or does not answer; what it would have said is unknown. */
export class KeaLost extends KeaProblem {}

export interface KeaChannel {
  readonly name: string
  /** Rejects with a `KeaLost` where nobody answers, with another `KeaProblem` where the answer is no use. */
  send(command: KeaCommand): Promise<KeaReply>
  close(): void
}

export interface KeaChannelOptions {
  readonly server: KeaServer
  /** Paths of a lab file count from its folder. */
  readonly resolve: (path: string) => string
  readonly timeoutMs?: number
}

export function openKeaChannel(options: KeaChannelOptions): KeaChannel {
  return options.server.socket === undefined ? new HttpChannel(options) : new SocketChannel(options)
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

class SocketChannel implements KeaChannel {
  readonly name: string
  readonly #path: string
  readonly #timeoutMs: number
  readonly #abort = new AbortController()

  constructor({ server, timeoutMs = answerMs }: KeaChannelOptions) {
    this.name = keaServerName(server)
    this.#path = server.socket!
    this.#timeoutMs = timeoutMs
  }

  async send(command: KeaCommand): Promise<KeaReply> {
    let text: string
    try {
      text = await askLocally({ path: this.#path, text: commandText(command), timeoutMs: this.#timeoutMs, mostLength: mostAnswerBytes, signal: this.#abort.signal }) // prettier-ignore
    } catch (error) {
      throw new KeaLost(`Kea does not answer at ${this.name}: ${whySilent(error)}`, remedies[codeOf(error)] ?? 'See whether kea-dhcp4 runs, and read its log.') // prettier-ignore
    }
    if (text === '') throw new KeaLost(`Kea ended the connection at ${this.name} without an answer`, 'See whether kea-dhcp4 runs, and read its log.') // prettier-ignore
    return readReply(text)
  }

  close(): void {
    this.#abort.abort()
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'Start kea-dhcp4, and name its control-socket in engine.kea.servers.',
  ECONNREFUSED: 'Start kea-dhcp4.',
  EACCES: 'Let the user that PXE Lab runs as open it (on Debian: the group _kea), or write that user in runAs.',
  EPERM: 'Let the user that PXE Lab runs as open it (on Debian: the group _kea), or write that user in runAs.',
  ETIMEDOUT: 'See whether kea-dhcp4 hangs, and read its log.',
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'this user may not open it',
  EPERM: 'this user may not open it',
  ETIMEDOUT: 'no answer in time',
}

const whySilent = (error: unknown): string => reasons[codeOf(error)] ?? (error as Error).message

class HttpChannel implements KeaChannel {
  readonly name: string
  readonly #options: KeaChannelOptions
  readonly #url: URL
  #client: HttpsClient | undefined
  /** A control agent answers for itself unless the server is named; a server of Kea 3 knows that argument no more. */
  #service: 'dhcp4' | undefined

  constructor(options: KeaChannelOptions) {
    this.#options = options
    this.name = keaServerName(options.server)
    this.#url = new URL(options.server.url!)
  }

  async send(command: KeaCommand): Promise<KeaReply> {
    if (command.command === 'version-get' || command.command === 'list-commands')
      this.#service = await this.#whoListens()
    return this.#ask(command, this.#service)
  }

  close(): void {
    this.#client?.close()
  }

  /** A control agent has no `config-hash-get` or `status-get` of DHCP and says which services it forwards to. */
  async #whoListens(): Promise<'dhcp4' | undefined> {
    const { arguments: listed } = await this.#ask({ command: 'list-commands' }, undefined)
    return Array.isArray(listed) && (listed as unknown[]).includes('dhcp-disable') ? undefined : 'dhcp4'
  }

  async #ask(command: KeaCommand, service: 'dhcp4' | undefined): Promise<KeaReply> {
    const { server, resolve, timeoutMs = answerMs } = this.#options
    const read = async (key: 'passwordFile' | 'ca', path: string): Promise<string> => {
      try {
        return await readFile(resolve(path), 'utf8')
      } catch (error) {
        throw new KeaProblem(`${key} ${path} of ${this.name} cannot be read (${codeOf(error)})`, 'Name a file that this user may read.') // prettier-ignore
      }
    }
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (server.user !== undefined) {
      const [password = ''] = (await read('passwordFile', server.passwordFile!)).split(/\r?\n/)
      headers['authorization'] = `Basic ${Buffer.from(`${server.user}:${password}`).toString('base64')}`
    }
    const body = Buffer.from(commandText(command, service))
    const request = { method: 'POST', path: this.#url.pathname, headers, body }
    let answer: HttpsAnswer
    try {
      if (this.#url.protocol === 'https:') {
        this.#client ??= new HttpsClient(
          this.#url,
          {
            ca: server.ca === undefined ? undefined : await read('ca', server.ca),
            fingerprint: server.fingerprint?.replaceAll(':', '').toUpperCase(),
          },
          timeoutMs,
          mostAnswerBytes,
        )
        answer = await this.#client.ask(request)
      } else answer = await askOverHttp(this.#url, request, { timeoutMs, mostAnswerBytes })
    } catch (error) {
      if (error instanceof KeaProblem) throw error
      if (error instanceof UntrustedServer)
        throw new KeaProblem(`Kea at ${this.name} is not trusted: ${error.message}`, 'Name its authority in ca, or its fingerprint in fingerprint, once you have compared it on the server.') // prettier-ignore
      throw new KeaLost(`Kea does not answer at ${this.name}: ${whySilent(error)}`, 'See whether its control channel listens there, and whether a firewall is in between.') // prettier-ignore
    }
    const { status } = answer
    if (status === 401 || status === 403)
      throw new KeaProblem(
        `Kea at ${this.name} lets us not in (HTTP ${status})`,
        server.user === undefined ? 'Give user and passwordFile.' : 'Correct user and passwordFile, or what that user may do.', // prettier-ignore
      )
    if (status !== 200)
      throw new KeaProblem(`${this.name} answers with HTTP ${status}`, 'Name the control agent or the HTTP control channel of kea-dhcp4 in url.') // prettier-ignore
    return readReply(answer.body.toString('utf8'))
  }
}
