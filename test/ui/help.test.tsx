/** Help beside the page: keys, links between articles, definitions, and HTML that stays text. */
import { MantineProvider } from '@mantine/core'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { ArticleView } from '../../src/renderer/help/article-view.tsx'
import { HelpPanel } from '../../src/renderer/help/help-panel.tsx'
import { articles } from '../../src/renderer/help/library.ts'
import { closeHelp, showHelp, useHelp } from '../../src/renderer/help/state.ts'

afterEach(() => {
  act(closeHelp)
  window.location.hash = ''
})

const show = (): void => {
  render(
    <MantineProvider env="test">
      <input aria-label="Filter" />
      <HelpPanel />
    </MantineProvider>,
  )
}

test('F1 and ? open the article of the page, ? not while one types; Escape closes', async () => {
  window.location.hash = '#/simulator'
  show()
  await userEvent.type(screen.getByLabelText('Filter'), '?')
  expect(screen.queryByRole('complementary', { name: 'Help' })).toBeNull()
  await userEvent.keyboard('{F1}')
  const help = await screen.findByRole('complementary', { name: 'Help' })
  await within(help).findByRole('heading', { name: 'The simulator' })
  expect(document.activeElement).toBe(help)
  await userEvent.keyboard('{Escape}')
  expect(screen.queryByRole('complementary', { name: 'Help' })).toBeNull()
  // What had the focus has it again.
  expect(document.activeElement).toBe(screen.getByLabelText('Filter'))
  await userEvent.click(document.body)
  await userEvent.keyboard('?')
  await screen.findByRole('heading', { name: 'The simulator' })
})

test('links lead from article to article, and back', async () => {
  show()
  act(() => showHelp({ kind: 'article', path: 'README.md' }))
  await userEvent.click(await screen.findByRole('link', { name: 'Relays and routers' }))
  await screen.findByRole('heading', { name: 'Relays and routers' })
  expect(useHelp.getState().shown).toMatchObject({ path: 'guide/relays.md' })
  await userEvent.click(screen.getByRole('button', { name: 'Back in help' }))
  await screen.findByRole('heading', { name: 'PXE Lab documentation' })
})

test('a term is explained where it comes first', async () => {
  show()
  act(() => showHelp({ kind: 'article', path: 'guide/relays.md' }))
  await screen.findByRole('heading', { name: 'Relays and routers' })
  const terms = screen.getAllByText('relay agent', { selector: 'dfn' })
  expect(terms).toHaveLength(1)
  await userEvent.hover(terms[0]!)
  await waitFor(() => expect(screen.getByRole('tooltip').textContent).toContain('forwards DHCP broadcasts'))
})

test('every article is shown with its headings, without an element of HTML that it writes', () => {
  for (const { path } of articles.filter((one) => one.text.length < 8_000)) {
    const { container, unmount } = render(
      <MantineProvider env="test">
        <ArticleView path={path} anchor={undefined} />
      </MantineProvider>,
    )
    expect(container.querySelectorAll('h1'), path).toHaveLength(1)
    expect(container.querySelectorAll('script, iframe, [style*="url"]'), path).toHaveLength(0)
    unmount()
  }
})
