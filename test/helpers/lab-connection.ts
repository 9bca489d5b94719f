/** A window's side of the contract over the WebSocket of `pxe-lab serve`. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { inEnglish } from '#messages/text.ts'
import { calls, toWindowSchema, type Args, type CallName, type Reply } from '#shared/contract/calls.ts'

export interface LabConnection {
  /** Rejects with the message and the remedy of a call that fails. */
  call<C extends CallName>(name: C, args: Args<C>): Promise<Reply<C>>
  close(): void
}

/** The session that the code of an address is exchanged for, as a page does it. */
export async function sessionFor(url: URL): Promise<string> {
  const session = randomBytes(33).toString('base64url')
  const body = `${url.searchParams.get('code')} ${session}`
  const { status } = await fetch(`${url.origin}/session`, { method: 'POST', body, headers: { origin: url.origin } })
  if (status !== 204) throw new Error(`the code is not taken: ${status}`)
  return session
}

/** `address` is what `serve` printed. */
export async function connectToLab(address: string): Promise<LabConnection> {
  const url = new URL(address)
  const protocols = ['pxe-lab', `session.${await sessionFor(url)}`]
  const socket = new WebSocket(`ws://${url.host}/`, protocols, { headers: { origin: url.origin } })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  socket.on('message', (data: Buffer) => {
    const said = toWindowSchema.parse(JSON.parse(data.toString()))
    if (!('id' in said)) return
    const one = waiting.get(said.id)
    waiting.delete(said.id)
    if ('error' in said) one?.reject(new Error(`${inEnglish(said.error.message)} ${inEnglish(said.error.remedy)}`))
    else one?.resolve(said.value)
  })
  await once(socket, 'open')
  let count = 0
  return {
    async call(name, args) {
      const id = ++count
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }))
      socket.send(JSON.stringify({ id, call: name, args }))
      return calls[name].reply.parse(await answer) as Reply<typeof name>
    },
    close: () => socket.close(),
  }
}
