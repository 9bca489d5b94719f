/** Windows images on disk, by two short reads. */
import { say } from '#messages/message.ts'
import { open } from 'node:fs/promises'
import {
  judgeWindowsImage,
  mostImageXmlBytes,
  readWindowsImageHeader,
  readWindowsImages,
  windowsImageHeaderBytes,
  type ImageJudgement,
  type WindowsImage,
  type WindowsImageHeader,
} from '#shared/wire/windows-image.ts'

export interface WindowsImageFile extends ImageJudgement {
  readonly bytes: number
  readonly header: WindowsImageHeader
  readonly images: readonly WindowsImage[]
}

/** Undefined where the file is no Windows image. @throws what reading the file throws. */
export async function readWindowsImageFile(path: string): Promise<WindowsImageFile | undefined> {
  const handle = await open(path, 'r')
  try {
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await handle.read(bytes, 0, length, offset)
      return bytes.subarray(0, bytesRead)
    }
    const header = readWindowsImageHeader(await read(0, windowsImageHeaderBytes))
    if (!header) return undefined
    const { size } = await handle.stat()
    const isWhole = header.xml.offset + header.xml.bytes <= size
    const images = isWhole
      ? readWindowsImages(await read(header.xml.offset, Math.min(header.xml.bytes, mostImageXmlBytes)))
      : []
    const judged = judgeWindowsImage(header, images)
    const problem = isWhole ? judged.problem : say('windows-image.ends-early')
    return { ...judged, problem, bytes: size, header, images }
  } finally {
    await handle.close()
  }
}
