/**
 * The PXE error codes: one number, two dictionaries. BIOS ROMs use those of PXE 2.1 and Intel's boot agent, UEFI firmware
 * those of EDK2's PXE Base Code driver; several numbers mean different things. The whole list of the BIOS: Broadcom KB 152549.
 */
import { say, type Phrase } from '#messages/message.ts'

export interface PxeError {
  readonly code: string
  /** What a BIOS boot ROM means by it; undefined where none uses it. */
  readonly bios: Phrase | undefined
  readonly uefi: Phrase | undefined
  /** What a boot over IPv6 means by it besides. */
  readonly uefi6: Phrase | undefined
  /** Where to look first. */
  readonly look: Phrase
}

const row = (code: string, bios: Phrase | undefined, uefi: Phrase | undefined, look: Phrase, uefi6?: Phrase): PxeError => ({ code, bios, uefi, uefi6, look }) // prettier-ignore

export const pxeErrors: readonly PxeError[] = [
  row('PXE-E00', say('pxe-errors.e00-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E01', say('pxe-errors.e01-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E04', say('pxe-errors.e04-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E05', say('pxe-errors.e05-bios'), say('pxe-errors.e05-uefi'), say('pxe-errors.bios-card-uefi-size-server-tells')),
  row('PXE-E06', say('pxe-errors.e06-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E07', say('pxe-errors.e07-bios'), say('pxe-errors.e07-uefi'), say('pxe-errors.card-firmware')),
  row('PXE-E08', say('pxe-errors.e08-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E09', say('pxe-errors.e09-bios'), say('pxe-errors.e09-uefi'), say('pxe-errors.firmware')),
  row('PXE-E11', say('pxe-errors.e11-bios'), undefined, say('pxe-errors.whether-server-same-network-router-answers')),
  row('PXE-E12', undefined, say('pxe-errors.e12-uefi'), say('pxe-errors.cable-switch-port')),
  row('PXE-E16', undefined, say('pxe-errors.e16-uefi'), say('pxe-errors.options-60-43-proxydhcp-port-4011'), say('pxe-errors.e16-uefi-over-6')),
  row('PXE-E18', undefined, say('pxe-errors.e18-uefi'), say('pxe-errors.whether-server-hears-client-tftp-port')),
  row('PXE-E20', say('pxe-errors.e20-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E21', say('pxe-errors.e21-bios'), say('pxe-errors.e21-uefi'), say('pxe-errors.bios-boot-integrity-services-uefi-esc'), say('pxe-errors.e21-uefi-over-6')),
  row('PXE-E22', say('pxe-errors.e22-bios'), say('pxe-errors.e22-uefi'), say('pxe-errors.uefi-closed-port')),
  row('PXE-E23', say('pxe-errors.e23-bios'), say('pxe-errors.e23-uefi'), say('pxe-errors.uefi-name-rights-boot-file')),
  row('PXE-E24', say('pxe-errors.e24-bios'), undefined, say('pxe-errors.boot-integrity-services')),
  row('PXE-E25', say('pxe-errors.e25-bios'), undefined, say('pxe-errors.boot-integrity-services')),
  row('PXE-E26', say('pxe-errors.e26-bios'), undefined, say('pxe-errors.boot-integrity-services')),
  row('PXE-E27', say('pxe-errors.e27-bios'), undefined, say('pxe-errors.boot-integrity-services')),
  row('PXE-E28', say('pxe-errors.e28-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E32', say('pxe-errors.e32-bios'), undefined, say('pxe-errors.tftp-server-port-69-firewall-next')),
  row('PXE-E35', say('pxe-errors.e35-bios'), undefined, say('pxe-errors.block-size-path-mtu-packet-loss')),
  row('PXE-E36', say('pxe-errors.e36-bios'), undefined, say('pxe-errors.log-tftp-server')),
  row('PXE-E38', say('pxe-errors.e38-bios'), undefined, say('pxe-errors.network-card-cable-switch-port')),
  row('PXE-E39', say('pxe-errors.e39-bios'), undefined, say('pxe-errors.network-card-cable-switch-port')),
  row('PXE-E3A', say('pxe-errors.e3a-bios'), undefined, say('pxe-errors.boot-file-perhaps-uefi-program-bios')),
  row('PXE-E3B', say('pxe-errors.e3b-bios'), undefined, say('pxe-errors.name-folder-boot-file')),
  row('PXE-E3C', say('pxe-errors.e3c-bios'), undefined, say('pxe-errors.rights-read-filter-tftp-server')),
  row('PXE-E3F', say('pxe-errors.e3f-bios'), undefined, say('pxe-errors.block-size-tftp-server')),
  row('PXE-E51', say('pxe-errors.e51-bios'), undefined, say('pxe-errors.dhcp-server-relay-spanning-tree')),
  row('PXE-E52', say('pxe-errors.e52-bios'), undefined, say('pxe-errors.dhcp-server-running-authorised-pool-not')),
  row('PXE-E53', say('pxe-errors.e53-bios'), say('pxe-errors.e53-uefi'), say('pxe-errors.option-67-proxydhcp-usedhcpports')),
  row('PXE-E55', say('pxe-errors.e55-bios'), undefined, say('pxe-errors.option-60-without-boot-server-wds')),
  row('PXE-E60', say('pxe-errors.e60-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E61', say('pxe-errors.e61-bios'), undefined, say('pxe-errors.cable-switch-port')),
  row('PXE-E63', say('pxe-errors.e63-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E64', say('pxe-errors.e64-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E65', say('pxe-errors.e65-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E66', say('pxe-errors.e66-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E67', say('pxe-errors.e67-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E68', say('pxe-errors.e68-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E69', say('pxe-errors.e69-bios'), undefined, say('pxe-errors.network-card-rom-firmware-another-card')),
  row('PXE-E74', say('pxe-errors.e74-bios'), undefined, say('pxe-errors.option-43-tags-9-10')),
  row('PXE-E76', say('pxe-errors.e76-bios'), undefined, say('pxe-errors.option-43-tag-7')),
  row('PXE-E77', say('pxe-errors.e77-bios'), undefined, say('pxe-errors.option-43-tags-6-8')),
  row('PXE-E78', say('pxe-errors.e78-bios'), undefined, say('pxe-errors.boot-servers-option-43-tag-8')),
  row('PXE-E79', say('pxe-errors.e79-bios'), undefined, say('pxe-errors.boot-file-perhaps-uefi-program-bios')),
  row('PXE-E7A', say('pxe-errors.e7a-bios'), undefined, say('pxe-errors.boot-integrity-services-bios-boot-server')),
  row('PXE-E7B', say('pxe-errors.e7b-bios'), undefined, say('pxe-errors.siaddr-option-43')),
  row('PXE-E81', say('pxe-errors.e81-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E82', say('pxe-errors.e82-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E83', say('pxe-errors.e83-bios'), undefined, say('pxe-errors.option-43')),
  row('PXE-E84', say('pxe-errors.e84-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-E85', say('pxe-errors.e85-bios'), undefined, say('pxe-errors.size-ram-disk-memory-machine')),
  row('PXE-E86', say('pxe-errors.e86-bios'), undefined, say('pxe-errors.image')),
  row('PXE-E87', say('pxe-errors.e87-bios'), undefined, say('pxe-errors.option-43-tag-71')),
  row('PXE-E88', say('pxe-errors.e88-bios'), undefined, say('pxe-errors.boot-server')),
  row('PXE-E89', say('pxe-errors.e89-bios'), undefined, say('pxe-errors.name-image-tftp-server')),
  row('PXE-E99', undefined, say('pxe-errors.e99-uefi'), say('pxe-errors.whether-tftp-server-runs')),
  row('PXE-EA0', say('pxe-errors.ea0-bios'), undefined, say('pxe-errors.keyboard')),
  row('PXE-EC1', say('pxe-errors.ec1-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC3', say('pxe-errors.ec3-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC4', say('pxe-errors.ec4-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC5', say('pxe-errors.ec5-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC6', say('pxe-errors.ec6-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC8', say('pxe-errors.ec8-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
  row('PXE-EC9', say('pxe-errors.ec9-bios'), undefined, say('pxe-errors.firmware-update-bios-boot-rom')),
] // prettier-ignore

const byCode = new Map(pxeErrors.map((error) => [error.code, error]))

/** A code in any common spelling: `PXE-E55`, `e55`. */
export const findPxeError = (code: string): PxeError | undefined =>
  byCode.get(
    `PXE-${code
      .trim()
      .toUpperCase()
      .replace(/^PXE-?/, '')}`,
  )

/** What UEFI firmware means by it in a boot over this protocol. */
export const uefiMeaningOver = ({ uefi, uefi6 }: PxeError, isIpv6: boolean): Phrase | undefined =>
  isIpv6 ? (uefi6 ?? uefi) : uefi

/** What UEFI firmware means by it, whatever the boot goes over. */
export const uefiMeaning = ({ uefi, uefi6 }: PxeError): Phrase | undefined =>
  uefi !== undefined && uefi6 !== undefined ? say('pxe-errors.uefi-with-6', { meaning: uefi, over6: uefi6 }) : uefi
