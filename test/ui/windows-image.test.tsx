/** The sheet of a Windows boot image: memory both ways, sizes that were measured with their reason, and the file it writes. */
import { MantineProvider } from '@mantine/core'
import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import type { BootFiles } from '#shared/contract/calls.ts'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { WindowsImageSheet } from '../../src/renderer/files/windows-image.tsx'
import { useStore } from '../../src/renderer/store.ts'

const back = vi.hoisted(() => ({ answers: {} as Record<string, unknown>, written: [] as number[], named: '' }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string, args: { name?: string; base64?: string }) => {
    if (name === 'files.begin') back.named = args.name!
    if (name === 'files.append') back.written.push(...Buffer.from(args.base64!, 'base64'))
    return Promise.resolve(back.answers[name] ?? (name === 'files.begin' ? { id: '1' } : {}))
  }) as never,
}))

const image: BootFiles['files'][number] = { name: 'Boot/boot.wim', size: 700 * 2 ** 20, modified: 0, kind: 'windows-image', description: 'Windows PE (WIM), x64', problem: '', peMachine: null, remarks: ['It starts Windows Setup.'] } // prettier-ignore
const boot = { root: '/b', exists: true, files: [image], isTruncated: false, programs: [] } as unknown as BootFiles
const file = (blockSize: number, windowSize: number, rate: number, retransmissions = 0): object => ({ id: `${blockSize}`, file: 'x', bytes: 1e6, size: 1e6, rate, state: 'done', detail: '', retransmissions, blockSize, windowSize }) // prettier-ignore
const show = (): void =>
  void render(
    <MantineProvider env="test">
      <WindowsImageSheet image={image} boot={boot} onClose={() => {}} onSaved={() => {}} />
    </MantineProvider>,
  )
const click = (name: string): Promise<void> => userEvent.click(screen.getByRole('button', { name }))

beforeEach(() => {
  Object.assign(back, { answers: {}, written: [], named: '' })
  useStore.setState({ interfaces: [{ name: 'eth0' }] as never, clients: new Map(), wire: '' })
})

test('tells the memory of both ways, and that boot.sdi is missing', () => {
  show()
  const memory = within(screen.getByRole('region', { name: 'Memory' }))
  memory.getByText(/By wimboot: about 1\.87 GiB|By wimboot: about 1\.9 GiB/)
  memory.getByText(/By the boot manager: about 1\.19 GiB|By the boot manager: about 1\.2 GiB/)
  screen.getByText(/\\Boot\\boot\.sdi is not in the boot folder/)
  screen.getByText('It starts Windows Setup.')
})

test('what machines loaded gives the sizes, with the reason, and they are in the file that is written', async () => {
  const files = [file(1468, 4, 20e6), file(1024, 16, 30e6, 5), { ...file(1456, 1, 9e6), blockSize: undefined }]
  useStore.setState({ clients: new Map([['a', { boots: [{ files }] }]]) as never })
  show()
  await click('Measured when machines loaded')
  within(screen.getByRole('list', { name: 'Reasons for these sizes' })).getByText('Blocks of 1468 bytes, 4 in a window, came at 20.0 MB/s and lost nothing.') // prettier-ignore
  await click('Write Boot/BCD')
  await waitFor(() => expect(back.written.length).toBeGreaterThan(0))
  expect(back.named).toBe('Boot/BCD')
  expect(readBootConfiguration(Uint8Array.from(back.written))).toEqual({ images: ['\\Boot\\boot.wim'], sdi: '\\Boot\\boot.sdi', blockSize: 1468, windowSize: 4 }) // prettier-ignore
})

test('measured on the wire; what was not measured says why and changes nothing', async () => {
  back.answers = {
    'wire.census': { results: [{ client: 'x64-uefi' }], warnings: [] },
    'wire.rehearse': { steps: [], recommended: { blockSize: 1456, windowSize: 16, why: ['Because.'] } },
  }
  show()
  await click('Measure')
  await screen.findByText('Because.')
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Window size (blocks)' }).value).toBe('16')
  back.answers['wire.rehearse'] = { steps: [{ name: 'Block sizes', state: 'passed', detail: 'The server is this computer.' }] } // prettier-ignore
  await click('Measure')
  await screen.findByText('Not measured: The server is this computer.')
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Window size (blocks)' }).value).toBe('16')
})

test('a BIOS gets a file of its own, and is told of it by option 252', async () => {
  show()
  await userEvent.click(screen.getByRole('radio', { name: 'BIOS' }))
  screen.getByRole('button', { name: 'Write Boot/BIOS/BCD' })
  screen.getByText(/252: \\Boot\\BIOS\\BCD/)
})
