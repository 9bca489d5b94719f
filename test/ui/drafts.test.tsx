/** Texts that are edited while others change the same file: nobody's work is lost without a question. */
import { MantineProvider } from '@mantine/core'
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { BootFiles, LabState } from '#shared/contract/calls.ts'
import { writeIpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { MenuEditor } from '../../src/renderer/files/menu-editor.tsx'
import { ScriptEditor } from '../../src/renderer/files/script-editor.tsx'
import { SettingsPage } from '../../src/renderer/pages/settings.tsx'
import { QuestionDialog } from '../../src/renderer/shell/question-dialog.tsx'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({ files: new Map<string, string>(), written: [] as string[], changed: [] as unknown[] }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (async (name: string, args: { name?: string; text?: string; changes?: unknown }) => {
    if (name === 'lab.check') return []
    if (name === 'lab.change') {
      back.changed.push(args.changes)
      return { text: '' }
    }
    if (name === 'files.readText') return { text: back.files.get(args.name!) }
    if (name === 'files.writeText') back.files.set(args.name!, args.text!)
    if (name === 'lab.write' || name === 'files.writeText') back.written.push(args.text!)
    if (name === 'files.writeText') return {}
    if (name === 'lab.write') {
      const { useStore: store } = await import('../../src/renderer/store.ts')
      store.setState({ lab: { ...store.getState().lab!, text: args.text! } })
      return store.getState().lab
    }
    return new Promise(() => {})
  }) as never,
}))
vi.mock(import('../../src/renderer/parts/text-editor.tsx'), () => ({
  TextEditor: ({ label, value, onChange }) => (
    <textarea aria-label={label} value={value} onChange={(event) => onChange?.(event.currentTarget.value)} />
  ),
}))

const labWith = (text: string): LabState =>
  ({ path: '/lab.yaml', exists: true, text, notices: [], problems: [], lab: labSchema.parse({ interface: 'eth0' }) }) as unknown as LabState // prettier-ignore
const onDisk = (text: string): void => act(() => useStore.setState({ lab: labWith(text) }))
const editor = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Lab file as text' })

beforeEach(() => {
  window.location.hash = ''
  back.written = []
  useStore.setState({ lab: labWith('interface: eth0\n'), connection: 'connected' })
})

test('the lab file changes on disk while its text is edited: the text stays, and replaces nothing unasked', async () => {
  const page = (
    <MantineProvider env="test">
      <QuestionDialog />
      <SettingsPage />
    </MantineProvider>
  )
  const { unmount } = render(page)
  await userEvent.click(screen.getByRole('radio', { name: 'Lab file' }))
  onDisk('interface: eth1\n')
  // What nobody edits follows the file.
  expect(editor().value).toBe('interface: eth1\n')
  fireEvent.change(editor(), { target: { value: 'interface: mine\n' } })
  onDisk('interface: eth2\n')
  expect(editor().value).toBe('interface: mine\n')
  screen.getByText(/was changed since you began to edit it/)
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(back.written).toEqual([])
  // Another page and back.
  unmount()
  render(page)
  await userEvent.click(screen.getByRole('radio', { name: 'Lab file' }))
  expect(editor().value).toBe('interface: mine\n')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Replace' }))
  await waitFor(() => expect(back.written).toEqual(['interface: mine\n']))
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(true))
  // What was saved is no draft any more.
  onDisk('interface: eth3\n')
  expect(editor().value).toBe('interface: eth3\n')
  fireEvent.change(editor(), { target: { value: 'interface: other\n' } })
  await userEvent.click(screen.getByRole('button', { name: 'Discard changes' }))
  expect(editor().value).toBe('interface: eth3\n')
})

test('the boot menu is saved elsewhere while it is edited here: what was typed stays, and both are offered', async () => {
  const menu = (title: string): string =>
    writeIpxeMenu({ title, timeoutSeconds: 10, defaultEntry: 0, entries: [{ kind: 'disk', text: 'Local disk' }] })
  const boot = (modified: number): BootFiles =>
    ({ exists: true, folder: '/boot', files: [{ name: 'm.ipxe', kind: 'script', size: 1, modified }] }) as unknown as BootFiles
  const rules = [{ userClass: 'iPXE', file: 'm.ipxe' }] as const
  back.files.set('m.ipxe', menu('First'))
  const page = (modified: number) => (
    <MantineProvider env="test">
      <QuestionDialog />
      <MenuEditor rules={rules} boot={boot(modified)} onSaved={() => {}} />
    </MantineProvider>
  )
  const { rerender, unmount } = render(page(1))
  const title = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Title' })
  await screen.findByDisplayValue('First')
  // What nobody edits follows the file.
  back.files.set('m.ipxe', menu('Second'))
  rerender(page(2))
  await screen.findByDisplayValue('Second')
  fireEvent.change(title(), { target: { value: 'Mine' } })
  expect(screen.queryByText(/was changed since/)).toBeNull()
  back.files.set('m.ipxe', menu('Theirs'))
  rerender(page(3))
  await screen.findByText(/was changed since you began to edit this menu/)
  expect(title().value).toBe('Mine')
  // Another page and back.
  unmount()
  const again = render(page(3))
  await screen.findByText(/was changed since/)
  expect(title().value).toBe('Mine')
  await userEvent.click(screen.getByRole('button', { name: 'Overwrite the file' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(back.written).toEqual([])
  await userEvent.click(screen.getByRole('button', { name: 'Discard my changes' }))
  expect(title().value).toBe('Theirs')
  fireEvent.change(title(), { target: { value: 'Mine again' } })
  // Somebody writes a script that is no menu of this form.
  back.files.set('m.ipxe', '#!ipxe\nshell\n')
  again.rerender(page(4))
  await screen.findByText(/was changed since/)
  expect(title().value).toBe('Mine again')
  await userEvent.click(screen.getByRole('button', { name: 'Overwrite the file' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Replace' }))
  await waitFor(() => expect(back.written).toEqual([menu('Mine again')]))
  again.rerender(page(5))
  await waitFor(() => expect(screen.queryByText(/was changed since/)).toBeNull())
  expect([title().value, screen.getByRole('button', { name: 'Save menu' }).hasAttribute('disabled')]).toEqual(['Mine again', true])
}) // prettier-ignore

test('a setting that changes elsewhere while somebody types it: what is typed stays, and only Enter replaces it', async () => {
  const labWithFiles = (folder: string): void =>
    act(() => useStore.setState({ lab: { ...labWith(''), lab: labSchema.parse({ interface: 'eth0', boot: { files: folder } }) } })) // prettier-ignore
  labWithFiles('./one')
  render(
    <MantineProvider env="test">
      <SettingsPage />
    </MantineProvider>,
  )
  const field = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Boot file folder' })
  expect(field().value).toBe('./one')
  labWithFiles('./two')
  expect(field().value).toBe('./two')
  fireEvent.change(field(), { target: { value: './mine' } })
  labWithFiles('./three')
  expect(field().value).toBe('./mine')
  screen.getByText(/Changed elsewhere to “\.\/three”/)
  // Leaving the field is no decision.
  fireEvent.blur(field())
  expect(back.changed).toEqual([])
  fireEvent.keyDown(field(), { key: 'Escape' })
  expect(field().value).toBe('./three')
  expect(screen.queryByText(/Changed elsewhere/)).toBeNull()
  fireEvent.change(field(), { target: { value: './mine' } })
  labWithFiles('./four')
  fireEvent.keyDown(field(), { key: 'Enter' })
  await waitFor(() => expect(back.changed).toEqual([[expect.objectContaining({ value: './mine' })]]))
})

test('a script that another window saved meanwhile is replaced only when one says so', async () => {
  back.files.set('menu.ipxe', '#!ipxe\n')
  const closed = vi.fn()
  render(
    <MantineProvider env="test">
      <QuestionDialog />
      <ScriptEditor name="menu.ipxe" onClose={closed} onSaved={() => {}} />
    </MantineProvider>,
  )
  fireEvent.change(await screen.findByRole('textbox', { name: /Text of/ }), { target: { value: '#!ipxe\nshell\n' } })
  back.files.set('menu.ipxe', '#!ipxe\nexit\n')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect([back.written, closed.mock.calls.length]).toEqual([[], 0])
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Replace' }))
  await waitFor(() => expect(closed).toHaveBeenCalled())
  expect(back.files.get('menu.ipxe')).toBe('#!ipxe\nshell\n')
})
