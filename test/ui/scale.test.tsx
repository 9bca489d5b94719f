/** Scale on the Planner page: the plan of `pxe-lab scale`, from the same simulation, with what was tried as a picture. */
import { MantineProvider } from '@mantine/core'
import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { planScale, type ScaleGoal, type ScalePlan } from '#shared/diagnosis/scale.ts'
import { adviceText, optionText } from '#shared/knowledge/scale-text.ts'
import { ScaleEngine } from '../../src/renderer/planner/scale-engine.ts'
import { ScaleView } from '../../src/renderer/planner/scale-view.tsx'
import { useScale } from '../../src/renderer/planner/use-scale.ts'

const asked = vi.hoisted(() => ({ calls: [] as string[] }))
// There is no worker here: its engine is asked in the same thread.
vi.mock(import('../../src/renderer/worker-client.ts'), async (original) => ({
  ...(await original()),
  connectWorker: ((_make: unknown, told: (progress: string) => void) => {
    let engine: ScaleEngine | undefined
    return async (call: 'plan' | 'cancel', ...args: never[]) => {
      asked.calls.push(call)
      engine ??= new ScaleEngine(told)
      return engine[call](...(args as unknown as Parameters<ScaleEngine['plan']>))
    }
  }) as never,
}))

const usual = useScale.getState().goal
const goal: ScaleGoal = { ...usual, machines: 80, minutes: 0.3, bandwidthMbit: 10, programBytes: 262_144 }
const planOf = (one: ScaleGoal): ScalePlan => {
  const planning = planScale(one)
  for (let step = planning.next(); ; step = planning.next()) if (step.done) return step.value
}

beforeEach(() => {
  asked.calls.length = 0
  useScale.setState({ goal: usual, answer: undefined, isBusy: false, progress: '', problem: undefined })
  return () => useScale.setState({ answer: undefined })
})
const show = (): void =>
  void render(
    <MantineProvider env="test">
      <ScaleView />
    </MantineProvider>,
  )
const user = userEvent.setup()
const write = async (label: string, text: string): Promise<void> => {
  const field = screen.getByLabelText(label)
  await user.clear(field)
  if (text !== '') await user.type(field, text)
}

test('numbers are written, and the answer is the one of the command: advice, each trial, and a bar for each', async () => {
  show()
  await write('Machines', '80')
  await write('Time limit (minutes)', '0.3')
  await write('Network link of each server (Mbit/s)', '10')
  await write('Boot program (MiB)', '0.25')
  await user.click(screen.getByRole('button', { name: 'Calculate' }))
  const plan = planOf(goal)
  expect(plan.tried.length).toBeGreaterThan(1)
  const heading = await screen.findByRole('heading', { name: /Advice/ }, { timeout: 60_000 })
  expect(useScale.getState().answer?.goal).toEqual(goal)
  expect(heading.textContent).toContain(adviceText(goal, plan))
  const tried = screen.getAllByRole('listitem').map((one) => one.textContent)
  expect(tried).toHaveLength(plan.tried.length)
  for (const [at, one] of plan.tried.entries()) expect(tried[at]).toContain(optionText(one))
  const picture = screen.getByRole('figure', { name: 'Results' })
  const bars = [...picture.querySelectorAll<HTMLElement>('.scale-bars')]
  expect(bars.map((one) => one.dataset['meets'] === 'true')).toEqual(plan.tried.map((one) => one.meetsGoal))
  expect(within(picture).getByText('0.3 min')).toBeDefined()
  // Another number makes the answer one for other numbers, and it stays until it is asked again.
  await write('Machines', '81')
  expect(screen.getByRole('status', { name: 'Progress' }).textContent).toBe('The result below is for other numbers.')
})

test('what is no number of its field is told there, and nothing is asked', async () => {
  show()
  await write('Machines', '0')
  expect(await screen.findByText('Enter a number from 1 to 100000.')).toBeDefined()
  expect(screen.getByRole('button', { name: 'Calculate' })).toHaveProperty('disabled', true)
  await write('Machines', '10')
  await write('Boot image (MiB)', '5')
  await write('Boot image (MiB)', '')
  expect(screen.queryByText(/^Enter a number/)).toBeNull()
  await user.click(screen.getByText('Firmware, current settings and network'))
  await write('Machines are switched on within (seconds)', '900')
  expect(screen.getByText(/longer than the time limit/)).toBeDefined()
  await user.keyboard('{Enter}')
  expect(asked.calls).toEqual([])
})

test('a long simulation tells how far it is, and can be cancelled', async () => {
  useScale.setState({ goal: { ...usual, machines: 610, bandwidthMbit: 100 } })
  show()
  await user.click(screen.getByRole('button', { name: 'Calculate' }))
  await waitFor(() => expect(screen.getByRole('status', { name: 'Progress' }).textContent).toMatch(/of [\d,]+ machines done at/), { timeout: 30_000 }) // prettier-ignore
  await user.click(screen.getByRole('button', { name: 'Cancel' }))
  await waitFor(() => expect(useScale.getState().isBusy).toBe(false))
  expect(useScale.getState().answer).toBeUndefined()
  expect(screen.queryByRole('figure')).toBeNull()
})
