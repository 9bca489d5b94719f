/**
 * A registry hive with nothing but a root key, to which libhivex then adds keys and values: what our reader reads was
 * written by somebody else.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

function emptyHive(): Buffer {
  const hive = Buffer.alloc(0x2000)
  hive.write('regf', 0, 'latin1')
  for (const [at, value] of [[4, 1], [8, 1], [0x14, 1], [0x18, 5], [0x1c, 0], [0x20, 1], [0x24, 0x20], [0x28, 0x1000], [0x2c, 1]] as const) hive.writeUInt32LE(value, at) // prettier-ignore
  let sum = 0
  for (let at = 0; at < 0x1fc; at += 4) sum ^= hive.readUInt32LE(at)
  hive.writeUInt32LE(sum >>> 0, 0x1fc)
  const bin = 0x1000
  hive.write('hbin', bin, 'latin1')
  hive.writeUInt32LE(0x1000, bin + 8)
  // Root key: cell of 0x60 bytes, "root" for a name.
  const nk = bin + 0x20
  hive.writeInt32LE(-0x60, nk)
  hive.write('nk', nk + 4, 'latin1')
  hive.writeUInt16LE(0x2c, nk + 6)
  for (const [at, value] of [[20, 0], [24, 0], [28, 0xffffffff], [32, 0xffffffff], [36, 0], [40, 0xffffffff], [44, 0x80], [48, 0xffffffff]] as const) hive.writeUInt32LE(value, nk + 4 + at) // prettier-ignore
  hive.writeUInt16LE(4, nk + 4 + 72)
  hive.write('root', nk + 4 + 76, 'latin1')
  // Its security record, which new keys share.
  const sk = bin + 0x80
  hive.writeInt32LE(-0x30, sk)
  hive.write('sk', sk + 4, 'latin1')
  for (const [at, value] of [
    [4, 0x80],
    [8, 0x80],
    [12, 1],
    [16, 20],
  ] as const)
    hive.writeUInt32LE(value, sk + 4 + at)
  // The rest is free.
  hive.writeInt32LE(0x1000 - 0xb0, bin + 0xb0)
  return hive
}

/** Bytes as hivexsh takes them. */
export const hexOf = (bytes: Uint8Array): string => [...bytes].map((one) => one.toString(16).padStart(2, '0')).join(',')
const utf16 = (text: string): string => hexOf(Buffer.from(`${text}\0`, 'utf16le'))

/** A hive with what these commands of hivexsh add to its root. */
export function writeHive(file: string, commands: readonly string[]): void {
  writeFileSync(file, emptyHive())
  execFileSync('hivexsh', ['-w', file], {
    input: `${[...commands, 'commit'].join('\n')}\n`,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

export interface BootEntry {
  readonly image: string
  readonly sdi: string
  readonly blockSize: number
  readonly windowSize: number
}

/** A boot configuration as bcdedit lays it out: one loader whose device is a RAM disk, and its options. */
export function writeBootConfiguration(file: string, { image, sdi, blockSize, windowSize }: BootEntry): void {
  const integer = (value: number): string => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(value)
    return hexOf(bytes)
  }
  // In front of the path stands a header of devices.
  const device = `${'00,'.repeat(34)}${utf16(image)}`
  const element = (name: string, value: string): string[] => [`add ${name}`, `cd ${name}`, 'setval 1', 'Element', value, 'cd ..'] // prettier-ignore
  const object = (name: string, ...elements: readonly string[][]): string[] => [
    `add ${name}`,
    `cd ${name}`,
    'add Elements',
    'cd Elements',
    ...elements.flat(),
    'cd ..',
    'cd ..',
  ]
  writeHive(file, [
    'add Objects',
    'cd Objects',
    ...object('{11111111-1111-1111-1111-111111111111}', element('11000001', `hex:3:${device}`)),
    ...object(
      '{ae5534e0-a924-466c-b836-758539a3ee3a}',
      element('32000004', `hex:1:${utf16(sdi)}`),
      element('35000007', `hex:3:${integer(blockSize)}`),
      element('35000008', `hex:3:${integer(windowSize)}`),
    ),
  ])
}
