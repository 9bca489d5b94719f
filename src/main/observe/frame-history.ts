/**
 * The frames of a lab on disk, so that a restart shows the boots that were there: pcapng files of a limited size in the state
 * folder, the oldest of which go. A file that is damaged, by a full disk or a power cut, is read as far as it goes.
 */
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { CaptureReader, type CapturedFrame, type CaptureInterface } from '#shared/wire/capture-file.ts'
import { makeOwnFolder } from '../files/own-file.ts'

export interface HistoryLimits {
  readonly bytesInFile: number
  readonly files: number
}

export const historyLimits: HistoryLimits = { bytesInFile: 4 << 20, files: 8 }

const nameOf = (number: number): string => `frames-${String(number).padStart(6, '0')}.pcapng`
const numberOf = (name: string): number => Number(/^frames-(\d+)\.pcapng$/.exec(name)?.[1] ?? NaN)

/** Numbers of the files in a folder, the oldest first; an absent folder has none. */
function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(numberOf).filter((one) => !Number.isNaN(one)).sort((a, b) => a - b) // prettier-ignore
  } catch {
    return []
  }
}

export class FrameHistory {
  readonly #folder: string
  readonly #limits: HistoryLimits
  #number: number
  #bytes: number

  constructor(folder: string, limits: Partial<HistoryLimits> = {}) {
    this.#folder = folder
    this.#limits = { ...historyLimits, ...limits }
    this.#number = numbersIn(folder).at(-1) ?? 1
    this.#bytes = statSync(join(folder, nameOf(this.#number)), { throwIfNoEntry: false })?.size ?? 0
  }

  /** Adds a piece that is a capture of its own. Throws what the system says; the file is as it was then. */
  append(pcapng: Uint8Array): void {
    makeOwnFolder(this.#folder)
    if (this.#bytes > 0 && this.#bytes + pcapng.length > this.#limits.bytesInFile) {
      this.#number++
      this.#bytes = 0
      for (const old of numbersIn(this.#folder)) if (old <= this.#number - this.#limits.files) this.#remove(old)
    }
    const file = openSync(join(this.#folder, nameOf(this.#number)), 'a', 0o600)
    try {
      // Somebody may have deleted it meanwhile.
      const before = fstatSync(file).size
      try {
        appendFileSync(file, pcapng)
      } catch (error) {
        ftruncateSync(file, before)
        throw error
      }
      this.#bytes = before + pcapng.length
    } finally {
      closeSync(file)
    }
  }

  #remove(number: number): void {
    rmSync(join(this.#folder, nameOf(number)), { force: true })
  }

  clear(): void {
    for (const number of numbersIn(this.#folder)) this.#remove(number)
    this.#bytes = 0
  }
}

/** Reads what is there, the oldest first; returns what could not be read, in words. */
export function readHistory(
  folder: string,
  take: (frame: CapturedFrame, from: CaptureInterface) => void,
): readonly string[] {
  const problems: string[] = []
  for (const number of numbersIn(folder).slice(-historyLimits.files)) {
    const path = join(folder, nameOf(number))
    try {
      const interfaces: CaptureInterface[] = []
      const reader = new CaptureReader({
        onInterface: (one) => void interfaces.push(one),
        onFrame: (frame) => take(frame, interfaces[frame.interface]!),
      })
      // A file that somebody else put there may be of any size.
      if (statSync(path).size > 2 * historyLimits.bytesInFile) throw Object.assign(new Error('it is too large'), { code: 'EFBIG' }) // prettier-ignore
      reader.push(readFileSync(path))
      reader.end()
      const { damage } = reader
      if (damage) {
        problems.push(`${path} is damaged at byte ${damage.at}: ${damage.message}. What came before it is shown.`)
        // Told once; what is added from now on can be read again.
        truncate(path, damage.at)
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      problems.push(`${path} cannot be read (${code ?? message}); the boots in it are not shown.`)
    }
  }
  return problems
}

function truncate(path: string, bytes: number): void {
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, bytes)
  } finally {
    closeSync(file)
  }
}
