/**
 * The frames of a lab on disk, so that a restart shows the boots that were there: pcapng files of a limited size in the state
 * folder, the oldest of which go. A file that is damaged, by a full disk or a power cut, is read as far as it goes.
 */
import {
  appendFileSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
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
    ownFolder(this.#folder)
    if (this.#bytes > 0 && this.#bytes + pcapng.length > this.#limits.bytesInFile) {
      this.#number++
      this.#bytes = 0
      for (const old of numbersIn(this.#folder)) if (old <= this.#number - this.#limits.files) this.#remove(old)
    }
    const file = openOwn(join(this.#folder, nameOf(this.#number)), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT) // prettier-ignore
    try {
      // Somebody may have deleted it meanwhile.
      const before = fstatSync(file).size
      if (before === 0) giveToOwner(file, this.#folder)
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
    if (numbersIn(this.#folder).length > 0) ownFolder(this.#folder)
    for (const number of numbersIn(this.#folder)) this.#remove(number)
    this.#bytes = 0
  }
}

const isRoot = (): boolean => process.geteuid?.() === 0

/** The folder, made where it is missing; what root makes in the folder of somebody is theirs. */
function ownFolder(folder: string): void {
  makeOwnFolder(folder)
  const above = lstatSync(dirname(folder))
  if (isRoot() && above.uid !== 0 && lstatSync(folder).uid === 0) lchownSync(folder, above.uid, above.gid)
}

function giveToOwner(file: number, folder: string): void {
  const { uid, gid } = lstatSync(folder)
  if (isRoot() && uid !== 0) fchownSync(file, uid, gid)
}

/** No link is followed, no pipe waited for: the folder may be somebody else's than who runs this. Windows has neither. */
function openOwn(path: string, flags: number): number {
  const file = openSync(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), 0o600)
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw Object.assign(new Error('it is no file'), { code: 'EINVAL' })
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
      const damage = readOne(folder, path, take)
      if (damage !== undefined) problems.push(`${path} is damaged at ${damage}. What came before it is shown.`)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      problems.push(`${path} cannot be read (${code ?? message}); the boots in it are not shown.`)
    }
  }
  return problems
}

/** Where a file is damaged, in words; it is cut off there: told once, and what is added can be read again. */
function readOne(
  folder: string,
  path: string,
  take: (frame: CapturedFrame, from: CaptureInterface) => void,
): string | undefined {
  ownFolder(folder)
  const file = openOwn(path, constants.O_RDWR)
  try {
    // Somebody else may have put a file of any size there.
    if (fstatSync(file).size > 2 * historyLimits.bytesInFile) throw Object.assign(new Error('it is too large'), { code: 'EFBIG' }) // prettier-ignore
    const interfaces: CaptureInterface[] = []
    const reader = new CaptureReader({
      onInterface: (one) => void interfaces.push(one),
      onFrame: (frame) => take(frame, interfaces[frame.interface]!),
    })
    reader.push(readFileSync(file))
    reader.end()
    const { damage } = reader
    if (!damage) return undefined
    ftruncateSync(file, damage.at)
    return `byte ${damage.at}: ${damage.message}`
  } finally {
    closeSync(file)
  }
}
