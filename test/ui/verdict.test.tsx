/** The verdict of a boot in a window with little height, as at 200 % zoom: cause and fix first, the rest on demand. */
import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { Verdict } from '../../src/renderer/flows/verdict.tsx'

const explanation = {
  outcome: 'failed',
  headline: 'Boot file not found (PXE-E23)',
  code: { code: 'PXE-E23', meaning: 'the TFTP server answered with an error' },
  causes: ['The name is misspelt', 'The folder is missing'],
  fixes: ['Correct the boot file name', 'Copy the file'],
  tells: ['Read it with tftp get'],
  sentences: [{ text: 'Refused boot.efi', tone: 'bad', frames: [9] }],
}
const show = (changed = {}): void =>
  void render(
    <MantineProvider env="test">
      <Verdict
        explained={{ explanation: { ...explanation, ...changed }, machine: 'm', name: '', ordinal: 1, began: 0, milliseconds: 1, evidence: [] } as never} // prettier-ignore
        frame={undefined}
        onFrame={() => {}}
      />
    </MantineProvider>,
  )
const terms = (): (string | null)[] => [...document.querySelectorAll('dt')].map((one) => one.textContent)
const usual = window.matchMedia
const isShort = (height: number): void => {
  window.matchMedia = (query) =>
    Object.assign(usual(query), { matches: height <= Number(/max-height: (\d+)px/.exec(query)?.[1]) })
}
afterEach(() => {
  window.matchMedia = usual
})

test('where the window is low, the likeliest cause and fix stand alone until somebody wants more', async () => {
  isShort(450)
  show()
  expect(terms()).toEqual(['Likely cause', 'Fix'])
  expect(screen.queryByRole('button', { name: '1 more' })).toBeNull()
  expect(screen.getByText('The name is misspelt').title).toBe('The name is misspelt')
  const more = screen.getByRole('button', { name: 'More' })
  expect(more.getAttribute('aria-expanded')).toBe('false')
  await userEvent.click(more)
  expect(terms()).toEqual(['Code', 'Likely cause', 'Fix', 'To find out', 'Evidence'])
  await userEvent.click(screen.getByRole('button', { name: 'Less' }))
  expect(terms()).toEqual(['Likely cause', 'Fix'])
})

test('where there is room, everything is told at once', () => {
  isShort(900)
  show()
  expect(terms()).toEqual(['Code', 'Likely cause', 'Fix', 'To find out', 'Evidence'])
  expect(screen.queryByRole('button', { name: 'More' })).toBeNull()
})

test('a boot of which there is no more to tell offers no more', () => {
  isShort(450)
  show({ outcome: 'started', headline: 'Started grubx64.efi', code: undefined, causes: [], fixes: [], tells: [], sentences: [] }) // prettier-ignore
  expect(terms()).toEqual([])
  expect(screen.queryByRole('button', { name: 'More' })).toBeNull()
})
