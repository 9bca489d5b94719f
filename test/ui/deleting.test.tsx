/** Whatever deletes, frees, replaces or changes a setting can be undone, or asks first. */
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { Approvals } from '../../src/renderer/pages/approvals.tsx'
import { reserve } from '../../src/renderer/files/change-lab.ts'
import { addFiles, type ChosenFile } from '../../src/renderer/files/upload.ts'
import { Leases } from '../../src/renderer/pages/leases.tsx'
import { SettingsPage } from '../../src/renderer/pages/settings.tsx'
import { useSheets } from '../../src/renderer/shell/sheets.ts'
import { LibraryView, type ListedScenario } from '../../src/renderer/simulator/library-view.tsx'
import { useStore } from '../../src/renderer/store.ts'
import { hearUndoKeys } from '../../src/renderer/undo.tsx'

const back = vi.hoisted(() => ({
  calls: [] as unknown[][],
  replies: new Map<string, unknown>(),
  failures: new Set<string>(),
  answer: undefined as ((name: string, args: unknown) => unknown) | undefined,
}))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string, args: unknown) => {
    if (!name.endsWith('.list')) back.calls.push([name, args])
    const { address } = (args ?? {}) as { address?: string }
    if (address !== undefined && back.failures.has(address)) return Promise.reject(new Error(`${address} is gone`))
    return Promise.resolve(back.answer?.(name, args) ?? back.replies.get(name) ?? null)
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
  back.answer = undefined
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
  const request = { uuid: null, architecture: 'UEFI x64', vendor: 'Lenovo', vendorClass: 'PXEClient:Arch:00007', file: 'boot\\x64\\wdsmgfw.efi', knownAs: 'bench-4', since: 1, name: '', isRemembered: true } // prettier-ignore
  back.replies.set('approvals.list', [
    { ...request, request: 4, mac: '52:54:00:77:00:04', state: 'pending' },
    { ...request, request: 2, mac: '52:54:00:77:00:02', state: 'approved', name: 'pc2' },
  ])
  show(<Approvals />)
  const pending = await screen.findByRole('row', { name: 'Request 4' })
  // What it is and what it wants is known before it is let in.
  const cells = ['52:54:00:77:00:04', 'bench-4 · Lenovo', 'UEFI x64', 'PXEClient:Arch:00007', 'boot\\x64\\wdsmgfw.efi']
  for (const text of cells) within(pending).getByText(text)
  within(pending).getByText(/^first seen /)
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

test('a setting of the lab is changed back by Ctrl+Z and again by Ctrl+Y, unless the file was changed meanwhile', async () => {
  const user = userEvent.setup()
  const parsed = labSchema.parse({ interface: 'eth0' })
  const state = { path: '/lab.yaml', exists: true, text: 'before', lab: parsed, problems: [], notices: [], needsRestart: false } // prettier-ignore
  useStore.setState({ lab: state })
  back.answer = (name, args) => {
    if (name !== 'lab.change' && name !== 'lab.write') return undefined
    const next = { ...state, text: name === 'lab.change' ? 'after' : (args as { text: string }).text }
    act(() => useStore.setState({ lab: next }))
    return next
  }
  show(<SettingsPage />)
  const stop = hearUndoKeys()
  await user.click(screen.getByRole('switch', { name: 'TFTP' }))
  await screen.findByText('TFTP: off')
  back.calls.length = 0
  await user.keyboard('{Control>}z{/Control}')
  await screen.findByText('Undone: TFTP: off')
  await user.keyboard('{Control>}y{/Control}')
  await screen.findByText('TFTP: off')
  expect(back.calls).toEqual([['lab.write', { text: 'before' }], ['lab.write', { text: 'after' }]]) // prettier-ignore
  await user.keyboard('{Control>}z{/Control}')
  await screen.findByText('Undone: TFTP: off')
  act(() => useStore.setState({ lab: { ...state, text: 'of somebody else' } }))
  await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
  await waitFor(() => expect(useStore.getState().complaint?.message).toBe('the lab file has changed since'))
  stop()
})

test('a reservation of an address is taken back by Ctrl+Z', async () => {
  const user = userEvent.setup()
  const state = { path: '/lab.yaml', exists: true, text: 'before', lab: labSchema.parse({ interface: 'eth0' }), problems: [], notices: [], needsRestart: false } // prettier-ignore
  useStore.setState({ lab: state })
  back.answer = (name, args) => {
    if (name !== 'reservations.add' && name !== 'lab.write') return undefined
    const next = { ...state, text: name === 'lab.write' ? (args as { text: string }).text : 'reserved' }
    act(() => useStore.setState({ lab: next }))
    return next
  }
  show(<></>)
  const stop = hearUndoKeys()
  await act(() => reserve('52:54:00:77:00:01', '192.168.77.100', null))
  await screen.findByText(/192\.168\.77\.100 is reserved for 52:54:00:77:00:01/)
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect(back.calls.at(-1)).toEqual(['lab.write', { text: 'before' }]))
  expect(useStore.getState().lab?.text).toBe('before')
  stop()
})

test('boot files that are replaced are kept first; what cannot be kept is replaced only where somebody says so', async () => {
  const user = userEvent.setup()
  back.answer = (name, args) => {
    const { name: file } = args as { name: string }
    if (name === 'files.keep') return { id: file === 'huge.wim' ? null : `kept ${file}` }
    return name === 'files.begin' ? { id: file } : {}
  }
  show(<></>)
  const chosen = ['Old.efi', 'new.efi', 'huge.wim'].map((name): ChosenFile => ({ name, file: new File([], name) }))
  const again = vi.fn<() => void>()
  const added = addFiles(chosen, ['old.efi', 'huge.wim'], again)
  await waitFor(() => expect(useSheets.getState().question?.text).toMatch(/cannot be undone.*\(huge\.wim\)/))
  act(() => useSheets.getState().question!.answer(false))
  // TFTP finds a file in any case: the one that is there is replaced.
  expect(await added).toEqual(['old.efi', 'new.efi'])
  expect(back.calls.filter(([name]) => name === 'files.begin').map(([, args]) => args)).toEqual([
    { name: 'old.efi', size: 0, replaces: true },
    { name: 'new.efi', size: 0, replaces: false },
  ])
  await screen.findByText('Replaced old.efi')
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(back.calls.at(-1)).toEqual(['files.restore', { name: 'old.efi', id: 'kept old.efi' }]))
  await waitFor(() => expect(again).toHaveBeenCalledOnce())
})
