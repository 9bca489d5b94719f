/** Which interfaces the settings offer: those without IPv4 only to a lab that answers over IPv6. */
import { MantineProvider } from '@mantine/core'
import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { InterfaceInfo, LabState } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { SettingsPage } from '../../src/renderer/pages/settings.tsx'
import { refreshInterfaces, useStore } from '../../src/renderer/store.ts'

const calls: [name: string, args: unknown][] = vi.hoisted(() => [])
const one = (name: string, address: string): InterfaceInfo => ({ name, address, prefixLength: 24, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true }) // prettier-ignore
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string, args: unknown) => {
    calls.push([name, args])
    return name === 'interfaces.list'
      ? Promise.resolve([one('eth0', '192.168.77.1'), { ...one('eth6', 'fd00:77::1'), isIpv6Only: true }])
      : name === 'setup.subnet'
        ? Promise.resolve({ subnet: '192.168.77.0/24', pools: [] })
        : new Promise(() => {})
  }) as never,
}))

const labWith = (ipv6: boolean): LabState =>
  ({ path: '/lab.yaml', exists: true, text: '', notices: [], problems: [], lab: labSchema.parse({ interface: 'eth0', ipv6: { enabled: ipv6 } }) }) as unknown as LabState // prettier-ignore

test('an interface without IPv4 can be chosen where the lab answers over IPv6, and nothing else is offered it', async () => {
  await act(refreshInterfaces)
  expect(useStore.getState().interfaces.map(({ name }) => name)).toEqual(['eth0'])
  act(() => useStore.setState({ lab: labWith(false), connection: 'connected' }))
  render(
    <MantineProvider env="test">
      <SettingsPage />
    </MantineProvider>,
  )
  const offered = async (): Promise<(string | null)[]> => {
    await userEvent.click(screen.getByRole('combobox', { name: 'Interface' }))
    const names = screen.getAllByRole('option').map((option) => option.textContent)
    await userEvent.keyboard('{Escape}')
    return names.filter((name) => name?.startsWith('eth'))
  }
  expect(await offered()).toEqual(['eth0'])
  act(() => useStore.setState({ lab: labWith(true) }))
  expect(await offered()).toEqual(['eth0', 'eth6'])
})

test.each([
  ['eth0', ['mode', 'dhcp.subnets']],
  ['eth6', ['mode']],
])(
  'giving addresses on %s proposes a subnet where it has IPv4, and changes the mode in any case',
  async (name, paths) => {
    await act(refreshInterfaces)
    const lab = labSchema.parse({ interface: name, mode: 'proxy-dhcp', ipv6: { enabled: true } })
    act(() => useStore.setState({ lab: { ...labWith(true), lab }, connection: 'connected' }))
    render(
      <MantineProvider env="test">
        <SettingsPage />
      </MantineProvider>,
    )
    calls.length = 0
    await userEvent.click(screen.getByRole('combobox', { name: 'Mode' }))
    await userEvent.click(screen.getByRole('option', { name: 'dhcp' }))
    await waitFor(() => expect(calls.some(([called]) => called === 'lab.change')).toBe(true))
    const [, args] = calls.find(([called]) => called === 'lab.change')!
    expect((args as { changes: { path: string[] }[] }).changes.map(({ path }) => path.join('.'))).toEqual(paths)
    expect(calls.some(([called]) => called === 'setup.subnet')).toBe(paths.length === 2)
  },
)
