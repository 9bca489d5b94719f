/** Screens of UEFI firmware, shim, iPXE and GRUB as public reports have them: what each is told as, and what it must not be told as. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readLog as read } from '#shared/logs/reading.ts'
import { codeInText, evidenceOfText } from '#shared/knowledge/code-in-text.ts'
import { readSpace, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import { spoken } from '../helpers/spoken.ts'

const readLog = (...given: Parameters<typeof read>) => spoken(read(...given))

const space = readSpace(JSON.parse(readFileSync(new URL('../../resources/ask.json', import.meta.url), 'utf8')) as SpaceFile) // prettier-ignore

const failing = (text: string): string[] =>
  readLog(text).stories.flatMap((one) => one.failures.filter((failure) => !failure.isOvercome).map(({ id }) => id))

/** The report, the screen with other names and addresses, and the rows that it is told by: nothing else. */
const screens: readonly (readonly [report: string, screen: string, ids: readonly string[]])[] = [
  ['Ventoy 2814, finnix 54', 'Verifying shim SBAT data failed: Security Policy Violation\nSomething has gone seriously wrong: SBAT self-check failed: Security Policy Violation', ['shim-revoked']],
  ['HackBGRT 197: as shim before 15.8 spelt it', 'Verifiying shim SBAT data failed: Security Policy Violation', ['shim-revoked']],
  ['shim 449', 'pe.c:835:handle_sbat() No .sbat section data\nVerification failed: Security Policy Violation\nFailed to load image: Security Policy Violation\nshim.c:1090 start_image() Failed to load image: Security Policy Violation', ['shim-no-sbat']],
  ['shim 44', 'ERROR\nVerification failed: (15) Access Denied', ['shim-refused']],
  ['the same, and GRUB is missing too', 'Fetching Netboot Image net/revocations.efi\nUnable to fetch TFTP image: TFTP Error\nFetching Netboot Image net/grubx64.efi\nUnable to fetch TFTP image: TFTP Error', ['shim-fetch']],
  ['iPXE 1653: the kernel started after all', 'http://192.0.2.1/linux... ok\nVerification failed: Security Policy Violation\nhttp://192.0.2.1/bootnetx64.efi... ok\nEFI stub: UEFI Secure Boot is enabled.', []],
  ['nix-netboot-serve 2: a URL for a PXE client', '>>Start PXE over IPv4.\n  Station IP address is 192.0.2.26\n\n  Server IP address is 192.0.2.1\n  NBP filename is http://192.0.2.1:3030/dispatch/small\n  NBP filesize is 0 Bytes\n  PXE-E99: Unexpected network error.', ['url-for-pxe']],
  ['RPi-PXE-Server 32: one error of one file', 'TFTP.\nPXE-T01: File not Found\nPXE-E3B: TFTP Error - File not found\nPXE-M0F: Exiting Intel PXE ROM.', ['tftp-missing']],
  ['access that is denied is one failure', 'PXE-T04: Access Violation\nPXE-E3C: TFTP Error - Access violation', ['tftp-violation']],
  ['visionfive-nix 6', 'U-Boot 2022.04\nDHCP client bound to address 192.0.2.5 (5 ms)\n*** ERROR: `serverip\' not set\nCannot autoload with TFTPGET\n', ['uboot-serverip']],
  ['iPXE 1653', 'http://192.0.2.1/bootnetx64.efi... ok\nVerification failed: Security Policy Violation', ['shim-refused']],
  ['shim 372', 'Could not create MokListXRT: Out of Resources\nSomething has gone seriously wrong: import_mok_state() failed: Out of Resources', ['shim-mok']],
  ['shim, mmx64.efi is missing', 'Failed to open \\EFI\\BOOT\\mmx64.efi - Not Found\nFailed to load image \\EFI\\BOOT\\mmx64.efi: Not Found\nFailed to start MokManager: Not Found\nSomething has gone seriously wrong: import_mok_state() failed: Not Found', ['shim-mok']],
  ['shim 111', 'Unable to fetch TFTP image: TFTP Error\nstart_image() returned TFTP Error', ['shim-fetch']],
  ['shim 696', 'Fetching Netboot Image grub/revocations.efi\nFetching Netboot Image grub/\uFFFDOnboard\nUnable to fetch TFTP image: TFTP Error\nstart_image() return TFTP Error', ['shim-load-options']],
  ['packer-maas 108', 'Could not install security protocol: (0x2) Invalid Parameter', ['shim-twice']],
  ['shim over IPv6, a name in option 59', 'TFTP SERVER MUST BE ENCLOSED IN [..]', ['shim-url6']],
  ['edk2 12651', '>>Start HTTP Boot over IPv4....\n  Station IP address is 10.0.2.15\n\n  URI: https://boot.example.org/snponly.efi\n\n  Error: Could not retrieve NBP file size from HTTP server.\n\n  Error: Unexpected network error.\nBdsDxe: failed to load Boot0099 "x" from Uri(https://boot.example.org/snponly.efi): Not Found', ['http-boot-network']],
  ['edk2 12338', '  URI: https://[fd00:77::1]/ipxe.efi\n\n  Error: TLS session connection failed - Aborted.\n\n  Error: Could not retrieve NBP file size from HTTP server.\n\n  Error: Unexpected network error.', ['http-boot-handshake']],
  ['edk2 12338, no authority', '  Error: TLS configuration failed - Not Found.\n\n  Error: Could not retrieve NBP file size from HTTP server.', ['http-boot-tls-settings']],
  ['edk2 9714', '  HTTP ERROR: Resource Redirected.\n  New Location: https://192.0.2.10/boot.efi\n\n  Error: Could not retrieve NBP file size from HTTP server.', ['http-boot-redirected']],
  ['iPXE 1094', 'DHCPv6 net0 could not create DUID-UUID: No such file or directory (https://ipxe.org/2d0c203b)', ['ipxe-duid']],
  ['iPXE without an address', 'Configuring (net0 52:54:00:12:34:56)...... No configuration methods succeeded (https://ipxe.org/040ee119)\nNo more network devices', ['ipxe-unconfigured']],
  ['iPXE 1285', 'Could not start download: Operation not supported (https://ipxe.org/3c092083)', ['ipxe-error']],
  ['GRUB over IPv6, a name', "error: ../../grub-core/net/dns.c:470:no DNS servers configured.", ['grub-dns']],
  ['wimboot 57', "1. Network Adapter (00155D000001)\n   The signed image's hash is not allowed (DB)", ['hyperv-secure-boot']],
  ['Hyper-V, no template fits', "SCSI DVD The image's hash and certificate are not allowed (DB).", ['hyperv-secure-boot']],
  ['shim 825', 'Secure Boot Violation\n\nInvalid signature detected.\nCheck Secure Boot Policy in Setup.', ['firmware-secure-boot']],
  ['NTLite, 2023 migration', 'The boot manager encountered a security validation or internal error.', ['boot-manager-revoked']],
  ['ThinkPad', 'EFI Network 0 for IPv6 (AA-BB-CC-DD-EE-01) boot failed.', ['efi-network']],
  ['OVMF, nobody over IPv6', '>>Start PXE over IPv6..\n  PXE-E16: No valid offer received.\nBdsDxe: failed to load Boot0003 "UEFI PXEv6 (MAC:525400770003)" from PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400770003,0x1)/IPv6([::],0x0,DHCP,[::],[::],0x40): Not Found', ['screen-pxe-e16']],
  ['homelab 65', 'curl: (22) The requested URL returned error: 404 Not Found\nWarning: anaconda: failed to fetch kickstart from http://192.0.2.5/84:00:00:00:A0:DC.ks', ['linux-answer-file']],
  ['casper without a name server', "wget: bad address 'releases.example.org'\nUnable to find a live file system on the network", ['linux-live']],
  ['live-boot, NFS', 'Begin: Trying netboot from 192.0.2.1:/srv/nfs ... Begin: Trying nfs ... mount call failed - server replied: Permission denied. done', ['linux-nfs']],
  ['an initrd without a driver', "ipconfig: no response after 2 secs - giving up\n/init: .: line 252: can't open '/run/net-*.conf'", ['linux-initrd-address']],
  ['grub2 64', "Welcome to GRUB!\nerror: variable 'root' isn't set.\nEntering rescue mode...\ngrub rescue> ", ['grub-no-device']],
  ['a boot manager of 2023 before an older image', 'Recovery\nYour PC/Device needs to be repaired\nFile: \\Windows\\System32\\boot\\winload.efi\nError code: 0xc0430001', ['boot-0xc0430001']],
  ['U-Boot without next server', 'BOOTP broadcast 1\nDHCP client bound to address 192.0.2.7 (4 ms)\nTFTP from server 0.0.0.0; our IP address is 192.0.2.7', ['uboot-serverip']],
  ['openwrt 20873: U-Boot without a kernel', "Using ethernet@15100000 device\nTFTP from server 192.0.2.1; our IP address is 192.0.2.7\nFilename 'openwrt-initramfs-recovery.itb'.\nLoad address: 0x50000000\nLoading: *\nTFTP error: 'File not found' (1)\nNot retrying...\n## Loading kernel from FIT Image at 50000000 ...\nCould not find configuration node\nERROR -2: can't get kernel image!", ['uboot-image']],
  ['lava: U-Boot without a DHCP server', 'ethernet@e6800000 Waiting for PHY auto negotiation to complete.. done\nBOOTP broadcast 1\nBOOTP broadcast 2\nBOOTP broadcast 17\n\nRetry time exceeded; starting again', ['uboot-dhcp']],
  ['tftpd64 37: U-Boot gets no server address', "BOOTP broadcast 1\nBOOTP broadcast 2\nDHCP client bound to address 192.0.2.150 (19150 ms)\n*** ERROR: `serverip' not set\nCannot autoload with TFTPGET", ['uboot-serverip']],
  ['openbmc 2558: U-Boot and an address that nobody has', "Using aspeednic#0 device\nTFTP from server 192.0.2.219; our IP address is 192.0.2.83; sending through gateway  192.0.2.1\nFilename '/tftpboot/fitImage'.\nLoad address: 0x83000000\nLoading: *\nARP Retry count exceeded; starting again", ['uboot-arp']],
  ['hack-technicolor 379: the server stops', "TFTP from server 192.0.2.1; our IP address is 192.0.2.53\nFilename 'qtn-uboot'.\nLoad address: 0x88000000\nLoading: T T T T \nRetry count exceeded; starting again", ['uboot-tftp-timeout']],
  ['rpi-eeprom 621', 'Boot mode: NETWORK (02) order f241\nTFTP_GET: 52:54:00:09:08:1d 192.0.2.10 b7f44626/start4.elf\n\nTFTP 1: file /srv/tftp/b7f44626/start4.elf not found \nTFTP: disconnect: timeouts 1\nFirmware not found', ['pi-no-firmware']],
  ['Dell: not in its database', "Operating System Loader signature not found in SecureBoot database ('db').\nAll bootable devices failed Secure Boot Verification.", ['firmware-not-in-db']],
  ['Ventoy 676: Dell, revoked', "Operating System Loader signature found in SecureBoot exclusion database ('dbx'). All bootable devices failed Secure Boot Verification.", ['firmware-dbx']],
  ['Dell G3 26', 'Operation System Loader failed signature verification. WARNING: the file may have been tampered with!', ['firmware-not-in-db']],
  ['netboot.xyz 1125', 'curl: (23) Failed writing body (0 != 1378)\nDone.\nUnable to find a live file system on the network', ['linux-live']],
] // prettier-ignore

/** What is worth knowing and may be as it should: it is told, and nothing is said to have failed. */
const notes: readonly (readonly [report: string, screen: string, ids: readonly string[]])[] = [
  ['U-Boot tries one of its names', "TFTP error: 'File not found' (1)\nNot retrying...", ['uboot-tftp-missing']],
  ['U-Boot and the words of dnsmasq', "TFTP error: 'file /srv/tftp/pxelinux.cfg/01-52-54-00-77-00-09 not found for 192.0.2.7' (1)\nNot retrying...", ['uboot-tftp-missing']],
  ['U-Boot asked long, and was answered', 'BOOTP broadcast 1\nBOOTP broadcast 6\nDHCP client bound to address 192.0.2.150 (19150 ms)', []],
  ['a line of a Raspberry Pi alone', 'Firmware not found', ['pi-firmware']],
  ['a Raspberry Pi asks for what may be missing', 'TFTP_GET: 52:54:00:09:08:1d 192.0.2.10 b7f44626/pieeprom.sig\n\nTFTP 1: file /srv/tftp/b7f44626/pieeprom.sig not found \nTFTP: disconnect: timeouts 1', ['pi-missing-file']],
  ['raspberrypi/firmware 1041: words over two lines, and a timeout that is a setting', 'Raspberry Pi Bootcode\n\nFound SD card, config.txt = 0, start.elf = 0, recovery.elf = 0, timeout = 0\neth_open 7285c0f2/start.elf:\n  file not found', ['pi-missing-file']],
  ['a Raspberry Pi 3', 'RPi: BOOTLOADER release\neth_open start.elf: file not found', ['pi-missing-file']],
  ['sidero 447: iPXE hangs', '  NBP filename is ipxe.efi\n  NBP filesize is 990688 Bytes\n Downloading NBP file...\n\n  NBP file downloaded successfully.\niPXE initialising devices...', ['ipxe-initialising']],
  ['armbian 3444: no pxelinux.cfg is a note', "TFTP from server 192.0.2.1; our IP address is 192.0.2.226\nFilename 'pxelinux.cfg/default'.\nLoad address: 0x600000\nTFTP error: 'file /srv/tftp/pxelinux.cfg/default not found' (1)\nNot retrying...\nConfig file not found", ['uboot-tftp-missing', 'uboot-config']],
  ['VirtualBox 128: revocations.efi is optional', 'Fetching Netboot Image net/x86_64-efi/revocations.efi\nUnable to fetch TFTP image: TFTP Error\nFetching Netboot Image net/x86_64-efi/grub.efi', ['shim-revocations']],
  ['netboot.xyz 1213, curl alone', 'curl: (23) Failure writing output to destination', ['linux-curl-write']],
  ['the same of curl 8', 'curl: (23) client returned ERROR on write, 1402 bytes wanted, 1 written', ['linux-curl-write']],
] // prettier-ignore

describe('screens of reports', () => {
  test.each(screens)('%s', (_, screen, ids) => {
    const report = readLog(screen)
    expect(failing(screen)).toEqual(ids)
    expect(report.stories.filter(({ kind }) => kind === 'provider' || kind === 'machine' || kind === 'sequence' || kind === 'setup')).toEqual([])
  }) // prettier-ignore

  test.each(notes)('told, and no failure: %s', (_, screen, ids) => {
    const { stories } = readLog(screen)
    expect(failing(screen)).toEqual([])
    expect(stories.flatMap((one) => one.notes.map(({ id }) => id))).toEqual(ids)
    expect(stories.flatMap((one) => one.strange.map(({ text }) => text))).toEqual([])
  })

  test.each(['In den Windows-Bereitstellungsdiensten ist ein Fehler aufgetreten:\n\nFehlercode: 0x102', 'Les services de déploiement Windows ont rencontré une erreur :\nCode d’erreur : 0x102', 'Windows Deployment Services encountered an error:\nError Code: 0x102'])(
    'the screen of WDS in the language of the server: %s',
    (screen) => expect(failing(screen)).toEqual(['boot-0x102']),
  ) // prettier-ignore

  test('what a person types behind it is no code of WDS', () => {
    expect(failing('Windows-Bereitstellungsdienste:\n\nCode: 0x5')).toEqual([])
    expect(failing('Fehlercode: 0x102')).toEqual([])
  })

  test('an address that came makes the wait before it good', () => {
    expect(failing('BOOTP broadcast 1\nRetry time exceeded; starting again\nBOOTP broadcast 1\nDHCP client bound to address 192.0.2.7 (257 ms)')).toEqual([]) // prettier-ignore
  })

  test('a missing autoexec.ipxe is no failure', () => {
    const seen = readLog('07:42:14 IP 192.0.2.1.tftp > x.56621: TFTP, length 54, ERROR ENOTFOUND "file [autoexec.ipxe] unknown: file does not exist"') // prettier-ignore
    expect(seen.outcome).toBe('open')
    expect(failing('tftp://192.0.2.1/autoexec.ipxe... Not found (https://ipxe.org/2d12618e)')).toEqual([])
  })

  test.each(screens.map(([report, screen]) => [report, screen] as const))('a line of it is known to the search: %s', (_, screen) => {
    const lines = screen.split('\n').filter((line) => line.trim() !== '')
    expect(lines.some((line) => codeInText(line) !== undefined || 'known' in evidenceOfText(space, line))).toBe(true)
  }) // prettier-ignore
})

/** What any program may write: from shim, dracut, dnsmasq, Kea, iPXE and their like. */
const ofOthers = [
  'Retry time exceeded; starting again',
  'Retry count exceeded; starting again',
  'iwlwifi: Firmware not found',
  'TFTP 1: a.txt not found',
  'tool: read: Connection refused',
  'Failed to load image \\EFI\\BOOT\\grubx64.efi: Unsupported',
  'dracut-pre-udev[1]: rd.driver.blacklist: ignoring incorrect value',
  'Failed to parse log level x. Ignoring.',
  '** Ignoring requests on eth1.',
  "Downloading 'http://192.0.2.1/squashfs.img' failed!",
  'interface eth1 failed to join DHCPv6 multicast group: No such device',
  'DHCP6_DHCP4O6_SEND_FAIL duid=[00:04:11]: failed to send DHCPv4o6 packet: Permission denied',
  'NII 00:02.0 map operation failed: Out of resources',
  'Untrusted root certificate',
  'IPAIR 0x1 unknown host: requesting pairing',
  // OpenSSL, Kerberos, NSS, systemd-networkd, GRUB's neighbours, input drivers, proxies, firmware tools, cloud-init, package managers.
  "The peer's certificate has expired",
  'Clock skew too great in the reply of the KDC',
  'certificate is not yet valid',
  'SSL: no client certificate available',
  '/etc/networkd/10-x.network: peer key missing, ignoring network device.',
  'ignoring HID device, unsupported usage page 000c',
  'Bits that the device does not know are ignored on write',
  'Honours the list of ignored clients of DHCP and PXE',
  'Boot image load address invalid.',
  'The WIM file is corrupted (failed integrity check)',
  'The integrity table of the WIM is invalid',
  'app.exe - 192.0.2.7:443 error: no connection through proxy 192.0.2.9:3128, status code 403',
  'app.exe - 192.0.2.7:443 error: no connection through proxy 192.0.2.9:3128, status code 503',
  'Failed to get policydb',
  'Failed to resolve source path of /var/lib/x: Permission denied',
  'Failed to load certificate /etc/x.pem: 0x80070002',
  'fetched http://169.254.169.254/latest/meta-data: failed',
  'System restart required by: linux-image',
  'mail: sending failed, no client is installed',
  'this migration has already run and is left alone',
  'The server name could not be resolved.',
]

test.each(ofOthers)('a line of another program accuses no Windows server: %s', (line) => {
  const report = readLog(line)
  expect(
    report.stories.map(({ kind }) => kind).filter((kind) => kind !== 'other' && kind !== 'screen' && kind !== 'linux'),
  ).toEqual([])
})

test.each(['Fontconfig error: out of memory', 'xz error: out of memory', '[Error: invalid magic number]', '<h1>Status: Server Error: 400 Bad Request</h1>', 'Retry time exceeded; starting again', 'Retry count exceeded; starting again', 'iwlwifi: Firmware not found'])(
  'a line of another program is no screen: %s',
  (line) => expect(failing(line)).toEqual([]),
) // prettier-ignore

describe('plain English of any program', () => {
  const beginnings = ['Failed to load', 'Failed to open', 'Failed to read', 'Failed to resolve', 'Failed to get', 'Failed to apply', 'Failed to install', 'Failed to create', 'Failed to find', 'Unable to read', 'Cannot open', 'Error loading', 'No', 'Invalid', 'Ignoring', 'Unknown'] // prettier-ignore
  const things = ['certificate', 'the image', 'boot image', 'the policy', 'the driver', 'source', 'client', 'the request', 'device', 'machine', 'the disk', 'the network', 'the address', 'the server', 'the application', 'memory'] // prettier-ignore
  const ends = ['', ': permission denied', ': status code 404', ': 0x80070002', ' is invalid', ' was ignored', ' failed', ' has expired', ' disabled', ' has already run', ' restart required', ' could not be resolved', ' timed out'] // prettier-ignore

  test.each(beginnings)('%s ... accuses nobody', (beginning) => {
    const told = things.flatMap((thing) => ends.flatMap((end) => [`${beginning} ${thing}${end}`, `Nov 26 10:00:01 host1 app[812]: ${beginning} ${thing}${end}`])) // prettier-ignore
    expect(told.filter((line) => failing(line).length > 0)).toEqual([])
  })
})
