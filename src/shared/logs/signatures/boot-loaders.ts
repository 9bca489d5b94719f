/**
 * What boot loaders and Linux show when a network boot stops: GRUB, shim, PXELINUX, iPXE, wimboot, the kernel and its first programs, and what
 * firmware says of Secure Boot. Wordings are those of the programs' own sources and of reports.
 */
import { signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good, harmless, hint } = signaturesOf(['screen'])

const from = {
  grub: 'GNU GRUB (grub-core/net, grub-core/kern) and its manual, Network',
  grubSecure: 'GNU GRUB (kern/efi/sb.c, loader/efi) and reports to rhboot/shim',
  shim: 'rhboot/shim (shim.c, pe.c, netboot.c) and its issues 44 and 436',
  sbat: 'rhboot/shim (shim.c, sbat.c, SBAT.md) and its pull request 671; Microsoft KB5041585',
  mok: 'rhboot/shim (mok.c) and its pull request 372',
  loadOptions: 'rhboot/shim (load-options.c) and its issues 649 and 696',
  netbootUrl: 'rhboot/shim (netboot.c)',
  syslinux: 'Syslinux (core/fs/pxe, core/elflink, com32/elflink) and its wiki',
  ipxe: 'iPXE (usr/autoboot.c, net/netdevice.c), ipxe.org/err, ltsp issue 579',
  wds: 'Microsoft KB 2602043, Invalid boot file received; Managing network boot programs',
  wimboot: 'ipxe/wimboot (main.c, efifile.c) and its issues 27, 29, 38 and 66',
  linux: 'Linux (init/do_mounts.c) and reports to morph027/pve-iso-2-pxe, theforeman and rancher/os',
  dracut: 'dracut (modules.d/98dracut-systemd) and the boot options of Red Hat\'s installer',
  casper: 'casper and live-boot of Ubuntu and Debian',
  hyperv: 'Microsoft, Hyper-V generation 2 virtual machines, part 6; wimboot issue 57',
  bootManager: 'Microsoft KB5025885 and NTLite, Secure Boot 2023 migration',
  edk2: 'EDK2 (MdeModulePkg/Library/UefiBootManagerLib)',
  ipxeAutoexec: 'iPXE (usr/autoboot.c, interface/efi/efi_autoexec.c) and FOGProject/fogproject issue 960',
  ipxeStands: 'iPXE (core/main.c) and its issues 1211, 1392 and 1479; siderolabs/sidero issue 447; xcp-ng/xcp issue 496',
  revocations: 'rhboot/shim (shim.c, netboot.c); VirtualBox/virtualbox issue 128',
  stub: 'Linux (drivers/firmware/efi/libstub); ipxe/ipxe issue 1653',
  ubootConfig: 'U-Boot (boot/pxe_utils.c, cmd/pxe.c) in reports to armbian/build (3444) and visionfive-nix (6)',
  ipxeDuid: 'iPXE (net/udp/dhcpv6.c) and its issue 1094',
  lenovo: 'Reports of administrators of ThinkPad and ThinkCentre',
  debian: 'cdrom-detect of the Debian installer',
  firmware: 'TeraByte, Boot failure: Secure Boot error; HP, Dell and AMI firmware',
  // What no public source shows word for word is said to be unconfirmed.
  dellDb: 'Dell firmware: Amin-0-1/hackintosh-Dell-g3-15-3590- issue 26; "signature not found in SecureBoot database" is unconfirmed',
  piFiles: 'Raspberry Pi boot loader: reports to raspberrypi/rpi-eeprom (376, 417, 621) and raspberrypi/firmware (1575); the line of eth_open is unconfirmed',
  dell: 'Dell firmware: reports to ventoy/Ventoy (676, 1720) and its message UEFI0073',
  uboot: 'U-Boot (net/bootp.c, net/tftp.c, net/arp.c, boot/bootm.c) and reports to openwrt/openwrt (20873), PJO2/tftpd64 (37) and openbmc/openbmc (2558)',
  pi: 'Raspberry Pi boot loader: reports to raspberrypi/rpi-eeprom (376, 417, 621) and raspberrypi/firmware (1575)',
  answers: 'Reports to khuedoan/homelab (65), netbootxyz/netboot.xyz (583), dannf/ubuntu-server-netboot (24) and microsoft/azurelinux (17915); network-preseed of Debian; cloud-init',
  download: 'BusyBox (wget) and curl (its error codes) in reports to netbootxyz/netboot.xyz and khuedoan/homelab (65)',
  liveBoot: 'klibc (ipconfig, nfsmount), live-boot and casper; reports to netbootxyz/netboot.xyz and ltsp/ltsp',
  curl: 'curl (error 23) and reports to netbootxyz/netboot.xyz (918, 1125, 1213)',
} // prettier-ignore

/** What U-Boot and the boot loader of the Raspberry Pi show of themselves, for lines that others may write too. */
const ubootLines =
  /\bU-Boot\b|^\s*BOOTP broadcast \d|^\s*TFTP from server |^\s*DHCP client bound to address |^\s*Load address: 0x/m
const piLines =
  /^\s*(?:\d{1,5}\.\d\d )?(?:TFTP_GET: |NET_BOOT: |RPi: BOOT|RX: \d+ IP: \d+|Boot mode: [\w-]+ \(\d\d\))|\b(?:start|recover)[4x]{0,2}\.elf\b|\bRaspberry Pi\b/m

/** GRUB writes `error: `, newer ones with the place in the source. */
const grub = (words: string): RegExp => new RegExp(String.raw`\berror: (?:\S+\.c:\d+:\s?)?${words}`, 'i')

export const bootLoaderSignatures: readonly Signature[] = [
  failure('grub-no-device', 'grub', grub("(?:no such (?:device|partition)|variable [`'‘]?(?:root|prefix)['’]? isn't set)"), from.grub, { weight: 60 }),
  failure('grub-file', 'grub', grub("file [`'‘](?<file>[^'’]+)['’] not found"), from.grub, { weight: 65 }),
  failure('grub-filesystem', 'grub', grub('unknown filesystem'), from.grub, { weight: 55 }),
  effect('grub-rescue', ['grub'], /^\s*grub rescue>|^\s*Entering rescue mode/im, from.grub),
  effect('grub-prompt', ['grub'], /^\s*grub>/im, from.grub),
  failure('grub-network', 'grub', grub("(?:couldn't send network packet|time ?out (?:opening|reading)[^\n]*|timeout: could not resolve hardware address|no network card found|couldn't autoconfigure[^\n]*|no server is specified|connection timeout)"), from.grub, { weight: 60 }),
  failure('grub-dns', 'grub', grub('(?:no DNS servers configured|no DNS (?:record|reply)|unresolved address|unrecognised network address)'), from.grub, { weight: 62 }),
  effect('grub-kernel-first', ['grub', 'secure-boot'], grub('you need to load the kernel first'), from.grub),
  failure('grub-memory', 'memory', grub('(?:out of memory|cannot allocate (?:kernel|initrd)|couldn.t find suitable memory)'), from.grub, { weight: 60, own: /\.c:\d+:|^\W*error: [a-z][^\n]*\.\s*$|\bGRUB\b|\bkernel\b|\binitrd\b|^Press any key/m }),
  failure('grub-magic', 'grub', grub('(?:invalid magic number|invalid (?:arch.independent )?ELF magic|kernel (?:DOS|PE) magic is invalid|plain image kernel not supported)'), from.grub, { weight: 60, own: /\.c:\d+:|^\W*error: [a-z][^\n]*\.\s*$|\bGRUB\b|\bkernel\b|\binitrd\b|^Press any key/m }),
  failure('grub-secure-boot', 'secure-boot', /\berror: (?:\S+\.c:\d+:\s?)?(?:bad shim signature|prohibited by secure boot policy|shim_lock protocol not found|kernel does not support NX)/i, from.grubSecure, { weight: 70 }),

  failure('firmware-refused', 'secure-boot', /BdsDxe: failed to load [^\n]*: (?:Access Denied|Security Violation)/i, from.shim, { weight: 70 }),
  failure('shim-revoked', 'shim-revoked', /SBAT self-check failed|Verifi?ying shim SBAT data failed/i, from.sbat, { weight: 75 }),
  failure('shim-mok', 'shim-mok', /import_mok_state\(\) failed|Importing MOK states has failed|(?:Could not create|Failed to set|Could not set) Mok\w+RT|Failed to start MokManager/i, from.mok, { weight: 72 }),
  failure('shim-no-sbat', 'secure-boot', /No \.sbat section data|image did not pass SBAT verification|Could not parse \.sbat section/i, from.sbat, { weight: 74 }),
  failure('shim-refused', 'secure-boot', /Verification failed: (?:\((?:0x1A\) Security Violation|15\) Access Denied)|Security (?:Policy )?Violation|Access Denied)|Bootloader has not verified loaded image/i, from.shim, { weight: 70 }),
  failure('shim-trouble', 'shim', /Something has gone seriously wrong/i, from.shim, { weight: 58 }),
  failure('shim-url6', 'shim', /URLS MUST START WITH tftp:\/\/|TFTP SERVER MUST BE ENCLOSED IN \[|TFTP URL includes malformed IPv6 address/i, from.netbootUrl, { weight: 72 }),
  failure('shim-load-options', 'shim', /Failed to open \\EFI\\BOOT\\\S* - Invalid Parameter|Fetching Netboot Image \S*\/[^\x20-\x7e]\S*/i, from.loadOptions, { weight: 68 }),
  failure('shim-twice', 'shim', /Could not install security protocol/i, 'canonical/packer-maas issue 108, rhboot/shim pull request 107', { weight: 66 }),
  effect('shim-image', ['secure-boot', 'shim', 'shim-revoked', 'shim-mok'], /start_image\(\) return(?:s|ed)? \S|Failed to load image\b[^\n]*: (?:Access Denied|Security (?:Policy )?Violation|Not Found|Invalid Parameter|TFTP Error|HTTP Error|Unsupported)/i, from.shim),
  harmless('shim-revocations', /Fetching Netboot Image \S*revocations\.efi\s*\n[^\n]*Unable to fetch (?:TFTP|HTTP) image[^\n]*$/i, from.revocations, { span: 2 }),
  good('efi-stub', /EFI stub: (?:UEFI Secure Boot is enabled|Loaded initrd from|Exiting boot services)/i, from.stub),
  failure('shim-fetch', 'shim', /Unable to fetch (?:TFTP|HTTP) image|(?:Failed to (?:open|load image)|Could not read file)\s\S*grub\S*\.efi/i, from.shim, { weight: 60 }),
  failure('hyperv-secure-boot', 'secure-boot', /image'?s hash(?: and certificate)? (?:is|are) not allowed \(DBX?\)/i, from.hyperv, { weight: 70 }),
  failure('boot-manager-revoked', 'secure-boot', /boot manager encountered a security validation or internal error/i, from.bootManager, { weight: 70 }),
  failure('firmware-secure-boot', 'secure-boot', /selected boot image did not authenticate|operating system loader has no signature|(?:secure boot violation|secure boot failure|secure boot: unauthorized image)|invalid signature detected/i, from.firmware, { weight: 70 }),

  failure('firmware-dbx', 'secure-boot', /signature found in Secure ?Boot exclusion database/i, from.dell, { weight: 72 }),
  failure('firmware-not-in-db', 'secure-boot', /signature not found in Secure ?Boot database|Operati(?:ng|on) System Loader failed signature verification|Unable to boot [^\n]{1,120} because of the Secure Boot policy/i, from.dellDb, { weight: 70 }),
  effect('firmware-all-failed', ['secure-boot'], /All bootable devices failed Secure ?Boot verification/i, from.dell),

  failure('efi-network', 'efi-network', /EFI (?:PXE |Network )?(?:Network )?\d* ?for IPv(?<version>[46])\b[^\n]*boot failed/i, from.lenovo, { weight: 30 }),
  hint('firmware-next', /BdsDxe: failed to load [^\n]*: (?:Not Found|Time ?out|No Media|No Response|Not Ready|Aborted|Load Error|Unsupported)/i, from.edk2),

  failure('pxelinux-module', 'pxelinux', /Failed to load (?:COM32 file\s*)?(?<file>(?:ldlinux\.(?:c32|e32|e64)|lib\w+\.c32|\w*menu\.c32|\S+\.c32))/i, from.syslinux, { weight: 60 }),
  failure('pxelinux-config', 'pxelinux', /Unable to locate configuration file|No DEFAULT or UI configuration directive found/i, from.syslinux, { weight: 60 }),
  failure('pxelinux-kernel', 'pxelinux', /Could not find kernel image: ?(?<file>\S*)|Invalid or corrupt kernel image/i, from.syslinux, { weight: 60 }),
  effect('pxelinux-failed', ['pxelinux'], /Boot failed: press a key to retry, or wait for reset/i, from.syslinux),

  effect('ipxe-no-more', ['ipxe', 'pxe', 'ipxe-image'], /No more network devices/i, from.ipxe),
  failure('ipxe-unconfigured', 'ipxe', /No configuration methods succeeded/i, from.ipxe, { weight: 50 }),
  failure('ipxe-duid', 'ipxe', /could not create DUID-UUID/i, from.ipxeDuid, { weight: 60 }),
  hint('ipxe-initialising', /^\s*(?:\S+ )?iPXE initiali[sz]ing devices\.{3}\s*$/m, from.ipxeStands, { hasFix: true }),
  failure('ipxe-image', 'ipxe-image', /Could not (?:select|boot(?: image)?): Exec format error/i, from.ipxe, { weight: 60 }),
  harmless('ipxe-no-autoexec', /autoexec\.ipxe(?:\.{3} ?(?:Not found|No such file|File not found|Error 0x2d)|\]?[^\n]{0,40} (?:file )?(?:does not exist|not found\b))/i, from.ipxeAutoexec),
  failure('ipxe-error', 'ipxe', /(?:\.{3}|: |^)\s*(?<words>[A-Z][\w ',-]{3,60}) \(https?:\/\/ipxe\.org\/(?:err\/)?(?<code>[\da-f]{6,8})\)/im, from.ipxe, { weight: 30 }),
  failure('ipxe-chainload', 'ipxe', /Chainloading failed|Could not (?:start download|open SAN device)/i, from.ipxe, { weight: 20 }),
  failure('ipxe-link', 'link', /Waiting for link-up on net\d+[^\n]{0,10}\.\s*(?:Down|Unknown)|\[Link:down/i, from.ipxe, { weight: 60 }),

  failure('boot-file-invalid', 'boot-file', /Invalid boot file received/i, from.wds, { weight: 60 }),
  hint('wds-f12', /Press F12 for network service boot/i, from.wds, { hasFix: true }),
  hint('wdsnbp', /WDSNBP started (?:using DHCP Referral|from DHCP\/WDS Server)|Contacting Server:? [\d.]+/i, from.wds, { hasFix: true }),

  failure('wimboot-file', 'wimboot', /FATAL: no boot(?:mgr\.exe|loader file found)|Could not load bootmgr\.exe|Bad MZ magic/i, from.wimboot, { weight: 60 }),
  failure('wimboot-initrd', 'wimboot', /could not extract initrd files|Bad CPIO magic/i, from.wimboot, { weight: 60 }),
  failure('wimboot-argument', 'wimboot', /^Unrecognised argument "(?<argument>[^"]*)"/m, 'ipxe/wimboot (cmdline.c); reports to danderson/netboot (92) and garybowers/bootimus (121)', { weight: 60 }),
  failure('wimboot-compression', 'wimboot', /Can't handle unknown compression scheme/i, 'ipxe/wimboot (wim.c, changelog 2.7.5); report to nguyentumine/AIO-Boot (104)', { weight: 60 }),
  failure('wimboot-index', 'wimboot', /Cannot find WIM image index (?<index>\d+)/i, 'ipxe/wimboot (wim.c)', { weight: 65 }),
  failure('setup-media-driver', 'windows-setup-media', /A media driver your computer needs is missing/i, 'Reports to netbootxyz/netboot.xyz (108)', { weight: 50 }),

  hint('uboot-tftp-missing', /^\s*TFTP error: '(?<words>[^'\n]{1,200})' \(\d{1,3}\)/m, from.uboot, { hasFix: true }),
  failure('uboot-dhcp', 'uboot-dhcp', /^\s*Retry time exceeded(?:; starting again)?\s*$/m, from.uboot, { weight: 60, near: ubootLines }),
  good('uboot-bound', /^\s*DHCP client bound to address [\d.]+/m, from.uboot),
  failure('uboot-arp', 'uboot-tftp', /^\s*ARP Retry count exceeded; starting again/m, from.uboot, { weight: 62 }),
  failure('uboot-tftp-timeout', 'uboot-tftp', /^\s*Retry count exceeded; starting again/m, from.uboot, { weight: 58, near: ubootLines }),
  failure('uboot-serverip', 'uboot-serverip', /\*\*\* ERROR: [`'‘]?serverip['’]? not set|^\s*Cannot autoload with TFTPGET|^\s*TFTP from server 0\.0\.0\.0;/m, from.uboot, { weight: 64 }),
  hint('uboot-config', /^\s*Config file not found\s*$/m, from.ubootConfig, { near: ubootLines, hasFix: true }),
  failure('uboot-image', 'uboot-image', /ERROR(?: -?\d+)?: can't get kernel image!|Wrong Image (?:Format|Type) for boot\w command|Bad Linux ARM64 Image magic!/, from.uboot, { weight: 56 }),

  failure('pi-no-firmware', 'pi', /^\s*(?:\d{1,5}\.\d\d )?Firmware not found\s*$/m, from.pi, { weight: 60, near: piLines }),
  hint('pi-firmware', /^\s*Firmware not found\s*$/m, from.pi, { weight: 40, hasFix: true }),
  hint('pi-missing-file', /^\s*(?:\d{1,5}\.\d\d )?(?:TFTP \d{1,3}: [^\n]{0,200}not found|eth_open\b[^\n]{0,200}(?:not found|:\s*\n\s*file not found$))/im, from.piFiles, { near: piLines, span: 2 }),

  failure('linux-root', 'linux', /VFS: Unable to mount root fs|VFS: Cannot open root device|initramfs unpacking failed/i, from.linux, { weight: 60 }),
  failure('linux-stub-initrd', 'linux', /EFI stub: ERROR: Failed to load initrd/i, from.linux, { weight: 60 }),
  failure('linux-dracut', 'linux-source', /dracut-initqueue(?:\[\d+\])?:? (?:Warning: )?(?:dracut-initqueue:? )?timeout|\/dev\/root does not exist|\/dev\/disk\/by-label\/\S+ does not exist/i, from.dracut, { weight: 60 }),
  failure('linux-live', 'linux-source', /Unable to find a (?:medium containing a live file ?system|live file ?system on the network)/i, from.casper, { weight: 60 }),
  hint('linux-memory', /^(?:(?:wget|dd|cp|curl|tar|cpio|xz|sh)\b[^\n]{0,200}: )?(?:write error: )?No space left on device\.?$|No space left on device[^\n]*(?:airootfs|squashfs|\.iso\b)|(?:airootfs|squashfs|\.iso\b)[^\n]*No space left on device/im, from.casper, { hasFix: true }),
  hint('linux-curl-write', /\bcurl: \(23\) [A-Z][^\n]{3,}/i, from.curl, { hasFix: true }),
  hint('linux-loop', /(?:blk_update_request: )?I\/O error,? (?:on )?dev(?:ice)? ?\/?(?:dev\/)?loop\d+|SQUASHFS error: (?:Unable to read|Failed to read|zlib|xz|zstd|lzo)/i, from.casper, { hasFix: true }),
  failure('linux-answer-file', 'linux-source', /failed to fetch kickstart from (?<file>\S+)|Kickstart file \S+ is missing|(?:unable|failed) to (?:download|retrieve|fetch) the kickstart file|file needed for preconfiguration could not be retrieved from (?<url>\S+?)\.?(?=\s|$)|Failed to retrieve the preconfiguration file|Getting data from [^\n]*DataSourceNoCloud\w*[^\n]* failed/i, from.answers, { weight: 66 }),
  hint('linux-download', /\bwget: (?<words>bad address [^\n]{1,200}|unable to resolve host [^\n]{1,200}|server returned error: [^\n]{1,100}|can't connect to remote host[^\n]{0,200}|download timed out)|\bcurl: \((?:6|7|22|28|35|60|77)\) (?<error>[^\n]{3,200})/i, from.download, { hasFix: true }),
  failure('linux-initrd-address', 'linux-source', /ipconfig: no response after \d+ secs - giving up|can't open '?\/run\/net-\*\.conf/i, from.liveBoot, { weight: 62 }),
  failure('linux-nfs', 'linux-source', /\bmount call failed - server replied: (?<words>[^\n.]{3,100})|\bmount\.nfs4?: (?<error>access denied by server[^\n]{0,150}|Connection (?:refused|timed out)[^\n]{0,150}|No route to host|Protocol not supported)/i, from.liveBoot, { weight: 63 }),
  effect('linux-emergency', ['linux-source', 'linux'], /You are in emergency mode|Entering emergency mode|Generating ["“]?\/run\/initramfs\/rdsosreport/i, from.dracut),
  failure('linux-livenet', 'linux-source', /don'?t know how to handle '?root=live:https?:/i, from.dracut, { weight: 60 }),
  failure('linux-cdrom', 'linux-source', /installation (?:CD-ROM|media) couldn'?t be mounted|No (?:common )?CD-ROM drive was detected|Incorrect (?:CD-ROM|installation media) detected/i, from.debian, { weight: 60 }),
] // prettier-ignore
