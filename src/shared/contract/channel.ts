/** The two ends of the contract over anything that carries values: a WebSocket, a message port, a test. */
import { isMessage, say, type Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import { isNestedTooDeeply } from '#shared/lab/nesting.ts'
import {
  calls,
  pushes,
  toBackEndSchema,
  toWindowSchema,
  type Args,
  type CallError,
  type CallName,
  type Handlers,
  type Push,
  type PushName,
  type Reply,
} from './calls.ts'

/** A failure a person can act on; anything else that a handler throws is our defect and told as such. */
export class CallFailure extends Error {
  /** Both as they cross processes, and other programs get them. */
  readonly told: CallError
  /** In the language of this process, as the message is. */
  readonly remedy: string
  constructor(message: Phrase, remedy: Phrase) {
    super(textOf(message))
    this.told = { message, remedy }
    this.remedy = textOf(remedy)
  }
}

/** Why something failed, to be told on: with its code where it has one. */
export const failureTold = (error: unknown): Phrase =>
  error instanceof CallFailure ? error.told.message : error instanceof Error ? error.message : String(error)

const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name)
const isPushName = (name: string): name is PushName => Object.hasOwn(pushes, name)

const defectRemedy = say('call.defect')

/** Whose fault a failure is, where it is not the state of things: the caller's, or ours. */
export const faultOf = ({ message, remedy }: CallError): 'caller' | 'defect' | undefined =>
  isMessage(message) && ['call.wrong-value', 'call.too-deep'].includes(message.say)
    ? 'caller'
    : isMessage(remedy) && remedy.say === defectRemedy.say
      ? 'defect'
      : undefined

const failureOf = (error: unknown): CallError => {
  if (error instanceof CallFailure) return error.told
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: defectRemedy,
  }
}

/** Schemas walk through what they check by calling themselves, and would end the process. */
const tooDeep = (message: unknown): unknown => ({
  id: (message as { id?: unknown }).id,
  error: { message: say('call.too-deep'), remedy: say('call.fewer-levels') },
})

/** Answers one message of a window; `answer` gets the reply, checked like the arguments. */
export async function handleMessage(
  handlers: Handlers,
  message: unknown,
  answer: (reply: unknown) => void,
): Promise<void> {
  if (isNestedTooDeeply(message)) return answer(tooDeep(message))
  const asked = toBackEndSchema.safeParse(message)
  if (!asked.success) return
  const { id, call } = asked.data
  if (!isCallName(call)) {
    answer({
      id,
      error: { message: say('call.no-such-call', { call }), remedy: say('call.window-older') },
    })
    return
  }
  const args = calls[call].args.safeParse(asked.data.args)
  if (!args.success) {
    const issue = args.error.issues[0]
    answer({
      id,
      error: {
        message: say('call.wrong-value', { call, path: issue?.path.join('.') ?? '', why: issue?.message ?? '?' }),
        remedy: say('call.correct-value'),
      },
    })
    return
  }
  try {
    const handler = handlers[call] as (args: unknown) => unknown
    const value = calls[call].reply.parse(await handler(args.data))
    answer({ id, value })
  } catch (error) {
    answer({ id, error: failureOf(error) })
  }
}

export const pushMessage = <P extends PushName>(push: P, value: Push<P>): unknown => ({ push, value })

export interface ContractClient {
  call<C extends CallName>(name: C, args: Args<C>): Promise<Reply<C>>
  on<P extends PushName>(name: P, hear: (value: Push<P>) => void): () => void
  /** Gives the client what came over the wire. */
  receive(message: unknown): void
  /** Every open call fails with this message. */
  disconnect(reason: Phrase): void
}

export function createClient(send: (message: unknown) => void): ContractClient {
  const open = new Map<number, { readonly name: CallName; resolve(value: unknown): void; reject(error: Error): void }>()
  const listeners = new Map<PushName, Set<(value: never) => void>>()
  let count = 0
  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        const id = ++count
        open.set(id, { name, resolve: resolve, reject })
        send({ id, call: name, args })
      }),
    on(name, hear) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(hear))
      return () => set.delete(hear)
    },
    receive(message) {
      const parsed = toWindowSchema.safeParse(message)
      if (!parsed.success) return
      const { data } = parsed
      if ('push' in data) {
        if (!isPushName(data.push)) return
        const value = pushes[data.push].safeParse(data.value)
        if (value.success) for (const hear of listeners.get(data.push) ?? []) hear(value.data as never)
        return
      }
      const waiting = open.get(data.id)
      if (!waiting) return
      open.delete(data.id)
      if ('error' in data) {
        waiting.reject(new CallFailure(data.error.message, data.error.remedy))
        return
      }
      const value = calls[waiting.name].reply.safeParse(data.value)
      if (value.success) waiting.resolve(value.data)
      else waiting.reject(new CallFailure(say('call.malformed-answer', { call: waiting.name }), say('call.reload')))
    },
    disconnect(reason) {
      for (const waiting of open.values()) waiting.reject(new CallFailure(reason, say('call.wait-connection')))
      open.clear()
    },
  }
}
