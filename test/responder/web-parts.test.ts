/** Who is let in over HTTP and what a window may ask: each part by itself, without a server. */
import { EventEmitter } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { calls, type Handlers } from '#shared/contract/calls.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { boundHandlers } from '../../src/main/web/bounds.ts'
import { commandHandlers, newCommandSecret } from '../../src/main/web/command-access.ts'
import { PrivateNote } from '../../src/main/web/private-note.ts'
import { isSecret, Sessions } from '../../src/main/web/sessions.ts'
import { connectWindow, missedPushes, windowLimits, type WindowLimits } from '../../src/main/web/window-socket.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-web-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(root, { recursive: true, force: true })
})

describe('sessions', () => {
  const session = (at: number): string => String(at).padStart(32, 's')

  test('a code of 192 bits lets one session in, which may ask again; the next code is another', () => {
    const codes: string[] = []
    const sessions = new Sessions((code) => codes.push(code))
    const { code } = sessions
    expect(Buffer.from(code, 'base64url')).toHaveLength(24)
    expect(sessions.isKnown(session(1))).toBe(false)
    expect(sessions.exchange('wrong', session(1))).toBe(false)
    expect(codes).toEqual([])
    expect(sessions.exchange(code, session(1))).toBe(true)
    expect(codes).toEqual([sessions.code])
    expect(sessions.code).not.toBe(code)
    expect(sessions.exchange(code, session(2))).toBe(false)
    expect(sessions.exchange(code, session(1))).toBe(true)
    expect(codes).toHaveLength(1)
    expect([sessions.isKnown(session(1)), sessions.isKnown(session(2))]).toEqual([true, false])
  })

  test('a session is 32 to 64 letters, digits, - and _', () => {
    for (const [text, isGood] of [
      ['a'.repeat(31), false],
      ['a'.repeat(32), true],
      ['a'.repeat(64), true],
      ['a'.repeat(65), false],
      ['A_-9'.repeat(8), true],
      [`${'a'.repeat(32)} `, false],
      [`${'a'.repeat(32)}\n`, false],
      ['ä'.repeat(32), false],
    ] as const) {
      // prettier-ignore
      const sessions = new Sessions(() => {})
      expect(sessions.exchange(sessions.code, text), text).toBe(isGood)
    }
  })

  test('the oldest of 33 ends', () => {
    const sessions = new Sessions(() => {})
    for (let at = 1; at <= 32; at++) sessions.exchange(sessions.code, session(at))
    expect(sessions.isKnown(session(1))).toBe(true)
    sessions.exchange(sessions.code, session(33))
    expect([1, 2, 33].map((at) => sessions.isKnown(session(at)))).toEqual([false, true, true])
  })

  test('a secret is that text and no other', () => {
    const isIt = isSecret('abc')
    expect(['abc', 'abcd', 'ab', 'Abc', ''].map(isIt)).toEqual([true, false, false, false, false])
  })
})

describe('commands', () => {
  test('have a secret of 192 bits, another each time', () => {
    const [one, two] = [newCommandSecret(), newCommandSecret()]
    expect(Buffer.from(one, 'base64url')).toHaveLength(24)
    expect(one).not.toBe(two)
  })

  test('may ask a few things; everything else is for windows', () => {
    const given = Object.fromEntries(Object.keys(calls).map((name) => [name, () => name])) as unknown as Handlers
    const handlers = commandHandlers(given) as unknown as Record<string, () => unknown>
    const allowed = ['status.read', 'approvals.list', 'approvals.decide', 'nextBoots.list', 'nextBoots.set', 'nextBoots.undo', 'groups.read', 'groups.wake', 'groups.cancel', 'frames.range', 'frames.read'] // prettier-ignore
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(calls).sort())
    for (const name of Object.keys(calls))
      if (allowed.includes(name)) expect(handlers[name]!()).toBe(name)
      else expect(handlers[name]).toThrow(`${name} is not for commands`)
  })
})

describe('a note for its owner alone', () => {
  const complaints: string[] = []
  const note = (path = join(root, 'new', 'note')): PrivateNote => new PrivateNote(path, 'the address', (text) => complaints.push(text)) // prettier-ignore
  beforeEach(() => void complaints.splice(0))

  test('stands in a folder of its own rights, made anew, the last text of several', async () => {
    const one = note()
    one.write('first')
    one.write('second')
    await vi.waitFor(() => expect(readFileSync(one.path, 'utf8')).toBe('second\n'), 60_000)
    if (process.platform !== 'win32') {
      expect([statSync(one.path).mode & 0o777, statSync(join(root, 'new')).mode & 0o777]).toEqual([0o600, 0o700])
      chmodSync(one.path, 0o644)
      one.write('third')
      await vi.waitFor(() => expect(readFileSync(one.path, 'utf8')).toBe('third\n'), 60_000)
      expect(statSync(one.path).mode & 0o777).toBe(0o600)
    }
    await one.remove()
    expect(existsSync(one.path)).toBe(false)
    await one.remove()
    expect(complaints).toEqual([])
  })

  test('goes only where it is still ours', async () => {
    const one = note(join(root, 'note'))
    one.write('mine')
    await vi.waitFor(() => expect(existsSync(one.path)).toBe(true), 60_000)
    writeFileSync(one.path, 'another lab’s\n')
    await one.remove()
    expect(readFileSync(one.path, 'utf8')).toBe('another lab’s\n')
  })

  test('that cannot be written is told, and is no reason not to write the next', async () => {
    mkdirSync(join(root, 'note'))
    const one = note(join(root, 'note'))
    one.write('x')
    await vi.waitFor(
      () => expect(complaints).toEqual([expect.stringMatching(/^the address cannot be written: ./)]),
      60_000,
    )
    rmSync(join(root, 'note'), { recursive: true })
    one.write('y')
    await vi.waitFor(() => expect(readFileSync(one.path, 'utf8')).toBe('y\n'), 60_000)
  })
})

describe('what a window over the network may do with files', () => {
  const lab = (more: LabInput): ReturnType<typeof labSchema.parse> => labSchema.parse(more)
  /** Handlers that tell what reached them. */
  function bound(text: string, parsed: ReturnType<typeof lab> | null, allowed: string[] = []) {
    const reached: unknown[] = []
    const given = Object.fromEntries(
      ['lab.open', 'lab.write', 'lab.change', 'setup.propose', 'status.read'].map((name) => [
        name,
        (args: unknown) => void reached.push([name, args]),
      ]),
    )
    const read = { 'lab.read': () => Promise.resolve({ path: join(root, 'lab.yaml'), text, lab: parsed }) }
    const handlers = boundHandlers({ ...given, ...read } as unknown as Handlers, join(root, 'lab.yaml'), allowed)
    return { handlers, reached }
  }
  const yaml = (folder: string, more = ''): string => `interface: eth0\nmode: boot-server\nboot: { files: ${folder} }\n${more}` // prettier-ignore

  test('opens lab files of its folder and of those that are allowed, and no other file', async () => {
    const { handlers, reached } = bound('', null, ['/srv/labs'])
    for (const path of ['/etc/shadow', '../x.yaml', '/srv/labs-2/a.yaml', 'x.txt', 'sub/x.conf'])
      await expect(handlers['lab.open']({ path })).rejects.toThrow(`${path} is no lab file in the folder of the lab, ${root}`) // prettier-ignore
    expect(reached).toEqual([])
    for (const path of ['other.yaml', 'sub/a.YML', '/srv/labs/b.json']) await handlers['lab.open']({ path })
    expect(reached).toEqual([
      ['lab.open', { path: join(root, 'other.yaml') }],
      ['lab.open', { path: join(root, 'sub/a.YML') }],
      ['lab.open', { path: '/srv/labs/b.json' }],
    ])
  })

  test('writes a lab whose folders are inside, those that it has, or those that are allowed', async () => {
    const { handlers, reached } = bound(yaml('/boot-here'), lab({ interface: 'eth0', boot: { files: '/boot-here' } }), ['/srv/boot']) // prettier-ignore
    for (const text of [yaml('./boot'), yaml('/boot-here'), yaml('/srv/boot/x'), 'mode: nonsense'])
      await handlers['lab.write']({ text })
    expect(reached).toHaveLength(4)
    for (const [field, text] of [
      ['boot.files /etc', yaml('/etc')],
      ['boot.files ..', yaml('..')],
      ['state /var/x', yaml('./boot', 'state: /var/x\n')],
      ['tftp.upload /tmp/up', yaml('./boot', 'tftp: { upload: /tmp/up }\n')],
    ] as const)
      await expect(handlers['lab.write']({ text })).rejects.toThrow(`${field} leads out of the folder of the lab, ${root}`) // prettier-ignore
    expect(reached).toHaveLength(4)
  })

  test('changes and proposals are judged in the same way', async () => {
    const { handlers, reached } = bound(yaml('./boot'), lab({ interface: 'eth0', boot: { files: './boot' } }))
    const change = (value: string) => handlers['lab.change']({ changes: [{ path: ['boot', 'files'], value }] })
    await expect(change('/etc')).rejects.toThrow('boot.files /etc leads out of the folder of the lab')
    await change('./inside')
    const propose = (files?: string) => handlers['setup.propose']({ interface: 'eth0', giver: 'nobody', ...(files === undefined ? {} : { files }) } as never) // prettier-ignore
    await expect(propose('/etc')).rejects.toThrow('boot.files /etc leads out')
    await propose('./x')
    await propose()
    expect(reached.map((one) => (one as [string])[0])).toEqual(['lab.change', 'setup.propose', 'setup.propose'])
  })
})

describe('a window at the other end of a WebSocket', () => {
  class FakeConnection extends EventEmitter {
    readonly OPEN = 1
    readyState = 1
    bufferedAmount = 0
    readonly done: string[] = []
    readonly sent: unknown[] = []
    taken: () => void = () => {}
    pause = (): void => void this.done.push('pause')
    resume = (): void => void this.done.push('resume')
    terminate = (): void => void this.done.push('terminate')
    close = (code: number, reason: string): void => void this.done.push(`close ${code} ${reason}`)
    send(text: string, taken: () => void): void {
      this.sent.push(JSON.parse(text))
      this.taken = taken
    }
  }
  const limits: WindowLimits = { behindBytes: 100, mostBytes: 1000, behindMs: 5000, mostCalls: 2 }

  function window(handlers: Partial<Record<string, (args: never) => unknown>> = {}) {
    const connection = new FakeConnection()
    let push: (message: unknown) => void = () => {}
    let isConnected = false
    const backend = {
      handlers: handlers as unknown as Handlers,
      connect(hear: (message: unknown) => void) {
        push = hear
        isConnected = true
        return () => void (isConnected = false)
      },
    }
    connectWindow(connection as unknown as WebSocket, backend, limits)
    return { connection, push: (message: unknown) => push(message), isConnected: () => isConnected }
  }

  test('has four megabytes before pushes are left out, sixty-four before it is hung up on, fifteen seconds, sixteen calls', () => {
    expect(windowLimits).toEqual({ behindBytes: 4_194_304, mostBytes: 67_108_864, behindMs: 15_000, mostCalls: 16 })
  })

  test('gets what is pushed while it reads; what it misses beyond the bound, it misses until it comes anew', () => {
    vi.useFakeTimers()
    const { connection, push } = window()
    push('a')
    connection.bufferedAmount = 100
    push('b')
    expect(connection.sent).toEqual(['a', 'b'])
    connection.bufferedAmount = 101
    push('c')
    push('d')
    expect(connection.sent).toEqual(['a', 'b'])
    expect(connection.done).toEqual(['pause'])
    connection.bufferedAmount = 1
    connection.taken()
    expect(connection.done).toEqual(['pause'])
    connection.bufferedAmount = 0
    connection.taken()
    expect(connection.done).toEqual(['pause', 'resume', `close ${missedPushes} the window fell behind`])
    vi.advanceTimersByTime(4999)
    expect(connection.done).not.toContain('terminate')
    vi.advanceTimersByTime(1)
    expect(connection.done.at(-1)).toBe('terminate')
  })

  test('is hung up on at once far beyond it, and told nothing when it is not open', () => {
    const { connection, push } = window()
    connection.bufferedAmount = 1001
    push('a')
    expect([connection.sent, connection.done]).toEqual([[], ['terminate']])
    const other = window()
    other.connection.readyState = 2
    other.push('a')
    expect([other.connection.sent, other.connection.done]).toEqual([[], []])
  })

  test('that closes is told nothing more, and no timer is left of it', () => {
    vi.useFakeTimers()
    const { connection, push, isConnected } = window()
    connection.bufferedAmount = 101
    push('a')
    expect(vi.getTimerCount()).toBe(1)
    connection.emit('close')
    expect([isConnected(), vi.getTimerCount()]).toEqual([false, 0])
    const broken = window()
    broken.connection.emit('error', new Error('reset'))
    expect(broken.connection.done).toEqual(['terminate'])
  })

  test('has two calls under way, and is read again when there is room for the next', async () => {
    const waiting: (() => void)[] = []
    const { connection } = window({
      'lab.read': () => new Promise((_, reject) => waiting.push(() => reject(new Error('no')))),
    })
    const ask = (id: number): boolean => connection.emit('message', Buffer.from(JSON.stringify({ id, call: 'lab.read', args: {} }))) // prettier-ignore
    ask(1)
    ask(2)
    expect(connection.done).toEqual(['resume', 'resume'])
    ask(3)
    expect(connection.done.at(-1)).toBe('pause')
    expect(waiting).toHaveLength(2)
    waiting[0]!()
    await vi.waitFor(() => expect(waiting).toHaveLength(3), 60_000)
    expect(connection.done.at(-1)).toBe('resume')
    waiting[1]!()
    waiting[2]!()
    await vi.waitFor(() => expect(connection.sent.map((one) => (one as { id: number }).id)).toEqual([1, 2, 3]), 60_000)
    // What is no message is nothing to answer.
    connection.emit('message', Buffer.from('{'))
    expect(connection.sent).toHaveLength(3)
  })
})
