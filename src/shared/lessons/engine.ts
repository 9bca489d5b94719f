/**
 * A lesson as it is played, sans IO: a state and an action give the next state. Times are handed in, nothing is stored here, and every
 * answer is computed from the simulation. States are plain data of a few hundred bytes, so that they can be kept and sent.
 */
import { inEnglish } from '#messages/text.ts'
import { say, type Phrase } from '#messages/message.ts'
import { describeScenarioProblem } from '../simulation/changes.ts'
import { randomFor } from '../simulation/random.ts'
import type { Change } from '../simulation/scenario.ts'
import type { ClientOutcome } from '../simulation/simulation.ts'
import type { Step } from '../simulation/story.ts'
import { bootOf, screenLines, stepsOf, type Boot, type Booted } from './boot.ts'
import { evaluate, ExpressionError, holds } from './expression.ts'
import type { Lesson, LessonStep, Moment } from './lesson.ts'
import { mostVariant } from './variants.ts'

/** Why a lesson cannot be played as it is written. */
export class LessonError extends Error {
  readonly remedy: string
  constructor(step: string, message: string, remedy: string) {
    super(`${step} ${message}`)
    this.remedy = remedy
  }
}

export interface OpenedLesson {
  readonly id: string
  readonly seed: number
  readonly isBlind: boolean
  /** Texts, addresses and names as the seed has them; without what would give the answer away in blind mode. */
  readonly lesson: Lesson
  readonly title: string
  /** The scenario, without its own explanations and repairs. */
  readonly input: Readonly<Record<string, unknown>>
  /** Boots that were computed, by their changes: the same changes give the same boot. */
  readonly boots: Map<string, Booted>
}

/** How a step ended: read, answered, its answer shown, or passed over because somebody else went on. */
export type Done = 'read' | 'right' | 'shown' | 'skipped'

export interface StepRecord {
  readonly wrong: readonly string[]
  readonly hints: number
  readonly done?: Done | undefined
  /** The last answer: the key of an option, or what was typed. */
  readonly answer?: string | undefined
}

export interface LessonState {
  readonly lesson: string
  readonly seed: number
  readonly isBlind: boolean
  /** Position of the step that is played, from 0; as many as there are steps when the lesson is over. */
  readonly at: number
  /** Milliseconds spent in it. */
  readonly ms: number
  readonly records: Readonly<Record<string, StepRecord>>
}

export type LessonAction =
  | { readonly do: 'next' | 'hint' | 'reveal' }
  | { readonly do: 'answer'; readonly answer: string }
  /** To a step, for a class that goes on together; what is passed over earns nothing. */
  | { readonly do: 'go'; readonly to: number }

/** What each hint costs, in points. */
export const hintCost = 2
const usualPoints = { predict: 10, ask: 10, fix: 20 } as const
/** Other answers that are offered beside the right one, at most. */
const mostOthers = 3

type Asked = Extract<LessonStep, { readonly hints: readonly string[] }>
const isAsked = (step: LessonStep): step is Asked => 'hints' in step

const numberOf = (text: string): number => Math.floor(randomFor(0, text)() * 1000)

/** By position and not by chance, so that neighbours never get the same where there is a choice. */
const chosen = <T>(list: readonly T[], seed: number, name: string): T => list[(seed + numberOf(name)) % list.length]!

function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => everyText(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, everyText(one, change)]))
}

/** Opens a lesson for a seed. `input` is its scenario as it was written. @throws {LessonError} where a name of it is not there */
export function openLesson(id: string, lesson: Lesson, input: unknown, seed: number, isBlind = false): OpenedLesson {
  const prefixes = new Map(Object.entries(lesson.vary.addresses).map(([from, to]) => [from, chosen(to, seed, `${id} ${from}`)])) // prettier-ignore
  // All at once: what one network became may be what another was.
  const pattern = /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}(?=\.\d)/g
  const varied = <T>(value: T): T =>
    everyText(value, (text) => text.replace(pattern, (from) => prefixes.get(from) ?? from)) as T
  const {
    goesWrong: _1,
    look: _2,
    hints: _3,
    repairs: _4,
    expect: _5,
    ...rest
  } = varied(input) as Record<string, unknown>
  const own = varied({ ...lesson, vary: {}, scenario: '' }) as unknown as Lesson
  const title = isBlind ? lesson.blindTitle : lesson.title
  const titles = Object.entries(lesson.vary.titles).map(([key, list]): Change => {
    const kind = ['hosts', 'clients'].find((one) => Object.hasOwn((rest[one] as object | undefined) ?? {}, key))
    if (kind === undefined)
      throw new LessonError('vary.titles', `names ${key}, which is no host or machine of the scenario`, 'Write a key of its hosts or clients.') // prettier-ignore
    return { path: `${kind}.${key}.title`, value: chosen(list, seed, `${id} ${key}`) }
  })
  const steps = own.steps.filter((one) => !(isBlind && one.kind === 'say' && one.spoils))
  return {
    id,
    seed,
    isBlind,
    lesson: { ...own, steps, set: [...titles, ...own.set] },
    title,
    input: { ...rest, title, summary: title, seed },
    boots: new Map(),
  }
}

const newRecord: StepRecord = { wrong: [], hints: 0 }
/** A step may be called as what every object has: constructor. */
const recordIn = (records: LessonState['records'] | undefined, id: string): StepRecord | undefined =>
  records && Object.hasOwn(records, id) ? records[id] : undefined
const recordOf = (state: LessonState, id: string): StepRecord => recordIn(state.records, id) ?? newRecord

export const beginLesson = ({ id, seed, isBlind }: OpenedLesson): LessonState => ({ lesson: id, seed, isBlind, at: 0, ms: 0, records: {} }) // prettier-ignore

function tryBoot(opened: OpenedLesson, changes: readonly Change[]): Booted {
  const key = JSON.stringify(changes)
  let known = opened.boots.get(key)
  if (!known) opened.boots.set(key, (known = bootOf(opened.input, changes)))
  return known
}

function boot(opened: OpenedLesson, changes: readonly Change[], where: string): Boot {
  const booted = tryBoot(opened, changes)
  if (booted.ok) return booted.boot
  throw new LessonError(
    where,
    `does not fit the network: ${inEnglish(describeScenarioProblem(booted.problems[0]!))}`,
    'Correct it.',
  )
}

/** Settings of the same path stand for each other; the newest wins. */
const joined = (before: readonly Change[], added: readonly Change[]): readonly Change[] => [
  ...before.filter((one) => !added.some((other) => other.path === one.path)),
  ...added,
]

const faultOf = (opened: OpenedLesson, step: Extract<LessonStep, { kind: 'break' }>) =>
  chosen(step.oneOf, opened.seed, `${opened.id} ${step.id}`)

/** @throws {LessonError} naming the step, where an expression is wrong */
function judged<T>(step: LessonStep, evaluated: () => T): T {
  try {
    return evaluated()
  } catch (error) {
    if (error instanceof ExpressionError) throw new LessonError(step.id, error.message, error.remedy)
    throw error
  }
}

const repairs = (opened: OpenedLesson, before: readonly Change[], step: Extract<LessonStep, { kind: 'fix' }>) =>
  step.repairs.map((one) => {
    const booted = tryBoot(opened, joined(before, one.set))
    return { ...one, booted, isRight: booted.ok && judged(step, () => holds(step.until, booted.boot.facts)) }
  })

/** The repair that is shown: one after which its condition holds, and the check that follows it as well. @throws {LessonError} */
function bestRepair(
  opened: OpenedLesson,
  before: readonly Change[],
  step: Extract<LessonStep, { kind: 'fix' }>,
): number {
  const { steps } = opened.lesson
  const later = steps.slice(steps.indexOf(step) + 1)
  const following = later.find((one) => ['check', 'break', 'fix'].includes(one.kind))
  const best = repairs(opened, before, step).findIndex(
    ({ isRight, set }) => isRight && (following?.kind !== 'check' || isPassed(opened, joined(before, set), following)),
  )
  if (best < 0)
    throw new LessonError(step.id, 'has no repair after which its condition and the check after it hold', 'Add one to repairs.') // prettier-ignore
  return best
}

/** The changes of the network in front of a step: what was broken, and what was repaired so far. */
export function changesBefore(opened: OpenedLesson, state: LessonState, at: number): readonly Change[] {
  let changes: readonly Change[] = opened.lesson.set
  for (const step of opened.lesson.steps.slice(0, at)) {
    if (step.kind === 'break') changes = joined(changes, faultOf(opened, step).set)
    if (step.kind !== 'fix') continue
    const { done, answer } = recordOf(state, step.id)
    const own = done === 'right' ? Number(answer) : bestRepair(opened, changes, step)
    changes = joined(changes, step.repairs[own]!.set)
  }
  return changes
}

interface Option {
  readonly key: string
  readonly text: Phrase
  readonly isRight: boolean
}

function momentIn(found: Boot, at: Moment, step: LessonStep): number {
  const steps = stepsOf(found, at.client)
  if (steps.length === 0)
    throw new LessonError(step.id, `looks at ${at.client}, which is no machine of the scenario`, `Write one of: ${Object.keys(found.facts.clients).join(', ')}.`) // prettier-ignore
  if (at.label === undefined) return steps.length - 1
  const matching = steps.flatMap((one, index) => (inEnglish(one.label).startsWith(at.label!) ? [index] : []))
  const index = matching[at.turn - 1]
  if (index === undefined)
    throw new LessonError(step.id, `looks at ${at.label}, which ${at.client} does not come to`, `Write one of: ${[...new Set(steps.map(({ label }) => inEnglish(label)))].join('; ')}.`) // prettier-ignore
  return index
}

function packetText({ story }: Boot, { kind, label, hops }: Step): Phrase {
  if (kind === 'end') return say('lesson.ends', { how: label })
  const hop = hops[0]!
  const from = story.names[hop.from] ?? hop.from
  const to = hops.at(-1)!.to.map((one) => story.names[one] ?? one)
  if (to.length === 1) return say('lesson.packet', { label, from, to: to[0]! })
  return to.length === 0 ? say('lesson.packet-lost', { label, from }) : say('lesson.packet-everybody', { label, from })
}

/** What stands on the screen of a machine at the end: its error, else the last line. */
function screenText(found: Boot, client: string): string {
  const outcome = found.story.outcomes.find((one) => one.name === client)
  if (!outcome) return ''
  const line = outcome.line.trim()
  return line === '' ? (outcome.screen.findLast((one) => one.trim() !== '') ?? '').trim() : line
}

/** Boots of the same network with other faults and repairs: what might have happened, for answers that are not right. */
function otherBoots(opened: OpenedLesson, before: readonly Change[]): Boot[] {
  const sets: (readonly Change[])[] = [opened.lesson.set]
  for (const step of opened.lesson.steps) {
    if (step.kind === 'break') sets.push(...step.oneOf.map((one) => joined(opened.lesson.set, one.set)))
    if (step.kind === 'fix') sets.push(...step.repairs.map((one) => joined(before, one.set)))
  }
  return sets.flatMap((one) => {
    const booted = tryBoot(opened, one)
    return booted.ok ? [booted.boot] : []
  })
}

const keyOf = (text: Phrase): string => (typeof text === 'string' ? text : JSON.stringify(text))

function shuffled<T>(list: readonly T[], seed: number, name: string): T[] {
  const random = randomFor(seed, name)
  return list
    .map((value) => ({ value, weight: random() }))
    .sort((a, b) => a.weight - b.weight)
    .map(({ value }) => value)
}

function predictions(
  opened: OpenedLesson,
  before: readonly Change[],
  step: Extract<LessonStep, { kind: 'predict' }>,
): Option[] {
  const now = boot(opened, before, step.id)
  const { client } = step.at
  const at = momentIn(now, step.at, step)
  const facts = now.facts.clients[client]!
  if (step.what === 'winning-offer' || step.what === 'boot-server') {
    const right = step.what === 'winning-offer' ? facts['server'] : facts['bootServer']
    const hosts = Object.entries(now.scenario.hosts).filter(([, { kind }]) => kind !== 'router')
    return [
      ...hosts.map(([key]) => ({ key, text: now.story.names[key] ?? key, isRight: key === right })),
      { key: 'none', text: say(step.what === 'winning-offer' ? 'lesson.no-offer' : 'lesson.no-boot-server'), isRight: right === '' }, // prettier-ignore
    ]
  }
  const others = otherBoots(opened, before)
  let right: Phrase
  let wrong: Phrase[]
  if (step.what === 'screen') {
    right = screenText(now, client)
    wrong = others.flatMap((one) => Object.keys(one.facts.clients).map((other) => screenText(one, other)))
  } else {
    const steps = stepsOf(now, client)
    const next = steps[at + 1]
    if (!next)
      throw new LessonError(
        step.id,
        'looks at the end of the boot, and nothing comes after it',
        'Name an earlier step.',
      )
    right = packetText(now, next)
    const later = steps.slice(at + 2).map((one) => packetText(now, one))
    const elsewhere = others.flatMap((one) => stepsOf(one, client).map((other) => packetText(one, other)))
    wrong = [
      ...shuffled(later, opened.seed, `${step.id} later`),
      ...shuffled(elsewhere, opened.seed, `${step.id} elsewhere`),
    ]
  }
  const texts = new Map<string, Phrase>([[keyOf(right), right]])
  for (const text of wrong) if (texts.size <= mostOthers && text !== '') texts.set(keyOf(text), text)
  // Keys are positions before the shuffle that is shown, which says nothing of what is right.
  return shuffled([...texts.values()], opened.seed, `${step.id} keys`).map((text, index) => ({
    key: String(index),
    text,
    isRight: keyOf(text) === keyOf(right),
  }))
}

function optionsOf(opened: OpenedLesson, before: readonly Change[], step: LessonStep): readonly Option[] {
  if (step.kind === 'predict') return predictions(opened, before, step)
  if (step.kind === 'ask' && step.options) {
    const now = boot(opened, before, step.id)
    const filled = (text: string): string => fill(text, now, step)
    const all = step.options.map(({ text, when }, index) => ({
      key: String(index),
      text: filled(text),
      isRight: judged(step, () => holds(when, now.facts)),
    }))
    return shuffled(all, opened.seed, step.id)
  }
  if (step.kind === 'fix') {
    const now = boot(opened, before, step.id)
    const all = repairs(opened, before, step).map(({ text, isRight }, index) => ({ key: String(index), text: fill(text, now, step), isRight })) // prettier-ignore
    return shuffled(all, opened.seed, step.id)
  }
  return []
}

/** Names and facts in a text: `{dhcp1}` is what people call it, `{uefi-pc.address}` what the boot gave. */
function fill(text: string, { story, facts }: Boot, step: LessonStep): string {
  return text.replace(/\{([a-z][\w-]*(?:\.\w+)?)\}/gi, (_, path: string) => {
    if (!path.includes('.') && (Object.hasOwn(facts.clients, path) || Object.hasOwn(facts.hosts, path)))
      return story.names[path] ?? path
    return judged(step, () => {
      const value = String(evaluate(path, facts))
      return Object.hasOwn(facts.hosts, value) ? (story.names[value] ?? value) : value
    })
  })
}

/** Keyboards of East Asia write full-width letters and digits. */
const plainly = (text: string): string =>
  text.normalize('NFKC').trim().toLowerCase().replaceAll('/', '\\').replace(/^\\/, '')

/** `12.5`, or `12,5` as most languages write it. */
const typedNumber = (text: string): number => {
  const plain = text.normalize('NFKC').trim()
  return plain === '' ? NaN : Number(plain.replace(/^([+-]?\d+),(\d+)$/, '$1.$2'))
}

/** What was typed against a fact: numbers by their value, names of hosts by what people call them, paths with either slash. */
function isTypedRight(opened: OpenedLesson, before: readonly Change[], step: LessonStep, typed: string): boolean {
  if (step.kind !== 'ask' || step.value === undefined) return false
  const now = boot(opened, before, step.id)
  const value = judged(step, () => evaluate(step.value!, now.facts))
  if (typeof value === 'number') return typedNumber(typed) === value
  return [String(value), now.story.names[String(value)] ?? String(value)].some((one) => plainly(one) === plainly(typed))
}

function rightAnswer(opened: OpenedLesson, before: readonly Change[], step: LessonStep): string {
  if (step.kind === 'ask' && step.value !== undefined) {
    const value = String(judged(step, () => evaluate(step.value!, boot(opened, before, step.id).facts)))
    return boot(opened, before, step.id).story.names[value] ?? value
  }
  if (step.kind === 'fix') return String(bestRepair(opened, before, step))
  const right = optionsOf(opened, before, step).find((one) => one.isRight)
  if (!right)
    throw new LessonError(step.id, 'has no right answer', 'Correct the conditions, or add an answer that is right.')
  return right.key
}

/** What a check finds: whether all that it wants holds. */
function isPassed(
  opened: OpenedLesson,
  before: readonly Change[],
  step: Extract<LessonStep, { kind: 'check' }>,
): boolean {
  const now = boot(opened, before, step.id)
  if (step.that !== undefined && !judged(step, () => holds(step.that!, now.facts))) return false
  return Object.entries(step.expect ?? {}).every(([name, { outcome, code }]) => {
    const facts = now.facts.clients[name]
    if (!facts) throw new LessonError(step.id, `expects something of ${name}, which is no machine of the scenario`, `Write one of: ${Object.keys(now.facts.clients).join(', ')}.`) // prettier-ignore
    return facts['state'] === outcome && (code === undefined || facts['code'] === code)
  })
}

const withRecord = (state: LessonState, id: string, change: Partial<StepRecord>): LessonState => ({
  ...state,
  records: { ...state.records, [id]: { ...recordOf(state, id), ...change } },
})

function pointsOf(step: LessonStep): number {
  return isAsked(step) ? (step.points ?? usualPoints[step.kind]) : 0
}

/** What a step is worth by now: the first wrong answer costs half, the second the rest, and each hint its points. */
function worthOf(step: LessonStep, { wrong, hints }: StepRecord): number {
  const most = pointsOf(step)
  return Math.max(0, most - wrong.length * Math.ceil(most / 2) - hints * hintCost)
}

/** The step where a repair has to be chosen anew when a check fails. */
const fixBefore = ({ lesson }: OpenedLesson, at: number): number =>
  lesson.steps.findLastIndex((step, index) => index < at && step.kind === 'fix')

function next(opened: OpenedLesson, state: LessonState, step: LessonStep): LessonState {
  const record = recordOf(state, step.id)
  if (isAsked(step) && record.done === undefined) return state
  if (step.kind === 'check' && !isPassed(opened, changesBefore(opened, state, state.at), step)) {
    const back = fixBefore(opened, state.at)
    if (back < 0) throw new LessonError(step.id, 'does not hold, and nothing before it can be repaired', 'Correct the condition, or add a fix before it.') // prettier-ignore
    const fix = opened.lesson.steps[back]!
    const { answer, wrong } = recordOf(state, fix.id)
    // A repair that helps one machine and leaves another was a wrong answer after all.
    const found = { wrong: [...wrong, answer ?? ''], done: undefined, answer }
    return { ...withRecord(state, fix.id, found), at: back }
  }
  const done = isAsked(step) ? state : withRecord(state, step.id, { done: record.done ?? 'read' })
  return { ...done, at: state.at + 1 }
}

function answered(opened: OpenedLesson, state: LessonState, step: LessonStep, answer: string): LessonState {
  const record = recordOf(state, step.id)
  if (!isAsked(step) || record.done !== undefined) return state
  const before = changesBefore(opened, state, state.at)
  const isTyped = step.kind === 'ask' && step.value !== undefined
  const option = isTyped ? undefined : optionsOf(opened, before, step).find(({ key }) => key === answer)
  // What is no answer costs nothing.
  if (isTyped ? answer.trim() === '' : !option) return state
  const isRight = option ? option.isRight : isTypedRight(opened, before, step, answer)
  const isNew = !record.wrong.includes(answer)
  // A repair that a check sent back is not right a second time.
  if (isRight && !(step.kind === 'fix' && !isNew)) return withRecord(state, step.id, { done: 'right', answer })
  return withRecord(state, step.id, { answer, ...(isNew && { wrong: [...record.wrong, answer] }) })
}

/** Goes on from a state. What cannot be done there leaves it as it is. `spentMs` is the time since the action before. */
export function act(opened: OpenedLesson, state: LessonState, action: LessonAction, spentMs = 0): LessonState {
  const step = opened.lesson.steps[state.at]
  const timed: LessonState = step ? { ...state, ms: state.ms + Math.max(0, Math.round(spentMs)) } : state
  switch (action.do) {
    case 'next':
      return step ? next(opened, timed, step) : state
    case 'answer':
      return step ? answered(opened, timed, step, action.answer) : state
    case 'hint': {
      if (!step || !isAsked(step)) return timed
      const { hints, done } = recordOf(state, step.id)
      return done !== undefined || hints >= step.hints.length ? timed : withRecord(timed, step.id, { hints: hints + 1 })
    }
    case 'reveal': {
      if (!step || !isAsked(step) || recordOf(state, step.id).done !== undefined) return timed
      return withRecord(timed, step.id, { done: 'shown', answer: rightAnswer(opened, changesBefore(opened, state, state.at), step) }) // prettier-ignore
    }
    case 'go': {
      const to = Math.max(0, Math.min(Math.trunc(action.to), opened.lesson.steps.length))
      let moved = timed
      for (const passed of opened.lesson.steps.slice(state.at, Math.max(state.at, to)))
        if (recordOf(moved, passed.id).done === undefined)
          moved = withRecord(moved, passed.id, { done: isAsked(passed) ? 'skipped' : 'read' })
      return { ...moved, at: to }
    }
  }
}

/** What a machine did before a change and after it. */
export interface Compared {
  readonly before: readonly ClientOutcome[]
  readonly after: readonly ClientOutcome[]
}

export interface StepView {
  readonly id: string
  readonly kind: LessonStep['kind']
  readonly at: number
  readonly of: number
  readonly text: string
  readonly options: readonly { readonly key: string; readonly text: Phrase }[]
  readonly isTyped: boolean
  readonly hints: readonly string[]
  readonly hintsLeft: number
  /** What the right answer earns by now, in points. */
  readonly worth: number
  readonly record: StepRecord
  /** What is said of the last answer. */
  readonly because: string | undefined
  /** The answer where it is known: what was chosen, or what was shown. */
  readonly answer: Phrase | undefined
  readonly compared: Compared | undefined
  /** What the last repair cannot do with this network. */
  readonly refused: Phrase | undefined
  /** The boot that is looked at: steps of the machine up to there, and what it is called. */
  readonly look: Look | undefined
}

export interface Look {
  readonly client: string
  readonly name: string
  readonly input: unknown
  readonly changes: readonly Change[]
  /** Position of the last step that is shown among those of the machine. */
  readonly step: number
  readonly steps: readonly { readonly at: number; readonly what: Phrase; readonly sentence: Phrase }[]
  readonly screen: readonly string[]
  readonly family: string
}

function lookOf(
  opened: OpenedLesson,
  changes: readonly Change[],
  step: LessonStep,
  isAnswered: boolean,
): Look | undefined {
  const at = 'at' in step ? step.at : undefined
  if (!at) return undefined
  const found = boot(opened, changes, step.id)
  const all = stepsOf(found, at.client)
  let upTo = momentIn(found, at, step)
  // What is asked is not shown before it was answered: for the screen nothing from its last picture on.
  if (step.kind === 'predict' && isAnswered) upTo = step.what === 'next-packet' ? upTo + 1 : all.length - 1
  const isWhole = upTo >= all.length - 1
  const until = isWhole ? Infinity : all[upTo]!.until
  const printed = (found.story.screens[at.client] ?? []).filter((one) => one.at <= until)
  const outcome = found.story.outcomes.find((one) => one.name === at.client)
  return {
    client: at.client,
    name: found.story.names[at.client] ?? at.client,
    input: opened.input,
    changes,
    step: upTo,
    steps: all.slice(0, upTo + 1).map((one) => ({ at: one.at, what: packetText(found, one), sentence: one.sentence })),
    screen: isWhole ? (outcome?.screen ?? []) : screenLines(printed.map((one) => one.text)),
    family: found.story.families[at.client] ?? '',
  }
}

/** @throws {LessonError} where the lesson cannot be played as it is written */
export function viewOf(opened: OpenedLesson, state: LessonState): StepView | undefined {
  const step = opened.lesson.steps[state.at]
  if (!step) return undefined
  const before = changesBefore(opened, state, state.at)
  const record = recordOf(state, step.id)
  const now = boot(opened, step.kind === 'break' ? joined(before, faultOf(opened, step).set) : before, step.id)
  const options = optionsOf(opened, before, step)
  const isDone = record.done !== undefined
  const tried = step.kind === 'fix' && record.answer !== undefined ? step.repairs[Number(record.answer)] : undefined
  const after = tried && tryBoot(opened, joined(before, tried.set))
  const because = tried?.says ?? (isDone && isAsked(step) ? step.because : undefined)
  return {
    id: step.id,
    kind: step.kind,
    at: state.at,
    of: opened.lesson.steps.length,
    text: fill(step.text, now, step),
    options: options.map(({ key, text }) => ({ key, text })),
    isTyped: step.kind === 'ask' && step.value !== undefined,
    hints: isAsked(step) ? step.hints.slice(0, record.hints).map((one) => fill(one, now, step)) : [],
    hintsLeft: isAsked(step) ? step.hints.length - record.hints : 0,
    worth: worthOf(step, record),
    record,
    because: because === undefined ? undefined : fill(because, now, step),
    answer:
      record.answer === undefined
        ? undefined
        : (options.find(({ key }) => key === record.answer)?.text ?? record.answer),
    compared: after?.ok ? { before: now.story.outcomes, after: after.boot.story.outcomes } : undefined,
    refused: after && !after.ok ? describeScenarioProblem(after.problems[0]!) : undefined,
    look: lookOf(opened, before, step, isDone),
  }
}

export interface ResultLine {
  readonly id: string
  readonly text: string
  readonly points: number
  readonly of: number
  readonly done: Done | undefined
  readonly hints: number
  readonly answer: Phrase | undefined
  readonly wrong: readonly Phrase[]
}

export interface LessonResult {
  readonly score: number
  readonly of: number
  readonly ms: number
  readonly isComplete: boolean
  readonly lines: readonly ResultLine[]
}

const earned = (step: LessonStep, record: StepRecord): number => (record.done === 'right' ? worthOf(step, record) : 0)

/** Score, time and every answer, also before the end. */
export function resultOf(opened: OpenedLesson, state: LessonState): LessonResult {
  const { steps } = opened.lesson
  const lines = steps.flatMap((step, at): ResultLine[] => {
    if (!isAsked(step)) return []
    const record = recordOf(state, step.id)
    const isReached = record.done !== undefined || record.wrong.length > 0 || record.hints > 0
    const before = isReached ? changesBefore(opened, state, at) : undefined
    const options = before ? optionsOf(opened, before, step) : []
    const told = (answer: string): Phrase => options.find(({ key }) => key === answer)?.text ?? answer
    return [
      {
        id: step.id,
        text: before ? fill(step.text, boot(opened, before, step.id), step) : '',
        points: earned(step, record),
        of: pointsOf(step),
        done: record.done,
        hints: record.hints,
        answer: record.done === undefined || record.answer === undefined ? undefined : told(record.answer),
        wrong: record.wrong.map(told),
      },
    ]
  })
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0)
  return {
    score: sum(lines.map(({ points }) => points)),
    of: sum(lines.map((one) => one.of)),
    ms: state.ms,
    isComplete: state.at >= steps.length,
    lines,
  }
}

/** What a learning platform keeps of a lesson: numbers, the place, and a state that `restored` takes; never a trace. */
export interface LessonReport {
  readonly lesson: string
  readonly seed: number
  readonly score: number
  readonly of: number
  /** 0 to 100; 100 where nothing is asked. */
  readonly percent: number
  readonly ms: number
  readonly isComplete: boolean
  /** The step, by its own name; undefined at the end. */
  readonly place: string | undefined
  readonly answers: readonly { readonly step: string; readonly answer: string; readonly isRight: boolean; readonly wrong: readonly string[] }[] // prettier-ignore
  /** The state with the seed and the answers in it, which `restored` takes: JSON, at most `mostPacked` characters. */
  readonly state: string
}

export function reportOf(opened: OpenedLesson, state: LessonState): LessonReport {
  const { score, of, ms, isComplete } = resultOf(opened, state)
  return {
    lesson: opened.id,
    seed: opened.seed,
    score,
    of,
    percent: of === 0 ? 100 : Math.round((score / of) * 100),
    ms,
    isComplete,
    place: opened.lesson.steps[state.at]?.id,
    answers: opened.lesson.steps.flatMap((step) => {
      const record = recordIn(state.records, step.id)
      return isAsked(step) && record?.done !== undefined
        ? [{ step: step.id, answer: record.answer ?? '', isRight: record.done === 'right', wrong: record.wrong }]
        : []
    }),
    state: packed(opened, state),
  }
}

/** What SCORM 1.2 keeps of a lesson: `cmi.suspend_data` has so many characters at most. */
export const mostPacked = 4096
/** Of what somebody typed this much is kept. */
const packedTyped = 40
/** Wrong answers beyond it cost nothing more. */
const packedWrong = 8
const dones: readonly Done[] = ['read', 'right', 'shown', 'skipped']

/** A state as short JSON: version, seed, whether blind, place, time and, step by step, how it ended, hints, answer, wrong answers. */
function packed({ lesson }: OpenedLesson, { seed, isBlind, at, ms, records }: LessonState): string {
  const write = (typed: number): string =>
    JSON.stringify([
      1,
      seed,
      isBlind ? 1 : 0,
      at,
      ms,
      lesson.steps.map((step) => {
        const record = recordIn(records, step.id)
        if (!record) return 0
        const { done, hints, answer, wrong } = record
        // Which repair was chosen decides what comes after it.
        const most = step.kind === 'fix' ? packedTyped : typed
        const own = [done === undefined ? -1 : dones.indexOf(done), hints, answer?.slice(0, most) ?? 0, wrong.slice(0, packedWrong).map((one) => one.slice(0, most))] // prettier-ignore
        return done === 'read' && hints === 0 ? 1 : own
      }),
    ])
  // Sixty questions with long answers are more than there is room for; how many answers were wrong is kept in any case.
  return [packedTyped, 8, 1].map(write).find((text) => text.length <= mostPacked) ?? write(0)
}

/** Variant and mode of a packed state, before its lesson is open; undefined where it is none. */
export function packedVariant(text: string): { readonly seed: number; readonly isBlind: boolean } | undefined {
  const value = parsed(text)
  if (!Array.isArray(value)) return undefined
  const [version, seed, isBlind] = value as unknown[]
  const isSeed = Number.isInteger(seed) && (seed as number) >= 1 && (seed as number) <= mostVariant
  return version === 1 && isSeed ? { seed: seed as number, isBlind: isBlind === 1 } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The state that `packed` wrote, not yet checked. */
function unpacked({ id, lesson }: OpenedLesson, value: readonly unknown[]): unknown {
  const [version, seed, isBlind, at, ms, steps] = value
  if (version !== 1 || !Array.isArray(steps) || steps.length !== lesson.steps.length) return undefined
  const records = lesson.steps.flatMap((step, index) => {
    const own = steps[index] as unknown
    if (own === 0) return []
    if (own === 1) return [[step.id, { wrong: [], hints: 0, done: 'read' }]]
    const [done, hints, answer, wrong] = (Array.isArray(own) ? own : []) as unknown[]
    return [[step.id, { wrong, hints, ...(done !== -1 && { done: dones[done as number] ?? 'none' }), ...(answer !== 0 && { answer }) }]] // prettier-ignore
  })
  return { lesson: id, seed, isBlind: isBlind === 1, at, ms, records: Object.fromEntries(records) as unknown }
}

/** Whether it is the key of one of its repairs. */
const isRepair = ({ repairs }: Extract<LessonStep, { kind: 'fix' }>, answer: string | undefined): boolean =>
  repairs.some((_, at) => String(at) === answer)

/** A state that was kept, where it is one of this lesson; undefined where it is damaged or of another. */
export function restored(opened: OpenedLesson, kept: unknown): LessonState | undefined {
  let value = typeof kept === 'string' ? parsed(kept) : kept
  if (Array.isArray(value)) value = unpacked(opened, value)
  if (typeof value !== 'object' || value === null) return undefined
  const { lesson, seed, isBlind, at, ms, records } = value as Partial<LessonState>
  if (lesson !== opened.id || seed !== opened.seed || isBlind !== opened.isBlind) return undefined
  if (
    !Number.isInteger(at) ||
    at! < 0 ||
    at! > opened.lesson.steps.length ||
    typeof ms !== 'number' ||
    !(ms >= 0 && ms < Infinity)
  )
    return undefined
  if (typeof records !== 'object' || records === null) return undefined
  const clean: Record<string, StepRecord> = {}
  for (const step of opened.lesson.steps) {
    const record: unknown = recordIn(records, step.id)
    if (record === undefined) continue
    if (typeof record !== 'object' || record === null) return undefined
    const { wrong, hints, done, answer } = record as Partial<StepRecord>
    if (!Array.isArray(wrong) || !wrong.every((one) => typeof one === 'string') || !Number.isInteger(hints))
      return undefined
    if (done !== undefined && !['read', 'right', 'shown', 'skipped'].includes(done)) return undefined
    if (answer !== undefined && typeof answer !== 'string') return undefined
    // Kept of the lesson as it was before it was edited: that hint or repair is no longer there.
    if (hints! < 0 || hints! > (isAsked(step) ? step.hints.length : 0)) return undefined
    if (step.kind === 'fix' && done === 'right' && !isRepair(step, answer)) return undefined
    clean[step.id] = { wrong, hints: hints!, ...(done && { done }), ...(answer !== undefined && { answer }) }
  }
  return { lesson, seed, isBlind, at: at!, ms, records: clean }
}

/** What happened between two states, for whoever watches a class. */
export type LessonEvent =
  | { readonly type: 'at-step'; readonly lesson: string; readonly seed: number; readonly step: string | undefined; readonly at: number; readonly of: number } // prettier-ignore
  | { readonly type: 'answered'; readonly lesson: string; readonly seed: number; readonly step: string; readonly answer: string; readonly isRight: boolean } // prettier-ignore

export function eventsOf(opened: OpenedLesson, before: LessonState | undefined, after: LessonState): LessonEvent[] {
  const { id: lesson, seed } = opened
  const { steps } = opened.lesson
  const events: LessonEvent[] = []
  for (const { id } of steps) {
    const [was, is] = [recordIn(before?.records, id), recordIn(after.records, id)]
    if (is?.done === 'right' && was?.done !== 'right')
      events.push({ type: 'answered', lesson, seed, step: id, answer: is.answer ?? '', isRight: true })
    else if (before && (is?.wrong.length ?? 0) > (was?.wrong.length ?? 0))
      events.push({ type: 'answered', lesson, seed, step: id, answer: is!.wrong.at(-1)!, isRight: false })
  }
  if (before?.at !== after.at)
    events.push({ type: 'at-step', lesson, seed, step: steps[after.at]?.id, at: after.at, of: steps.length })
  return events
}

/**
 * What only a boot can tell of a lesson: names that are not there, questions with no right answer or nothing but right ones, checks
 * that cannot be passed. Plays it once with the given seed.
 */
export function problemsOf(opened: OpenedLesson): LessonError[] {
  const problems: LessonError[] = []
  let state = beginLesson(opened)
  for (const step of opened.lesson.steps)
    try {
      viewOf(opened, state)
      if (isAsked(step)) {
        const options = optionsOf(opened, changesBefore(opened, state, state.at), step)
        const right = options.filter((one) => one.isRight).length
        if (options.length > 0 && (right === 0 || right === options.length))
          problems.push(new LessonError(step.id, `has ${right} right answers of ${options.length}`, 'Correct the conditions, so that some answers are right and some are not.')) // prettier-ignore
        state = act(opened, state, { do: 'reveal' })
      }
      const at = state.at
      state = act(opened, state, { do: 'next' })
      if (state.at < at) {
        problems.push(new LessonError(step.id, 'does not hold after the first repair that fits', 'Correct the condition, or the condition until of the fix before it.')) // prettier-ignore
        return problems
      }
    } catch (error) {
      if (!(error instanceof LessonError)) throw error
      // What follows would be told of the same mistake.
      return [...problems, error]
    }
  return problems
}
