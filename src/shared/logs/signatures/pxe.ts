/** SMSPXE.log: the PXE provider of a distribution point, of 2007 and of the current branch. */
import { documents as from, signaturesOf } from '../signature.ts'

const { failure, effect, good, harmless } = signaturesOf(['pxe'])
const point = 'management-point'
/** What keeps the provider from talking to its management point. */
const talk = ['certificate', 'issuing-list', 'ca', 'client-certificate', 'revocation', 'certificate-name', 'clock', 'tls', point] // prettier-ignore

export const pxeSignatures = [
  good('provider-started', /PXE Provider finished loading|PXE Provider loaded/i, from.understand),
  good('image-found', /^\s*Found new image (?<package>\w+)/i, from.understand),
  good('dp-certificate-good', /^Completed validation of Certificate/i, from.understand),
  good('lookup-answered', /MP_LookupDevice succeeded|CDatabaseProxy ?:: ?LookupDevice succeeded/i, from.advanced),
  good('test-answered', /PXE test request succeeded|Successfully.*PXE test/i, from.reports, { isConfirmed: false }),
  harmless('no-client', /Unable to open Registry key Software\\Microsoft\\CCM\. Return Code \[80070002\]/i, from.understand),
  harmless('no-counters', /InitializePerformanceCounters failed; 0x80070002|PXEPerfObject|PERFLIB|performance (object|counter)/i, from.issuing),
  harmless('no-ignore-list', /Cannot read the registry value of MACIgnoreListFile|MAC Ignore List Filename in registry is empty/i, from.understand),
  harmless('header-of-nobody', /^\s*Warning: Retry(ing)?\b|^Request retry\.?$/i, from.reports),

  failure('dp-certificate-expired', 'certificate', /Certificate \[(?:Thumbprint )?(?<thumbprint>[\da-f]*)[^\]]*\] issued to '(?<subject>[^']*)' has expired/i, from.expired, { weight: 100, rules: ['OSD-MP-01'] }),
  failure('dp-certificate-not-yet', 'clock', /Certificate .*(is not yet valid|not yet time.?valid)/i, from.reports, { weight: 90, isConfirmed: false, own: /Certificate \[|80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),
  failure('dp-certificate-outside', 'certificate', /not within its validity period|800B0101/i, from.expired, { weight: 80, rules: ['OSD-MP-01'] }),
  effect('dp-certificate-refused', ['certificate', 'clock', 'ca'], /Certificate not valid\.|Failed to validate PXEClientKey certificate|Failed to (?:import|load|open) (?:the )?certificate|PXE Provider failed to initialize\.|PXE Provider failed to read configuration parameters/i, from.expired, { weight: 40, own: /Certificate not valid\.|80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),
  failure('no-issuing-list', 'issuing-list', /Failed to create certificate store from encoded certificate|(0x)?80092002/i, from.issuing, { weight: 95, rules: ['OSD-MP-01'] }),
  failure('mp-authority', 'ca', /800B0109|800B010A|STATUS_FLAG_INVALID_CA|root certificate which is not trusted|untrusted root|cannot be built to a trusted root/i, from.nativeMode, { weight: 90, own: /800B010|STATUS_FLAG|WinHttp|SMS|\bMP\b/i }),
  failure('mp-certificate-name', 'certificate-name', /STATUS_FLAG_CERT_CN_INVALID|(0x)?80072f06|800B010F/i, from.nativeMode, { weight: 85 }),
  failure('revocation', 'revocation', /STATUS_FLAG_CERT_REV(OCATION)?_FAILED|(0x)?8009201[23]|(0x)?80072f19/i, from.nativeMode, { weight: 80 }),
  failure('client-certificate', 'client-certificate', /(0x)?80072f0c|(0x)?87d00281|STATUS_FLAG_CERT.*CLIENT|\b403\.7\b|(?:status code|HTTP(?:\/1\.1)?(?: status| error)?:?) ?403\b|(?:0x)?80190193|CLIENT_AUTH_CERT_NEEDED|\b12044\b|client certificate (is )?(missing|required|not found|invalid)|(no|failed to (get|find|load|open|select|retrieve)( the| a)?) (valid |suitable |PXE )?client(auth)? certificate/i, from.winInet, { weight: 88, rules: ['OSD-MP-01'], own: /8019|12044|CLIENT_AUTH_CERT|80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),
  failure('certificate-date', 'clock', /STATUS_FLAG_CERT_DATE_INVALID|(0x)?80072f05/i, from.nativeMode, { weight: 85 }),
  effect('tls', ['tls', 'ca', 'certificate-name', 'revocation', 'clock', 'client-certificate', 'certificate'], /(0x)?80072f8f|STATUS_SECURE_FAILURE|(0x)?80072f7d/i, from.nativeMode, { weight: 30 }),

  failure('mp-name', point, /(?:for MP: (?<mp>\S+?)\. )?(?:(?:0x)?80072ee7|(?:0x)?80072af9|unknown host)/i, from.winInet, { weight: 90, rules: ['OSD-MP-01', 'OSD-DNS-01'], own: /8007|WinHttp|\bMP\b/i }),
  failure('mp-timeout', point, /(?:for MP: (?<mp>\S+?)\. )?(?:0x)?80072ee2/i, from.winInet, { weight: 88, rules: ['OSD-MP-01'] }),
  failure('mp-refused', point, /(?:for MP: (?<mp>\S+?)\. )?(?:0x)?80072ef[de]/i, from.winInet, { weight: 88, rules: ['OSD-MP-01', 'OSD-IIS-01'] }),
  failure('mp-status', point, /(?:Status code|HTTP(?:\/1\.1)?(?: status| error)?:?|returned) ?(?<status>4(?!03)\d\d|5\d\d)\b/i, from.reports, { weight: 75, rules: ['OSD-MP-01', 'OSD-IIS-01'], own: /80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),
  failure('mp-down', point, /Failed to get information for MP: (?<mp>\S+?)\. (?:0x)?(?<code>[\da-f]{8})/i, from.reports, { weight: 60, rules: ['OSD-MP-01', 'OSD-IIS-01'] }),
  effect('mp-talk', [...talk.slice(-1), ...talk.slice(0, -1)], /RequestMPKeyInformation: Send\(\) failed|PXE::MP_\w+ failed|InitializeMPConnection failed|reply has no message header marker|Failed to send status message|Unsuccessful in sending status message|PXE Provider failed to (initialize MP connection|process message)|sending (with winhttp )?failed|Error\. Received 0x\w+ from WinHttp/i, from.issuing, { rules: ['OSD-MP-01', 'OSD-IIS-01'], own: /RequestMP|InitializeMP|message header marker|status message|80072[aef]|8009|800b|87d0|WinHttp|STATUS_FLAG|\bMP\b|MP_|\bCCM|\bSMS|management point|distribution point|\bPXE\b/i }),

  failure('image-files', 'boot-image', /Failed to copy \S.*?SMSTempBootFiles\\(?<package>\w+)\\|InstallBootFilesForImage failed/i, from.reports, { weight: 85, of: [], rules: ['OSD-PXE-01'], codes: ['PXE-E53'] }),
  failure('image-damaged', 'boot-image', /QueryWIMInfo failed|Failed to (open|load|read|mount) (the )?(boot )?(image|wim)\b|(?:wim|image)\b.{0,120}(?:0x)?(8007000b|8007000d|80070570|80070017)|(?:WIM\w*|image file|boot image)\b.{0,80}\b(failed|corrupt(ed)?|damaged|invalid|cannot be (opened|read))/i, from.reports, { weight: 88, isConfirmed: false, own: /QueryWIMInfo|SMSImages|boot\.wim|boot image (?:package )?\w{3}[\da-f]{5}\b|\bPXE\b/i }),
  failure('image-missing', 'boot-image', /FindImage: Boot image (?<package>\w+) not found/i, from.advanced, { weight: 82, rules: ['OSD-PXE-01', 'OSD-DP-01'] }),
  failure('image-unavailable', 'boot-image', /Could not find an available image BootImageID=(?<package>\w+)/i, from.advanced, { weight: 80, rules: ['OSD-PXE-01', 'OSD-DP-01'] }),
  failure('image-architecture', 'boot-image', /Matching Processor Architecture Boot Image \((?<architecture>\d+)\) not found|does not have a boot image matching the processor architecture/i, from.troubleshoot, { weight: 60, rules: ['OSD-PXE-01'] }),
  failure('boot-file-unreadable', 'boot-image', /Error opening file: (?<file>.+?)\. Win32=(?<win32>\d+)/i, from.reports, { weight: 55 }),

  failure('duplicate', 'identity', /Duplicate(SMBIOS|MACAddress)="1"|belong(s)? to more than one device|rejected the device: duplicate|MacCount=[2-9]|GuidCount=[2-9]/i, from.identifiers, { weight: 95 }),
  failure('ignored', 'identity', /^(?![^]*\b(?:not|no|non-PXE|delay\w*|retransmi\w*|duplicate|retry|because|since|due to|option|interface|invalid|malformed|unsupported|unexpected|unknown)\b)[^]*?(?:\b(is )?(on|in) the (MAC )?(address )?(ignore|exclusion|exception) list|\bignored?\b.{0,40}\b(MAC|device|client|machine|request|PXE)\b|\b(MAC|device|client|machine|request)\b.{0,60}\b(is |was |will be )?ignored|\bIgnoring\b[^]{0,40}\b(?:MAC|device|client|machine|address|request)\b)/i, from.ignoreList, { weight: 90, isConfirmed: false, own: /\b(?:ignore|exclusion|exception) list\b[^]*\b(?:MAC|PXE)\b|\b(?:MAC|PXE)\b[^]*\b(?:ignore|exclusion|exception) list\b|\bPXE\b[^]*\b(?:(?:is|was|be) ignored|ignoring)\b|\b(?:(?:is|was|be) ignored|ignoring)\b[^]*\bPXE\b/i }),
  failure('unknown-off', 'deployment', /unknown (computer|machine)s? (support )?(is |are )?(not (supported|enabled|allowed)|disabled|off)/i, from.advanced, { weight: 85, rules: ['OSD-PXE-02'], isConfirmed: false, own: /unknown (?:computer|machine)s? support|\bPXE\b/i }),
  failure('already-ran', 'deployment', /has already (run|been executed)|PXE advertisement .* already|instructed (the )?device to boot normally.*already/i, from.reports, { weight: 80, isConfirmed: false, own: /advertisement|deployment|task sequence|\bPXE\b/i }),
  failure('no-deployment', 'deployment', /no advertisements? found|No Advertisement found in Db|has no PXE advertisement assigned|no (task sequence )?deployments?(\(s\))? (was |were )?found/i, from.advanced, { weight: 70, rules: ['OSD-PXE-02'] }),
  effect('not-serviced', ['deployment', 'identity', 'boot-image', ...talk], /No boot action\. Aborted|Not serviced\.?\s*$|instruct?ed device to boot normally|PXE Boot aborted/i, from.advanced, { weight: 5, rules: ['OSD-PXE-02'] }),
  failure('boot-variables', 'variables', /Failed to (create|write|generate|save).*(boot\.var|variable file|\.boot\.bcd|SMSTemp)/i, from.reports, { weight: 80, isConfirmed: false }),
  failure('port-taken', 'port', /(?:0x)?80072740|\b(?:bind|socket)\b.*\b10048\b|Only one usage of each socket address/i, from.reports, { weight: 85, rules: ['OSD-COHOST-01', 'OSD-COHOST-02'], isConfirmed: false }),
  failure('tftp-file', 'boot-image', /^TFTP: (?<client>[\d.]+): not able to open (?!\S*(?:\.ttf|\.stl|\.mui)\b)(?<file>\S+?)\.?\s*$/i, from.reports, { weight: 55, isConfirmed: false }),
  failure('pxe-test', 'service', /PXE test request failed|Error receiving replies|Error validating replies/i, from.reports, { weight: 60 }),
  failure('provider-stopped', 'stopped', /PXE Provider\W+(is |was |has been )?(being )?(shut ?(ting )?down|unload(ed|ing)|stopp(ed|ing))|shut(ting)? ?down (the )?PXE/i, from.reports, { weight: 50, isConfirmed: false }),
] // prettier-ignore
