/** The way to the engine, and what it last said of each source. */
import { create } from 'zustand'
import { connectWorker } from '../worker-client.ts'
import type { SourceState } from './answers.ts'
import type { FlowsEngine } from './engine.ts'

export const useSources = create<{ readonly states: ReadonlyMap<string, SourceState> }>(() => ({ states: new Map() }))

/** Asks the engine; it begins with the first question. */
export const ask = connectWorker<FlowsEngine>('flows', (told) => {
  const state = told as SourceState
  const states = new Map(useSources.getState().states)
  useSources.setState({ states: states.set(state.source, state) })
})

export const forget = (source: string): void => {
  const states = new Map(useSources.getState().states)
  states.delete(source)
  useSources.setState({ states })
}
