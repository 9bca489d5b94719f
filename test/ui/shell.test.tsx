import { MantineProvider } from '@mantine/core'
import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, test } from 'vitest'
import { textOf } from '#messages/text.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { QuestionDialog } from '../../src/renderer/shell/question-dialog.tsx'
import { closeSheet, confirm, useSheets } from '../../src/renderer/shell/sheets.ts'
import { ShortcutsSheet } from '../../src/renderer/shell/shortcuts.tsx'
import { titleOf } from '../../src/renderer/shell/window-title.ts'

afterEach(() => act(closeSheet))

describe('the title of the window', () => {
  const lab = { path: 'C:\\Labs\\bench.yaml', exists: true }

  test('names the lab and what it does', () => {
    expect(titleOf(lab, { state: 'responding' }, 'connected')).toBe('bench.yaml (responding) - PXE Lab')
    expect(titleOf(lab, { state: 'stopped' }, 'connected')).toBe('bench.yaml - PXE Lab')
    expect(titleOf({ path: '/lab.yaml', exists: false }, { state: 'stopped' }, 'connected')).toBe('PXE Lab')
  })

  test('claims nothing while the back end is away', () => {
    expect(titleOf(lab, { state: 'responding' }, 'lost')).toBe('bench.yaml (no connection) - PXE Lab')
  })
})

test('Ctrl+/ opens the keys of every page', async () => {
  render(
    <MantineProvider env="test">
      <ShortcutsSheet />
    </MantineProvider>,
  )
  expect(useSheets.getState().open).toBeUndefined()
  await userEvent.keyboard('{Control>}/{/Control}')
  const pages = await screen.findByRole('region', { name: 'Pages' })
  for (const { label } of pageLinks) expect(pages.textContent).toContain(textOf(label))
})

test('a question is answered by its button, by Cancel, and by another question', async () => {
  render(
    <MantineProvider env="test">
      <QuestionDialog />
    </MantineProvider>,
  )
  const ask = async (): Promise<Promise<boolean>[]> => {
    let answer: Promise<boolean> | undefined
    await act(async () => {
      answer = confirm({ title: 'Replace lab.yaml?', text: 'Its text is replaced.', action: 'Replace' })
    })
    return [answer!]
  }
  const [first] = await ask()
  await userEvent.click(await screen.findByRole('button', { name: 'Replace' }))
  expect(await first).toBe(true)
  const [second] = await ask()
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(await second).toBe(false)
  const [third] = await ask()
  const [fourth] = await ask()
  expect(await third).toBe(false)
  await userEvent.click(await screen.findByRole('button', { name: 'Replace' }))
  expect(await fourth).toBe(true)
})
