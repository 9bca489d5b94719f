/**
 * Windows PE without WDS: what an image is by its XML, the memory a machine needs for it each way, and the sizes of TFTP
 * blocks and windows for its transfer, chosen from a measurement and with their reasons.
 */
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
  readonly parts: readonly { readonly what: string; readonly bytes: number }[]
}

/**
 * What a machine needs to reach Windows PE from an image of `imageBytes`. The RAM disk is one piece (Microsoft, "Windows PE
 * (WinPE)": a contiguous portion of memory that holds the entire WIM); iPXE keeps what it loaded for wimboot until Windows starts, which
 * then has that memory back (ipxe.org/wimboot, Efficiency).
 */
export function windowsPeMemory(way: WindowsPeWay, imageBytes: number): MemoryNeed {
  const parts = [
    ...(way === 'wimboot' ? [{ what: 'the image, which iPXE keeps until Windows starts', bytes: imageBytes }] : []),
    { what: 'the RAM disk, in one piece: the image and boot.sdi', bytes: imageBytes + sdiBytes },
    { what: 'Windows PE itself (documented minimum)', bytes: windowsPeBytes },
  ]
  return { way, bytes: parts.reduce((sum, one) => sum + one.bytes, 0), parts }
}

/** First builds of Windows as installation media have them, the newest first (Microsoft, Windows release information). */
const releases: readonly (readonly [build: number, name: string, wds: 'blocked' | 'deprecated' | 'supported'])[] = [
  [26_200, 'Windows 11 25H2 or later', 'blocked'],
  // One build for both: the boot image of either says the same of itself.
  [26_100, 'Windows 11 24H2 or Windows Server 2025', 'blocked'],
  [25_398, 'Windows Server 23H2', 'blocked'],
  [22_000, 'Windows 11', 'blocked'],
  [20_348, 'Windows Server 2022', 'deprecated'],
  [10_240, 'Windows 10 or a Windows Server of its time', 'supported'],
]

export type WindowsImageOrigin = 'setup' | 'mdt' | 'configmgr' | 'windows-pe'

export interface WindowsImageUse {
  readonly origin: WindowsImageOrigin
  /** Sentences: what it starts, what WDS makes of it, what it needs. */
  readonly remarks: readonly string[]
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
    const [, release, wds] = releases.find(([first]) => build >= first) ?? [0, 'an earlier Windows', 'supported'] as const // prettier-ignore
    return {
      origin: 'setup',
      remarks: [
        `It starts Windows Setup of ${release}, which asks for its installation files: have the folder sources of the media on a share, and start setup.exe from there.`,
        ...(wds === 'blocked'
          ? ['From WDS it starts, and Setup then refuses: "Windows Deployment Services client functionality is being partly deprecated" (aka.ms/WDSSupport). That is blocked for Windows 11 and for Windows Server after 2022. Without WDS it is not affected.'] // prettier-ignore
          : wds === 'deprecated'
            ? ['From WDS it works, after a notice that this is deprecated (aka.ms/WDSSupport).']
            : []),
        ...(release.startsWith('Windows 11') ? ['Windows 11 itself needs 4 GB of memory.'] : []),
      ],
    }
  }
  if (/\blite ?touch/i.test(`${boots.name} ${name}`))
    return {
      origin: 'mdt',
      remarks: ['It is a boot image of MDT: it looks for its deployment share, by the address in its Bootstrap.ini. WDS may boot it, too.'], // prettier-ignore
    }
  // Configuration Manager names a boot image after its package: three characters of the site, five digits.
  if (/^boot\.[a-z0-9]{3}[0-9a-f]{5}\.wim$/i.test(name))
    return {
      origin: 'configmgr',
      remarks: ['By its name it is a boot image of Configuration Manager: it reaches its task sequence only where the PXE responder of a distribution point gave it the variables. Booted from here it looks for media, and ends.'], // prettier-ignore
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
  readonly why: readonly string[]
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
  const why = [`Blocks of ${blockSize} bytes, ${windowSize} in a window, came at ${rate(chosen.bytesPerSecond!)} and lost nothing.`] // prettier-ignore
  if (isWorthIt) {
    const pieces = Math.ceil((blockSize + blockHeaderBytes) / (mtu - ipBytes[family]))
    const than = whole ? `${(chosen.bytesPerSecond! / whole.bytesPerSecond!).toFixed(1)} times as fast as the best block in one packet (${whole.agreedBlockSize} bytes)` : 'no smaller block came through' // prettier-ignore
    why.push(`With an MTU of ${mtu} bytes each block travels in ${pieces} fragments: ${than}. If a machine or a site stops with 0xc0000001, take ${whole?.agreedBlockSize ?? usualSizes.blockSize}.`) // prettier-ignore
  } else {
    why.push(`With an MTU of ${mtu} bytes a block of up to ${largestWhole} bytes is one packet.`)
    if (fragmented) why.push(`Larger blocks came through in fragments (${fragmented.agreedBlockSize} bytes at ${rate(fragmented.bytesPerSecond!)}), not enough faster for their risk.`) // prettier-ignore
  }
  const dropped = tried.filter((one) => one.problem !== '' || one.bytesPerSecond === undefined)
  const tooLarge = [...new Set(dropped.map((one) => one.blockSize).filter((size) => size > blockSize))]
  if (tooLarge.length > 0) why.push(`Blocks of ${tooLarge.join(', ')} bytes did not come through.`)
  const lossy = tried.filter((one) => one.problem === '' && one.lost > 0 && one.agreedWindowSize > windowSize)
  if (lossy.length > 0)
    why.push(`Larger windows lost packets (${Math.min(...lossy.map((one) => one.agreedWindowSize))} blocks in a window: ${Math.max(...lossy.map((one) => one.lost))} lost).`) // prettier-ignore
  return { blockSize, windowSize, why }
}
