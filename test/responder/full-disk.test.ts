/** State that cannot be written for a while: told once, with its cause; what was there stays whole, and what comes after it is read. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LabEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { CapturedFrame } from '#shared/wire/capture-file.ts'
import { BootRoom } from '../../src/main/backend/boot-room.ts'
import { ClientBook } from '../../src/main/backend/client-book.ts'
import { LogBook } from '../../src/main/backend/log-book.ts'
import { LiveFrames } from '../../src/main/observe/live-frames.ts'
import { leaseCountsOf, Telemetry } from '../../src/main/telemetry/telemetry.ts'
import { describeWith } from '../helpers/requirements.ts'

let folder: string
const warnings: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-full-'))
  warnings.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const event = (message: string): LabEvent => ({ type: 'warning', message, time: 1_795_680_000_000 })

test('the history of boots: packets that can be written again do not have the rest told again', async () => {
  const history = join(folder, 'history')
  // In the way of both.
  for (const name of ['book.json', 'frames-000001.pcapng']) mkdirSync(join(history, name), { recursive: true })
  const frames = new LiveFrames(() => undefined)
  const log = new LogBook((text) => text)
  const room = new BootRoom({ frames, clients: new ClientBook(), log, stateFile: (name) => join(folder, name), onVerdict: () => {}, onSettled: () => {}, warn: (text) => warnings.push(text) }) // prettier-ignore
  await room.open()
  // Such a folder is told as what it is when it is read.
  warnings.length = 0
  const add = (seconds: number): void => {
    frames.restore({ interface: 0, seconds, nanoseconds: 0, bytes: new Uint8Array(60), originalLength: 60, direction: 'in' } as CapturedFrame, { name: 'eth0', linkType: 1 } as never) // prettier-ignore
    room.tick()
  }
  add(10)
  await vi.waitFor(() => expect(warnings).toHaveLength(1), 60_000)
  expect(warnings[0]).toMatch(/^the history of boots cannot be written to .*history \(EISDIR\)/)
  rmdirSync(join(history, 'frames-000001.pcapng'))
  for (let seconds = 11; !existsSync(join(history, 'frames-000001.pcapng')); seconds++) {
    add(seconds)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  log.hear(event('a'))
  await room.close()
  expect(warnings).toHaveLength(1)
})

describeWith(['root', 'mount'], 'the log of a lab on a disk that is full', () => {
  test('has no half line, is told once however often that changes, and goes on', async () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    const telemetry = new Telemetry({ settings: labSchema.parse({ interface: 'eth0', telemetry: { log: 'lab.jsonl' } }).telemetry, resolve: (file) => join(disk, file), leases: async () => leaseCountsOf([]), warn: (text) => warnings.push(text) }) // prettier-ignore
    const file = join(disk, 'lab.jsonl')
    const read = (): string => readFileSync(file, 'utf8')
    const filler = join(disk, 'fill')
    const fill = (): void => {
      try {
        writeFileSync(filler, Buffer.alloc(100_000))
      } catch {
        // As far as it goes.
      }
    }
    try {
      telemetry.hear(event('first'))
      await vi.waitFor(() => expect(read()).toContain('first'), 60_000)
      const before = read()
      fill()
      // More than the rest of a page: a part of it still finds room.
      telemetry.hear(event('x'.repeat(9000)))
      await vi.waitFor(() => expect(warnings).toHaveLength(1), 60_000)
      expect(warnings[0]).toMatch(/lab\.jsonl cannot be written \(ENOSPC\): Free some space on that disk\./)
      expect(read()).toBe(before)
      for (let round = 0; round < 5; round++) {
        rmSync(filler)
        telemetry.hear(event(`free ${round}`))
        await vi.waitFor(() => expect(read()).toContain(`free ${round}"`), 60_000)
        fill()
        telemetry.hear(event('x'.repeat(9000)))
        // The next round begins when this one is over: what is heard is written in order.
        await telemetry.idle()
      }
      expect(warnings).toEqual([warnings[0], expect.stringContaining('is written again; 1 events are not in it')])
      for (const line of read().trim().split('\n')) JSON.parse(line)
    } finally {
      await telemetry.close()
      execFileSync('umount', ['-l', disk])
    }
  })
})
