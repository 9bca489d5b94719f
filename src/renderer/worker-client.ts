/**
 * Calls into an engine that lives in a worker: numbered questions, answers, and what it tells by itself. All engines are
 * one program (`engine-worker.ts`), told by the name of the worker which of them it is and what language it speaks: as programs of their own each would
 * be built with a copy of what they share, which is most of them.
 */
import { spokenLanguage, t } from '#messages/text.ts'
import type { EngineName } from './engine-worker.ts'

type Methods<E> = { readonly [K in keyof E as E[K] extends (...args: never[]) => unknown ? K : never]: E[K] }
type Call<E> = keyof Methods<E> & string
type ArgsOf<E, C extends keyof E> = E[C] extends (...args: infer A) => unknown ? A : never
type AnswerOf<E, C extends keyof E> = E[C] extends (...args: never[]) => infer R ? Awaited<R> : never

interface FromWorker {
  readonly told?: unknown
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
}

export interface Ask<E> {
  <C extends Call<E>>(call: C, ...args: ArgsOf<E, C>): Promise<AnswerOf<E, C>>
  /** Starts the worker ahead of the first question. */
  begin(): void
}

/** The worker begins with the first question, if not before. */
export function connectWorker<E>(name: EngineName, onTold: (told: unknown) => void): Ask<E> {
  let worker: Worker | undefined
  let count = 0
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const hear = ({ data }: MessageEvent<FromWorker>): void => {
    if (data.told !== undefined) return onTold(data.told)
    const waiting = open.get(data.id!)
    open.delete(data.id!)
    if (data.error === undefined) waiting?.resolve(data.value)
    else waiting?.reject(new Error(data.error))
  }
  const begun = (): Worker => {
    if (worker) return worker
    worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
      type: 'module',
      name: `${name} ${spokenLanguage()}`,
    })
    worker.addEventListener('message', hear)
    worker.addEventListener('error', (event) => {
      for (const waiting of open.values()) waiting.reject(new Error(event.message || t('app.analysis-stopped')))
      open.clear()
    })
    return worker
  }
  const ask = <C extends Call<E>>(call: C, ...args: ArgsOf<E, C>): Promise<AnswerOf<E, C>> => {
    const id = ++count
    return new Promise<AnswerOf<E, C>>((resolve, reject) => {
      open.set(id, { resolve: resolve as (value: unknown) => void, reject })
      begun().postMessage({ id, call, args })
    })
  }
  return Object.assign(ask, { begin: () => void begun() })
}
