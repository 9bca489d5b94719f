/** Calls into the libraries of the system, through the optional package koffi. */
import { createRequire } from 'node:module'

export type NativeCall = (...values: (number | bigint | string | Uint8Array | null)[]) => number

export interface NativeLibrary {
  func(prototype: string): NativeCall
}

export interface Koffi {
  load(library: string): NativeLibrary
  errno(): number
  address(buffer: Uint8Array): bigint
  readonly os: { readonly errno: Readonly<Record<string, number>> }
}

/** The system's own library; on a Linux with another one (musl) none of our calls is known to fit. */
const systemLibraries: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libc.so.6',
  darwin: 'libSystem.B.dylib',
  win32: 'kernel32.dll',
}

function load(): Koffi | string {
  // For machines where loading native code is forbidden, and for the tests of the way without.
  if (process.env['PXE_LAB_NATIVE_SOCKETS'] === 'off') return 'native sockets are switched off'
  try {
    const loaded = createRequire(import.meta.url)('koffi') as Koffi
    const library = systemLibraries[process.platform]
    if (library !== undefined) loaded.load(library)
    return loaded
  } catch (error) {
    return `the package koffi cannot be loaded (${String(error).split('\n')[0]})`
  }
}

/** The package, or why it is not there. */
export const koffi: Koffi | string = load()

/** For calls whose structures are laid out as on 64-bit Windows; undefined elsewhere and where koffi is missing. */
export const windowsKoffi: Koffi | undefined =
  process.platform === 'win32' && process.arch !== 'ia32' && typeof koffi !== 'string' ? koffi : undefined
