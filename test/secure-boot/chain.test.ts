/** The chain behind a boot program: Debian's own, and programs signed here. What firmware does with them is tried in test/firmware. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectChain, type BootChain, type ChainOptions } from '#shared/secure-boot/chain.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { secondStageOf, vendorCertificates } from '#shared/secure-boot/shim.ts'
import { judgeByFirmware, judgeByShim, judgeShimItself } from '#shared/wire/secure-boot/trust.ts'
import { readPeImage, type PeImage } from '#shared/wire/pe-image.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { describeWith } from '../helpers/requirements.ts'
import { spoken, type Spoken } from '../helpers/spoken.ts'
import {
  debianGrub,
  debianShim,
  derOf,
  makeAuthority,
  signingNeeds,
  signWith,
  tinyProgram,
} from '../helpers/signed-programs.ts'

const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path))
const chainOf = async (
  first: string,
  files: Readonly<Record<string, Uint8Array>>,
  options?: ChainOptions,
): Promise<Spoken<BootChain>> =>
  spoken(
    await inspectChain(first, (name) => Promise.resolve(files[name] ?? 'there is no such file'), cryptography, options),
  )
const told = ({ verdicts }: Spoken<BootChain>): Record<string, string> =>
  Object.fromEntries(verdicts.map((one) => [one.machine, one.starts]))

describeWith(['shim-signed', ...signingNeeds], 'the chain of Debian', () => {
  let folder: string
  let shim: Uint8Array
  let grub: Uint8Array
  const text = (value: string): Uint8Array => new TextEncoder().encode(value)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-chain-'))
    shim = bytesOf(debianShim)
    grub = bytesOf(debianGrub)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('shim, GRUB beside it and its kernel; GRUB is proven by the certificate within shim', async () => {
    const image = readPeImage(shim)!
    expect(vendorCertificates(shim, image).map((one) => one.subject.common)).toEqual(['Debian Secure Boot CA'])
    const chain = await chainOf('debian/shimx64.efi', {
      'debian/shimx64.efi': shim,
      'debian/grubx64.efi': grub,
      'debian/grub.cfg': text('menuentry x {\n  linux /debian/vmlinuz quiet\n  linux $prefix/other\n}\n'),
      'debian/vmlinuz': grub,
    })
    expect(chain.links.map(({ role, file }) => [role, file])).toEqual([
      ['shim', 'debian/shimx64.efi'],
      ['second stage', 'debian/grubx64.efi'],
      ['kernel', 'debian/vmlinuz'],
    ])
    expect(told(chain)).toEqual({
      'of-2011': 'yes',
      'of-both': 'yes',
      'of-2023': 'yes',
      'windows-alone': 'no',
      'windows-2011-revoked': 'yes',
      // Two signatures do not help where one of them is revoked.
      'all-2011-revoked': 'no',
    })
  })

  test.each([
    ['is missing', undefined, /grubx64\.efi \(second stage\): there is no such file/],
    ['is not signed', (): Uint8Array => bytesOf(tinyProgram(folder, 'bare', 'sbat,1,a,b,c,d\n')), /it is not signed/],
    ['is cut off', (): Uint8Array => grub.subarray(0, 900_000), /cut off|not signed/],
    ['was changed', (): Uint8Array => Uint8Array.from(grub, (byte, at) => (at === 5000 ? byte ^ 1 : byte)), /changed after it was signed/],
    ['is signed with an own key', (): Uint8Array => signed('own', 'sbat,1,a,b,c,d\n'), /enrolled as MOK/],
    ['has no .sbat', (): Uint8Array => signed('without'), /no section \.sbat/],
  ] as const)('a second stage that %s is refused everywhere', async (_, second, why) => {
    const files = { 'shimx64.efi': shim, ...(second && { 'grubx64.efi': second() }) }
    const chain = await chainOf('shimx64.efi', files)
    expect(chain.verdicts.map((one) => one.starts)).toEqual(Array(6).fill('no'))
    expect(chain.verdicts[0]!.because).toMatch(why)
  }) // prettier-ignore

  test('a hash in dbx refuses the program, whoever signed it', async () => {
    const files = { 'shimx64.efi': shim, 'grubx64.efi': grub }
    const hashOf = async (at: number): Promise<string> => (await chainOf('shimx64.efi', files)).links[at]!.hash
    for (const [at, file] of ['shimx64.efi (shim)', 'grubx64.efi (second stage)'].entries()) {
      const revoked = await hashOf(at)
      const revocations = { name: 'a list', isHashRevoked: (hash: string) => hash === revoked, certificates: [] }
      const chain = await chainOf('shimx64.efi', files, { revocations })
      expect(chain.dbx).toBe('a list')
      expect(chain.verdicts.find((one) => one.machine === 'of-2011')).toMatchObject({ starts: 'no', because: `${file}: the program itself is revoked: its hash is in dbx.` }) // prettier-ignore
    }
  })

  test('a certificate in dbx is the one of that name and key alone', async () => {
    const own = makeAuthority(folder, 'revoked', '/CN=Own key')
    const program = tinyProgram(folder, 'by-own')
    signWith(program, own, program)
    const [of2011] = readSignedProgram(shim, cryptography)!.signatures.map((one) => one.chain.at(-1)!.der)
    const revocations = { name: '', isHashRevoked: () => false, certificates: [derOf(own), of2011!] }
    const starts = async (files: Record<string, Uint8Array>): Promise<string | undefined> =>
      (await chainOf('x.efi', files, { revocations })).verdicts.find((one) => one.machine === 'of-2011')?.because
    expect(await starts({ 'x.efi': bytesOf(program) })).toMatch(/bears a signature under Own key, which is revoked/)
    expect(await starts({ 'x.efi': shim, 'grubx64.efi': grub })).toMatch(/UEFI CA 2011, which is revoked/)
  })

  test('programs are those that menus and scripts name: linuxefi, chainloader, included menus, entries; iPXE', async () => {
    const files = {
      'grubx64.efi': grub,
      'grub.cfg': text('set x=1\nlinuxefi /a/vmlinuz-6.1.0+deb "quiet"\nchainloader (hd0)/x.efi\nchainloader /b/other.efi\nchainloader +1\nconfigfile /more.cfg\n'),
      'more.cfg': text('  blscfg /entry.conf\n  configfile /grub.cfg\n'),
      'entry.conf': text('title x\nlinux /c/kernel\n'),
      'a/vmlinuz-6.1.0+deb': grub,
      'snponly.efi': grub,
      'autoexec.ipxe': text('#!ipxe\ndhcp\nkernel --name k ${base}/no\nkernel -n linux vm/one quiet ||\nshim distro/shimx64.efi\nchain --autofree next.ipxe || shell\nchain http://192.168.77.1/x.efi\n'),
      'next.ipxe': text('#!ipxe\nchain /tool.efi\n'),
      'lab/boot.ipxe': text('#!ipxe\nkernel wimboot\n'),
    } // prettier-ignore
    const named = async (first: string, options?: ChainOptions): Promise<string[]> =>
      (await chainOf(first, files, options)).links.slice(1).map((one) => `${one.role} ${one.file}`)
    expect(await named('grubx64.efi')).toEqual(['kernel a/vmlinuz-6.1.0+deb', 'chained program b/other.efi', 'kernel c/kernel']) // prettier-ignore
    const byScript = ['kernel vm/one', 'shim distro/shimx64.efi', 'chained program tool.efi']
    expect(await named('snponly.efi')).toEqual(byScript)
    expect(await named('snponly.efi', { scripts: ['lab/boot.ipxe'] })).toEqual([byScript[0], byScript[1], 'kernel lab/wimboot', byScript[2]]) // prettier-ignore
    // What is named and missing is not known to fail: another server may have it.
    const missing = { 'shimx64.efi': shim, 'grubx64.efi': grub, 'grub.cfg': text('linux /elsewhere/vmlinuz\n') }
    expect((await chainOf('shimx64.efi', missing)).verdicts[0]).toMatchObject({ starts: 'unknown', because: expect.stringMatching(/vmlinuz \(kernel\): there is no such file/) }) // prettier-ignore
    const alone = { 'shimx64.efi': shim, 'grubx64.efi': grub }
    expect((await chainOf('shimx64.efi', alone)).verdicts[0]?.because).toMatch(/What it loads next is not known here/)
  })

  test('who only has the name of the authority in shim is not trusted', async () => {
    const named = makeAuthority(folder, 'named', '/CN=Debian Secure Boot CA')
    const program = tinyProgram(folder, 'claims', 'sbat,1,a,b,c,d\n')
    signWith(program, makeAuthority(folder, 'claims', '/CN=Debian', named), program)
    const chain = await chainOf('shimx64.efi', { 'shimx64.efi': shim, 'grubx64.efi': bytesOf(program) })
    expect(chain.verdicts[0]).toMatchObject({ starts: 'no', because: expect.stringMatching(/MOK/) })
  })

  function signed(name: string, sbat?: string): Uint8Array {
    const program = tinyProgram(folder, name, sbat)
    signWith(program, makeAuthority(folder, `key-${name}`, '/CN=Own key'), program)
    return bytesOf(program)
  }
})

describe('the name of the second stage', () => {
  const shimWith = (name: string): [Uint8Array, PeImage] => {
    const bytes = new Uint8Array(Buffer.from(`\0\0\\mmx64.efi\0\\${name}\0`, 'utf16le'))
    const section = { name: '.data', start: 0, length: bytes.length, used: bytes.length }
    return [bytes, { machine: 0x8664, sections: [section], signatures: [], hashed: undefined, problems: [] }]
  }
  test.each([
    ['shimx64.efi', 'grubx64.efi', 'grubx64.efi'],
    ['EFI/debian/shimx64.efi', 'grubx64.efi', 'EFI/debian/grubx64.efi'],
    ['Boot\\x64\\shim.efi', 'grubx64.efi', 'Boot\\x64\\grubx64.efi'],
    // The shim of iPXE takes its own name without the part of shim, that of others never does.
    ['a/ipxe-shimx64.efi', 'ipxe.efi', 'a/ipxe.efi'],
    ['snponly-shimx64.efi', 'ipxe.efi', 'snponly.efi'],
    ['snponly-shimaa64.efi', 'ipxe.efi', 'snponly.efi'],
    ['bootx64.efi', 'ipxe.efi', 'ipxe.efi'],
    ['snponly-shimx64.efi', 'grubx64.efi', 'grubx64.efi'],
  ])('%s with %s built in loads %s', (path, builtIn, expected) =>
    expect(secondStageOf(path, ...shimWith(builtIn))).toBe(expected),
  )
})

describe('what trusts what', () => {
  const trust = {
    db: ['uefi-2011', 'uefi-2023'],
    dbx: [] as string[],
    mok: [],
    sbatLevel: { least: { grub: 5, shim: 4 } },
  }
  const by = (...signatures: string[][]) => ({ signatures, sbat: [] })
  const of = (name: string, generation: number) => ({
    signatures: [['uefi-2011']],
    sbat: [{ name, generation, vendor: '', package: '', version: '' }],
  })

  test('firmware takes one good signature, and none beside a revoked one; shim takes it', () => {
    expect(judgeByFirmware(by(['x'], ['uefi-2023']), trust).starts).toBe(true)
    expect(judgeByFirmware(by(['x']), trust)).toMatchObject({
      starts: false,
      because: expect.stringMatching(/not in db/),
    })
    const revoked = { ...trust, db: ['uefi-2023'], dbx: ['uefi-2011'] }
    for (const program of [by(['uefi-2011'], ['uefi-2023']), by(['uefi-2023'], ['uefi-2011'])]) {
      expect(judgeByFirmware(program, revoked)).toMatchObject({ starts: false, because: expect.stringMatching(/dbx/) })
      expect(judgeByShim(program, revoked, []).starts).toBe(true)
    }
  })

  test('shim asks db, its own table and the MOK, and the generation first', () => {
    for (const [key, more] of [
      ['v', {}],
      ['m', { mok: ['m'] }],
      ['uefi-2011', {}],
    ] as const)
      expect(judgeByShim(by([key]), { ...trust, ...more }, ['v']).starts, key).toBe(true)
    expect(judgeByShim(by(['m']), trust, ['v']).starts).toBe(false)
    expect(judgeByShim(of('grub', 4), trust, [])).toEqual({
      starts: false,
      because: 'its grub is of generation 4, and SBAT asks for 5',
    })
    expect(judgeShimItself(of('shim', 3), trust).starts).toBe(false)
    expect(judgeShimItself(of('shim', 4), trust).starts).toBe(true)
  })

  test('a kernel needs no .sbat, a second stage does', () => {
    const bare = { signatures: [['uefi-2011']], sbat: undefined }
    expect(judgeByShim(bare, trust, [], true).starts).toBe(true)
    expect(judgeByShim(bare, trust, []).starts).toBe(false)
  })
})
