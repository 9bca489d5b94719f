/** The engines of the window, each in a worker of its own that begins here. */
import { speakBest } from '#messages/speak.ts'

const tell = (told: unknown): void => self.postMessage({ told })

const [name, language] = self.name.split(' ') as [string, string]

const engines = {
  flows: async () => new (await import('./flows/engine.ts')).FlowsEngine(tell),
  simulator: async () => new (await import('./simulator/engine.ts')).SimulatorEngine(tell),
  twin: async () => new (await import('./simulator/twin-engine.ts')).TwinEngine(tell),
  site: async () => new (await import('./planner/site-engine.ts')).SiteEngine(),
  scale: async () => new (await import('./planner/scale-engine.ts')).ScaleEngine(tell),
  lessons: async () => new (await import('./lessons/engine.ts')).LessonsEngine(),
}
export type EngineName = keyof typeof engines

/** The other side of `worker-client.ts`: answers calls with the methods of an engine, which may still be loading when the first call comes. */
function serveWorker(loading: Promise<object>): void {
  self.addEventListener('message', ({ data }: MessageEvent<{ id: number; call: string; args: unknown[] }>) => {
    const { id, call, args } = data
    loading
      .then((engine) => (engine as Record<string, (...values: unknown[]) => unknown>)[call]!.apply(engine, args))
      .then(
        (value) => self.postMessage({ id, value }),
        (error: unknown) => self.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
      )
  })
}

// What an engine says in tables is made when it is loaded.
serveWorker(speakBest([], language).then((): Promise<object> => engines[name as EngineName]()))
