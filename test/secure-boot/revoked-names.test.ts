/** A dbx file in the words of a scenario, as the window reads it, held against what the command line reads with Node's cryptography. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { revokedKeys } from '#shared/secure-boot/chain.ts'
import { sha256 } from '#shared/wire/sha256.ts'
import { mostDbxBytes, revokedNamesIn } from '#shared/wire/secure-boot/revoked-names.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { revocationsIn } from '../../src/main/inspect/boot-chains.ts'
import { fixture } from '../helpers/fixtures.ts'
import { signatureLists } from '../helpers/ovmf-variables.ts'

test('SHA-256 as Node computes it, at every length around a block', () => {
  const same = (bytes: Uint8Array): void => {
    expect(sha256(bytes)).toEqual(new Uint8Array(createHash('sha256').update(bytes).digest()))
  }
  for (let length = 0; length < 200; length++) same(new Uint8Array(length).fill(length))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), same))
})

test('names what the command line names', () => {
  const program = readSignedProgram(new Uint8Array(readFileSync(fixture('wire/signed.efi'))), cryptography)!
  const chain = program.signatures.flatMap((one) => one.chain.map(({ der }) => der))
  const dbx = signatureLists(chain)
  const revocations = revocationsIn('dbx.esl', dbx)
  if (typeof revocations === 'string') throw new Error(revocations)
  const names = revokedKeys(revocations, cryptography).map((key) => key.replace(/#.*$/, ''))
  expect(names.length).toBeGreaterThan(0)
  expect(revokedNamesIn(dbx)).toEqual({ names: [...new Set(names)], programs: 0, unread: 0 })
})

test('what is no dbx, is cut off or is too large is none', () => {
  const dbx = signatureLists([new Uint8Array(60).fill(1)])
  expect(revokedNamesIn(dbx)).toEqual({ names: [], programs: 0, unread: 1 })
  expect(revokedNamesIn(dbx.subarray(0, -1))).toBeUndefined()
  expect(revokedNamesIn(new Uint8Array())).toBeUndefined()
  expect(revokedNamesIn(new Uint8Array(mostDbxBytes + 1))).toBeUndefined()
})
