import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ResponderLife, type LifeState, type Living } from '../../src/main/responder/responder-life.ts'

/** The ports of a machine: who has them, whether two ever had them at once. */
class Ports {
  readonly holders = new Set<object>()
  most = 0
  take(holder: object): void {
    this.holders.add(holder)
    this.most = Math.max(this.most, this.holders.size)
  }
}

type Fault = 'none' | 'refused' | 'throws' | 'slow stop'

/** A responder whose every step waits for the scheduler. */
const fake = (ports: Ports, wait: (what: string) => Promise<unknown>, fault: Fault): Living => {
  let isStopped = false
  const self: Living = {
    async start() {
      await wait('folder')
      if (isStopped) throw new Error('cancelled')
      if (fault === 'refused') throw new Error('port 67 is in use')
      ports.take(self)
      try {
        await wait('ask the wire')
        if (isStopped || fault === 'throws') throw new Error('cancelled')
      } catch (error) {
        ports.holders.delete(self)
        throw error
      }
    },
    async stop() {
      isStopped = true
      if (fault === 'slow stop') await wait('transfers')
      await wait('sockets')
      ports.holders.delete(self)
    },
  }
  return self
}

test('whatever is called in whatever order: every call settles, nothing is left behind, the state is true', async () => {
  const call = fc.record({
    what: fc.constantFrom('start', 'start', 'stop', 'close' as const),
    fault: fc.constantFrom<Fault>('none', 'none', 'refused', 'throws', 'slow stop'),
    makeFails: fc.nat(9).map((one) => one === 0),
  })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(call, { minLength: 1, maxLength: 12 }), async (scheduler, calls) => {
      const ports = new Ports()
      const states: LifeState[] = []
      const life = new ResponderLife<Living>((state) => states.push(state))
      states.push(life.state)
      const wait = (what: string): Promise<unknown> => scheduler.schedule(Promise.resolve(), what)
      let settled = 0
      const all = calls.map(async ({ what, fault, makeFails }, index) => {
        await scheduler.schedule(Promise.resolve(), `call ${index} ${what}`)
        const state =
          what === 'start'
            ? await life.start(async () => {
                await wait('lab file')
                if (makeFails) throw new Error('there is no lab')
                return fake(ports, wait, fault)
              })
            : what === 'stop'
              ? await life.stop()
              : await life.close('the end')
        settled++
        // What a call is told was so; since then no more than another call may have begun.
        expect(states.slice(-2)).toContain(state)
      })
      await scheduler.waitFor(Promise.all(all))
      expect(settled).toBe(calls.length)
      expect(ports.most).toBeLessThanOrEqual(1)
      expect(ports.holders.size).toBe(life.state.state === 'running' ? 1 : 0)
      expect(['stopped', 'running', 'failed']).toContain(life.state.state)
      for (const [index, state] of states.entries())
        if (state.state === 'running') expect(states[index - 1]?.state).toBe('starting')
      await scheduler.waitFor(life.stop())
      expect(ports.holders.size).toBe(0)
      expect(life.state.state).toBe('stopped')
    }),
    { numRuns: 3000 },
  )
})

const immediate = (ports: Ports): Living => fake(ports, () => turn(), 'none')

test('two starts at once are one', async () => {
  const ports = new Ports()
  let made = 0
  const life = new ResponderLife<Living>()
  const make = (): Living => {
    made++
    return immediate(ports)
  }
  const states = await Promise.all([life.start(make), life.start(make)])
  expect(states.map((one) => one.state)).toEqual(['running', 'running'])
  expect(made).toBe(1)
  await life.stop()
  expect(ports.holders.size).toBe(0)
})

test('it stops by itself when its time is over, and says why', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const ports = new Ports()
    const life = new ResponderLife<Living>()
    await life.start(() => Object.assign(immediate(ports), { autoStop: { afterMs: 60_000, reason: 'after 1 minute' } }))
    vi.advanceTimersByTime(59_000)
    expect(life.stopsInMs).toBe(1000)
    expect(life.state.state).toBe('running')
    vi.advanceTimersByTime(1000)
    expect(await life.stop()).toEqual({ state: 'stopped', reason: 'after 1 minute' })
    expect(ports.holders.size).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('a start that failed says so until somebody stops or starts, and a later start works', async () => {
  const ports = new Ports()
  const life = new ResponderLife<Living>()
  const failed = await life.start(() => fake(ports, () => turn(), 'refused'))
  expect(failed).toMatchObject({ state: 'failed', error: { message: 'port 67 is in use' } })
  expect(life.living).toBeUndefined()
  expect((await life.start(() => immediate(ports))).state).toBe('running')
  expect((await life.close('the end')).state).toBe('stopped')
  expect((await life.start(() => immediate(ports))).state).toBe('stopped')
})
