/** Logs of DHCP and boot servers of Linux and OpenWrt, as public reports have them, with other machines and addresses. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readLog as read } from '#shared/logs/reading.ts'
import { spoken } from '../helpers/spoken.ts'

const readLog = (...given: Parameters<typeof read>) => spoken(read(...given))

const duid = '00:04:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00'

/** What is told: failures by id, notes behind `~`, and lines of errors that nobody knows behind `?`. */
const told = (text: string): string[] =>
  readLog(text).stories.flatMap((one) => [
    ...(one.kind === 'linux' ? [] : [`${one.kind}!`]),
    ...one.failures.map(({ id }) => id),
    ...one.notes.map(({ id }) => `~${id}`),
    ...one.strange.map((entry) => `?${entry.text}`),
  ])

const dnsmasq = (lines: readonly string[]): string =>
  lines.map((line) => `Feb 16 09:00:01 prov dnsmasq-dhcp[7]: ${line}\n`).join('')
const reply = (kind: string, address: string, sent: readonly string[], transaction = 3391103): string[] => [
  `${transaction} DHCP${kind}(eth1) ${address} ${duid}`,
  `${transaction} tags: dhcpv6, eth1`,
  `${transaction} requested options: 59:bootfile-url, 60:bootfile-param, 23:dns-server`,
  ...sent.map((option) => `${transaction} sent size: 16 option: ${option}`),
]

const reports: readonly (readonly [report: string, log: string, ids: readonly string[]])[] = [
  ['pi-hole 1079', 'Jan 22 13:30:10 dnsmasq-dhcp[8218]: no address range available for DHCPv6 request via eth0\n', ['no-range']],
  ['pi-hole FTL 1150', 'Jul 19 15:55:38 dnsmasq-dhcp[6011]: DHCPv6, IP range fd00:77::100 -- fd00:77::1ff, lease time 1d\nJul 19 16:11:03 dnsmasq-dhcp[6011]: no address range available for DHCPv6 request via eth0\n', ['no-range']],
  ['edk2 9832', dnsmasq([`10205699 DHCPSOLICIT(eth1) ${duid}`, `10205699 DHCPADVERTISE(eth1) ${duid} no addresses available`, '10205699 requested options: 59:bootfile-url, 60:bootfile-param', '10205699 sent size: 24 option: 13 status  2 no addresses available']), ['no-address']],
  ['ironic-image 916', dnsmasq([`3391103 DHCPSOLICIT(eth1) ${duid}`, ...reply('ADVERTISE', 'fd00:77::10', ['23 dns-server  fd00:77::1']), ...reply('REPLY', 'fd00:77::10', ['23 dns-server  fd00:77::1'], 3391104)]), ['no-boot-url']],
  ['the same, mended', dnsmasq([`3391103 DHCPSOLICIT(eth1) ${duid}`, ...reply('ADVERTISE', 'fd00:77::10', ['59 bootfile-url  tftp://[fd00:77::1]/ipxe.efi']), ...reply('REPLY', 'fd00:77::10', ['23 dns-server  fd00:77::1', '59 bootfile-url  tftp://[fd00:77::1]/ipxe.efi'], 3391104)]), []],
  ['cut before what was sent', dnsmasq(reply('REPLY', 'fd00:77::10', [])), []],
  ['Edge-Software-Provisioner 44', '2022-12-01T06:35:54.386819697Z dnsmasq-tftp: error 8 User aborted the transfer received from 192.0.2.46\n2022-12-01T06:35:54.552255515Z dnsmasq-tftp: sent /srv/tftp/ipxe.efi to 192.0.2.46\n', ['~tftp-size-asked']],
  ['netboot.xyz 1632', '2025-06-02 11:48:45 err dnsmasq-tftp[34]: file /config/menus/MAC-525400770003.ipxe not found for 192.0.2.70\n', ['~tftp-missing-file']],
  ['raspberrypi/firmware 935: dnsmasq without the machine', 'Feb  1 12:07:52 imrc dnsmasq-tftp[680]: file /netboot/boot/autoboot.txt not found\nFeb  1 12:07:52 imrc dnsmasq-tftp[680]: sent /netboot/boot/config.txt to 192.0.2.103\n', ['~tftp-missing-file-untold']],
  ['raspberrypi/firmware 1362: dnsmasq in German', 'Apr  4 11:38:22 raspberrypi dnsmasq-tftp[443]: Datei /tftpboot/a2ef5644/start.elf nicht gefunden\n', ['~tftp-missing-file-untold']],
  ['netboot.xyz 1297', '2023-09-26 02:41:41 notice in.tftpd[170]: RRQ from 192.0.2.1 filename netboot.xyz.kpxe\n2023-09-26 02:41:41 warning in.tftpd[170]: tftpd: read: Connection refused\n', ['~tftp-refused']],
  ['3x3cut0r/docker 22', 'Jan 30 07:17:24 19665e980e2a daemon.notice in.tftpd[49]: RRQ from 172.17.0.1 filename a.txt remapped to /a.txt\nJan 30 07:17:24 19665e980e2a daemon.warn in.tftpd[49]: tftpd: read(ack): Connection refused\n', ['~tftp-refused']],
  ['raspberrypi/firmware 1605: it looks at a kernel and takes another', 'Aug  2 12:33:02 pi dnsmasq-tftp[548]: error 0 Early terminate received from 192.0.2.16\nAug  2 12:33:02 pi dnsmasq-tftp[548]: failed sending /boot/kernel8.img to 192.0.2.16\nAug  2 12:33:05 pi dnsmasq-tftp[548]: sent /boot/kernel7.img to 192.0.2.16\n', ['~tftp-size-asked', '~tftp-cancelled']],
  ['two transfers side by side', 'Aug  2 12:33:02 pi dnsmasq-tftp[548]: error 0 Early terminate received from 192.0.2.16\nAug  2 12:33:02 pi dnsmasq-tftp[548]: sent /boot/start.elf to 192.0.2.17\nAug  2 12:33:02 pi dnsmasq-tftp[548]: failed sending /boot/kernel8.img to 192.0.2.16\n', ['~tftp-size-asked', '~tftp-cancelled']],
  ['a transfer that another machine cancelled is no excuse', 'Aug  2 12:33:02 pi dnsmasq-tftp[548]: error 0 Early terminate received from 192.0.2.17\nAug  2 12:33:02 pi dnsmasq-tftp[548]: failed sending /boot/kernel8.img to 192.0.2.16\n', ['tftp-broken', '~tftp-size-asked']],
  ['a file that does not fit into the machine', 'Aug  2 12:33:02 pi dnsmasq-tftp[548]: error 3 Disk full received from 192.0.2.16\nAug  2 12:33:02 pi dnsmasq-tftp[548]: failed sending /boot/big.img to 192.0.2.16\n', ['tftp-broken', '?error 3 Disk full received from 192.0.2.16']],
  ['cobbler 3219: tftp-hpa of today', 'Jul 31 11:57:35 srv in.tftpd[4239]: Client ::ffff:192.0.2.101 finished grub/grubx64.efi\nJul 31 11:57:35 srv in.tftpd[4241]: Client ::ffff:192.0.2.101 File not found grub/grub.cfg-C0A84A65\n', ['~tftp-missing-file']],
  ['bluebanquise 996: atftpd', 'Dec 12 18:56:44 odin atftpd[30128]: Serving ipxe.efi to 192.0.2.5:1234\nDec 12 18:56:44 odin atftpd[30128]: File /srv/tftp/ipxe.efi not found\nDec 12 18:57:00 odin atftpd[30128]: timeout: retrying...\n', ['~tftp-missing-file']],
  ['ventoy/PXE 41: the client asked for the size', '2023/11/29 19:59:20.241 [TFTP] Start send file loader_16000 to 192.0.2.10:1183 with blksize 1468, has oack 1\n2023/11/29 19:59:20.242 [TFTP] Recv an ERROR opcode pkt from client 192.0.2.10:1183.\n2023/11/29 19:59:20.274 [TFTP] Finished send file to 192.0.2.10:1184 with blksize 1468 blks 91\n', ['~tftp-size-asked']],
  ['xcat 4830: offers that nobody takes', ['01', '05', '13'].map((at) => `Feb 15 10:00:${at} x dhcpd: DHCPDISCOVER from 52:54:00:77:00:08 via em1\nFeb 15 10:00:${at} x dhcpd: DHCPOFFER on 192.0.2.59 to 52:54:00:77:00:08 via em1\n`).join(''), ['~offer-unanswered']],
  ['offers of which the last is taken', `${['01', '05', '13'].map((at) => `Feb 15 10:00:${at} x dhcpd: DHCPOFFER on 192.0.2.59 to 52:54:00:77:00:08 via em1\n`).join('')}Feb 15 10:00:14 x dhcpd: DHCPREQUEST for 192.0.2.59 (192.0.2.1) from 52:54:00:77:00:08 via em1\n`, []],
  ['dnsmasq and Kea whose offers nobody takes', ['01', '05', '13'].map((at) => `Feb 15 10:00:${at} x dnsmasq-dhcp[4]: DHCPOFFER(eth0) 192.0.2.59 52:54:00:77:00:08\n2026-03-01 10:00:${at}.457 INFO  [kea-dhcp4.leases/814.140] DHCP4_LEASE_OFFER [hwtype=1 52:54:00:77:00:09], cid=[no info], tid=0xa1b2c3: lease 192.0.2.60 will be offered\n`).join(''), ['~offer-unanswered', '~offer-unanswered']],
  ['MikroTik', '09:12:01 dhcp,info defconf offering lease 192.0.2.251 for 52:54:00:77:00:01 without success\n', ['~offer-unanswered']],
  ['dnsmasq beside another server', 'dnsmasq: failed to bind DHCP server socket: Address already in use\n', ['port-bind']],
  ['a machine that dnsmasq is to ignore', 'Oct 31 08:43:26 dnsmasq-dhcp[149]: DHCPDISCOVER(eno1) 52:54:00:77:00:03 ignored\n', ['~client-ignored']],
  ['opnsense 10686', '2026-08-07 10:00:11.455 DEBUG [kea-dhcp6.packets/814.140] DHCP6_SUBNET_SELECTION_FAILED duid=[00:04:11], [no hwaddr info], tid=0xa1b2c3: failed to select subnet for the client\n', ['kea-subnet']],
  ['Kea without a pool for the class', '2026-03-01 10:00:11.457 WARN  [kea-dhcp6.alloc-engine/814.140] ALLOC_ENGINE_V6_ALLOC_FAIL_NO_POOLS duid=[00:04:11], tid=0xa1: no pools were available for the lease allocation\n2026-03-01 10:00:11.458 WARN  [kea-dhcp6.alloc-engine/814.140] ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES duid=[00:04:11], tid=0xa1: Failed to allocate an IPv6 address for client with classes: ALL, UNKNOWN\n', ['kea-no-address']],
  ['Kea before the network, by syslog', 'Mar  1 10:00:01 host kea-dhcp6[814]: 2026-03-01 10:00:01.124 WARN  [kea-dhcp6.dhcpsrv/814.140] DHCPSRV_OPEN_SOCKET_FAIL failed to open socket: failed to open link-local socket on interface eth1\n', ['kea-socket']],
  ['Kea on OPNsense, all well', '2026-08-03T13:05:53+02:00 kea-dhcp6 71948 - [meta sequenceId="21"] INFO  [kea-dhcp6.dhcp6] DHCP6_STARTED Kea DHCPv6 server version 2.6.1 started\n', []],
  ['odhcpd 229', 'Wed Apr 30 23:04:22 2025 daemon.info odhcpd[2269]: DHCPV6 SOLICIT IA_NA from 000100012ef0be99e446b02b2317 on lan: no addresses available\nWed Apr 30 23:04:26 2025 daemon.info odhcpd[2269]: Address fd2b:43d7:e9a:b2::1 (dprefix 0, valid-lifetime 4294967295) not suitable as RA route on lan\n', ['no-address-iana', '~ra-unsuitable']],
  ['immortalwrt 1289', "Sun Nov 10 04:32:40 2024 daemon.warn odhcpd[1963]: A default route is present but there is no public prefix on lan thus we don't announce a default route by setting ra_lifetime to zero!\n", ['~ra-no-default']],
  ['odhcpd 392', '2026-03-20 14:38:38 daemon.notice odhcpd[2254]: Skip sending a RA on lan as no link local address is available\n', ['~ra-skipped']],
  ['radvd 176', '[May 02 21:55:00] radvd (30033): version 2.19 started\n[May 02 21:55:00] radvd (30033): IPv6 forwarding setting is: 0, should be 1 or 2\n[May 02 21:55:00] radvd (30033): IPv6 forwarding seems to be disabled, but continuing anyway\n', ['~radvd-forwarding']],
  ['radvd without an interface', 'Jul 20 10:00:01 gw radvd[511]: no linklocal address configured on eth1\n', ['radvd-interface']],
  ['radvd and another router', "Jul 20 10:00:01 gw radvd[511]: our AdvManagedFlag on eth1 doesn't agree with fe80::2\n", ['~radvd-disagrees']],
  ['ISC dhcpd on an interface of no subnet', 'Jul 20 10:00:00 host dhcpd[1200]: No subnet6 declaration for eth1 (fe80::1).\nJul 20 10:00:00 host dhcpd[1200]: ** Ignoring requests on eth1.\n', ['isc-subnet']],
  ['Super-UEFIinSecureBoot-Disk 4', 'Jul 20 10:00:00 host in.tftpd[1505]: RRQ from fd00:77::10 filename bootx64.efi\nJul 20 10:00:00 host in.tftpd[1505]: tftp: client does not accept options\n', ['~tftp-size-asked']],
  ['nginx: the authority is not known to the client', '2026/03/01 10:00:00 [info] 33#33: *41 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: fd00:77::10, server: [::]:443\n', ['tls-alert-authority']],
  ['a boot by dnsmasq over IPv4', 'Oct 31 08:43:26 dnsmasq-dhcp[149]: DHCPDISCOVER(eno1) 52:54:00:77:00:03 \nOct 31 08:43:26 dnsmasq-dhcp[149]: DHCPOFFER(eno1) 192.0.2.63 52:54:00:77:00:03 \nOct 31 08:43:26 dnsmasq-dhcp[149]: DHCPREQUEST(eno1) 192.0.2.63 52:54:00:77:00:03 \nOct 31 08:43:26 dnsmasq-dhcp[149]: DHCPACK(eno1) 192.0.2.63 52:54:00:77:00:03 tv\n', []],
] // prettier-ignore

describe('logs of reports', () => {
  test.each(reports)('%s', (_, log, ids) => expect(told(log)).toEqual(ids))

  test('nothing failed is no proof that all is well', () => {
    const well = readLog('Thu May  1 09:13:20 2025 daemon.info odhcpd[2319]: DHCPV6 REQUEST IA_NA from 0003000668a40e8694e4 on lan: ok fd2b::10/128\n') // prettier-ignore
    expect(well.outcome).toBe('open')
    expect(well.stories[0]?.steps.map(({ text }) => text)).toEqual(['Addresses were given'])
  })

  test('two machines without an address are two failures', () => {
    const without = (mac: string): string => `Oct 31 08:43:26 dnsmasq-dhcp[149]: DHCPDISCOVER(eno1) ${mac} no address available\n` // prettier-ignore
    expect(told(`${without('52:54:00:77:00:03')}${without('52:54:00:77:00:04')}${without('52:54:00:77:00:03')}`)).toEqual(['no-address', 'no-address']) // prettier-ignore
  })

  test('a line of a program that is not known stays as it was', () => {
    expect(told('Jul 20 10:00:00 host cron[300]: (root) CMD (true)\n')).toEqual(['other!'])
  })

  test('the time of a line is read', () => {
    const [story] = readLog('2026-03-01 10:00:11.457 WARN  [kea-dhcp6.alloc-engine/814.140] ALLOC_ENGINE_V6_ALLOC_FAIL duid=[00:04:11], tid=0xa1: failed\n').stories // prettier-ignore
    expect(story?.first.localMs).toBe(Date.UTC(2026, 2, 1, 10, 0, 11, 457))
  })

  test('the guide says that they are read', () => {
    const guide = readFileSync(new URL('../../docs/guide/logs.md', import.meta.url), 'utf8')
    for (const name of ['dnsmasq', 'Kea', 'ISC dhcpd', 'odhcpd', 'radvd', 'nginx']) expect(guide).toContain(name)
  })
})
