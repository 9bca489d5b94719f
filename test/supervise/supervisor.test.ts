import { expect, test } from 'vitest'
import { Clock } from '#shared/simulation/clock.ts'
import { Supervisor, type SupervisorLimits, type SupervisorState } from '../../src/main/supervise/supervisor.ts'

const limits: SupervisorLimits = {
  firstPauseMs: 500,
  longestPauseMs: 3000,
  mostRestarts: 4,
  withinMs: 60_000,
  quietMs: 20_000,
  endLimitMs: 5000,
}

/** A supervisor over virtual time, and children that do what the test says. */
function supervise(changes: Partial<SupervisorLimits> = {}) {
  const clock = new Clock()
  const states: SupervisorState[] = []
  const children: { readonly at: number; readonly done: string[]; end(how: string): void }[] = []
  const behaviour = { onSpawn: (): void => {}, endsWhenAsked: true, endsWhenKilled: true }
  const supervisor = new Supervisor({
    limits: { ...limits, ...changes },
    clock: {
      now: () => clock.now,
      after(ms, work) {
        let isWanted = true
        clock.at(clock.now + ms, () => isWanted && work())
        return () => (isWanted = false)
      },
    },
    spawn(ended) {
      const done: string[] = []
      children.push({ at: clock.now, done, end: ended })
      behaviour.onSpawn()
      return {
        askToEnd() {
          done.push('asked')
          if (behaviour.endsWhenAsked) clock.at(clock.now + 100, () => ended('exit code 0'))
        },
        endNow() {
          done.push('killed')
          if (behaviour.endsWhenKilled) clock.at(clock.now + 10, () => ended('signal SIGKILL'))
        },
      }
    },
    onState: (state) => states.push(state),
  })
  const runTo = (time: number): void => {
    while (clock.nextAt !== undefined && clock.nextAt <= time) clock.step()
    clock.at(time, () => {})
    clock.step()
  }
  return { clock, states, children, behaviour, supervisor, runTo, last: () => children.at(-1)! }
}

test('a child that ends is started again after a pause that doubles up to its limit', () => {
  const { children, supervisor, clock, runTo, states, last } = supervise({ mostRestarts: 10 })
  supervisor.start()
  expect(states).toEqual([{ state: 'running', restarts: 0 }])
  const pauses: number[] = []
  for (let round = 0; round < 5; round++) {
    const diedAt = clock.now
    last().end('exit code 1')
    runTo(clock.now + limits.longestPauseMs)
    pauses.push(last().at - diedAt)
  }
  expect(pauses).toEqual([500, 1000, 2000, 3000, 3000])
  expect(children).toHaveLength(6)
  expect(states[1]).toEqual({ state: 'pausing', how: 'exit code 1', pauseMs: 500, restarts: 0 })
  expect(states[2]).toEqual({ state: 'running', restarts: 1 })
})

test('after so many restarts within the time it gives up and stays down until it is started anew', () => {
  const { children, supervisor, clock, runTo, states, last } = supervise()
  supervisor.start()
  for (let round = 0; round < limits.mostRestarts; round++) {
    last().end('exit code 7')
    runTo(clock.now + limits.longestPauseMs)
  }
  last().end('exit code 7')
  expect(states.at(-1)).toEqual({ state: 'gave-up', how: 'exit code 7', restarts: 4 })
  runTo(clock.now + 3_600_000)
  expect(children).toHaveLength(5)
  supervisor.start()
  expect(states.at(-1)).toEqual({ state: 'running', restarts: 0 })
  expect(children).toHaveLength(6)
  last().end('exit code 7')
  expect(states.at(-1)).toMatchObject({ state: 'pausing', pauseMs: 500 })
})

test('restarts that lie further back do not count, and a child that ran quietly begins with the first pause', () => {
  const { children, supervisor, clock, runTo, states, last } = supervise()
  supervisor.start()
  for (let round = 0; round < 20; round++) {
    runTo(clock.now + limits.quietMs)
    last().end('signal SIGSEGV')
    expect(states.at(-1)).toMatchObject({ state: 'pausing', pauseMs: 500 })
    runTo(clock.now + 500)
  }
  expect(children).toHaveLength(21)
})

test('a child that cannot even be started counts as one that ended', () => {
  const { supervisor, behaviour, clock, runTo, states, children } = supervise()
  behaviour.onSpawn = () => {
    throw new Error('spawn ENOENT')
  }
  supervisor.start()
  runTo(clock.now + 60_000)
  expect(states.at(-1)).toEqual({ state: 'gave-up', how: 'it cannot be started: spawn ENOENT', restarts: 4 })
  expect(children).toHaveLength(5)
  expect(states.filter(({ state }) => state === 'running')).toEqual([])
})

test('a child that ends while it is being started is not taken for a running one', () => {
  const { supervisor, behaviour, states, last, runTo } = supervise()
  behaviour.onSpawn = () => last().end('exit code 2')
  supervisor.start()
  expect(states).toEqual([{ state: 'pausing', how: 'exit code 2', pauseMs: 500, restarts: 0 }])
  behaviour.onSpawn = () => {}
  runTo(500)
  expect(states.at(-1)).toEqual({ state: 'running', restarts: 1 })
})

test('stop asks, waits, and starts nothing again', async () => {
  const { supervisor, states, last, runTo, children } = supervise()
  supervisor.start()
  const stopping = supervisor.stop()
  expect(supervisor.stop()).toBe(stopping)
  expect(states.at(-1)).toEqual({ state: 'stopping' })
  runTo(100)
  expect(await stopping).toBe('ended')
  runTo(60_000)
  expect(last().done).toEqual(['asked'])
  expect(children).toHaveLength(1)
  expect(supervisor.state).toEqual({ state: 'stopped' })
})

test('a child that does not end in time is killed', async () => {
  const { supervisor, behaviour, last, runTo } = supervise()
  behaviour.endsWhenAsked = false
  supervisor.start()
  const stopping = supervisor.stop()
  runTo(4999)
  expect(last().done).toEqual(['asked'])
  runTo(5010)
  expect(await stopping).toBe('killed')
  expect(last().done).toEqual(['asked', 'killed'])
})

test('a child that cannot be killed holds nobody up, and its late end does not end the next one', async () => {
  const { supervisor, behaviour, children, runTo, states } = supervise()
  behaviour.endsWhenAsked = false
  behaviour.endsWhenKilled = false
  supervisor.start()
  const stopping = supervisor.stop()
  runTo(7000)
  expect(await stopping).toBe('stuck')
  supervisor.start()
  children[0]!.end('signal SIGKILL')
  expect(states.at(-1)).toEqual({ state: 'running', restarts: 0 })
})

test('stop during a pause takes the restart back', async () => {
  const { supervisor, last, runTo, children, states } = supervise()
  supervisor.start()
  last().end('exit code 1')
  expect(await supervisor.stop()).toBe('ended')
  runTo(60_000)
  expect(children).toHaveLength(1)
  expect(states.at(-1)).toEqual({ state: 'stopped' })
})

test('start while one runs, pauses or stops does nothing', () => {
  const { supervisor, last, runTo, children } = supervise()
  supervisor.start()
  supervisor.start()
  last().end('exit code 1')
  supervisor.start()
  expect(children).toHaveLength(1)
  runTo(500)
  void supervisor.stop()
  supervisor.start()
  expect(children).toHaveLength(2)
})

test('an end that is told twice counts once', () => {
  const { supervisor, last, states } = supervise()
  supervisor.start()
  const child = last()
  child.end('exit code 1')
  child.end('exit code 1')
  expect(states.filter(({ state }) => state === 'pausing')).toHaveLength(1)
})

test('a child that is ended by force counts as one that ended unasked, for the reason that was given', () => {
  const { children, supervisor, runTo, states, last } = supervise()
  supervisor.end('nobody runs')
  supervisor.start()
  runTo(1000)
  supervisor.end('it did not answer')
  expect(last().done).toEqual(['killed'])
  expect(states).toHaveLength(1)
  runTo(1010)
  expect(states.at(-1)).toEqual({ state: 'pausing', how: 'it did not answer', pauseMs: 500, restarts: 0 })
  // Between two children there is none to end.
  supervisor.end('it did not answer')
  runTo(1510)
  expect(children).toHaveLength(2)
  expect(last().done).toEqual([])
  // The reason belongs to the child it was given for.
  last().end('exit code 1')
  expect(states.at(-1)).toMatchObject({ state: 'pausing', how: 'exit code 1' })
})

test('a child that was asked to end is not ended otherwise', async () => {
  const { supervisor, runTo, last } = supervise()
  supervisor.start()
  const stopped = supervisor.stop()
  supervisor.end('it did not answer')
  expect(last().done).toEqual(['asked'])
  runTo(100)
  expect(await stopped).toBe('ended')
})
