/**
 * A running capture on disk: pcapng files of a limited size, the oldest of which go when there are too many, so that a
 * capture that somebody forgot fills no disk.
 */
import { closeSync, fstatSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeOwnFolder } from '../files/own-file.ts'
import { pcapngFrame, pcapngHeader, type WrittenFrame, type WrittenInterface } from '#shared/wire/capture-file.ts'

export const captureExtension = '.pcapng'
const bytesInFile = 64 * 1024 * 1024
const filesKept = 16
/** How often it is seen whether the file is still in its folder: what is written to a deleted one is lost without an error. */
const lookedForMs = 1000

export interface SavedCapture {
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** The captures of a folder, the newest first; an absent folder holds none. */
export function listCaptures(folder: string): SavedCapture[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .filter((name) => /\.(pcapng|pcap)$/.test(name))
    .flatMap((name) => {
      // It may have gone meanwhile.
      const found = statSync(join(folder, name), { throwIfNoEntry: false })
      return found?.isFile() ? [{ name, bytes: found.size, modified: found.mtimeMs }] : []
    })
    .sort((a, b) => b.modified - a.modified)
}

const stamp = (time: number): string =>
  new Date(time)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(':', '-')

export class CaptureWriter {
  readonly #folder: string
  readonly #interfaces: readonly WrittenInterface[]
  readonly #limits: { readonly bytes: number; readonly files: number }
  #descriptor: number | undefined
  #written = 0
  #seenAt = 0
  #name = ''

  constructor(
    folder: string,
    interfaces: readonly WrittenInterface[],
    limits: { readonly bytes: number; readonly files: number } = { bytes: bytesInFile, files: filesKept },
  ) {
    this.#folder = folder
    this.#interfaces = interfaces
    this.#limits = limits
    makeOwnFolder(folder)
  }

  /** Name of the file that is being written; empty before the first frame. */
  get name(): string {
    return this.#name
  }

  write(frame: WrittenFrame): void {
    if (this.#descriptor === undefined || this.#written > this.#limits.bytes || this.#isDeleted())
      this.#next(frame.seconds * 1000)
    this.#written += writeSync(this.#descriptor!, pcapngFrame(frame))
  }

  #isDeleted(): boolean {
    const now = performance.now()
    if (now - this.#seenAt < lookedForMs) return false
    this.#seenAt = now
    return fstatSync(this.#descriptor!).nlink === 0
  }

  #next(time: number): void {
    this.close()
    makeOwnFolder(this.#folder)
    this.#seenAt = performance.now()
    const base = stamp(time)
    for (let count = 0; this.#descriptor === undefined; count++) {
      this.#name = `${base}${count === 0 ? '' : `-${count}`}${captureExtension}`
      try {
        this.#descriptor = openSync(join(this.#folder, this.#name), 'wx', 0o600)
      } catch (error) {
        // Another file of the same second.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    this.#written = writeSync(this.#descriptor, pcapngHeader('PXE Lab', this.#interfaces))
    for (const old of listCaptures(this.#folder).slice(this.#limits.files))
      rmSync(join(this.#folder, old.name), { force: true })
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}
