/** The registry values of WDS and of Configuration Manager that network boot depends on, for the search and the documentation. */
import { dpKey, smsSecurityKey, wdsKey, wdsParametersKey, wdsTftpKey, wdsUnattendKey } from '../lab/registry-keys.ts'

export interface RegistryValue {
  readonly key: string
  readonly name: string
  readonly says: string
  /** Article or page that tells more, as in an address: `doctor/use-dhcp-ports`. */
  readonly page: string
}

const value = (key: string, name: string, says: string, page = 'doctor'): RegistryValue => ({ key, name, says, page })

export const registryValues: readonly RegistryValue[] = [
  value(wdsKey, 'UseDHCPPorts', '1 (default): WDS listens on UDP 67. 0: it leaves port 67 to the DHCP server on the same machine, which then needs option 60.', 'doctor/use-dhcp-ports'),
  value(wdsKey, 'BindPolicy', '0: WDS listens on all interfaces except those listed. 1: only on those listed in BindInterfaces.'),
  value(wdsKey, 'BindInterfaces', 'The interfaces that BindPolicy speaks of, by address or MAC address.'),
  value(wdsTftpKey, 'ReadFilter', 'The paths that WDS sends over TFTP: \\boot\\*, \\tmp\\* and, for Configuration Manager, \\SMSBoot\\* and \\SMSTemp\\*.'),
  value(wdsTftpKey, 'RootFolder', 'The RemoteInstall folder, where TFTP paths begin.'),
  value(wdsTftpKey, 'MaximumBlockSize', 'The largest TFTP block that WDS grants, in bytes.'),
  value(wdsParametersKey, 'UdpPortPolicy', '0: WDS sends files from any free port. 1: from UdpStartPort to UdpEndPort, which DNS may hold.'),
  value(wdsParametersKey, 'UdpStartPort', 'The first UDP port that WDS sends files from when UdpPortPolicy is 1.'),
  value(wdsParametersKey, 'UdpEndPort', 'The last UDP port that WDS sends files from when UdpPortPolicy is 1.'),
  value(dpKey, 'DoNotListenOnDhcpPort', '1: the PXE responder of Configuration Manager leaves UDP 67 to the DHCP server on the same machine.', 'doctor/use-dhcp-ports'),
  value(dpKey, 'RamDiskTFTPBlockSize', 'The TFTP block size for boot images, in bytes. Above 1456 each block travels in fragments.'),
  value(dpKey, 'RamDiskTFTPWindowSize', 'How many TFTP blocks are sent before an acknowledgement.'),
  value(dpKey, 'MACIgnoreListFile', 'A file with the MAC addresses that the PXE responder never answers.'),
  value(smsSecurityKey, 'IssuingCertificateList', 'The issuers whose client certificates the distribution point trusts. Where it is missing, SMSPXE.log says 0x80092002.'),
  value(wdsUnattendKey, 'AllowHandsFreeFunctionality', '1 lets WDS send answer files over a channel that is not encrypted. 0 blocks hands-free deployment (KB 5074952).'),
] // prettier-ignore
