/** Logs of what works, with the warnings and codes that they have then: nobody is accused. */
import { describe, expect, test } from 'vitest'
import { readLog, type LogReport } from '#shared/logs/reading.ts'
import { tagged } from '../helpers/told-log.ts'

type Row = readonly [component: string, text: string, type?: number]
const logOf = (rows: readonly Row[]): string => rows.map(([component, text, type], at) => tagged(text, component, type ?? 1, at)).join('') // prettier-ignore
const accused = (report: LogReport): unknown => report.stories.flatMap((one) => [...one.failures.filter((failure) => !failure.isOvercome).map(({ id, entry }) => `${id}: ${entry.text}`), ...one.strange.map(({ text }) => `?: ${text}`)]) // prettier-ignore

const mac = '00:15:5D:00:19:CA'

/** As Windows PE leaves it: the machine restarts into the new Windows. */
const untilRestart: readonly Row[] = [
  ['TSBootShell', 'Booted from network (PXE)'],
  ['TSBootShell', 'TS environment is not initialized', 3],
  ['TSPxe', 'Successfully downloaded pxe variable file.'],
  ['TSMBootstrap', 'hMap != 0, HRESULT=80070002 (..\\environmentscope.cpp,493)', 0],
  ['TSMBootstrap', "Could not find CCM install folder. Don't use ccmerrors.dll", 2],
  ['TSMBootstrap', 'Error getting system isolation info. Code 8027000C', 2],
  ['TSMBootstrap', 'CLibSMSMessageWinHttpTransport::Send: URL: CMG1.CLOUDAPP.NET:443  CCM_POST /CCM_Proxy_ServerAuth/72057594037927950/ccm_system_AltAuth/request'],
  ['TSMBootstrap', 'Request was successful.', 0],
  ['OSDDiskPart', 'Unable to find a volume on disk 1; it is left alone. 0x80070490'],
  ['OSDDiskPart', 'Volume D:\\ cannot be used: no file system', 2],
  ['ApplyOperatingSystem', '401 - Unsuccessful with anonymous access. Retrying with context credentials.'],
  ['OSDNetSettings', 'NetJoinDomain succeeded, options 0x00000003'],
  ['TSManager', 'Successfully completed the action (Wait for 0x80072ee7) with the exit win32 code 0'],
  ['TSManager', 'The action (Setup Windows and Configuration Manager) initiated a reboot request'],
  ['TSManager', 'Execution engine result code: Reboot (2)', 2],
  ['TSMBootstrap', 'Process completed with exit code 2147945410', 0],
  ['TSMBootstrap', 'Task Sequence Manager returned code 0x80070BC2'],
  ['TSBootShell', 'GetTsRegValue() is unsuccessful. 0x80070002.', 2],
  ['TSBootShell', 'TS environment is not initialized', 3],
] // prettier-ignore

const logs: Readonly<Record<string, readonly Row[]>> = {
  'smsts.log until the restart': untilRestart,
  'a step that ends with 3010': [['TSManager', 'Process completed with exit code 3010'], ['TSManager', 'Exiting with code 0x80070BC2'], ['TSManager', 'Successfully completed the action (Install X) with the exit win32 code 3010']],
  'a compatibility scan in a task sequence': [['OSDUpgradeWindows', 'Windows Setup completed with exit code 0xC1900210'], ['TSManager', 'Parsing step node: Upgrade Operating System']],
  'Distmgr.log': [['SMS_DISTRIBUTION_MANAGER', 'Restart required: No'], ['SMS_DISTRIBUTION_MANAGER', 'RebootNeeded = 0'], ['SMS_DISTRIBUTION_MANAGER', 'A reboot is not required.'], ['SMS_DISTRIBUTION_MANAGER', 'Content was copied with 0 errors, failed 0'], ['SMS_DISTRIBUTION_MANAGER', 'Successfully updated WDS is missing driver list for package PS100005']],
  'the responder without WDS': [['SMSPXE', `PXE: ${mac}: Operation=1, MessageType=1, Architecture=7`], ['SMSPXE', `PXE: ${mac}: Client is 64-bit, UEFI, Firmware.`], ['SMSPXE', `PXE: ${mac}: Using Task Sequence deployment PS120010.`], ['SMSPXE', `PXE: ${mac}: Operation=2, MessageType=5`], ['SMSPXE', 'TFTP: 10.1.0.55: aborted: 8, User aborted the transfer']],
  'Windows Setup': [['SP', 'CSetupPlatform::ResurrectAutomation: Failed to resurrect automation: 0x80070002[gle=0x00000002]', 3], ['Setup', 'CSetupAutomation::Resurrect: File not found: C:\\$WINDOWS.~BT\\Sources\\Panther\\automation.dat[gle=0x00000002]', 3]],
} // prettier-ignore

test.each(Object.entries(logs))('%s', (_name, rows) => {
  const report = readLog(logOf(rows))
  expect([report.outcome, accused(report)]).toEqual(['open', []])
})

test.each([
  ['SMSPXE', 'Boot image PS100005 was updated: removing old copy, 0 failed'],
  ['SMSPXE', `PXE: ${mac}: Ignoring request: this distribution point delays its answer by 2 seconds`],
  ['SMSPXE', `PXE: ${mac}: Ignoring request since it is not for this server`],
  ['SMSPXE', 'Ignoring a packet of another interface'],
  ['SMSPXE', `PXE: ${mac}: Ignoring request: option 60 is not PXEClient`],
  ['SMSPXE', `PXE: ${mac}: The request is ignored because another server was selected`],
  ['TSManager', 'Executing command line: cmd.exe /c echo Failed 0x80070005'],
  ['TSManager', 'No network access account needed: HTTPS'],
  ['DownloadContent', 'Downloading file /SMS_DP_SMSPKG$/PS100012/failed-tests.zip'],
  ['DownloadContent', 'Download of PS100012 is done; 3 files, 0 failed'],
])('%s: %s', (component, text) => {
  expect(accused(readLog(tagged(text, component)))).toEqual([])
})

test('cut anywhere, a log of what works accuses nobody, and ends well where its end is told', () => {
  const rows: readonly Row[] = [...untilRestart, ['TSManager', 'Task Sequence Engine succeeded! Execution History:']]
  for (let from = 0; from < rows.length; from++) {
    expect(accused(readLog(logOf(rows.slice(from))))).toEqual([])
    expect(accused(readLog(logOf(rows.slice(0, from))))).toEqual([])
  }
  expect(readLog(logOf(rows)).outcome).toBe('good')
})

const event = (source: string, id: number, level: string, text: string): string => `Log Name:      System\nSource:        ${source}\nDate:          11/24/2026 9:00:00 AM\nEvent ID:      ${id}\nLevel:         ${level}\nDescription:\n${text}\n\n` // prettier-ignore
const dhcp = 'Microsoft-Windows-DHCP-Server'

describe('events', () => {
  test.each([
    [dhcp, 1056, 'Error', 'The DHCP service has detected that it is running on a DC and has no credentials configured for use with Dynamic DNS registrations initiated by the DHCP service.'],
    [dhcp, 1020, 'Warning', 'Scope, 10.1.0.0, is 80 percent full with only 20 IP addresses remaining.'],
    [dhcp, 1144, 'Warning', 'This computer has at least one dynamically assigned IP address. For reliable DHCP Server operation, you should use only static IP addresses.'],
    [dhcp, 1035, 'Warning', 'The DHCP service was unable to create or lookup the DHCP Users local group on this computer. The error code is in the data.'],
    ['WDSServer', 257, 'Information', 'The service was started.'],
    ['WDSServer', 770, 'Information', 'A UDP endpoint created for provider WDSPXE on interface 10.0.0.1:67 has been shutdown.'],
  ])('%s %i is no failure', (source, id, level, text) => {
    const report = readLog(event(source, id, level, text))
    expect([report.outcome, accused(report)]).toEqual(['open', []])
  }) // prettier-ignore

  // Their own service may be ill; which one that is, only the words say.
  test.each([
    ['Service Control Manager', 7031, 'Error', 'The Print Spooler service terminated unexpectedly.  It has done this 1 time(s).'],
    ['Service Control Manager', 7000, 'Fehler', 'Der Dienst "Druckwarteschlange" wurde aufgrund folgenden Fehlers nicht gestartet: %%2'],
    ['SideBySide', 33, 'Error', 'Activation context generation failed for "C:\\Program Files\\Other\\foo.exe". Dependent Assembly Microsoft.VC80.CRT,processorArchitecture="amd64" could not be found.'],
  ])('%s %i of another program is not one of WDS', (source, id, level, text) => {
    const report = readLog(event(source, id, level, text))
    expect([report.outcome, report.stories.flatMap((one) => one.failures)]).toEqual(['unknown', []])
  }) // prettier-ignore

  test.each([
    ['service', 7024, 'Der Dienst "Windows-Bereitstellungsdiensteserver" wurde mit dem folgenden dienstspezifischen Fehler beendet: %%-1056505588'],
    ['service-port', 7023, 'Der Dienst "Windows-Bereitstellungsdiensteserver" wurde mit folgendem Fehler beendet: %%10048'],
    ['responder-service', 7034, 'The ConfigMgr PXE Responder Service service terminated unexpectedly.'],
    ['dhcp-service', 7023, 'The DHCP Server service terminated with the following error: %%10048'],
  ])('the service is told: %s', (id, number, text) => {
    const report = readLog(event('Service Control Manager', number, 'Error', text))
    expect(report.stories.flatMap((one) => one.failures.map((failure) => failure.id))).toEqual([id])
  }) // prettier-ignore

  test('a level in a language that is not known says nothing, and the number counts', () => {
    const report = readLog(event('WDSPXE', 259, 'Fout', 'Er is een fout opgetreden.'))
    expect(report.stories.flatMap((one) => one.failures.map((failure) => failure.id))).toEqual(['provider-module'])
    expect(readLog(event('WDSPXE', 999, 'Ошибка', 'failed (0x5)')).outcome).toBe('unknown')
  })
})

test('machines of the responder without WDS are told apart', () => {
  const other = '00:15:5D:00:19:CB'
  const report = readLog(logOf([['SMSPXE', `PXE: ${mac}: Operation=1, MessageType=1`], ['SMSPXE', `PXE: ${other}: Operation=1, MessageType=1`], ['SMSPXE', `PXE: ${mac}: Using Task Sequence deployment PS120010.`], ['SMSPXE', `PXE: ${other}: No boot action. Aborted.`], ['SMSPXE', `PXE: ${other}: Not serviced.`]])) // prettier-ignore
  expect(report.stories.map((one) => [one.mac, one.outcome, one.requests])).toEqual([[other, 'failed', 1], [mac, 'open', 1]]) // prettier-ignore
})

test('a step that failed has its name, also where its program told a code before', () => {
  const rows: readonly Row[] = [['TSManager', 'Process completed with exit code 2147942402'], ['TSManager', 'Failed to run the action: Install BIOS. The system cannot find the file specified. (Error: 80070002; Source: Windows)', 3], ['TSManager', 'Error Task Sequence Manager failed to execute task sequence. Code 0x80004005', 3]] // prettier-ignore
  const [story] = readLog(logOf(rows)).stories
  expect(story!.failures.map(({ id, count }) => [id, count])).toEqual([['step', 3]])
})
