/** What lines mean: each by words that documents and reports show, in the log they are from. */
import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { inEnglish } from '#messages/text.ts'
import { codesIn, nameOf } from '#shared/logs/codes.ts'
import { readLog as read } from '#shared/logs/reading.ts'
import { signatureList } from '#shared/logs/signature-list.ts'
import { signatures } from '#shared/logs/signatures.ts'
import { rules } from '#shared/planner/plan.ts'
import { tagged } from '../helpers/told-log.ts'
import { spoken } from '../helpers/spoken.ts'

const readLog = (...given: Parameters<typeof read>) => spoken(read(...given))

const machine = '52:54:00:AA:BB:01, 11111111-2222-3333-4444-555555555555'

/** Failures by the log: what is told of one line. */
const lines: Readonly<Record<string, readonly (readonly [id: string, text: string])[]>> = {
  SMSPXE: [
    ['dp-certificate-expired', "Certificate [00AA] issued to 'dp1.corp.example' has expired."],
    ['dp-certificate-not-yet', "Certificate [Thumbprint 00AA] issued to 'dp1' is not yet valid."],
    ['dp-certificate-outside', 'Certificate not valid.\nA required certificate is not within its validity period (Error: 800B0101; Source: Windows)'],
    ['dp-certificate-refused', 'Failed to validate PXEClientKey certificate.'],
    ['no-issuing-list', 'Failed to create certificate store from encoded certificate. Verify the provided Certificate was provisioned correctly. .\nAn error occurred during encode or decode operation. (Error: 80092002; Source: Windows)'],
    ['no-issuing-list', 'PXE::CPolicyProvider::InitializeMPConnection failed; 0x80092002'],
    ['mp-authority', '[TSMESSAGING]            : WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA is set'],
    ['mp-certificate-name', ': WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID is set'],
    ['revocation', ': WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED is set'],
    ['client-certificate', 'Error. Received 0x80072f0c from WinHttpSendRequest.'],
    ['client-certificate', 'Error. Status code 403 returned'],
    ['certificate-date', ': WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID is set'],
    ['tls', 'sending with winhttp failed; 80072f8f'],
    ['mp-name', 'Failed to get information for MP: http://mp1.corp.example. 80072ee7.'],
    ['mp-timeout', 'sending with winhttp failed; 80072ee2'],
    ['mp-refused', 'Failed to get information for MP: http://mp1.corp.example. 80072efd.'],
    ['mp-status', 'Error. Status code 500 returned'],
    ['mp-down', 'Failed to get information for MP: http://mp1.corp.example. 80004005.'],
    ['mp-talk', 'PXE Provider failed to initialize MP connection.'],
    ['mp-talk', 'PXE::MP_ReportStatus failed; 0x80070490'],
    ['image-files', 'PXE::CBootImageManager::InstallBootFilesForImage failed; 0x80070003'],
    ['image-damaged', 'PXE::CBootImageManager::QueryWIMInfo failed; 0x8007000d'],
    ['image-missing', 'PXE::CBootImageCache::FindImage: Boot image P0100005 not found'],
    ['image-unavailable', `${machine}: Could not find an available image BootImageID=P0100005`],
    ['image-architecture', 'The SMS PXE Service Point does not have a boot image matching the processor architecture of the PXE booting device.'],
    ['boot-file-unreadable', 'Error opening file: C:\\RemoteInstall\\SMSBoot\\x64\\wdsmgfw.efi. Win32=2'],
    ['duplicate', 'MAC=52:54:00:AA:BB:01 SMBIOS GUID=11111111-2222-3333-4444-555555555555 > Device found in the database. MacCount=2 GuidCount=1'],
    ['ignored', `${machine}: MAC address is in the ignore list.`],
    ['ignored', `${machine}: Device will be ignored.`],
    ['ignored', 'Ignoring request from MAC 52:54:00:AA:BB:01'],
    ['unknown-off', `${machine}: Unknown computer support is disabled.`],
    ['already-ran', `${machine}: advertisement P0120001 has already run on the device.`],
    ['no-deployment', 'ProcessDatabaseReply: No Advertisement found in Db for device'],
    ['no-deployment', 'MAC=52:54:00:AA:BB:01 SMBIOS GUID=11111111-2222-3333-4444-555555555555 > The SMS PXE Service Point instructed device to boot normally since it has no PXE advertisement assigned'],
    ['not-serviced', `${machine}: Not serviced.`],
    ['boot-variables', 'Failed to write the variable file \\SMSTemp\\2026.boot.var'],
    ['dp-certificate-refused', 'Failed to import certificate: Cannot find object or property. (Error: 80092004; Source: Windows)'],
    ['port-taken', 'Failed to bind socket to 0.0.0.0:67. 10048'],
    ['tftp-file', 'TFTP: 10.1.0.55: not able to open smsboot\\P0100005\\x64\\bootmgfw.efi.'],
    ['pxe-test', 'PXE test request failed, error code is 16389. Error receiving replies.'],
    ['provider-stopped', 'PXE Provider shutdown.'],
    ['provider-stopped', '================= PXE Provider is shutting down. ====================='],
    ['image-damaged', 'Boot image P0100005 is corrupt'],
    ['image-architecture', 'The SMS PXE Service Point does not have a boot image matching the processor architecture of the PXE booting device. Device MAC Address:52:54:00:AA:BB:01 SMBIOS GUID:11111111-2222-3333-4444-555555555555.'],
  ],
  TSMBootstrap: [
    ['no-adapter', 'Failed to find a valid network adapter. Please ensure that this machine has a network adapter and appropiate network drivers.\nUnspecified error (Error: 80004005; Source: Windows)'],
    ['no-address', 'uWaitForNetwork: no adapters with IP address found. 0x80004005'],
    ['variables', 'Failed to download pxe variable file. Code(14)'],
    ['variables-command', 'PxeGetPxeData failed with 0x80004005'],
    ['name', 'unknown host (gethostbyname failed)'],
    ['server-timeout', 'Error. Received 0x80072ee2 from WinHttpSendRequest.'],
    ['server-refused', 'sending with winhttp failed; 80072efd'],
    ['server-reset', 'DownloadFileWithRanges() failed. 80072efe.'],
    ['untrusted', '[TSMESSAGING]            : WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA is set'],
    ['clock', ': WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID is set'],
    ['blocked-name', ': WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID is set'],
    ['tls', 'Error. Received 0x80072f8f from WinHttpSendRequest.'],
    ['client-certificate', 'Error. Received 0x80072f0c from WinHttpSendRequest.'],
    ['unauthorized', 'Error. Status code 401 returned'],
    ['dtd', 'XML parsing error at line 1 char 11: DTD is prohibited.'],
    ['locations', 'Failed to query http://mp1 for MP location'],
    ['server-status', 'Error. Status code 500 returned'],
    ['gateway', 'CLibSMSMessageWinHttpTransport::Send: https://x.cloudapp.net/CCM_Proxy_ServerAuth failed'],
    ['identity', 'Failed to get client identity (80004005)'],
    ['mp-talk', 'SyncTimeWithMP() failed. 80004005.'],
    ['no-sequence', 'There are no task sequences available to this computer. Please ensure you have at least one task sequence advertised to this computer.\nUnspecified error (Error: 80004005; Source: Windows)'],
    ['policy', 'Failed to download policy {1} (Code 0x80004005).'],
    ['content', 'Content location request for P0100012:3 failed. (Code 0x80040102)'],
    ['content', 'Failed to resolve the source for SMS PKGID=P0100012, hr=0x80040102'],
    ['clock', 'A required certificate is not within its validity period (Error: 800B0101; Source: Windows)'],
    ['hash', 'The hash value is not correct. Expected 1, and it is 2'],
    ['hash', 'Hash could not be matched for the downloaded content.'],
    ['no-account', 'The network access account is not defined.'],
    ['clock', 'The system time of this computer is out of sync with the server.'],
    ['gateway', 'Failed to connect to the cloud management gateway, 0x80072ee7'],
    ['no-disk', 'Invalid disk number specified: 0'],
    ['no-disk', 'Unable to find a raw disk that could be partitioned as the system disk'],
    ['setup-hook', 'Failed to install OSD setup hook (0x80070005)'],
    ['application', "Install application action failed: 'Reader'. Error Code 0x80004005"],
    ['required-mp', 'Policy Evaluation failed, hr=0x87d00269'],
    ['download', 'Download of PS100012 failed.'],
    ['download', 'Execution status received: 24 (Application download failed)'],
    ['join', 'Failed to join domain corp.example'],
    ['image-apply', 'Failed to apply image 1 from C:\\install.wim'],
    ['driver-package', 'Dism failed with return code -2147024809'],
    ['step', 'Failed to run the action: Apply Operating System. Access is denied. (Error: 80070005; Source: Windows)'],
    ['sequence-failed', 'Task Sequence Engine failed! Code: enExecutionFail'],
    ['program-exit', 'Process completed with exit code 2147942402'],
    ['join', 'NetJoinDomain returned 1355'],
    ['setup-windows', 'Windows Setup failed, code 0x80070002'],
    ['setup-c1900208', 'Windows Setup failed with hexadecimal exit code 0xC1900208 (decimal 3247440392).'],
  ],
  OSDDiskPart: [['partitioning', 'Failed to format the volume. 0x80070490']],
  PXESetup: [
    ['no-wds', 'WDS is NOT INSTALLED'],
    ['pxe-install', 'pxe.msi exited with return code: 1603'],
    ['pxe-install', 'Fatal MSI Error - pxe.msi could not be installed.'],
  ],
  SMS_DISTRIBUTION_MANAGER: [
    ['pxe-install', 'CDistributionManager::ConfigurePXE failed; 0x80070643'],
    ['dp-rpc', 'CDistributionManager::ConfigurePXE failed; 0x800706ba'],
  ],
  SP: [
    ['setup-place', 'Error: 0x8007042B - 0x4000D'],
    ['setup-driver', 'Operation failed: 0xC1900101 - 0x4000D'],
    ...['C1900200', 'C1900201', 'C1900202', 'C1900204', 'C1900205', 'C1900208', 'C1900209', 'C1900206', 'C190020E', 'C190020F', 'C190020C', 'C1900107', 'C1900215', 'C190010E', '800F0922', '800F081F', 'C004F050', 'C1420121'].map((code) => [`setup-${code.toLowerCase()}`, `Result = 0x${code}`] as const),
    ['mount-winre', 'CMountWIM::DoExecute: Failed to mount WIM file C:\\$WINDOWS.~BT\\Sources\\SafeOS\\winre.wim. Error 0x800704DB[gle=0x000004db]'],
    ['migration', 'Error READ, 0x00000570 while gathering/applying object: File, C:\\ProgramData\\x [CN]. Will return 0[gle=0x00000570]'],
    ['migration-aborted', 'Error 1392 while gathering object C:\\x. Shell application requested abort![gle=0x00000570]'],
    ['crash', 'Crash 0x0000007E detected'],
    ['setup-operation', 'Operation execution failed: 13. hr = 0x8007042B[gle=0x000000b7]'],
  ],
  SMSDPPROV: [
    ['pxe-password', 'Failed to get the encrypted PXE password'],
    ['security-key', 'Cannot get copy of security registry key on server (dp1.corp.example) (0x80070005)'],
    ['restart-pending', 'A restart is pending on this server.'],
    ['wds-install', 'Failed (1) to run: PowerShell.exe -Command Import-Module ServerManager; Get-WindowsFeature WDS; Add-WindowsFeature WDS'],
    ['no-wds', 'Installation failed because WDS is missing: WDS must be installed first, exiting'],
    ['pxe-install', 'CcmInstallPXE failed; 0x80070643'],
    ['dp-connection', 'Failed to make a network connection to \\\\dp1.corp.example\\ADMIN$ (0x35).'],
    ['wim-mount', 'ERROR> failed to mount wim file, err=-1052638943~'],
    ['content-source', "~The source directory \\\\files\\images doesn't exist or the SMS service cannot access it, Win32 last error = 1326"],
    ['mp-control', 'Call to HttpSendRequestSync failed for port 80 with status code 500, text: Internal Server Error'],
    ['content-copy', 'Failed to copy content for package P0100012'],
    ['unknown-objects', 'Formatted string exceeded max buffer size. Result is truncated.'],
    ['pxe-test', 'Error receiving replies'],
    ['server-500', 'MP GA: GetAuthSendResponseHeaders: Sending response 500 Internal Server Error'],
  ],
  CreateTsMedia: [
    ['feature-update-media', 'Failed to create media generator (0x80070490)'],
    ['feature-update-media', 'CreateMedia.exe finished with error code 80070490'],
    ['media-provider', 'CreateTsMedia failed with error 0x80004005, details=""'],
    ['media-memory', 'CreateTsMedia failed with error 0x80070008, details=""'],
    ['media-failed', 'CreateTsMedia failed with error 0x80070070, details=""'],
  ],
} // prettier-ignore

describe.each(Object.entries(lines))('%s', (component, known) => {
  test.each(known)('%s: %s', (id, text) => {
    const told = readLog(tagged(text, component, 3)).stories
    expect(told.flatMap((one) => one.failures.map((failure) => failure.id))).toEqual([id])
    expect(told.map((one) => [one.outcome, one.strange])).toEqual([['failed', []]])
    for (const { title } of told.flatMap((one) => one.failures)) expect(title).not.toMatch(/[{}]|\(\)|\s$|:$/)
  })
})

const events: readonly (readonly [id: string | undefined, text: string])[] = [
  [undefined, 'WDSPXE 262 Provider BINLSVC was loaded from C:\\Windows\\system32\\binlsvc.dll and initialized successfully.'],
  [undefined, 'WDSTFTP 256 The Windows Deployment TFTP server successfully read its configuration settings.'],
  [undefined, 'BINLSVC 514 The Windows Deployment Services server successfully read its configuration settings.'],
  [undefined, 'WDSPXE 777 Rogue detection has been disabled for this server.'],
  [undefined, 'WDSServer 770 A UDP endpoint created for provider WDSPXE on interface 10.0.0.1:67 has been shutdown.'],
  [undefined, "BINLSVC 1803 There was an error reading the 'netbootSCPBL' attribute from the Computer object. Error Information: 0x2"],
  ['directory-server', "BINLSVC 1803 There was an error reading the 'netbootSCPBL' attribute from the Computer object. Error Information: 0x51"],
  ['provider-module', 'WDSPXE 259 Es ist ein Fehler aufgetreten: C:\\SMS_DP$\\sms\\bin\\smspxe.dll'],
  ['provider-sidebyside', 'SideBySide 33 Activation context generation failed for "C:\\SMS_DP$\\sms\\bin\\smspxe.dll". Dependent Assembly Microsoft.VC90.CRT,version="9.0" could not be found.'],
  ['provider-registry', "WDSPXE 258 An error occurred while trying to read the registry key 'IsCritical' for provider SMSPXE. Error Information: 0x2"],
  ['provider-init', "WDSPXE 264 An error occurred while trying to initialize provider SMSPXE. Since the provider isn't marked as critical, the Windows Deployment Services server will remain started. Error Information: 0x36B1"],
  ['pxe-providers', 'WDSServer 513 An error occurred while trying to initialize provider WDSPXE from C:\\Windows\\system32\\wdspxe.dll. Error Information: 0xC107010C'],
  ['providers-all', 'WDSPXE 268 All registered providers failed to initialize.'],
  ['wds-denied', 'WDSServer 257 An error occurred while trying to start the Windows Deployment Services server. Error Information: 0x5'],
  ['wds-port', 'WDSServer 257 An error occurred while trying to start the Windows Deployment Services server. Error Information: 0x2740'],
  ['wds-start', 'WDSServer 257 An error occurred while trying to start the Windows Deployment Services server. Error Information: 0x2'],
  ['image-server', 'WDSIMGSRV 266 An error occurred while refreshing settings. Error Information: 0x2'],
  ['directory', 'BINLSVC 513 An error occurred while trying to read the configuration information. Error Information: 0x2'],
  ['binl-duplicate', 'BINLSVC 519 Multiple machine accounts with the same GUID or MAC address were found. MAC Address: 525400AABB01'],
  ['binl-prestage', 'BINLSVC 524 An error occurred while trying to create the machine account for the following device: Name: PC1'],
  ['auto-add', 'BINLSVC 773 An error occurred while trying to query the Auto Add database. Error Information: 0x8'],
  ['rogue-registry', 'WDSPXE 774 An error occurred while reading settings. Error Information: 0x2'],
  ['rogue', 'WDSPXE 772 The server is not authorized as a valid DHCP/PXE server.'],
  ['tftp-timeout', 'WDSTFTP 4101 The Following Client failed TFTP Download: Client IP: 10.1.0.55 Filename: \\Boot\\x64\\Images\\boot.wim ErrorCode: 1460'],
  ['tftp', 'WDSTFTP 4101 The Following Client failed TFTP Download: Client IP: 10.1.0.55 Filename: \\boot\\x64\\pxeboot.n12 ErrorCode: 2'],
  ['wds-join', 'Deployment-Services-Diagnostics 4113 The following WDS Client has encountered Domain Join Error'],
  ['wds-fatal', 'Deployment-Services-Diagnostics 4114 The following WDS Client has encountered Fatal Error'],
  ['dhcp-unauthorized', 'DHCPServer 1046 The DHCP/BINL service on the local machine has determined that it is not authorized to start.'],
  ['dhcp-binding', 'DHCPServer 1041 The DHCP service is not servicing any DHCPv4 clients.'],
  ['dhcp-start', 'DHCPServer 1004 The DHCP service failed to initialize the database.'],
  ['dhcp-shutdown', 'DHCPServer 1054 The DHCP/BINL service on this computer is shutting down. See the previous event log messages for reasons.'],
  ['dhcp-directory', 'DHCPServer 1059 The DHCP service failed to see a directory server for authorization.'],
  ['dhcp-full', 'DHCPServer 1063 There are no IP addresses available for lease in the scope.'],
  ['service-port', 'Service Control Manager 7023 The Windows Deployment Services Server service terminated with the following error: %%10048'],
  ['service', 'Service Control Manager 7024 The Windows Deployment Services Server service terminated with service-specific error -1056505588.'],
] // prettier-ignore

test.each(events)('event: %s: %s', (id, text) => {
  const told = readLog(`${text}\n`).stories
  expect(told.flatMap((one) => one.failures.map((failure) => failure.id))).toEqual(id === undefined ? [] : [id])
  expect(told.map((one) => one.outcome)).not.toContain('unknown')
  for (const { title } of told.flatMap((one) => one.failures)) expect(title).not.toMatch(/[{}]|\(\)|\s$|:$/)
})

test('a program that the firmware refuses is no file of variables that could not be loaded', () => {
  const line = 'BdsDxe: failed to load Boot0001 "UEFI PXEv4 (MAC:525400770003)" from PciRoot(0x0)/Pci(0x2,0x0): Access Denied' // prettier-ignore
  const failures = (text: string) => readLog(`${text}\n`).stories.flatMap((one) => one.failures.map(({ id }) => id))
  expect(failures(line)).toEqual(['firmware-refused'])
  expect(failures(line.replace('Access Denied', 'Not Found'))).toEqual([])
})

test('harmless lines are no failures, in a row and alone', () => {
  const harmless = {
    SMSPXE: ['Unable to open Registry key Software\\Microsoft\\CCM. Return Code [80070002]. Client HTTPS state is Unknown.', 'PXE::CPolicyProvider::InitializePerformanceCounters failed; 0x80070002', 'Cannot read the registry value of MACIgnoreListFile (00000000)'],
    SMSDPPROV: ['RegQueryValueExW failed for Software\\Microsoft\\SMS\\DP, PxeInstalled', 'RegReadDWord failed; 0x80070002', 'Failed to open WDS service.', 'WDS is NOT INSTALLED', 'Failed (2) to run: ServerManagerCmd.exe -i WDS -a', 'Share (REMINST) does not exist. (NetNameNotFound) (0x00000906)', 'GetFileSharePath failed; 0x80070906', 'REMINST share does not exist. Need to create it.'],
    SP: ['CSetupPlatform::ResurrectAutomation: Failed to resurrect automation: 0x80070002[gle=0x00000002]'],
    MIG: ['Plugin {00000000-0000-0000-0000-000000000001}: [shmig] Failed to get preferred homegroup with hr=0x80070490'],
    TSManager: ['The execution engine ignored the failure of the action (Install BIOS) and continues execution'],
  } // prettier-ignore
  for (const [component, texts] of Object.entries(harmless))
    for (const text of [...texts, texts.join('\n')]) {
      const { stories, outcome } = readLog(tagged(text, component, 3))
      expect([text, outcome, stories.flatMap((one) => one.failures)]).toEqual([text, 'open', []])
    }
})

test('each row says what it is, what to do, and where that is from; its rules are there', () => {
  const ids = new Set(rules.map((one) => one.id))
  for (const one of signatures) {
    expect([one.id, one.source === '']).toEqual([one.id, false])
    if (one.kind === 'failure' || one.kind === 'effect') expect([one.id, one.means, one.fix]).toEqual([one.id, expect.anything(), expect.anything()]) // prettier-ignore
    for (const rule of one.rules) expect(ids).toContain(rule)
  }
  const known = signatures.map((one) => `${one.families[0]} ${one.id}`)
  expect(known.filter((one, at) => known.indexOf(one) !== at)).toEqual([])
})

test('the list in the documentation is that of the rows', () => {
  expect(readFileSync(new URL('../../docs/log-signatures.md', import.meta.url), 'utf8'), 'run: node scripts/documents.ts').toBe(signatureList()) // prettier-ignore
})

test.each([
  ['0x80070002', 'file not found'],
  ['80072ee7', 'the server name could not be resolved'],
  [
    'C1900101 - 0x20017',
    'Setup: unspecified error, rolled back (usually caused by a driver); safe OS (Windows PE), boot',
  ],
  ['exit code 2147942405', 'access denied'],
  ['err=-1052638943', 'WIMMount service or driver is missing or too old'],
  ['0x87D00269', 'required management point not found'],
  ['0x87d0beef', 'Configuration Manager error 0xBEEF'],
  ['0xC0000225', 'object not found'],
  ['0x80200010', 'BITS: no network connection'],
  ['0x8004100e', 'WMI: invalid namespace'],
  ['0x800F0922', 'CBS: installers failed'],
  ['0xC19009ff', 'Windows Setup error 0x9FF'],
  ['0x80340002', 'error 2 of facility 52'],
])('the code %s in words', (text, words) => {
  expect(codesIn(`it failed: ${text}.`).map((one) => inEnglish(one.words))).toEqual([words])
})

test('no code is without words, and a number inside another is none', () => {
  for (let value = 0x8000_0000; value < 0x1_0000_0000; value += 0x31_7fb1)
    expect(inEnglish(nameOf(value).words)).not.toMatch(/^$|^codes\.|\?/)
  expect(codesIn('id 1800704901, 0x800704900, {80070002-1111-2222-3333-444444444444}, 16779193')).toEqual([])
})
