/** This machine: what the doctor finds of it, and the changes made to it. */
import { CallFailure } from '#shared/contract/channel.ts'
import type { Handlers, Push, Reply } from '#shared/contract/calls.ts'
import type { Facts } from '#shared/lab/facts.ts'
import type { labFactsOf } from '#shared/lab/lab.ts'
import { collectFacts, readFacts } from '../inspect/facts.ts'
import { engineIn, isElevated, perform, performElevated, type Request } from '../remedy/elevation.ts'
import type { RemedyEngine } from '../remedy/engine.ts'
import { RemedyError } from '../remedy/kinds.ts'
import { addToHistory, readHistory } from '../workspace/check-history.ts'

export interface MachineRoomOptions {
  /** Path of a file of that name in the state folder. */
  readonly stateFile: (name: string) => string
  /** What is being looked at, in words; empty once the check is over. */
  readonly onChecking: (text: string) => void
  /** What facts say of the lab of this machine. */
  readonly labFacts: () => ReturnType<typeof labFactsOf>
  readonly onRemedy: (record: Push<'remedy'>) => void
}

export class MachineRoom {
  readonly #options: MachineRoomOptions
  #collecting: { readonly facts: Promise<Facts>; readonly stop: AbortController } | undefined
  #changing: AbortController | undefined
  /** When the changes that this process makes itself are made, refused or taken back. */
  #changeEnded: Promise<unknown> = Promise.resolve()
  readonly handlers: Pick<
    Handlers,
    | 'doctor.collect'
    | 'doctor.cancel'
    | 'doctor.history'
    | 'doctor.read'
    | 'remedy.preview'
    | 'remedy.apply'
    | 'remedy.undo'
    | 'remedy.finish'
    | 'remedy.cancel'
    | 'remedy.list'
  > = {
    'doctor.collect': () => this.#collect(),
    'doctor.cancel': () => {
      this.#collecting?.stop.abort()
      return null
    },
    'doctor.history': () => readHistory(this.#options.stateFile('checks.json')),
    'doctor.read': ({ text }) => {
      const read = readFacts(text)
      if (!read.ok) throw new CallFailure(read.problems.join(' ').replace(/\.$/, ''), 'Choose another file.')
      return read.facts
    },
    'remedy.preview': ({ changes }) =>
      this.#remedied(async (engine) => ({
        ...(await engine.preview(changes)),
        needsElevation: !(await isElevated()),
      })),
    'remedy.apply': (remedy) => this.#changeMachine({ verb: 'apply', ...remedy }),
    'remedy.undo': ({ id }) => this.#changeMachine({ verb: 'undo', id }),
    'remedy.finish': ({ id }) => this.#changeMachine({ verb: 'finish', id }),
    'remedy.cancel': () => {
      this.#changing?.abort()
      return null
    },
    'remedy.list': () => this.#remedied((engine) => engine.list()),
  }

  constructor(options: MachineRoomOptions) {
    this.#options = options
  }

  get isChanging(): boolean {
    return this.#changing !== undefined
  }

  /** Ends a check; a change is taken back first, otherwise its journal would have to tell the next start. */
  async close(): Promise<void> {
    this.#collecting?.stop.abort()
    this.#changing?.abort()
    await this.#changeEnded
  }

  /** Two windows that ask at once get the same. */
  #collect(): Promise<Facts> {
    const stop = new AbortController()
    const collect = async (): Promise<Facts> => {
      try {
        const found = await collectFacts({ signal: stop.signal, onProgress: (text) => this.#options.onChecking(text) })
        const facts = { ...found, ...this.#options.labFacts() }
        // A state folder that cannot be written takes the history, not the check.
        await addToHistory(this.#options.stateFile('checks.json'), facts).catch(() => {})
        return facts
      } finally {
        if (this.#collecting?.stop === stop) {
          this.#collecting = undefined
          this.#options.onChecking('')
        }
      }
    }
    this.#collecting ??= { facts: collect(), stop }
    return this.#collecting.facts
  }

  async #remedied<T>(work: (engine: RemedyEngine) => Promise<T>): Promise<T> {
    try {
      return await work(engineIn(this.#options.stateFile('remedies'), (record) => this.#options.onRemedy(record)))
    } catch (error) {
      if (error instanceof RemedyError) throw new CallFailure(error.message, error.remedy)
      throw error
    }
  }

  async #changeMachine(request: Request): Promise<Reply<'remedy.apply'>> {
    const changing = new AbortController()
    // A second change is refused; to cancel still means the first.
    this.#changing ??= changing
    try {
      return await this.#remedied(async (engine) => {
        if (!(await isElevated())) return performElevated(this.#options.stateFile('remedies'), request)
        const work = perform(engine, request, changing.signal)
        this.#changeEnded = Promise.all([this.#changeEnded, work.catch(() => {})])
        return work
      })
    } finally {
      if (this.#changing === changing) this.#changing = undefined
      // A check that began before the change tells of the time before it: whoever asks now gets another.
      this.#collecting = undefined
    }
  }
}
