/** What SQLite's result codes mean for a person (https://www.sqlite.org/rescode.html). */

/** Primary result codes; extended ones have them in their low byte. */
const codes = {
  denied: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

export interface StorageProblem {
  /** A clause without its end, such as "the disk is full". */
  readonly cause: string
  readonly remedy: string
}

const problems: Readonly<Record<number, StorageProblem>> = {
  [codes.denied]: {
    cause: 'access is denied',
    remedy: 'Give the user of the lab access to the folder and its files, or name another folder in state.',
  },
  [codes.busy]: {
    cause: 'another program has locked the file',
    remedy: 'End the program that has it open, such as a backup or a database browser.',
  },
  [codes.readOnly]: {
    cause: 'it may only be read',
    remedy: 'Make the folder and its files writable, or name another folder in state.',
  },
  [codes.inputOutput]: {
    cause: 'the disk reports an error',
    remedy: 'Check the disk, or name a folder on another one in state.',
  },
  [codes.full]: { cause: 'the disk is full', remedy: 'Free some space on that disk.' },
  [codes.cannotOpen]: {
    cause: 'it cannot be opened',
    remedy: 'Make the folder writable, or name another in state.',
  },
}

const fileProblems: Readonly<Record<string, StorageProblem>> = {
  ENOSPC: problems[codes.full]!,
  EDQUOT: { cause: 'the disk quota is used up', remedy: 'Free some space on that disk.' },
  EIO: problems[codes.inputOutput]!,
  EROFS: problems[codes.readOnly]!,
  EACCES: problems[codes.denied]!,
  EPERM: problems[codes.denied]!,
  EMFILE: {
    cause: 'this process has too many open files',
    remedy: 'Raise the limit of open files (ulimit -n), then start again.',
  },
  ENFILE: { cause: 'this machine has too many open files', remedy: 'End programs that hold many files.' },
  ENOTDIR: { cause: 'a part of the path is a file', remedy: 'Name another folder in state.' },
  EEXIST: { cause: 'a file of that name is in the way', remedy: 'Name another folder in state.' },
}

const primaryOf = (error: unknown): number | undefined => {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

/** Whether an error says that the file is no sound database; nothing else does. */
export const saysDamaged = (error: unknown): boolean => {
  const primary = primaryOf(error)
  return primary === codes.corrupt || primary === codes.notADatabase
}

export const saysLocked = (error: unknown): boolean => {
  const primary = primaryOf(error)
  return primary === codes.busy || primary === codes.locked
}

/** Cause and remedy of an error of SQLite or of the file system, or as an error of ours names them; else the system's own words. */
export function storageProblem(error: unknown): StorageProblem {
  if (error instanceof Error && 'remedy' in error) return { cause: error.message, remedy: String(error.remedy) }
  const primary = primaryOf(error)
  const { code = '', message } = error as NodeJS.ErrnoException
  const known = primary === undefined ? fileProblems[code] : problems[primary === codes.locked ? codes.busy : primary]
  const said = error instanceof Error ? message : String(error)
  return known
    ? { cause: `${known.cause} (${primary === undefined ? code : said})`, remedy: known.remedy }
    : { cause: said, remedy: 'Make the folder writable, or name another in state.' }
}
