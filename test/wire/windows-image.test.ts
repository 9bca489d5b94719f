/** Windows images made by wimlib, and headers that no tool makes. */
import { isPhrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  judgeWindowsImage,
  readWindowsImageHeader,
  readWindowsImages,
  type WindowsImage,
  type WindowsImageHeader,
} from '#shared/wire/windows-image.ts'
import { readWindowsImageFile } from '../../src/main/inspect/windows-image.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['wimlib-imagex'], 'images that wimlib makes', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-wim-'))
    mkdirSync(join(folder, 'files'))
    for (const [name, size] of [
      ['a', 3000],
      ['b', 2000],
    ] as const)
      writeFileSync(join(folder, 'files', name), randomBytes(size))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const wimlib = (...values: string[]): void =>
    void execFileSync('wimlib-imagex', values, { cwd: folder, stdio: 'ignore' })
  const windows = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).map(([name, value]) => `--image-property=WINDOWS/${name}=${value}`)
  const pe = windows({ ARCH: '9', INSTALLATIONTYPE: 'WindowsPE', EDITIONID: 'WindowsPE', 'VERSION/MAJOR': '10', 'VERSION/MINOR': '0', 'VERSION/BUILD': '26100', 'VERSION/SPBUILD': '1742', 'LANGUAGES/LANGUAGE[1]': 'de-DE' }) // prettier-ignore

  test.each([
    ['LZX', 'LZX'],
    ['XPRESS', 'XPRESS'],
    ['none', 'none'],
  ] as const)('boot.wim as installation media have it, compressed by %s', async (how, compression) => {
    const file = join(folder, `boot-${how}.wim`)
    wimlib('capture', 'files', file, 'Microsoft Windows PE (x64)', `--compress=${how}`, ...pe)
    wimlib('append', 'files', file, 'Microsoft Windows Setup & "mehr" ü (x64)', '--boot', ...pe)
    const read = (await readWindowsImageFile(file))!
    expect(read).toMatchObject({
      problem: '',
      description:
        'Windows PE (WIM), x64, 10.0.26100.1742, de-DE, boots 2 of 2: Microsoft Windows Setup & "mehr" ü (x64)',
      bytes: readFileSync(file).length,
      header: { compression, imageCount: 2, bootIndex: 2, part: 1, parts: 1 },
      images: [
        { index: 1, architecture: 'x64', version: '10.0.26100.1742', edition: 'WindowsPE', bytes: 5000 },
        { index: 2 },
      ],
    })
    expect(read.boots).toBe(read.images[1])
  })

  test('what does not boot is told with the way out', async () => {
    const file = join(folder, 'image.wim')
    const judged = async (...values: string[]): Promise<string> => {
      rmSync(file, { force: true })
      wimlib('capture', 'files', file, 'x', ...values)
      return inEnglish((await readWindowsImageFile(file))!.problem)
    }
    expect(await judged(...pe)).toMatch(/^no image in it is marked to boot.*index=1$/)
    expect(
      await judged('--boot', ...windows({ ARCH: '9', INSTALLATIONTYPE: 'Client', EDITIONID: 'Professional' })),
    ).toMatch(/boot\.wim beside it/)
    expect(await judged('--boot', '--solid', ...pe)).toMatch(/ESD/)
    // Whoever made it by hand may have said nothing of it.
    expect(await judged('--boot')).toBe('')
    wimlib('split', file, join(folder, 'part.swm'), '0.001')
    expect(inEnglish((await readWindowsImageFile(join(folder, 'part.swm')))!.problem)).toMatch(
      /^it is part 1 of \d+ of a split image/,
    )
    truncateSync(file, 300)
    expect((await readWindowsImageFile(file))!.problem).toEqual('it ends early: copy it again')
    truncateSync(file, 100)
    expect(await readWindowsImageFile(file)).toBeUndefined()
  })

  test('any damage is read to some end', async () => {
    const file = join(folder, 'whole.wim')
    wimlib('capture', 'files', file, 'x', '--boot', ...pe)
    const bytes = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), async (changes) => {
        const damaged = Uint8Array.from(bytes)
        for (const [at, value] of changes) damaged[at] = value
        const path = join(folder, 'damaged.wim')
        writeFileSync(path, damaged)
        const read = await readWindowsImageFile(path)
        expect(isPhrase(read?.description ?? '')).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('judgement', () => {
  const header: WindowsImageHeader = { imageCount: 1, bootIndex: 1, compression: 'LZX', part: 1, parts: 1, xml: { offset: 0, bytes: 0 } } // prettier-ignore
  const image: WindowsImage = { index: 1, name: 'n', architecture: 'arm64', version: '', edition: '', installationType: 'WindowsPE', languages: [], bytes: 1 } // prettier-ignore

  test('of an image that says little', () => {
    expect(judgeWindowsImage(header, [image]).description).toEqual('Windows PE (WIM), arm64')
    expect(judgeWindowsImage(header, []).description).toEqual('Windows image (WIM)')
    expect(judgeWindowsImage({ ...header, bootIndex: 0 }, [image, image]).description).toEqual(
      'Windows PE (WIM), arm64, 2 images',
    )
  })
  test('of a mark behind the last image', () => {
    expect(judgeWindowsImage({ ...header, bootIndex: 3 }, [image]).problem).toEqual(
      'image 3 is marked to boot, and it has 1: export it again with DISM',
    )
  })
  test('of texts that JavaScript itself gives a meaning', () => {
    const xml = '<WIM><IMAGE><NAME>&constructor;</NAME><WINDOWS><ARCH>constructor</ARCH></WINDOWS></IMAGE></WIM>'
    expect(readWindowsImages(Buffer.from(xml, 'utf16le'))).toMatchObject([
      { name: '&constructor;', architecture: undefined },
    ])
  })
  test('what is no header, and what is no XML', () => {
    expect(readWindowsImageHeader(new Uint8Array(300))).toBeUndefined()
    expect(readWindowsImages(new Uint8Array(20))).toEqual([])
  })
})
