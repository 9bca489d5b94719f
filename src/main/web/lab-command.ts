/** A command at the other end of the contract: asks the lab that is served from a state folder. */
import { createClient, type ContractClient } from '#shared/contract/channel.ts'
import { readOwnFile } from '../files/own-file.ts'
import { openWebSocket, type OpenWebSocket } from '../io/web-socket.ts'
import { commandAccessFile, commandAccessSchema, type CommandAccess } from './command-access.ts'
import { protocolName, sessionPrefix } from './server.ts'

/** No lab can be asked: why, and what to do. */
export class NotServed extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

const connectMs = 5000

async function accessOf(stateFolder: string): Promise<CommandAccess> {
  const path = commandAccessFile(stateFolder)
  let text: string
  try {
    text = (await readOwnFile(path)).text
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new NotServed(
        `no pxe-lab serve uses the state folder ${stateFolder}`,
        'Start it with: pxe-lab serve --config FILE, or name its lab file with --config. Where the desktop application runs the lab, use its Clients page.',
      )
    if (code === 'EACCES' || code === 'EPERM')
      throw new NotServed(
        `${path} may not be read by this user (${code})`,
        'Run the command as the user who owns the state folder.',
      )
    throw new NotServed(`${path} cannot be read: ${message}`, 'Stop pxe-lab serve and start it again.')
  }
  try {
    return commandAccessSchema.parse(JSON.parse(text))
  } catch {
    throw new NotServed(`${path} is damaged`, 'Stop pxe-lab serve and start it again.')
  }
}

/** Runs `work` with the lab at the other end. Rejects with `NotServed`, with a `CallFailure` of a call, or as `work` does. */
export async function askLab<T>(stateFolder: string, work: (call: ContractClient['call']) => Promise<T>): Promise<T> {
  const { url, secret, certificate } = await accessOf(stateFolder)
  let socket: OpenWebSocket | undefined
  const client = createClient((message) => socket?.send(JSON.stringify(message)))
  let lose: (error: Error) => void = () => {}
  // Whoever asks when the connection has ended would wait for ever.
  const lost = new Promise<never>((_resolve, reject) => (lose = reject))
  lost.catch(() => {})
  try {
    await new Promise<void>((resolve, reject) => {
      socket = openWebSocket({
        url: `${url.replace(/^http/, 'ws')}/`,
        protocols: [protocolName, `${sessionPrefix}${secret}`],
        origin: url,
        certificate,
        timeoutMs: connectMs,
        onOpen: resolve,
        onMessage: (data) => client.receive(JSON.parse(data.toString('utf8'))),
        onEnd(error) {
          client.disconnect('pxe-lab serve has ended')
          const { code, status, message } = error
          const isGone = code === 'ECONNREFUSED' || status !== undefined
          const why = isGone
              ? new NotServed(
                  `the pxe-lab serve that used ${stateFolder} does not run any more (${status ?? code} at ${url})`,
                  'Start it again with: pxe-lab serve --config FILE',
                )
              : new NotServed(`pxe-lab serve at ${url} cannot be reached: ${message}`, 'See whether it still answers in a browser.') // prettier-ignore
          reject(why)
          lose(why)
        },
      })
    })
    return await Promise.race([work(client.call), lost])
  } finally {
    socket?.close()
  }
}
