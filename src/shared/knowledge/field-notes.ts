/** What experience adds to a code: short, and true of many sites. By canonical code. */
import { say, type Phrase } from '#messages/message.ts'
export const fieldNotes: Readonly<Record<string, readonly Phrase[]>> = {
  'PXE-E51': [
    say('knowledge.if-machine-boots-second-attempt'),
    say('knowledge.compare-machine-network-dhcp-server'),
  ],
  'PXE-E52': [say('knowledge.pxe-server-works-nobody-gave')],
  'PXE-E53': [
    say('knowledge.offer-came-so-dhcp-works'),
    say('knowledge.behind-router-ip-helper-must'),
  ],
  'PXE-E55': [
    say('knowledge.option-60-sends-client-port'),
    say('knowledge.after-wds-distribution-point-moves'),
  ],
  'PXE-E16': [
    say('knowledge.uefi-covers-bios-tells-apart'),
    say('knowledge.console-shows-address-received-if'),
  ],
  'PXE-E18': [
    say('knowledge.shown-before-address-dhcp-did'),
    say('knowledge.if-only-some-models-fail'),
  ],
  'PXE-E23': [say('knowledge.capture-udp-69-read-request')],
  'PXE-E32': [
    say('knowledge.tftp-sends-data-new-udp'),
    say('knowledge.check-address-option-66-next'),
  ],
  'PXE-E35': [say('knowledge.file-began-stopped-lower-block')],
  'PXE-E3B': [say('knowledge.path-begins-tftp-root-wds')],
  'PXE-T01': [say('knowledge.path-begins-tftp-root-wds')],
  'PXE-T04': [say('knowledge.wds-read-filter-refuses-everything')],
  'PXE-E61': [say('knowledge.every-dock-adapter-boot-rom')],
  'PXE-E99': [say('knowledge.uefi-mostly-closed-udp-port')],
  'PXE-M0F': [say('knowledge.line-alone-cause-film-screen')],
  '0xc000000f': [say('knowledge.wds-mostly-bcd-add-boot')],
  '0xc0000001': [
    say('knowledge.often-tftp-window-turn-off'),
    say('knowledge.also-check-size-ram-current'),
  ],
  '0xc0000098': [say('knowledge.server-boot-image-architecture-none')],
  '0xc0000225': [say('knowledge.boot-image-firmware-must-agree')],
  '0xc0000428': [say('knowledge.since-2011-certificates-being-revoked')],
  '0x80070490': [say('knowledge.element-found-configuration-manager-often')],
  '0x80004005': [say('knowledge.unspecified-error-line-before-log')],
  '0x80070002': [say('knowledge.file-found-smsts-log-mostly')],
  '0x80070035': [say('knowledge.network-path-found-name-resolution')],
  '0x80072ee7': [say('knowledge.name-management-point-resolved-dns')],
  '0x80072efd': [say('knowledge.connection-failed-press-f8-run')],
  '0x80072f8f': [say('knowledge.check-clock-firmware-first-wrong')],
  '0x80092002': [say('knowledge.copy-list-issuing-certificates-distribution')],
  '0xc1900101': [say('knowledge.mostly-driver-second-number-says')],
  '0xc1900208': [say('knowledge.read-compatdata-xml-files-c')],
} // prettier-ignore
