/** What a lab would leave those machines without that boot over IPv6. */
import type { LabNotice } from './boot-check.ts'
import type { Lab } from './lab.ts'

const notice = (level: LabNotice['level'], field: string, text: string, remedy: string): LabNotice => ({ code: 'no-ipv6', level, field, text, remedy }) // prettier-ignore

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

export function ipv6Notices(lab: Lab): LabNotice[] {
  const { ipv6, mode, role, boot } = lab
  if (!ipv6.enabled) return []
  if (role !== null)
    return [notice('warning', 'ipv6.enabled', 'Nobody is answered over IPv6: a lab with a role answers as that Windows server does, over IPv4', 'Take role out, or write ipv6.enabled: false.')] // prettier-ignore
  const notices: LabNotice[] = []
  // EDK2 refuses an address with anything but a slash behind the bracket (PxeBcExtractBootFileUrl), and asks port 69. Where DHCPv6
  // has another port as well, no firmware asks at all.
  const isOwnTftp = boot.nextServer6 === null && boot.programs.some(({ file, protocol, nextServer6 }) => !hasScheme(file) && nextServer6 === undefined && (protocol === undefined || protocol === 'tftp')) // prettier-ignore
  if (lab.tftp.enabled && lab.ports.tftp !== 69 && lab.ports.dhcp6 === 547 && mode !== 'listen' && isOwnTftp)
    notices.push(notice('warning', 'ports.tftp', `UEFI firmware that boots over IPv6 by TFTP gets no file here: it asks port 69, this lab has TFTP at port ${lab.ports.tftp}, and a tftp:// address cannot name a port to it`, 'Write ports.tftp: 69, name a file server by nextServer6, or boot by HTTP.')) // prettier-ignore
  const isElsewhere = boot.nextServer !== null && boot.nextServer6 === null
  for (const [index, { file, nextServer, nextServer6 }] of boot.programs.entries())
    if (!hasScheme(file) && nextServer6 === undefined && (nextServer !== undefined || isElsewhere))
      notices.push(notice('warning', `boot.programs[${index}]`, `Machines that boot over IPv6 get nothing from rule ${index + 1}: its file server has an IPv4 address only`, 'Write nextServer6, the IPv6 address of that server.')) // prettier-ignore
  if (boot.programs.length === 0 && (boot.menu !== undefined || boot.menus.length > 0))
    notices.push(notice('info', 'boot.programs', 'Machines that boot over IPv6 get nothing: DHCPv6 carries no menu, and boot.programs has no rule', 'Add a rule for them, such as { architecture: x64-uefi, file: ipxe.efi }.')) // prettier-ignore
  if (mode === 'dhcp' && ipv6.mode === 'stateless')
    notices.push(notice('info', 'ipv6.mode', 'UEFI firmware does not boot over IPv6 here: it boots with an address that a DHCPv6 server gives, and ipv6.mode is stateless', 'Write ipv6.mode: stateful, unless only iPXE and operating systems are to be told.')) // prettier-ignore
  if (mode === 'proxy-dhcp' && boot.programs.some(({ userClass }) => userClass !== undefined && /^ipxe$/i.test(userClass)))
    notices.push(notice('info', 'mode', 'iPXE gets nothing over IPv6 beside a DHCPv6 server that gives addresses: it takes its boot file from that server alone', 'Set option 59 for user class iPXE there, or build a script into iPXE.')) // prettier-ignore
  return notices
} // prettier-ignore
