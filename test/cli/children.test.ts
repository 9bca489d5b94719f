/** Further processes of the program: forked under Node, and as utility processes where the program is Electron's. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { hostChildren } from '../../src/main/electron/children.ts'
import { utilityProcess } from '../helpers/electron-double/utility-process.ts'

vi.mock('electron', async () => await import('../helpers/electron-double/utility-process.ts'))

const starter = fileURLToPath(new URL('../helpers/child-starter.ts', import.meta.url))
const question = JSON.stringify({ kind: 'tftp', server: '127.0.0.1', file: 'none', waitMs: 300 })

interface Told {
  readonly message?: { readonly problem: string }
  readonly pid?: number
  readonly exit?: boolean
}
/** Everything until the child is gone. */
const toldBy = (starting: { on(name: 'message', hear: (told: Told) => void): unknown }): Promise<Told[]> =>
  new Promise((resolve) => {
    const told: Told[] = []
    starting.on('message', (one) => {
      // What it says to the shell about its child comes by the same way.
      if ('message' in one || 'exit' in one) told.push(one)
      if (one.exit) resolve(told)
    })
  })
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const ways: Readonly<Record<string, () => [ChildProcess | ReturnType<typeof utilityProcess.fork>, Promise<Told[]>]>> = {
  'forked under Node': () => {
    const starting = fork(starter, ['second-opinion', question])
    return [starting, toldBy(starting)]
  },
  'as a utility process that the shell starts': () => {
    const starting = utilityProcess.fork(starter, ['second-opinion', question])
    hostChildren(starting as never)
    return [starting, toldBy(starting)]
  },
}

test.each(Object.entries(ways))(
  '%s: it answers, has a process of its own, and ends when it is asked to',
  async (_, start) => {
    const [starting, telling] = start()
    const told = await telling
    expect(told[0]!.message!.problem).toMatch(/no end after 0 bytes|refused/i)
    expect(told[0]!.pid).toBeGreaterThan(0)
    expect(told[0]!.pid).not.toBe(starting.pid)
    expect(isAlive(told[0]!.pid!)).toBe(false)
    process.kill(starting.pid!, 'SIGKILL')
  },
)

test('what is not ours is not started', async () => {
  const starting = utilityProcess.fork(starter, ['../../../etc/passwd', question])
  const spy = vi.spyOn(utilityProcess, 'fork')
  hostChildren(starting as never)
  await new Promise((resolve) => starting.on('message', resolve))
  expect(spy).not.toHaveBeenCalled()
  process.kill(starting.pid!, 'SIGKILL')
})
