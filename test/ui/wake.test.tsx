/** Waking machines on the Clients page: one by its button, several by the menu of the table. */
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Client } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { ClientsPage } from '../../src/renderer/pages/clients.tsx'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({ calls: [] as unknown[][], failed: [] as string[] }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (async (name: string, args: object) => {
    back.calls.push([name, args])
    return { sent: ['10.77.0.255 on eth0'], failed: back.failed }
  }) as never,
}))

const client = (mac: string, name: string | null = null): Client => ({ mac, name, vendor: '', firmware: 'UEFI', architecture: 'x64', uuid: null, address: null, hostName: null, serial: null, asset: null, reason: '', isReserved: false, boots: [] }) // prettier-ignore
const first = client('52:54:00:77:00:01', 'office-7')
const second = client('52:54:00:77:00:02')
const unnamed = client('at 10.77.0.9')

beforeEach(() => {
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
  localStorage.clear()
  back.calls.length = 0
  back.failed = []
  useStore.setState({
    lab: { lab: labSchema.parse({ interface: 'eth0' }), text: '' } as never,
    clients: new Map([first, second, unnamed].map((one) => [one.mac, one])),
  })
  return () => void vi.restoreAllMocks()
})
const show = (hash: string): void => {
  location.hash = hash
  render(
    <MantineProvider env="test">
      <Notifications />
      <ClientsPage />
    </MantineProvider>,
  )
}
const woken = () => back.calls.filter(([name]) => name === 'clients.wake')

test('one by its button: what was done is told, and nothing more', async () => {
  show(`#/clients/${encodeURIComponent(first.mac)}`)
  await userEvent.click(await screen.findByRole('button', { name: 'Wake' }))
  expect(woken()).toEqual([['clients.wake', { macs: [first.mac] }]])
  expect(await screen.findByText('A wake-up packet was sent to office-7, by 10.77.0.255 on eth0')).toBeTruthy()
})

test('several by the menu of the table; where it did not leave is told', async () => {
  back.failed = ['not on eth1: it has no link']
  show('#/clients')
  const rows = await screen.findAllByRole('row', { name: /52:54:00:77/ })
  await userEvent.click(rows[0]!)
  fireEvent.click(rows[1]!, { ctrlKey: true })
  fireEvent.contextMenu(rows[1]!)
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Wake 2 machines' }))
  expect(woken()).toEqual([['clients.wake', { macs: expect.arrayContaining([first.mac, second.mac]) }]])
  expect(await screen.findByText('A wake-up packet was sent to 2 machines, by 10.77.0.255 on eth0; not on eth1: it has no link')).toBeTruthy() // prettier-ignore
})

test('not a machine whose hardware address nobody saw', async () => {
  show(`#/clients/${encodeURIComponent(unnamed.mac)}`)
  expect(await screen.findByText('at 10.77.0.9', { selector: 'h1 *, h1' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Wake' })).toBeNull()
})
