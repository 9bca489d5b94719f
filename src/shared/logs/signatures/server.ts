/** Logs of the site server and of the distribution point's installer: Smsdpprov, Distmgr, PXESetup, CertMgr, SMSProv, MP_GetAuth. */
import { documents as from, signaturesOf } from '../signature.ts'

const { failure, effect, hint, good, harmless } = signaturesOf(['server'])

export const serverSignatures = [
  good('pxe-installed', /^\s*Installed PXE\b|PXE provider is already installed/i, from.understand),
  good('wds-installed', /Successfully installed WDS|WDS is INSTALLED\b/i, from.understand),
  good('provider-registered', /PxeProviderRegister has suc\w+/i, from.understand),
  good('setup-good', /Installation was successful|exited with return code: 0\b/i, from.reports, { isConfirmed: false }),
  good('dp-updated', /DP registry settings have been successfully updated on (?<dp>\S+)/i, from.expired),
  good('content-added', /Content '(?<content>[^']+)' for package '(?<package>\w+)' has been added to content library successfully/i, from.understand),
  harmless('not-set-yet', /Reg(QueryValueExW|ReadDWord) failed|REMINST not set in WDS|GetFileSharePath failed; 0x80070906|Share \(REMINST\) does not exist|REMINST share does not exist|Failed to open WDS service|WDSServer is NOT STARTED|WDSServer status is \d|Failed \(2\) to run: ServerManagerCmd/i, from.understand, { codes: ['0x80070002'] }),

  harmless('wds-not-yet', /WDS is NOT (INSTALLED|Configured)/i, from.understand, { component: /SMSDPPROV|DISTRIBUTION_MANAGER/i }),
  failure('pxe-password', 'pxe-password', /Failed to get the encrypted PXE password/i, from.expired, { weight: 90 }),
  failure('security-key', 'security-key', /(?:Cannot get copy of security registry key on server|Failed to get the copy of Security registry key on server) \(?(?<dp>[^\s()]+)\)? \((?<code>0x\w+)\)/i, from.issuing, { weight: 85, rules: ['OSD-MP-01'], codes: ['0x80092002'] }),
  failure('restart-pending', 'install', /(restart|reboot) (is )?(pending|required|needed)\b(?!\s*[:=]?\s*(no|false|0)\b)|ERROR_SUCCESS_REBOOT_REQUIRED|\b3010\b.*(WDS|reboot)|RestartNeeded\s*:?\s*Yes/i, from.troubleshoot, { weight: 80, rules: ['OSD-WDS-04'], own: /\bWDS\b|Deployment Services|\broles?\b|\bfeatures?\b|3010|RestartNeeded|REBOOT_REQUIRED|80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),
  failure('wds-install', 'install', /Failed to install WDS|WDS installation failed|Installation of WDS.*fail|Failed \((?<code>\d+)\) to run: (PowerShell\.exe.*WDS|WDSUTIL\.exe)|WDSUTIL\.exe.*(failed|error)|Add-WindowsFeature.*(fail|error)/i, from.troubleshoot, { weight: 70, rules: ['OSD-WDS-01', 'OSD-WDS-04'] }),
  failure('no-wds', 'install', /(WDS|Windows Deployment Services)\b[^.]{0,30}\b(not (been )?(installed|configured|found|present)|missing)|(WDS|Windows Deployment Services) must be installed|PXE.{0,40}requires WDS|Installation failed.{0,60}WDS/i, 'Microsoft, Troubleshooting the PXE Service Point and WDS in Configuration Manager 2007', { weight: 75, rules: ['OSD-WDS-03'], isConfirmed: false }),
  failure('pxe-install', 'install', /(ConfigurePXE|CcmInstallPXE|InstallPXE|DoPxeProviderRegister|PxeProviderRegister|CcmUninstallPXE)\b.*(failed|0x8)|SMS PXE (Service Point )?Setup failed|pxe\.msi.*(failed|could not be installed|(?:exit|return) code:? [1-9])|Fatal MSI Error|Failed to (install|register|configure) (the )?(PXE|WDS provider)/i, from.troubleshoot, { weight: 50 }),
  failure('dp-connection', 'dp-connection', /Failed to (make a network connection|connect) to (?<share>\\\\\S+?)[.,]? ?(?:\(?(?<code>0x\w+)\)?|$)/i, from.reports, { weight: 65 }),
  failure('expand-image', 'dp-content', /ExpandPXEImage failed; (?<code>0x\w+)/i, 'Microsoft KB 2794136, Distribution of a boot image to a PXE-enabled distribution point fails', { weight: 72, rules: ['OSD-PXE-01', 'OSD-DP-01'], codes: ['0x80070003'] }),
  failure('content-logon', 'dp-content', /(?:CContentDefinition::\w+|CSendFileAction::\w+) failed; (?:0x8007052e|0x80070005)/i, 'Microsoft KB 4508653, Package distribution to a remote distribution point fails because of a logon failure', { weight: 74, rules: ['OSD-DP-01'] }),
  effect('content-files', ['dp-content'], /(?:CContentDefinition::\w+|CSendFileAction::\w+) failed; 0x\w+|^Error occurred\. Performing error cleanup/i, from.reports),
  failure('branch-cache', 'dp-content', /There is not enough space on the disk[^]*BranchCache/i, 'Microsoft KB 4509484, Error 80070070 during content distribution to a CMG', { weight: 78, codes: ['0x80070070'] }),
  failure('dp-iis', 'dp-iis', /IDispatch error #3603|Create(?:VirtualDirectory|ApplicationPool): Failed|Failed to CreateVirtualDirectory \S+ for DP (?<dp>\S+?)\.? /i, 'Microsoft KB 4509132, IDispatch error 3603', { weight: 78, rules: ['OSD-IIS-01'] }),
  effect('dp-iis-wmi', ['dp-iis'], /CWmi::\w+\(\): \w+\(\) failed/i, 'Microsoft KB 4509132, IDispatch error 3603'),
  failure('servicing-unmount', 'servicing', /(?:UnMount(?:WIM)?Image returned code|Image UnMount failed with error) (?:0x800700a1|161)\b/i, 'Microsoft KB 4517870, Scheduled updates fail with 0x800700a1', { weight: 78 }),
  failure('servicing', 'servicing', /(?:UnMount(?:WIM)?Image|Mount(?:WIM)?Image) returned code (?!0x0+\b)(?<code>0x\w+)|Image (?:Un)?Mount failed with error (?<win32>[1-9]\d*)/i, from.reports, { weight: 60 }),
  effect('servicing-failed', ['servicing'], /Schedule processing failed|processing image package \w+\. Status = Failed/i, from.reports, { component: /OFFLINE_SERVICING/i }),
  failure('driver-platform', 'driver-import', /(?<inf>\S+\.inf) is not applicable to any supported platforms|Driver is not applicable to any supported platforms/i, 'Microsoft KB 3025419, Cannot import drivers into Configuration Manager', { weight: 70 }),
  failure('dp-rpc', 'install', /(?:0x)?800706ba\b|The RPC server is unavailable/i, from.reports, { weight: 85, rules: ['OSD-DP-01'] }),
  effect('dp-wmi', ['install', 'dp-iis'], /CWmi::Connect\(\)|Failed to connect to (?:the )?WMI namespace/i, from.reports),
  failure('wim-mount', 'wim-mount', /failed to mount wim file, err=(?<code>-?\d+)|Failed to inject OSD binaries into mounted WIM file|Failed to (make|create) (the )?(self extracting|boot image)/i, from.wimMount, { weight: 80, rules: ['OSD-ADK-01'], own: /err=|OSD binaries|self extracting|\bADK\b|\bSMS|\.wim\b/i }),
  failure('content-copy', 'dp-content', /Failed to (copy|distribute|send|add|transfer|expand)( the)? (content|package|wim|file)?.*?(?:package )?\b(?<package>(?=[A-Z]{0,7}\d)[A-Z0-9]{8})\b|Expanding (?<id>(?=[A-Z]{0,7}\d)[A-Z0-9]{8}) .*failed/i, from.reports, { weight: 55, rules: ['OSD-DP-01'], isConfirmed: false, own: /\b(?:package|content|wim)\b/i }),
  failure('content-source', 'dp-content', /source directory (?<source>\S+) doesn't exist or the SMS service cannot access it/i, from.reports, { weight: 65, rules: ['OSD-DP-01'] }),
  failure('mp-control', 'mp-control', /HttpSendRequestSync failed for port (?<port>\d+) with status code (?<status>\d+)/i, from.reports, { weight: 70, rules: ['OSD-MP-01', 'OSD-IIS-01'] }),
  failure('unknown-objects', 'unknown-objects', /Formatted string exceeded max buffer size|LoadFromString \(String \(bstrMPLocationXML\)/i, from.dynamicMedia, { weight: 80 }),
  failure('pxe-test', 'service', /PXE test request failed|Error receiving replies|Error validating replies|PXE control.*(failed|unavailable)/i, from.reports, { weight: 60 }),
  effect('server-500', ['unknown-objects'], /Sending response 500 Internal Server Error/i, from.dynamicMedia, { weight: 10 }),
  hint('wds-service-off', /WDS service (is )?(stopped|not running)/i, from.reports, { isConfirmed: false }),
] // prettier-ignore
