/** Where the programs of the system are: in its own folders, and never in the current folder or along PATH. */
import { accessSync, constants } from 'node:fs'
import { isAbsolute, join, posix, win32 } from 'node:path'
import type { Facts } from '#shared/lab/facts.ts'
import { windowsKoffi } from './koffi.ts'

export type System = Facts['system']

/**
 * A folder with programs that take the place of reg.exe, sc.exe, netsh.exe and so on: this machine then passes for a
 * Windows server. For tests and for showing a repair where there is no server to spare.
 */
export const doubles = process.env['PXE_LAB_WINDOWS_TOOLS']

const realSystem: System = process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'macos' : 'linux'

export const hostSystem = (): System => (doubles === undefined ? realSystem : 'windows')

/**
 * Folders that only an administrator can write to, in the order in which they are searched. On NixOS the system has no
 * others than its own two.
 */
const unixFolders: Readonly<Record<'linux' | 'macos', readonly string[]>> = {
  linux: ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin', '/run/wrappers/bin', '/run/current-system/sw/bin'], // prettier-ignore
  macos: ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/Applications/Wireshark.app/Contents/MacOS'],
}

/** Programs of Windows that are in a folder below System32. */
const belowSystem32: Readonly<Record<string, string>> = { powershell: 'WindowsPowerShell\\v1.0' }
/** Programs that Windows does not bring. */
const wireshark: ReadonlySet<string> = new Set(['dumpcap', 'tshark'])
/** Programs that have nothing to do with what a Windows server is set to. */
const neverDoubled: ReadonlySet<string> = new Set(['dumpcap', 'tshark', 'tcpdump', 'pktmon', 'rundll32', 'open', 'xdg-open']) // prettier-ignore

/** Asked of Windows itself: variables can be set by whoever started this program. */
function windowsFolder(): string {
  if (windowsKoffi) {
    const name = Buffer.alloc(520)
    const ask = windowsKoffi
      .load('kernel32.dll')
      .func('uint32_t __stdcall GetSystemWindowsDirectoryW(void *, uint32_t)')
    const length = ask(name, name.length / 2)
    if (length > 0 && length < name.length / 2) return name.toString('utf16le', 0, length * 2)
  }
  // Where Windows loaded its own library from, C:\Windows\System32\ntdll.dll; without the network part it asks nobody.
  Object.assign(process.report, { excludeNetwork: true })
  const { sharedObjects } = process.report.getReport() as { sharedObjects?: readonly string[] }
  const library = sharedObjects?.find((one) => /^[a-z]:\\[^\\]+\\sys(tem32|wow64)\\ntdll\.dll$/i.test(one))
  if (library === undefined) throw new Error('Windows does not tell where it is installed')
  return win32.dirname(win32.dirname(library))
}

export interface Place {
  readonly system: System
  /** `C:\Windows`; of no meaning elsewhere. */
  readonly windows: string
  readonly exists: (path: string) => boolean
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The full path of a program of the system, whether its name ends in .exe or not; undefined where it is not installed. */
export function findIn(program: string, { system, windows, exists }: Place): string | undefined {
  const name = program.replace(/\.exe$/i, '')
  if (/[/\\]/.test(name) || name === '' || name.startsWith('.')) throw new Error(`${program} is no name of a program`)
  if (system !== 'windows') return unixFolders[system].map((folder) => posix.join(folder, name)).find(exists)
  const drive = win32.parse(windows).root
  // A 32-bit process sees its own copies in System32, and the system's under the name Sysnative.
  const native = exists(win32.join(windows, 'Sysnative', 'ntdll.dll')) ? 'Sysnative' : 'System32'
  const folders = wireshark.has(name)
    ? [win32.join(drive, 'Program Files', 'Wireshark'), win32.join(drive, 'Program Files (x86)', 'Wireshark')]
    : [win32.join(windows, native, belowSystem32[name] ?? '')]
  return folders.map((folder) => win32.join(folder, `${name}.exe`)).find(exists)
}

let here: Place | undefined

/** `findIn` on this machine; a full path stays what it is. */
export function findProgram(program: string): string | undefined {
  if (isAbsolute(program)) return isProgram(program) ? program : undefined
  if (doubles !== undefined && !neverDoubled.has(program)) {
    const double = join(doubles, program.replace(/\.exe$/, ''))
    return isProgram(double) ? double : undefined
  }
  here ??= { system: realSystem, windows: realSystem === 'windows' ? windowsFolder() : '', exists: isProgram }
  return findIn(program, here)
}
