/** Changes that are made and taken back, on the double of a Windows server: every state before, every point of a crash. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { changesOf, procedures } from '#shared/diagnosis/guidance.ts'
import { dpKey, wdsKey, wdsParametersKey } from '#shared/lab/registry-keys.ts'
import { canApply, type Change, type RemedyRecord } from '#shared/lab/repair.ts'
import { RemedyEngine } from '../../src/main/remedy/engine.ts'
import type { RunTool } from '../../src/main/system/programs.ts'
import { stateOf, WindowsDouble, type DoubleState, type WindowsServer } from '../helpers/windows-double.ts'
import { windowsServer } from '../helpers/windows-server.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-remedy-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

class Crash extends Error {}

/** An engine on the double that dies at one of the points where something is run or has been written down. */
function engineOn(double: WindowsDouble, dieAt = Infinity): { engine: RemedyEngine; points: () => number } {
  let point = 0
  const pass = (): void => {
    if (++point === dieAt) throw new Crash()
  }
  const engine = new RemedyEngine(
    folder,
    {
      system: 'windows',
      program: 'node',
      run: async (program, values) => {
        pass()
        const { output, code } = double.run(program, values)
        return { command: [program, ...values].join(' '), output, code }
      },
    },
    pass,
  )
  return { engine, points: () => point }
}

/** What must be the same: a server does not care in which order it was told its options. */
const essence = (state: DoubleState): unknown => ({ ...state, dhcp: state.dhcp.toSorted() })

const conflict: WindowsServer = { services: { DHCPServer: 'running', WDSServer: 'running' } }
const doubleOf = (server: WindowsServer): WindowsDouble => new WindowsDouble(stateOf(server))
const repairOf = (server: WindowsServer): readonly Change[] =>
  diagnose(windowsServer(server)).findings[0]!.remedy!.changes

describe('the documented repair', () => {
  test('is shown with what is there and what will be, made, and taken back to the byte', async () => {
    const double = doubleOf(conflict)
    const before = structuredClone(double.state)
    const { engine } = engineOn(double)
    const changes = repairOf(conflict)
    const { steps } = await engine.preview(changes)
    expect(steps.map(({ what, now, wanted }) => [what, now, wanted])).toEqual([
      [`${wdsKey}\\UseDHCPPorts`, 'absent', 'REG_DWORD 0x0'],
      ['DHCP option 60 at server level', 'not set', 'PXEClient'],
      ['service WDSServer', 'running', 'started again'],
    ])
    expect(steps[0]!.commands).toEqual([`reg add ${wdsKey} /v UseDHCPPorts /t REG_DWORD /d 0 /f`])
    expect(double.state).toEqual(before)

    const record = await engine.apply('Both want port 67', changes)
    expect(record).toMatchObject({ phase: 'applied', steps: changes.map(() => ({ state: 'done' })) })
    expect(double.state.registry[wdsKey.replace('HKLM', 'HKEY_LOCAL_MACHINE')]!['UseDHCPPorts']).toEqual({
      type: 'REG_DWORD',
      data: '0x0',
    })
    expect(double.state.dhcp).toContain('set optionvalue 60 STRING "PXEClient" ')
    expect(await engine.undo(record.id)).toMatchObject({ phase: 'undone' })
    expect(double.state).toEqual(before)
    await expect(engine.undo(record.id)).rejects.toThrow('has been taken back already')
  })

  test('in another display language the same', async () => {
    const double = doubleOf({ ...conflict, language: 'de' })
    const before = structuredClone(double.state)
    const { engine } = engineOn(double)
    const record = await engine.apply('x', repairOf(conflict))
    expect(record.phase).toBe('applied')
    await engine.undo(record.id)
    expect(double.state).toEqual(before)
  })

  test('a step that fails takes the others back, and says what stood in the way', async () => {
    const double = doubleOf({ services: { DHCPServer: 'running', WDSServer: 'disabled' } })
    const before = structuredClone(double.state)
    const record = await engineOn(double).engine.apply('x', repairOf(conflict))
    expect(record).toMatchObject({
      phase: 'undone',
      problem: expect.stringMatching(/^service WDSServer is stopped where it should be started again/),
    })
    expect(double.state).toEqual(before)
  })

  // What is silent or cut off has told nothing: taken for "not there", an undo would delete what was there before.
  const before: readonly [string, string[][]][] = [
    ['a text', [[wdsKey, 'UseDHCPPorts', 'REG_SZ', 'two words ']]],
    ['no key', []],
    ['a key of somebody else beside it', [[wdsKey, 'Other', 'REG_DWORD', '1']]],
  ]
  const silences = [-1, 1, 0]
  test.each(before.flatMap((one) => silences.map((code) => [...one, code] as const)))(
    'over %s: a query of the registry that says nothing (%#) loses nothing',
    async (_, values, code) => {
      for (let silent = 1; ; silent++) {
        const double = doubleOf({ services: { DHCPServer: 'running', WDSServer: 'running' } })
        for (const [key = '', name = '', type = '', data = ''] of values)
          double.run('reg', ['add', key, '/v', name, '/t', type, '/d', data, '/f'])
        const there = structuredClone(double.state)
        let queries = 0
        const run: RunTool = async (program, words) => {
          const command = [program, ...words].join(' ')
          if (program === 'reg' && words[0] === 'query' && ++queries === silent) return { command, output: '', code }
          return { command, ...double.run(program, words) }
        }
        const engine = new RemedyEngine(folder, { system: 'windows', run, program: '' })
        const change: Change = { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 }
        const record = await engine.apply('x', [change]).catch(() => undefined)
        const isOpen = (): boolean => JSON.stringify(double.state) !== JSON.stringify(there)
        // Where the undo meets the silent query, it is done at the second try.
        for (const tries of [1, 2])
          if (record !== undefined && isOpen())
            await engine
              .undo(record.id)
              .catch((problem: unknown) => expect({ tries, problem }).toMatchObject({ tries: 1 }))
        // A key that was made and may hold something of others is left.
        const left = structuredClone(double.state)
        for (const [key, held] of Object.entries(left.registry))
          if (Object.keys(held).length === 0 && there.registry[key] === undefined) delete left.registry[key]
        expect({ silent, state: left }).toEqual({ silent, state: there })
        if (queries < silent) break
      }
    },
  )

  test('cancelled on the way it is taken back', async () => {
    const double = doubleOf(conflict)
    const before = structuredClone(double.state)
    const stop = new AbortController()
    const engine = new RemedyEngine(
      folder,
      {
        system: 'windows',
        program: 'node',
        run: async (program, values) => {
          if (values[0] === 'add') stop.abort()
          return { command: '', ...double.run(program, values) }
        },
      },
      () => {},
    )
    expect(await engine.apply('x', repairOf(conflict), stop.signal)).toMatchObject({
      phase: 'undone',
      problem: 'it was cancelled',
    })
    expect(double.state).toEqual(before)
  })

  test.each([0, -3_600_000])('what was changed twice is taken back in the other order, also where the clock moves by %i ms', async (jump) => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000)
    const double = doubleOf(conflict)
    const before = structuredClone(double.state)
    const { engine } = engineOn(double)
    const set = (data: number): readonly Change[] => [{ kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data }]
    const first = await engine.apply('first', set(0))
    now.mockReturnValue(1_700_000_000_000 + jump)
    const second = await engine.apply('second', set(1))
    expect((await engine.list()).map((one) => one.title)).toEqual(['second', 'first'])
    await expect(engine.undo(first.id)).rejects.toThrow('before a later change of the same settings')
    await engine.undo(second.id)
    await engine.undo(first.id)
    expect(double.state).toEqual(before)
  }) // prettier-ignore

  test('keys that others have used since are left alone', async () => {
    const double = doubleOf({ services: { DHCPServer: 'running' } })
    const { engine } = engineOn(double)
    const record = await engine.apply('x', [{ kind: 'registry', key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 }])
    double.run('reg', [
      'add',
      'HKLM\\SOFTWARE\\Microsoft\\SMS\\Setup',
      '/v',
      'Version',
      '/t',
      'REG_DWORD',
      '/d',
      '9',
      '/f',
    ])
    await engine.undo(record.id)
    expect(double.run('reg', ['query', 'HKLM\\SOFTWARE\\Microsoft\\SMS\\Setup', '/v', 'Version']).code).toBe(0)
    expect(double.run('reg', ['query', dpKey, '/v', 'DoNotListenOnDhcpPort']).code).toBe(1)
  })

  test('a registry that may not be read is not taken for one that is empty', async () => {
    const double = doubleOf(conflict)
    const engine = new RemedyEngine(folder, {
      system: 'windows',
      program: 'node',
      run: async (program, values) =>
        program === 'reg' && values[1] === wdsKey
          ? { command: 'reg', output: 'FEHLER: Zugriff verweigert', code: 1 }
          : { command: '', ...double.run(program, values) },
    })
    await expect(engine.preview(repairOf(conflict))).rejects.toThrow(/WDSPXE cannot be read/)
    await expect(engine.apply('x', repairOf(conflict))).rejects.toThrow(/cannot be read/)
    expect(await engine.list()).toEqual([])
  })

  test('while one change is made another waits its turn, and the lock of a dead process holds nobody up', async () => {
    const double = doubleOf(conflict)
    const { engine } = engineOn(double)
    const both = await Promise.allSettled([
      engine.apply('a', repairOf(conflict)),
      engine.apply('b', repairOf(conflict)),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    // No process has this number.
    writeFileSync(join(folder, 'lock'), '4194399')
    const [record] = await engine.list()
    expect(await engine.undo(record!.id)).toMatchObject({ phase: 'undone' })
  })

  test('a journal that is damaged is left where it is, and named by nobody', async () => {
    writeFileSync(join(folder, 'broken.json'), '{"version":1')
    expect(await engineOn(doubleOf(conflict)).engine.list()).toEqual([])
    expect(readFileSync(join(folder, 'broken.json'), 'utf8')).toBe('{"version":1')
  })
})

describe('where the journal cannot be written', () => {
  /** Counts the writes of an engine's journal, and takes its folder away for some of them, as a disk that is pulled out does. */
  function failing(engine: RemedyEngine, isLost: (count: number) => boolean): () => number {
    const write = engine.journal.write.bind(engine.journal)
    let count = 0
    engine.journal.write = async (record) => {
      if (!isLost(++count)) return write(record)
      renameSync(folder, `${folder}.lost`)
      writeFileSync(folder, '')
      try {
        await write(record)
      } finally {
        rmSync(folder)
        renameSync(`${folder}.lost`, folder)
      }
    }
    return () => count
  }

  test.each([
    ['once', (at: number) => (count: number) => count === at],
    ['from then on', (at: number) => (count: number) => count >= at],
  ] as const)('at any point of a repair, %s, everything is as it was', async (_, lostAt) => {
    const calm = engineOn(doubleOf(conflict))
    const writes = failing(calm.engine, () => false)
    await calm.engine.apply('calm', repairOf(conflict))
    expect(writes()).toBeGreaterThan(6)
    for (let at = 1; at <= writes(); at++) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      const double = doubleOf(conflict)
      const before = structuredClone(double.state)
      const { engine } = engineOn(double)
      failing(engine, lostAt(at))
      const outcome = await engine.apply('x', repairOf(conflict)).catch((error: unknown) => error)
      if (at === 1) expect(outcome).toMatchObject({ message: expect.stringMatching(/^the journal cannot be written/), remedy: expect.any(String) })
      else expect(outcome).toMatchObject({ phase: 'undone', problem: expect.stringMatching(/^the journal cannot be written in .* \(\w+\)/) })
      expect(double.state, `at write ${at}`).toEqual(before)
      // What the journal still tells of is taken back once more without harm, and the lock holds nobody up.
      const again = engineOn(double).engine
      for (const left of await again.list()) if (left.isInterrupted) await again.undo(left.id)
      expect(double.state).toEqual(before)
      expect((await again.apply('y', repairOf(conflict))).phase).toBe('applied')
    }
  }) // prettier-ignore

  test('an undo brings everything back all the same, and says so', async () => {
    const double = doubleOf(conflict)
    const before = structuredClone(double.state)
    const { engine } = engineOn(double)
    const { id } = await engine.apply('x', repairOf(conflict))
    failing(engine, () => true)
    expect(await engine.undo(id)).toMatchObject({ phase: 'undone', problem: expect.stringMatching(/^the journal cannot/) })
    expect(double.state).toEqual(before)
  }) // prettier-ignore

  test('a folder that may not be used is not taken for a change under way', async () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    await expect(engineOn(doubleOf(conflict)).engine.apply('x', repairOf(conflict))).rejects.toThrow(/^the journal cannot be written/)
    rmSync(folder)
  }) // prettier-ignore
})

const registryValue = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(0, 1, 7, 0xffffffff),
  fc.constantFrom('', '1', 'two words', '  led and trailed '),
  fc.constant(['a', 'b c']),
)
const service = fc.constantFrom('running' as const, 'stopped' as const, 'disabled' as const)
const values = (entries: Readonly<Record<string, number | string | readonly string[] | undefined>>) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Record<
    string,
    number | string | readonly string[]
  >

const servers: fc.Arbitrary<WindowsServer> = fc
  .record({
    wds: service,
    sccm: service,
    hasDp: fc.boolean(),
    ports: registryValue,
    responder: registryValue,
    policy: registryValue,
    option60: fc.constantFrom(undefined, 'PXEClient', 'pxe client', ''),
    atScope: fc.constantFrom(undefined, 'PXEClient'),
    isDefined: fc.boolean(),
    option67: fc.constantFrom(undefined, 'boot\\x64\\wdsnbp.com'),
    language: fc.constantFrom('en' as const, 'de' as const, 'fr' as const, 'ja' as const),
  })
  .map(({ wds, sccm, hasDp, ports, responder, policy, option60, atScope, isDefined, option67, language }) => ({
    language,
    services: { DHCPServer: 'running', WDSServer: wds, ...(hasDp ? { SccmPxe: sccm } : {}) },
    registry: {
      [wdsKey]: values({ UseDHCPPorts: ports }),
      [wdsParametersKey]: values({ UdpPortPolicy: policy }),
      ...(hasDp ? { [dpKey]: values({ DoNotListenOnDhcpPort: responder }) } : {}),
    },
    options: [
      ...(isDefined || option60 !== undefined || atScope !== undefined
        ? ['add optiondef 60 "PXEClient" STRING 0 comment="PXE support" ""']
        : []),
      ...(option60 === undefined ? [] : [`set optionvalue 60 STRING "${option60}" `]),
      ...(atScope === undefined ? [] : [`Scope 192.168.77.0 set optionvalue 60 STRING "${atScope}" `]),
      ...(option67 === undefined ? [] : [`set optionvalue 67 STRING "${option67}" `]),
    ],
  }))

/** The procedures of the guidance, and what the doctor finds. */
const plans = fc.oneof(
  fc.constantFrom(...procedures.map(changesOf)),
  fc.constant<readonly Change[]>([
    { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
    { kind: 'service', name: 'WDSServer', state: 'stopped', start: 'disabled' },
    { kind: 'dhcp-option', option: 60, level: 'scope', at: '192.168.77.0', value: null },
    { kind: 'dhcp-option', option: 67, level: 'server', at: '', value: null },
    { kind: 'firewall', port: 4011 },
  ]),
)

const isInstalled = (server: WindowsServer, changes: readonly Change[]): boolean =>
  changes.every((one) => (one.kind !== 'service' && one.kind !== 'restart') || one.name in (server.services ?? {}))

test('cut off while the DHCP server restarts, its options are brought back all the same', async () => {
  const server: WindowsServer = { services: { DHCPServer: 'running', SccmPxe: 'running' }, options: [] }
  const changes: Change[] = [
    { kind: 'dhcp-option', option: 60, level: 'server', at: '', value: 'PXEClient' },
    { kind: 'restart', name: 'SccmPxe' },
    { kind: 'restart', name: 'DHCPServer' },
  ]
  const calm = engineOn(doubleOf(server))
  await calm.engine.apply('calm', changes)
  for (let die = 1; die <= calm.points(); die++) {
    rmSync(folder, { recursive: true, force: true })
    const double = doubleOf(server)
    const before = essence(structuredClone(double.state))
    await expect(engineOn(double, die).engine.apply('killed', changes)).rejects.toBeInstanceOf(Crash)
    const { engine } = engineOn(double)
    const [left] = await engine.list()
    if (left) await engine.undo(left.id)
    expect(essence(double.state), `killed at ${die}`).toEqual(before)
  }
})

describe('from any state before, killed at any point', () => {
  test('what is undone is as it was, what is finished is as it would have been', async () => {
    await fc.assert(
      fc.asyncProperty(
        servers,
        plans,
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        async (server, changes, die, dieAgain, isUndo) => {
          fc.pre(isInstalled(server, changes) && changes.every(canApply))
          rmSync(folder, { recursive: true, force: true })
          // Undisturbed, to know how it ends and how many points there are.
          const calm = doubleOf(server)
          const before = essence(structuredClone(calm.state))
          const { engine, points } = engineOn(calm)
          const record = await engine.apply('calm', changes)
          const after = essence(structuredClone(calm.state))
          const all = points()
          if (record.phase === 'undone') expect(after).toEqual(before)
          else {
            await engine.undo(record.id)
            expect(essence(calm.state)).toEqual(before)
          }

          rmSync(folder, { recursive: true, force: true })
          const double = doubleOf(server)
          const first = engineOn(double, 1 + (die % all))
          await expect(first.engine.apply('killed', changes)).rejects.toBeInstanceOf(Crash)
          const again = engineOn(double)
          const [left] = await again.engine.list()
          if (!left) {
            expect(essence(double.state)).toEqual(before)
            return
          }
          // The last point is after the last word in the journal.
          if (left.phase === 'applied') {
            expect(essence(double.state)).toEqual(after)
            return
          }
          if (left.phase === 'undone') {
            expect(essence(double.state)).toEqual(before)
            return
          }
          expect(left.isInterrupted).toBe(true)
          // Killed once more while it is put right.
          const second = engineOn(double, 1 + (dieAgain % 12))
          let ended: RemedyRecord | undefined
          try {
            ended = await (isUndo ? second.engine.undo(left.id) : second.engine.finish(left.id))
          } catch (error) {
            expect(error).toBeInstanceOf(Crash)
            const [still] = await again.engine.list()
            ended = still!.isInterrupted ? await again.engine.finish(left.id) : still!
          }
          if (ended.phase === 'applied') expect(essence(double.state)).toEqual(after)
          else {
            expect(ended.phase).toBe('undone')
            expect(essence(double.state)).toEqual(before)
          }
        },
      ),
      { numRuns: 250 },
    )
  }, 120_000)
})
