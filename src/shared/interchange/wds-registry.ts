/**
 * The registry of WDS and of a ConfigMgr distribution point as the model: whom it answers, on which ports, and which program each
 * architecture is given (Microsoft, "Windows Deployment Services Registry Entries", cc733103). Total; values of these services
 * that are not known are listed, and so is each key of something else.
 */
import { say, type Phrase } from '#messages/message.ts'
import { dhcpParametersKey, dpKey, wdsAnswerKey, wdsKey, wdsParametersKey, wdsTftpKey } from '../lab/registry-keys.ts'
import type { Condition, Configuration, NotUnderstood, PxeService, ServiceSetting, SourceFile, Statement } from './model.ts' // prettier-ignore
import { readRegistry, type RegistryValue } from './registry-lines.ts'

type Says = (value: NonNullable<RegistryValue['value']>) => Phrase | undefined

const listed = (value: NonNullable<RegistryValue['value']>): string => (Array.isArray(value) ? value.join(', ') : String(value)) // prettier-ignore
const isNumber = (value: unknown): value is number => typeof value === 'number'
/** 0 and another number. */
const flag = (no: Phrase, yes: Phrase): Says => (value) => (isNumber(value) ? (value === 0 ? no : yes) : undefined) // prettier-ignore
const number = (says: (value: number) => Phrase): Says => (value) => (isNumber(value) ? says(value) : undefined) // prettier-ignore
/** TRUE and FALSE, as text. */
const truth = (no: Phrase, yes: Phrase): Says => (value) => (/^true$/i.test(String(value)) ? yes : /^false$/i.test(String(value)) ? no : undefined) // prettier-ignore
const text = (says: (value: string) => Phrase): Says => (value) => (isNumber(value) ? undefined : says(listed(value))) // prettier-ignore

/** By key and name, in lower case. */
const settings = new Map<string, Says>(
  (
    [
      [wdsKey, 'UseDHCPPorts', flag(say('interchange.port-67-left-dhcp-server'), say('interchange.port-67-own-answers-broadcasts'))],
      [wdsKey, 'DisableRogueDetection', flag(say('interchange.answers-only-active-directory-authorises'), say('interchange.answers-whether-authorised'))],
      [wdsKey, 'BindPolicy', flag(say('interchange.listens-every-interface-but-those'), say('interchange.listens-interfaces-bindinterfaces-alone'))],
      [wdsKey, 'BindInterfaces', text((value) => (value === '' ? say('interchange.interface-listed') : `Interfaces ${value} are listed.`))],
      [wdsKey, 'ProvidersOrder', text((value) => say('interchange.providers-asked-order', { value }))],
      [wdsKey, 'BannedGuids', text((value) => say('interchange.clients-identifiers-known-their-mac', { value }))],
      [wdsAnswerKey, 'netbootAnswerRequests', truth(say('interchange.nobody-answered'), say('interchange.clients-answered'))],
      [wdsAnswerKey, 'netbootAnswerOnlyValidClients', truth(say('interchange.known-unknown-clients-answered'), say('interchange.only-prestaged-clients-answered'))],
      [wdsAnswerKey, 'ResponseDelay', number((value) => say('interchange.clients-answered-once-they-waited', { value }))],
      [wdsAnswerKey, 'DisableArchDisc', flag(say('interchange.bios-clients-asked-their-architecture'), say('interchange.bios-clients-taken-32-bit'))],
      [wdsAnswerKey, 'AllowN12ForNewClients', flag(say('interchange.unknown-clients-get-same-program'), say('interchange.unknown-clients-get-program-waits'))],
      [wdsAnswerKey, 'ResetBootProgram', flag(say('interchange.program-prestaged-client-stays'), say('interchange.program-prestaged-client-cleared-when'))],
      [wdsAnswerKey, 'AllowServerSelection', flag(say('interchange.clients-choose-server'), say('interchange.clients-may-choose-server-menu'))],
      [`${wdsAnswerKey}\\AutoApprove`, 'Policy', flag(say('interchange.unknown-clients-do-wait-approval'), say('interchange.unknown-clients-wait-until-somebody'))],
      [`${wdsAnswerKey}\\AutoApprove`, 'PendingMessage', text((value) => say('interchange.waiting-client-shows', { stringify: JSON.stringify(value) }))],
      [`${wdsAnswerKey}\\AutoApprove`, 'PollInterval', number((value) => say('interchange.waiting-client-asks-again-every', { value }))],
      [`${wdsAnswerKey}\\AutoApprove`, 'PollMaxRetry', number((value) => say('interchange.waiting-client-asks-times', { value }))],
      [wdsTftpKey, 'RootFolder', text((value) => say('interchange.files-come', { value }))],
      [wdsTftpKey, 'ReadFilter', text((value) => say('interchange.only-files-under-sent', { value }))],
      [wdsTftpKey, 'MaximumBlockSize', number((value) => (value === 0 ? say('interchange.blocks-large-client-asks') : say('interchange.blocks-bytes-most', { value })))],
      [wdsTftpKey, 'EnableVariableWindowExtension', flag(say('interchange.every-block-acknowledged-before-next'), say('interchange.several-blocks-sent-before-one'))],
      [wdsParametersKey, 'SharedPorts', flag(say('interchange.port-67-taken-alone'), say('interchange.port-67-shared-another-service'))],
      [wdsParametersKey, 'UdpPortPolicy', flag(say('interchange.files-sent-any-free-port'), say('interchange.files-sent-udpstartport-udpendport'))],
      [wdsParametersKey, 'UdpStartPort', number((value) => say('interchange.files-sent-port', { value }))],
      [wdsParametersKey, 'UdpEndPort', number((value) => say('interchange.files-sent-ports-up', { value }))],
      [wdsParametersKey.replace(/\\Parameters$/, ''), 'Start', (value: NonNullable<RegistryValue['value']>) => ({ 2: say('interchange.service-starts-windows'), 3: say('interchange.service-starts-when-somebody-starts'), 4: say('interchange.service-disabled-nothing-answered') })[listed(value)]],
      [dhcpParametersKey, 'DisableRogueDetection', flag(say('interchange.dhcp-server-answers-only-active'), say('interchange.dhcp-server-answers-whether-authorised'))],
      [dpKey, 'IsPXE', flag(say('interchange.distribution-point-answers-pxe-request'), say('interchange.distribution-point-answers-pxe-requests'))],
      [dpKey, 'DoNotListenOnDhcpPort', flag(say('interchange.pxe-responder-listens-port-67'), say('interchange.pxe-responder-leaves-port-67'))],
      [dpKey, 'SupportUnknownMachines', flag(say('interchange.unknown-machines-answered'), say('interchange.unknown-machines-answered-2'))],
      [dpKey, 'RamDiskTFTPBlockSize', number((value) => say('interchange.boot-image-loaded-blocks-bytes', { value }))],
      [dpKey, 'RamDiskTFTPWindowSize', number((value) => say('interchange.boot-image-loaded-blocks-time', { value }))],
      [dpKey, 'MACIgnoreListFile', text((value) => say('interchange.machines-list-answered', { value }))],
    ] as const
  ).map(([key, name, says]) => [`${key}\\${name}`.toLowerCase(), says]),
) // prettier-ignore

/** Values that decide no boot: how the service is registered, what it writes into Active Directory, logs. */
const immaterial = /\\(DisplayName|Description|ErrorControl|ImagePath|ObjectName|Type|DependOnService|ServiceSidType|RequiredPrivileges|FailureActions|ProviderDLL|ProviderName|IsCritical|ServiceDll|ServiceMain|ScpCreated|netbootNewMachine\w+|NewMachine\w+|DefaultServer|DefaultGCServer|ADSearchOrder|UseGCFirst|PrestageUsingMAC|JoinDomain|JoinRights|User|RpcPort|TraceFlags|Trace\w*|\w*Log\w*)$/i // prettier-ignore
const ownKeys =
  /^HKLM\\(SYSTEM\\CurrentControlSet\\Services\\(WDSServer|DHCPServer\\Parameters)|SOFTWARE\\Microsoft\\SMS\\(DP|PXE))(\\|$)/i
/** Architectures that firmware says (RFC 4578 section 2.1), by the names of WDS; what x64 loads follows from a dialogue. */
const architectures: Readonly<Record<string, number>> = { x86: 0, ia64: 2, x86uefi: 6, x64uefi: 7, arm: 10, armuefi: 10, arm64: 11, arm64uefi: 11 } // prettier-ignore

/** Reads the registry of a server; throws nothing. */
export function readWdsRegistry(file: SourceFile): Configuration {
  const { keys, values, notUnderstood: left } = readRegistry(file)
  const notUnderstood: NotUnderstood[] = [...left]
  const found: ServiceSetting[] = []
  const pxeServices: PxeService[] = []
  const answers: Statement[] = []
  for (const { key, ...source } of keys)
    if (!ownKeys.test(key)) notUnderstood.push({ ...source, text: key.slice(0, 200), why: say('interchange.key-none-wds-dhcp-server') }) // prettier-ignore
  for (const { source, key, name, value, text: line } of values) {
    if (!ownKeys.test(key)) continue
    const path = `${key}\\${name}`
    const program = new RegExp(`^${wdsAnswerKey.replaceAll('\\', '\\\\')}\\\\BootPrograms\\\\(\\w+)\\\\(Default|\\.n12)$`, 'i').exec(path) // prettier-ignore
    if (program && typeof value === 'string') {
      const [, architecture = '', which = ''] = program
      const isDefault = which.toLowerCase() === 'default'
      found.push({ source, name: `BootPrograms\\${architecture}\\${which}`, value, says: `${architecture} ${isDefault ? 'loads' : 'loads without a key'} ${value}.` }) // prettier-ignore
      const code = Object.hasOwn(architectures, architecture.toLowerCase())
        ? architectures[architecture.toLowerCase()]
        : undefined
      const test: Condition = { is: 'equal', left: { is: 'option', code: 93 }, right: { is: 'octets', octets: String.fromCharCode(0, code ?? 0) } } // prettier-ignore
      if (isDefault && code !== undefined) pxeServices.push({ source, test, text: architecture, file: value })
      continue
    }
    const says = value === undefined ? undefined : settings.get(path.toLowerCase())?.(value)
    if (says !== undefined) found.push({ source, name, value: value!, says })
    else if (!immaterial.test(path)) notUnderstood.push({ ...source, text: line, why: settings.has(path.toLowerCase()) ? say('interchange.value-does-take', { name }) : say('interchange.read', { name }) }) // prettier-ignore
    if (path.toLowerCase() === `${wdsAnswerKey}\\netbootAnswerRequests`.toLowerCase() && /^false$/i.test(String(value))) answers.push({ source, set: { is: 'answers', to: 'everybody', isAllowed: false } }) // prettier-ignore
    if (path.toLowerCase() === `${wdsAnswerKey}\\netbootAnswerOnlyValidClients`.toLowerCase() && /^true$/i.test(String(value))) answers.push({ source, set: { is: 'answers', to: 'unknown-clients', isAllowed: false } }) // prettier-ignore
  }
  return {
    engine: 'wds',
    files: [file.name],
    authoritative: false,
    statements: answers,
    classes: [],
    subnets: [],
    reservations: [],
    ignored: [],
    pxeServices,
    settings: found,
    notUnderstood,
  }
}
