/** The way to the engine, and what it last said of each source. */
import { create } from 'zustand'
import type { EngineCall, FlowsEngine, SourceState } from './engine.ts'

type Answer<C extends EngineCall> = Awaited<ReturnType<FlowsEngine[C]>>

let worker: Worker | undefined
let count = 0
const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()

export const useSources = create<{ readonly states: ReadonlyMap<string, SourceState> }>(() => ({ states: new Map() }))

function hear({ data }: MessageEvent<{ state?: SourceState; id?: number; value?: unknown; error?: string }>): void {
  if (data.state) {
    const states = new Map(useSources.getState().states)
    useSources.setState({ states: states.set(data.state.source, data.state) })
    return
  }
  const waiting = open.get(data.id!)
  open.delete(data.id!)
  if (data.error === undefined) waiting?.resolve(data.value)
  else waiting?.reject(new Error(data.error))
}

/** Asks the engine; it begins with the first question. */
export function ask<C extends EngineCall>(call: C, ...args: Parameters<FlowsEngine[C]>): Promise<Answer<C>> {
  if (!worker) {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', hear)
    worker.addEventListener('error', (event) => {
      for (const waiting of open.values()) waiting.reject(new Error(event.message || 'the analysis stopped'))
      open.clear()
    })
  }
  const id = ++count
  return new Promise<Answer<C>>((resolve, reject) => {
    open.set(id, { resolve: resolve as (value: unknown) => void, reject })
    worker!.postMessage({ id, call, args })
  })
}

export const forget = (source: string): void => {
  const states = new Map(useSources.getState().states)
  states.delete(source)
  useSources.setState({ states })
}
