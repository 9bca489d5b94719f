/** Failures as administrators reported them, with other machines, packages and times: what names each, and what follows it. */
import { expect, test } from 'vitest'
import { readLog as read } from '#shared/logs/reading.ts'
import { tagged } from '../helpers/told-log.ts'
import { spoken } from '../helpers/spoken.ts'

const readLog = (...given: Parameters<typeof read>) => spoken(read(...given))

type Row = readonly [component: string, level: 1 | 2 | 3, text: string]
const log = (rows: readonly Row[]): string =>
  rows.map(([component, level, text], at) => tagged(text, component, level, at)).join('')
const failed = (step: string, text: string, code: string): readonly Row[] => [
  ['TSManager', 3, `Process completed with exit code ${Number.parseInt(code, 16)}`],
  ['TSManager', 3, `Failed to run the action: ${step}. \n${text} (Error: ${code}; Source: Windows)`],
  ['TSManager', 3, 'The execution of the group (Install) has failed and the execution has been aborted. An action failed.\nOperation aborted (Error: 80004004; Source: Windows)'],
  ['TSManager', 3, 'Task Sequence Engine failed! Code: enExecutionFail'],
] // prettier-ignore

const reports: Readonly<Record<string, readonly [id: string, file: string, text: string]>> = {
  'a boot image older than its site': ['old-program', 'smsts.log', log([
    ['OSDOfflineBitLocker', 1, 'Command line: "OSDOfflineBitlocker.exe" /enable /drive:C: /skiphash:True'],
    ['OSDOfflineBitLocker', 3, 'FALSE, HRESULT=80070057 (..\\main.cpp,201)'],
    ['OSDOfflineBitLocker', 3, "Invalid command line argument '/skiphash'"],
    ['OSDOfflineBitLocker', 3, 'ProcessCommandLine( argInfo ), HRESULT=80070057 (..\\main.cpp,320)'],
    ...failed('Pre-provision BitLocker', 'The parameter is incorrect.', '80070057'),
  ])],
  'stand-alone media without policy': ['package-policy', 'smsts.log', log([
    ['InstallSoftware', 3, "Failed to invoke Execution Manager to Install Software for PackageID='XY100044' ProgramID='silent' AdvertID='{11111111-2222-3333-4444-555555555555}' hr=0x87d01004"],
    ['InstallSoftware', 3, 'InstallSoftware failed, hr=0x87d01004'],
    ...failed('Install 7-Zip', 'Unknown error', '87D01004'),
  ])],
  'a restart that the task sequence did not make': ['environment-lost', 'smsts.log', log([
    ['TSManager', 3, '!sVolumeID.empty(), HRESULT=80004005 (utils.cpp,2100)'],
    ['TSManager', 3, '!sTSMDataPath.empty(), HRESULT=80070002 (utils.cpp,2010)'],
    ['TSManager', 2, 'Failed to set log directory. Some execution history may be lost.\nThe system cannot find the file specified. (Error: 80070002; Source: Windows)'],
    ['TSManager', 1, 'Executing task sequence'],
    ['TSManager', 3, 'Task Sequence environment not found'],
  ])],
  'media with the port of another site': ['media-port', 'smsts.log', log([
    ['TSMBootstrap', 1, 'CLibSMSMessageWinHttpTransport::Send: URL: mp7.branch.example:80  GET /SMS_MP/.sms_aut?MPLOCATION&ir=10.7.0.9&ip=10.7.0.0'],
    ['TSMBootstrap', 3, 'Error. Status code 404 returned'],
    ['TSMBootstrap', 3, 'Failed to query http://mp7.branch.example for MP location'],
  ])],
  'a captured partition without a letter': ['capture-volume', 'smsts.log', log([
    ['TSBootShell', 3, "Volume '\\\\?\\Volume{99999999-8888-7777-6666-555555555555}\\' not found"],
    ['TSBootShell', 3, 'GetVolumePathForVolumeName(szDeviceVolumeId, rsWin32Path), HRESULT=80070490 (devicepath.cpp,167)'],
    ['TSBootShell', 2, "ConvertBootToLogicalPath failed to convert 'MULTI(0)DISK(0)RDISK(0)PARTITION(4)\\SOURCES\\BOOT.WIM' (0x80070490). Retrying (3)..."],
  ])],
  'a stick that Windows PE cannot read': ['configuration', 'smsts.log', log([
    ['TSBootShell', 3, '::GetVolumeNameForVolumeMountPointW( sDevicePath, szDeviceVolumeId ), HRESULT=80070003 (devicepath.cpp,159)'],
    ['TSBootShell', 1, 'ConvertBootToLogicalPath failed (0x80070003). Retrying (29)...'],
    ['TSBootShell', 3, 'Failed to find the current TS configuration path'],
    ['TSBootShell', 3, 'Failed to find the configuration path.\nThe system cannot find the path specified. (Error: 80070003; Source: Windows)'],
    ['TSBootShell', 3, 'Execution failed with error 80070003.'],
  ])],
  'a WMI repository that was not migrated': ['wmi-repository', 'smsts.log', log([
    ['TSManager', 3, 'spPolicyNamespace.Open(pszNamespace, true), HRESULT=8004100e (utils.cpp,3450)'],
    ['TSManager', 3, "Failed to open WMI Namespace 'root\\ccm\\policy\\machine\\requestedconfig'. WMI Repository may be corrupted\nInvalid namespace (Error: 8004100E; Source: WMI)"],
    ['TSManager', 3, 'Error compiling client config policies. code 8004100E'],
    ['TSManager', 3, 'Task Sequence Manager could not initialize Task Sequence Environment. code 8004100E'],
    ['TSManager', 3, 'Task sequence execution failed with error code 8004100E'],
  ])],
  'a task sequence that a user resumed': ['not-system', 'smsts.log', log([
    ['TSManager', 3, 'hMap != 0, HRESULT=80070005 (environmentscope.cpp,494)'],
    ['TSManager', 3, 'm_pGlobalScope->open(), HRESULT=80070005 (environmentlib.cpp,359)'],
    ['TSManager', 3, 'Error Task Sequence Manager failed to execute task sequence. Code 0x80070005'],
  ])],
  'a TPM with an owner': ['tpm-owner', 'smsts.log', log([
    ['OSDOfflineBitLocker', 3, "'TakeOwnership' failed (2147942402)"],
    ['OSDOfflineBitLocker', 3, 'Failed to take ownership of TPM. Ensure that Active Directory permissions are properly configured\nThe system cannot find the file specified. (Error: 80070002; Source: Windows)'],
    ...failed('Pre-provision BitLocker', 'The system cannot find the file specified.', '80070002'),
  ])],
  'a step over its time': ['timeout', 'smsts.log', log([
    ['TSManager', 3, 'Command line execution failed (800705B4)'],
    ['TSManager', 3, 'Failed to run the action: Install Office. \nThis operation returned because the timeout period expired. (Error: 800705B4; Source: Windows)'],
  ])],
  'partitions of another disk': ['partition-size', 'smsts.log', log([
    ['OSDDiskPart', 3, 'Partition 2 larger than remaining disk space. Requested partition size: 500107862016, remaining size: 255999999'],
    ['OSDDiskPart', 3, 'LoadPartitionConfiguration( i, oDisk, cbDiskSize, cbContainerPartitionSize, pCurPartition), HRESULT=8000ffff (main.cpp,751)'],
    ['OSDDiskPart', 3, 'Invalid configuration specified. Please ensure that the task sequence is properly configured.'],
    ['OSDDiskPart', 3, 'OSDDiskPart.exe failed: 0x8000ffff'],
    ...failed('Partition Disk 0', 'Catastrophic failure', '8000FFFF'),
  ])],
  'no partition to boot from': ['boot-partition', 'smsts.log', log([
    ['ApplyOperatingSystem', 3, '!sBootDevicePath.empty(), HRESULT=80004005 (bootvolume.cpp,34)'],
    ['ApplyOperatingSystem', 3, 'Failed to make volume W:\\ bootable. Please ensure that you have set an active partition on the boot disk before installing the operating system.\nUnspecified error (Error: 80004005; Source: Windows)'],
    ...failed('Apply Operating System', 'Unspecified error', '80004005'),
  ])],
  'a driver package with no place to come from': ['package-copy', 'smsts.log', log([
    ['OSDDownloadContent', 3, "Failed to move package ABC00123 from '' to 'C:\\_SMSTaskSequence\\DriverPackage\\ABC00123' (0x80070057)"],
    ['OSDDownloadContent', 3, 'Failed to download package ABC00123, cannot continue (0x80070057)'],
    ...failed('Drivers', 'The parameter is incorrect.', '80070057'),
  ])],
  'a file that the distribution point lacks': ['content-absent', 'smsts.log', log([
    ['DownloadContent', 3, 'Error downloading file from http://dp4.corp.example/SMS_DP_SMSPKG$/ABC00077/sccm?/web.config to C:\\_SMSTaskSequence\\Packages\\ABC00077\\web.config (Code 0x80190194)'],
    ['DownloadContent', 3, 'DownloadFiles() failed. 0x80190194.'],
    ...failed('Install agent', 'Not found (404)', '80190194'),
  ])],
  'an image that does not fit': ['space', 'smsts.log', log([
    ['ApplyOperatingSystem', 3, 'Insufficient disk space. Required: 31000000000 bytes. Available: 12000000000 bytes.'],
    ...failed('Apply Windows 11', 'There is not enough space on the disk.', '80070070'),
  ])],
  'an application whose step was told first': ['application', 'smsts.log', log([
    ['InstallApplication', 3, 'Policy Evaluation failed, hr=0x87d00267'],
    ['InstallApplication', 3, "Install application action failed: 'Contoso Reader'. Error Code 0x80004005"],
    ...failed('Install Application', 'Unspecified error', '80004005'),
  ])],
  'an answer file of another Windows': ['answer-file', 'setuperr.log', '2026-03-01 09:00:00, Error      [setup.exe] [Action Queue] : Unattend action failed with exit code 31\n2026-03-01 09:00:00, Error      [setup.exe] Windows could not parse or process the unattend answer file for pass [oobeSystem]. The answer file is invalid.\n'],
  'a join with a wrong password': ['join', 'setupact.log', '2026-03-01 09:00:00, Error                        [DJOIN.EXE] Unattended Join: NetJoinDomain attempt failed: 0x52e, will retry in 10 seconds...\n2026-03-01 09:00:09, Error                        [DJOIN.EXE] Unattended Join: Unable to join; gdwError = 0x52e\n'],
  'a distribution point behind a firewall': ['dp-rpc', 'distmgr.log', log([
    ['SMS_DISTRIBUTION_MANAGER', 3, 'CWmi::Connect(): ConnectServer(Namespace) failed. - 0x800706ba'],
    ['SMS_DISTRIBUTION_MANAGER', 3, 'CDistributionManager::ConfigurePXE failed; 0x800706ba'],
  ])],
  'a screen of the boot manager, whole': ['boot-0xc0000225', 'screen.txt', 'Windows failed to start. A recent hardware or software change might be the cause.\n\nFile: \\Windows\\System32\\boot\\winload.efi\nStatus: 0xc0000225\nInfo: The operating system could not be loaded because a required file is missing.\n'],
  'MDT without room for Windows PE': ['toolkit-space', 'summary.txt', 'ZTI ERROR - Unhandled error returned by LTIApply: There is not enough space on the disk. (-2147024784 0x80070070)\nLitetouch deployment failed, Return Code = -2147467259  0x80004005\nFailed to run the action: Apply Windows PE.\nThere is not enough space on the disk. (Error: 80070070; Source: Windows)\nAn action failed.\nOperation aborted (Error: 80004004; Source: Windows)\n'],
  'MDT without a boot folder': ['toolkit-boot-folder', 'BDD.log', log([
    ['LTIApply', 1, 'ResetFolder: TakeOwn for D:\\boot, RC = 1'],
    ['LTIApply', 3, 'ZTI ERROR - Unhandled error returned by LTIApply: Not found  (-2147217406  0x80041002)'],
  ])],
  'an app of one user': ['sysprep-package', 'setupact.log', '2026-03-01 09:00:00, Error                 SYSPRP Package Contoso.Notes_2.1.0.0_x64__abc was installed for a user, but not provisioned for all users. This package will not function properly in the sysprep image.\n2026-03-01 09:00:00, Error                 SYSPRP Failed to remove apps for the current user: 0x80073cf2.\n2026-03-01 09:00:00, Error      [0x0f0082] SYSPRP ActionPlatform::LaunchModule: Failure occurred while executing \'SysprepGeneralizeValidate\' from C:\\Windows\\System32\\AppxSysprep.dll; dwRet = 0x3cf2\n'],
  'Sysprep during updates': ['sysprep-storage', 'setupact.log', '2026-03-01 09:00:00, Error                 SYSPRP Sysprep_Clean_Validate_Opk: Audit mode cannot be turned on if reserved storage is in use.; hr = 0x800F0975\n2026-03-01 09:00:00, Error                 SYSPRP SysprepSession::Validate: Error in validating actions from C:\\Windows\\System32\\Sysprep\\ActionFiles\\Cleanup.xml; dwRet = 0x975\n'],
  'a profile on a volume that is gone': ['profile', 'setupact.log', '2026-03-01 09:00:00, Error                 MIG    MigPlatformStartupOffline caught exception: Win32Exception: \\??\\Volume{11111111-0000-0000-0000-000000000000}: The system cannot find the path specified. [0x00000003]\n'],
  'a damaged servicing stack': ['driver-migration', 'setuperr.log', '2026-03-01 09:00:00, Error                 SP     Operation failed: Process Drivers for Migration. Error: 0x80070003[gle=0x000000b7]\n2026-03-01 09:00:01, Error                 MOUPG  MoSetupPlatform: Using action error code: [0x80070003]\n2026-03-01 09:00:01, Error                 MOUPG  CDlpActionDriverMigrate::ExecuteRoutine: Result = 0x80070003\n'],
  'Setup without memory': ['setup-memory', 'screen.txt', 'Windows installation encountered an unexpected error. Verify that the installation sources are accessible, and restart the installation.\n\nError code: 0xE0000100\n'],
  'a boot image whose library is not found': ['expand-image', 'distmgr.log', log([
    ['SMS_DISTRIBUTION_MANAGER', 3, 'CContentDefinition::TotalFileSizes failed; 0x80070003'],
    ['SMS_DISTRIBUTION_MANAGER', 3, 'ExpandPXEImage failed; 0x80070003'],
    ['SMS_DISTRIBUTION_MANAGER', 3, 'Error occurred. Performing error cleanup prior to returning.'],
  ])],
  'a content library that refuses the account': ['content-logon', 'PkgXferMgr.log', log([
    ['SMS_PACKAGE_TRANSFER_MANAGER', 3, 'CContentDefinition::TotalFileSizes failed; 0x8007052e'],
    ['SMS_PACKAGE_TRANSFER_MANAGER', 3, 'CSendFileAction::SendFiles failed; 0x8007052e'],
  ])],
  'a distribution point without IIS 6 interfaces': ['dp-iis', 'distmgr.log', log([
    ['SMS_DISTRIBUTION_MANAGER', 3, 'CWmi::PutObject(): PutInstance() failed. - 0x80041013'],
    ['SMS_DISTRIBUTION_MANAGER', 3, 'ERROR CreateVirtualDirectory: Failed to update virtual directory SMS_DP_SMSSIG$. error = IDispatch error #3603'],
    ['SMS_DISTRIBUTION_MANAGER', 2, 'vdHelper.CreateVirtualDirectory() - Failed to CreateVirtualDirectory SMS_DP_SMSSIG$ for DP dp9.corp.example. Will retry in 5 seconds'],
  ])],
  'a full publication cache': ['branch-cache', 'PkgXferMgr.log', log([
    ['SMS_PACKAGE_TRANSFER_MANAGER', 2, 'WARNING: Caught exception System.Runtime.InteropServices.COMException - There is not enough space on the disk. (Exception from HRESULT: 0x80070070)  Call stack: at Contoso.BranchCacheContentInfoStreamClass.Complete()'],
  ])],
  'an image with reparse points': ['servicing-unmount', 'OfflineServicingMgr.log', log([
    ['SMS_OFFLINE_SERVICING_MANAGER', 1, 'UnMountImage returned code 0x800700a1~'],
    ['SMS_OFFLINE_SERVICING_MANAGER', 3, 'Image UnMount failed with error 161'],
    ['SMS_OFFLINE_SERVICING_MANAGER', 3, 'Schedule processing failed'],
  ])],
  'a driver for no platform': ['driver-platform', 'DriverCatalog.log', log([
    ['Driver Catalog', 3, '\\\\nas\\drv\\wifi\\netwtw10.inf is not applicable to any supported platforms.'],
    ['Driver Catalog', 3, 'Driver is not applicable to any supported platforms. Code 0x80070661'],
  ])],
  'a service that Active Directory refuses': ['wds-denied', 'events.txt', 'WDSServer 513 An error occurred while trying to initialize provider WDSPXE from C:\\WINDOWS\\system32\\wdspxe.dll. Windows Deployment Services server will be shutdown. Error Information: 0x5\nWDSServer 257 An error occurred while trying to start the Windows Deployment Services server. Error Information: 0x5\n'],
  'a multicast provider that does not start': ['multicast', 'events.txt', 'WDSServer 513 An error occurred while trying to initialize provider WDSMC from C:\\Windows\\system32\\wdsmc.dll. Windows Deployment Services server will be shutdown. Error Information: 0x906\n'],
} // prettier-ignore

test.each(Object.entries(reports))('%s is one failure, and all else belongs to it', (_, [id, file, text]) => {
  const { stories } = readLog(text, file)
  expect(stories.map(({ outcome, failures, strange }) => [outcome, failures.map((one) => one.id), strange.map((one) => one.text)])).toEqual([['failed', [id], []]]) // prettier-ignore
  for (const { title } of stories[0]!.failures) expect(title).not.toMatch(/\{[a-z]|\(\)|:$|\s$/)
})

test.each([
  ['oem-key', 'setupact.log', '2026-03-01 09:00:00, Info                         [windeploy.exe] OEM license detected, will not run SetupComplete.cmd\n'],
['handed-over', 'setuperr.log', '2026-03-01 09:00:00, Error                 MOUPG  CDlpTask::CheckUserInterrupt(3112): Result = 0x800704D3\n2026-03-01 09:00:00, Error                 MOUPG  CSetupManager::Execute(284): Result = 0x800705BB\n'],
])('%s is worth knowing and no failure', (id, file, text) => {
  const { stories, outcome } = readLog(text, file)
  expect([outcome, stories.flatMap((one) => one.notes.map((note) => note.id))[0]]).toEqual(['open', id])
}) // prettier-ignore

test('what Setup writes on machines that are well accuses nobody, and hides nothing', () => {
  const error = (component: string, text: string) => `2026-03-01 09:00:00, Error                 ${component.padEnd(6)} ${text}\n`
  const noise = [
    error('MOUPG', 'CSystemHelper::CheckConnectedStandby(642): Result = 0x80070057'),
    error('MOUPG', 'CDlpActionImpl<class CDlpErrorImpl<...> >::Suspend(1066): Result = 0xC1800104'),
    error('SP', 'CSetupPlatform::ResurrectNewSystem: Failure: Win32Exception: \\\\?\\D:\\$Windows.~BT\\Sources\\NewSystem.dat: Le fichier est introuvable. [0x00000002]'),
    error('CONX', '0xd0000034 Failed to add user mode driver [%SystemRoot%\\system32\\DRIVERS\\UMDF\\uicciso.dll]'),
    error('SP', 'pSPRemoveUpgradeRegTree: failed to delete reg tree HKLM\\SYSTEM\\Setup\\Upgrade[gle=0x00000005]'),
    error('MIG', 'Ignoring replacement manifest with no settingsVersionRange or versionRange attribute in migration element: Contoso'),
    error('CSI', '00000001 (F) STATUS_OBJECT_NAME_NOT_FOUND #10# from Windows::Rtl::SystemImplementation::DirectRegistryProvider::SysQueryValueKey(flags = 0)[gle=0xd0000034]'),
    error('DU', 'DU::CDUSession::Search: Failed to set WU internal configuration property for targeted scans. hr = 0x80070057'),
  ].join('')
  expect(readLog(noise, 'setuperr.log').outcome).toBe('open')
  const { stories } = readLog(noise + error('SP', 'CMountWIM::DoExecute: Failed to mount WIM file D:\\$WINDOWS.~BT\\Sources\\SafeOS\\winre.wim. Error 0x80070522[gle=0x00000522]'), 'setuperr.log')
  expect([stories[0]!.failures.map((one) => one.id), stories[0]!.strange]).toEqual([['mount-winre'], []])
}) // prettier-ignore

test('a configuration that is found in the end fails nothing', () => {
  const retries = log([
    ['TSBootShell', 1, 'ConvertBootToLogicalPath failed (0x80070003). Retrying (0)...'],
    ['TSBootShell', 1, 'Found config path X:\\sms\\data\\'],
  ])
  expect(readLog(retries, 'smsts.log').outcome).toBe('open')
})

test('a step that ended before it was named has its name', () => {
  const { stories } = readLog(log(failed('Install Agents', 'The parameter is incorrect.', '80070057')), 'smsts.log')
  expect(stories[0]!.failures.map(({ title }) => title)).toEqual([
    'Step "Install Agents" failed: The parameter is incorrect. (Error: 80070057; Source: Windows)',
  ])
})

test('a message that was pasted line by line stays with its code', () => {
  const { stories } = readLog(
    'Failed to run the action: Copy files.\nAccess is denied. (Error: 80070005; Source: Windows)\n',
  )
  expect(stories[0]!.failures.map(({ title }) => title)).toEqual([
    'Step "Copy files" failed: Access is denied. (Error: 80070005; Source: Windows)',
  ])
})
