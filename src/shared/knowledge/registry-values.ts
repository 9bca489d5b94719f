/** The registry values of WDS and of Configuration Manager that network boot depends on, for the search and the documentation. */
import { say, type Phrase } from '#messages/message.ts'
import { dpKey, smsSecurityKey, wdsKey, wdsParametersKey, wdsTftpKey, wdsUnattendKey } from '../lab/registry-keys.ts'

export interface RegistryValue {
  readonly key: string
  readonly name: string
  readonly says: Phrase
  /** Article or page that tells more, as in an address: `doctor/use-dhcp-ports`. */
  readonly page: string
}

const value = (key: string, name: string, says: Phrase, page = 'doctor'): RegistryValue => ({ key, name, says, page })

export const registryValues: readonly RegistryValue[] = [
  value(wdsKey, 'UseDHCPPorts', say('knowledge.1-default-wds-listens-udp'), 'doctor/use-dhcp-ports'),
  value(wdsKey, 'BindPolicy', say('knowledge.0-wds-listens-all-interfaces')),
  value(wdsKey, 'BindInterfaces', say('knowledge.interfaces-bindpolicy-speaks-address-mac')),
  value(wdsTftpKey, 'ReadFilter', say('knowledge.paths-wds-sends-over-tftp')),
  value(wdsTftpKey, 'RootFolder', say('knowledge.remoteinstall-folder')),
  value(wdsTftpKey, 'MaximumBlockSize', say('knowledge.largest-tftp-block-wds-grants')),
  value(wdsParametersKey, 'UdpPortPolicy', say('knowledge.0-wds-sends-files-any')),
  value(wdsParametersKey, 'UdpStartPort', say('knowledge.first-udp-port-wds-sends')),
  value(wdsParametersKey, 'UdpEndPort', say('knowledge.last-udp-port-wds-sends')),
  value(dpKey, 'DoNotListenOnDhcpPort', say('knowledge.1-pxe-responder-configuration-manager'), 'doctor/use-dhcp-ports'),
  value(dpKey, 'RamDiskTFTPBlockSize', say('knowledge.tftp-block-size-boot-images')),
  value(dpKey, 'RamDiskTFTPWindowSize', say('knowledge.how-many-tftp-blocks-sent')),
  value(dpKey, 'MACIgnoreListFile', say('knowledge.file-mac-addresses-pxe-responder')),
  value(smsSecurityKey, 'IssuingCertificateList', say('knowledge.issuers-whose-client-certificates-distributi')),
  value(wdsUnattendKey, 'AllowHandsFreeFunctionality', say('knowledge.1-lets-wds-send-answer')),
] // prettier-ignore
