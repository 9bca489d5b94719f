/** A dbx file of one's own in the simulator's settings, read in the page. */
import { MantineProvider } from '@mantine/core'
import { readFileSync } from 'node:fs'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { DbxFile } from '../../src/renderer/simulator/dbx-file.tsx'
import { signatureLists } from '../helpers/ovmf-variables.ts'

test('its authorities are taken; what is none is told by its name, and changes nothing', async () => {
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
  const program = readSignedProgram(new Uint8Array(readFileSync('test/fixtures/wire/signed.efi')), cryptography)!
  const { der, subject } = program.signatures[0]!.chain.at(-1)!
  await open('dbx.esl', signatureLists([der]))
  expect((await screen.findByRole('status')).textContent).toMatch(/^dbx\.esl revokes 1 CA and no program/)
  expect(read).toEqual([[subject.common]])
})
