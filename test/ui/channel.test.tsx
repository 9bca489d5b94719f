import { expect, test, vi } from 'vitest'
import { CallFailure, createClient, handleMessage, pushMessage } from '#shared/contract/channel.ts'
import type { Handlers } from '#shared/contract/calls.ts'

const interfaces = [
  { name: 'eth1', address: '10.0.0.1', prefixLength: 24, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true },
]

/** Both ends of the contract joined, as a port would join them: only what JSON carries gets through. */
function joined(handlers: Partial<Handlers>) {
  const client = createClient(
    (message) =>
      void handleMessage(handlers as Handlers, JSON.parse(JSON.stringify(message)), (reply) =>
        client.receive(JSON.parse(JSON.stringify(reply))),
      ),
  )
  return client
}

test('a call reaches its handler and its answer comes back', async () => {
  expect(await joined({ 'interfaces.list': () => interfaces }).call('interfaces.list', {})).toEqual(interfaces)
})

test('wrong arguments never reach the handler', async () => {
  const handler = vi.fn()
  await expect(joined({ 'leases.forget': handler }).call('leases.forget', { address: 'here' })).rejects.toThrow(
    /leases\.forget: address/,
  )
  expect(handler).not.toHaveBeenCalled()
})

test('a failure arrives with its remedy; a malformed answer is none', async () => {
  const failing = joined({ 'responder.start': () => Promise.reject(new CallFailure('port 67 is taken', 'Stop it.')) })
  await expect(failing.call('responder.start', {})).rejects.toMatchObject({
    message: 'port 67 is taken',
    remedy: 'Stop it.',
  })
  const wrong = joined({ 'interfaces.list': () => [{ name: 'eth1' }] as never })
  await expect(wrong.call('interfaces.list', {})).rejects.toThrow()
})

test('pushes are checked and heard until one stops listening', () => {
  const client = createClient(() => {})
  const heard = vi.fn()
  const stop = client.on('frames', heard)
  client.receive(pushMessage('frames', { first: 1, last: 5, generation: 1 }))
  client.receive({ push: 'frames', value: { first: 'x' } })
  client.receive({ push: 'nonsense', value: 1 })
  stop()
  client.receive(pushMessage('frames', { first: 1, last: 6, generation: 1 }))
  expect(heard.mock.calls).toEqual([[{ first: 1, last: 5, generation: 1 }]])
})

test('a lost connection ends every open call', async () => {
  const client = createClient(() => {})
  const open = client.call('status.read', {})
  client.disconnect('gone')
  await expect(open).rejects.toThrow('gone')
})
