/**
 * What an entry of a log means: one row for each thing that is known, by the log it is from and by its words. The rows lie
 * by log in `signatures/`.
 */
import type { Message, MessageId, Phrase } from '#messages/message.ts'
import type { Family } from './family.ts'

/** What was captured in an entry, by name. */
export type Captured = Readonly<Record<string, Phrase | undefined>>

/** A sentence of the catalogue about an entry, or about the row by itself. */
export type Told = (captured?: Captured) => Message

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
  /** Its words are those of so many entries together, of which this one is the last: the line before says what it is about. */
  readonly span?: number
  /** What its words are; with `events` what is taken out of them. Named groups fill the places of title, meaning and fix. */
  readonly pattern: RegExp
  /** Entries of one topic about the same thing are one failure. */
  readonly topic: string
  /** Which of one topic names the failure: the nearest to its cause. */
  readonly weight: number
  /** Topics of which this is a consequence. */
  readonly of: readonly string[]
  /** What its sentences may name of an entry: the groups of its pattern, and what is made of them. */
  readonly captures: readonly string[]
  readonly title: Told
  /** Undefined where the title says it all. */
  readonly means: Told | undefined
  /** Undefined where nothing has to be done. */
  readonly fix: Told | undefined
  /** Codes that it is about and that its pattern does not have, as `Code` has them. */
  readonly codes: readonly string[]
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
  readonly span?: number
  /** Of a hint: something may be done about it. */
  readonly hasFix?: boolean
  readonly codes?: readonly string[]
  /** What is captured elsewhere than by the pattern. */
  readonly captures?: readonly string[]
  /** In place of the rows of the catalogue that are called as its id. */
  readonly title?: Told
  readonly means?: Told
  readonly fix?: Told
}

/** The catalogue of each log; a test holds that each row has its messages there. */
const catalogues: Readonly<Record<Family, (name: string) => string>> = {
  pxe: (name) => `log-pxe.${name}`,
  sequence: (name) => `log-sequence.${name}`,
  setup: (name) => `log-setup.${name}`,
  event: (name) => `log-event.${name}`,
  server: (name) => `log-server.${name}`,
  media: (name) => `log-media.${name}`,
  screen: (name) => `log-screen.${name}`,
  linux: (name) => `log-linux.${name}`,
}

/** What selects the sentence of a title for where its value was not captured. */
const unknown = 'unknown'

/** What is captured at the end of a line may end with what separates it from the next. */
const clean = (value: Phrase | undefined): Phrase =>
  typeof value === 'string' ? value.replace(/[:,\s]+$/, '') || unknown : (value ?? unknown)

const groupsOf = (pattern: RegExp): string[] => [
  ...new Set([...pattern.source.matchAll(/\(\?<([a-zA-Z]\w*)>/g)].map(([, name]) => canonical[name!] ?? name!)),
]

/** One name for what alternatives of a pattern capture by several. */
const canonical: Readonly<Record<string, string>> = { id: 'package', program: 'package' }

/** What was captured, by the names that sentences have for it. */
export const captured = ({ id, program, ...values }: Readonly<Record<string, string>>): Record<string, string> => {
  const found = values['package'] ?? id ?? program
  return found === undefined ? values : { ...values, package: found }
}

/** Makes the rows of one log. */
export function signaturesOf(families: readonly [Family, ...Family[]]) {
  const named = catalogues[families[0]]
  const row = (
    kind: Signature['kind'],
    id: string,
    topic: string,
    pattern: RegExp,
    source: string,
    has: { readonly means: boolean; readonly fix: boolean },
    {
      weight = 50,
      of = [],
      rules = [],
      isConfirmed = true,
      events,
      component,
      onlyErrors,
      own,
      near,
      span,
      codes = [],
      ...more
    }: More,
  ): Signature => {
    const captures = [...groupsOf(pattern), ...(more.captures ?? [])]
    const plain =
      (name: string): Told =>
      () => ({ say: named(`${id}-${name}`) as MessageId })
    return {
      id, kind, families, pattern, topic, weight, of, rules, source, isConfirmed, codes, captures,
      title: (given = {}) => {
        const values = Object.fromEntries(captures.map((name) => [name, clean(given[name])]))
        if (more.title) return more.title(values)
        return { say: named(`${id}-title`) as MessageId, ...(captures.length > 0 && { values }) }
      },
      means: more.means ?? (has.means ? plain('means') : undefined),
      fix: more.fix ?? (has.fix ? plain('fix') : undefined),
      ...(events && { events }), ...(component && { component }), ...(onlyErrors && { onlyErrors }), ...(own && { own }), ...(near && { near }), ...(span && { span }),
    } // prettier-ignore
  }
  const all = { means: true, fix: true }
  return {
    failure: (id: string, topic: string, pattern: RegExp, source: string, more: More = {}): Signature => row('failure', id, topic, pattern, source, all, more),
    /** A consequence, which alone is told as the failure that its words are. */
    effect: (id: string, of: readonly string[], pattern: RegExp, source: string, more: More = {}): Signature => row('effect', id, of[0]!, pattern, source, all, { weight: 10, of, ...more }),
    hint: (id: string, pattern: RegExp, source: string, more: More = {}): Signature => row('hint', id, id, pattern, source, { means: true, fix: more.hasFix === true }, more),
    good: (id: string, pattern: RegExp, source: string, more: More = {}): Signature => row('good', id, id, pattern, source, { means: false, fix: false }, more),
    harmless: (id: string, pattern: RegExp, source: string, more: More = {}): Signature => row('harmless', id, id, pattern, source, { means: true, fix: false }, { weight: 200, ...more }),
  } // prettier-ignore
}

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
  wdsScreen: 'Reports of administrators; the screen of WDS in languages other than English is unconfirmed',
} as const
