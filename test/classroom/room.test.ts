/** A class without sockets: students who come, go and come back in any order, hostile ones among them, and votes without names. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  classBounds,
  classStateSchema,
  codeLetters,
  toStudentSchema,
  type ClassLead,
  type ClassPlace,
  type StudentState,
  type ToStudent,
} from '#shared/contract/classroom.ts'
import { newCode, readCode, readName } from '#shared/classroom/names.ts'
import { ClassRoom, classLimits, type ClassInput } from '#shared/classroom/room.ts'
import { randomFor } from '#shared/simulation/random.ts'

const code = 'CDFHJ'

/** A room, and browsers that remember what was said to them. */
class Class {
  readonly room: ClassRoom
  readonly heard = new Map<number, ToStudent[]>()
  readonly open = new Set<number>()
  now = 0
  #connections = 0
  #tokens = 0

  constructor() {
    this.room = new ClassRoom({ code, newToken: () => `token-${++this.#tokens}` })
  }
  take(input: ClassInput): void {
    this.room.handle(input, this.now)
    for (let output = this.room.pollTransmit(); output; output = this.room.pollTransmit())
      if ('hangUp' in output) {
        // A socket that is closed is told to the room, as the door does.
        if (this.open.delete(output.hangUp)) this.take({ kind: 'went', connection: output.hangUp })
      } else {
        toStudentSchema.parse(output.message)
        this.heard.get(output.to)!.push(output.message)
      }
  }
  dial(address = '10.0.0.1'): number {
    const connection = ++this.#connections
    this.heard.set(connection, [])
    this.open.add(connection)
    this.take({ kind: 'came', connection, address })
    return connection
  }
  say(connection: number, message: unknown): void {
    this.take({ kind: 'said', connection, message })
  }
  join(name: string, address?: string): number {
    const connection = this.dial(address)
    this.say(connection, { do: 'join', code, name })
    return connection
  }
  leave(connection: number): void {
    this.open.delete(connection)
    this.take({ kind: 'went', connection })
  }
  lead(lead: ClassLead): void {
    this.take({ kind: 'lead', lead })
  }
  last(connection: number): ToStudent | undefined {
    return this.heard.get(connection)!.at(-1)
  }
  /** What a student sees of the class. */
  seen(connection: number): StudentState {
    const told = this.heard.get(connection)!.findLast((one) => one.tell === 'class')
    if (told?.tell !== 'class') throw new Error('not in the class')
    return told.state
  }
  token(connection: number): string {
    const told = this.heard.get(connection)!.find((one) => one.tell === 'in')
    return told?.tell === 'in' ? told.token : ''
  }
  get state() {
    return classStateSchema.parse(this.room.state([]))
  }
}

const place = (at: number): ClassPlace => ({ kind: 'lesson', lesson: 'what-is-dhcp', title: 'DHCP', seed: null, isBlind: false, at, text: null }) // prettier-ignore
const names = (one: Class): string[] => one.state.students.map(({ name, isHere }) => (isHere ? name : `(${name})`))

describe('coming in', () => {
  test('with the code in any spelling and a name; neighbours get numbers that follow each other', () => {
    const one = new Class()
    const anna = one.dial()
    one.say(anna, { do: 'join', code: ' cdf-hj ', name: '  Anna   K. ' })
    expect(one.heard.get(anna)).toEqual([
      { tell: 'in', number: 1, name: 'Anna K.', token: 'token-1' },
      { tell: 'class', state: { place: null, isRevealed: false, vote: null } },
    ])
    one.join('Bo')
    expect(one.state.students.map(({ number, name }) => [number, name])).toEqual([
      [1, 'Anna K.'],
      [2, 'Bo'],
    ])
  })

  test('a wrong code, no name, a name that somebody has, and a locked or full class are each told', () => {
    const one = new Class()
    const anna = one.join('Anna')
    const refusal = (message: object): unknown => {
      const connection = one.dial()
      one.say(connection, { do: 'join', code, ...message })
      return one.last(connection)
    }
    expect(refusal({ code: 'CDFHH', name: 'Bo' })).toEqual({ tell: 'refused', why: 'code' })
    expect(refusal({ name: '\u{202e}oB' })).toEqual({ tell: 'refused', why: 'name' })
    expect(refusal({ name: 'ANNA' })).toEqual({ tell: 'refused', why: 'taken' })
    one.lead({ do: 'lock', isLocked: true })
    expect(refusal({ name: 'Bo' })).toEqual({ tell: 'refused', why: 'locked' })
    // Who was in comes back through a locked door.
    one.leave(anna)
    const again = one.dial()
    one.say(again, { do: 'back', token: 'token-1' })
    expect(one.heard.get(again)![0]).toMatchObject({ tell: 'in', number: 1, name: 'Anna' })
    one.lead({ do: 'lock', isLocked: false })
    for (let at = 1; at < classBounds.students; at++) one.join(`Student ${at}`)
    expect(refusal({ name: 'One more' })).toEqual({ tell: 'refused', why: 'full' })
    // The one who is away longest makes room.
    one.leave(again)
    one.now += 1000
    expect(refusal({ name: 'One more' })).toMatchObject({ tell: 'class' })
    expect(one.state.students.map(({ name }) => name)).not.toContain('Anna')
  })

  test('who guesses codes waits, and its neighbours elsewhere do not; nobody is told that a guess was right meanwhile', () => {
    const one = new Class()
    const guesser = one.dial('10.0.0.66')
    const guess = (text: string): unknown => {
      one.now += 250
      one.say(guesser, { do: 'join', code: text, name: 'Eve' })
      return one.last(guesser)
    }
    const told = Array.from({ length: 30 }, (_, index) => guess(`XXXX${codeLetters[index % 14]!}`))
    expect(told.slice(0, classLimits.tries)).toEqual(Array.from({ length: classLimits.tries }, () => ({ tell: 'refused', why: 'code' }))) // prettier-ignore
    expect(told.at(-1)).toEqual({ tell: 'refused', why: 'slow' })
    expect(guess(code)).toEqual({ tell: 'refused', why: 'slow' })
    expect(one.last(one.join('Anna', '10.0.0.7'))).toMatchObject({ tell: 'class' })
    one.now += 60_000
    const later = one.join('Eve', '10.0.0.66')
    expect(one.last(later)).toMatchObject({ tell: 'class' })
  })

  test('a student who comes back has seat, number and place; the old connection is told and closed', () => {
    const one = new Class()
    one.join('Bo')
    const first = one.join('Anna')
    one.say(first, { do: 'at', report: { lesson: 'proxy-dhcp', seed: 2, at: 3, of: 12, score: 5, outOf: 60 } })
    one.lead({ do: 'take', place: place(4) })
    const second = one.dial()
    one.say(second, { do: 'back', token: one.token(first) })
    expect(one.last(first)).toEqual({ tell: 'ended', why: 'elsewhere' })
    expect(one.open.has(first)).toBe(false)
    expect(one.seen(second).place).toEqual({ serial: 1, place: place(4) })
    expect(one.state.students[1]).toMatchObject({ number: 2, name: 'Anna', isHere: true, report: { at: 3 } })
    // The seat of somebody else is not given for a wrong token, and the class goes on.
    const third = one.dial()
    one.say(third, { do: 'back', token: 'token-99' })
    expect(one.last(third)).toEqual({ tell: 'refused', why: 'gone' })
    // A name whose owner is away can be taken again; the old token is good for nothing then.
    one.leave(second)
    const other = one.join('anna')
    expect(names(one)).toEqual(['Bo', 'anna'])
    const old = one.dial()
    one.say(old, { do: 'back', token: one.token(first) })
    expect(one.last(old)).toEqual({ tell: 'refused', why: 'gone' })
    expect(one.last(other)).toMatchObject({ tell: 'class' })
  })

  test('who says nothing, or what is no message, is hung up on', () => {
    const one = new Class()
    const silent = one.dial()
    const anna = one.join('Anna')
    expect(one.room.pollTimeout()).toBe(classLimits.beatMs)
    one.now = classLimits.strangerMs
    one.take({ kind: 'time' })
    expect(one.open.has(silent)).toBe(false)
    expect(one.last(anna)).toEqual({ tell: 'beat' })
    for (const wrong of [
      null,
      7,
      'x',
      [],
      {},
      { do: 'lead' },
      { do: 'join', code },
      { do: 'at', report: null, more: 1 },
    ]) {
      const connection = one.dial()
      one.say(connection, wrong)
      expect(one.open.has(connection), JSON.stringify(wrong)).toBe(false)
    }
    const stranger = one.dial()
    one.say(stranger, { do: 'vote', vote: 1, choice: 0 })
    expect(one.open.has(stranger)).toBe(false)
    for (let turn = 0; turn < 100; turn++) one.say(anna, { do: 'at', report: null })
    expect(names(one)).toEqual(['(Anna)'])
  })

  test('strangers without end give way to each other, the oldest first', () => {
    const one = new Class()
    const anna = one.join('Anna')
    const all = Array.from({ length: 200 }, (_, index) => one.dial(`10.0.1.${index}`))
    expect(one.open.size).toBe(classLimits.strangers + 1)
    expect(one.open.has(all.at(-1)!)).toBe(true)
    expect(one.open.has(anna)).toBe(true)
  })
})

describe('leading', () => {
  test('everybody is taken to a step, who comes later as well, and the answer is shown to all until the next step', () => {
    const one = new Class()
    const anna = one.join('Anna')
    one.lead({ do: 'reveal' })
    expect(one.seen(anna).isRevealed).toBe(false)
    one.lead({ do: 'take', place: place(3) })
    one.lead({ do: 'reveal' })
    const bo = one.join('Bo')
    for (const student of [anna, bo])
      expect(one.seen(student)).toMatchObject({ place: { serial: 1, place: { at: 3 } }, isRevealed: true })
    one.lead({ do: 'take', place: place(3) })
    expect(one.seen(bo)).toMatchObject({ place: { serial: 2 }, isRevealed: false })
    one.lead({ do: 'release' })
    expect(one.seen(bo).place).toBeNull()
  })

  test('a vote is counted once a seat; nobody sees counts while it is open, and nothing says who chose what', () => {
    const one = new Class()
    const students = ['Anna', 'Bo', 'Cy'].map((name) => one.join(name))
    one.lead({ do: 'ask', question: 'Which offer wins?', choices: ['DC01', 'PXE01'] })
    one.say(students[0]!, { do: 'vote', vote: 1, choice: 1 })
    one.say(students[0]!, { do: 'vote', vote: 1, choice: 0 })
    one.say(students[1]!, { do: 'vote', vote: 1, choice: 1 })
    one.say(students[2]!, { do: 'vote', vote: 1, choice: 2 })
    one.say(students[2]!, { do: 'vote', vote: 7, choice: 0 })
    expect(one.seen(students[0]!).vote).toMatchObject({ hasVoted: true, counts: null })
    expect(one.seen(students[2]!).vote).toMatchObject({ hasVoted: false })
    expect(one.state.vote).toMatchObject({ voted: 2, counts: null, stage: 'open' })
    // The same student after a lost connection has voted already.
    const again = one.dial()
    one.say(again, { do: 'back', token: one.token(students[0]!) })
    one.say(again, { do: 'vote', vote: 1, choice: 0 })
    one.lead({ do: 'close-vote' })
    one.say(students[2]!, { do: 'vote', vote: 1, choice: 0 })
    expect(one.state.vote).toMatchObject({ voted: 2, counts: [0, 2] })
    expect(one.seen(again).vote).toMatchObject({ stage: 'closed', counts: null })
    one.lead({ do: 'show-vote' })
    expect(one.seen(students[2]!).vote).toMatchObject({ counts: [0, 2], hasVoted: false })
    expect(JSON.stringify(one.state.vote)).not.toMatch(/Anna|Bo/)
    one.lead({ do: 'end-vote' })
    expect(one.seen(again).vote).toBeNull()
  })

  test('who is taken off the list is told, and may come in anew; when the class ends everybody is told', () => {
    const one = new Class()
    const anna = one.join('Anna')
    const bo = one.join('Bo')
    one.lead({ do: 'remove', number: 1 })
    expect(one.last(anna)).toEqual({ tell: 'ended', why: 'removed' })
    expect(names(one)).toEqual(['Bo'])
    one.lead({ do: 'remove', number: 9 })
    one.join('Anna')
    expect(names(one)).toEqual(['Anna', 'Bo'])
    one.take({ kind: 'end' })
    expect(one.last(bo)).toEqual({ tell: 'ended', why: 'ended' })
    expect(one.open.size).toBe(0)
    expect(one.room.pollTimeout()).toBeUndefined()
  })
})

describe('whatever happens in whatever order', () => {
  const someName = fc.constantFrom('Anna', 'anna', 'Bo', 'Cy', 'Dee', '', '\u{0}', 'x'.repeat(99))
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), name: someName, isRight: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('back' as const), token: fc.nat(8) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(20) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('vote' as const),
        which: fc.nat(20),
        vote: fc.nat(3),
        choice: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('rubbish' as const), which: fc.nat(20), message: fc.jsonValue() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(25_000) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('lead' as const),
        lead: fc.constantFrom<ClassLead>(
          { do: 'take', place: place(1) },
          { do: 'take', place: place(2) },
          { do: 'release' },
          { do: 'reveal' },
          { do: 'ask', question: 'What?', choices: ['a', 'b'] },
          { do: 'close-vote' },
          { do: 'show-vote' },
          { do: 'end-vote' },
          { do: 'lock', isLocked: true },
          { do: 'lock', isLocked: false },
          { do: 'remove', number: 1 },
          { do: 'remove', number: 2 },
        ),
      }),
    },
  )

  test('names and numbers are one student each, who is in has the newest state, and votes never exceed those who may vote', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const one = new Class()
        const at = (which: number): number | undefined => [...one.open][which % Math.max(1, one.open.size)]
        for (const step of actions) {
          one.now += 10
          if (step.kind === 'join') {
            const connection = one.dial()
            one.say(connection, { do: 'join', code: step.isRight ? code : 'XXXXX', name: step.name })
          } else if (step.kind === 'back') one.say(one.dial(), { do: 'back', token: `token-${step.token}` })
          else if (step.kind === 'wait') {
            one.now += step.ms
            one.take({ kind: 'time' })
          } else if (step.kind === 'lead') one.lead(step.lead)
          else {
            const connection = at(step.which)
            if (connection === undefined) continue
            if (step.kind === 'leave') one.leave(connection)
            else if (step.kind === 'vote') one.say(connection, { do: 'vote', vote: step.vote, choice: step.choice })
            else one.say(connection, step.message)
          }
          const { students, vote, place: where, isRevealed } = one.state
          const own = (pick: (one: (typeof students)[number]) => unknown): number => new Set(students.map(pick)).size
          expect(own(({ name }) => name.toLowerCase())).toBe(students.length)
          expect(own(({ number }) => number)).toBe(students.length)
          if (vote) {
            expect(vote.voted).toBeLessThanOrEqual(classBounds.students)
            if (vote.counts) expect(vote.counts.reduce((sum, count) => sum + count, 0)).toBe(vote.voted)
          }
          // Everybody whose last word was not that it is over sees the class as it is.
          let here = 0
          for (const connection of one.open) {
            const heard = one.heard.get(connection)!
            if (!heard.some(({ tell }) => tell === 'in')) continue
            here++
            expect(one.seen(connection)).toMatchObject({ place: where, isRevealed })
            expect(one.seen(connection).vote?.id).toBe(vote?.id)
            expect(one.seen(connection).vote?.stage).toBe(vote?.stage)
            if (vote?.stage !== 'shown') expect(one.seen(connection).vote?.counts ?? null).toBeNull()
          }
          expect(students.filter(({ isHere }) => isHere).length).toBe(here)
          const due = one.room.pollTimeout()
          if (due !== undefined) expect(due).toBeGreaterThan(one.now - 1)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('names and codes', () => {
  test.each([
    'Anna',
    'Zoë',
    'Jean-Luc',
    "O'Brien",
    '李雷',
    'محمد',
    'สมชาย',
    'Ana M. 2',
    'नेहा',
    'ジョン・スミス',
    '阿凡达·提',
  ])('%s is a name', (name) => expect(readName(name)).toBe(name.normalize('NFKC')))
  test.each([
    '',
    ' ',
    '.',
    '<b>',
    'a\u{202e}b',
    'a\u{200b}b',
    '\u{3164}',
    `a${'\u{301}'.repeat(9)}`,
    'x'.repeat(25),
    'a\nb\u{7}',
    '😀',
  ])('%j is none', (name) => expect(readName(name)).toBeUndefined())
  test('codes are letters that nobody takes for others, and are read as people type them', () => {
    const random = randomFor(1, 'codes')
    const all = Array.from({ length: 500 }, () => newCode(random))
    expect(new Set(all).size).toBeGreaterThan(490)
    for (const one of all) expect(one).toMatch(/^[CDFHJKMNPRTWXY]{5}$/)
    expect(readCode(' cd-F hj ')).toBe('CDFHJ')
  })
})
