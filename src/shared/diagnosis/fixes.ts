/**
 * What to do about each way in which a boot fails, the likeliest remedy first: the steps that somebody in front of the machine can take.
 * The causes, of which several can be behind one failure, are in `failures.ts`; names of Windows tools are those of Microsoft's
 * documentation (WDSUTIL, Set-DhcpServerv4OptionValue).
 */
import { say, type Message, type MessageId } from '#messages/message.ts'
import type { Circumstances, FailureKind } from './failures.ts'

const ports4 = say('failures.allow-udp-67-69-4011-pxe')
const relay4 = say('failures.another-network-than-servers-give-router')
const relay6 = say('failures.another-network-than-server-configure-dhcpv6')
const dnsAddress = say('failures.dns-write-address')
const bindings = say('failures.check-server-listens-interface-network-nothing')

export const fixes: Readonly<Record<FailureKind, readonly Message[]>> = {
  'no-offer': [say('failures.start-dhcp-server-authorise-give-scope'), relay4, say('failures.turn-portfast-edge-port-switch-port')],
  'no-bootp-reply': [say('failures.allow-bootp-dhcp-server-reserve-address'), relay4],
  'proxy-only': [say('failures.start-dhcp-server-give-scope-free'), relay4],
  'no-boot-information': [
    say('failures.wds-beside-dhcp-one-server-wdsutil'),
    say('failures.wds-server-without-dhcp-wdsutil-set'),
    relay4,
    say('failures.give-architecture-boot-program-pxe-server'),
  ],
  'offers-dropped': [say('failures.correct-server-sends-reason-stands-each')],
  'offers-not-taken': [say('failures.trust-switch-port-server-dhcp-snooping'), say('failures.put-next-server-boot-file-into'), say('failures.correct-remove-option-43')],
  'no-ack': [say('failures.let-one-dhcp-server-serve-network'), say('failures.trust-switch-port-server-dhcp-snooping')],
  nak: [say('failures.let-one-dhcp-server-serve-network'), say('failures.correct-address-range-scope-network-client')],
  'address-conflict': [say('failures.exclude-address-pool-give-machine-uses'), say('failures.let-no-two-dhcp-servers-give')],
  'boot-server-mute': [say('failures.start-pxe-service-remove-option-60'), say('failures.allow-udp-4011-firewall-server'), say('failures.approve-machine-let-pxe-service-answer')],
  'other-server-taken': [say('failures.turn-one-two-dhcp-servers-off')],
  'not-approved': [say('failures.approve-machine-pxe-server-wds-pending'), say('failures.let-server-answer-every-machine-without')],
  'boot-server-closed': [say('failures.delete-option-60-pxeclient-dhcp-server'), say('failures.otherwise-start-pxe-service-holds-udp')],
  'discovery-mute': [say('failures.remove-entry-menu-option-43-start'), say('failures.allow-udp-4011-firewall-server')],
  'no-arp': [say('failures.correct-next-server-siaddr-option-66'), say('failures.set-router-option-3-server-another')],
  'no-router': [say('failures.set-router-option-3-scope'), say('failures.name-boot-server-network-client')],
  'no-next-server': [say('failures.set-next-server-siaddr-windows-dhcp')],
  'url-for-pxe': [say('failures.give-url-clients-option-60-httpclient')],
  'tftp-mute': [ports4, say('failures.start-tftp-service-next-server-offer'), say('failures.move-port-range-wds-out-dns')],
  'tftp-closed': [say('failures.start-tftp-service-machine'), say('failures.correct-next-server-siaddr-option-66-2')],
  'tftp-unheard': [say('failures.let-answers-tftp-through-every-firewall'), say('failures.give-server-one-way-network-client')],
  'firewall-refuses': [ports4],
  'server-unreachable': [say('failures.correct-next-server-siaddr-option-66'), say('failures.add-route-network-router')],
  'tftp-other-address': [say('failures.run-tftp-server-network-host-without'), say('failures.let-answer-address-asked')],
  'tftp-options-refused': [say('failures.turn-off-tftp-options-client-did')],
  'file-missing': [say('failures.correct-boot-file-name-option-67'), say('failures.look-name-scope-policy-reservation-level'), say('failures.wds-add-boot-image-architecture')],
  'file-name-damaged': [say('failures.end-option-67-zero-byte-name')],
  'file-refused': [say('failures.give-tftp-service-right-read-file'), say('failures.wds-add-form-path-readfilter-boot')],
  'program-file-missing': [say('failures.copy-missing-file-folder-program-asks'), say('failures.mind-upper-lower-case-linux')],
  'transfer-stalled': [say('failures.lower-tftp-block-size-1-456'), say('failures.lower-tftp-window-size'), say('failures.look-whether-server-went-log')],
  'transfer-wrapped': [say('failures.raise-tftp-block-size-blksize-so'), say('failures.use-tftp-server-lets-block-number')],
  'transfer-aborted': [say('failures.correct-error-names-stands-packet')],
  'wrong-program': [say('failures.remove-option-67-all-machines-choose'), say('failures.give-uefi-x64-machines-architecture-7')],
  'no-program': [say('failures.put-boot-program-itself-under-name'), say('failures.give-scripts-ipxe-alone-once-runs')],
  'program-returned': [say('failures.use-program-signed-secure-boot-turn'), say('failures.use-program-architecture-compare-size-original')],
  'file-not-asked': [say('failures.capture-port-client-see-request-goes'), say('failures.correct-file-name-take-menu-out')],
  'http-closed': [say('failures.start-web-server-port-url-names'), say('failures.correct-address-port-url-option-67')],
  'http-mute': [say('failures.allow-tcp-port-web-server-every'), say('failures.correct-address-url-option-67')],
  'http-error': [say('failures.correct-path-url-copy-file-into'), say('failures.let-web-server-give-out-files')],
  'http-reset': [say('failures.look-into-log-web-server'), say('failures.use-scheme-speaks-port-http-https')],
  'tls-failed': [say('failures.enrol-authority-server-setup-machine-tls'), say('failures.give-server-certificate-rsa-key-3072'), say('failures.set-clock-machine')],
  'boot-loop': [say('failures.give-user-class-ipxe-option-77')],
  'no-advertise': [say('failures.boot-over-ipv4-network-no-dhcpv6'), say('failures.otherwise-start-allow-udp-547'), relay6],
  'no-address6': [say('failures.give-dhcpv6-server-pool-network-free')],
  'no-boot-url': [say('failures.set-boot-file-url-option-59')],
  'advertise-dropped': [say('failures.correct-server-sends-reason-stands-each-2')],
  'advertise-not-taken': [say('failures.trust-switch-port-server-dhcpv6-guard')],
  'no-reply6': [say('failures.let-one-dhcpv6-server-serve-network'), bindings],
  'no-neighbour': [say('failures.correct-address-boot-file-url-option'), say('failures.let-router-advertise-itself-link-client')],
  'url-not-tftp': [say('failures.give-http-clients-class-httpclient-option')],
  'url-unreadable': [say('failures.write-ipv6-address-tftp-server-brackets')],
  'parameter-no-size': [say('failures.send-option-60-only-programs-want')],
  'dns-mute': [say('failures.dns-start-server'), say('failures.dns-give-server'), dnsAddress],
  'dns-no-name': [say('failures.dns-add-name'), dnsAddress],
  'dns-no-record': [say('failures.dns-add-record'), dnsAddress],
} // prettier-ignore

const urlAddress = say('failures.correct-address-boot-file-url-option')
const urlPath = say('failures.correct-path-boot-file-url-option-59')

/** What stands for a remedy of IPv4 where the boot goes over IPv6, which has other options and ports; null where nothing does. */
const over6: Partial<Readonly<Record<MessageId, Message | null>>> = {
  'failures.allow-udp-67-69-4011-pxe': say('failures.allow-udp-547-69-tftp'),
  'failures.another-network-than-servers-give-router': relay6,
  'failures.start-tftp-service-next-server-offer': say('failures.start-tftp-service-machine'),
  'failures.correct-next-server-siaddr-option-66': urlAddress,
  'failures.correct-next-server-siaddr-option-66-2': urlAddress,
  'failures.set-router-option-3-server-another': say('failures.let-router-advertise-itself-link-client'),
  'failures.correct-boot-file-name-option-67': urlPath,
  'failures.wds-add-boot-image-architecture': null,
  'failures.move-port-range-wds-out-dns': null,
  'failures.wds-add-form-path-readfilter-boot': null,
  'failures.end-option-67-zero-byte-name': urlPath,
  'failures.remove-option-67-all-machines-choose': say('failures.choose-url-by-architecture-61'),
  'failures.correct-file-name-take-menu-out': urlPath,
  'failures.correct-address-port-url-option-67': urlAddress,
  'failures.correct-address-url-option-67': urlAddress,
  'failures.give-user-class-ipxe-option-77': say('failures.give-user-class-ipxe-option-15'),
}

/** The remedies that fit what is known of a boot. */
export const fixesOf = (kind: FailureKind, { isIpv6 }: Pick<Circumstances, 'isIpv6'>): readonly Message[] => {
  if (!isIpv6) return fixes[kind]
  const fitting = fixes[kind].flatMap((fix) => over6[fix.say] === null ? [] : [over6[fix.say] ?? fix])
  return fitting.filter((fix, at) => fitting.findIndex((one) => one.say === fix.say) === at)
} // prettier-ignore

/** Those that concern Windows servers or name one: none of them is done in this lab. */
const ofOthers: ReadonlySet<MessageId> = new Set([
  'failures.allow-udp-67-69-4011-pxe',
  'failures.wds-beside-dhcp-one-server-wdsutil',
  'failures.wds-server-without-dhcp-wdsutil-set',
  'failures.approve-machine-pxe-server-wds-pending',
  'failures.set-next-server-siaddr-windows-dhcp',
  'failures.move-port-range-wds-out-dns',
  'failures.wds-add-boot-image-architecture',
  'failures.wds-add-form-path-readfilter-boot',
] as const)

export const isForOtherServers = (fix: Message): boolean => ofOthers.has(fix.say)
