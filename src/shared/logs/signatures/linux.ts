/** Logs of DHCP and boot servers on Linux and OpenWrt: dnsmasq, Kea, ISC dhcpd, odhcpd, radvd, TFTP servers, nginx. Wordings are those of their sources. */
import { signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good, harmless, hint } = signaturesOf(['linux'])

const from = {
  dnsmasq: 'dnsmasq (rfc3315.c, rfc2131.c, dhcp6.c, tftp.c); reports to pi-hole and containers/netavark',
  kea: 'Kea (dhcp6_messages.mes, alloc_engine_messages.mes, dhcpsrv_messages.mes) and opnsense/core issue 10686',
  isc: 'ISC DHCP (server/dhcp.c, dhcpv6.c, dhcpd.c)',
  odhcpd: 'odhcpd (dhcpv6-ia.c, router.c) and its issues 229 and 392',
  radvd: 'radvd (radvd.c, device-common.c, process.c, send.c) and its issues 82 and 176',
  tftp: 'tftp-hpa (tftpd.c), atftpd',
  cancelled: 'dnsmasq (tftp.c); reports to raspberrypi/firmware (1605) and Hexxeh/rpi-firmware (269)',
  offers: 'MikroTik RouterOS; ISC DHCP, Kea and dnsmasq in reports to xcat2/xcat-core (4830)',
  tftpHpa: 'reports to cobbler/cobbler (3219) and bluebanquise/bluebanquise (996)',
  tftpRefused: 'tftp-hpa (tftpd.c, common/tftpsubs.c); reports to netbootxyz/netboot.xyz (1297) and 3x3cut0r/docker (22)',
  nginx: 'nginx (ngx_event_openssl.c) and OpenSSL, alerts of RFC 8446 section 6',
  bootUrl: 'metal3-io/ironic-image issue 916 and pull request 917; dnsmasq (option.c, opttab6)',
  edk2: 'EDK2 issues 9828 and 9832; RFC 8415 section 18.3.1',
} // prettier-ignore

export const linuxSignatures: readonly Signature[] = [
  failure('no-range', 'no-range', /no address range available for DHCP(?:v6)? request (?:via|from relay at|with subnet selector|\w+) ?(?<where>\S*)/i, from.dnsmasq, { weight: 60 }),
  failure('no-address', 'no-address', /DHCP(?:ADVERTISE|REPLY|DISCOVER|REQUEST|OFFER)\([^)]*\) (?:[\d.]+ )?(?<client>[\da-f]{2}(?::[\da-f]{2}){5,})\s+(?:no address(?:es)? available|no leases left)/i, from.edk2, { weight: 60 }),
  failure('no-address-iana', 'no-address', /DHCPV6 \S+ IA_NA from (?<client>[\da-f]{8,64}) on \S+: no addresses available/i, from.odhcpd, { weight: 60 }),
  // Told by several lines together (dnsmasq-replies.ts): no single one has these words.
  failure('no-boot-url', 'no-boot-url', /(?!)/, from.bootUrl, { weight: 60, captures: ['client'] }),
  effect('no-address-status', ['no-address'], /option: 13 status +2\b|Unable to pick client address: no addresses available/i, from.edk2),
  hint('client-ignored', /DHCP(?:DISCOVER|REQUEST|SOLICIT|INFORMATION-REQUEST)\([^)]*\) (?:[\d.]+ )?(?<client>[\da-f]{2}(?::[\da-f]{2}){5,}) ignored/i, from.dnsmasq, { hasFix: true }),
  failure('port-bind', 'port', /(?:failed to bind DHCP(?:v6)? server socket|Can't bind to dhcp address|Failed to bind socket \d+ to \S+port=\d+|cannot create DHCP(?:v6)? socket|bind\(\)): (?<why>[^\n]+)/i, from.dnsmasq, { weight: 65, own: /dhcp|port=(?:67|547)/i }),
  failure('tftp-broken', 'tftp-broken', /(?:failed|timeout) sending (?<file>\S+) to (?<client>\S+)/i, from.dnsmasq, { weight: 50, component: /^(?:dnsmasq|tftpd)$/ }),
  // What the client said right before it: it ended the transfer itself.
  hint('tftp-cancelled', /error [08] [^\n]* received from (?<client>\S+)(?:\n[^\n]*){0,4}\n[^\n]*failed sending (?<file>\S+) to \k<client>$/i, from.cancelled, { weight: 70, span: 6, component: /^dnsmasq$/, hasFix: true }),
  hint('offer-unanswered', /offering lease [\d.]+ for (?<client>[\da-f]{2}(?::[\da-f]{2}){5}) without success/i, from.offers, { hasFix: true }),
  hint('tftp-missing-file', /(?:\bfile (?=\S+ not found for (?<client>\S+))|^Client \S+ File not found |^File (?=\S+ not found$))(?<file>\S+)|sending NAK \(1, File not found\) to (?<other>\S+)/, `${from.tftp}; ${from.tftpHpa}`, { hasFix: true, own: /tftp/i }),
  hint('tftp-missing-file-untold', /^(?:file|Datei|fichier|fichero|archivo|plik) (?<file>\S+) (?:not found|nicht gefunden|introuvable|no encontrado|nie znaleziono)/i, from.tftp, { hasFix: true, component: /^dnsmasq$/, weight: 45 }),
  hint('tftp-refused', /\btftpd: (?:read|write|send|recv)\w*(?:\(\w+\))?: Connection refused/i, from.tftpRefused, { hasFix: true }),
  harmless('tftp-size-asked', /error [08] [^\n]*(?:abort|terminate)[^\n]* received from|Recv an ERROR opcode pkt from client|User aborted the transfer|tftp: client does not accept options/i, from.tftp, { own: /tftp/i }),
  good('tftp-sent', /dnsmasq-tftp|^sent (?<file>\S+) to \S+|^Client \S+ finished \S+/i, from.dnsmasq, { component: /^(?:dnsmasq|tftpd)$/ }),
  good('address-given', /^(?:\d+ )?DHCP(?:ACK|REPLY)\([^)]*\) [\da-f:.]+ |DHCP[46]_LEASE_ALLOC\b|DHCPV6 (?:REQUEST|RENEW) IA_NA from \S+ on \S+: ok/i, from.dnsmasq, { component: /^(?:dnsmasq|kea|odhcpd)$/ }),

  failure('kea-subnet', 'kea-subnet', /DHCP[46]_SUBNET_SELECTION_FAILED|DHCP4_PACKET_DROP_0002|DHCP4_PACKET_NAK_0001/, from.kea, { weight: 65 }),
  failure('kea-no-address', 'kea-no-address', /ALLOC_ENGINE_V[46]_ALLOC_FAIL\w*|DHCP6_LEASE_(?:ADVERT|ALLOC)_FAIL|DHCP4_PACKET_NAK_000[34]/, from.kea, { weight: 60 }),
  failure('kea-configuration', 'kea-configuration', /DHCP[46]_(?:CONFIG_LOAD_FAIL|INIT_FAIL|PARSER_FAIL|DYNAMIC_RECONFIGURATION_FAIL)[^\n]*?(?:reason: |Kea server: )?(?<why>[^\n:]*(?:: [^\n:]*)?)$/m, from.kea, { weight: 70 }),
  failure('kea-socket', 'kea-socket', /DHCPSRV_OPEN_SOCKET_FAIL|DHCPSRV_NO_SOCKETS_OPEN|DHCP[46]_(?:FATAL_)?OPEN_SOCKETS_FAILED/, from.kea, { weight: 68 }),
  hint('kea-dropped', /DHCP[46]_PACKET_DROP_\w+|DHCP6_REQUIRED_OPTIONS_CHECK_FAIL/, from.kea),

  failure('isc-subnet', 'isc-subnet', /No subnet6? declaration for (?<where>\S+)|unknown network segment|no IPv6 pools on this shared network|Not configured to listen on any interfaces/i, from.isc, { weight: 60 }),
  failure('isc-full', 'isc-full', /no free leases|peer holds all free leases/i, from.isc, { weight: 60 }),
  effect('isc-ignores', ['isc-subnet'], /\*\* Ignoring requests on/i, from.isc),

  hint('ra-no-default', /(?:setting ra_lifetime to (?:zero|0)|overriding ra_lifetime to 0|Using a RA lifetime of 0 seconds)/i, from.odhcpd, { hasFix: true }),
  hint('ra-skipped', /Skip sending a RA on (?<where>\S+) as no link local address/i, from.odhcpd),
  harmless('ra-unsuitable', /not suitable as RA (?:prefix|route)|filtered out as RA/i, from.odhcpd),
  failure('radvd-configuration', 'radvd', /exiting, failed to read config file|syntax error|exiting, permissions on conf_file invalid/i, from.radvd, { weight: 65, component: /^radvd$/ }),
  failure('radvd-interface', 'radvd', /no linklocal address configured on (?<where>\S+)|^(?<name>[\w.-]+) not found: No such device/i, from.radvd, { weight: 60, component: /^radvd$/ }),
  failure('radvd-send', 'radvd', /\bsendmsg: (?<why>[\w ]+)/i, from.radvd, { weight: 55, component: /^radvd$/ }),
  hint('radvd-forwarding', /IPv6 forwarding (?:setting is: 0|seems to be disabled|on interface seems to be disabled)/i, from.radvd, { hasFix: true }),
  hint('radvd-disagrees', /our (?<what>Adv(?:ManagedFlag|OtherConfigFlag)) on (?<where>\S+) doesn't agree with (?<router>\S+)/i, from.radvd, { hasFix: true }),

  failure('tls-alert-authority', 'tls-alert', /SSL_do_handshake\(\) failed[^\n]*alert (?:unknown ca|bad certificate|certificate unknown|unsupported certificate|certificate expired)/i, from.nginx, { weight: 60 }),
  failure('tls-no-cipher', 'tls-cipher', /SSL_do_handshake\(\) failed[^\n]*(?:no shared cipher|unsupported protocol|no suitable|wrong version number)/i, from.nginx, { weight: 60 }),
  hint('web-missing', /open\(\) "(?<file>[^"]+)" failed \(2: No such file or directory\)/i, from.nginx),
] // prettier-ignore
