import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { render, screen } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Copyable } from '../../src/renderer/parts/copyable.tsx'

/** What the page has of a clipboard: the asynchronous one, the older way, both or neither. */
function clipboard(write: ((text: string) => Promise<void>) | undefined, older: () => boolean): void {
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: write && { writeText: write } })
  document.execCommand = older
}
const show = (): void =>
  void render(
    <MantineProvider env="test">
      <Notifications />
      <Copyable text="52:54:00:12:34:56" />
    </MantineProvider>,
  )
const click = (): void => screen.getByRole('button', { name: 'Copy 52:54:00:12:34:56' }).click()

describe('a copy button', () => {
  afterEach(() => void (document.body.innerHTML = ''))

  test('says that it copied', async () => {
    const write = vi.fn(() => Promise.resolve())
    clipboard(write, () => false)
    show()
    click()
    expect(await screen.findByText('Copied 52:54:00:12:34:56')).toBeTruthy()
    expect(write).toHaveBeenCalledWith('52:54:00:12:34:56')
  })

  test('copies the older way where the address is not secure', async () => {
    const selected: string[] = []
    clipboard(undefined, () => {
      selected.push((document.activeElement as HTMLTextAreaElement).value)
      return true
    })
    show()
    click()
    expect((await screen.findAllByText('Copied 52:54:00:12:34:56')).length).toBeGreaterThan(0)
    expect(selected).toEqual(['52:54:00:12:34:56'])
    expect(document.querySelector('textarea')).toBeNull()
  })

  test('says that it did not, and shows the text to be copied by hand', async () => {
    clipboard(
      () => Promise.reject(new DOMException('Write permission denied.', 'NotAllowedError')),
      () => false,
    )
    show()
    click()
    expect(await screen.findByText('Not copied')).toBeTruthy()
    expect(screen.getByText(/copy it with the keyboard: 52:54:00:12:34:56/)).toBeTruthy()
  })
})
