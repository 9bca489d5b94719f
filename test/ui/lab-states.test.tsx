/** What pages say of a lab whose file is invalid, and of one whose back end is lost: the same everywhere, with a way on. */
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { LabState, Status } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { BootFilesPage } from '../../src/renderer/pages/boot-files.tsx'
import { ClientsPage } from '../../src/renderer/pages/clients.tsx'
import { LabPage } from '../../src/renderer/pages/lab.tsx'
import { Nothing } from '../../src/renderer/flows/nothing.tsx'
import { live } from '../../src/renderer/flows/source-names.ts'
import { RestartNotice } from '../../src/renderer/parts/restart-notice.tsx'
import { SimulatorPage } from '../../src/renderer/pages/simulator.tsx'
import { StartPage } from '../../src/renderer/start/start-page.tsx'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({ called: [] as string[], isThere: false }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string) => (
    back.called.push(name),
    back.isThere ? Promise.resolve({}) : new Promise(() => {})
  )) as never,
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
  Object.assign(back, { called: [], isThere: false })
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

test('the drawing of a lab shows its own ports, and the services that are on', () => {
  const own = labSchema.parse({ interface: 'eth0', mode: 'proxy-dhcp', ports: { dhcp: 1067, tftp: 1069, bootServer: 14011 }, http: { enabled: true, port: 8080 } }) // prettier-ignore
  useStore.setState({ lab: { ...invalid, lab: own, problems: [] }, status: { ...status, mode: 'proxy-dhcp' } })
  show(<LabPage />)
  const drawing = screen.getByRole('img')
  expect(drawing.textContent).toContain('boot server (1067, 14011)')
  expect(drawing.textContent).toContain('files (1069, HTTP 8080)')
  expect(drawing.getAttribute('aria-label')).toMatch(
    /on ports 1067 and 14011, and serves files on port 1069 and HTTP 8080\.$/,
  )
  cleanup()
  const silent = labSchema.parse({ interface: 'eth0', mode: 'proxy-dhcp', tftp: { enabled: false } })
  useStore.setState({ lab: { ...invalid, lab: silent, problems: [] } })
  show(<LabPage />)
  expect(screen.getByRole('img').textContent).not.toContain('files')
})

const valid: LabState = { ...invalid, lab: labSchema.parse({ interface: 'eth0' }), problems: [] }
test.each([
  ['an invalid lab', { lab: invalid }, /Correct the lab file/],
  ['no lab', { lab: { ...invalid, exists: false } }, /Set up a lab/],
  ['a responder that runs', { lab: valid, status: { ...status, state: 'responding' as const } }, /The responder runs/],
  ['a port that is taken', { lab: valid, status: { ...status, state: 'problem' as const } }, /Solve the problem/],
  ['a responder that is stopped', { lab: valid, status: { ...status, state: 'stopped' as const } }, /Start the responder, connect/],
] as const)('what to do next fits the state, on every page: %s', (_, state, says) => {
  useStore.setState(state)
  const pages: ReactElement[] = [<LabPage key="lab" />, <Nothing key="flows" source={live} state={undefined} />]
  // Clients leads on itself where there is no lab, or an invalid one.
  if (state.lab.lab !== null) pages.push(<ClientsPage key="clients" />)
  for (const page of pages) {
    show(page)
    screen.getByText(says)
    cleanup()
  }
}) // prettier-ignore

test('Clients does not find fault with a lab file that is not there', () => {
  useStore.setState({ lab: { ...invalid, exists: false, problems: [] } })
  show(<ClientsPage />)
  screen.getByRole('heading', { name: 'There is no lab yet' })
  expect(screen.getByRole('link', { name: 'Set up a lab' }).getAttribute('href')).toBe('#/lab')
})

test.each<[string, LabState | undefined, boolean]>([
  ['is not read yet', undefined, false],
  ['is invalid', invalid, false],
  ['does not exist', { ...invalid, exists: false, lab: labSchema.parse({ interface: 'eth0' }) }, false],
  ['is valid', { ...invalid, lab: labSchema.parse({ interface: 'eth0' }), problems: [] }, true],
])('the simulator boots machines with a lab file only where there is one: it %s', (_, lab, isOffered) => {
  useStore.setState({ lab })
  show(<SimulatorPage />)
  const link = screen.queryByRole('link', { name: 'Boot machines with my lab file' })
  expect(link?.getAttribute('href')).toBe(isOffered ? '#/simulator/lab' : undefined)
})

test('a lab file that changed is taken by a restart, which stops first', async () => {
  back.isThere = true
  useStore.setState({ lab: { ...invalid, needsRestart: true } })
  show(<RestartNotice />)
  // What is invalid cannot be started again.
  expect(screen.getByRole('button', { name: 'Restart' }).matches(':disabled')).toBe(true)
  useStore.setState({ lab: { needsRestart: true, lab: labSchema.parse({ interface: 'eth0' }) } as never })
  await waitFor(() => expect(screen.getByRole('button', { name: 'Restart' }).matches(':enabled')).toBe(true))
  await userEvent.click(screen.getByRole('button', { name: 'Restart' }))
  await waitFor(() => expect(back.called).toEqual(['responder.stop', 'responder.start']))
})
