/** Signatures of real programs: those of Debian, and those that sbsign makes here (Authenticode, PKCS #7, X.509). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatHex } from '#shared/wire/bytes.ts'
import { readPeImage } from '#shared/wire/pe-image.ts'
import { newestSbatLevel, parseSbat, revokedBy } from '#shared/wire/secure-boot/sbat.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { secondStageOf } from '#shared/secure-boot/shim.ts'
import { signerOf, type Signer } from '#shared/secure-boot/signers.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { fixture } from '../helpers/fixtures.ts'
import { manySigned, withData } from '../helpers/large-programs.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { describeWith } from '../helpers/requirements.ts'
import { debianGrub, debianShim, makeAuthority, signingNeeds, signWith, tinyProgram, type TestAuthority } from '../helpers/signed-programs.ts' // prettier-ignore

const bytesOf = (path: string | URL): Uint8Array => new Uint8Array(readFileSync(path))
const read = (bytes: Uint8Array) => readSignedProgram(bytes, cryptography)
const signersOf = (bytes: Uint8Array): Signer[] => read(bytes)!.signatures.map((one) => signerOf(one, cryptography))

test('a program is hashed once by each algorithm, however many signatures name its hash', () => {
  const program = manySigned(200, 10_000)
  const hashed: string[] = []
  const told = readSignedProgram(program, { ...cryptography, digest: (name, parts) => (hashed.push(name), cryptography.digest(name, parts)) })! // prettier-ignore
  expect(told.signatures).toHaveLength(200)
  expect(new Set(told.signatures.map((one) => one.isOfProgram))).toEqual(new Set([false]))
  expect(hashed).toEqual(['sha256'])
})

test.each([
  ['\\grubx64.efi\0', 'grubx64.efi'],
  ['\\\\\\GRUBX64.EFI\0', 'GRUBX64.EFI'],
  ['\\mmx64.efi\0\\fbx64.efi\0\\MokManager.efi\0\\custom-1_2.efi\0', 'custom-1_2.efi'],
  ['\\grubx64.efi and more\0', undefined],
  ['\\.efi\0', undefined],
  [`\\${'a'.repeat(80)}.efi\0`, undefined],
  ['\\grubx64.efi', undefined],
  ['\\'.repeat(100_000), undefined],
  [`\\${'a'.repeat(100_000)}\\b.efi\0`, 'b.efi'],
])('the second stage that a shim names: %.40j', (text, name) => {
  const data = new Uint8Array(Buffer.from(text, 'utf16le'))
  const program = withData(data)
  expect(secondStageOf('EFI/shimx64.efi', program, readPeImage(program)!)).toBe(name && `EFI/${name}`)
})

describeWith(['shim-signed'], 'programs of Debian', () => {
  test('shim is signed under both authorities of Microsoft, proven by their certificates', () => {
    expect(signersOf(bytesOf(debianShim))).toMatchObject([
      { name: 'Microsoft Windows UEFI Driver Publisher', authority: 'Microsoft Corporation UEFI CA 2011', authorityId: 'uefi-2011', state: 'valid', problem: '' },
      { name: 'Microsoft UEFI CA 2023 signer', authority: 'Microsoft UEFI CA 2023', authorityId: 'uefi-2023', state: 'valid', problem: '' },
    ]) // prettier-ignore
    expect(parseSbat(read(bytesOf(debianShim))!.sbat!)).toContainEqual({
      name: 'shim',
      generation: 4,
      vendor: 'UEFI shim',
      package: 'shim',
      version: expect.stringMatching(/^1/),
    })
  })

  test('GRUB is signed by Debian alone, and is not revoked by the newest level', () => {
    const program = bytesOf(debianGrub)
    expect(signersOf(program)).toMatchObject([
      { name: expect.stringMatching(/^Debian Secure Boot Signer/), authority: 'Debian Secure Boot CA', authorityId: undefined, state: 'valid' },
    ]) // prettier-ignore
    const components = parseSbat(read(program)!.sbat!)!
    expect(components.map((one) => one.name)).toEqual(expect.arrayContaining(['sbat', 'grub', 'grub.debian']))
    expect(revokedBy(components, newestSbatLevel)).toEqual([])
  })

  test('one changed byte, anywhere but in the checksum, makes it the signature of another program', () => {
    const program = bytesOf(debianGrub)
    const { hashed } = readPeImage(program)!
    const isHashed = (at: number): boolean =>
      hashed!.some((part) => at >= part.byteOffset && at < part.byteOffset + part.length)
    fc.assert(
      fc.property(fc.integer({ min: 0x1000, max: program.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        program[at]! ^= by
        const [signature] = read(program)?.signatures ?? []
        program[at]! ^= by
        if (isHashed(at)) expect(signature!.isOfProgram).toBe(false)
        else expect(signature?.isOfProgram).not.toBe(false)
      }),
      { numRuns: 8 },
    )
  })
})

describeWith(signingNeeds, 'programs that sbsign signed', () => {
  let folder: string
  let own: TestAuthority
  let plain: string
  const path = (name: string): string => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-signed-'))
    own = makeAuthority(folder, 'own', '/O=Example/CN=Own key')
    plain = tinyProgram(folder, 'plain', 'sbat,1,SBAT,sbat,1,https://example.org\ntiny,2,Example,tiny,1,-\n')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('one signature, then two, and none before', () => {
    expect(read(bytesOf(plain))).toMatchObject({ signatures: [], image: { machine: 0x8664, problems: [] } })
    signWith(plain, own, path('one.efi'))
    const [signer] = signersOf(bytesOf(path('one.efi')))
    expect(signer).toMatchObject({ name: 'Own key', authority: 'Own key', authorityId: undefined, state: 'valid' })
    const other = makeAuthority(folder, 'other', '/CN=Other key', makeAuthority(folder, 'root', '/CN=Root'))
    signWith(path('one.efi'), other, path('two.efi'))
    expect(signersOf(bytesOf(path('two.efi'))).map((one) => [one.name, one.authority, one.thumbprints.length])).toEqual(
      [
        ['Own key', 'Own key', 1],
        ['Other key', 'Root', 2],
      ],
    )
    // The hash that db and dbx hold is the same before and after.
    expect(formatHex(read(bytesOf(path('two.efi')))!.hash!)).toBe(formatHex(read(bytesOf(plain))!.hash!))
  })

  test('who only calls itself an authority of Microsoft is none', () => {
    const pretender = makeAuthority(folder, 'pretender', '/O=Microsoft Corporation/CN=Microsoft UEFI CA 2023')
    signWith(plain, makeAuthority(folder, 'leaf', '/CN=Microsoft', pretender), path('pretended.efi'))
    expect(signersOf(bytesOf(path('pretended.efi')))).toMatchObject([
      { authority: 'Microsoft UEFI CA 2023', authorityId: undefined, state: 'valid', problem: /does not bring/ },
    ].map((one) => ({ ...one, problem: expect.stringMatching(one.problem) }))) // prettier-ignore
  })

  test('a signature moved to another program, and one whose bytes were changed', () => {
    signWith(plain, own, path('one.efi'))
    const signed = bytesOf(path('one.efi'))
    const moved = Uint8Array.from(signed)
    moved[0x300]! ^= 1
    expect(signersOf(moved)).toMatchObject([{ state: 'of-another-program' }])
    const damaged = Uint8Array.from(signed)
    // The last bytes of the file are those of the signature itself, and some that fill up.
    damaged[damaged.findLastIndex((byte) => byte !== 0) - 8]! ^= 1
    expect(signersOf(damaged)).toMatchObject([{ state: 'damaged' }])
  })
})

describe('a signed program of 5 KB', () => {
  const program = bytesOf(fixture('wire/signed.efi'))

  test('is read without any tool', () => {
    expect(signersOf(program)).toMatchObject([{ name: 'Test authority', state: 'valid' }])
    expect(parseSbat(read(program)!.sbat!)!.map((one) => [one.name, one.generation])).toEqual([
      ['sbat', 1],
      ['tiny', 1],
    ])
  })

  test('cut off anywhere it is never taken for whole', () => {
    for (let length = 0; length < program.length; length++) {
      const told = read(program.subarray(0, length))
      const isValid = told?.signatures.some((one) => signerOf(one, cryptography).state === 'valid')
      expect(isValid ?? false, `${length}`).toBe(false)
    }
  })

  test('changed anywhere it tells problems, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(program.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Uint8Array.from(program)
          for (const [at, byte] of changes) bytes[at] = byte
          const told = read(bytes)
          for (const one of told?.signatures ?? []) signerOf(one, cryptography)
          if (told?.sbat) parseSbat(told.sbat)
        },
      ),
      { numRuns: 600 },
    )
  })

  test.each([
    ['is no program', new Uint8Array(10)],
    ['has no header behind MZ', Uint8Array.of(0x4d, 0x5a, ...new Uint8Array(80))],
    ['has an optional header of another kind', peProgram(0x8664)],
  ])('what %s', (_, bytes) => expect(read(bytes)).toBeUndefined())
})

describe('SBAT', () => {
  const section = (text: string): Uint8Array => new TextEncoder().encode(text)
  test('refuses what shim cannot read', () => {
    expect(parseSbat(section('grub,4,a,b,c,d\n\0rest'))).toMatchObject([{ name: 'grub', generation: 4 }])
    for (const text of ['', 'grub,4,a,b,c', 'grub,x,a,b,c,d', ',1,a,b,c,d', 'grub,-1,a,b,c,d'])
      expect(parseSbat(section(text)), text).toBeUndefined()
  })

  test('compares component by component, and only those that are in both', () => {
    const grub = (generation: number) => parseSbat(section(`grub,${generation},a,b,c,d\nmine,1,a,b,c,d`))!
    expect(revokedBy(grub(4), newestSbatLevel)).toEqual([{ component: 'grub', generation: 4, least: 5 }])
    expect(revokedBy(grub(5), newestSbatLevel)).toEqual([])
    expect(revokedBy(grub(1), { least: { toString: 9 } })).toEqual([])
  })
})
