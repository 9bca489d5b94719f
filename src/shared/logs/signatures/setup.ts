/** setupact.log and setuperr.log: Windows Setup by phase; and the codes of Setup where a task sequence quotes them. */
import { documents as from, signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good } = signaturesOf(['setup', 'sequence'])
const own = signaturesOf(['setup'])

/** A result code of Setup: it is written by many lines, each of which says the same. */
const result = (code: string, rules: readonly string[] = []): Signature =>
  failure(`setup-${code.toLowerCase()}`, `setup-${code}`, new RegExp(String.raw`(?<![\da-f])(?:0x)?${code}(?![\da-f])`, 'i'), from.upgradeCodes, { weight: 70, rules }) // prettier-ignore

export const setupSignatures = [
  good('scan-good', /(?:0x)?C1900210(?![\da-f])/i, from.upgradeCodes, { rules: ['TS-02'] }),
  own.good('setup-done', /(finished|completed|exit(ed|ing)?|ended) with (result |code |return code )?:?\s?(0x0+|0)\b(?!x)|Setup (has )?(completed|finished) successfully|Installation (has )?(completed|finished) successfully/i, from.logFiles, { isConfirmed: false }),
  own.harmless('homegroup', /\[shmig\] Failed to get preferred homegroup/i, from.reports),
  own.harmless('automation', /ResurrectAutomation: Failed to resurrect automation: 0x80070002|CSetupAutomation::Resurrect: File not found: .*automation\.dat/i, from.reports),
  own.harmless('plugin-noise', /Plugin \{[\da-f-]+\}.*(not supported|does not exist|no such interface|hr=0x8000400[12])/i, from.reports, { isConfirmed: false }),
  own.harmless('mig-noise', /COutOfProcPluginFactory|Not unmapping HK|MigXml|Couldn't replace object/i, from.logFiles, { isConfirmed: false }),

  failure('setup-driver', 'setup-C1900101', /(?<![\da-f])(?:0x)?C1900101(?![\da-f])(?:\s*-\s*0x(?<extend>[\da-f]{4,5}))?/i, from.upgradeCodes, { captures: ['place'], weight: 70, rules: ['IPU-10'] }),
  failure('setup-place', 'setup-place', /(?<![\da-f])(?:0x)?(?<code>8[\da-f]{7})\s*-\s*0x(?<extend>[\da-f]{4,5})(?![\da-f])/i, from.upgradeCodes, { captures: ['place'], weight: 68 }),
  result('C1900200', ['IPU-01', 'IPU-02']),
  result('C1900201', ['IPU-01', 'IPU-02']),
  result('C1900202', ['IPU-01', 'IPU-02']),
  result('C1900204', ['IPU-03', 'IPU-08']),
  result('C1900205', ['IPU-03', 'IPU-08']),
  result('C1900208', ['IPU-10']),
  result('C1900209', ['IPU-10']),
  result('C1900206', ['IPU-10']),
  result('C190020E'),
  result('C190020F'),
  result('C190020C'),
  result('C1900107', ['OSD-WDS-04']),
  result('C1900215', ['IPU-03']),
  result('C190010E'),
  result('800F0922'),
  result('800F081F'),
  result('C004F050', ['TS-06']),
  result('C1420121'),
  own.failure('mount-winre', 'mount', /CMountWIM::DoExecute: Failed to mount WIM file (?<file>\S.*?)\. Error (?<code>0x[\da-f]{8})/i, from.wimMountSetup, { weight: 72 }),
  own.failure('migration', 'migration', /Error (?:READ|WRITE), (?<win32>0x[\da-f]+) while gathering\/applying object: (?<object>.+?)\.? Will return/i, from.logFiles, { weight: 80 }),
  own.failure('profile', 'migration', /MigPlatformStartupOffline caught exception: Win32Exception: (?<object>\S+): The system cannot find the path/i, 'Microsoft, ERROR_PATH_NOT_FOUND when upgrading to Windows Server 2019', { weight: 82 }),
  own.failure('driver-migration', 'migration', /Process Drivers for Migration\. Error: 0x80070003|CDlpActionDriverMigrate::ExecuteRoutine: Result = 0x80070003|Failed to bind the online servicing stack/i, 'Microsoft, 0x80070003 during Process Drivers for Migration', { weight: 82 }),
  own.effect('driver-session', ['migration', 'mount'], /Failed to open new session: \(?DISM_|MoSetupPlatform: Using action error code|Setup phase change: \[\w+\] -> \[SetupPhaseError\]/i, from.logFiles),
  own.failure('sysprep-package', 'sysprep', /Package (?<app>\S+) was installed for a user, but not provisioned for all users/i, 'Microsoft, Errors when capturing a Windows 11 image by using capture media', { weight: 80 }),
  own.failure('sysprep-storage', 'sysprep', /reserved storage is in use|0x800F0975/i, 'Microsoft, Errors when capturing a Windows 11 image by using capture media', { weight: 80 }),
  own.failure('sysprep-operation', 'sysprep', /Failure occurred while executing '(?<part>[^']+)' from (?<module>\S+?);/i, from.logFiles, { weight: 50, component: /^SYSPRP$/i }),
  own.effect('sysprep-failed', ['sysprep'], /Failed to remove apps for the current user|Exit code of RemoveAllApps|Error in validating actions|Failed while validating Sysprep|halting sysprep execution|Hit failure (while|during)/i, from.logFiles, { component: /^SYSPRP$/i }),
  own.hint('oem-key', /will not run SetupComplete\.cmd/i, 'Microsoft KB 4494015, OSD task sequence does not continue after Windows Setup', { hasFix: true, rules: ['TS-06'] }),
  own.harmless('handed-over', /CDlpTask::CheckUserInterrupt|Suspend\(\d+\): Result = 0xC1800104|CSetup(Manager|Host)::Execute\w*\(\d+\): Result = 0x800705BB/i, from.reports),
  own.harmless('setup-noise', /CheckConnectedStandby\(|SetSQMDatapoint: Attempting|ResurrectNewSystem: Failure: Win32Exception: \S*NewSystem\.dat|CSetupAutomation::Resurrect: File not found|Failed to add user mode driver \[[^\]]*uicciso|pSPRemoveUpgradeRegTree: failed to delete|Ignoring replacement manifest|CSIAgent: Invalid xml format: .*already loaded|IsRangeRequestSupported|GetCTACAttributes\(|STATUS_OBJECT_NAME_NOT_FOUND #\d+# from Windows::Rtl|CWcmScalarInstanceCore::GetCurrentValue|CDUSession::Search: Failed to set WU internal|CopyDynamicUpdateFiles\(\d+\): Result = 0x80070020/i, from.reports),
  own.failure('answer-file', 'answer-file', /could not parse or process (?:the )?unattend answer file(?: \[(?<file>[^\]]+)\])?(?: for pass \[(?<pass>\w+)\])?/i, from.logFiles, { weight: 70 }),
  own.effect('answer-action', ['answer-file', 'join'], /Unattend action failed|UnattendErrorFromSetup|Hr = \[0x\w+\].*unattend/i, from.logFiles),
  own.failure('join', 'join', /Unattended Join:.*(?:NetJoinDomain (?:attempt )?failed|Unable to join|gdwError = (?!0x0\b)|DsGetDcName (?:test )?failed)/i, from.reports, { weight: 65, isConfirmed: false }),
  own.failure('migration-aborted', 'migration', /Shell application requested abort|Abandoning apply due to error for object/i, from.logFiles, { weight: 60 }),
  own.failure('crash', 'setup-C1900101', /Crash (?<stop>0x[\da-f]{8}) detected/i, from.upgradeCodes, { weight: 80 }),
  effect('setup-windows', ['setup-C1900101', 'setup-C1900200', 'setup-C1900204', 'setup-C1900208', 'setup-C190020E', 'setup-C1900107', 'mount', 'migration'], /Windows [Ss]etup (failed|completed with an error|exited),?.*?(?<code>0x[\da-f]{8}|\d{9,10})|Failed to run Windows Setup/i, from.upgradeCodes, { weight: 20 }),
  own.effect('setup-operation', ['migration', 'mount', 'setup-C1900101', 'setup-C1900208', 'setup-C190020E', 'setup-800F0922', 'setup-C1900204', 'setup-C1900200', 'setup-C1900107'], /Operation (execution )?failed\b|Execution of operations queue failed|Gather(?: operation| framework)? failed|Gather ended .* with result (?!0)\d+|SetupHost: finished|CDlpTask::Cancel|Cannot continue|Rollback: (Show|Start)|Can't recover the system/i, from.logFiles, { weight: 5, own: /execution|Gather|SetupHost|CDlpTask|Rollback:|recover the system|^Operation failed[.:]/i }),
] // prettier-ignore
