/** Kea on the Clients page: its servers, its leases freed and given back, and what the page says when it is lost. */
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { EngineServer, LeaseInfo } from '#shared/contract/calls.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { EnginePanel } from '../../src/renderer/pages/engine-panel.tsx'
import { Leases } from '../../src/renderer/pages/leases.tsx'
import { useSheets } from '../../src/renderer/shell/sheets.ts'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({
  calls: [] as unknown[][],
  answers: new Map<string, (args: { address?: string }) => unknown>(),
}))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (async (name: string, args: object) => {
    back.calls.push([name, args])
    return back.answers.get(name)?.(args) ?? null
  }) as never,
}))

const server: EngineServer = {
  name: '/run/kea/a', problem: '', remedy: '', version: '2.2.0', pair: 'hot-standby: primary is hot-standby, partner hot-standby',
  subnets: [{ subnet: '10.77.0.0/16', total: 500, assigned: 12, declined: 1 }], packets: { received: 9, sent: 9, dropped: 0 },
  listsLeases: true, classes: ['pxe-lab-program-1', 'pxe-lab-program-2'], isInPlace: true, warnings: [],
} // prettier-ignore
const lease = (last: number, state: LeaseInfo['state'] = 'bound'): LeaseInfo => ({ address: `10.77.1.${last}`, mac: `52:54:00:77:00:0${last}`, hostName: null, uuid: null, state, since: 1, until: 2e12, isReserved: false }) // prettier-ignore

const withLab = (more: Partial<LabInput> = {}): void =>
  useStore.setState({
    lab: {
      lab: labSchema.parse({ interface: 'eth0', mode: 'boot-server', engine: { kea: { servers: [{ socket: '/run/kea/a' }] } }, ...more }),
      text: '',
    } as never,
  }) // prettier-ignore
const show = (): void =>
  void render(
    <MantineProvider env="test">
      <Notifications />
      <EnginePanel withChanges={false} />
      <Leases />
    </MantineProvider>,
  )

let leases: LeaseInfo[]
beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setInterval', 'clearInterval'] })
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
  localStorage.clear()
  back.calls.length = 0
  leases = [lease(1), lease(2), lease(3, 'expired')]
  back.answers = new Map<string, (args: { address?: string }) => unknown>([
    ['engine.read', () => ({ servers: [server] })],
    ['leases.list', () => leases],
    ['leases.forget', ({ address }) => (leases = leases.filter((one) => one.address !== address))],
    ['leases.restore', () => (leases = [lease(1), ...leases])],
  ])
  useSheets.setState({ question: undefined })
  withLab()
  return () => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  }
})
const nextRead = (): void => act(() => void vi.advanceTimersByTime(3000))

test('each server is told with version, state, partner and addresses; what it lacks with what to do', async () => {
  show()
  const panel = await screen.findByRole('region', { name: 'Kea' })
  const row = await within(panel).findByRole('row', { name: /\/run\/kea\/a/ })
  for (const text of ['Kea 2.2.0', 'Boot logic applied (2 classes)', 'hot-standby: primary is hot-standby', '12 of 500 in use, 1 declined']) expect(row.textContent).toContain(text) // prettier-ignore
  // Nothing is changed from here.
  expect(within(panel).queryByRole('button')).toBeNull()
  back.answers.set('engine.read', () => ({ servers: [{ ...server, isInPlace: false, listsLeases: false, pair: '', warnings: ['subnet 10.77.0.0/16 sets boot-file-name itself'] }] })) // prettier-ignore
  nextRead()
  await within(panel).findByText('Boot logic not applied')
  expect(panel.textContent).toContain('no partner')
  expect(panel.textContent).toMatch(/Load the hook libdhcp_lease_cmds\.so/)
  expect(panel.textContent).toContain('Differs: subnet 10.77.0.0/16 sets boot-file-name itself')
})

test('a lost Kea is told at its row and in place of its leases, and both come back with it', async () => {
  show()
  const panel = await screen.findByRole('region', { name: 'Kea' })
  await screen.findByRole('grid', { name: 'Leases' })
  const lost = 'Kea does not answer at /run/kea/a: nobody listens there'
  const before = new Map(back.answers)
  back.answers.set('engine.read', () => ({ servers: [{ ...server, version: '', subnets: [], pair: '', problem: lost, remedy: 'Start kea-dhcp4.' }] })) // prettier-ignore
  back.answers.set('leases.list', () => Promise.reject(new Error(lost)))
  nextRead()
  await within(panel).findByText('Not answering')
  expect(panel.textContent).toContain(`${lost}. Start kea-dhcp4.`)
  await screen.findByText('The leases of Kea cannot be read')
  expect(screen.queryByRole('grid', { name: 'Leases' })).toBeNull()
  back.answers = before
  nextRead()
  await screen.findByRole('grid', { name: 'Leases' })
  await within(panel).findByText(/Boot logic applied/)
})

test('a lease of Kea is freed after a question, and given back by Undo; one that ended has nothing to free', async () => {
  const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) })
  show()
  const grid = await screen.findByRole('grid', { name: 'Leases' })
  const rowOf = (last: number): Promise<HTMLElement> => within(grid).findByRole('row', { name: new RegExp(`77\\.1\\.${last} `) }) // prettier-ignore
  expect(within(await rowOf(3)).queryByRole('button', { name: 'Free' })).toBeNull()
  // A reservation is in Kea's configuration, which is not ours.
  expect(within(await rowOf(1)).queryByRole('button', { name: 'Reserve' })).toBeNull()
  const press = async (): Promise<void> => user.click(within(await rowOf(1)).getByRole('button', { name: 'Free' }))
  const changes = (): unknown[][] => back.calls.filter(([name]) => name === 'leases.forget' || name === 'leases.restore') // prettier-ignore
  await press()
  await waitFor(() => expect(useSheets.getState().question?.title).toBe('Free 10.77.1.1 in Kea?'))
  act(() => useSheets.getState().question!.answer(false))
  expect(changes()).toEqual([])
  await press()
  await waitFor(() => expect(useSheets.getState().question).toBeDefined())
  act(() => useSheets.getState().question!.answer(true))
  await waitFor(() => expect(changes()).toEqual([['leases.forget', { address: '10.77.1.1' }]]))
  await waitFor(() => expect(within(grid).queryByRole('row', { name: /77\.1\.1 / })).toBeNull())
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(changes()[1]).toEqual(['leases.restore', { address: '10.77.1.1' }]))
  await rowOf(1)
})

test('a lab without an engine shows none', () => {
  useStore.setState({ lab: { lab: labSchema.parse({ interface: 'eth0', mode: 'dhcp' }), text: '' } as never })
  show()
  expect(screen.queryByRole('region', { name: 'Kea' })).toBeNull()
  expect(back.calls.map(([name]) => name)).not.toContain('engine.read')
})
