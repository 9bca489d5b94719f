/** The simulator's table of machines, a repair that does not fit, and a scenario that boots nobody. */
import { textOf } from '#messages/text.ts'
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawingActionOf, shortcutGroups } from '#shared/knowledge/shortcuts.ts'
import { reconnect } from '#shared/simulation/edits.ts'
import type { Change, Scenario, ScenarioInput } from '#shared/simulation/scenario.ts'
import { SimulatorEngine, type RunResult } from '../../src/renderer/simulator/engine.ts'
import { ClientsTable } from '../../src/renderer/simulator/clients-table.tsx'
import { Lesson } from '../../src/renderer/simulator/lesson.tsx'
import { elementsOf } from '../../src/renderer/simulator/drawing/elements.ts'
import { box, layoutOf, segmentAt, wireOf } from '../../src/renderer/simulator/drawing/layout.ts'
import { NetworkDrawing } from '../../src/renderer/simulator/drawing/network-drawing.tsx'
import { along, pathsOf } from '../../src/renderer/simulator/drawing/packets.tsx'

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

test('every key of the drawing stands in the sheet, and does there what the sheet says', () => {
  const { shortcuts } = shortcutGroups.find(({ title }) => textOf(title) === 'Drawing of the simulator')!
  const names: Readonly<Record<string, string>> = { Space: ' ', '←': 'ArrowLeft', '→': 'ArrowRight', '↑': 'ArrowUp', '↓': 'ArrowDown' } // prettier-ignore
  const actions = shortcuts.map(({ keys }) => {
    const done = keys.map((one) => {
      const parts = one.split('+')
      const key = parts.at(-1)!
      const pressed = { key: names[key] ?? key, shiftKey: parts.includes('Shift'), altKey: parts.includes('Alt') }
      expect(drawingActionOf({ ...pressed, ctrlKey: true, metaKey: false })).toBeUndefined()
      return drawingActionOf({ ...pressed, ctrlKey: false, metaKey: false })
    })
    expect(new Set(done).size).toBe(1)
    return done[0]
  })
  expect(actions).toEqual(['open', 'select', 'remove', 'place', 'placeFar', 'reconnect'])
})

test('the drawing by keyboard: each host, machine and segment is a button; arrows move, Enter opens, Delete removes', async () => {
  const { scenario, story } = await run([{ path: 'segments.lab', value: { network: '192.168.78.0/24', vlan: 78 } }])
  const asked: unknown[][] = []
  render(
    <MantineProvider env="test">
      <NetworkDrawing
        scenario={scenario}
        story={story}
        step={story.steps[0]}
        travelled={1}
        now={Infinity}
        selected={undefined}
        places={{}}
        onPlace={(...told) => asked.push(['place', ...told])}
        onSelect={(name) => asked.push(['select', name])}
        onOpen={(name) => asked.push(['open', name])}
        onEdit={(edit) => asked.push(['edit', edit])}
        onAdd={(edit) => asked.push(['add', edit.says])}
        onRemove={(name) => asked.push(['remove', name])}
      />
    </MantineProvider>,
  )
  const drawing = screen.getByRole('group', { name: 'Network' })
  const user = userEvent.setup()
  const code = story.outcomes.find(({ name }) => name === 'left')!.code
  const left = within(drawing).getByRole('button', { name: `Bench, left, ${code}, BIOS boot ROM` })
  within(drawing).getByRole('button', { name: '2 × pc, 0 of 2 booted, 2 failed, UEFI x64' })
  within(drawing).getByRole('button', { name: 'Boot server, 192.168.77.10, DHCPServer 67' })
  left.focus()
  const at = layoutOf(scenario).nodes.get('left')!
  await user.keyboard('{ArrowRight}')
  await user.keyboard('{Shift>}{ArrowDown}{/Shift}')
  await user.keyboard('{Enter}{Delete} ')
  // There is nothing above; below is the other segment.
  await user.keyboard('{Alt>}{ArrowDown}{ArrowUp}{/Alt}')
  within(drawing).getByRole('button', { name: 'Segment lab, VLAN 78, 192.168.78.0/24' }).focus()
  await user.keyboard('{Enter}{Delete}')
  expect(asked).toEqual([
    ['place', 'left', { x: Math.round(at.x + 8), y: Math.round(at.y) }, true],
    ['place', 'left', { x: Math.round(at.x), y: Math.round(at.y + 32) }, true],
    ['open', 'left'],
    ['remove', 'left'],
    ['select', 'left'],
    ['edit', reconnect(scenario, 'left', 'lan', 'lab')],
    ['open', 'lab'],
    ['remove', 'lab'],
  ])
  asked.length = 0
  await user.click(within(drawing).getByRole('button', { name: 'Add' }))
  await user.click(await screen.findByRole('menuitem', { name: 'WDS server' }))
  expect(asked).toEqual([['add', 'WDS server added to lan']])
})

test('thirty machines stand in rows; no wire crosses a card, and a packet goes along the wires', async () => {
  const clients = Object.fromEntries(
    Array.from({ length: 30 }, (_one, index) => [`m${index}`, { firmware: 'bios' as const, on: 'lan' }]),
  )
  const { scenario, story } = await run([{ path: 'clients', value: clients }])
  const layout = layoutOf(scenario)
  const drawn = { layout, places: {} }
  const { nodes, edges } = elementsOf({ scenario, story, step: story.steps[0], now: 0, selected: undefined, drawn })
  const cards = nodes.filter((one) => one.type === 'machine')
  expect(new Set(cards.map(({ position }) => position.y)).size).toBe(5)
  for (const { source, data } of edges)
    for (const [index, to] of data!.points.slice(1).entries()) {
      const from = data!.points[index]!
      for (const { id, position } of cards)
        if (id !== source) {
          const isBeside =
            Math.max(from.x, to.x) <= position.x ||
            Math.min(from.x, to.x) >= position.x + box.width ||
            Math.max(from.y, to.y) <= position.y ||
            Math.min(from.y, to.y) >= position.y + box.height
          expect(isBeside, `wire of ${source} and card of ${id}`).toBe(true)
        }
    }
  const hop = story.steps[0]!.hops[0]!
  const [path] = pathsOf(hop, drawn)
  expect(path!.slice(0, 2)).toEqual(wireOf(drawn, hop.from, 'lan'))
  expect(along(path!, 0)).toEqual(path![0])
  expect(along(path!, 1)).toEqual(path!.at(-1))
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
