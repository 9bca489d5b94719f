/** Addresses that somebody typed, cut off or sent by mail: none takes the window with it. */
import { MantineProvider } from '@mantine/core'
import { act, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FailureBoundary } from '../../src/renderer/parts/failure-boundary.tsx'
import { UnknownPage } from '../../src/renderer/parts/unknown-page.tsx'
import { addressOf, useRoute } from '../../src/renderer/route.ts'

const Shown = () => {
  const { page, item, unknown } = useRoute()
  return <output>{unknown === undefined ? `${page} ${item}` : `no ${unknown}`}</output>
}

const shown = (hash: string): string => {
  window.location.hash = hash
  const { container, unmount } = render(<Shown />)
  const text = container.textContent
  unmount()
  return text
}

afterEach(() => {
  window.location.hash = ''
  vi.restoreAllMocks()
})

describe('an address', () => {
  test.each([
    ['#/flows/%', 'flows %'],
    ['#/flows/%E0%A4%A', 'flows %E0%A4%A'],
    ['#/doctor/ask?code=100%', 'doctor ask?code=100%'],
    ['#/nowhere/else', 'no nowhere'],
    ['#foo%20bar', 'no foo bar'],
    ['#%', 'no %'],
    ['#/', 'start undefined'],
    ['', 'start undefined'],
    ['#codes/PXE-E55', 'doctor ask?code=PXE-E55'],
    ['#/clients/52%3A54', 'clients 52:54'],
  ])('%s reads as %s', (hash, text) => expect(shown(hash)).toBe(text))

  test('reads as it was written', () => {
    for (const item of ['50 % off?', 'a/b#c', '%41', 'ünï', ''])
      if (item !== '') expect(shown(addressOf('flows', item))).toBe(`flows ${item}`)
  })
})

test.each([
  ['flow', false, 'Did you mean Flows?', '#/flows'],
  ['boot-files', false, 'Did you mean Boot files?', '#/files'],
  ['Doktor', false, 'Did you mean Doctor?', '#/doctor'],
  ['foo', false, 'Go to Start', '#/start'],
  ['site', true, 'Did you mean Sites?', '#/sites'],
  ['foo', true, 'Go to Sites', '#/sites'],
])('a page that does not exist is told, and the nearest offered: %s (hub: %s)', (name, isHub, action, address) => {
  render(
    <MantineProvider env="test">
      <UnknownPage name={name} isHub={isHub} />
    </MantineProvider>,
  )
  screen.getByRole('heading', { name: `There is no page “${name}”` })
  expect(screen.getByRole('link', { name: action }).getAttribute('href')).toBe(address)
})

test('a page that fails says so in its place, and another address starts anew', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const Page = ({ fails }: { readonly fails: boolean }) => {
    if (fails) throw new Error('no such packet')
    return <p>works</p>
  }
  const at = (address: string, fails: boolean) => (
    <MantineProvider env="test">
      <FailureBoundary address={address}>
        <Page fails={fails} />
      </FailureBoundary>
    </MantineProvider>
  )
  const { rerender } = render(at('flows/1', true))
  expect((await screen.findByRole('alert')).textContent).toContain('no such packet')
  expect(screen.getByRole('link', { name: 'Go to Start' }).getAttribute('href')).toBe('#/start')
  await act(async () => rerender(at('flows/2', false)))
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.getByText('works')).toBeDefined()
})
