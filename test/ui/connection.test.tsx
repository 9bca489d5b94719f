/** What the window says of a back end whose connection is open and which does not answer: never what it said before. */
import { render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ConnectionState } from '../../src/renderer/connection.ts'

/** The server's end of the page's sockets: it answers while it is told to. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  static answers = true
  readyState = 0
  readonly sent: { id: number; call: string }[] = []
  constructor() {
    super()
    FakeSocket.all.push(this)
  }
  open(): void {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }
  say(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
  send(text: string): void {
    const message = JSON.parse(text) as { id: number; call: string }
    this.sent.push(message)
    if (FakeSocket.answers) setTimeout(() => this.say({ id: message.id, error: { message: 'no', remedy: '' } }), 5)
  }
  close(): void {
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }
}

const states: ConnectionState[] = []
beforeEach(() => {
  vi.useFakeTimers()
  vi.resetModules()
  states.length = 0
  FakeSocket.all = []
  FakeSocket.answers = true
  sessionStorage.setItem('session', 'x')
  vi.stubGlobal('WebSocket', FakeSocket)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

async function connected() {
  const { connection } = await import('../../src/renderer/connection.ts')
  connection.onState((state) => states.push(state))
  FakeSocket.all[0]!.open()
  expect(states).toEqual(['connected'])
  return connection
}

test('a server that answers is asked every two seconds, and stays connected', async () => {
  await connected()
  await vi.advanceTimersByTimeAsync(21_000)
  expect(states).toEqual(['connected'])
  expect(FakeSocket.all[0]!.sent.map(({ call }) => call)).toEqual(Array(10).fill('status.read'))
})

test('a server that falls silent is lost after six seconds, and connected with its first word', async () => {
  await connected()
  FakeSocket.answers = false
  await vi.advanceTimersByTimeAsync(5999)
  expect(states).toEqual(['connected'])
  await vi.advanceTimersByTimeAsync(1)
  expect(states).toEqual(['connected', 'lost'])
  FakeSocket.all[0]!.say({ push: 'wire', value: '' })
  expect(states).toEqual(['connected', 'lost', 'connected'])
})

test('a line that was cut without a word is given up for another one', async () => {
  const connection = await connected()
  FakeSocket.answers = false
  const asked = connection.client.call('lab.read', {})
  const failed = expect(asked).rejects.toThrow('the connection to the lab was lost')
  await vi.advanceTimersByTimeAsync(19_999)
  expect(FakeSocket.all).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  await failed
  await vi.advanceTimersByTimeAsync(250)
  expect(FakeSocket.all).toHaveLength(2)
  FakeSocket.answers = true
  FakeSocket.all[1]!.open()
  expect(states.at(-1)).toBe('connected')
  // Nobody asks by the connection that is gone.
  const { length } = FakeSocket.all[0]!.sent
  await vi.advanceTimersByTimeAsync(10_000)
  expect(FakeSocket.all[0]!.sent).toHaveLength(length)
  expect(states.at(-1)).toBe('connected')
})

test('in the desktop a port is asked in the same way, and a back end that has ended is not', async () => {
  vi.stubGlobal('pxeLabShell', { transport: 'message-port' })
  const { connection } = await import('../../src/renderer/connection.ts')
  connection.onState((state) => states.push(state))
  const sent: unknown[] = []
  const port = Object.assign(new EventTarget(), { start: () => {}, postMessage: (message: unknown) => sent.push(message) }) // prettier-ignore
  const handed = new MessageEvent('message', { data: 'pxe-lab:back-end', source: window })
  Object.defineProperty(handed, 'ports', { value: [port] })
  window.dispatchEvent(handed)
  expect(states).toEqual(['connected'])
  await vi.advanceTimersByTimeAsync(6000)
  expect(states).toEqual(['connected', 'lost'])
  expect(sent).toHaveLength(1)
  port.dispatchEvent(new MessageEvent('message', { data: { push: 'wire', value: '' } }))
  expect(states).toEqual(['connected', 'lost', 'connected'])
  connection.lose()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(states).toEqual(['connected', 'lost', 'connected', 'lost'])
  expect(sent).toHaveLength(1)
})

test('the light says that a responder does not answer, and is never green without a back end', async () => {
  const { StateLight } = await import('../../src/renderer/parts/state-light.tsx')
  const { useStore } = await import('../../src/renderer/store.ts')
  useStore.setState({ connection: 'connected' })
  const { rerender } = render(<StateLight state="silent" />)
  const light = (): HTMLElement => screen.getByTestId('state')
  expect(light().textContent).toBe('Not answering')
  expect(light().style.color).toBe('var(--lab-bad)')
  rerender(<StateLight state="responding" />)
  expect([light().textContent, light().style.color]).toEqual(['Responding', 'var(--lab-good)'])
  useStore.setState({ connection: 'lost' })
  rerender(<StateLight state="responding" />)
  expect([light().textContent, light().style.color]).toEqual(['Not connected', 'var(--lab-bad)'])
})
