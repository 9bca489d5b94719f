/** Captures that are started and stopped by several windows at once, with a tool that captures what the test says. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CaptureState } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { Captures } from '../../src/main/backend/captures.ts'
import { putAside } from '../../src/main/observe/deleted-captures.ts'
import { LiveFrames } from '../../src/main/observe/live-frames.ts'
import { CaptureError, type LiveCaptureOptions } from '../../src/main/observe/capture.ts'

const tool = vi.hoisted(() => ({
  running: 0,
  most: 0,
  started: [] as LiveCaptureOptions[],
  refuses: undefined as Error | undefined,
}))
vi.mock(import('../../src/main/observe/capture-tools.ts'), async (original) => ({
  ...(await original()),
  findCaptureTool: () => ({ name: 'dumpcap', path: '/usr/bin/dumpcap', reason: 'dumpcap' }) as never,
}))
vi.mock(import('../../src/main/observe/live-capture.ts'), async (original) => ({
  ...(await original()),
  startCapture: async (options: LiveCaptureOptions) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (tool.refuses) throw tool.refuses
    tool.started.push(options)
    tool.most = Math.max(tool.most, ++tool.running)
    options.onInterface({ linkType: 1 } as never)
    return {
      stop: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        tool.running--
      },
    }
  },
}))

let folder: string
let states: CaptureState[]
let captures: Captures
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-captures-'))
  Object.assign(tool, { running: 0, most: 0, started: [], refuses: undefined })
  states = []
  captures = new Captures({ frames: new LiveFrames(() => undefined), folder: () => folder, httpPorts: () => [80, 80, 8080], onChange: (state) => states.push(state) }) // prettier-ignore
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('of many that start at once one does, and the others are told which; one stop ends it', async () => {
  const ends = await Promise.allSettled(Array.from({ length: 20 }, () => captures.start('eth0')))
  expect(ends.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  for (const one of ends) if (one.status === 'rejected') expect(one.reason).toMatchObject({ message: 'a capture of eth0 is running', remedy: 'Stop it before starting another one.' }) // prettier-ignore
  expect([tool.started.length, tool.started[0]!.httpPorts]).toEqual([1, [80, 8080]])
  expect(await captures.stop()).toMatchObject({ interface: null, startedAt: null })
  expect(tool.running).toBe(0)
})

test('starts and stops in any order leave none behind', async () => {
  const order = Array.from({ length: 60 }, (_, at) => ((at * 7) % 5 < 3 ? 'start' : 'stop'))
  await Promise.allSettled(order.map((what) => (what === 'start' ? captures.start('eth0') : captures.stop())))
  expect(tool.started.length).toBeGreaterThan(3)
  await captures.stop()
  expect([tool.running, tool.most, captures.state.interface]).toEqual([0, 1, null])
})

test('a stop while it is being started waits for it', async () => {
  const start = captures.start('eth0')
  const stop = captures.stop()
  expect(await start).toMatchObject({ interface: 'eth0' })
  expect(await stop).toMatchObject({ interface: null })
  expect(tool.running).toBe(0)
})

test('one that is refused is told, and the next may start', async () => {
  tool.refuses = new CaptureError('dumpcap may not capture', 'Run as root.')
  const failed: unknown = await captures.start('eth0').catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(CallFailure)
  expect(failed).toMatchObject({ message: 'dumpcap may not capture', remedy: 'Run as root.' })
  tool.refuses = undefined
  expect(await captures.start('eth1')).toMatchObject({ interface: 'eth1', complaint: null, frames: 0 })
  tool.started[0]!.onEnd(new CaptureError('dumpcap ended', 'See why.'))
  expect(states.at(-1)).toMatchObject({ interface: null, startedAt: null, complaint: { message: 'dumpcap ended', remedy: 'See why. What was captured until then is kept.', about: 'capture' } }) // prettier-ignore
})

test('folders that somebody made where captures lie are no captures, and hinder nothing', () => {
  writeFileSync(join(folder, 'a.pcapng'), 'abc')
  mkdirSync(join(folder, 'deleted/by-hand'), { recursive: true })
  mkdirSync(join(folder, 'b.pcapng'))
  utimesSync(join(folder, 'deleted/by-hand'), 1, 1)
  expect(captures.list().map(({ name }) => name)).toEqual(['a.pcapng'])
  expect(captures.delete('a.pcapng')).toEqual([])
  expect(captures.restore('a.pcapng').map(({ name }) => name)).toEqual(['a.pcapng'])
  expect(readdirSync(join(folder, 'deleted'))).toEqual(['by-hand'])
})

test('a deleted capture is aside until it is wanted back, for a day and 1 GiB of them at most', () => {
  const write = (name: string, bytes = 3): void => writeFileSync(join(folder, name), Buffer.alloc(bytes))
  const listed = (): string[] => captures.list().map(({ name }) => name)
  write('a.pcapng')
  write('b.pcapng')
  expect(captures.delete('a.pcapng').map(({ name }) => name)).toEqual(['b.pcapng'])
  expect(readdirSync(join(folder, 'deleted'))).toEqual(['a.pcapng'])
  expect(captures.restore('a.pcapng').map(({ name, bytes }) => [name, bytes])).toContainEqual(['a.pcapng', 3])
  expect(() => captures.restore('a.pcapng')).toThrow(/a\.pcapng cannot be restored/)
  captures.delete('a.pcapng')
  write('a.pcapng', 5)
  expect(() => captures.restore('a.pcapng')).toThrow(CallFailure)
  expect(statSync(join(folder, 'a.pcapng')).size).toBe(5)
  // Of large ones the oldest gives way; after a day everything.
  for (const [at, name] of ['c.pcapng', 'd.pcapng'].entries()) {
    write(name)
    truncateSync(join(folder, name), 600 * 1024 * 1024)
    putAside(folder, name, Date.now() + (at + 1) * 1000)
  }
  expect(readdirSync(join(folder, 'deleted'))).toEqual(['d.pcapng'])
  // The last can be taken back whatever its size.
  write('e.pcapng')
  truncateSync(join(folder, 'e.pcapng'), 1100 * 1024 * 1024)
  putAside(folder, 'e.pcapng', Date.now() + 9000)
  expect(readdirSync(join(folder, 'deleted'))).toEqual(['e.pcapng'])
  putAside(folder, 'none.pcapng', Date.now() + 25 * 3600 * 1000)
  expect(readdirSync(join(folder, 'deleted'))).toEqual([])
  expect(listed().toSorted()).toEqual(['a.pcapng', 'b.pcapng'])
})
