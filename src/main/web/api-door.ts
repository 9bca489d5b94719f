/** The way in for programs (`serve --api`): calls of the contract by POST, with a token. */
import { forPrograms } from '#messages/json.ts'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiRoot, openApiDocument } from '#shared/contract/api.ts'
import { calls, type CallName, type Handlers } from '#shared/contract/calls.ts'
import { say, type Phrase } from '#messages/message.ts'
import type { CallError } from '#shared/contract/calls.ts'
import { faultOf, handleMessage } from '#shared/contract/channel.ts'
import { makeOwnFolder, readOwnFile } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { version } from '../version.ts'
import { isSecret } from './sessions.ts'

const largestBodyBytes = 4 * 1024 * 1024
const mostAtOnce = 16
const tokenForm = /^[\w-]{32,64}$/

/** The token in that file, made where there is none; whoever has the file may do what the window may. */
export async function apiToken(file: string, folder: string): Promise<string> {
  const there = await readOwnFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const kept = there?.text.trim()
  if (kept !== undefined && tokenForm.test(kept)) return kept
  const made = randomBytes(24).toString('base64url')
  makeOwnFolder(folder)
  await replaceFile(file, `${made}\n`, { mode: 0o600, refusesLinks: true })
  return made
}

export interface ApiDoor {
  /** Whether it is a request for the interface, which then is answered. */
  answers(request: IncomingMessage, response: ServerResponse): boolean
}

type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }

const refusal = (status: number, message: string, remedy: Phrase, headers: Answer['headers'] = {}): Answer => ({
  status,
  body: { message, remedy },
  headers,
})

export function openApiDoor({ token, handlers }: { readonly token: string; readonly handlers: Handlers }): ApiDoor {
  const isToken = isSecret(token)
  let running = 0

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (!isToken(given))
      return refusal(401, 'the token is missing or wrong', 'Send the header Authorization: Bearer TOKEN.', {
        'www-authenticate': 'Bearer',
      })
    const name = request.url!.split('?')[0]!.slice(apiRoot.length + 1)
    if (name === 'openapi.json') {
      if (request.method === 'GET' || request.method === 'HEAD') return { status: 200, body: openApiDocument(version) }
      return refusal(405, `openapi.json is read by GET`, 'Use GET.', { allow: 'GET, HEAD' })
    }
    if (!Object.hasOwn(calls, name))
      return refusal(404, `there is no call ${name}`, `The calls are listed in ${apiRoot}/openapi.json.`)
    if (request.method !== 'POST') return refusal(405, `${name} is called by POST`, 'Use POST.', { allow: 'POST' })
    if (running >= mostAtOnce)
      return refusal(503, `${mostAtOnce} calls are under way`, 'Try again in a moment.', { 'retry-after': '1' })
    running++
    try {
      return await call(name as CallName, request)
    } finally {
      running--
    }
  }

  const call = async (name: CallName, request: IncomingMessage): Promise<Answer> => {
    const text = await bodyOf(request)
    if (text === undefined)
      return refusal(413, `the body has more than ${largestBodyBytes} bytes`, 'Send files in pieces (files.append).')
    let args: unknown
    try {
      args = text.trim() === '' ? {} : JSON.parse(text)
    } catch (error) {
      return refusal(400, `the body is not JSON: ${(error as Error).message}`, 'Send a JSON object, such as {}.')
    }
    const { promise, resolve } = Promise.withResolvers<unknown>()
    await handleMessage(handlers, { id: 1, call: name, args }, resolve)
    const reply = (await promise) as { value?: unknown; error?: CallError }
    if (!reply.error) return { status: 200, body: reply.value }
    const fault = faultOf(reply.error)
    return { status: fault === 'defect' ? 500 : fault === 'caller' ? 400 : 409, body: reply.error }
  }

  return {
    answers(request, response) {
      if (request.url !== apiRoot && !request.url?.startsWith(`${apiRoot}/`)) return false
      void answer(request)
        .catch((error: unknown) => refusal(500, (error as Error).message, say('call.defect')))
        .then(({ status, body, headers = {} }) => {
          const text = JSON.stringify(forPrograms(body) ?? null)
          response.writeHead(status, { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(text) }) // prettier-ignore
          response.end(request.method === 'HEAD' ? undefined : text)
        })
      return true
    },
  }
}

/** Undefined where it is longer than a call may be. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    // Who still sends does not hear a refusal: a little more is read, and thrown away.
    if (bytes > 4 * largestBodyBytes) break
    if (bytes <= largestBodyBytes) pieces.push(piece)
  }
  if (bytes > largestBodyBytes) return undefined
  return Buffer.concat(pieces).toString('utf8')
}
