/**
 * Fewest rights: who the responder runs as once its ports are open, and how root becomes that user for good. On Linux it
 * keeps one capability, CAP_NET_BIND_SERVICE, with which an interface that comes back is served again (capabilities(7)).
 */
import { statSync } from 'node:fs'
import { release, userInfo } from 'node:os'
import { koffi } from './koffi.ts'

export interface User {
  readonly uid: number
  readonly gid: number
  /** For people: a name, or the number of a user without one. */
  readonly name: string
  readonly home: string | undefined
}

export class UnknownUser extends Error {}

export interface RunsAs {
  /** Undefined where the process stays who it is. */
  readonly user: User | undefined
  /** One sentence for the log. */
  readonly warning: string | undefined
}

export interface Surroundings {
  /** Effective user; undefined on Windows. */
  readonly uid: number | undefined
  readonly environment: NodeJS.ProcessEnv
  readonly ownerOf: (file: string) => number
  /** Throws an `UnknownUser`. */
  readonly lookUp: (user: string, group: string | undefined) => User
}

const here = (): Surroundings => ({
  uid: process.geteuid?.(),
  environment: process.env,
  ownerOf: (file) => statSync(file).uid,
  lookUp,
})

/**
 * `runAs` is "user", "user:group" or null. Without it a responder that sudo started runs as the owner of the lab file, and
 * where that is root, as whoever called sudo. Root without sudo stays root, and is told so. Throws an `UnknownUser`.
 */
export function whoRuns(labFile: string, runAs: string | null, surroundings = here()): RunsAs {
  const { uid, environment, ownerOf, lookUp: find } = surroundings
  const stays = (warning?: string): RunsAs => ({ user: undefined, warning })
  if (uid === undefined) return stays(runAs === null ? undefined : 'runAs means nothing on Windows')
  if (uid !== 0)
    return stays(runAs === null ? undefined : `runAs: ${runAs} is not heeded: only root can become somebody else`)
  if (runAs !== null) {
    const [user = '', group] = runAs.split(':')
    const found = find(user, group)
    return found.uid === 0 ? stays() : { user: found, warning: undefined }
  }
  const caller = Number(environment['SUDO_UID'] ?? 0)
  if (Number.isInteger(caller) && caller > 0) return { user: find(String(ownerOf(labFile) || caller), undefined), warning: undefined } // prettier-ignore
  return stays(
    'The responder runs as root. Name a user in runAs, such as runAs: nobody. To keep root without this warning, write runAs: root.',
  )
}

/** The system is asked by becoming them for a moment, so that every source of users it knows is heard (nsswitch.conf(5)). */
function lookUp(user: string, group: string | undefined): User {
  const identifier = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
  const [uid, gid] = [process.geteuid!(), process.getegid!()]
  try {
    process.seteuid!(identifier(user))
    const found = { uid: process.geteuid!(), ...known() }
    process.seteuid!(uid)
    if (group === undefined) return found
    process.setegid!(identifier(group))
    return { ...found, gid: process.getegid!() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_UNKNOWN_CREDENTIAL' && code !== 'EINVAL') throw error
    throw new UnknownUser(message)
  } finally {
    process.seteuid!(uid)
    process.setegid!(gid)
  }
}

/** A number that nobody has as a name stands for a group of the same number. */
function known(): Pick<User, 'gid' | 'name' | 'home'> {
  try {
    const { gid, username: name, homedir: home } = userInfo()
    return { gid, name, home }
  } catch {
    const uid = process.geteuid!()
    return { gid: uid, name: `user ${uid}`, home: undefined }
  }
}

/**
 * What root does for a user in folders of that user: with their rights, so that no link of theirs leads it elsewhere. The
 * action must not wait for anything: the whole process is that user meanwhile.
 */
export function actAs<T>(user: User | undefined, action: () => T): T {
  if (!user) return action()
  const [uid, gid, groups] = [process.geteuid!(), process.getegid!(), process.getgroups!()]
  process.setgroups!([user.gid])
  process.setegid!(user.gid)
  process.seteuid!(user.uid)
  try {
    return action()
  } finally {
    process.seteuid!(uid)
    process.setegid!(gid)
    process.setgroups!(groups)
  }
}

/**
 * Keeps what the responder needs and gives up the rest, for good. Of groups only the one of the user stays: others may be
 * worth as much as root. What was not kept is returned as a sentence. Capabilities belong to threads, so this comes before
 * threads of our own are started: those inherit them.
 */
export function giveUpRights(user: User | undefined): string | undefined {
  const linux = process.platform === 'linux' && typeof koffi !== 'string' ? linuxCalls(koffi.load('libc.so.6')) : undefined
  if (user) {
    linux?.keepOverSetuid()
    process.setgroups!([user.gid])
    process.setgid!(user.gid)
    process.setuid!(user.uid)
  }
  if (process.geteuid?.() !== 0) linux?.keepOnly(needed(release()))
  if (!user) return undefined
  if (canBeRoot()) throw new Error('root could be taken back after it was given up')
  return process.platform !== 'linux' || linux
    ? undefined
    : `the right to open ports below 1024 could not be kept (${typeof koffi === 'string' ? koffi : ''}): an interface that goes and comes back is not served again before a restart`
} // prettier-ignore

function canBeRoot(): boolean {
  try {
    process.seteuid!(0)
    return true
  } catch {
    return false
  }
}

const [netBindService, netRaw] = [1 << 10, 1 << 13]

/** Bits of capabilities. Before Linux 5.7 SO_BINDTODEVICE needed CAP_NET_RAW (socket(7)). */
export function needed(kernel: string): number {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
  return major > 5 || (major === 5 && minor >= 7) ? netBindService : netBindService | netRaw
}

interface LinuxCalls {
  keepOverSetuid(): void
  keepOnly(bits: number): void
}

function linuxCalls(library: ReturnType<Exclude<typeof koffi, string>['load']>): LinuxCalls {
  const word = 'unsigned long'
  const prctl = library.func(`int prctl(int, ${word}, ${word}, ${word}, ${word})`)
  const capget = library.func('int capget(void *, void *)')
  const capset = library.func('int capset(void *, void *)')
  const [setKeepCapabilities, setNoNewPrivileges, version3] = [8, 38, 0x20080522]
  const must = (what: string, result: number): void => {
    if (result < 0) throw new Error(`${what} was refused by the system`)
  }
  return {
    keepOverSetuid: () => must('PR_SET_KEEPCAPS', prctl(setKeepCapabilities, 1, 0, 0, 0)),
    keepOnly(bits) {
      // struct __user_cap_header_struct of this thread, and two of effective, permitted, inheritable.
      const header = new Uint8Array(Uint32Array.of(version3, 0).buffer)
      const now = new Uint32Array(6)
      must('capget', capget(header, new Uint8Array(now.buffer)))
      const kept = now[1]! & bits
      must('capset', capset(header, new Uint8Array(Uint32Array.of(kept, kept, 0, 0, 0, 0).buffer)))
      must('PR_SET_NO_NEW_PRIVS', prctl(setNoNewPrivileges, 1, 0, 0, 0))
    },
  }
}
