/** The two ends of the contract over anything that carries values: a WebSocket, a message port, a test. */
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
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name)
const isPushName = (name: string): name is PushName => Object.hasOwn(pushes, name)

export const defectRemedy = 'This is a defect of PXE Lab: please report it.'

const failureOf = (error: unknown): CallError => {
  if (error instanceof CallFailure) return { message: error.message, remedy: error.remedy }
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: defectRemedy,
  }
}

/** Schemas walk through what they check by calling themselves, and would end the process. */
const tooDeep = (message: unknown): unknown => ({
  id: (message as { id?: unknown }).id,
  error: { message: 'the value has too many levels', remedy: 'Write it with fewer lists and objects in each other.' },
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
      error: { message: `there is no call ${call}`, remedy: 'Reload the window: it is older than the back end.' },
    })
    return
  }
  const args = calls[call].args.safeParse(asked.data.args)
  if (!args.success) {
    const issue = args.error.issues[0]
    answer({
      id,
      error: {
        message: `${call}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`,
        remedy: 'Correct the value.',
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
  disconnect(reason: string): void
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
      else waiting.reject(new CallFailure(`the answer to ${waiting.name} was malformed`, 'Reload the window.'))
    },
    disconnect(reason) {
      for (const waiting of open.values())
        waiting.reject(new CallFailure(reason, 'Wait for the connection, then try again.'))
      open.clear()
    },
  }
}
