/** A dbx file of one's own in the simulator's settings, read in the page. */
import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { concatBytes, parseHex } from '#shared/wire/bytes.ts'
import { DbxFile } from '../../src/renderer/simulator/dbx-file.tsx'

test('what it revokes is taken; what is none is told by its name, and changes nothing', async () => {
  const read: (readonly string[])[] = []
  const { container } = render(
    <MantineProvider env="test">
      <DbxFile onRead={(names) => read.push(names)} />
    </MantineProvider>,
  )
  const open = async (name: string, bytes: Uint8Array): Promise<void> => {
    const input = container.querySelector<HTMLInputElement>('input[type=file]')!
    await userEvent.upload(input, new File([bytes as Uint8Array<ArrayBuffer>], name))
  }
  await open('notes.txt', new TextEncoder().encode('no list of signatures'))
  expect((await screen.findByRole('alert')).textContent).toMatch(
    /^notes\.txt is no dbx\. Open a file of EFI signature lists/,
  )
  expect(read).toEqual([])
  // A list of one SHA-256 (EFI_CERT_SHA256_GUID): lengths of list, header and entry, then owner and hash.
  const list = concatBytes([parseHex('2616c4c14c509240aca941f936934328' + '4c000000' + '00000000' + '30000000')!, new Uint8Array(48)]) // prettier-ignore
  await open('dbx.esl', list)
  expect((await screen.findByRole('status')).textContent).toMatch(/^dbx\.esl revokes no CA and 1 program by hash/)
  expect(read).toEqual([[]])
})
