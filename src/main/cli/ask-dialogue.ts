/** The dialogue on a terminal: a question, an answer, back, quit. What it prints to and reads from is given to it. */
import { t, textOf } from '#messages/text.ts'
import {
  evidenceOfAnswer,
  stateOf,
  type Evidence,
  type Question,
  type Remaining,
  type State,
} from '#shared/diagnosis/inverse/dialogue.ts'
import type { ObservationId } from '#shared/diagnosis/inverse/observations.ts'
import { limits } from '#shared/diagnosis/inverse/report.ts'
import type { Space } from '#shared/diagnosis/inverse/space.ts'
import type { Verification } from '#shared/diagnosis/inverse/verify.ts'
import { alikeLines, causeLines, conflictLines, fixLines, leaves, meaningLines, questionLines } from './ask-text.ts'

export interface AskStart {
  readonly evidence: readonly Evidence[]
  readonly unknown: readonly ObservationId[]
  readonly remarks: readonly string[]
  /** What commonly causes what a capture shows, for where no set-up does. */
  readonly common: readonly string[]
}

export interface AskTerminal {
  print(text: string): void
  /** Undefined at the end of input. */
  ask(text: string): Promise<string | undefined>
}

interface Step {
  readonly evidence: readonly Evidence[]
  readonly unknown: readonly ObservationId[]
}

export class AskDialogue {
  readonly #space: Space
  readonly #start: AskStart
  readonly #verify: (left: Remaining) => Promise<Verification>
  readonly #terminal: AskTerminal
  readonly #steps: Step[]

  constructor(
    space: Space,
    start: AskStart,
    verify: (left: Remaining) => Promise<Verification>,
    terminal: AskTerminal,
  ) {
    this.#space = space
    this.#start = start
    this.#verify = verify
    this.#terminal = terminal
    this.#steps = [start]
  }

  #print(...lines: readonly string[]): void {
    this.#terminal.print(lines.join('\n'))
  }

  get #step(): Step {
    return this.#steps.at(-1)!
  }

  #back(): void {
    if (this.#steps.length > 1) this.#steps.pop()
    else this.#print(t('cli.nothing-answered-yet'))
  }

  /** Until one cause is left, somebody quits, or the input ends; the last state. */
  async run(): Promise<State> {
    const { evidence, remarks } = this.#start
    const told = [...meaningLines(evidence), ...remarks]
    if (told.length > 0) this.#print(...told, '')
    for (;;) {
      const state = stateOf(this.#space, this.#step.evidence, this.#step.unknown)
      const hasEnded = (await this.#turn(state)) === 'end'
      if (!hasEnded) continue
      this.#print('', textOf(limits(this.#space.setups.length)))
      return state
    }
  }

  async #turn(state: State): Promise<'on' | 'end'> {
    const { kind, causes, questions } = state
    if (kind === 'none') return this.#contradiction(state)
    if (kind === 'one') {
      this.#print(...fixLines(causes[0]!, await this.#verify(causes[0]!)))
      return this.#after(`${t('cli.enter-ends-b-goes-back')} `)
    }
    this.#print(t('cli.causes-fit', { length: causes.length }), ...causeLines(causes), '')
    const [question] = questions
    if (kind === 'alike' || !question) {
      this.#print(...alikeLines())
      return this.#after(`${t('cli.enter-ends-b-goes-back')} `)
    }
    return this.#question(question)
  }

  async #after(prompt: string): Promise<'on' | 'end'> {
    const given = (await this.#terminal.ask(prompt))?.trim().toLowerCase()
    if (given !== 'b') return 'end'
    this.#back()
    return 'on'
  }

  async #question(question: Question): Promise<'on' | 'end'> {
    const { id, choices } = question
    this.#print(...questionLines(question))
    for (const [index, { says, leaves: count }] of choices.entries())
      this.#print(`  ${String(index + 1).padStart(2)}  ${textOf(says)} (${leaves(count)})`)
    for (;;) {
      const given = (await this.#terminal.ask(`${t('cli.answer-1-not-known-b', { length: choices.length })} `))?.trim().toLowerCase() // prettier-ignore
      if (given === undefined || given === 'q') return 'end'
      if (given === 'b') {
        this.#back()
        return 'on'
      }
      const { evidence, unknown } = this.#step
      if (given === '?') {
        this.#steps.push({ evidence, unknown: [...unknown, id] })
        return 'on'
      }
      const choice = /^\d+$/.test(given) ? choices[Number(given) - 1] : choices.find(({ answer }) => answer.toLowerCase() === given) // prettier-ignore
      if (choice) {
        this.#steps.push({ evidence: [...evidence, evidenceOfAnswer(id, choice.answer)], unknown })
        return 'on'
      }
      this.#print(t('cli.none-these', { given }))
    }
  }

  /** Lets somebody take one of the pieces back that contradict each other. */
  async #contradiction({ conflicts }: State): Promise<'on' | 'end'> {
    this.#print(...conflictLines(conflicts, this.#start.common))
    const removable = conflicts.filter((one) => one.source !== 'assumed')
    if (removable.length === 0) return this.#after(`${t('cli.enter-ends-b-goes-back')} `)
    for (const [index, { says }] of removable.entries()) this.#print(`  ${index + 1}  ${t('cli.take-back', { says })}`)
    const given = (await this.#terminal.ask(`${t('cli.take-back-1-b-back', { length: removable.length })} `))?.trim()
    if (given === undefined || given.toLowerCase() === 'q') return 'end'
    const taken = removable[Number(given) - 1]
    if (taken) {
      const { evidence, unknown } = this.#step
      this.#steps.push({ evidence: evidence.filter((one) => one !== taken), unknown: [...unknown, taken.id] })
    } else if (given.toLowerCase() === 'b') this.#back()
    return 'on'
  }
}
