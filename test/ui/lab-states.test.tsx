/** What pages say of a lab whose file is invalid, and of one whose back end is lost: the same everywhere, with a way on. */
import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { LabState, Status } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { BootFilesPage } from '../../src/renderer/pages/boot-files.tsx'
import { ClientsPage } from '../../src/renderer/pages/clients.tsx'
import { LabPage } from '../../src/renderer/pages/lab.tsx'
import { StartPage } from '../../src/renderer/start/start-page.tsx'
import { useStore } from '../../src/renderer/store.ts'

vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (() => new Promise(() => {})) as never,
}))

const show = (part: ReactElement): void => void render(<MantineProvider env="test">{part}</MantineProvider>)
const invalid: LabState = {
  ...({ path: '/lab.yaml', exists: true, text: 'mode: dhpc', notices: [] } as unknown as LabState),
  lab: null,
  problems: [{ field: 'mode', line: 1, message: 'mode is none of listen, dhcp', remedy: 'Write dhcp.' } as never],
}
const status = { state: 'stopping', detail: 'Closing the ports.', interfaces: [], listening: [], pools: [], warnings: [], complaint: null } as unknown as Status // prettier-ignore

beforeEach(() => {
  window.location.hash = ''
  useStore.setState({ lab: invalid, status, clients: new Map(), connection: 'connected' })
})

test.each([
  ['Clients', <ClientsPage key="clients" />],
  ['Boot files', <BootFilesPage key="files" />],
])('%s says that the lab file is invalid, and leads to its correction', (_, page) => {
  show(page)
  screen.getByRole('heading', { name: 'The lab file has problems' })
  expect(screen.getByRole('link', { name: 'Correct it' }).getAttribute('href')).toBe('#/settings')
})

test('Start offers to correct an invalid lab, not to start it', () => {
  show(<StartPage />)
  expect(screen.queryByRole('button', { name: 'Start the responder' })).toBeNull()
  expect(screen.getByRole('link', { name: 'Correct the lab file' }).getAttribute('href')).toBe('#/settings')
})

test('Lab says what the responder does', () => {
  show(<LabPage />)
  screen.getByText('Closing the ports.')
})

test('Lab claims nothing of a responder that is out of reach', () => {
  useStore.setState({ connection: 'lost' })
  show(<LabPage />)
  expect(screen.queryByText('Closing the ports.')).toBeNull()
  screen.getByText('Not connected')
})

test.each([
  ['connected', false],
  ['lost', true],
] as const)('Start offers the responder only where it is in reach: %s', (connection, isDisabled) => {
  const lab = { ...invalid, lab: labSchema.parse({ interface: 'eth0' }), problems: [] }
  useStore.setState({ lab, connection, status: { ...status, state: 'stopped' } })
  show(<StartPage />)
  expect(screen.getByRole('button', { name: 'Start the responder' }).hasAttribute('disabled')).toBe(isDisabled)
})
