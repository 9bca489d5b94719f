/** The rooms that ask the wire and this machine: who is refused, who waits for whom, and what ends with the application. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CallFailure } from '#shared/contract/channel.ts'
import type { RemedyRecord } from '#shared/lab/repair.ts'
import { MachineRoom } from '../../src/main/backend/machine-room.ts'
import { WireRoom } from '../../src/main/backend/wire-room.ts'
import type { CensusResult } from '../../src/main/probe/census.ts'
import type { Census6 } from '../../src/main/probe/census6.ts'
import { PortTaken } from '../../src/main/probe/wire-client.ts'
import { RemedyError } from '../../src/main/remedy/kinds.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'

const served: NetworkInterface = { name: 'eth0', address: 0x0a000001, prefixLength: 24, mtu: 1500, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true } // prettier-ignore

type Work = (signal: AbortSignal) => Promise<unknown>
const world = vi.hoisted(() => ({
  isElevated: true,
  work: (async () => ({})) as Work,
  asked: [] as unknown[],
  wire: (async () => ({ servers: [], complaint: undefined })) as Work,
  census: (async () => ({ results: [], warnings: [], complaint: undefined })) as Work,
  census6: undefined as Census6 | undefined,
  interface: {} as Partial<NetworkInterface>,
  rehearsal: (async () => undefined) as Work,
  facts: (async () => ({})) as (signal: AbortSignal, tell: (text: string) => void) => Promise<unknown>,
  history: [] as unknown[],
}))
vi.mock(import('../../src/main/remedy/elevation.ts'), async (original) => ({
  ...(await original()),
  isElevated: () => Promise.resolve(world.isElevated),
  engineIn: (folder: string) => {
    world.asked.push(folder)
    return { preview: () => Promise.resolve({ steps: [] }), list: () => Promise.resolve(['listed']) } as never
  },
  perform: (_engine: unknown, request: unknown, signal?: AbortSignal) => {
    world.asked.push(request)
    return world.work(signal!) as Promise<RemedyRecord>
  },
  performElevated: (folder: string, request: unknown) => {
    world.asked.push('elevated', folder, request)
    return Promise.resolve({ id: 'elevated' } as unknown as RemedyRecord)
  },
}))
vi.mock(import('../../src/main/inspect/facts.ts'), async (original) => ({
  ...(await original()),
  collectFacts: (options) => world.facts(options!.signal!, options!.onProgress!) as never,
}))
vi.mock('../../src/main/workspace/check-history.ts', () => ({
  readHistory: (path: string) => [path],
  addToHistory: (path: string, facts: unknown) => {
    world.history.push(path, facts)
    return Promise.reject(new Error('the folder is full'))
  },
}))
vi.mock(import('../../src/main/responder/interfaces.ts'), async (original) => ({
  ...(await original()),
  listInterfaces: () => [{ ...served, ...world.interface }],
}))
vi.mock(import('../../src/main/probe/dhcp-guard.ts'), async (original) => ({
  ...(await original()),
  askWhoAnswers: ({ signal }) => world.wire(signal) as never,
}))
vi.mock(import('../../src/main/probe/census.ts'), async (original) => ({
  ...(await original()),
  takeCensus: (_served, clients, signal) => {
    world.asked.push(clients)
    return world.census(signal) as never
  },
}))
vi.mock(import('../../src/main/probe/census6.ts'), async (original) => ({
  ...(await original()),
  takeCensus6: () => Promise.resolve(world.census6),
}))
vi.mock(import('../../src/main/probe/rehearsal.ts'), async (original) => ({
  ...(await original()),
  rehearse: ({ signal, onProgress, isBrief, client, isAnswered }) => {
    world.asked.push({ isBrief, client, isAnswered })
    onProgress('asking')
    return world.rehearsal(signal) as never
  },
  secondDhcpOpinion: () => Promise.resolve({ name: 'Second opinion: DHCP', state: 'passed', detail: 'the same' }),
}))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-asking-'))
  Object.assign(world, { isElevated: true, asked: [], history: [], work: async () => ({ id: 'made' }) })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Work that ends when its signal does. */
const untilAborted = (): { work: Work; begun: Promise<void>; ended: () => boolean } => {
  let begin = (): void => {}
  let hasEnded = false
  const begun = new Promise<void>((resolve) => (begin = resolve))
  return {
    begun,
    ended: () => hasEnded,
    work: (signal) =>
      new Promise((resolve) => {
        begin()
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            hasEnded = true
            resolve({ id: 'undone' })
          }),
        )
      }),
  }
}

describe('this machine', () => {
  const newRoom = () => {
    const told: string[] = []
    const room = new MachineRoom({ stateFile: (name) => join(folder, name), onChecking: (text) => told.push(text), labFacts: () => ({}), onRemedy: () => {} }) // prettier-ignore
    return { room, told, call: room.handlers }
  }
  const remedy = { title: 'x', changes: [] }

  test('is looked at once, however many ask, and once more when they ask again', async () => {
    const { call, told } = newRoom()
    let looks = 0
    world.facts = async (_signal, tell) => {
      tell('services')
      return { look: ++looks }
    }
    const [a, b] = await Promise.all([call['doctor.collect']({}), call['doctor.collect']({})])
    expect([a, b, looks]).toEqual([{ look: 1 }, { look: 1 }, 1])
    // A history that cannot be kept takes no check.
    expect(world.history).toEqual([join(folder, 'checks.json'), { look: 1 }])
    expect(told).toEqual(['services', ''])
    expect(await call['doctor.collect']({})).toEqual({ look: 2 })
    expect(await call['doctor.history']({})).toEqual([join(folder, 'checks.json')])
  })

  test('a check that is cancelled, or that the application ends, is over', async () => {
    const { room, call, told } = newRoom()
    for (const end of [() => call['doctor.cancel']({}), () => room.close()]) {
      const { work, begun } = untilAborted()
      world.facts = work
      const collecting = call['doctor.collect']({})
      await begun
      await end()
      await collecting
      expect(told.at(-1)).toBe('')
    }
  })

  test('facts of a file that are none are told', () => {
    const { call } = newRoom()
    expect(() => call['doctor.read']({ text: 'nothing' })).toThrow(expect.objectContaining({ remedy: 'Choose another file.', message: expect.not.stringMatching(/\.$/) })) // prettier-ignore
  })

  test('is changed by itself where it may be, else with the rights that are asked for', async () => {
    const { room, call } = newRoom()
    expect(await call['remedy.preview']({ changes: [] })).toEqual({ steps: [], needsElevation: false })
    expect(await call['remedy.apply'](remedy)).toEqual({ id: 'made' })
    expect(world.asked).toContainEqual({ verb: 'apply', ...remedy })
    await call['remedy.undo']({ id: 'a' })
    await call['remedy.finish']({ id: 'b' })
    expect(world.asked).toEqual(
      expect.arrayContaining([
        { verb: 'undo', id: 'a' },
        { verb: 'finish', id: 'b' },
      ]),
    )
    expect(await call['remedy.list']({})).toEqual(['listed'])
    expect(world.asked.filter((one) => typeof one === 'string')).toEqual(Array.from({ length: 5 }, () => join(folder, 'remedies'))) // prettier-ignore
    expect(world.asked).not.toContain('elevated')
    world.isElevated = false
    expect(await call['remedy.preview']({ changes: [] })).toMatchObject({ needsElevation: true })
    expect(await call['remedy.apply'](remedy)).toEqual({ id: 'elevated' })
    expect(world.asked.slice(-3)).toEqual(['elevated', join(folder, 'remedies'), { verb: 'apply', ...remedy }])
    expect(room.isChanging).toBe(false)
  })

  test('a change that is refused comes with its remedy, a defect as itself', async () => {
    const { room, call } = newRoom()
    world.work = () => Promise.reject(new RemedyError('it cannot', 'Do it by hand.'))
    await expect(call['remedy.apply'](remedy)).rejects.toEqual(new CallFailure('it cannot', 'Do it by hand.')) // prettier-ignore
    world.work = () => Promise.reject(new TypeError('a defect'))
    await expect(call['remedy.apply'](remedy)).rejects.toBeInstanceOf(TypeError)
    expect(room.isChanging).toBe(false)
    // The application ends all the same.
    await room.close()
  })

  test('while it is changed, cancel means the first change, and the application waits until it is taken back', async () => {
    for (const isClosed of [false, true]) {
      const { room, call } = newRoom()
      const first = untilAborted()
      world.work = first.work
      const changing = call['remedy.apply'](remedy)
      await first.begun
      expect(room.isChanging).toBe(true)
      world.work = () => Promise.reject(new RemedyError('another change is being made', 'Wait.'))
      await expect(call['remedy.undo']({ id: 'a' })).rejects.toThrow('another change is being made')
      expect(room.isChanging).toBe(true)
      if (isClosed) await room.close()
      else await call['remedy.cancel']({})
      if (isClosed) expect(first.ended()).toBe(true)
      expect(await changing).toEqual({ id: 'undone' })
      expect(room.isChanging).toBe(false)
    }
  })
})

describe('the wire', () => {
  let isResponding = false
  const newRoom = () => {
    const told: string[] = []
    const room = new WireRoom({ isResponding: () => isResponding, onProgress: (text) => told.push(text), onRival: () => {} }) // prettier-ignore
    return { room, told, call: room.handlers }
  }
  const heard = { client: 'bios', offers: [] } as unknown as CensusResult
  const rehearsed = { client: 'bios', code: '', line: '', steps: [], program: undefined, sweep: [], recommended: undefined } // prettier-ignore

  test('who answers is told, with why nobody could be asked', async () => {
    const { call } = newRoom()
    expect(await call['wire.ask']({ interface: 'eth0' })).toEqual({ servers: [] })
    world.wire = async () => ({ servers: [{ server: '10.0.0.9' }], complaint: 'port 68 is taken' })
    expect(await call['wire.ask']({ interface: '10.0.0.1' })).toEqual({ servers: [{ server: '10.0.0.9' }], complaint: 'port 68 is taken' }) // prettier-ignore
    expect(await call['wire.census']({ interface: 'eth0' })).toEqual({ results: [], warnings: [] })
    expect(world.asked).toEqual([['bios', 'x64-uefi', 'arm64-uefi', 'http']])
    world.census = async () => ({ results: [heard], warnings: ['w'], complaint: 'c' })
    expect(await call['wire.census']({ interface: 'eth0' })).toEqual({ results: [heard], warnings: ['w'], complaint: 'c' }) // prettier-ignore
  })

  test('a rehearsed boot has the second opinion as its last step; a cancelled one is none', async () => {
    const { call, told } = newRoom()
    expect(await call['wire.rehearse']({ interface: 'eth0', census: heard as never })).toBeNull()
    expect([told, world.asked]).toEqual([['asking'], [{ isBrief: false, client: 'bios', isAnswered: false }]])
    world.rehearsal = async () => rehearsed
    expect(await call['wire.rehearse']({ interface: 'eth0', census: heard as never })).toMatchObject({ client: 'bios', steps: [{ name: 'Second opinion: DHCP' }] }) // prettier-ignore
    world.rehearsal = () => Promise.reject(new PortTaken('port 68 is taken'))
    await expect(call['wire.rehearse']({ interface: 'eth0', census: heard as never })).rejects.toMatchObject({ message: 'eth0 cannot be asked: port 68 is taken', remedy: 'Stop the programs that use ports 67 and 68 on this computer.' }) // prettier-ignore
    world.rehearsal = () => Promise.reject(new TypeError('a defect'))
    await expect(call['wire.rehearse']({ interface: 'eth0', census: heard as never })).rejects.toBeInstanceOf(TypeError)
  })

  test('over IPv6 it is asked first who answers, and told why nobody can be asked', async () => {
    const { call, told } = newRoom()
    const ask = () => call['wire.rehearseIpv6']({ interface: 'eth0', client: 'http-ipv6' })
    await expect(ask()).rejects.toMatchObject({ message: 'eth0 has no IPv6 address of its link (fe80::)', remedy: expect.stringMatching(/^Enable IPv6/) }) // prettier-ignore
    world.interface = { ipv6: [{ address: 'fe80::1', prefixLength: 64 }], index: 2 }
    const noRouters = { routers: [], routersComplaint: undefined, notes: [] }
    world.census6 = { ...noRouters, results: [], complaint: 'UDP port 546 cannot be opened (EADDRINUSE)' }
    await expect(ask()).rejects.toMatchObject({ message: 'eth0 cannot be asked: UDP port 546 cannot be opened (EADDRINUSE)', remedy: expect.stringMatching(/^Stop the DHCPv6 client/) }) // prettier-ignore
    world.census6 = { ...noRouters, results: [{ client: 'x64-uefi', advertises: [], address: '', asksBootServer: false }, { client: 'http', advertises: [{} as never], address: '', asksBootServer: false }], complaint: undefined } // prettier-ignore
    world.rehearsal = async () => undefined
    expect(await ask()).toBeNull()
    expect([told.at(-1), world.asked]).toEqual(['asking', [{ isBrief: false, client: 'http-ipv6', isAnswered: true }]])
    world.rehearsal = async () => ({ ...rehearsed, client: 'http-ipv6' })
    // No client of others speaks IPv6.
    expect(await ask()).toMatchObject({ client: 'http-ipv6', steps: [] })
    expect(await call['wire.rehearseIpv6']({ interface: 'eth0', client: 'x64-uefi-ipv6' })).toBeTruthy()
    expect(world.asked.at(-1)).toEqual({ isBrief: false, client: 'x64-uefi-ipv6', isAnswered: false })
    world.rehearsal = () => Promise.reject(new PortTaken('UDP port 546 cannot be opened (EACCES)'))
    await expect(ask()).rejects.toMatchObject({ message: 'eth0 cannot be asked: UDP port 546 cannot be opened (EACCES)' }) // prettier-ignore
    world.interface = {}
    world.census6 = undefined
  })

  test('whoever asks ends the question before, and so do cancel and the end of the application', async () => {
    const { room, call } = newRoom()
    const questions = [1, 2, 3].map(untilAborted)
    const answers: unknown[] = []
    for (const [index, question] of questions.entries()) {
      world.wire = (signal) => question.work(signal).then(() => ({ servers: [], complaint: `ended ${index}` }))
      answers.push(call['wire.ask']({ interface: 'eth0' }))
      await question.begun
      if (index === 1) await call['wire.cancel']({})
    }
    expect(await Promise.all(answers.slice(0, 2))).toEqual([{ servers: [], complaint: 'ended 0' }, { servers: [], complaint: 'ended 1' }]) // prettier-ignore
    expect(questions[2]!.ended()).toBe(false)
    await room.close()
    expect(await answers[2]).toEqual({ servers: [], complaint: 'ended 2' })
  })

  test('is not asked beside our own responder, nor on an interface that is not there', async () => {
    const { call } = newRoom()
    isResponding = true
    await expect(call['wire.ask']({ interface: 'eth0' })).rejects.toThrow('the responder is running')
    isResponding = false
    for (const name of ['wire.ask', 'wire.census', 'wire.rehearse'] as const)
      await expect(Promise.resolve().then(() => call[name]({ interface: 'no0', census: heard } as never))).rejects.toThrow('there is no interface no0') // prettier-ignore
    await expect(call['rival.start']({ interface: 'no0', clients: [] })).rejects.toThrow('there is no interface no0') // prettier-ignore
    await expect(call['rival.start']({ interface: 'eth0', clients: ['x'] })).rejects.toEqual(new CallFailure('x is not a MAC address', 'Write one such as 52:54:00:00:00:01.')) // prettier-ignore
    expect(call['rival.read']({})).toMatchObject({ isRunning: false })
    expect(await call['rival.stop']({})).toMatchObject({ isRunning: false })
  })
})
