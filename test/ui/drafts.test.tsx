/** Texts that are edited while others change the same file: nobody's work is lost without a question. */
import { MantineProvider } from '@mantine/core'
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { LabState } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { ScriptEditor } from '../../src/renderer/files/script-editor.tsx'
import { SettingsPage } from '../../src/renderer/pages/settings.tsx'
import { QuestionDialog } from '../../src/renderer/shell/question-dialog.tsx'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({ files: new Map<string, string>(), written: [] as string[] }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (async (name: string, args: { name?: string; text?: string }) => {
    if (name === 'lab.check') return []
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
const editor = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: /Text of/ })

beforeEach(() => {
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
