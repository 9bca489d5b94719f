/** The door of a class on real sockets: thirty students at once, those who come back, and whoever means harm. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { toStudentSchema, type ClassState, type ToStudent } from '#shared/contract/classroom.ts'
import { openClassDoor, type ClassDoor } from '../../src/main/web/class-door.ts'

let root: string
let door: ClassDoor
let origin: string
let told: ClassState[]
const errors: Error[] = []

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-class-'))
  for (const name of ['assets', 'messages']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'class.html'), 'the page of a student')
  writeFileSync(join(root, 'index.html'), 'the window of the lab')
  writeFileSync(join(root, 'assets', 'a-1.js'), 'code')
  writeFileSync(join(root, 'messages', 'en.js'), 'words')
  writeFileSync(join(root, 'secret.txt'), 'secret')
  told = []
  door = await openClassDoor({
    pages: root,
    host: '127.0.0.1',
    port: 0,
    onChange: (state) => told.push(state),
    onError: (error) => errors.push(error),
  })
  origin = `http://127.0.0.1:${door.port}`
})
afterEach(async () => {
  await door.close()
  rmSync(root, { recursive: true, force: true })
  expect(errors.splice(0)).toEqual([])
})

/** A student's browser without its page. */
class Student {
  readonly heard: ToStudent[] = []
  readonly socket: WebSocket
  readonly closed: Promise<unknown>
  constructor(first?: object) {
    this.socket = new WebSocket(`${origin.replace('http', 'ws')}/class`, { origin })
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) =>
      this.heard.push(toStudentSchema.parse(JSON.parse(data.toString('utf8')))),
    )
    if (first) this.socket.once('open', () => this.say(first))
  }
  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }
  /** The first thing of this kind that is heard and fits. */
  async hears<K extends ToStudent['tell']>(
    tell: K,
    fits: (one: Extract<ToStudent, { tell: K }>) => boolean = () => true,
  ): Promise<Extract<ToStudent, { tell: K }>> {
    // prettier-ignore
    const found = (): Extract<ToStudent, { tell: K }> | undefined =>
      this.heard.find((one): one is Extract<ToStudent, { tell: K }> => one.tell === tell && fits(one as never))
    await expect.poll(found).toBeDefined()
    return found()!
  }
}
const joined = (name: string): Student => new Student({ do: 'join', code: door.state().code, name })
const lesson = (at: number) =>
  ({ do: 'take', place: { kind: 'lesson', lesson: 'what-is-dhcp', title: 'DHCP', seed: null, isBlind: false, at, text: null } }) as const // prettier-ignore

describe('thirty students', () => {
  test('come in at once, are taken to a step, vote once each, lose their connections and come back', async () => {
    const students = Array.from({ length: 30 }, (_, index) => joined(`Student ${index + 1}`))
    const seats = await Promise.all(students.map((one) => one.hears('in')))
    expect(new Set(seats.map(({ number }) => number))).toEqual(new Set(Array.from({ length: 30 }, (_, index) => index + 1))) // prettier-ignore
    door.lead(lesson(3))
    await Promise.all(students.map((one) => one.hears('class', ({ state }) => state.place?.place.kind === 'lesson')))
    for (const [index, one] of students.entries())
      one.say({ do: 'at', report: { lesson: 'what-is-dhcp', seed: index + 1, at: 3, of: 11, score: 0, outOf: 50 } })
    await expect.poll(() => door.state().students.every(({ report }) => report?.at === 3)).toBe(true)
    // A window hears of it in few messages, however many students there are.
    await expect.poll(() => told.at(-1)?.students.every(({ report }) => report?.at === 3)).toBe(true)
    expect(told.length).toBeLessThan(30)

    door.lead({ do: 'ask', question: 'Which offer wins?', choices: ['A', 'B'] })
    await Promise.all(students.map((one) => one.hears('class', ({ state }) => state.vote?.stage === 'open')))
    for (const [index, one] of students.entries()) one.say({ do: 'vote', vote: 1, choice: index % 3 === 0 ? 0 : 1 })
    await Promise.all(students.map((one) => one.hears('class', ({ state }) => state.vote?.hasVoted === true)))

    // All lines are cut; each has its seat again, and has voted.
    for (const one of students) one.socket.terminate()
    await expect.poll(() => door.state().students.every(({ isHere }) => !isHere)).toBe(true)
    const back = seats.map(({ token }) => new Student({ do: 'back', token }))
    const again = await Promise.all(back.map((one) => one.hears('in')))
    expect(again.map(({ number, name }) => `${number} ${name}`)).toEqual(seats.map(({ number, name }) => `${number} ${name}`)) // prettier-ignore
    for (const one of back) one.say({ do: 'vote', vote: 1, choice: 0 })
    await Promise.all(back.map((one) => one.hears('class', ({ state }) => state.vote?.hasVoted === true)))
    expect(door.lead({ do: 'close-vote' }).vote).toMatchObject({ voted: 30, counts: [10, 20] })
    door.lead({ do: 'show-vote' })
    await Promise.all(back.map((one) => one.hears('class', ({ state }) => state.vote?.counts?.[1] === 20)))

    await door.close()
    await Promise.all(back.map((one) => one.hears('ended')))
  })
})

describe('nothing of the lab is behind it', () => {
  test('it has the page of a student and what that is made of, and nothing else by any spelling', async () => {
    expect(await (await fetch(`${origin}/?x=1`)).text()).toBe('the page of a student')
    expect(await (await fetch(`${origin}/assets/a-1.js`)).text()).toBe('code')
    expect(await (await fetch(`${origin}/messages/en.js`)).text()).toBe('words')
    const page = await fetch(origin)
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ws://127.0.0.1:${door.port}`)
    for (const path of [
      '/index.html',
      '/class.html',
      '/secret.txt',
      '/assets',
      '/assets/',
      '/assets/..%2fsecret.txt',
      '/assets/%2e%2e/secret.txt',
      '//secret.txt',
      '/session',
      '/api/v1/lab.read',
    ])
      expect((await fetch(`${origin}${path}`)).status, path).toBe(404)
    expect((await fetch(`${origin}/session`, { method: 'POST', body: 'x' })).status).toBe(405)
    expect(await raw('GET /assets/../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 404/,
    )
  })

  test('another page opens no WebSocket, and the contract of the lab is spoken nowhere', async () => {
    for (const [path, from] of [
      ['/class', 'https://evil.example'],
      ['/class', undefined],
      ['/', origin],
    ] as const) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, ['pxe-lab'], from ? { origin: from } : {})
      const [error] = (await once(socket, 'error')) as [Error]
      expect(error.message).toContain('403')
    }
    const student = joined('Anna')
    await student.hears('in')
    student.say({ id: 1, call: 'lab.read', args: {} })
    await student.closed
    expect(JSON.stringify(student.heard)).not.toContain('lab')
  })
})

const raw = (request: string): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    const socket = connect(door.port, '127.0.0.1', () => socket.write(request))
    socket.on('data', (data: Buffer) => (text += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })

describe('whoever means harm', () => {
  test('sends what is no message, too much or without end, and loses the connection alone', async () => {
    const anna = joined('Anna')
    await anna.hears('in')
    const wrong: readonly (string | Buffer)[] = ['', '{', '[]', 'null', '{"do":"lead"}', Buffer.from([1, 2, 3]), 'x'.repeat(5000), `{"do":"join","code":${'['.repeat(2000)}`] // prettier-ignore
    await Promise.all(
      wrong.map(async (text) => {
        const one = new Student()
        await once(one.socket, 'open')
        one.socket.send(text)
        await one.closed
      }),
    )
    const flood = joined('Eve')
    await flood.hears('in')
    for (let turn = 0; turn < 5000 && flood.socket.readyState === WebSocket.OPEN; turn++)
      flood.say({ do: 'at', report: null })
    await flood.closed
    door.lead(lesson(1))
    await anna.hears('class', ({ state }) => state.place?.serial === 1)
    expect(door.state().students.map(({ name, isHere }) => [name, isHere])).toEqual([
      ['Anna', true],
      ['Eve', false],
    ])
  })

  test('opens connections without end, and students come in all the same', async () => {
    const strangers = Array.from({ length: 300 }, () => new Student())
    await Promise.all(strangers.map((one) => Promise.race([once(one.socket, 'open'), one.closed])))
    const anna = joined('Anna')
    await anna.hears('in')
    expect(strangers.filter(({ socket }) => socket.readyState === WebSocket.OPEN).length).toBeLessThanOrEqual(64)
    expect(door.state().students.map(({ name }) => name)).toEqual(['Anna'])
  })

  test('guesses codes, and is told nothing more after some', async () => {
    const guesser = new Student()
    await once(guesser.socket, 'open')
    for (let turn = 0; turn < 25; turn++) guesser.say({ do: 'join', code: 'XXXXX', name: 'Eve' })
    await guesser.hears('refused', ({ why }) => why === 'slow')
    guesser.say({ do: 'join', code: door.state().code, name: 'Eve' })
    await expect.poll(() => guesser.heard.length).toBe(26)
    expect(guesser.heard.at(-1)).toEqual({ tell: 'refused', why: 'slow' })
    expect(door.state().students).toEqual([])
  })
})
