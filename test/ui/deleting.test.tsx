/** Whatever deletes or frees can be undone, or asks first. */
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { Approvals } from '../../src/renderer/pages/approvals.tsx'
import { Leases } from '../../src/renderer/pages/leases.tsx'
import { LibraryView, type ListedScenario } from '../../src/renderer/simulator/library-view.tsx'
import { useStore } from '../../src/renderer/store.ts'
import { hearUndoKeys } from '../../src/renderer/undo.tsx'

const back = vi.hoisted(() => ({
  calls: [] as unknown[][],
  replies: new Map<string, unknown>(),
  failures: new Set<string>(),
}))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string, args: unknown) => {
    if (!name.endsWith('.list')) back.calls.push([name, args])
    const { address } = (args ?? {}) as { address?: string }
    if (address !== undefined && back.failures.has(address)) return Promise.reject(new Error(`${address} is gone`))
    return Promise.resolve(back.replies.get(name) ?? null)
  }) as never,
}))

const show = (part: ReactElement): void =>
  void render(
    <MantineProvider env="test">
      <Notifications />
      {part}
    </MantineProvider>,
  )

beforeEach(() => {
  localStorage.clear()
  back.calls.length = 0
  back.failures.clear()
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
  return () => vi.restoreAllMocks()
})

test('a scenario that was saved is deleted at once, and Ctrl+Z brings it back as it was', async () => {
  const user = userEvent.setup()
  const changed = vi.fn<() => void>()
  const saved: ListedScenario = {
    id: 'mine', origin: 'saved', title: 'My network', group: 'Normal boots', summary: '', isLesson: false, input: { title: 'My network' },
  } // prettier-ignore
  show(<LibraryView entries={[saved, { ...saved, id: 'shipped', origin: 'shipped', title: 'Ours' }]} hasLab={false} onChanged={changed} />) // prettier-ignore
  const stop = hearUndoKeys()
  expect(screen.queryByRole('button', { name: 'Delete Ours' })).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Delete My network' }))
  expect(back.calls).toEqual([['scenarios.delete', { id: 'mine' }]])
  await screen.findByText('Scenario deleted: My network')
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect(back.calls[1]).toEqual(['scenarios.save', { id: 'mine', input: { title: 'My network' } }]))
  await waitFor(() => expect(changed).toHaveBeenCalledTimes(2))
  stop()
})

test('addresses are freed at once, all that are selected, and given back by Undo', async () => {
  const user = userEvent.setup()
  const lease = { hostName: null, uuid: null, since: 1, until: null, isReserved: false }
  back.replies.set('leases.list', [
    { ...lease, address: '192.168.77.100', mac: '52:54:00:77:00:01', state: 'bound' },
    { ...lease, address: '192.168.77.101', mac: '52:54:00:77:00:02', state: 'bound' },
    { ...lease, address: '192.168.77.102', mac: '52:54:00:77:00:03', state: 'released' },
  ])
  show(<Leases />)
  const grid = await screen.findByRole('grid', { name: 'Leases' })
  await user.click(await within(grid).findByRole('row', { name: /77\.100/ }))
  await user.click(within(within(grid).getByRole('row', { name: /77\.100/ })).getByRole('button', { name: 'Free' }))
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(back.calls).toEqual([['leases.forget', { address: '192.168.77.100' }], ['leases.restore', { address: '192.168.77.100' }]])) // prettier-ignore
  back.calls.length = 0
  grid.focus()
  await user.keyboard('{Control>}a{/Control}{Shift>}{F10}{/Shift}')
  await user.click(await screen.findByRole('menuitem', { name: 'Free 2 addresses' }))
  const both = (name: string): unknown[] => ['100', '101'].map((last) => [name, { address: `192.168.77.${last}` }])
  await waitFor(() => expect(back.calls).toEqual(both('leases.forget')))
  await screen.findByText(/^Freed 2 addresses/)
  // What cannot be given back is told, and the others are.
  back.failures.add('192.168.77.100')
  const stop = hearUndoKeys()
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect(back.calls.slice(2)).toEqual(both('leases.restore')))
  await waitFor(() => expect(useStore.getState().complaint?.message).toBe('192.168.77.100 is gone'))
  stop()
})

test('a request is approved by name in its row; a decision and a removal are taken back by Undo', async () => {
  const user = userEvent.setup()
  const request = { uuid: null, architecture: 'UEFI x64', since: 1, name: '', isRemembered: true }
  back.replies.set('approvals.list', [
    { ...request, request: 4, mac: '52:54:00:77:00:04', state: 'pending' },
    { ...request, request: 2, mac: '52:54:00:77:00:02', state: 'approved', name: 'pc2' },
  ])
  show(<Approvals />)
  const pending = await screen.findByRole('row', { name: 'Request 4' })
  await user.type(within(pending).getByLabelText('Name of request 4'), 'jpc')
  await user.click(within(pending).getByRole('button', { name: 'Approve' }))
  await waitFor(() => expect(back.calls).toEqual([['approvals.decide', { request: 4, verdict: 'approve', name: 'jpc', remember: true }]])) // prettier-ignore
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(back.calls[1]).toEqual(['approvals.decide', { request: 4, verdict: 'wait', name: '', remember: true }])) // prettier-ignore
  await user.click(within(screen.getByRole('row', { name: 'Request 2' })).getByRole('button', { name: 'Remove' }))
  await waitFor(() => expect(back.calls[2]).toEqual(['approvals.decide', { request: 2, verdict: 'forget' }]))
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(back.calls[3]).toEqual(['approvals.decide', { request: 2, verdict: 'restore' }]))
})
