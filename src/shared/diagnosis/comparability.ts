/**
 * What of a client's messages may be held equal between two boots, and what may not: values that the same firmware on the
 * same machine puts there differently from run to run. Each entry says why.
 */
import type { FirmwareKind } from '../trace/firmware.ts'

export interface Varying {
  /** Undefined for every client. */
  readonly firmware: FirmwareKind | undefined
  /** `secs`, `option 55`, `wait`, `HTTP error page`. */
  readonly field: string
  readonly because: string
}

export const varying = {
  grubSecs: {
    firmware: 'grub',
    field: 'secs',
    because: 'GRUB puts the low 16 bits of its clock there, not the seconds since it began (RFC 2131 section 2)',
  },
  httpParameters: {
    firmware: 'edk2-http',
    field: 'option 55, the octet before 67',
    because: 'the HTTP boot driver of EDK2 leaves this octet of its list unset: what was in memory goes out',
  },
  programStart: {
    firmware: undefined,
    field: 'the wait behind a file that was loaded',
    because: 'how long a program takes to start is a matter of its size and of the machine',
  },
  room: {
    firmware: 'edk2',
    field: 'the wait between the size of a file and the request for it',
    because: 'EDK2 first makes room for the whole file, which takes a large one a second or more',
  },
  nextBootOption: {
    firmware: undefined,
    field: 'the wait between two boot options',
    because: 'boot options that use no IPv4, such as PXE over IPv6, are tried in between',
  },
  errorPage: {
    firmware: undefined,
    field: 'the size of an HTTP error page',
    because: 'its text is the web server’s own; no firmware looks at it',
  },
} as const satisfies Record<string, Varying>

const unset = '??'

/** Option 55 of HTTP boot as hexadecimal digits, with the octet that was never set left open. */
export function comparableParameters(firmware: FirmwareKind, digits: string): string {
  if (firmware !== varying.httpParameters.firmware) return digits
  // The list ends in the open octet, 67 and 97 (HttpBootDxe, HttpBootBuildDhcp4Options).
  return digits.endsWith('4361') ? `${digits.slice(0, -6)}${unset}4361` : digits
}

/** `secs` of a request; empty where the firmware puts something else there. */
export const comparableSecs = (firmware: FirmwareKind, secs: number): string =>
  firmware === varying.grubSecs.firmware ? '' : `secs ${secs}`
