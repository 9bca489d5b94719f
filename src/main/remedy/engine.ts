/**
 * Makes changes to this machine, and takes them back: what is there is saved first, every step is in the journal before
 * it is made, each is read back, and a step that fails takes the others back.
 */
import { applyCommands, commandText, restoreCommands, undoOrder, type Command } from '#shared/diagnosis/commands.ts'
import { canApply, type Change, type RemedyPreview, type RemedyRecord, type Saved } from '#shared/lab/repair.ts'
import { Journal } from './journal.ts'
import { describeChange, isAsBefore, isReached, queryRegistry, readNow, RemedyError, type Machine } from './kinds.ts'

/** A service that stops may take its time. */
const commandTimeoutMs = 60_000

const targetOf = (change: Change): string => {
  switch (change.kind) {
    case 'registry':
      return `${change.key}\\${change.name}`
    case 'dhcp-option':
      return `option ${change.option} ${change.level} ${change.at}`
    case 'dhcp-scope':
      return `scope ${change.scope}`
    case 'service':
      return `service ${change.name}`
    case 'firewall':
      return `port ${change.port}`
    case 'low-ports':
      return 'low ports'
    // Starting a service again is nobody's in particular.
    case 'restart':
      return ''
  }
}

type Step = RemedyRecord['steps'][number]

export class RemedyEngine {
  readonly journal: Journal
  readonly #machine: Machine
  readonly #onChange: (record: RemedyRecord) => void

  constructor(folder: string, machine: Machine, onChange: (record: RemedyRecord) => void = () => {}) {
    this.journal = new Journal(folder)
    this.#machine = machine
    this.#onChange = onChange
  }

  /** What would be done, here and now. Reads only. */
  async preview(changes: readonly Change[]): Promise<Omit<RemedyPreview, 'needsElevation'>> {
    const steps: RemedyPreview['steps'] = []
    for (const change of changes) {
      const now = await this.#read(change)
      const commands =
        change.kind !== 'restart' && isReached(change, now)
          ? []
          : applyCommands(change, this.#machine.system, now, this.#machine.host)
      steps.push({
        change,
        ...describeChange(change, now),
        commands: commands.map((one) => commandText(one, this.#machine.system)),
      })
    }
    return { steps }
  }

  /** Saves what is there, makes the changes one after the other, and takes them back where one fails or `signal` asks. */
  async apply(title: string, changes: readonly Change[], signal?: AbortSignal): Promise<RemedyRecord> {
    return this.#alone(async () => {
      const steps: Step[] = []
      for (const change of changes) steps.push({ change, saved: await this.#read(change), state: 'waiting' })
      const record: RemedyRecord = {
        version: 1,
        id: this.journal.newId(),
        title,
        startedAt: await this.#afterOthers(),
        phase: 'applying',
        steps,
        log: [],
      }
      await this.#write(record)
      return this.#forward(record, signal)
    })
  }

  /** Goes on with what was interrupted: the rest of the changes, or the rest of taking them back. */
  async finish(id: string): Promise<RemedyRecord> {
    return this.#alone(async () => {
      const record = await this.journal.read(id)
      if (record.phase === 'applying') return this.#forward(record, undefined)
      if (record.phase === 'undoing') return this.#back(record)
      throw new RemedyError(`${record.title} was not interrupted: it is ${record.phase}`, 'Nothing has to be finished.')
    })
  }

  /** Brings back what was there before. */
  async undo(id: string): Promise<RemedyRecord> {
    return this.#alone(async () => {
      const record = await this.journal.read(id)
      if (record.phase === 'undone')
        throw new RemedyError(`${record.title} has been taken back already`, 'No action needed.')
      const targets = new Set(record.steps.map((one) => targetOf(one.change)).filter((one) => one !== ''))
      const later = (await this.journal.list()).find(
        (one) =>
          one.startedAt > record.startedAt &&
          one.phase !== 'undone' &&
          one.steps.some((step) => targets.has(targetOf(step.change))),
      )
      if (later)
        throw new RemedyError(
          `${record.title} cannot be taken back before a later change of the same settings`,
          `Take back "${later.title}" of ${later.startedAt} first.`,
        )
      return this.#back(record)
    })
  }

  /** The newest first, with those that nobody works on any more and that did not get to their end. */
  async list(): Promise<(RemedyRecord & { readonly isInterrupted: boolean })[]> {
    const isBusy = (await this.journal.holder()) !== undefined
    return (await this.journal.list()).map((one) => ({
      ...one,
      isInterrupted: !isBusy && (one.phase === 'applying' || one.phase === 'undoing'),
    }))
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const letGo = await this.journal.hold()
    try {
      return await work()
    } finally {
      await letGo()
    }
  }

  /** Now, and in any case later than every change before: they are taken back in the other order, also after a clock was set back. */
  async #afterOthers(): Promise<string> {
    const [newest] = await this.journal.list()
    return new Date(Math.max(Date.now(), newest ? Date.parse(newest.startedAt) + 1 : 0)).toISOString()
  }

  async #write(record: RemedyRecord): Promise<void> {
    await this.journal.write(record)
    this.#onChange(structuredClone(record))
  }

  /**
   * While a change is taken back: what is there is brought back also where the journal can no longer say so. Taking it back
   * once more does no harm, so a journal that stayed behind is no danger.
   */
  async #note(record: RemedyRecord): Promise<void> {
    try {
      await this.journal.write(record)
    } catch (error) {
      if (!(error instanceof RemedyError)) throw error
      record.problem ??= error.message
    }
    this.#onChange(structuredClone(record))
  }

  async #read(change: Change): Promise<Saved> {
    if (!canApply(change))
      throw new RemedyError(
        'options of policies and reservations are not changed from here',
        'Run the commands that are shown by hand.',
      )
    return readNow(change, this.#machine)
  }

  /** What a command says is kept; whether it did what it should is seen by reading again. */
  async #run(record: RemedyRecord, commands: readonly Command[]): Promise<string> {
    let last = ''
    for (const [program, ...values] of commands) {
      const { code, output, problem } = await this.#machine.run(program, values, { timeoutMs: commandTimeoutMs })
      const text = commandText([program, ...values], this.#machine.system)
      record.log.push({ command: text, code, output: output.slice(0, 2000) })
      if (code !== 0) last = `${text}: ${output.trim().slice(0, 300) || problem || `code ${code}`}`
    }
    return last
  }

  async #forward(record: RemedyRecord, signal: AbortSignal | undefined): Promise<RemedyRecord> {
    const { system, host } = this.#machine
    try {
      for (const step of record.steps) {
        if (step.state === 'done') continue
        if (signal?.aborted === true) throw new RemedyError('it was cancelled', 'Everything is as it was.')
        const { change } = step
        step.state = 'started'
        await this.#write(record).catch((error: unknown) => {
          step.state = 'waiting'
          throw error
        })
        const before = await this.#read(change)
        if (change.kind === 'restart' || !isReached(change, before)) {
          const said = await this.#run(record, applyCommands(change, system, before, host))
          const now = await this.#read(change)
          if (!isReached(change, now)) {
            const told = describeChange(change, now)
            throw new RemedyError(
              `${told.what} is ${told.now} where it should be ${told.wanted}${said === '' ? '' : ` (${said})`}`,
              'Everything is as it was.',
            )
          }
        }
        step.state = 'done'
        await this.#write(record)
      }
      record.phase = 'applied'
      record.endedAt = new Date().toISOString()
      await this.#write(record)
      return record
    } catch (error) {
      // A journal that cannot be written counts like a step that fails: nothing stays half-way or unrecorded.
      if (!(error instanceof RemedyError)) throw error
      record.problem = error.message
      return this.#back(record)
    }
  }

  async #back(record: RemedyRecord): Promise<RemedyRecord> {
    record.phase = 'undoing'
    delete record.endedAt
    await this.#note(record)
    await this.#wake(record)
    for (const step of undoOrder(record.steps, (one) => one.change)) {
      if (step.state === 'waiting') continue
      await this.#restore(record, step)
      step.state = 'waiting'
      await this.#note(record)
    }
    record.phase = 'undone'
    record.endedAt = new Date().toISOString()
    await this.#note(record)
    return record
  }

  /** Services that a restart left stopped when it was cut off run first: the options of a DHCP server that is stopped cannot be read. */
  async #wake(record: RemedyRecord): Promise<void> {
    for (const step of record.steps) {
      if (step.change.kind !== 'restart' || step.state !== 'started' || step.saved['state'] !== 'running') continue
      const now = await this.#read(step.change)
      if (now['state'] === 'stopped') await this.#restore(record, step)
    }
  }

  async #restore(record: RemedyRecord, { change, saved }: Step): Promise<void> {
    const before = await this.#read(change)
    const isRunningAgain = change.kind === 'restart' && saved['state'] === 'running'
    if (!isRunningAgain && isAsBefore(change, saved, before)) return
    const safe = await this.#onlyOurs(change, saved)
    const said = await this.#run(
      record,
      restoreCommands(change, safe, this.#machine.system, before, this.#machine.host),
    )
    const now = await this.#read(change)
    if (isAsBefore(change, saved, now)) return
    const told = describeChange(change, now)
    record.problem = `${told.what} is ${told.now} and could not be brought back to ${describeChange(change, saved).now}${said === '' ? '' : ` (${said})`}`
    await this.#note(record)
    throw new RemedyError(record.problem, 'Bring it back with the commands that are shown, then finish the undo.')
  }

  /** Of keys that were made on the way only those go again in which nobody else has put anything since. */
  async #onlyOurs(change: Change, saved: Saved): Promise<Saved> {
    const missing = saved['missingKey']
    if (change.kind !== 'registry' || missing === null || missing === undefined) return saved
    const { output } = await queryRegistry([missing, '/s'], this.#machine.run)
    const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '')
    const path = change.key.replace(/^HKLM/, 'HKEY_LOCAL_MACHINE').toLowerCase()
    const isOurs =
      lines.length > 0 &&
      lines.every((line) =>
        line.startsWith(' ')
          ? new RegExp(`^ {4}${change.name} {4}REG_`, 'i').test(line)
          : path.startsWith(line.trim().toLowerCase()),
      )
    return isOurs ? saved : { ...saved, missingKey: null }
  }
}
