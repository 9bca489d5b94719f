/** What people wrote in public when a network boot failed, word for word off their screens: the search has to tell it first. */
import { readFileSync, readdirSync } from 'node:fs'
import { sep } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { readSpace, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import { codeInText, evidenceOfText } from '#shared/knowledge/code-in-text.ts'
import { articleEntries, scenarioEntries, tableEntries, type ListedScenario } from '#shared/knowledge/search/entries.ts'
import { SearchIndex } from '#shared/knowledge/search/index.ts'

const root = new URL('../../', import.meta.url)
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const space = readSpace(JSON.parse(text('resources/ask.json')) as SpaceFile)
const scenarios = readdirSync(new URL('resources/scenarios', root)).map((name): ListedScenario => ({
  ...(parse(text(`resources/scenarios/${name}`)) as ListedScenario),
  id: name.replace('.yaml', ''),
}))
const articles = readdirSync(new URL('docs/', root), { recursive: true })
  .map((path) => String(path).replaceAll(sep, '/'))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: text(`docs/${path}`) }))
const index = new SearchIndex([...tableEntries(), ...scenarioEntries(scenarios), ...articleEntries(articles)])

/** Each: what was written, where, and what the first hit is about: its id, or for log and screen lines its title. */
const reports: readonly (readonly [written: string, where: string, first: string | RegExp])[] = [
  ['Could not select: Exec format error (http://ipxe.org/2e008001)', 'ltsp 579', 'code 2e008001'],
  ['Could not boot: Exec format error (https://ipxe.org/2e008081)', 'ipxe 742', 'code 2e008001'],
  ['Could not boot: Error 0x7f048283 (https://ipxe.org/7f048283)', 'ipxe 713', 'code 7f048283'],
  ['autoexec.ipxe... Error 0x3d126083 (https://ipxe.org/3d126083)', 'ipxe 1327', 'code 3d126001'],
  ['https://ipxe.org/err/021260', 'ipxe 636', 'code 0212603c'],
  ['Configuring (net0)...... No configuration methods succeeded (https://ipxe.org/040ee119)', 'ggCircuit, PortFast', 'code 040ee119'],
  ['no configuration methods succeeded', 'ggCircuit, PortFast', 'code 040ee119'],
  ['[Link status: Down(http://ipxe.org/38086193)]', 'Edge-Software-Provisioner 44', 'code 38086101'],
  ['Nothing to boot:No such file or directory (http://ipxe.org/2d03e18e)', 'Edge-Software-Provisioner 44', 'code 2d03e13b'],
  ['No such file or directory (http://ipxe.org/2d0c618e)', 'bluebanquise 49', 'code 2d0c613b'],
  ['iPXE 4c106035', 'the brief of every helpdesk', 'code 4c106035'],
  ['could not install base code protocol: Error 0x7f4ae082 (https://ipxe.org/7f4ae082)', 'ipxe 1111', 'code 7f4ae082'],
  ['NBP filesize is 0 Bytes PXE-E99: Unexpected network error.', 'nix-netboot-serve 2', 'code PXE-E99'],
  ['PXE-T01: File not found', 'ipxe-devel, August 2013', 'code PXE-T01'],
  ['PXE-MOF: Exiting Broadcom PXE ROM', 'balajitheone, March 2011', 'code PXE-M0F'],
  ['pxe-mof exiting intel boot agent', 'spelled as the forums do', 'code PXE-M0F'],
  ['NBP too big to fit in memory', 'bwLehrpool', 'code PXE-E79'],
  ['nbp is too big', 'typed by hand', 'code PXE-E79'],
  ['ERROR 1962 – No Operating System Found', 'bwLehrpool', 'page ask'],
  ['PXE-E16: No valid offer received', 'ManageEngine', 'code PXE-E16'],
  ['PXE-E16: No offer received.', 'Dell firmware', 'code PXE-E16'],
  ['PXE-E38: TFTP cannot open connection', 'Broadcom KB 152549', 'code PXE-E38'],
  ['PXE-EC8: !PXE structure was not found in UNDI driver code segment', 'Broadcom KB 152549', 'code PXE-EC8'],
  ['PXE-EA0: Network boot canceled by keystroke', 'Broadcom KB 152549', 'code PXE-EA0'],
  ['PXE-E67 Invalid MAC address', 'Broadcom KB 152549', 'code PXE-E67'],
  ['Invalid boot file received', 'Microsoft KB 2602043', /boot program of the other type/],
  ['Error code: 0x0c0000098', 'Server Fault 591094', 'code 0xc0000098'],
  ['The Windows boot configuration data (BCD) file from the PXE server does not contain a valid operating system entry. Ensure that the server has boot images installed for this architecture.', 'TechNet, SCCM 2012 R2', 'code 0xc0000098'],
  ["Status: 0xc0000001 Info: A required device isn't connected or can't be accessed.", 'Specops', 'code 0xc0000001'],
  ['The Boot Configuration Data for your PC is missing or contains errors. File: \\boot\\bcd', 'Ryan Betts, July 2014', 'code 0xc000000f'],
  ['An error occurred while attempting to read the boot configuration data', '2Pint', 'code 0xc000000f'],
  ['Operation not permitted (http://ipxe.org/410de13c)', 'alpine-netboot 2', 'code 410de13c'],
  ['Invalid argument (http://ipxe.org/1c0de802)', 'smee 166', 'code 1c0de802'],
  ['Could not start download: Operation not supported (https://ipxe.org/3c092083)', 'ipxe 1285', 'code 3c092003'],
  ['autoexec.ipxe... Invalid argument (https://ipxe.org/1c25e082)', 'ipxe 1408', 'code 1c25e002'],
  ['DRBG 0x7844551e90 could not get entropy input: Error 0x4226e195 (https://ipxe.org/4226e195)', 'ipxe 1569', 'code 4226e101'],
  ['ENTROPY efirng failed: Error 0x7f5ce086 (https://ipxe.org/7f5ce086)', 'ipxe 1569', 'code 7f5ce086'],
  ['Permission denied (https://ipxe.org/0216eb8f)', 'ipxe 1407', 'code 0216eb3c'],
  ['Error: Could not retrieve NBP file size from HTTP server. Error: Unexpected network error.', 'edk2 12651', /HTTP boot failed with a network error/],
  ['Error: Could not retrieve NBP file size from HTTP server.\n\n  Error: Server response timeout.', 'edk2 10232', /HTTP boot was not answered in time/],
  ['Could not retrieve NBP file size from HTTP server', 'typed by hand', /HTTP boot could not request the file/],
  ['Access forbidden, only HTTPS connection is allowed', 'bmclib 470, a Dell PowerEdge', /HTTPS only/],
  ['Error: TLS session connection failed - Aborted.', 'edk2 12338', /TLS handshake with the web server failed/],
  ['HTTP ERROR: Resource Redirected. New Location: https://boot.example.com/x.efi', 'as smee 229', /another address/],
  ['Verification failed: (0x1A) Security Violation', 'archiso-sb-shim 3', /shim refuses/],
  ['Verification failed: (15) Access Denied', 'shim 44', /shim refuses/],
  ['Bootloader has not verified loaded image', 'shim 138', /shim refuses/],
  ['error: bad shim signature.', 'reports of GRUB', /GRUB is not allowed to start this kernel/],
  ['error: ../../grub-core/kern/efi/sb.c:189:shim_lock protocol not found.', 'reports of GRUB', /GRUB is not allowed to start this kernel/],
  ['Operating System Loader has no signature. Incompatible with SecureBoot.', 'TeraByte', /Secure Boot refused/],
  ['Selected Boot Image Did Not Authenticate', 'TeraByte', /Secure Boot refused/],
  ['Secure Boot Violation. Invalid signature detected. Check Secure Boot Policy in Setup', 'AMI firmware', /Secure Boot refused/],
  ['error: no such device: 1234-ABCD. grub', 'reports of GRUB', /GRUB does not find the device/],
  ['error: no such device grub', 'typed by hand', /GRUB does not find the device/],
  ["error: file `/boot/grub/i386-pc/normal.mod' not found.", 'reports of GRUB', /GRUB did not find/],
  ["error: couldn't send network packet", 'reports of GRUB', /GRUB cannot reach the server/],
  ['grub rescue>', 'reports of GRUB', /rescue prompt/],
  ['Failed to load ldlinux.c32', 'reports of Syslinux', /PXELINUX did not get its module/],
  ['Unable to locate configuration file', 'RPi-PXE-Server 6', /PXELINUX found no configuration/],
  ['No DEFAULT or UI configuration directive found!', 'reports of Syslinux', /PXELINUX found no configuration/],
  ['Could not find kernel image: centos5.5/vmlinuz', 'reports of Syslinux', /PXELINUX did not get the kernel/],
  ['FATAL: no bootmgr.exe', 'wimboot 27', /no Windows boot manager/],
  ['Bad CPIO Magic FATAL: could not extract initrd files', 'wimboot 29', /wimboot cannot read/],
  ['Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)', 'pve-iso-2-pxe 4', /without its initrd/],
  ['EFI stub: ERROR: Failed to load initrd', 'pve-iso-2-pxe 49', /did not get its initrd/],
  ['Warning: dracut-initqueue timeout - starting timeout scripts', 'reports of Red Hat', /Linux installer has no network/],
  ['Unable to find a medium containing a live file system', 'reports of Ubuntu', /live system does not find/],
  ["cp: error writing '/run/archiso/copytoram/airootfs.sfs': No space left on device", 'BlackArch/blackarch-iso issue 14', /live system does not fit into memory/],
  ["dd: error writing '/etc/hostid': No space left on device", 'netbootxyz/netboot.xyz issue 1368', /live system does not fit into memory/],
  ['No space left on device', 'netbootxyz/netboot.xyz issue 1368', /live system does not fit into memory/],
  ['blk_update_request: I/O error, dev loop2, sector 4321', 'netbootxyz/netboot.xyz issue 1128', /live image in memory cannot be read/],
  ['dracut-initqueue timeout', 'cobbler/cobbler issue 4088', /does not find its installation source/],
  ['Warning: /dev/disk/by-label/Install-Leap-16.0-x86_64 does not exist', 'cobbler/cobbler issue 4088', /does not find its installation source/],
  ["dracut: don't know how to handle 'root=live:http://192.168.1.1/nfs/opensuse-x64/LiveOS/squashfs.img'", 'OSInside/kiwi issue 796', /cannot load its root file system/],
  ["Your installation CD-ROM couldn't be mounted", 'virt-manager/virt-manager pull request 34', /looks for its disc/],
  ['No more network devices', 'ltsp 579', /iPXE tried all network cards/],
  ['Press F12 for network service boot', 'reports of WDS', /waits for F12/],
  ['WDSNBP started using DHCP Referral. Contacting Server: 10.0.0.5 (Gateway: 10.0.0.1)', 'reports of WDS', /wdsnbp\.com asks/],
  ['ProcessDatabaseReply: No Advertisement found in Db for device', 'Adventures in OSD', /[Nn]othing is deployed|not answer|deploy/],
  ['reply has no message header marker', 'reports of SMSPXE.log', /management point/],
  ['0x80070002 smspxe', 'typed by hand', 'code 0x80070002'],
  ['curl: (22) The requested URL returned error: 404 Not Found\nWarning: anaconda: failed to fetch kickstart from http://192.0.2.5/init-config/84:00:00:00:A0:DC.ks', 'khuedoan/homelab issue 65', /did not get its answer file/],
  ['Kickstart file http://192.0.2.5/ks.cfg is missing.', 'microsoft/azurelinux issue 17915', /did not get its answer file/],
  ['Failed to retrieve the preconfiguration file', 'network-preseed of Debian', /did not get its answer file/],
  ['PXE autoinstall ds=nocloud-net;s=http://192.0.2.1/ starts with the language selection', 'dannf/ubuntu-server-netboot issue 24', /did not get its answer file/],
  ["error: variable 'root' isn't set. Entering rescue mode...", 'rhboot/grub2 issue 64', /GRUB does not find the device/],
  ['Status: 0xc0430001', 'media with a boot manager of 2023', 'code 0xc0430001'],
  ["ipconfig: no response after 2 secs - giving up /init: .: line 252: can't open '/run/net-*.conf'", 'reports of casper', /initrd of Linux got no address/],
  ['mount call failed - server replied: Permission denied.', 'reports of live-boot', /NFS server does not give/],
  ['Loading stage2 failed: wget: server returned error: HTTP/1.0 404 File not found', 'reports of live-boot', /could not download a file/],
  ['TFTP open timeout', 'LANDESK', 'code PXE-E32'],
  ['Server response timeout', 'Server response timeout of EDK2', 'code PXE-E18'],
] // prettier-ignore

const first = (query: string): { readonly id: string; readonly title: string } | undefined => index.search(query, 4)[0]?.entry // prettier-ignore

const spellings: readonly (readonly [how: string, write: (text: string) => string])[] = [
  ['as it stands', (one) => one],
  ['in capitals', (one) => (/ipxe\.org/.test(one) ? one : one.toUpperCase())],
  ['in small letters', (one) => one.toLowerCase()],
]

describe('public reports', () => {
  test.each(spellings)('are found %s', (_, write) => {
    const wrong = reports.flatMap(([written, where, wanted]) => {
      const found = first(write(written))
      const isRight = found && (typeof wanted === 'string' ? found.id === wanted : wanted.test(found.title))
      return isRight ? [] : [`${written} (${where}): ${found?.id ?? 'nothing'}`]
    })
    expect(wrong).toEqual([])
  })

  test('are found with words around them, as somebody asks', () => {
    const wrong = reports.flatMap(([written, where, wanted]) => {
      if (typeof wanted !== 'string' || !wanted.startsWith('code ')) return []
      const found = first(`my laptop shows ${written} after the update, what can I do`)
      return found?.id === wanted || codeInText(written)?.code === wanted.slice(5)
        ? []
        : [`${written} (${where}): ${found?.id}`]
    })
    expect(wrong).toEqual([])
  })

  test('lead the diagnosis to their code, or tell what is known of it', () => {
    for (const written of [
      'TFTP open timeout',
      'pxe-e55',
      'No DHCP or proxyDHCP offers were received',
      'nothing to boot',
    ])
      expect('problem' in evidenceOfText(space, written), written).toBe(false)
    const known = (written: string): string => {
      const found = evidenceOfText(space, written)
      return 'problem' in found ? (found.known ?? '') : ''
    }
    expect(known('NBP is too big')).toContain('PXE-E79')
    expect(known('http://ipxe.org/4c106035')).toContain('PortFast')
    expect(known('Status: 0xc0000098')).toContain('boot image of this architecture')
    // A line without a code is told by its words.
    expect(known('error: no such device: 1234-ABCD')).toMatch(/^GRUB does not find the device[^]*grub-mknetdir/)
    expect(known("error: file `/boot/grub/x86_64-efi/normal.mod' not found.")).toContain(
      '/boot/grub/x86_64-efi/normal.mod',
    )
    expect(known('FATAL: no bootmgr.exe')).toContain('wimboot')
    expect(known('hello there')).toBe('')
    // The words of a web server are no code of a boot ROM.
    expect(known('wget: server returned error: HTTP/1.0 404 File not found')).toMatch(
      /^Linux could not download a file/,
    )
  })

  test('no sentence of several codes is taken for one of them', () => {
    for (const one of [
      'Connection timed out',
      'error',
      'file',
      'not found',
      'Permission denied',
      '2026-11-26',
      'x'.repeat(10_000),
    ])
      expect(codeInText(one)?.code, one).toBeUndefined()
  })
})
