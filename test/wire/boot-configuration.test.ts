/** Boot configuration data in hives that libhivex wrote. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { readHive } from '#shared/wire/registry-hive.ts'
import { hexOf, writeBootConfiguration, writeHive } from '../helpers/hive.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['hivexsh'], 'hives written by libhivex', () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-hive-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const written = (...commands: string[]): Uint8Array => {
    const file = join(folder, 'hive')
    writeHive(file, commands)
    return readFileSync(file)
  }
  const element = (name: string, data: string): string[] => [`add ${name}`, `cd ${name}`, 'setval 1', 'Element', data, 'cd ..'] // prettier-ignore
  const object = (...elements: readonly string[][]): string[] => ['add Objects', 'cd Objects', 'add {1}', 'cd {1}', 'add Elements', 'cd Elements', ...elements.flat()] // prettier-ignore
  const binary = (bytes: Uint8Array): string => `hex:3:${hexOf(bytes)}`
  const utf16 = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le')

  test.each([
    [1456, 4],
    [65_464, 64],
    [0x0102_0304, 0xffff_fffe],
  ])('a store with blocks of %i bytes and windows of %i blocks', (blockSize, windowSize) => {
    const file = join(folder, 'bcd')
    writeBootConfiguration(file, { image: '\\Boot\\x64\\Images\\boot (2).wim', sdi: '\\Boot\\boot.sdi', blockSize, windowSize }) // prettier-ignore
    expect(readBootConfiguration(readFileSync(file))).toEqual({
      images: ['\\Boot\\x64\\Images\\boot (2).wim'],
      sdi: '\\Boot\\boot.sdi',
      blockSize,
      windowSize,
    })
  })

  test('images at even and at odd places, each once; the first of a value counts; numbers of four bytes, shorter ones are none', () => {
    const device = (path: string, before: number): string =>
      binary(Buffer.concat([Buffer.alloc(before, 1), utf16(path), Buffer.alloc(2)]))
    const bytes = written(
      ...object(
        element('11000001', device('\\a\\one.wim', 33)),
        element('21000001', device('\\a\\two.WIM', 34)),
        element('31000001', device('\\a\\three.wim', 34)),
        element('11000002', device('\\a\\four.wim', 34)),
        element('35000007', 'dword:0x1000'),
        element('35000008', binary(Uint8Array.of(7, 0, 0))),
      ),
      'cd \\Objects',
      'add {2}',
      'cd {2}',
      'add elements',
      'cd elements',
      ...element('11000001', device('\\a\\one.wim', 10)),
      ...element('35000007', 'dword:0x2000'),
    )
    expect(readBootConfiguration(bytes)).toEqual({
      images: ['\\a\\one.wim', '\\a\\two.WIM'],
      sdi: undefined,
      blockSize: 4096,
      windowSize: 0,
    })
  })

  test('a hive without objects is no store', () => {
    expect(readBootConfiguration(written('add Other'))).toBeUndefined()
    expect(readBootConfiguration(written('add objects'))).toEqual({ images: [], sdi: undefined, blockSize: undefined, windowSize: undefined }) // prettier-ignore
  })

  test('names and values of every length, in a list of many keys', () => {
    const names = Array.from({ length: 600 }, (_, index) => `key${index}`)
    const lengths = [0, 1, 3, 4, 5, 8, 300]
    const bytes = written(
      ...names.map((name) => `add ${name}`),
      'cd key7',
      `setval ${lengths.length + 1}`,
      ...lengths.flatMap((length) => [`v${length}`, binary(Uint8Array.from({ length }, (_, index) => index + 1))]),
      '@',
      'string:x',
    )
    const root = readHive(bytes)!
    expect(root.name).toBe('root')
    expect(root.keys.map(({ name }) => name).sort()).toEqual([...names].sort())
    const { values } = root.keys.find(({ name }) => name === 'key7')!
    expect(new Map([...values].map(([name, data]) => [name, data.length]))).toEqual(
      new Map([...lengths.map((length): [string, number] => [`v${length}`, length]), ['', 4]]),
    )
    expect([...values.get('v4')!]).toEqual([1, 2, 3, 4])
    expect([...values.get('v300')!.subarray(250, 256)]).toEqual([251, 252, 253, 254, 255, 0])
    expect(root.keys.find(({ name }) => name === 'key8')).toMatchObject({ keys: [], values: new Map() })
  })

  test('a key below sixteen others is too deep, and nothing of such a hive is told', () => {
    const deep = (levels: number) => written(...Array.from({ length: levels }, () => ['add k', 'cd k']).flat())
    expect(readHive(deep(16))).toBeDefined()
    expect(readHive(deep(17))).toBeUndefined()
  })
})
