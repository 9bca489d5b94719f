/** What machines show on their screens, typed or pasted; and CreateTSMedia.log. */
import { sameText, say, type Message, type Phrase } from '#messages/message.ts'
import { pxeErrors, uefiMeaning } from '../../diagnosis/pxe-errors.ts'
import { bootManagerFile, wdsNames } from '../entries.ts'
import { documents as from, signaturesOf, type Signature } from '../signature.ts'

const { failure, effect, good } = signaturesOf(['screen'])
const media = signaturesOf(['media'])

/** What a status of the boot manager means, without the status itself. */
const statusIds = {
  '0xc000000f': 'log-screen.boot-0xc000000f-title',
  '0xc0000098': 'log-screen.boot-0xc0000098-title',
  '0xc0000225': 'log-screen.boot-0xc0000225-title',
  '0xc0000001': 'log-screen.boot-0xc0000001-title',
  '0xc0000102': 'log-screen.boot-0xc0000102-title',
  '0xc0000428': 'log-screen.boot-0xc0000428-title',
  '0xc0000359': 'log-screen.boot-0xc0000359-title',
  '0xc0000017': 'log-screen.boot-0xc0000017-title',
  '0xc0430001': 'log-screen.boot-0xc0430001-title',
} as const
type Status = keyof typeof statusIds

const statusSays = (code: Status, file?: Phrase): Message =>
  code === '0xc000000f' ? { say: statusIds[code], values: { file: file ?? 'unknown' } } : say(statusIds[code])

/** What the boot manager means by a status; undefined for what it does not show. */
export const statusMeaning = (code: string): Message | undefined =>
  code in statusIds ? statusSays(code as Status) : undefined

/** A status of the boot manager, with the file that it names on the same screen. */
const status = (code: Status, configuration?: RegExp, weight = 60): Signature =>
  failure(
    `boot-${code}${configuration ? '-file' : ''}`,
    `boot-${code}`,
    configuration ??
      new RegExp(String.raw`(?:${bootManagerFile}(?<file>\S+)[^]{0,300}?)?(?:0x)?${code.slice(2)}(?![\da-f])`, 'i'),
    from.bootManager,
    {
      weight,
      title: ({ file } = {}) =>
        say('log-screen.status-title', {
          what: configuration ? say('log-screen.boot-0xc000000f-file-title') : statusSays(code, file),
          code,
        }),
    },
  )

/** What the firmware says of an error of the server, which it shows on the line before. */
const tftpError: Readonly<Record<string, readonly string[]>> = { 'PXE-E3B': ['PXE-T01'], 'PXE-E3C': ['PXE-T04'] }

/** A PXE code, whose meaning is another on BIOS and on UEFI. */
const pxeTitle = (bios: Phrase | undefined, uefi: Phrase | undefined, code: string): Message =>
  bios !== undefined && uefi !== undefined && !sameText(bios, uefi)
    ? say('log-screen.pxe-code-title-both', { bios, uefi, code })
    : say('log-screen.pxe-code-title', { what: bios ?? uefi, code })

export const screenSignatures: readonly Signature[] = [
  good('screen-loading', /Loading files\.\.\.|Windows is loading files/i, from.bootManager),
  status('0xc000000f', new RegExp(String.raw`${bootManagerFile}(?<file>\\?(?:\S*\\)?\S*bcd\S*)[^]{0,300}?0xc000000f`, 'i'), 70),
  status('0xc000000f'),
  status('0xc0000098'),
  status('0xc0000225'),
  status('0xc0000001'),
  status('0xc0000102'),
  status('0xc0000428'),
  status('0xc0000359'),
  status('0xc0000017'),
  status('0xc0430001'),
  effect('boot-stopped', ['0xc000000f', '0xc0000098', '0xc0000225', '0xc0000001', '0xc0000102', '0xc0000428', '0xc0000359', '0xc0000017', '0xc0430001', '0x102'].map((code) => `boot-${code}`), /Windows failed to start\. A recent hardware or software change|Your PC(?:\/Device)? needs to be repaired/i, from.bootManager),
  failure('boot-0x102', 'boot-0x102', new RegExp(String.raw`(?:Error code|Status):?\s*0x(?:c0000)?102\b|(?:${wdsNames})[^]*?0x(?:c0000)?102\b|No response from Windows Deployment Services server`, 'iu'), from.wdsScreen, { weight: 60, rules: ['OSD-PORT-01'], codes: ['0x80070102'] }),
  failure('boot-aborted', 'abort', /PXE Boot aborted|abortpxe\.com/i, from.understand, { weight: 60, rules: ['OSD-PXE-02'] }),
  failure('no-sequence', 'deployment', /There are no task sequences available (to|for) this computer/i, from.stolen, { weight: 60, rules: ['OSD-PXE-02'] }),
  failure('winpe-code', 'winpe', /(?:Failed to Run Task Sequence|retrieving policy for this computer)[^]*?\((?<code>0x[\da-f]{8})\)/i, from.casMedia, { weight: 50 }),
  failure('setup-memory', 'memory', /0xE0000100/i, 'Microsoft KB 2901152, Setup fails on a VM with error 0xE0000100', { weight: 60 }),
  effect('setup-unexpected', ['memory'], /Windows installation encountered an unexpected error/i, from.reports),
  failure('wds-driver', 'network', /matching network card driver was not found|error occurred while starting networking/i, from.reports, { weight: 60, rules: ['OSD-DRV-01'] }),
  failure('wds-address', 'network', /error occurred while obtaining an IP address from the DHCP server/i, from.reports, { weight: 60, rules: ['OSD-DHCP-01'] }),
  failure('wds-deprecated', 'wds-client', /Windows Deployment Services client functionality (is being|has been)[^]*deprecated|aka\.ms\/WDSSupport/i, 'Microsoft, WDS boot.wim support', { weight: 60 }),
  failure('wds-credentials', 'wds-client', /problem initializing WDS Mode|Your credentials could not be verified/i, from.reports, { weight: 50 }),
  failure('pending', 'pending', /Pending Request ID:\s*(?<request>\d+)/i, from.understand, { weight: 40 }),
  failure('url-for-pxe', 'pxe-url', /NBP filename is https?:\/\/\S+/i, 'EDK2 (NetworkPkg/UefiPxeBcDxe) in reports to DeterminateSystems/nix-netboot-serve (2)', { weight: 80 }),
  failure('tftp-violation', 'PXE-T04', /PXE-T04/i, from.advanced, { weight: 60 }),
  failure('tftp-missing', 'PXE-T01', /PXE-T01/i, from.advanced, { weight: 60 }),
  ...pxeErrors.map((one) => ({ ...one, uefi: uefiMeaning(one) })).map(({ code, bios, uefi, look }) => failure(`screen-${code.toLowerCase()}`, code, new RegExp(String.raw`\b${code}\b`, 'i'), from.pxe, { weight: 60, of: ['pxe-url', ...(tftpError[code] ?? [])], codes: [code], title: () => pxeTitle(bios, uefi, code), means: () => say('log-screen.pxe-code-means'), fix: () => say('log-screen.pxe-code-fix', { look }) })),
  failure('http-boot-only-https', 'http-boot', /Access forbidden, only HTTPS connection is allowed/i, from.httpBoot, { weight: 70 }),
  failure('http-boot-tls-settings', 'http-boot', /TLS configuration failed - (?<status>[\w ]+)/i, from.httpBoot, { weight: 60 }),
  failure('http-boot-handshake', 'http-boot', /TLS session connection failed - (?<status>[\w ]+)/i, from.httpBoot, { weight: 60 }),
  failure('http-boot-denied', 'http-boot', /Could not establish connection with HTTP server/i, from.httpBoot, { weight: 50 }),
  failure('http-boot-status', 'http-boot', /(?:Client|Server) Error: (?<status>[45]\d\d [\w -]+)/, from.httpBoot, { weight: 50, own: /^\W*(?:Client|Server) Error: [45]\d\d/m }),
  failure('http-boot-redirected', 'http-boot', /HTTP ERROR: Resource Redirected/i, from.httpBoot, { weight: 55 }),
  failure('http-boot-network', 'http-boot', /(?:Could not retrieve NBP file size from HTTP server\.?\s*)?Error: Unexpected network error/i, from.httpBoot, { weight: 30 }),
  failure('http-boot-timeout', 'http-boot', /(?:Could not retrieve NBP file size from HTTP server\.?\s*)?Error: Server response timeout/i, from.httpBoot, { weight: 30 }),
  failure('http-boot-cancelled', 'http-boot', /(?:Could not retrieve NBP file size from HTTP server\.?\s*)?Error: Remote boot cancelled/i, from.httpBoot, { weight: 30 }),
  failure('http-boot-size', 'http-boot', /Could not retrieve NBP file size from HTTP server/i, from.httpBoot, { weight: 10 }),
  effect('pxe-exit', [...pxeErrors.map((one) => one.code), 'pxe-url', 'PXE-T01', 'PXE-T04'], /PXE-M0F|Exiting (Intel )?PXE/i, from.pxe, { weight: 5 }),

  media.failure('feature-update-media', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?80070490|Failed to create media generator \((0x)?80070490\)/i, from.media, { weight: 80, rules: ['FU-09', 'IPU-12'] }),
  media.failure('media-provider', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?(80004005|8004101d)/i, 'Microsoft, Cannot create bootable media: 80004005 or 0x8004101d', { weight: 60 }),
  media.failure('media-memory', 'media', /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(0x)?80070008/i, 'Microsoft, Not enough memory resources to create media', { weight: 60 }),
  media.effect('media-failed', ['media'], /Create(TsMedia failed with error|Media\.exe finished with error code)\s+(?<code>(0x)?(?!0+\b)[\da-f]{2,8})/i, from.media, { weight: 20 }),
] // prettier-ignore
