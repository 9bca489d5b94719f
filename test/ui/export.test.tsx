/** The dialog that writes a lab for another DHCP server: what is shown, told, copied and saved. */
import { MantineProvider } from '@mantine/core'
import { fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import { ExportDialog } from '../../src/renderer/lab/export-dialog.tsx'
import { useStore } from '../../src/renderer/store.ts'

const lab = labSchema.parse({
  interface: 'eth7',
  mode: 'dhcp',
  dhcp: { subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }] }] },
  boot: {
    programs: [
      { userClass: 'iPXE', file: 'menu.ipxe' },
      { architecture: 'x64-uefi', file: 'ipxe.efi' },
    ],
  },
})
const show = (one: Lab = lab, address = '10.0.0.1') => {
  useStore.setState({ interfaces: [{ name: 'eth7', address, prefixLength: 24, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true }] }) // prettier-ignore
  render(
    <MantineProvider env="test">
      <ExportDialog lab={one} onClose={() => {}} />
    </MantineProvider>,
  )
}
const choose = (label: string, value: string): void => void fireEvent.change(screen.getByLabelText(label), { target: { value } }) // prettier-ignore
afterEach(() => vi.restoreAllMocks())

test('each server has its file, Kea by version, with what differs and the address of this machine', () => {
  show()
  expect(screen.getByLabelText('Text of kea-dhcp4.conf').textContent).toContain('Kea 2.6')
  expect(screen.getByLabelText('Text of kea-dhcp4.conf').textContent).toContain('"next-server": "10.0.0.1"')
  choose('Version', '3.0')
  expect(screen.getByLabelText('Text of kea-dhcp4.conf').textContent).toContain('control-sockets')
  const differences = within(screen.getByRole('table', { name: 'Differences' }))
  expect(differences.getAllByText('Keep beside it')[0]!.closest('tr')!.rowIndex).toBe(1)
  choose('DHCP server', 'dnsmasq')
  expect(screen.queryByLabelText('Version')).toBeNull()
  expect(screen.getByLabelText('Text of dnsmasq.conf').textContent).toContain('ipxe.efi,10.0.0.1,10.0.0.1')
  choose('Address of the file server', '10.0.0.9')
  expect(screen.getByLabelText('Text of dnsmasq.conf').textContent).toContain('ipxe.efi,10.0.0.9,10.0.0.9')
})

test('scripts for Windows are several files: one is shown, all are saved', () => {
  show()
  const saved: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download)
  })
  URL.createObjectURL = vi.fn(() => 'blob:x')
  URL.revokeObjectURL = vi.fn()
  choose('DHCP server', 'powershell')
  expect(screen.getByLabelText('Text of pxe-lab-dhcp.ps1').textContent).toContain("Use-Scope '10.0.0.0'")
  fireEvent.click(screen.getByLabelText('pxe-lab-dhcp-undo.ps1'))
  expect(screen.getByLabelText('Text of pxe-lab-dhcp-undo.ps1').textContent).toContain('Import-Clixml')
  fireEvent.click(screen.getByRole('button', { name: 'Save 2 files' }))
  expect(saved).toEqual(['pxe-lab-dhcp.ps1', 'pxe-lab-dhcp-undo.ps1'])
})

test('without an address nothing is written until there is one, unless the lab names its file server', () => {
  show(lab, '')
  expect(screen.getByText(/Enter the IPv4 address of the machine that serves the boot files/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Copy' })).toBeNull()
  choose('Address of the file server', '10.0.0.5')
  expect(screen.getByRole('button', { name: 'Copy' })).toBeTruthy()
})
