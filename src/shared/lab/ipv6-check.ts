/** What a lab would leave those machines without that boot over IPv6. */
import { say, type Phrase } from '#messages/message.ts'
import type { LabNotice } from './boot-check.ts'
import type { Lab } from './lab.ts'

const notice = (level: LabNotice['level'], field: string, text: Phrase, remedy: Phrase): LabNotice => ({ code: 'no-ipv6', level, field, text, remedy }) // prettier-ignore

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

export function ipv6Notices(lab: Lab): LabNotice[] {
  const { ipv6, mode, role, boot } = lab
  if (!ipv6.enabled) return []
  if (role !== null)
    return [notice('warning', 'ipv6.enabled', say('boot-check.nobody-answered-over-ipv6-lab'), say('boot-check.take-role-out-write-ipv6'))] // prettier-ignore
  const notices: LabNotice[] = []
  // EDK2 refuses an address with anything but a slash behind the bracket (PxeBcExtractBootFileUrl), and asks port 69. Where DHCPv6
  // has another port as well, no firmware asks at all.
  const isOwnTftp = boot.nextServer6 === null && boot.programs.some(({ file, protocol, nextServer6 }) => !hasScheme(file) && nextServer6 === undefined && (protocol === undefined || protocol === 'tftp')) // prettier-ignore
  if (lab.tftp.enabled && lab.ports.tftp !== 69 && lab.ports.dhcp6 === 547 && mode !== 'listen' && isOwnTftp)
    notices.push(notice('warning', 'ports.tftp', say('boot-check.tftp-port-6', { port: lab.ports.tftp }), say('boot-check.write-ports-tftp-69-name'))) // prettier-ignore
  const isElsewhere = boot.nextServer !== null && boot.nextServer6 === null
  for (const [index, { file, nextServer, nextServer6 }] of boot.programs.entries())
    if (!hasScheme(file) && nextServer6 === undefined && (nextServer !== undefined || isElsewhere))
      notices.push(notice('warning', `boot.programs[${index}]`, say('boot-check.rule-without-ipv6', { rule: index + 1 }), say('boot-check.write-nextserver6-ipv6-address-server'))) // prettier-ignore
  if (boot.programs.length === 0 && (boot.menu !== undefined || boot.menus.length > 0))
    notices.push(notice('info', 'boot.programs', say('boot-check.machines-boot-over-ipv6-get-2'), say('boot-check.add-rule-them-such'))) // prettier-ignore
  if (mode === 'dhcp' && ipv6.mode === 'stateless')
    notices.push(notice('info', 'ipv6.mode', say('boot-check.uefi-firmware-does-not-boot'), say('boot-check.write-ipv6-mode-stateful-unless'))) // prettier-ignore
  if (mode === 'proxy-dhcp' && boot.programs.some(({ userClass }) => userClass !== undefined && /^ipxe$/i.test(userClass)))
    notices.push(notice('info', 'mode', say('boot-check.ipxe-gets-nothing-over-ipv6'), say('boot-check.set-option-59-user-class'))) // prettier-ignore
  return notices
} // prettier-ignore
