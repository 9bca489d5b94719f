/** Captures by pktmon, which is played here: what it is told, when its frames come, and what is said where it refuses. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { concatBytes, encodeText } from '#shared/wire/bytes.ts'
import { CaptureError } from '../../src/main/observe/capture.ts'
import { componentOf, startPktmon } from '../../src/main/observe/pktmon.ts'
import type { RunTool } from '../../src/main/system/programs.ts'

/** One pktmon of the machine: it has one log at a time, and sees a frame with a number whenever it is asked to. */
class Pktmon {
  readonly asked: string[] = []
  log: string | undefined
  #seen: string[] = []
  /** Output with which a command is refused. */
  refuses = new Map<string, string>()
  folder = ''

  see(frame: string): void {
    this.#seen.push(frame)
  }

  readonly run: RunTool = (program, [command = '', ...values]) => {
    this.asked.push([command, ...values].join(' '))
    const told = this.refuses.get(command) ?? this.#do(command, values)
    return Promise.resolve({ command: program, output: told ?? '', code: told === undefined ? 0 : 1, ...(told === undefined ? {} : { problem: 'it ended with 1' }) }) // prettier-ignore
  }

  #do(command: string, values: readonly string[]): string | undefined {
    switch (command) {
      case 'start':
        if (this.log !== undefined) return 'Packet Monitor is already started.'
        this.log = values.at(-1)!
        this.folder = dirname(this.log)
        return undefined
      case 'stop':
        if (this.log === undefined) return 'Packet Monitor is not running.'
        writeFileSync(this.log, JSON.stringify(this.#seen))
        this.#seen = []
        this.log = undefined
        return undefined
      case 'etl2pcap': {
        const frames = JSON.parse(readFileSync(values[0]!, 'utf8')) as string[]
        const blocks = frames.map((one) => pcapngFrame({ interface: 0, seconds: 1, nanoseconds: 0, bytes: encodeText(one) })) // prettier-ignore
        writeFileSync(values.at(-1)!, concatBytes([pcapngHeader('pktmon', [{ linkType: 1, name: 'nic' }]), ...blocks]))
        return undefined
      }
      case 'pcapng':
        return `Unknown command 'pcapng'.`
      default:
        return undefined
    }
  }
}

let pktmon: Pktmon
let frames: string[]
let ends: CaptureError[]
beforeEach(() => {
  pktmon = new Pktmon()
  frames = []
  ends = []
})
const start = (handOverMs?: number) =>
  startPktmon(
    {
      tool: { name: 'pktmon', path: 'C:\\Windows\\System32\\pktmon.exe', reason: '' },
      interface: 'Ethernet',
      handOverMs,
      onInterface: () => {},
      onFrame: ({ bytes }) => void frames.push(Buffer.from(bytes).toString()),
      onEnd: (reason) => void ends.push(reason),
    },
    pktmon.run,
  )

test('whole packets are captured, and come when it is stopped; filters and files of ours are gone after it', async () => {
  const capture = await start()
  // Its default keeps 128 bytes of a packet, which would cut every DHCP message.
  expect(pktmon.asked.at(-1)).toMatch(/^start --capture --comp nics --pkt-size 0 --file-name /)
  expect(pktmon.asked.filter((one) => one.startsWith('filter add')).length).toBeLessThanOrEqual(32)
  pktmon.see('DISCOVER')
  expect(frames).toEqual([])
  await capture.stop()
  expect(frames).toEqual(['DISCOVER'])
  expect([pktmon.log, pktmon.asked.at(-1), existsSync(pktmon.folder)]).toEqual([undefined, 'filter remove', false])
})

test('an agent gets its frames log by log, each once, and those of the last moments when it stops', async () => {
  const capture = await start(20)
  pktmon.see('one')
  await vi.waitUntil(() => frames.includes('one'), 60_000)
  pktmon.see('two')
  await vi.waitUntil(() => frames.includes('two'), 60_000)
  // A log that was read is not kept.
  await vi.waitUntil(() => readdirSync(pktmon.folder).length === 0, 60_000)
  pktmon.see('three')
  await capture.stop()
  expect(frames).toEqual(['one', 'two', 'three'])
  expect([pktmon.log, ends]).toEqual([undefined, []])
  const asked = pktmon.asked.length
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(pktmon.asked).toHaveLength(asked)
})

test('a stop at any moment of a turn leaves nothing running and loses nothing', async () => {
  for (let round = 0; round < 25; round++) {
    pktmon = new Pktmon()
    frames = []
    const { run } = pktmon
    // Each command takes a moment, so that stops come between them.
    const slowly: RunTool = async (...values) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return run(...values)
    }
    Object.assign(pktmon, { run: slowly })
    const capture = await start(1)
    pktmon.see('frame')
    await new Promise((resolve) => setTimeout(resolve, round))
    await capture.stop()
    expect([round, frames, pktmon.log]).toEqual([round, ['frame'], undefined])
  }
})

test.each([
  ['start', 'Access is denied.', /may not capture/, 'Run as administrator.'],
  ['start', 'Packet Monitor is already started.', /captures already/, /Run pktmon stop/],
  ['filter', 'Unknown command', /pktmon filter remove failed/, /by hand/],
])('a refusal of %s (%s) says what is needed, and nothing is left', async (command, output, message, remedy) => {
  pktmon.refuses.set(command, output)
  const refused = await start().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(CaptureError)
  expect(refused).toMatchObject({ message: expect.stringMatching(message) as string, remedy: expect.stringMatching(remedy) as string }) // prettier-ignore
  expect(pktmon.log).toBeUndefined()
})

test('a pktmon that cannot make pcapng ends the capture, told once, with what to install', async () => {
  pktmon.refuses.set('etl2pcap', 'Unknown command')
  const capture = await start(10)
  await vi.waitUntil(() => ends.length > 0, 60_000)
  expect(ends[0]!.remedy).toMatch(/install Wireshark with Npcap/)
  expect([pktmon.log, existsSync(pktmon.folder)]).toEqual([undefined, false])
  await capture.stop()
  expect(ends).toHaveLength(1)
})

test('an adapter is found in the list by its hardware address', () => {
  const list = 'Network Adapters:\r\n   Id MAC Address       Name\r\n   -- -----------       ----\r\n    9 00-15-5D-32-12-00 Hyper-V Virtual Ethernet Adapter\r\n   11 00-15-5D-32-12-0A Intel(R) I210 #2\r\n' // prettier-ignore
  expect(componentOf(list, '00:15:5d:32:12:0a')).toBe('11')
  expect(componentOf(list, '00:15:5d:32:12:00')).toBe('9')
  expect(componentOf(list, '52:54:00:00:00:01')).toBeUndefined()
})
