/** Your network: a file that is removed is brought back, in its place. */
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { TwinView } from '../../src/renderer/simulator/twin-view.tsx'
import { useNetwork } from '../../src/renderer/simulator/twin-client.ts'
import { useStore } from '../../src/renderer/store.ts'
import { hearUndoKeys } from '../../src/renderer/undo.tsx'

vi.mock(import('../../src/renderer/worker-client.ts'), async (original) => ({
  ...(await original()),
  connectWorker: (() => () => Promise.resolve(undefined)) as never,
}))

const names = (): string[] => useNetwork.getState().files.map(({ name, text }) => `${name} ${text}`)

beforeEach(() => {
  useNetwork.setState({ files: [{ name: 'a.conf', text: 'a' }, { name: 'b.conf', text: 'b' }, { name: 'c.conf', text: 'c' }] }) // prettier-ignore
  const stop = hearUndoKeys()
  render(
    <MantineProvider env="test">
      <Notifications />
      <TwinView />
    </MantineProvider>,
  )
  return stop
})

test('a file that was removed is brought back in its place by Ctrl+Z', async () => {
  const user = userEvent.setup()
  await user.click(screen.getByRole('button', { name: 'Remove b.conf' }))
  expect(names()).toEqual(['a.conf a', 'c.conf c'])
  await screen.findByText('File removed: b.conf')
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect(names()).toEqual(['a.conf a', 'b.conf b', 'c.conf c']))
  await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
  await waitFor(() => expect(names()).toEqual(['a.conf a', 'c.conf c']))
})

test('another file of the same name that was added since is not replaced', async () => {
  const user = userEvent.setup()
  await user.click(screen.getByRole('button', { name: 'Remove a.conf' }))
  const another = { name: 'a.conf', text: 'other' }
  useNetwork.setState({ files: [another] })
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect(useStore.getState().complaint?.message).toContain('another a.conf was added since'))
  expect(names()).toEqual(['a.conf other'])
})
