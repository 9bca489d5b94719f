/**
 * The commands that repair, each for an elevated prompt, whether cmd or PowerShell, and the references they come from.
 */
export const regSet = (key: string, name: string, value: number): string =>
  `reg add ${key} /v ${name} /t REG_DWORD /d ${value} /f`
export const regBack = (
  key: string,
  name: string,
  data: number | string | readonly string[] | null | undefined,
): string => (typeof data === 'number' ? regSet(key, name, data) : `reg delete ${key} /v ${name} /f`)
export const restartWds = ['net stop WDSServer', 'net start WDSServer'] as const
export const restartResponder = ['net stop SccmPxe', 'net start SccmPxe'] as const
/** WDS leaves port 67 to DHCP on the same server, and DHCP points to it. */
export const shareServer = 'wdsutil /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes'
export const setOption60 = [
  'netsh dhcp server add optiondef 60 PXEClient String 0 comment=PXE support',
  'netsh dhcp server set optionvalue 60 STRING PXEClient',
] as const
export const deleteOption60 = [
  'netsh dhcp server delete optionvalue 60',
  'netsh dhcp server delete optiondef 60 PXEClient',
] as const
export const docs = {
  coHosting: 'Microsoft, Advanced troubleshooting for PXE boot issues (KB 4491871)',
  startup: 'Microsoft, WDS server may not start (KB 954410)',
  responder: 'Microsoft, Use PXE to deploy Windows over the network',
  helpers: 'Microsoft, Boot from a PXE server on a different network (KB 4471003)',
  dns: 'Microsoft KB 977512',
  authorise: 'Microsoft, Add-DhcpServerInDC',
  registry: 'Microsoft, WDS registry entries (cc733103)',
} as const

/** For an elevated prompt of either kind. */
export const powershell = (command: string): string => `powershell -NoProfile -Command "${command}"`

/** Inside single quotes inside double quotes; names of policies come from outside. */
const inQuotes = (text: string): string => text.replaceAll('"', '').replaceAll("'", "''")

export const deleteOptionAt = (code: number, level: string, at: string): string =>
  level === 'scope'
    ? `netsh dhcp server scope ${at} delete optionvalue ${code}`
    : level === 'reservation'
      ? powershell(`Remove-DhcpServerv4OptionValue -ReservedIP ${at} -OptionId ${code}`)
      : level === 'policy'
        ? powershell(`Remove-DhcpServerv4OptionValue -PolicyName '${inQuotes(at)}' -OptionId ${code}`)
        : `netsh dhcp server delete optionvalue ${code}`
export const setOptionAt = (code: number, level: string, at: string, value: string): string =>
  level === 'scope'
    ? `netsh dhcp server scope ${at} set optionvalue ${code} STRING "${value.replaceAll('"', '')}"`
    : level === 'reservation'
      ? powershell(`Set-DhcpServerv4OptionValue -ReservedIP ${at} -OptionId ${code} -Value '${inQuotes(value)}'`)
      : level === 'policy'
        ? powershell(
            `Set-DhcpServerv4OptionValue -PolicyName '${inQuotes(at)}' -OptionId ${code} -Value '${inQuotes(value)}'`,
          )
        : `netsh dhcp server set optionvalue ${code} STRING "${value.replaceAll('"', '')}"`
