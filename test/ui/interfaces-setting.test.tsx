/** Which interfaces the settings offer: those without IPv4 only to a lab that answers over IPv6. */
import { MantineProvider } from '@mantine/core'
import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { InterfaceInfo, LabState } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { SettingsPage } from '../../src/renderer/pages/settings.tsx'
import { refreshInterfaces, useStore } from '../../src/renderer/store.ts'

const one = (name: string, address: string): InterfaceInfo => ({ name, address, prefixLength: 24, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true }) // prettier-ignore
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string) =>
    name === 'interfaces.list'
      ? Promise.resolve([one('eth0', '192.168.77.1'), { ...one('eth6', 'fd00:77::1'), isIpv6Only: true }])
      : new Promise(() => {})) as never,
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
