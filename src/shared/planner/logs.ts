/**
 * Known signatures in CreateTSMedia.log, SMSPXE.log, smsts.log and the logs of Windows Setup: what they mean, what helps, and
 * the rules that would have told it before.
 */
import { readLogLines, type LogLine } from './log-lines.ts'

export interface Signature {
  readonly id: string
  readonly title: string
  readonly pattern: RegExp
  readonly kind: 'failure' | 'hint' | 'good'
  readonly means: string
  readonly remedy: string
  readonly rules: readonly string[]
  readonly source: string
}

const sequence = 'Create a task sequence to upgrade an OS'
const pxeDocument = 'Microsoft, Understand PXE boot in Configuration Manager; Troubleshoot PXE boot issues'
const setupDocument = 'Microsoft, Windows upgrade resolution procedures; Windows upgrade error codes'
const winInet = 'Microsoft, WinINet error messages (facility 7, code from 12000 on)'
const win32 = 'Microsoft, System error codes (facility 7 of an HRESULT)'

const sign = (
  id: string,
  kind: Signature['kind'],
  pattern: RegExp,
  title: string,
  means: string,
  remedy: string,
  source: string,
  rules: readonly string[] = [],
): Signature => ({ id, kind, pattern, title, means, remedy, source, rules })

/** A code, with and without 0x. */
const code = (hex: string): RegExp => new RegExp(`\\b(0x)?${hex}\\b`, 'i')

/** The more particular first: a line is told by the first that fits. */
export const signatures: readonly Signature[] = [
  sign('feature-update-media', 'failure', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?80070490|Failed to create media generator \((0x)?80070490\)/i, 'A feature update on stand-alone media', 'The task sequence upgrades by a feature update, and its content cannot be put on stand-alone media.', 'Put a task sequence with an upgrade package on the media.', `${sequence}, Create standalone media`, ['FU-09', 'IPU-12']),
  sign('not-found', 'failure', code('80070490'), 'Element not found (0x80070490)', 'Something that is referred to is not there. When media is created it is a feature update in the task sequence.', 'Look at the lines before it for what was looked for; for media use an upgrade package.', win32, ['FU-09']),
  sign('no-certificate-list', 'failure', code('80092002'), 'The PXE point cannot read the certificates of the management point', 'The list of issuing certificates is missing or cannot be decoded, and no request reaches the management point: every client is left without an answer.', 'Renew the certificate of the distribution point and the registry value IssuingCertificateList, and restart the PXE service.', pxeDocument, ['OSD-MP-01']),
  sign('no-management-point', 'failure', /PXE Provider failed to (initialize MP connection|process message)|PXE::MP_(GetList|LookupDevice|ReportStatus) failed/i, 'The PXE point does not reach its management point', 'No client is looked up while it does not: nobody gets a boot image.', 'Open the address of the management point from the distribution point; look at IIS there, at certificates and at the firewall.', pxeDocument, ['OSD-MP-01', 'OSD-IIS-01']),
  sign('no-advertisement', 'failure', /no advertisements found/i, 'Nothing is deployed to this machine', 'The machine is known or unknown, but no task sequence is deployed to a collection it is in, or none for PXE.', 'Deploy the task sequence to its collection, available to media and PXE; update the membership of the collection.', pxeDocument, ['OSD-PXE-02']),
  sign('no-boot-action', 'failure', /No boot action\. Aborted/i, 'There is no task sequence for this machine now', 'The management point named none for it, and PXE was ended: the machine goes on with its disk.', 'Deploy a task sequence to it; for one that ran before clear the required PXE deployments of the machine.', pxeDocument),
  sign('not-serviced', 'failure', /: Not serviced\./i, 'The request was not answered', 'The machine is unknown and unknown computers are not supported, or the MAC address is left out.', 'Enable unknown computer support on the distribution point, or add the machine.', pxeDocument, ['OSD-PXE-02']),
  sign('no-mac-list', 'hint', /MAC Ignore List Filename in registry is empty|Cannot read the registry value of MACIgnoreListFile/i, 'No list of MAC addresses to ignore', 'That is the rule, and nothing is wrong.', 'Nothing has to be done.', pxeDocument),
  sign('device-known', 'good', /device is in the database/i, 'The machine is known to the site', 'Its MAC address or GUID was found.', 'Nothing has to be done.', pxeDocument),
  sign('image-found', 'good', /Found new image (\w+)/i, 'A boot image was found', 'The PXE point serves it from now on.', 'Nothing has to be done.', pxeDocument),
  sign('booted-pxe', 'good', /Booted from network \(PXE\)/i, 'Windows PE came by PXE', 'The boot itself has worked: what fails after it is the task sequence or the network of Windows PE.', 'Nothing has to be done.', pxeDocument),
  sign('variables-loaded', 'good', /Successfully downloaded pxe variable file/i, 'The variables were loaded', 'TFTP has served the boot image and the file of variables.', 'Nothing has to be done.', pxeDocument),
  sign('name-not-resolved', 'failure', code('80072ee7'), 'A server name is not resolved (0x80072EE7)', 'Windows PE has an address, and DNS does not know the management point or the distribution point.', 'Give the scope a DNS server and a domain name that know it.', winInet, ['OSD-DNS-01']),
  sign('timed-out', 'failure', code('80072ee2'), 'A server does not answer in time (0x80072EE2)', 'The request went out and no answer came.', 'Look at firewalls between this network and the management point or distribution point.', winInet, ['OSD-MP-01', 'OSD-DP-01']),
  sign('not-connected', 'failure', code('80072efd'), 'A server refuses the connection (0x80072EFD)', 'Nobody listens there, or something between them refuses.', 'Look whether IIS runs on the server, and whether the port is open.', winInet, ['OSD-IIS-01']),
  sign('certificate-refused', 'failure', code('80072f8f'), 'A certificate is not accepted (0x80072F8F)', 'Most often the clock of the machine is wrong, and the certificate seems not valid yet or no longer.', 'Set the clock in the firmware; then look at the certificate of the server.', winInet),
  sign('hash', 'failure', code('80091007'), 'Content was changed on its way (0x80091007)', 'Its hash is not that of the package.', 'Update the content on the distribution point.', 'Microsoft, Distribution point content', ['OSD-DP-01']),
  sign('no-mp-found', 'failure', code('87d00269'), 'No management point was found (0x87D00269)', 'None of them answers for the boundary of this machine.', 'Give its network a boundary group with a site system, and look at the management point.', 'Microsoft, Configuration Manager client error codes', ['OSD-MP-01', 'VER-05']),
  sign('low-disk', 'failure', code('C190020E'), 'The system disk is too small (0xC190020E)', 'Setup finds less free space than it wants.', 'Free space, and start again.', setupDocument),
  sign('requirements', 'failure', /\b(0x)?C190020[02]\b/i, 'The computer does not meet the requirements (0xC1900200)', 'Setup wants more of the computer than it has.', 'Compare the computer with the requirements of the target.', setupDocument, ['IPU-01', 'IPU-02']),
  sign('choice', 'failure', code('C1900204'), 'Applications and settings cannot be kept (0xC1900204)', 'Edition, architecture or language of the package is not that of the computer.', 'Use a package that is the same, or deploy the traditional way.', setupDocument, ['IPU-03', 'IPU-08']),
  sign('application', 'failure', code('C1900208'), 'An application or driver stands in the way (0xC1900208)', 'Setup names it in the compatibility report (CompatData*.xml in the Panther folder).', 'Update or remove it, and start again.', setupDocument, ['IPU-10']),
  sign('no-issues', 'good', code('C1900210'), 'No compatibility problem was found (0xC1900210)', 'That is the good end of a compatibility scan.', 'Nothing has to be done.', setupDocument, ['TS-02']),
  sign('cleanup', 'failure', code('C1900107'), 'An earlier upgrade has not been cleaned up (0xC1900107)', 'A restart is pending from it.', 'Restart, and start again.', setupDocument, ['OSD-WDS-04']),
  sign('product-key', 'failure', code('C004F050'), 'The product key is not valid (0xC004F050)', 'The key does not belong to this edition, or has a mistake.', 'Correct the product key in the task sequence; for volume licences it may be empty.', 'Microsoft, Windows activation error codes', ['TS-06']),
  sign('denied', 'failure', code('80070005'), 'Access denied (0x80070005)', 'The account may not read or write what the line names.', 'For content look at the network access account and at anonymous access of the distribution point.', win32, ['OSD-DP-01']),
  sign('file-missing', 'failure', code('80070002'), 'A file was not found (0x80070002)', 'In a task sequence the content of a package is not on a distribution point that this machine reaches.', 'Distribute the package; look at the boundary group; without HTTPS or enhanced HTTP set a network access account.', win32, ['OSD-DP-01', 'IPU-06', 'FU-02']),
  sign('path-missing', 'failure', code('80070003'), 'A folder was not found (0x80070003)', 'The path that the line names is not there; in Windows PE often because no disk is formatted or its driver is missing.', 'Look at the steps that partition the disk, and add the storage driver to the boot image.', win32, ['OSD-DRV-01']),
  sign('disk-full', 'failure', code('80070070'), 'The disk is full (0x80070070)', 'There is no room for what was to be written.', 'Free space, or choose a larger disk.', win32),
  sign('unspecified', 'hint', code('80004005'), 'Unspecified error (0x80004005)', 'It only says that something before it has failed.', 'Look at the lines before it.', win32),
] // prettier-ignore

export interface LogFinding {
  readonly signature: Signature
  /** The first of the lines, and how many there are. */
  readonly first: LogLine
  readonly last: LogLine
  readonly count: number
}

export interface LogReading {
  readonly lines: number
  /** What is known, failures first, each kind in the order in which it came. */
  readonly findings: readonly LogFinding[]
  /** Lines that tell of an error, and that nothing here knows. */
  readonly strange: readonly LogLine[]
  readonly strangeCount: number
}

const mostStrange = 50
/** An HRESULT or NTSTATUS that is a failure. */
const failureCode = /\b0x[89a-f][0-9a-f]{7}\b/i
const kinds = ['failure', 'hint', 'good'] as const

/** Reads a log or an excerpt of one. */
export function readLog(text: string): LogReading {
  const lines = readLogLines(text)
  const found = new Map<Signature, { first: LogLine; last: LogLine; count: number }>()
  const strange: LogLine[] = []
  let strangeCount = 0
  for (const line of lines) {
    const signature = signatures.find(({ pattern }) => pattern.test(line.text))
    const before = signature && found.get(signature)
    if (signature && !before) found.set(signature, { first: line, last: line, count: 1 })
    else if (before) {
      before.last = line
      before.count++
    } else if (line.level === 'error' || failureCode.test(line.text)) {
      strangeCount++
      if (strange.length < mostStrange) strange.push(line)
    }
  }
  const findings = [...found].map(([signature, told]) => ({ signature, ...told }))
  return {
    lines: lines.length,
    findings: kinds.flatMap((kind) => findings.filter(({ signature }) => signature.kind === kind)),
    strange,
    strangeCount,
  }
}
