/** `pxe-lab secure-boot`: as text, as JSON, with a dbx of somebody's own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secureBootSchema } from '#shared/contract/documents.ts'
import { fixture } from '../helpers/fixtures.ts'
import { cli } from '../helpers/lab.ts'
import { hashList } from '../helpers/ovmf-variables.ts'

const signed = fileURLToPath(fixture('wire/signed.efi'))
const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, 'secure-boot', ...values], { encoding: 'utf8', timeout: 300_000 })

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a program, its signer, and a dbx that names its hash', () => {
  const text = run(signed)
  expect(text.status).toBe(1)
  expect(text.stdout).toMatch(/signed by Test authority[^]*SBAT level \d+ .*dbx as published on 20\d\d-\d\d-\d\d:\n {4}refuse .*not in db/) // prettier-ignore

  const published = secureBootSchema.parse(JSON.parse(run('--json', signed).stdout))
  const { hash } = published.chains[0]!.links[0]!
  expect(hash).toMatch(/^[\da-f]{64}$/)
  const dbx = join(folder, 'dbx.esl')
  writeFileSync(dbx, hashList([hash]))
  const own = secureBootSchema.parse(JSON.parse(run('--json', '--dbx', dbx, signed).stdout))
  expect(own.chains[0]!.dbx).toBe('dbx.esl (1 program, 0 certificates)')
  expect(own.chains[0]!.verdicts[0]).toMatchObject({ starts: 'no', because: expect.stringMatching(/hash is in dbx/) })
})

test('a dbx that is none, or is not there', () => {
  const none = run('--dbx', signed, signed)
  expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(/--dbx: signed\.efi is no dbx\. Give a file of EFI/)]) // prettier-ignore
  const gone = run('--dbx', join(folder, 'gone'), signed)
  expect([gone.status, gone.stderr]).toEqual([2, expect.stringMatching(/--dbx: .*gone does not exist \(ENOENT\)/)])
})
