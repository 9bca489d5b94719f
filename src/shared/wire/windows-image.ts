/**
 * Windows images (WIM): the header, and the images as the XML in the file names them (Microsoft, "Windows Imaging File Format").
 * Two short reads tell everything; the files inside are never unpacked.
 */
import { say, type Phrase } from '#messages/message.ts'
import { decodeUtf16 } from './bytes.ts'
import { readXml, type XmlNode } from './xml-lines.ts'

export const windowsImageHeaderBytes = 208
/** Of the XML of an image with every edition and language some hundred kilobytes. */
export const mostImageXmlBytes = 4 << 20

export interface WindowsImageHeader {
  readonly imageCount: number
  /** The image that boots, counted from 1; 0 where none is marked. */
  readonly bootIndex: number
  readonly compression: 'none' | 'XPRESS' | 'LZX' | 'LZMS'
  /** 1 of 1 unless the image was split (SWM). */
  readonly part: number
  readonly parts: number
  /** Where in the file the XML is, in bytes. */
  readonly xml: { readonly offset: number; readonly bytes: number }
}

export interface WindowsImage {
  readonly index: number
  readonly name: string
  /** As lab files call it; undefined where the image does not say. */
  readonly architecture: 'x86' | 'x64' | 'arm' | 'arm64' | undefined
  /** `10.0.26100.1`; empty where the image does not say. */
  readonly version: string
  readonly edition: string
  /** `WindowsPE`, `Client`, `Server`; empty where the image does not say. */
  readonly installationType: string
  readonly languages: readonly string[]
  /** Of its files, unpacked. */
  readonly bytes: number
}

const flags = { compressed: 0x2, xpress: 0x2_0000, lzx: 0x4_0000, lzms: 0x8_0000 } as const

/** Undefined where the bytes are no such header. */
export function readWindowsImageHeader(head: Uint8Array): WindowsImageHeader | undefined {
  if (head.length < windowsImageHeaderBytes || String.fromCharCode(...head.subarray(0, 8)) !== 'MSWIM\0\0\0')
    return undefined
  const view = new DataView(head.buffer, head.byteOffset)
  const how = view.getUint32(16, true)
  // Seven bytes of the size in the file, one of flags, then where it begins.
  const bytes = view.getUint32(72, true) + (view.getUint32(76, true) & 0xff_ffff) * 2 ** 32
  return {
    imageCount: view.getUint32(44, true),
    bootIndex: view.getUint32(120, true),
    compression:
      (how & flags.compressed) === 0
        ? 'none'
        : (how & flags.lzx) !== 0
          ? 'LZX'
          : (how & flags.xpress) !== 0
            ? 'XPRESS'
            : 'LZMS',
    part: view.getUint16(40, true),
    parts: view.getUint16(42, true),
    xml: { offset: Number(view.getBigUint64(80, true)), bytes },
  }
}

/** PROCESSOR_ARCHITECTURE values of SYSTEM_INFO. */
const architectures: ReadonlyMap<string, WindowsImage['architecture']> = new Map([
  ['0', 'x86'],
  ['5', 'arm'],
  ['9', 'x64'],
  ['12', 'arm64'],
])

const find = (node: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined =>
  path.reduce<XmlNode | undefined>((at, name) => at?.children.find((one) => one.name === name), node)
const text = (node: XmlNode | undefined, ...path: readonly string[]): string => find(node, ...path)?.text ?? ''

/** The images that the XML of a file names, in its order; none where it cannot be read. */
export function readWindowsImages(xml: Uint8Array): readonly WindowsImage[] {
  const { root } = readXml(decodeUtf16(xml).replace(/^\ufeff/, ''))
  const images = find(root, 'WIM')?.children.filter((one) => one.name === 'IMAGE') ?? []
  return images.map((image, at) => {
    const windows = find(image, 'WINDOWS')
    const version = find(windows, 'VERSION')
    const numbers = ['MAJOR', 'MINOR', 'BUILD', 'SPBUILD'].map((name) => text(version, name))
    return {
      index: at + 1,
      name: text(image, 'DISPLAYNAME') || text(image, 'NAME'),
      architecture: architectures.get(text(windows, 'ARCH')),
      version: numbers[0] === '' ? '' : numbers.filter(Boolean).join('.'),
      edition: text(windows, 'EDITIONID'),
      installationType: text(windows, 'INSTALLATIONTYPE'),
      languages: (find(windows, 'LANGUAGES')?.children ?? [])
        .filter((one) => one.name === 'LANGUAGE')
        .map((one) => one.text),
      bytes: Number(text(image, 'TOTALBYTES')) || 0,
    }
  })
}

export interface ImageJudgement {
  /** For a list of files: what it is. */
  readonly description: Phrase
  /** Why no machine starts from it; empty where nothing speaks against it. */
  readonly problem: Phrase
  /** The image that boots; undefined where there is none. */
  readonly boots: WindowsImage | undefined
}

const isBootable = ({ installationType, edition }: WindowsImage): boolean =>
  installationType === 'WindowsPE' || edition === 'WindowsPE'

/** What a file is to somebody who wants to boot it. */
export function judgeWindowsImage(header: WindowsImageHeader, images: readonly WindowsImage[]): ImageJudgement {
  const boots = images[header.bootIndex - 1]
  const shown = boots ?? images[0]
  const isPe = images.some(isBootable)
  const facts = [shown?.architecture, shown?.version, shown?.languages[0]].filter(
    (one) => one !== undefined && one !== '',
  )
  const description = say('windows-image.description', {
    kind: isPe ? 'pe' : images.length === 0 ? 'unknown' : 'installation',
    known: facts.length > 0 ? 'yes' : 'no',
    facts: facts as string[],
    several: images.length > 1 ? (boots ? 'boots' : 'yes') : 'no',
    index: header.bootIndex,
    count: images.length,
    name: boots?.name ?? '',
  })
  return { description, problem: problemOf(header, images, isPe), boots }
}

function problemOf(header: WindowsImageHeader, images: readonly WindowsImage[], isPe: boolean): Phrase {
  if (header.parts > 1) return say('windows-image.split', { part: header.part, parts: header.parts })
  // Solid files have this compression, and are made to be applied (Microsoft, DISM: "recovery" compression).
  if (header.compression === 'LZMS') return say('windows-image.esd')
  if (images.length > 0 && !isPe && images.every((one) => one.installationType !== ''))
    return say('windows-image.installs')
  if (header.bootIndex === 0) return say('windows-image.none-marked')
  if (header.bootIndex > header.imageCount)
    return say('windows-image.marked-missing', { index: header.bootIndex, count: header.imageCount })
  return ''
}
