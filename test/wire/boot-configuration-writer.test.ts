/** Hives and boot configuration that PXE Lab writes, read by libhivex, by libregf and by our own reader. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { writeBootConfiguration, type NewBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { readHive, type HiveKey } from '#shared/wire/registry-hive.ts'
import { valueTypes, writeHive, type NewKey } from '#shared/wire/registry-hive-writer.ts'
import { describeWith } from '../helpers/requirements.ts'

const wanted: NewBootConfiguration = {
  entries: [
    { title: 'Windows PE', image: '\\Boot\\boot.wim' },
    { title: 'Werkzeuge für Ärzte', image: '\\Boot\\tools (2).wim' },
  ],
  sdi: '\\Boot\\boot.sdi',
  firmware: 'uefi',
  blockSize: 16_384,
  windowSize: 16,
  timeoutSeconds: 30,
}

const keyAt = (key: HiveKey, ...path: string[]): HiveKey =>
  path.reduce((at, name) => at.keys.find((one) => one.name === name)!, key)

describe('a boot configuration', () => {
  test('says what was wanted', () => {
    expect(readBootConfiguration(writeBootConfiguration(wanted))).toEqual({
      images: ['\\Boot\\boot.wim', '\\Boot\\tools (2).wim'],
      sdi: '\\Boot\\boot.sdi',
      blockSize: 16_384,
      windowSize: 16,
    })
  })

  test('has the device of the stores on installation media, byte for byte', () => {
    const bytes = writeBootConfiguration({ ...wanted, entries: [{ title: 'x', image: '\\sources\\boot.wim' }] })
    const objects = keyAt(readHive(bytes)!, 'Objects')
    const loader = objects.keys.find((one) => keyAt(one, 'Elements').keys.some(({ name }) => name === '26000022'))!
    const device = formatHex(keyAt(loader, 'Elements', '11000001').values.get('Element')!)
    expect(device.slice(32)).toBe(
      '0000000001000000a000000000000000' +
        '030000000000000000000000000000000000000000000000' +
        '010000007800000005000000' +
        `05000000000000004800000000000000${'00'.repeat(56)}` +
        '5c0073006f00750072006300650073005c0062006f006f0074002e00770069006d000000',
    )
    expect(device.slice(0, 32)).toBe('e03455ae24a96c46b836758539a3ee3a')
    expect(
      formatHex(
        keyAt(objects, '{ae5534e0-a924-466c-b836-758539a3ee3a}', 'Elements', '31000003').values.get('Element')!,
      ),
    ).toBe(`${'00'.repeat(16)}05000000000000004800000000000000${'00'.repeat(56)}`)
  })

  test.each([
    ['bios', 'winload.exe'],
    ['uefi', 'winload.efi'],
  ] as const)('starts the loader of %s', (firmware, loader) => {
    const text = Buffer.from(writeBootConfiguration({ ...wanted, firmware })).toString('utf16le')
    expect(text).toContain(loader)
  })
})

const name = fc.string({
  unit: fc.constantFrom('a', 'b', 'X', 'Y', '0', '9', '_', '-', '{', '.', 'ü'),
  minLength: 1,
  maxLength: 12,
})
const value = fc.record({
  name: fc.oneof(name, fc.constant('')),
  type: fc.constantFrom(...Object.values(valueTypes)),
  data: fc.uint8Array({ maxLength: 300 }),
})
const byName = <Named extends { readonly name: string }>(list: readonly Named[]): Named[] => [
  ...new Map(list.map((one) => [one.name.toUpperCase(), one])).values(),
]
const { key } = fc.letrec<{ key: NewKey }>((tie) => ({
  key: fc.record({
    name,
    values: fc.array(value, { maxLength: 4 }).map(byName),
    keys: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('key'), { maxLength: 4 }).map(byName),
    ),
  }),
}))

const valuesOf = (key: NewKey | HiveKey): [string, Uint8Array][] =>
  key.values instanceof Map
    ? [...key.values]
    : ((key as NewKey).values ?? []).map(({ name: called, data }): [string, Uint8Array] => [called, data])
const order = (a: string, b: string): number => (a.toUpperCase() < b.toUpperCase() ? -1 : 1)

/** What stands in a key, in the order of names. */
const essence = (one: NewKey | HiveKey): unknown => ({
  name: one.name,
  values: valuesOf(one)
    .map(([called, data]): [string, string] => [called, formatHex(data)])
    .toSorted(([a], [b]) => order(a, b)),
  keys: (one.keys ?? []).toSorted((a, b) => order(a.name, b.name)).map(essence),
})

test('any tree of keys and values is read as it was written', () => {
  fc.assert(
    fc.property(key, (root) => {
      expect(essence(readHive(writeHive(root))!)).toEqual(essence(root))
    }),
  )
})

test('what the format cannot hold is refused by name', () => {
  const big = { name: 'v', type: valueTypes.bytes, data: new Uint8Array(16_345) }
  expect(() => writeHive({ name: 'r', values: [big] })).toThrow('the value v has 16345 bytes, more than 16344')
  expect(() => writeHive({ name: 'сеть' })).toThrow('the name сеть has a character that is not of Latin-1')
})

describe('a hive whose cells have several owners', () => {
  const cellsAt = 0x1000
  /** A root key at cell 0x20, and room behind it. */
  const rootOnly = (bytes: number): Buffer => {
    const hive = Buffer.alloc(cellsAt + bytes)
    hive.write('regf')
    hive.writeUInt32LE(0x20, 0x24)
    hive.write('nk', cellsAt + 0x24)
    return hive
  }

  // Three levels of 65,535 names of one list would be four thousand million steps.
  test('lists of lists', () => {
    const [width, listBytes] = [65_535, 65_535 * 4 + 16]
    const hive = rootOnly(0x100 + 3 * listBytes)
    hive.writeUInt32LE(1, cellsAt + 0x24 + 20)
    hive.writeUInt32LE(0x100, cellsAt + 0x24 + 28)
    for (let level = 0; level < 3; level++) {
      const at = cellsAt + 0x104 + level * listBytes
      hive.write(level === 2 ? 'li' : 'ri', at)
      if (level === 2) continue
      hive.writeUInt16LE(width, at + 2)
      for (let one = 0; one < width; one++) hive.writeUInt32LE(0x100 + (level + 1) * listBytes, at + 4 + one * 4)
    }
    expect(readHive(hive)).toBeUndefined()
  })

  test('values', () => {
    const [count, bytes] = [100_000, 500_000]
    const value = 0x100 + count * 4 + 16
    const hive = rootOnly(value + bytes + 0x100)
    hive.writeUInt32LE(count, cellsAt + 0x24 + 36)
    hive.writeUInt32LE(0x100, cellsAt + 0x24 + 40)
    for (let one = 0; one < count; one++) hive.writeUInt32LE(value, cellsAt + 0x104 + one * 4)
    hive.write('vk', cellsAt + value + 4)
    hive.writeUInt32LE(bytes, cellsAt + value + 8)
    hive.writeUInt32LE(value + 0x40, cellsAt + value + 12)
    expect(readHive(hive)).toBeUndefined()
  })
})

test('a device with as many backslashes as it has room for, and a path in another alphabet', () => {
  const device = (text: string): Uint8Array =>
    writeHive({
      name: 'r',
      keys: [{ name: 'Objects', keys: [{ name: '{1}', keys: [{ name: 'Elements', keys: Array.from({ length: 400 }, (_, at) => (
        { name: at === 0 ? '11000001' : '21000001', values: [{ name: 'Element', type: valueTypes.bytes, data: Buffer.from(text, 'utf16le') }] })) }] }] }],
    }) // prettier-ignore
  // Each backslash was once the beginning of a search to the end: that takes minutes.
  expect(readBootConfiguration(device('a\\'.repeat(4000)))?.images).toEqual([])
  expect(readBootConfiguration(device('\0\\Boot\\Ärzte [1].wim\0'))?.images).toEqual(['\\Boot\\Ärzte [1].wim'])
})

describeWith(['hivexsh', 'regfinfo'], 'other readers of hives', () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-bcd-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('find every key and value, and nothing to complain of', () => {
    const file = join(folder, 'BCD')
    writeFileSync(file, writeBootConfiguration(wanted))
    const commands = ['cd \\Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\24000001', 'lsval Element', 'cd \\Objects\\{ae5534e0-a924-466c-b836-758539a3ee3a}\\Elements\\35000007', 'lsval'] // prettier-ignore
    const told = execFileSync('hivexsh', [file], { input: `${commands.join('\n')}\n`, encoding: 'utf8' })
    expect(told).toContain('{7c0d3f2a-5b1e-4c59-9d64-100000000000}\n{7c0d3f2a-5b1e-4c59-9d64-100000000001}')
    expect(told).toContain('"Element"=hex(3):00,40,00,00,00,00,00,00')
    const info = execFileSync('regfinfo', [file], { encoding: 'utf8' })
    expect(info).toMatch(/Version:\s+1\.5/)
    expect(info).not.toMatch(/corrupt|mismatch|unable/i)
    // libhivex writes into it, as the registry editor would.
    execFileSync('hivexsh', ['-w', file], { input: 'cd Objects\nadd {1}\ncommit\n' })
    expect(
      execFileSync('hivexsh', [file], { input: 'cd Objects\nls\n', encoding: 'utf8' }).trim().split('\n'),
    ).toHaveLength(5)
  })
})
