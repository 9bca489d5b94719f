/** What boot configuration data (BCD) says of a RAM disk boot: elements by their numbers (Microsoft, BCD reference). */
import { decodeUtf16 } from './bytes.ts'
import { readHive, type HiveKey } from './registry-hive.ts'

export interface BootConfiguration {
  /** Paths as they are written, such as `\Boot\x64\Images\boot.wim`; those of every entry. */
  readonly images: readonly string[]
  readonly sdi: string | undefined
  /** Bytes; undefined where it is not set. */
  readonly blockSize: number | undefined
  readonly windowSize: number | undefined
}

/** BcdDeviceInteger and BcdDeviceString elements of device options. */
const elements = {
  sdiPath: '32000004',
  tftpBlockSize: '35000007',
  tftpWindowSize: '35000008',
} as const

const child = (key: HiveKey | undefined, name: string): HiveKey | undefined =>
  key?.keys.find((one) => one.name.toLowerCase() === name.toLowerCase())

const textIn = (data: Uint8Array): string => decodeUtf16(data).replace(/\0.*$/s, '')
const numberIn = (data: Uint8Array): number =>
  data.length >= 4 ? new DataView(data.buffer, data.byteOffset).getUint32(0, true) : 0

/** Paths of images in what else a device holds: each run of characters that a path may have, from its first backslash on. */
function imagesIn(text: string): string[] {
  return [...text.matchAll(/[\p{L}\p{N}\\ .(){}[\]_&+,;=@#$%^!~'-]+/gu)].flatMap(([run]) => {
    const from = run.indexOf('\\')
    const to = run.toLowerCase().lastIndexOf('.wim')
    return from >= 0 && to > from + 1 ? [run.slice(from, to + 4)] : []
  })
}

/** BcdLibraryString_ApplicationPath. */
const applicationPath = '12000002'

/**
 * The programs that its entries start Windows with, such as `\Windows\System32\Boot\winload.efi`: a boot manager of BIOS takes those that
 * end with exe, one of UEFI those with efi. Empty where the bytes are no boot configuration, or name none.
 */
export function windowsLoadersIn(bytes: Uint8Array): readonly string[] {
  const found = (child(readHive(bytes), 'Objects')?.keys ?? []).flatMap((object) =>
    [...(child(child(object, 'Elements'), applicationPath)?.values ?? [])].map(([, data]) => textIn(data)),
  )
  return [...new Set(found.filter((path) => /(^|\\)winload\.(exe|efi)$/i.test(path)))]
}

/** Undefined where the bytes are no boot configuration. */
export function readBootConfiguration(bytes: Uint8Array): BootConfiguration | undefined {
  const objects = child(readHive(bytes), 'Objects')
  if (!objects) return undefined
  const images = new Set<string>()
  let sdi: string | undefined
  let blockSize: number | undefined
  let windowSize: number | undefined
  for (const object of objects.keys)
    for (const element of child(object, 'Elements')?.keys ?? []) {
      const data = [...element.values].find(([name]) => name.toLowerCase() === 'element')?.[1]
      if (!data) continue
      if (element.name === elements.sdiPath) sdi ??= textIn(data)
      else if (element.name === elements.tftpBlockSize) blockSize ??= numberIn(data)
      else if (element.name === elements.tftpWindowSize) windowSize ??= numberIn(data)
      // A device that is a RAM disk carries the path of its image as text, at an even or an odd place.
      else if (/^[12]1000001$/.test(element.name))
        for (const from of [0, 1]) for (const path of imagesIn(decodeUtf16(data.subarray(from)))) images.add(path)
    }
  return { images: [...images], sdi, blockSize, windowSize }
}
