/** What an agent sends, looked at before anything is kept of it: it is a capture, or refused with the reason. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { CaptureReader } from '#shared/wire/capture-file.ts'

const unpack = promisify(gunzip)

export interface PieceLimits {
  /** As it comes. */
  readonly packedBytes: number
  /** Unpacked; what would be more is not unpacked any further. */
  readonly bytes: number
  readonly frames: number
  readonly interfaces: number
}

export const pieceLimits: PieceLimits = { packedBytes: 8 << 20, bytes: 16 << 20, frames: 100_000, interfaces: 256 }

/** Why a piece is none; `message` is a clause. */
export class NoPiece extends Error {}

export interface UnpackedPiece {
  readonly pcapng: Uint8Array
  readonly frames: number
}

export async function unpackPiece(packed: Uint8Array, limits: PieceLimits = pieceLimits): Promise<UnpackedPiece> {
  let pcapng: Uint8Array
  try {
    pcapng = await unpack(packed, { maxOutputLength: limits.bytes })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new NoPiece(
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `it unpacks to more than ${limits.bytes} bytes`
        : `it is not compressed by gzip, or damaged (${code ?? message})`,
    )
  }
  let frames = 0
  let interfaces = 0
  const reader = new CaptureReader({ onInterface: () => void interfaces++, onFrame: () => void frames++ })
  reader.push(pcapng)
  reader.end()
  if (reader.damage) throw new NoPiece(`it is no whole capture: at byte ${reader.damage.at}, ${reader.damage.message}`)
  if (interfaces > limits.interfaces) throw new NoPiece(`it has ${interfaces} interfaces; ${limits.interfaces} are the most`) // prettier-ignore
  if (frames > limits.frames) throw new NoPiece(`it has ${frames} frames; ${limits.frames} are the most`)
  return { pcapng, frames }
}
