/** What machines show on their screens, typed or pasted; and CreateTSMedia.log. */
import { pxeErrors } from '../../diagnosis/pxe-errors.ts'
import { documents as from, signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good } = signaturesOf(['screen'])
const media = signaturesOf(['media'])

/** A status of the boot manager, with the file that it names on the same screen. */
const status = (code: string, title: string, means: string, fix: string, pattern?: RegExp, weight = 60): Signature =>
  failure(
    `boot-${code}${pattern ? '-file' : ''}`,
    `boot-${code}`,
    pattern ?? new RegExp(String.raw`(?:File:\s*(?<file>\S+)[^]{0,300}?)?(?:0x)?${code.slice(2)}(?![\da-f])`, 'i'),
    `${title} (${code})`,
    means,
    fix,
    from.bootManager,
    { weight },
  )

const bcd = 'Look which BCD the client asks for (TFTP log, capture), whether the file is there and may be read (ReadFilter), and make it anew: for WDS add the boot image again, for Configuration Manager restart the PXE service.' // prettier-ignore

export const screenSignatures: readonly Signature[] = [
  good('screen-loading', /Loading files\.\.\.|Windows is loading files/i, 'The boot manager loads the boot image', from.bootManager),
  status('0xc000000f', 'The boot configuration data cannot be read', 'The boot manager did not get the BCD: the file is not there, TFTP failed, or the file is empty.', bcd, /File:\s*(?<file>\\?(?:\S*\\)?\S*bcd\S*)[^]{0,300}?0xc000000f/i, 70),
  status('0xc000000f', 'A file that the boot manager needs was not found {file}', 'BCD, boot.sdi or boot image are missing or could not be loaded by TFTP.', 'Look in the TFTP log which file was asked for last: boot.sdi, BCD or WIM; put it there, and check ReadFilter and permissions.'),
  status('0xc0000098', 'The boot configuration data has no valid entry', 'The BCD came, and it names no operating system for this machine: no boot image of its architecture, or a default.bcd that was never filled.', 'Add a boot image of this architecture (WDS: enabled and not offline), or redistribute it; then make the BCD anew.'),
  status('0xc0000225', 'The boot entry or a file it names was not found', 'winload or the boot image is not at the place the BCD names; or the boot image is for other firmware.', 'Check path and name of the WIM in the BCD, and that the boot image has winload.efi for UEFI.'),
  status('0xc0000001', 'The boot image could not be loaded', 'The RAM disk failed: the transfer stopped, memory is short, or the variable window of TFTP does not get on with this client.', 'Turn the Variable Window Extension off (wdsutil /Set-TransportServer /EnableTftpVariableWindowExtension:No) or set the TFTP block size to 4096 and the window to 1; check memory and the integrity of the WIM.'),
  status('0xc0000102', 'The boot image is damaged', 'A file of the image is corrupt.', 'Make the boot image anew and redistribute it.'),
  status('0xc0000428', 'The signature of a boot file is not accepted', 'Secure Boot refuses the file: revoked, or signed by an authority that this machine does not have.', 'Use boot files of a current boot image; for machines with the 2023 authority only, boot files signed by it.'),
  status('0xc0000359', 'A boot file is for another processor', 'A 64-bit file on a machine with 32 bits, or the other way round.', 'Serve the boot image of the right architecture.'),
  status('0xc0000017', 'Not enough memory for the boot image', 'The RAM disk does not fit.', 'Give the machine more memory (at least 1 GB for current Windows PE), or make the boot image smaller.'),
  failure('boot-0x102', 'boot-0x102', /(?:Error code|Status):?\s*0x(?:c0000)?102\b|Windows Deployment Services encountered an error:?[^]*0x102|No response from Windows Deployment Services server/i, 'The network boot program timed out (0x102)', 'wdsmgfw.efi waited for WDS and got no answer: port 4011 or the TFTP ports are blocked, or WDS does not answer this machine.', 'Check UDP 4011, 69 and the transfer ports between client and server, the relay agent, and whether WDS answers unknown computers.', from.reports, { weight: 60, rules: ['OSD-PORT-01'] }),
  failure('boot-aborted', 'abort', /PXE Boot aborted|abortpxe\.com/i, 'The server told the machine not to boot by PXE (abortpxe)', 'Nothing is deployed to the machine, or its required deployment ran before.', 'Look at SMSPXE.log for the MAC address of the machine; deploy to its collection, or clear its required PXE deployments.', from.understand, { weight: 60, rules: ['OSD-PXE-02'] }),
  failure('no-sequence', 'deployment', /There are no task sequences available (to|for) this computer/i, 'No task sequence is available to this machine', 'Nothing is deployed to it, or the GUID of the Unknown Computer object was taken over by a client.', 'Look which record the machine is, and deploy to its collection (KB 4471061 for the GUID).', from.stolen, { weight: 60, rules: ['OSD-PXE-02'] }),
  failure('winpe-code', 'winpe', /(?:Failed to Run Task Sequence|retrieving policy for this computer)[^]*?\((?<code>0x[\da-f]{8})\)/i, 'The task sequence wizard stopped ({code})', 'Windows PE could not load the policy of the machine: network, clock, certificate, or management point.', 'Press F8 and open X:\\Windows\\Temp\\SMSTSLog\\smsts.log.', from.casMedia, { weight: 50 }),
  failure('setup-memory', 'memory', /0xE0000100/i, 'Windows Setup ran out of memory or could not read its sources (0xE0000100)', 'With the least memory that Setup allows (512 MB on a virtual machine) it fails with this code; else the installation files cannot be read.', 'Give the machine more memory (at least 1 GB), or create a page file with wpeutil createpagefile; check the installation files.', 'Microsoft KB 2901152, Setup fails on a VM with error 0xE0000100', { weight: 60 }),
  effect('setup-unexpected', ['memory'], /Windows installation encountered an unexpected error/i, 'Windows Setup stopped at an unexpected error', 'The code on the screen says at what.', 'Look at the error code, and at setupact.log (Shift+F10).', from.reports),
  failure('wds-driver', 'network', /matching network card driver was not found|error occurred while starting networking/i, 'The WDS boot image has no driver for the network card', 'Windows PE of the boot image does not know this network card.', 'Add the network driver (for the version of Windows PE) to the boot image on the WDS server.', from.reports, { weight: 60, rules: ['OSD-DRV-01'] }),
  failure('wds-address', 'network', /error occurred while obtaining an IP address from the DHCP server/i, 'Windows PE gets no address from DHCP', 'The driver is there, and no DHCP server answers Windows PE: the link comes up late (spanning tree, 802.1X), or the scope is full.', 'Set PortFast on the switch port; check the scope.', from.reports, { weight: 60, rules: ['OSD-DHCP-01'] }),
  failure('wds-deprecated', 'wds-client', /Windows Deployment Services client functionality (is being|has been)[^]*deprecated|aka\.ms\/WDSSupport/i, 'WDS does not deploy this version of Windows with the boot.wim of its media', 'Setup of Windows 11 and of Windows Server after 2022 blocks WDS where boot.wim comes from the installation media.', 'Boot an image of your own (Windows PE with Configuration Manager or another deployment tool) by WDS, or deploy in another way.', 'Microsoft, WDS boot.wim support', { weight: 60 }),
  failure('wds-credentials', 'wds-client', /problem initializing WDS Mode|Your credentials could not be verified/i, 'The WDS client could not sign in to the WDS server', 'Name, password, or the clock of the machine; or the server cannot be reached.', 'Check the account as DOMAIN\\user, the clock in the firmware, and that the name of the WDS server is resolved.', from.reports, { weight: 50 }),
  failure('pending', 'pending', /Pending Request ID:\s*(?<request>\d+)/i, 'The WDS server waits for an administrator to approve the machine (request {request})', 'The server is set to require approval for unknown computers.', 'Approve the device under Pending Devices, or pre-stage it.', from.understand, { weight: 40 }),
  failure('tftp-violation', 'PXE-T04', /PXE-T04/i, 'The TFTP server denied access (PXE-T04)', 'The file lies outside what the server gives out, or may not be read.', 'Check permissions of the folder and the read filter of TFTP.', from.advanced, { weight: 60 }),
  failure('tftp-missing', 'PXE-T01', /PXE-T01/i, 'Boot file not found (PXE-T01)', 'The TFTP server has no such file.', 'Check boot file name and folder; for Configuration Manager that SMSBoot is filled.', from.advanced, { weight: 60 }),
  ...pxeErrors.map(({ code, bios, uefi, look }) => failure(`screen-${code.toLowerCase()}`, code, new RegExp(String.raw`\b${code}\b`, 'i'), `${bios !== undefined && uefi !== undefined && bios !== uefi ? `BIOS: ${bios}; UEFI: ${uefi}` : `${(bios ?? uefi)![0]!.toUpperCase()}${(bios ?? uefi)!.slice(1)}`} (${code})`, `The firmware says so before any program was loaded.`, `Check: ${look}`, from.pxe, { weight: 60 })),
  effect('pxe-exit', pxeErrors.map((one) => one.code), /PXE-M0F|Exiting (Intel )?PXE/i, 'The firmware gave up booting by PXE', 'It goes on with the next device.', 'Look at the PXE-E message above it.', from.pxe, { weight: 5 }),

  media.failure('feature-update-media', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?80070490|Failed to create media generator \((0x)?80070490\)/i, 'A feature update cannot be put on stand-alone media (0x80070490)', 'The task sequence upgrades by a feature update, and its content cannot be put on stand-alone media.', 'Put a task sequence with an upgrade package on the media.', from.media, { weight: 80, rules: ['FU-09', 'IPU-12'] }),
  media.failure('media-provider', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?(80004005|8004101d)/i, 'Media could not be created', 'The SMS Provider or its temporary folder failed.', 'Look at the lines before it and at SMSProv.log; check free space of the temporary folder and exclude it from virus scanners.', 'Microsoft, Cannot create bootable media: 80004005 or 0x8004101d', { weight: 60 }),
  media.failure('media-memory', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?80070008/i, 'Not enough memory to create media (0x80070008)', 'The tool is a 32-bit program and ran out of address space.', 'Put less on the media, or use several.', 'Microsoft, Not enough memory resources to create media', { weight: 60 }),
  media.effect('media-failed', ['media'], /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(?<code>(0x)?(?!0+\b)[\da-f]{2,8})/i, 'Media could not be created ({code})', 'The tool gave up.', 'Look at the lines before it.', from.media, { weight: 20 }),
] // prettier-ignore
