/** The simulator's table of machines, a repair that does not fit, and a scenario that boots nobody. */
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Change, Scenario, ScenarioInput } from '#shared/simulation/scenario.ts'
import { SimulatorEngine, type RunResult } from '../../src/renderer/simulator/engine.ts'
import { ClientsTable } from '../../src/renderer/simulator/clients-table.tsx'
import { zoomed } from '../../src/renderer/simulator/drawing-view.ts'
import { Lesson } from '../../src/renderer/simulator/lesson.tsx'
import { NetworkView, segmentAt } from '../../src/renderer/simulator/network-view.tsx'

const engine = vi.hoisted(() => ({ current: undefined as SimulatorEngine | undefined }))
vi.mock(import('../../src/renderer/simulator/client.ts'), async (original) => ({
  ...(await original()),
  simulator: ((name: 'verify', ...rest: Parameters<SimulatorEngine['verify']>) =>
    Promise.resolve(engine.current![name](...rest))) as never,
}))

const input: ScenarioInput = {
  title: 'Two firmwares',
  group: 'Network',
  summary: 'One machine gets a program that it can run.',
  segments: { lan: { network: '192.168.77.0/24' } },
  hosts: {
    server: {
      title: 'Boot server',
      on: { lan: '192.168.77.10' },
      services: {
        DHCPServer: {
          type: 'DHCPServer',
          subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.200' }],
        },
      },
    },
  },
  clients: {
    left: { title: 'Bench, left', firmware: 'bios', on: 'lan' },
    pc: { firmware: 'edk2', on: 'lan', count: 2 },
  },
  repairs: [
    {
      title: 'Move the server',
      says: 'It moves.',
      isAccepted: true,
      set: [{ path: 'hosts.server.on.lan', value: '10.9.9.9' }],
    },
  ],
}

const run = async (changes: readonly Change[] = []): Promise<RunResult> => {
  engine.current = new SimulatorEngine(() => {})
  const ran = await engine.current.run(input, changes)
  if (!ran?.ok) throw new Error(JSON.stringify(ran))
  return ran
}

beforeEach(() => {
  // jsdom lays nothing out: the box of the table is as high as a window.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

test('each machine is a row with what people call it, its outcome, code and segment', async () => {
  const { scenario, story } = await run()
  const selected: string[] = []
  const removed: string[][] = []
  render(
    <MantineProvider env="test">
      <ClientsTable
        scenario={scenario}
        story={story}
        selected={undefined}
        onSelect={(name) => selected.push(name)}
        onRemove={(keys) => removed.push([...keys])}
      />
    </MantineProvider>,
  )
  const rows = within(screen.getByRole('grid', { name: 'Machines' }))
    .getAllByRole('row')
    .slice(1)
  expect(rows.map((row) => within(row).getAllByRole('gridcell')[0]!.textContent)).toEqual([
    'Bench, left',
    'pc-1',
    'pc-2',
  ])
  const outcome = story.outcomes.find(({ name }) => name === 'left')!
  expect(rows[0]!.textContent).toContain(outcome.code)
  expect(outcome.code).toMatch(/^PXE-E/)
  expect(rows[1]!.textContent).toContain('lan')
  const user = userEvent.setup()
  await user.click(rows[1]!)
  expect(selected).toEqual(['pc-1'])
  await user.pointer({ keys: '[MouseRight]', target: rows[1]! })
  await user.click(await screen.findByRole('menuitem', { name: 'Remove from the scenario' }))
  // The key of the scenario, of which there are two machines.
  expect(removed).toEqual([['pc']])
})

test('without a machine a scenario is run, and its story is empty', async () => {
  const { story, scenario } = await run([
    { path: 'clients.left', value: null },
    { path: 'clients.pc', value: null },
  ])
  expect(story.outcomes).toEqual([])
  render(
    <MantineProvider env="test">
      <ClientsTable scenario={scenario} story={story} selected={undefined} onSelect={() => {}} onRemove={() => {}} />
    </MantineProvider>,
  )
  expect(screen.getByText('None.')).toBeDefined()
})

test('a repair that does not fit the network says so with field, value and remedy', async () => {
  const { scenario } = await run()
  render(
    <MantineProvider env="test">
      <Lesson id="two" input={input} scenario={scenario} changes={[]} onChanges={() => {}} />
    </MantineProvider>,
  )
  const user = userEvent.setup()
  await user.click(screen.getByRole('radio', { name: 'Move the server' }))
  await user.click(screen.getByRole('button', { name: 'Verify' }))
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toContain('hosts.server.on.lan is no address of 192.168.77.0/24')
  expect(alert.textContent).toContain('10.9.9.9')
})

test('the text of a scenario is the scenario: its changes are in it, and what is wrong in it has a line', async () => {
  const { scenario } = await run()
  const text = engine.current!.textOf(input, [{ path: 'clients.left.firmware', value: 'edk2' }])
  const read = engine.current!.readText(text)
  expect(read.ok && read.scenario).toEqual({
    ...scenario,
    clients: { ...scenario.clients, left: { ...scenario.clients['left'], firmware: 'edk2' } },
  } as Scenario)
  const broken = engine.current!.readText(text.replace('on: lan', 'on: wan'))
  const line = text.split('\n').findIndex((one) => one.includes('on: lan')) + 1
  expect(!broken.ok && broken.problems).toMatchObject([{ line, field: 'clients.left.on', value: '"wan"' }])
})

test('the drawing is zoomed, fitted and moved; a machine is dropped at another wire, and deleted by a key', async () => {
  const { scenario, story } = await run([{ path: 'segments.lab', value: { network: '192.168.78.0/24' } }])
  const asked: string[][] = []
  render(
    <MantineProvider env="test">
      <NetworkView
        scenario={scenario}
        story={story}
        step={undefined}
        travelled={1}
        now={0}
        selected={undefined}
        places={{}}
        onPlace={() => {}}
        onSelect={() => {}}
        onMove={(...told) => asked.push(told)}
        onRemove={(name) => asked.push([name])}
      />
    </MantineProvider>,
  )
  const drawing = screen.getByRole('group', { name: 'Network' })
  const whole = drawing.getAttribute('viewBox')
  const user = userEvent.setup()
  await user.click(screen.getByRole('button', { name: 'Zoom in' }))
  expect(Number(drawing.getAttribute('viewBox')!.split(' ')[2])).toBeCloseTo(Number(whole!.split(' ')[2]) / 1.25)
  await user.click(screen.getByRole('button', { name: 'Show the whole network' }))
  expect(drawing.getAttribute('viewBox')).toBe(whole)
  screen.getByRole('button', { name: /^Bench, left/ }).focus()
  await user.keyboard('{Delete}')
  expect(asked).toEqual([['left']])
})

test('a machine hangs on the wire that it is dropped at, if that is another than its own', () => {
  const buses = new Map([
    ['lan', { y: 100 }],
    ['lab', { y: 400 }],
  ])
  expect(segmentAt(420, buses, 'lan')).toBe('lab')
  expect(segmentAt(420, buses, 'lab')).toBeUndefined()
  expect(segmentAt(250, buses, 'lan')).toBeUndefined()
})

test('a zoom keeps the point under the pointer, and ends at five times and at a little less than the whole', () => {
  const whole = { x: 0, y: 0, width: 1000, height: 500 }
  const near = zoomed(whole, whole, 2, 0.25, 0.5)
  expect(near).toEqual({ x: 125, y: 125, width: 500, height: 250 })
  expect(zoomed(whole, whole, 100).width).toBe(200)
  expect(zoomed(whole, whole, 0.01).width).toBe(2500)
})
