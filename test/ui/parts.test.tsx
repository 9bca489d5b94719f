import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { describe, expect, test } from 'vitest'
import type { Boot, FileProgress } from '#shared/contract/calls.ts'
import { checkBoot } from '#shared/lab/boot-check.ts'
import { labSchema, modes } from '#shared/lab/lab.ts'
import { FileProgressRow } from '../../src/renderer/parts/file-progress.tsx'
import { HexView } from '../../src/renderer/parts/hex-view.tsx'
import { ModePicture } from '../../src/renderer/parts/mode-picture.tsx'
import { StageBadge } from '../../src/renderer/parts/stage-badge.tsx'
import { LabNotices } from '../../src/renderer/parts/lab-notices.tsx'
import { complain, useStore } from '../../src/renderer/store.ts'
import { ComplaintBar } from '../../src/renderer/shell/complaint-bar.tsx'
import { CallFailure } from '#shared/contract/channel.ts'

const show = (part: ReactElement): void => void render(<MantineProvider env="test">{part}</MantineProvider>)
const file: FileProgress = {
  id: '1',
  file: 'boot.wim',
  bytes: 5 * 1024 * 1024,
  size: 20 * 1024 * 1024,
  rate: 1024 * 1024,
  state: 'loading',
  detail: '',
  retransmissions: 0,
}

describe('a file on its way', () => {
  test('says how far, how fast and what was repeated', () => {
    show(<FileProgressRow file={{ ...file, retransmissions: 3 }} />)
    expect(screen.getByRole('progressbar', { name: 'boot.wim: 25 percent, loading' })).toBeTruthy()
    expect(screen.getByText('5.0 MiB of 20.0 MiB · 1.0 MiB/s · 3 repeated')).toBeTruthy()
  })

  test('says why it was not served', () => {
    show(<FileProgressRow file={{ ...file, state: 'refused', detail: 'there is no such file' }} />)
    expect(screen.getByText('not served: there is no such file')).toBeTruthy()
    expect(screen.queryByRole('progressbar')).toBeNull()
  })
})

test.each<[Boot['stage'], string]>([
  ['loading', 'loading'],
  ['failed', 'failed'],
  ['boot-server', 'asked port 4011'],
])('the state %s has a word beside its colour', (stage, word) => {
  show(<StageBadge stage={stage} />)
  expect(screen.getByText(word)).toBeTruthy()
})

test.each(modes)('the picture of mode %s has a description for those who do not see it', (mode) => {
  show(<ModePicture lab={{ ...labSchema.parse({ interface: 'eth0' }), mode }} />)
  expect(screen.getByRole('img').getAttribute('aria-label')).toMatch(/port/)
})

test('the picture names every port that the lab opens', () => {
  const lab = labSchema.parse({ interface: 'eth0', http: { enabled: true }, https: { enabled: true, port: 8443 }, ipv6: { enabled: true } }) // prettier-ignore
  show(<ModePicture lab={{ ...lab, mode: 'dhcp' }} />)
  expect(screen.getByRole('img').textContent).toMatch(/\(67, IPv6 547\).*\(4011\).*\(69, HTTP 80, HTTPS 8443\)/)
})

test('bytes show with offset, text and the chosen field marked', () => {
  show(<HexView hex="505845436c69656e74ff00010203040506" from={0} length={9} />)
  expect(document.querySelectorAll('[data-on]')).toHaveLength(9)
  expect(document.querySelector('.hex-text')!.textContent).toBe('PXEClient.......')
  expect(document.querySelectorAll('[data-lit]')).toHaveLength(9)
  expect(screen.getByText('0010')).toBeTruthy()
})

test('what went wrong is told with its remedy, and can be dismissed', async () => {
  show(<ComplaintBar />)
  complain(new CallFailure('192.168.77.50 is reserved for another client', 'Choose another address.'), 'Reservation')
  expect((await screen.findByRole('alert')).textContent).toContain(
    '192.168.77.50 is reserved for another client. Choose another address.',
  )
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  expect(useStore.getState().complaint).toBeUndefined()
  expect(screen.queryByRole('alert')).toBeNull()
})

test('the Lab page tells what machines will miss, with what to do, and nothing where nothing is missed', () => {
  const parsed = labSchema.parse({ interface: 'lo', mode: 'dhcp', boot: { programs: [{ architecture: 'bios', file: 'a.0' }] } }) // prettier-ignore
  const notices = checkBoot(parsed, { exists: true, files: new Map() })
  const { container, rerender } = render(
    <MantineProvider env="test">
      <LabNotices notices={notices} />
    </MantineProvider>,
  )
  expect(screen.getByRole('alert').textContent).toContain(
    'BIOS machines get nothing to boot: a.0 cannot be loaded, there is no such file. Put it into ./boot, or correct the name.',
  )
  expect(screen.getAllByRole('listitem')).toHaveLength(notices.length)
  rerender(
    <MantineProvider env="test">
      <LabNotices notices={checkBoot(labSchema.parse({ interface: 'lo', mode: 'dhcp' }), { exists: true, files: new Map() })} />
    </MantineProvider>,
  ) // prettier-ignore
  // Nothing to boot is grave, whoever meant it so.
  expect(screen.getByRole('alert').textContent).toContain('No machine gets anything to boot')
  expect(screen.queryByRole('note')).toBeNull()
  const noDns = { code: 'no-dns', level: 'info', field: 'dhcp', text: 'Machines are told no DNS server', remedy: 'Add dns.' } as const // prettier-ignore
  rerender(
    <MantineProvider env="test">
      <LabNotices notices={[...notices, noDns]} />
    </MantineProvider>,
  )
  // What may be meant so stands apart, and is no alarm.
  expect(screen.getByRole('note').textContent).toMatch(
    /^NotesUEFI x64 machines get nothing to boot: no rule.*Machines are told no DNS server\. Add dns\.$/,
  )
  expect(screen.getByRole('alert').textContent).not.toContain('DNS')
  rerender(
    <MantineProvider env="test">
      <LabNotices notices={[]} />
    </MantineProvider>,
  )
  expect(container.querySelector('li')).toBeNull()
})
