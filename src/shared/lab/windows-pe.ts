/**
 * Windows PE without WDS: what an image is by its XML, the memory a machine needs for it each way, and the sizes of TFTP
 * blocks and windows for its transfer, chosen from a measurement and with their reasons.
 */
import { say, type Phrase } from '#messages/message.ts'
import type { WindowsImage } from '../wire/windows-image.ts'

const mebi = 2 ** 20

/** Microsoft, "Windows PE (WinPE)", Hardware requirements: the base version; drivers, packages and programs come on top. */
const windowsPeBytes = 512 * mebi
/** boot.sdi of the Windows ADK and of installation media: the frame of the RAM disk. */
const sdiBytes = 3 * mebi

export const windowsPeWays = ['wimboot', 'boot-manager'] as const
export type WindowsPeWay = (typeof windowsPeWays)[number]

export interface MemoryNeed {
  readonly way: WindowsPeWay
  readonly bytes: number
  /** What it is for, each with its size in bytes. */
  readonly parts: readonly { readonly what: Phrase; readonly bytes: number }[]
}

/**
 * What a machine needs to reach Windows PE from an image of `imageBytes`. The RAM disk is one piece (Microsoft, "Windows PE
 * (WinPE)": a contiguous portion of memory that holds the entire WIM); iPXE keeps what it loaded for wimboot until Windows starts, which
 * then has that memory back (ipxe.org/wimboot, Efficiency).
 */
export function windowsPeMemory(way: WindowsPeWay, imageBytes: number): MemoryNeed {
  const parts = [
    ...(way === 'wimboot' ? [{ what: say('lab-help.image-ipxe-keeps-until-windows'), bytes: imageBytes }] : []),
    { what: say('lab-help.ram-disk-one-piece-image'), bytes: imageBytes + sdiBytes },
    { what: say('lab-help.windows-pe-itself-documented-minimum'), bytes: windowsPeBytes },
  ]
  return { way, bytes: parts.reduce((sum, one) => sum + one.bytes, 0), parts }
}

/** First builds of Windows as installation media have them, the newest first (Microsoft, Windows release information). */
const releases: readonly (readonly [
  build: number,
  name: Phrase,
  wds: 'blocked' | 'deprecated' | 'supported',
  memory: 'windows-11' | 'less',
])[] = [
  [26_200, say('lab-help.windows-11-25h2'), 'blocked', 'windows-11'],
  // One build for both: the boot image of either says the same of itself.
  [26_100, say('lab-help.windows-11-24h2'), 'blocked', 'windows-11'],
  [25_398, 'Windows Server 23H2', 'blocked', 'less'],
  [22_000, 'Windows 11', 'blocked', 'windows-11'],
  [20_348, 'Windows Server 2022', 'deprecated', 'less'],
  [10_240, say('lab-help.windows-10-windows-server-time'), 'supported', 'less'],
]

export type WindowsImageOrigin = 'setup' | 'mdt' | 'configmgr' | 'windows-pe'

export interface WindowsImageUse {
  readonly origin: WindowsImageOrigin
  /** Sentences: what it starts, what WDS makes of it, what it needs. */
  readonly remarks: readonly Phrase[]
}

const buildOf = ({ version }: WindowsImage): number => Number(version.split('.')[2] ?? 0) || 0

/**
 * Where a boot image comes from, as far as its XML and its name tell: images of Windows Setup and of MDT have names of their own;
 * those of Configuration Manager differ from `winpe.wim` of the ADK in the name of the file alone.
 */
export function windowsImageUse(boots: WindowsImage, fileName: string): WindowsImageUse {
  const name = fileName.split(/[/\\]/).at(-1)!
  if (/\bwindows setup\b/i.test(boots.name)) {
    const build = buildOf(boots)
    const [, release, wds, memory] = releases.find(([first]) => build >= first) ?? [0, say('lab-help.earlier-windows'), 'supported', 'less'] as const // prettier-ignore
    return {
      origin: 'setup',
      remarks: [
        say('lab-help.starts-windows-setup-asks-installation', { release }),
        ...(wds === 'blocked'
          ? [say('lab-help.wds-starts-setup-then-refuses')] // prettier-ignore
          : wds === 'deprecated'
            ? [say('lab-help.wds-works-after-notice-deprecated')]
            : []),
        ...(memory === 'windows-11' ? [say('lab-help.windows-11-memory')] : []),
      ],
    }
  }
  if (/\blite ?touch/i.test(`${boots.name} ${name}`))
    return {
      origin: 'mdt',
      remarks: [say('lab-help.boot-image-mdt-looks-deployment')], // prettier-ignore
    }
  // Configuration Manager names a boot image after its package: three characters of the site, five digits.
  if (/^boot\.[a-z0-9]{3}[0-9a-f]{5}\.wim$/i.test(name))
    return {
      origin: 'configmgr',
      remarks: [say('lab-help.name-boot-image-configuration-manager')], // prettier-ignore
    }
  return { origin: 'windows-pe', remarks: [] }
}

/** One try of a block and a window, or a transfer of a capture. */
export interface TriedSizes {
  /** As they were asked for. */
  readonly blockSize: number
  readonly agreedBlockSize: number
  readonly agreedWindowSize: number
  /** Absent where it did not come through. */
  readonly bytesPerSecond?: number | undefined
  readonly lost: number
  readonly problem: string
}

export interface ChosenSizes {
  /** Bytes and blocks, for RamDiskTFTPBlockSize and RamDiskTFTPWindowSize. */
  readonly blockSize: number
  readonly windowSize: number
  /** Sentences, the most important first. */
  readonly why: readonly Phrase[]
}

/** Headers of IP before those of UDP (RFC 791, RFC 8200). */
const ipBytes = { 4: 20, 6: 40 } as const
/** Headers of UDP and TFTP before the data of a block (RFC 768, RFC 1350). */
const blockHeaderBytes = 8 + 4
/** How much faster what carries a risk has to be. */
const worthwhile = 1.2
/** Measured twice, the same sizes differ as much. */
const equal = 1.05
/** What Windows takes where nothing is set (Microsoft, "RamDiskTFTPBlockSize"). */
export const usualSizes = { blockSize: 1456, windowSize: 4 } as const

const rate = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`

/**
 * The sizes to take: of those that lost nothing the fastest, and of what is as good as equal the block that Windows takes by itself, else the
 * largest, with the smallest window. A block that travels in fragments is lost with any of them, and some firewalls and firmware drop
 * fragments: it has to be a fifth faster than the best whole one. `mtu` is that of the path, in bytes, `family` the version of IP. Undefined
 * where nothing came through whole.
 */
export function chooseSizes(
  tried: readonly TriedSizes[],
  { mtu = 1500, family = 4 }: { readonly mtu?: number; readonly family?: 4 | 6 } = {},
): ChosenSizes | undefined {
  const clean = tried.filter((one) => one.problem === '' && one.lost === 0 && one.bytesPerSecond !== undefined)
  const fastestOf = (some: readonly TriedSizes[]): TriedSizes | undefined =>
    some.toSorted((a, b) => b.bytesPerSecond! - a.bytesPerSecond!)[0]
  const largestWhole = mtu - ipBytes[family] - blockHeaderBytes
  const isWhole = ({ agreedBlockSize }: TriedSizes): boolean => agreedBlockSize <= largestWhole
  const whole = fastestOf(clean.filter(isWhole))
  const fragmented = fastestOf(clean.filter((one) => !isWhole(one)))
  const isWorthIt = fragmented !== undefined && (whole === undefined || fragmented.bytesPerSecond! > whole.bytesPerSecond! * worthwhile) // prettier-ignore
  const best = isWorthIt ? fragmented : whole
  if (!best) return undefined
  const isUsual = (one: TriedSizes): number => Number(one.agreedBlockSize === usualSizes.blockSize)
  const chosen = clean
    .filter((one) => isWhole(one) === isWhole(best) && one.bytesPerSecond! * equal >= best.bytesPerSecond!)
    .toSorted((a, b) => isUsual(b) - isUsual(a) || b.agreedBlockSize - a.agreedBlockSize || a.agreedWindowSize - b.agreedWindowSize)[0]! // prettier-ignore
  const { agreedBlockSize: blockSize, agreedWindowSize: windowSize } = chosen
  const why: Phrase[] = [say('lab-help.blocks-bytes-window-came-lost', { blockSize, windowSize, rate: rate(chosen.bytesPerSecond!) })] // prettier-ignore
  if (isWorthIt) {
    const pieces = Math.ceil((blockSize + blockHeaderBytes) / (mtu - ipBytes[family]))
    const smaller = whole?.agreedBlockSize ?? usualSizes.blockSize
    why.push(whole ? say('lab-help.fragments-faster', { mtu, pieces, times: (chosen.bytesPerSecond! / whole.bytesPerSecond!).toFixed(1), whole: whole.agreedBlockSize, smaller }) : say('lab-help.fragments-alone', { mtu, pieces, smaller })) // prettier-ignore
  } else {
    why.push(say('lab-help.mtu-bytes-block-up-bytes', { mtu, largestWhole }))
    if (fragmented) why.push(say('lab-help.larger-blocks-came-through-fragments', { agreedBlockSize: fragmented.agreedBlockSize, rate: rate(fragmented.bytesPerSecond!) })) // prettier-ignore
  }
  const dropped = tried.filter((one) => one.problem !== '' || one.bytesPerSecond === undefined)
  const tooLarge = [...new Set(dropped.map((one) => one.blockSize).filter((size) => size > blockSize))]
  if (tooLarge.length > 0) why.push(say('lab-help.blocks-bytes-did-not-come', { tooLarge: tooLarge.join(', ') }))
  const lossy = tried.filter((one) => one.problem === '' && one.lost > 0 && one.agreedWindowSize > windowSize)
  if (lossy.length > 0)
    why.push(say('lab-help.larger-windows-lost-packets-blocks', { min: Math.min(...lossy.map((one) => one.agreedWindowSize)), max: Math.max(...lossy.map((one) => one.lost)) })) // prettier-ignore
  return { blockSize, windowSize, why }
}
