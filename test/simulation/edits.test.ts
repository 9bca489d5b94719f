/** What is done in the drawing of a scenario: each edit leaves a scenario that fits together, and works. */
import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firmwareNames } from '#shared/machines/pxe-client/firmwares.ts'
import { changeScenario, describeScenarioProblem, parsePath } from '#shared/simulation/changes.ts'
import {
  addMachine,
  addRelay,
  addSegment,
  addServer,
  connect,
  disconnect,
  reconnect,
  move,
  pathOf,
  remove,
  serverNames,
  type Edit,
} from '#shared/simulation/edits.ts'
import type { Scenario, ScenarioInput } from '#shared/simulation/scenario.ts'
import { simulated } from '../helpers/simulate.ts'

const empty: ScenarioInput = {
  title: 'An empty wire',
  group: 'Network',
  summary: 'Nothing is on it.',
  segments: { lan: { network: '192.168.77.0/24' } },
  hosts: {},
  clients: {},
}

/** A scenario, and what its edits do to it. */
class Drawing {
  input: unknown = empty
  scenario: Scenario
  constructor(input: unknown = empty) {
    this.scenario = this.#checked(input, [])
  }
  #checked(input: unknown, changes: Edit['changes']): Scenario {
    const checked = changeScenario(input, changes)
    if (!checked.ok) throw new Error(checked.problems.map((one) => inEnglish(describeScenarioProblem(one))).join('\n'))
    this.input = checked.input
    return checked.scenario
  }
  do(edit: (scenario: Scenario) => Edit | undefined): string | undefined {
    const made = edit(this.scenario)
    if (made) this.scenario = this.#checked(this.input, made.changes)
    return made?.name
  }
  ends(): Record<string, string> {
    return Object.fromEntries(
      simulated(this.scenario)
        .outcomes()
        .map(({ name, state }) => [name, state]),
    )
  }
}

test('servers and machines that are added to a wire boot without another setting', () => {
  const drawing = new Drawing()
  drawing.do((one) => addServer(one, 'dhcp', 'lan'))
  drawing.do((one) => addServer(one, 'wds', 'lan'))
  drawing.do((one) => addMachine(one, 'bios', 'lan'))
  drawing.do((one) => addMachine(one, 'edk2', 'lan'))
  expect(drawing.ends()).toEqual({ 'bios-1': 'booted', 'edk2-1': 'booted' })
})

test('a router with a relay brings a segment behind it, and machines there boot', () => {
  const drawing = new Drawing()
  drawing.do((one) => addServer(one, 'dhcp', 'lan'))
  drawing.do((one) => addServer(one, 'wds', 'lan'))
  drawing.do((one) => addRelay(one, 'lan'))
  expect(Object.keys(drawing.scenario.segments)).toEqual(['lan', 'segment1'])
  expect(drawing.scenario.hosts['router1']!.on).toEqual({ lan: '192.168.77.1', segment1: '192.168.78.1' })
  expect(drawing.scenario.hosts['dhcp1']!.gateway).toBe('192.168.77.1')
  drawing.do((one) => addMachine(one, 'edk2', 'segment1'))
  drawing.do((one) => addMachine(one, 'bios', 'lan'))
  expect(drawing.ends()).toEqual({ 'edk2-1': 'booted', 'bios-1': 'booted' })
  // A machine is moved, a router gets one more wire with its helpers, and loses it again with them.
  drawing.do((one) => move(one, 'bios-1', 'segment1'))
  expect(drawing.scenario.clients['bios-1']!.on).toBe('segment1')
  drawing.do(addSegment)
  drawing.do((one) => connect(one, 'router1', 'segment2'))
  drawing.do((one) => connect(one, 'bios-1', 'segment2'))
  expect(drawing.ends()).toEqual({ 'edk2-1': 'booted', 'bios-1': 'booted' })
  drawing.do((one) => disconnect(one, 'router1', 'segment2'))
  expect(drawing.ends()).toEqual({ 'edk2-1': 'booted', 'bios-1': 'failed' })
  expect(drawing.scenario.hosts['router1']!.services['relay']).toMatchObject({
    helpers: { segment1: ['192.168.77.30', '192.168.77.31'] },
  })
})

test('the end of a wire is taken to another segment, with what the relay has for it; a machine is moved', () => {
  const drawing = new Drawing()
  drawing.do((one) => addServer(one, 'dhcp', 'lan'))
  drawing.do((one) => addServer(one, 'wds', 'lan'))
  drawing.do((one) => addRelay(one, 'lan'))
  drawing.do(addSegment)
  drawing.do((one) => addMachine(one, 'edk2', 'segment1'))
  drawing.do((one) => reconnect(one, 'router1', 'segment1', 'segment2'))
  expect(drawing.scenario.hosts['router1']!.on).toEqual({ lan: '192.168.77.1', segment2: '192.168.79.1' })
  expect(drawing.scenario.hosts['router1']!.services['relay']).toMatchObject({
    helpers: { segment2: ['192.168.77.30', '192.168.77.31'] },
  })
  expect(drawing.ends()).toEqual({ 'edk2-1': 'failed' })
  drawing.do((one) => reconnect(one, 'edk2-1', 'segment1', 'segment2'))
  expect(drawing.ends()).toEqual({ 'edk2-1': 'booted' })
  expect(reconnect(drawing.scenario, 'edk2-1', 'segment2', 'segment2')).toBeUndefined()
  expect(reconnect(drawing.scenario, 'router1', 'segment2', 'segment2')).toBeUndefined()
  // It has a wire there already.
  expect(reconnect(drawing.scenario, 'router1', 'segment2', 'lan')).toBeUndefined()
})

test('a segment is removed with what hangs on it alone, the last segment not at all', () => {
  const drawing = new Drawing()
  drawing.do((one) => addServer(one, 'dhcp', 'lan'))
  drawing.do((one) => addRelay(one, 'lan'))
  drawing.do((one) => addMachine(one, 'bios', 'segment1'))
  expect(inEnglish(remove(drawing.scenario, ['segment1'])!.says)).toBe('Segment segment1 and 1 more removed')
  drawing.do((one) => remove(one, ['segment1']))
  expect(Object.keys(drawing.scenario.hosts)).toEqual(['dhcp1', 'router1'])
  expect(drawing.scenario.hosts['router1']!.on).toEqual({ lan: '192.168.77.1' })
  expect(drawing.scenario.clients).toEqual({})
  expect(remove(drawing.scenario, ['lan'])).toBeUndefined()
})

test('a full network is told, and nothing is changed', () => {
  const drawing = new Drawing({ ...empty, segments: { lan: { network: '10.0.0.0/30' } } })
  drawing.do((one) => addServer(one, 'tftp', 'lan'))
  drawing.do((one) => addServer(one, 'tftp', 'lan'))
  const made = addServer(drawing.scenario, 'tftp', 'lan')
  expect(made).toMatchObject({ says: '10.0.0.0/30 has no free address', changes: [] })
})

test('a path names the keys that it was made of', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 1 }).filter((one) => !one.includes('"')),
        { minLength: 1 },
      ),
      (keys) => {
        expect(parsePath(pathOf(...keys))).toEqual(keys)
      },
    ),
  )
})

test('after any edits the scenario fits together', () => {
  const pick = fc.nat()
  const step = fc.oneof(
    fc.record({ kind: fc.constant('machine' as const), which: pick, where: pick }),
    fc.record({ kind: fc.constant('server' as const), which: pick, where: pick }),
    fc.constant({ kind: 'segment' as const, which: 0, where: 0 }),
    fc.record({
      kind: fc.constantFrom(
        'relay' as const,
        'connect' as const,
        'move' as const,
        'disconnect' as const,
        'reconnect' as const,
        'remove' as const,
      ),
      which: pick,
      where: pick,
    }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('192.168.77.0/24', '10.0.0.0/8', '10.1.2.0/29', '10.1.2.0/30', '172.16.0.0/23'),
      fc.array(step, { maxLength: 14 }),
      (network, steps) => {
        const drawing = new Drawing({ ...empty, segments: { lan: { network } } })
        for (const { kind, which, where } of steps)
          drawing.do((one) => {
            const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]
            const segment = at(Object.keys(one.segments), where)!
            const name = at(
              [...Object.keys(one.hosts), ...Object.keys(one.clients), ...Object.keys(one.segments)],
              which,
            )!
            if (kind === 'machine') return addMachine(one, at(firmwareNames, which)!, segment)
            if (kind === 'server') return addServer(one, at(serverNames, which)!, segment)
            if (kind === 'segment') return addSegment(one)
            if (kind === 'relay') return addRelay(one, segment)
            if (kind === 'connect') return connect(one, name, segment)
            if (kind === 'move') return move(one, name, segment)
            if (kind === 'disconnect') return disconnect(one, name, segment)
            if (kind === 'reconnect')
              return reconnect(one, name, at(Object.keys(one.hosts[name]?.on ?? {}), where) ?? segment, segment)
            return remove(one, [name])
          })
      },
    ),
    { numRuns: 150 },
  )
})

describe('a change of a place in a list', () => {
  const change = (path: string, value: unknown): unknown => {
    const result = changeScenario({ ...empty, look: ['a', 'b'] }, [{ path, value }])
    return result.ok ? result.scenario.look.length : inEnglish(result.problems[0]!.message)
  }

  // A link of a hundred characters asked for a list of four thousand million.
  test.each(['look[4294967294]', 'look[3]', 'look["-1"]', 'look["length"]', 'look["__proto__"]'])(
    '%s is none',
    (path) => expect(change(path, 'x')).toMatch(/^names the place ".*" of a list of 2$/),
  )
  test('the next one adds to it', () => expect(change('look[2]', 'x')).toBe(3))
  test('a path has an end', () => expect(change(`hosts${'.x'.repeat(100_000)}`, 1)).toBe('is no path'))
})
