/**
 * Where a lease database lies, and whether it still does. SQLite goes on writing into files that have been deleted, moved
 * away or covered by another disk; nobody would ever read from there what was acknowledged.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renameOverSync } from '../files/replace-file.ts'

/** Database and log, and the lock that keeps other labs away. */
const namesOf = (file: string): string[] => [file, `${file}-wal`, join(dirname(file), 'lock.sqlite')]

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

const identityOf = (path: string): Identity | undefined => {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // A part of its path may not be entered any more, or is no folder now.
    return undefined
  }
}

/** The nearest folder of the path that exists, itself included. */
const nearest = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))

/** What is not where it was. Nothing is acknowledged meanwhile. */
export class LeasesGone extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export class LeasePlace {
  readonly #file: string
  readonly #folder: string
  readonly #disk: bigint | undefined
  readonly #files: readonly (readonly [string, Identity])[]

  /** Remembers the files of an open database that has been written to. */
  constructor(file: string) {
    this.#file = file
    this.#folder = dirname(file)
    this.#disk = identityOf(this.#folder)?.dev
    // Windows deletes no file that SQLite has open, and to look there is to open.
    this.#files =
      process.platform === 'win32'
        ? []
        : namesOf(file).flatMap((path) => {
            const identity = identityOf(path)
            return identity ? [[path, identity] as const] : []
          })
  }

  /** Throws `LeasesGone` where one of the files is not at its path any more. */
  check(): void {
    if (!this.#files.every(([path, was]) => sameFile(identityOf(path), was))) throw this.#gone()
  }

  /** Whether a new database in that place would lie on the same disk, or there is one already. */
  get canBeFilled(): boolean {
    return existsSync(this.#file) || identityOf(nearest(this.#folder))?.dev === this.#disk
  }

  #gone(): LeasesGone {
    const says = this.canBeFilled
      ? `the database ${this.#file} was deleted or replaced`
      : `the disk with ${this.#folder} is not mounted any more`
    return new LeasesGone(says, 'Put it back, or stop and start to begin with what is there.')
  }

  /** What the system says of writing there where SQLite tells no more than an I/O error; undefined where it may be written. */
  get refusal(): NodeJS.ErrnoException | undefined {
    try {
      accessSync(this.#folder, constants.W_OK)
      return undefined
    } catch (error) {
      return error as NodeJS.ErrnoException
    }
  }

  /**
   * Closes a database whose files are gone. SQLite then deletes its log by the path, where another may lie by now that
   * somebody has put back: that one is kept out of its way.
   */
  closeGone(close: () => void): void {
    const log = `${this.#file}-wal`
    const was = this.#files.find(([path]) => path === log)?.[1]
    const now = identityOf(log)
    const isAnother = now !== undefined && was !== undefined && !sameFile(now, was)
    if (isAnother) renameOverSync(log, `${log}.kept`)
    try {
      close()
    } finally {
      if (isAnother) renameOverSync(`${log}.kept`, log)
    }
  }
}

const sameFile = (one: Identity | undefined, other: Identity): boolean =>
  one !== undefined && one.dev === other.dev && one.ino === other.ino
