/** The forms a single line of a log can have, told apart by what only they write. */
import type { LogEntry } from './entry.ts'
import type { LogClock } from './log-time.ts'

/** What a line tells of itself; the reader adds where it stands. */
export type LineParts = Pick<
  LogEntry,
  'text' | 'component' | 'thread' | 'id' | 'level' | 'time' | 'localMs' | 'biasMinutes'
>

export const bare = (text: string): LineParts => ({
  text,
  component: undefined,
  thread: undefined,
  id: undefined,
  level: undefined,
  time: undefined,
  localMs: undefined,
  biasMinutes: undefined,
})

/** The level of an event as a word or number of its column; undefined in a language that is not known. */
export const eventLevel = (word: string | undefined): LogEntry['level'] =>
  word === undefined
    ? undefined
    : /err|fehl|crit|krit|エラー|重大|错误|严重|^[12]$/i.test(word)
      ? 'error'
      : /warn|avert|advert|avvis|警告|^3$/i.test(word)
        ? 'warning'
        : /inf|verbos|情報|信息|^[04]$/i.test(word)
          ? 'info'
          : // A language that is not known tells nothing.
            undefined

const timed = (clock: LogClock, text: string | undefined): Pick<LineParts, 'time' | 'localMs' | 'biasMinutes'> => {
  const read = text === undefined ? undefined : clock.read(text)
  return { time: read?.text ?? text, localMs: read?.localMs, biasMinutes: read?.biasMinutes }
}

const attribute = (tags: string, name: string): string | undefined =>
  // Blogs and mail programs make curly quotation marks of them.
  new RegExp(`\\b${name}=["'“”″]([^"'“”″]*)["'“”″]`).exec(tags)?.[1] || undefined
const levels: Readonly<Record<string, LogEntry['level']>> = { 1: 'info', 2: 'warning', 3: 'error' }

/** The tags behind a CMTrace entry: `<time="09:00:01.123-060" date="11-24-2026" component="SMSPXE" ...>`. */
export function taggedParts(text: string, tags: string, clock: LogClock): LineParts {
  const [time, date] = [attribute(tags, 'time'), attribute(tags, 'date')]
  return {
    ...bare(text),
    component: attribute(tags, 'component'),
    thread: attribute(tags, 'thread'),
    level: levels[attribute(tags, 'type') ?? ''],
    ...timed(clock, time === undefined ? undefined : `${date === undefined ? '' : `${date} `}${time}`),
  }
}

/** `text  $$<component><date time><thread=4711 (0x1267)>`, of older components. */
const dollars = /\$\$<([^<>]{0,100})><([^<>]{0,60})>(?:<thread=(\w+)[^<>]{0,40}>)?\s*$/
/** The last columns of a line that was copied out of CMTrace, with its tabs or with blanks in their place. */
const columns =
  /(?:\t|\s{1,8})(?:((?:SMS |CcmExec |MP )?[A-Za-z][\w$-]{1,60})\s{1,8})?(\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4} \d{1,2}[:.]\d\d[:.]\d\d(?:[.,]\d+)?(?: [AP]M)?)\s{1,8}(\d{1,6}) \(0x[\da-f]{1,8}\)\s*$/i
/** The same as documents print it, where the tabs were lost. */
const gluedColumns =
  /(SMS Provider|SMS_[A-Z_]{3,40}?|SMSPXE|TSManager|TSMBootstrap)(\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d)(\d{1,6}) \(0x[\da-f]{1,8}\)\s*$/i
const tailChars = 220

/**
 * The columns that end an entry of several lines; undefined where the line ends none. Only the tail is searched: the
 * text before it can be as long as it likes.
 */
export function endingParts(line: string, clock: LogClock): LineParts | undefined {
  const from = Math.max(0, line.length - tailChars)
  const tail = from === 0 ? line : line.slice(from)
  const found = tail.includes('$$<') ? dollars.exec(tail) : tail.includes('(0x') ? (columns.exec(tail) ?? gluedColumns.exec(tail)) : null // prettier-ignore
  if (!found) return undefined
  return {
    ...bare(line.slice(0, from + found.index).trimEnd()),
    component: found[1],
    thread: found[3],
    ...timed(clock, found[2]),
  }
}

const setup =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d\d:\d\d), (Info|Warning|Error|Fatal \w+|Perf)(?:\s+\[(0x[\da-f]+)\])?\s*(?:\[([\w. ]{1,24})\]\s{2,}|([A-Za-z]{1,14})\s{2,}|(SYSPRP|PANTHR|IBSLIB|DIAGER) )?(.*)$/

/** `2026-01-31 12:00:00, Error      [0x0803e5] MOUPG  text`, of Windows Setup, DISM and CBS. */
export function setupParts(line: string, clock: LogClock): LineParts | undefined {
  const found = setup.exec(line)
  if (!found) return undefined
  const [, time, level, , boxed, component, unpadded, text] = found
  return {
    ...bare(text!.trimEnd()),
    // Without a component the line is still one of Setup.
    component: component ?? unpadded ?? boxed ?? 'Setup',
    level: level === 'Warning' ? 'warning' : level === 'Info' || level === 'Perf' ? 'info' : 'error',
    ...timed(clock, time),
  }
}

/** `[66C][Thu 09/04/2014 11:30:28]:text`, of the distribution point's provider. */
const bracketed = /^\s*\[([\da-f]{1,8})\]\s?\[((?:\w{3} )?\d{1,2}\/\d{1,2}\/\d{4} [\d:]+)\]:\s?(.*)$/i
/** `<09-04-2014 11:30:28> text`, of Configuration Manager's installers. */
const angled = /^<(\d{1,2}[-/]\d{1,2}[-/]\d{2,4} \d{1,2}:\d\d:\d\d)>\s?(.*)$/
/** `[2416] 16:01:36: [WDSTFTP][UDP] text`, of the traces of WDS. */
const traced = /^\[(\d{1,6})\] (\d\d:\d\d:\d\d): (?:\[(\w{2,20})\])?(.*)$/
/** A date and a time in front of a text. */
const stamped = /^\[?(\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}[ T]\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: [AP]M)?(?:Z|[+-]\d\d:?\d\d)?)\]?[\s,:;-]{1,4}(\S.*)$/i // prettier-ignore
/** Source and number of an event in front of its text, as people paste it. */
const event =
  /^(?:(?:Error|Warning|Information)\s+)?(WDSServer|WDSPXE|BINLSVC|WDSTFTP|WDSMC|WDSIMGSRV|WDSDDPS|WDSImgSrv|SideBySide|Service Control Manager|(?:Microsoft-Windows-)?DHCP-?Server|Microsoft-Windows-Deployment-Services-Diagnostics|Deployment-Services-Diagnostics)[,;:\t ]+(?:Event ?(?:ID)?:? ?)?(\d{1,5})[,;:\t -]+(.*)$/i
/** What documents and posts write before or behind a line: `SMSPXE    text` and `text TSPxe`. */
const names =
  'SMSPXE|TSPxe|TSMBootstrap|TSBootShell|TSManager|TSMessaging|TSAgent|ApplyOperatingSystem|InstallApplication|InstallSoftware|InstallSWUpdate|OSDDiskPart|OSDSetupHook|OSDSetupWindows|OSDDriverClient|OSDNetSettings|OSDWinSettings|OSDUpgradeWindows|OSDRunPowerShellScript|OSDOfflineBitlocker|OSDBitLocker|DownloadContent|SMS_DISTRIBUTION_MANAGER|SMS_CERTIFICATE_MANAGER|OSDDownloadContent|SMS_PACKAGE_TRANSFER_MANAGER|SMS_OFFLINE_SERVICING_MANAGER|SYSPRP|SMS Provider|CreateTsMedia'
const leading = new RegExp(`^(${names})(?::\\s|\\s+)(\\S.*)$`)
const subject = new RegExp(`^(?:${names}) [a-z]`)
const trailing = new RegExp(`^(.*\\S)\\s+(${names})$`)

/** A row of what Event Viewer saves or copies as text or CSV: level, time, source, number, task, and the message where it is there. */
const savedEvent =
  /^(\p{L}{2,20})[\t,](\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4} \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)[\t,]([\w .-]{3,80})[\t,](\d{1,5})[\t,][^\t,]{0,80}(?:[\t,]"?(.*))?$/u
/** `   1234 Nov 24 09:00  Error       WDSPXE   259 An error ...`, of Get-EventLog; its number has the severity above it. */
const listedEvent = /^\s{0,12}\d{1,9} ([A-Z][a-z]{2} \d\d \d\d:\d\d)\s{2,8}(\p{L}{3,16})\s{1,12}(\S(?:[\w .-]{0,60}\S)?)\s{1,30}(\d{1,10}) (.*)$/u // prettier-ignore

export function eventRowParts(line: string, clock: LogClock): LineParts | undefined {
  const saved = savedEvent.exec(line)
  if (saved) return { ...bare((saved[5] ?? '').replace(/"$/, '')), component: saved[3], id: Number(saved[4]), level: eventLevel(saved[1]), ...timed(clock, saved[2]) } // prettier-ignore
  const listed = listedEvent.exec(line)
  return listed ? { ...bare(listed[5]!), component: listed[3], id: Number(listed[4]) & 0xffff, level: eventLevel(listed[2]), time: listed[1] } : undefined // prettier-ignore
}

/** `10,11/24/26,09:00:01,Assign,10.7.0.51,pc7.corp.example,525400770001,...`, of the audit log of a Windows DHCP server. */
const auditRow = /^(\d\d),(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}\.?),(\d{1,2}[:.]\d\d[:.]\d\d),(.*)$/
/** Its head: the title, what the numbers mean, the names of the columns; in the language of the server. */
const auditHead = /^(?:\s.*\bDHCP(?:v6)?\b|\d\d\+?\t|ID,[^,]+,[^,]+,)/

/** A line of an audit log of a Windows DHCP server; `isHead`: its rows have not begun. */
export function auditParts(line: string, isHead: boolean, clock: LogClock): LineParts | undefined {
  const row = auditRow.exec(line)
  if (row) return { ...bare(row[4]!), component: 'DhcpSrvLog', id: Number(row[1]), ...timed(clock, `${row[2]!.replaceAll(' ', '').replace(/\.$/, '')} ${row[3]}`) } // prettier-ignore
  return isHead && auditHead.test(line) ? { ...bare(line.trim()), component: 'DhcpSrvLog', level: 'info' } : undefined
}

/** Programs of Linux whose lines are known, by the names that they have in syslog. */
const programs: Readonly<Record<string, string>> = {
  'dnsmasq': 'dnsmasq', 'dnsmasq-dhcp': 'dnsmasq', 'dnsmasq-tftp': 'dnsmasq', 'dhcpd': 'dhcpd', 'dhcpd6': 'dhcpd', 'odhcpd': 'odhcpd', 'radvd': 'radvd',
  'in.tftpd': 'tftpd', 'tftpd': 'tftpd', 'atftpd': 'tftpd', 'nginx': 'nginx',
} // prettier-ignore
/** A time as syslog, journalctl, OpenWrt, radvd and containers write it, a host, a facility, the program with its number; RFC 3164 and 5424. */
const syslog =
  /^(?:<\d{1,3}>1? ?)?(?:\[?((?:\w{3} {1,2})?\w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\d\d:\d\d:\d\d)\]? )?(?:[\w.-]{1,64} )?(?:\w{2,10}\.)?(?:(emerg|alert|crit|err|error|warn|warning|notice|info|debug) )?([a-z][\w.-]{2,15})(?:\[\d{1,8}\]| \(\d{1,8}\)|\(\d{1,8}\))?: (\S.*)$/
/** `2026-03-01 10:00:01.123 WARN  [kea-dhcp6.alloc-engine/814.140] text`, alone or behind what syslog puts before it. */
const kea = /^(.{0,160}?)\b(FATAL|ERROR|WARN|INFO|DEBUG) {1,4}\[kea-dhcp[46](?:\.[\w-]+)?(?:\/[\d.]+)?\] (\S.*)$/
/** `2026/03/01 10:00:00 [error] 33#33: *44 text`. */
const nginx = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(\w+)\] \d+#\d+: (?:\*\d+ )?(\S.*)$/

const syslogLevel = (word: string | undefined): LogEntry['level'] =>
  word === undefined
    ? undefined
    : /^(?:emerg|alert|crit|err|fatal)/i.test(word)
      ? 'error'
      : /^warn/i.test(word)
        ? 'warning'
        : 'info'

/** A line of a DHCP or boot server of Linux; undefined for lines of other programs. */
export function serverParts(line: string, clock: LogClock): LineParts | undefined {
  const ofKea = line.includes('[kea-dhcp') ? kea.exec(line) : null
  if (ofKea) {
    const stamp = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?/.exec(ofKea[1]!)?.[0]
    return { ...bare(ofKea[3]!), component: 'kea', level: syslogLevel(ofKea[2]), ...timed(clock, stamp) }
  }
  const ofNginx = nginx.exec(line)
  if (ofNginx)
    return { ...bare(ofNginx[3]!), component: 'nginx', level: syslogLevel(ofNginx[2]), ...timed(clock, ofNginx[1]) }
  const found = line.length < 4000 ? syslog.exec(line) : null
  const component = found ? programs[found[3]!] : undefined
  if (!found || component === undefined) return undefined
  // OpenWrt writes facility and level as one word.
  const level = found[2] ?? /\b(?:daemon|local\d|user|kern)\.(\w+) /.exec(line)?.[1]
  return { ...bare(found[4]!), component, level: syslogLevel(level), ...timed(clock, found[1]) }
}

/** A line without columns of its own. */
export function plainParts(line: string, clock: LogClock): LineParts {
  const text = line.replace(/^(?:>\s?)+/, '').trimEnd()
  const told = serverParts(text, clock)
  if (told) return told
  const stamp = stamped.exec(text)
  return stamp ? { ...unstampedParts(stamp[2]!, clock), ...timed(clock, stamp[1]) } : unstampedParts(text, clock)
}

function unstampedParts(text: string, clock: LogClock): LineParts {
  const inBrackets = bracketed.exec(text)
  if (inBrackets)
    return { ...bare(inBrackets[3]!), component: 'SMSDPPROV', thread: inBrackets[1], ...timed(clock, inBrackets[2]) }
  const inAngles = angled.exec(text)
  if (inAngles) return { ...bare(inAngles[2]!), component: 'PXESetup', ...timed(clock, inAngles[1]) }
  const trace = traced.exec(text)
  if (trace) return { ...bare(trace[4]!.trim()), component: trace[3] ?? 'WDSServer', thread: trace[1], time: trace[2] }
  const told = event.exec(text)
  if (told) return { ...bare(told[3]!), component: told[1], id: Number(told[2]) }
  const named = leading.exec(text)
  // `CreateTsMedia failed with error`: the name is no column but what the sentence is about.
  if (named) return { ...bare(subject.test(text) ? text : named[2]!), component: named[1] }
  const after = text.length < 600 ? trailing.exec(text) : null
  return after ? { ...bare(after[1]!), component: after[2] } : bare(text)
}
