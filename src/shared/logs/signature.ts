/**
 * What an entry of a log means: one row for each thing that is known, by the log it is from and by its words. The rows lie
 * by log in `signatures/`.
 */
import type { Family } from './family.ts'

export interface Signature {
  readonly id: string
  /**
   * `failure` tells what is wrong, or may be wrong where nothing better is known. `effect` says that something failed because
   * of what is in `of`; alone it is told as a failure. `hint` is worth knowing, `good` went well, `harmless` looks like an
   * error and is none.
   */
  readonly kind: 'failure' | 'effect' | 'hint' | 'good' | 'harmless'
  readonly families: readonly Family[]
  /** Numbers of Windows events; their text may be in any language. */
  readonly events?: {
    readonly source: RegExp
    readonly ids: readonly number[]
    /** The source tells of every service and program: only the words say that an event is about this one. */
    readonly isOfAny?: boolean
  }
  /** Components that write it, where the same words of others mean something else. */
  readonly component?: RegExp
  /** Words that its component also writes while nothing is wrong: an entry that says it is no error has no such meaning. */
  readonly onlyErrors?: boolean
  /** Its words are such as any program writes: where nothing tells which log an entry is from, it must have these as well. */
  readonly own?: RegExp
  /** Its words are such as any program writes: a line of the same file must have shown these before, or the entry itself. */
  readonly near?: RegExp
  /** What its words are; with `events` what is taken out of them. Named groups fill the places of title, meaning and fix. */
  readonly pattern: RegExp
  /** Entries of one topic about the same thing are one failure. */
  readonly topic: string
  /** Which of one topic names the failure: the nearest to its cause. */
  readonly weight: number
  /** Topics of which this is a consequence. */
  readonly of: readonly string[]
  /** With `{name}` for what the pattern captured. */
  readonly title: string
  readonly means: string
  readonly fix: string
  /** Rules of the planner that tell it before. */
  readonly rules: readonly string[]
  readonly source: string
  /** Whether a public document or report shows the wording; else the row is told as not confirmed. */
  readonly isConfirmed: boolean
}

interface More {
  readonly weight?: number
  readonly of?: readonly string[]
  readonly rules?: readonly string[]
  readonly isConfirmed?: boolean
  readonly events?: Signature['events']
  readonly component?: RegExp
  readonly onlyErrors?: boolean
  readonly own?: RegExp
  readonly near?: RegExp
  readonly means?: string
  readonly fix?: string
}

/** Makes the rows of one log. */
export function signaturesOf(families: readonly Family[]) {
  const row = (
    kind: Signature['kind'],
    id: string,
    topic: string,
    pattern: RegExp,
    title: string,
    means: string,
    fix: string,
    source: string,
    { weight = 50, of = [], rules = [], isConfirmed = true, events, component, onlyErrors, own, near }: More,
  ): Signature => ({ id, kind, families, pattern, topic, weight, of, title, means, fix, rules, source, isConfirmed, ...(events && { events }), ...(component && { component }), ...(onlyErrors && { onlyErrors }), ...(own && { own }), ...(near && { near }) }) // prettier-ignore
  return {
    failure: (id: string, topic: string, pattern: RegExp, title: string, means: string, fix: string, source: string, more: More = {}): Signature => row('failure', id, topic, pattern, title, means, fix, source, more),
    /** A consequence, which alone is told as the failure that its words are. */
    effect: (id: string, of: readonly string[], pattern: RegExp, title: string, means: string, fix: string, source: string, more: More = {}): Signature => row('effect', id, of[0]!, pattern, title, means, fix, source, { weight: 10, of, ...more }),
    hint: (id: string, pattern: RegExp, title: string, means: string, source: string, more: More = {}): Signature => row('hint', id, id, pattern, title, means, more.fix ?? '', source, more),
    good: (id: string, pattern: RegExp, title: string, source: string, more: More = {}): Signature => row('good', id, id, pattern, title, '', '', source, more),
    harmless: (id: string, pattern: RegExp, title: string, means: string, source: string, more: More = {}): Signature => row('harmless', id, id, pattern, title, means, '', source, { weight: 200, ...more }),
  } // prettier-ignore
}

/** A text with what was captured in its places; what was not is left out. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text
    .replace(/ ?\{(\w+)\}/g, (place, name: string) => {
      const value = values[name]
      return value === undefined ? '' : place.startsWith(' ') ? ` ${value}` : value
    })
    // What is left of a place that nothing filled.
    .replace(/,? ?(?:code|error)(?=\))/g, '')
    .replace(/ ?\((?:code|error)?\s*,?\s*\)| ?""/g, '')
    .replace(/[:,\s]+$/, '')

export const documents = {
  advanced: 'Microsoft KB 4491871, Advanced troubleshooting for PXE boot issues',
  understand: 'Microsoft KB 4468601, Understand PXE boot in Configuration Manager',
  troubleshoot: 'Microsoft KB 4468612, Troubleshoot PXE boot issues',
  expired: 'Microsoft KB 4511618, Certificate is not updated on a PXE-enabled distribution point',
  issuing: 'Microsoft KB 4469580, PXE boot does not work because a self-signed certificate is not created',
  stolen: 'Microsoft KB 4471061, A client can steal the GUID of an Unknown Computer object',
  duplicateGuid: 'Microsoft KB 2591483, No assigned task sequence because of duplicate SMBIOS GUIDs',
  identifiers: 'Microsoft, Manage duplicate hardware identifiers; Reusing the same NIC for several PXE deployments',
  ignoreList: 'Microsoft, How to create an exclusion list for unknown computer support (MACIgnoreListFile)',
  dynamicMedia: 'Microsoft KB 4471115, Dynamic media cannot get management point locations',
  casMedia: 'Microsoft KB 4551033, Sending with winhttp failed 80072f8f with bootable media',
  nativeMode: 'Microsoft, Common native mode client to management point error messages',
  hook: 'Microsoft KB 4509131, OSD task sequence fails with 80070005',
  wimMount: 'Microsoft KB 4096324, Error when managing boot images',
  noNetwork: 'Microsoft, Windows PE restarts within seconds: no network driver in the boot image',
  wdsStart: 'Microsoft KB 2712387, WDS does not start on a PXE-enabled remote distribution point',
  scp: 'Microsoft KB 948274 and KB 960489, BINLSVC event 1803',
  wdsEvents: 'Microsoft, Windows Deployment Services events (Windows Server 2008 to 2012 R2)',
  dhcpEvents: 'Microsoft, DHCP server events',
  portRange: 'Microsoft KB 977512, WDS and the port range of DNS',
  blockSize: 'Microsoft KB 975710 and Customize the RamDisk TFTP block and window sizes',
  appInstall: 'Microsoft, Troubleshoot the Install Application task sequence step',
  upgradeCodes: 'Microsoft, Windows upgrade error codes and resolution procedures',
  wimMountSetup: 'Microsoft, Windows upgrade failure: restore WIMMOUNT.sys',
  logFiles: 'Microsoft, Windows upgrade log files',
  media: 'Microsoft, Create a task sequence to upgrade an OS: stand-alone media',
  winInet: 'Microsoft, WinINet and WinHTTP error messages',
  bootManager: 'Microsoft, status codes of the Windows boot manager (NTSTATUS)',
  pxe: 'Intel PXE 2.1 and EDK2, error codes',
  httpBoot: 'EDK2, NetworkPkg/HttpBootDxe',
  reports: 'Reports of administrators',
} as const
