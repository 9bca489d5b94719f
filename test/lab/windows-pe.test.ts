/** Windows PE without WDS: whose image it is, the memory it takes, and the TFTP sizes that a measurement leads to. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chooseSizes as sizesOf,
  windowsImageUse as useOf,
  windowsPeMemory,
  type TriedSizes,
} from '#shared/lab/windows-pe.ts'
import type { WindowsImage } from '#shared/wire/windows-image.ts'
import { spoken } from '../helpers/spoken.ts'

const chooseSizes = (...given: Parameters<typeof sizesOf>) => spoken(sizesOf(...given))

const windowsImageUse = (...given: Parameters<typeof useOf>) => spoken(useOf(...given))

const mebi = 2 ** 20
const tried = (block: number, window: number, megabytes: number, more: Partial<TriedSizes> = {}): TriedSizes => ({ blockSize: block, agreedBlockSize: block, agreedWindowSize: window, bytesPerSecond: megabytes * 1e6, lost: 0, problem: '', ...more }) // prettier-ignore
const dropped = (block: number): TriedSizes => ({ blockSize: block, agreedBlockSize: block, agreedWindowSize: 0, bytesPerSecond: undefined, lost: 0, problem: 'no block came' }) // prettier-ignore
const pair = (list: readonly TriedSizes[], mtu?: number): string => {
  const chosen = chooseSizes(list, mtu === undefined ? {} : { mtu })
  return chosen ? `${chosen.blockSize} x ${chosen.windowSize}` : 'none'
}

describe('sizes of TFTP for an image', () => {
  test.each([
    ['the fastest that lost nothing', [tried(1024, 4, 20), tried(1456, 4, 30), tried(1456, 16, 90, { lost: 3 })], '1456 x 4'],
    ['a block of its own packet, where fragments are hardly faster', [tried(1468, 16, 60), tried(8192, 16, 70)], '1468 x 16'],
    ['fragments, where they are worth it', [tried(1468, 16, 40), tried(8192, 16, 70)], '8192 x 16'],
    ['fragments, where nothing else came through', [dropped(1456), tried(4096, 1, 5)], '4096 x 1'],
    ['what Windows takes by itself, where it is as fast', [tried(1456, 16, 59), tried(1468, 16, 60)], '1456 x 16'],
    ['the smaller of two windows that are equal', [tried(1456, 4, 59), tried(1456, 16, 60)], '1456 x 4'],
    ['none, where everything lost', [tried(512, 1, 3, { lost: 1 }), dropped(4096)], 'none'],
    ['none, where nothing was tried', [], 'none'],
  ])('%s', (_, list, wanted) => expect(pair(list)).toBe(wanted)) // prettier-ignore

  test('a block that fits an MTU of 9000 is no fragment, and one of 1400 makes fragments of 1456 bytes', () => {
    const list = [tried(1024, 4, 30), tried(1456, 4, 31), tried(8192, 4, 32)]
    expect([pair(list, 9000), pair(list), pair(list, 1400)]).toEqual(['1456 x 4', '1456 x 4', '1024 x 4'])
    expect(pair([tried(1024, 4, 30), tried(8192, 4, 32)], 9000)).toBe('8192 x 4')
  })

  test('the reasons name speed, MTU, what did not come through and what lost', () => {
    const list = [tried(1456, 4, 30), tried(1456, 16, 40, { lost: 7 }), dropped(4096), dropped(8192)]
    expect(chooseSizes(list)!.why).toEqual([
      'Blocks of 1456 bytes, 4 in a window, came at 30.0 MB/s and lost nothing.',
      'With an MTU of 1500 bytes a block of up to 1468 bytes is one packet.',
      'Blocks of 4096, 8192 bytes did not come through.',
      'Larger windows lost packets (16 blocks in a window: 7 lost).',
    ])
    // The header of IPv6 is 20 bytes longer.
    expect(chooseSizes([tried(1448, 4, 30), tried(1468, 4, 31)], { family: 6 })).toMatchObject({ blockSize: 1448, windowSize: 4 }) // prettier-ignore
    expect(chooseSizes([tried(1448, 4, 30)], { family: 6 })!.why[1]).toBe('With an MTU of 1500 bytes a block of up to 1448 bytes is one packet.') // prettier-ignore
    expect(chooseSizes([tried(1468, 16, 40), tried(8192, 16, 80)])!.why[1]).toBe(
      'With an MTU of 1500 bytes each block travels in 6 fragments: 2.0 times as fast as the best block in one packet (1468 bytes). If a machine or a site stops with 0xc0000001, take 1468.',
    )
  })

  test('whatever was measured: never what lost, or what did not come', () => {
    const one = fc.record({
      blockSize: fc.constant(0),
      agreedBlockSize: fc.integer({ min: 8, max: 65_464 }),
      agreedWindowSize: fc.integer({ min: 1, max: 64 }),
      bytesPerSecond: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
      lost: fc.nat(2),
      problem: fc.constantFrom('', 'no'),
    })
    fc.assert(
      fc.property(fc.array(one), fc.integer({ min: 576, max: 9000 }), (list, mtu) => {
        const chosen = chooseSizes(list, { mtu })
        const clean = list.filter((each) => each.problem === '' && each.lost === 0 && each.bytesPerSecond !== undefined)
        expect(chosen === undefined).toBe(clean.length === 0)
        if (!chosen) return
        const of = clean.find((each) => each.agreedBlockSize === chosen.blockSize && each.agreedWindowSize === chosen.windowSize) // prettier-ignore
        expect(of).toBeDefined()
        expect(chosen.why.length).toBeGreaterThanOrEqual(2)
      }),
    )
  })
})

test('memory by both ways: iPXE holds the image once more', () => {
  const image = 700 * mebi
  expect(windowsPeMemory('boot-manager', image).bytes).toBe((700 + 3 + 512) * mebi)
  expect(windowsPeMemory('wimboot', image).bytes).toBe((2 * 700 + 3 + 512) * mebi)
  for (const way of ['wimboot', 'boot-manager'] as const) {
    const { parts, bytes } = windowsPeMemory(way, image)
    expect(parts.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes)
  }
})

describe('a boot image', () => {
  const image = (name: string, version = '10.0.26100.1'): WindowsImage => ({ index: 1, name, architecture: 'x64', version, edition: 'WindowsPE', installationType: 'WindowsPE', languages: [], bytes: 1 }) // prettier-ignore
  const use = (name: string, version?: string, file = 'boot.wim'): string => {
    const { origin, remarks } = windowsImageUse(image(name, version), file)
    return `${origin}: ${remarks.join(' ')}`
  }
  const setup = 'Microsoft Windows Setup (amd64)'
  test.each([
    ['10.0.26200.1', /^setup: .*Windows 11 25H2.*Setup then refuses.*4 GB/],
    ['10.0.26100.1742', /^setup: .*Windows 11 24H2 or Windows Server 2025.*Setup then refuses/],
    ['10.0.25398.1', /^setup: .*Windows Server 23H2.*Setup then refuses/],
    ['10.0.22631.1', /^setup: .*Setup of Windows 11, .*Setup then refuses/],
    ['10.0.20348.1', /^setup: .*Windows Server 2022.*From WDS it works, after a notice that this is deprecated/],
    ['10.0.19045.1', /^setup: (?!.*WDS).*Windows 10/],
    ['6.1.7601.1', /^setup: (?!.*WDS).*an earlier Windows/],
    ['', /^setup: (?!.*WDS).*an earlier Windows/],
  ])('of Windows Setup, version %j', (version, told) => expect(use(setup, version)).toMatch(told))

  test('of the ADK, of MDT, and of Configuration Manager by the name of its file', () => {
    expect(use('Microsoft Windows PE (amd64)')).toBe('windows-pe: ')
    expect(use('Lite Touch Windows PE (x64)')).toMatch(/^mdt: /)
    expect(use('Microsoft Windows PE (amd64)', undefined, 'C:\\x\\LiteTouchPE_x64.wim')).toMatch(/^mdt: /)
    expect(use('Microsoft Windows PE (amd64)', undefined, 'images/boot.PS100005.wim')).toMatch(/^configmgr: /)
    expect(use('Microsoft Windows PE (amd64)', undefined, 'boot.old.wim')).toBe('windows-pe: ')
  })
})
