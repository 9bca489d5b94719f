/** The engine in its worker: calls come as messages with a number, answers and changes go back. */
import { FlowsEngine, type EngineCall } from './engine.ts'

const post = (message: unknown): void => self.postMessage(message)
const engine = new FlowsEngine((state) => post({ state }))

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; call: EngineCall; args: unknown[] }>) => {
  const { id, call, args } = data
  const method = engine[call] as (...values: unknown[]) => unknown
  Promise.resolve()
    .then(() => method.apply(engine, args))
    .then(
      (value) => post({ id, value }),
      (error: unknown) => post({ id, error: error instanceof Error ? error.message : String(error) }),
    )
})
