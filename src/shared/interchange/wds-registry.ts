/**
 * The registry of WDS and of a ConfigMgr distribution point as the model: whom it answers, on which ports, and which program each
 * architecture is given (Microsoft, "Windows Deployment Services Registry Entries", cc733103). Total; values of these services
 * that are not known are listed, and so is each key of something else.
 */
import { dhcpParametersKey, dpKey, wdsAnswerKey, wdsKey, wdsParametersKey, wdsTftpKey } from '../lab/registry-keys.ts'
import type { Condition, Configuration, NotUnderstood, PxeService, ServiceSetting, SourceFile, Statement } from './model.ts' // prettier-ignore
import { readRegistry, type RegistryValue } from './registry-lines.ts'

type Says = (value: NonNullable<RegistryValue['value']>) => string | undefined

const listed = (value: NonNullable<RegistryValue['value']>): string => (Array.isArray(value) ? value.join(', ') : String(value)) // prettier-ignore
const isNumber = (value: unknown): value is number => typeof value === 'number'
/** 0 and another number. */
const flag = (no: string, yes: string): Says => (value) => (isNumber(value) ? (value === 0 ? no : yes) : undefined) // prettier-ignore
const number = (says: (value: number) => string): Says => (value) => (isNumber(value) ? says(value) : undefined) // prettier-ignore
/** TRUE and FALSE, as text. */
const truth = (no: string, yes: string): Says => (value) => (/^true$/i.test(String(value)) ? yes : /^false$/i.test(String(value)) ? no : undefined) // prettier-ignore
const text = (says: (value: string) => string): Says => (value) => (isNumber(value) ? undefined : says(listed(value))) // prettier-ignore

/** By key and name, in lower case. */
const settings = new Map<string, Says>(
  (
    [
      [wdsKey, 'UseDHCPPorts', flag('Port 67 is left to a DHCP server of the same machine: only port 4011 is answered, and clients come there by option 60.', 'Port 67 is its own: it answers broadcasts beside the DHCP server of another machine.')],
      [wdsKey, 'DisableRogueDetection', flag('It answers only where Active Directory authorises it.', 'It answers whether it is authorised or not.')],
      [wdsKey, 'BindPolicy', flag('It listens on every interface but those of BindInterfaces.', 'It listens on the interfaces of BindInterfaces alone.')],
      [wdsKey, 'BindInterfaces', text((value) => (value === '' ? 'No interface is listed.' : `Interfaces ${value} are listed.`))],
      [wdsKey, 'ProvidersOrder', text((value) => `Providers are asked in this order: ${value}.`)],
      [wdsKey, 'BannedGuids', text((value) => `Clients with the identifiers ${value} are known by their MAC address.`)],
      [wdsAnswerKey, 'netbootAnswerRequests', truth('Nobody is answered.', 'Clients are answered.')],
      [wdsAnswerKey, 'netbootAnswerOnlyValidClients', truth('Known and unknown clients are answered.', 'Only prestaged clients are answered.')],
      [wdsAnswerKey, 'ResponseDelay', number((value) => `Clients are answered once they have waited ${value} s by their own count.`)],
      [wdsAnswerKey, 'DisableArchDisc', flag('BIOS clients are asked for their architecture.', 'BIOS clients are taken for 32-bit ones.')],
      [wdsAnswerKey, 'AllowN12ForNewClients', flag('Unknown clients get the same program as known ones.', 'Unknown clients get the program that waits for no key.')],
      [wdsAnswerKey, 'ResetBootProgram', flag('The program of a prestaged client stays.', 'The program of a prestaged client is cleared when it is installed.')],
      [wdsAnswerKey, 'AllowServerSelection', flag('Clients choose no server.', 'Clients may choose a server in a menu.')],
      [`${wdsAnswerKey}\\AutoApprove`, 'Policy', flag('Unknown clients do not wait for an approval.', 'Unknown clients wait until somebody approves them.')],
      [`${wdsAnswerKey}\\AutoApprove`, 'PendingMessage', text((value) => `A waiting client shows ${JSON.stringify(value)}.`)],
      [`${wdsAnswerKey}\\AutoApprove`, 'PollInterval', number((value) => `A waiting client asks again every ${value} s.`)],
      [`${wdsAnswerKey}\\AutoApprove`, 'PollMaxRetry', number((value) => `A waiting client asks ${value} times.`)],
      [wdsTftpKey, 'RootFolder', text((value) => `Files come from ${value}.`)],
      [wdsTftpKey, 'ReadFilter', text((value) => `Only files under ${value} are sent.`)],
      [wdsTftpKey, 'MaximumBlockSize', number((value) => (value === 0 ? 'Blocks are as large as the client asks for.' : `Blocks have ${value} bytes at most.`))],
      [wdsTftpKey, 'EnableVariableWindowExtension', flag('Every block is acknowledged before the next: large images load slowly.', 'Several blocks are sent before one is acknowledged.')],
      [wdsParametersKey, 'SharedPorts', flag('Port 67 is taken alone.', 'Port 67 is shared with another service of the machine: which of them gets a request is left to chance.')],
      [wdsParametersKey, 'UdpPortPolicy', flag('Files are sent from any free port.', 'Files are sent from UdpStartPort to UdpEndPort.')],
      [wdsParametersKey, 'UdpStartPort', number((value) => `Files are sent from port ${value} on.`)],
      [wdsParametersKey, 'UdpEndPort', number((value) => `Files are sent from ports up to ${value}.`)],
      [wdsParametersKey.replace(/\\Parameters$/, ''), 'Start', (value: NonNullable<RegistryValue['value']>) => ({ 2: 'The service starts with Windows.', 3: 'The service starts when somebody starts it.', 4: 'The service is disabled: nothing is answered.' })[listed(value)]],
      [dhcpParametersKey, 'DisableRogueDetection', flag('The DHCP server answers only where Active Directory authorises it.', 'The DHCP server answers whether it is authorised or not.')],
      [dpKey, 'IsPXE', flag('The distribution point answers no PXE request.', 'The distribution point answers PXE requests.')],
      [dpKey, 'DoNotListenOnDhcpPort', flag('The PXE responder listens on port 67.', 'The PXE responder leaves port 67 to a DHCP server of the same machine.')],
      [dpKey, 'SupportUnknownMachines', flag('Unknown machines are not answered.', 'Unknown machines are answered.')],
      [dpKey, 'RamDiskTFTPBlockSize', number((value) => `The boot image is loaded in blocks of ${value} bytes.`)],
      [dpKey, 'RamDiskTFTPWindowSize', number((value) => `The boot image is loaded ${value} blocks at a time.`)],
      [dpKey, 'MACIgnoreListFile', text((value) => `Machines of the list ${value} are not answered.`)],
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
    if (!ownKeys.test(key)) notUnderstood.push({ ...source, text: key.slice(0, 200), why: 'This key is none of WDS, of the DHCP server or of a distribution point: its values are not read.' }) // prettier-ignore
  for (const { source, key, name, value, text: line } of values) {
    if (!ownKeys.test(key)) continue
    const path = `${key}\\${name}`
    const program = new RegExp(`^${wdsAnswerKey.replaceAll('\\', '\\\\')}\\\\BootPrograms\\\\(\\w+)\\\\(Default|\\.n12)$`, 'i').exec(path) // prettier-ignore
    if (program && typeof value === 'string') {
      const [, architecture = '', which = ''] = program
      const isDefault = which.toLowerCase() === 'default'
      found.push({ source, name: `BootPrograms\\${architecture}\\${which}`, value, says: `${architecture} ${isDefault ? 'loads' : 'loads without a key'} ${value}.` }) // prettier-ignore
      const code = architectures[architecture.toLowerCase()]
      const test: Condition = { is: 'equal', left: { is: 'option', code: 93 }, right: { is: 'octets', octets: String.fromCharCode(0, code ?? 0) } } // prettier-ignore
      if (isDefault && code !== undefined) pxeServices.push({ source, test, text: architecture, file: value })
      continue
    }
    const says = value === undefined ? undefined : settings.get(path.toLowerCase())?.(value)
    if (says !== undefined) found.push({ source, name, value: value!, says })
    else if (!immaterial.test(path)) notUnderstood.push({ ...source, text: line, why: settings.has(path.toLowerCase()) ? `${name} has a value that it does not take.` : `${name} is not read.` }) // prettier-ignore
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
