/** setupact.log and setuperr.log: Windows Setup by phase; and the codes of Setup where a task sequence quotes them. */
import { documents as from, signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good } = signaturesOf(['setup', 'sequence'])
const own = signaturesOf(['setup'])

/** A result code of Setup: it is written by many lines, each of which says the same. */
const result = (code: string, title: string, means: string, fix: string, rules: readonly string[] = []): Signature =>
  failure(`setup-${code.toLowerCase()}`, `setup-${code}`, new RegExp(String.raw`(?<![\da-f])(?:0x)?${code}(?![\da-f])`, 'i'), `${title} (0x${code})`, means, fix, from.upgradeCodes, { weight: 70, rules }) // prettier-ignore

const space = 'Free space on the system drive (20 GB for 64-bit), or give Setup another drive for temporary files.'
const requirements = 'Setup wants more of the computer than it has: processor, TPM, memory, firmware or disk.'
const blockers =
  'Read CompatData*.xml in $WINDOWS.~BT\\Sources\\Panther, or run SetupDiag: they name the application or driver. Update or remove it.'

export const setupSignatures = [
  good('scan-good', /(?:0x)?C1900210(?![\da-f])/i, 'The compatibility scan found no problem (0xC1900210)', from.upgradeCodes, { rules: ['TS-02'] }),
  own.good('setup-done', /(finished|completed|exit(ed|ing)?|ended) with (result |code |return code )?:?\s?(0x0+|0)\b(?!x)|Setup (has )?(completed|finished) successfully|Installation (has )?(completed|finished) successfully/i, 'Setup finished', from.logFiles, { isConfirmed: false }),
  own.harmless('homegroup', /\[shmig\] Failed to get preferred homegroup/i, 'No homegroup', 'The migration asks for a homegroup, and there is none. Every log has that.', from.reports),
  own.harmless('automation', /ResurrectAutomation: Failed to resurrect automation: 0x80070002|CSetupAutomation::Resurrect: File not found: .*automation\.dat/i, 'No automation from an earlier phase', 'Setup looks for an answer file of the phase before, and there is none.', from.reports),
  own.harmless('plugin-noise', /Plugin \{[\da-f-]+\}.*(not supported|does not exist|no such interface|hr=0x8000400[12])/i, 'A migration plug-in has nothing to do', 'A plug-in for something that is not on this machine.', from.reports, { isConfirmed: false }),
  own.harmless('mig-noise', /COutOfProcPluginFactory|Not unmapping HK|MigXml|Couldn't replace object/i, 'A line of the migration', 'It does not stop Setup.', from.logFiles, { isConfirmed: false }),

  failure('setup-driver', 'setup-C1900101', /(?<![\da-f])(?:0x)?C1900101(?![\da-f])(?:\s*-\s*0x(?<extend>[\da-f]{4,5}))?/i, 'Windows Setup was rolled back (0xC1900101{extendCode}): {place}', 'A driver is the cause in most cases: it stopped the machine, or Setup could not migrate it. Disk encryption and antivirus of others do the same.', 'Update firmware and drivers, remove antivirus and disk encryption of others, disconnect devices that are not needed, and try again. $WINDOWS.~BT\\Sources\\Rollback holds setupmem.dmp and setupapi.dev.log; SetupDiag reads them.', from.upgradeCodes, { weight: 70, rules: ['IPU-10'] }),
  failure('setup-place', 'setup-place', /(?<![\da-f])(?:0x)?(?<code>8[\da-f]{7})\s*-\s*0x(?<extend>[\da-f]{4,5})(?![\da-f])/i, 'Windows Setup stopped (0x{code}{extendCode}): {place}', 'The first code says what went wrong, the second at what: the phase and the operation.', 'Look at setupact.log and setuperr.log for the last lines before this code; in phases 3 and 4 at drivers, profiles and files that could not be migrated. SetupDiag reads them.', from.upgradeCodes, { weight: 68 }),
  result('C1900200', 'The computer does not meet the minimum requirements', requirements, 'Compare the computer with the requirements of the target version.', ['IPU-01', 'IPU-02']),
  result('C1900201', 'The computer does not meet the minimum requirements, and Setup was canceled', requirements, 'Compare the computer with the requirements of the target version.', ['IPU-01', 'IPU-02']),
  result('C1900202', 'The computer does not meet the requirements for the download', requirements, 'Compare the computer with the requirements of the target version.', ['IPU-01', 'IPU-02']),
  result('C1900204', 'Applications and settings cannot be kept', 'Edition, architecture or base language of the installation files is not that of the computer.', 'Use files of the same edition, architecture and language, or deploy the traditional way.', ['IPU-03', 'IPU-08']),
  result('C1900205', 'Applications and settings cannot be kept, and Setup was canceled', 'Edition, architecture or base language of the installation files is not that of the computer.', 'Use files of the same edition, architecture and language.', ['IPU-03', 'IPU-08']),
  result('C1900208', 'An application or driver stands in the way', 'Setup found something that would not work after the upgrade.', blockers, ['IPU-10']),
  result('C1900209', 'An application stands in the way, and Setup was canceled', 'Setup found something that would not work after the upgrade.', blockers, ['IPU-10']),
  result('C1900206', 'A device stands in the way', 'A device or its driver would not work after the upgrade.', blockers, ['IPU-10']),
  result('C190020E', 'The system drive is too small', 'Setup finds less free space than it wants.', space),
  result('C190020F', 'The system drive is too small, and Setup was canceled', 'Setup finds less free space than it wants.', space),
  result('C190020C', 'No space for the download', 'Setup finds less free space than it wants.', space),
  result('C1900107', 'An earlier attempt has not been cleaned up', 'A restart is pending from it.', 'Restart, then start again. If it stays, run Disk Cleanup for temporary installation files.', ['OSD-WDS-04']),
  result('C1900215', 'No image of the installation files fits this computer', 'Edition, language or architecture is not in them.', 'Use installation files that have the edition of the computer.', ['IPU-03']),
  result('C190010E', 'The license terms have not been accepted', 'Setup waits for somebody to accept them.', 'Start Setup with /eula accept.'),
  result('800F0922', 'Installers of components failed', 'The system partition is too small or full, or a component could not be installed.', 'Free the system reserved or EFI partition (at least 15 MB free; 500 MB in size is safe), disconnect VPN, and look at CBS.log.'),
  result('800F081F', 'Source files of a component are missing', 'The component store lacks files that an update or feature needs.', 'Repair the image: DISM /Online /Cleanup-Image /RestoreHealth with /Source.'),
  result('C004F050', 'The product key is not valid', 'The key does not belong to this edition, or has a mistake.', 'Correct the product key in the task sequence; for volume licences it may be empty.', ['TS-06']),
  result('C1420121', 'The WIM mounting driver is missing or too old', 'Setup cannot mount winre.wim without wimmount.sys and its registry key.', 'Restore wimmount.sys and HKLM\\SYSTEM\\CurrentControlSet\\Services\\WIMMount from a computer that works.'),
  own.failure('mount-winre', 'mount', /CMountWIM::DoExecute: Failed to mount WIM file (?<file>\S.*?)\. Error (?<code>0x[\da-f]{8})/i, 'Setup could not mount {file} ({code})', 'Windows PE of the upgrade (safe OS) is made from this image. The driver that mounts images is missing or kept off, or Setup runs without the rights it needs.', 'Run Setup as administrator with all privileges; restore wimmount.sys and its registry key; exclude $WINDOWS.~BT from virus scanners.', from.wimMountSetup, { weight: 72 }),
  own.failure('migration', 'migration', /Error (?:READ|WRITE), (?<win32>0x[\da-f]+) while gathering\/applying object: (?<object>.+?)\.? Will return/i, 'Setup could not migrate {object}', 'A file, profile or registry key could not be read or written, and the migration ends there.', 'Look whether the object is needed; repair or remove it, and start again. Broken profiles stand under ProfileList in the registry.', from.logFiles, { weight: 80 }),
  own.failure('migration-aborted', 'migration', /Shell application requested abort|Abandoning apply due to error for object/i, 'The migration was aborted', 'An object could not be migrated.', 'Look for the object in the lines of the same second.', from.logFiles, { weight: 60 }),
  own.failure('crash', 'setup-C1900101', /Crash (?<stop>0x[\da-f]{8}) detected/i, 'The machine stopped with a bugcheck ({stop}) during Setup', 'A driver ended Windows in the middle of Setup.', 'Open setupmem.dmp of $WINDOWS.~BT\\Sources\\Rollback; update or remove the driver it names.', from.upgradeCodes, { weight: 80 }),
  effect('setup-windows', ['setup-C1900101', 'setup-C1900200', 'setup-C1900204', 'setup-C1900208', 'setup-C190020E', 'setup-C1900107', 'mount', 'migration'], /Windows [Ss]etup (failed|completed with an error|exited),?.*?(?<code>0x[\da-f]{8}|\d{9,10})|Failed to run Windows Setup/i, 'Windows Setup failed ({code})', 'The upgrade did not finish.', 'Look at setupact.log and setuperr.log of $WINDOWS.~BT\\Sources\\Panther.', from.upgradeCodes, { weight: 20 }),
  own.effect('setup-operation', ['migration', 'mount', 'setup-C1900101', 'setup-C1900208', 'setup-C190020E', 'setup-800F0922', 'setup-C1900204', 'setup-C1900200', 'setup-C1900107'], /Operation (execution )?failed\b|Execution of operations queue failed|Gather(?: operation| framework)? failed|Gather ended .* with result (?!0)\d+|SetupHost: finished|CDlpTask::Cancel|Cannot continue|Rollback: (Show|Start)|Can't recover the system/i, 'Setup stopped', 'An operation failed, and this excerpt does not show why.', 'Look at the lines before it; SetupDiag reads the whole log.', from.logFiles, { weight: 5 }),
] // prettier-ignore
