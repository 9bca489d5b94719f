/** Windows events of WDS, of DHCP, and of the services that carry them; by number, for their text is in the language of the server. */
import { say } from '#messages/message.ts'
import { documents as from, signaturesOf } from '../signature.ts'

const { failure, effect, hint, good, harmless } = signaturesOf(['event'])
const any = /(?:Error Information: (?<code>0x[\da-f]+))?/i
/** `Error Information: 0x5`: the label is in the language of the server. */
const code = /[:：]\s*(?<code>0x[\da-f]+)/i
const server = /^(Microsoft-Windows-)?(WDSServer|Deployment-Services-Diagnostics|Windows Deployment Services)/i
const pxe = /^WDSPXE/i
const binl = /^BINLSVC/i
const tftp = /^(WDSTFTP|Microsoft-Windows-Deployment-Services-Diagnostics|Deployment-Services-Diagnostics)/i
const dhcp = /dhcp-?server/i
const scm = /Service Control Manager/i
/** The WDS service by its name and as German, French, Spanish and Italian servers show it. */
const wds = 'Deployment Services|WDSServer|Bereitstellungsdienste|services de déploiement|servicios de implementación|servizi di distribuzione' // prettier-ignore
const ended = [7000, 7001, 7009, 7011, 7022, 7023, 7024, 7031, 7034] as const
/** DhcpSrvLog-Mon.log: the DHCP server writes what it does there, by numbers below 100. */
const audit = /^DhcpSrvLog$/
const auditLog = 'Microsoft, Analyze DHCP server log files (audit log of the DHCP server)'
/** The same as an event of the DHCP server tells. */
const asEvent = (name: 'dhcp-full' | 'dhcp-unauthorized' | 'dhcp-directory' | 'dhcp-binding') => ({
  title: () => say(`log-event.${name}-title`),
  means: () => say(`log-event.${name}-means`),
  fix: () => say(`log-event.${name}-fix`),
})
export const eventSignatures = [
  good('wds-good', any, from.wdsEvents, { events: { source: /^WDS(Server|PXE|TFTP)/i, ids: [262, 517] } }),
  good('tftp-good', any, from.wdsEvents, { events: { source: tftp, ids: [256, 4096, 4099, 4100] } }),
  good('binl-good', any, from.wdsEvents, { events: { source: binl, ids: [514] } }),
  good('rogue-good', any, from.wdsEvents, { events: { source: pxe, ids: [777] } }),
  good('dhcp-authorized', any, from.dhcpEvents, { events: { source: dhcp, ids: [1043, 1044, 1047, 1048] } }),
  good('wds-client', any, from.wdsEvents, { events: { source: tftp, ids: [4102, 4103, 4104, 4105, 4106, 4108, 4109, 4110, 4111, 4112] } }),
  harmless('endpoint-closed', any, from.wdsEvents, { events: { source: /^WDSServer/i, ids: [770] } }),
  harmless('scp-new', /[:：]\s*0x2\b/i, from.scp, { events: { source: binl, ids: [1803] }, codes: ['0x80070002'] }),

  failure('provider-module', 'wds-start', /from (?<file>\S+\.dll) for provider (?<provider>\w+)|(?<dll>[A-Z]:\\\S+\.dll)/i, from.wdsStart, { weight: 90, events: { source: pxe, ids: [259] }, rules: ['OSD-WDS-03'] }),
  failure('provider-sidebyside', 'wds-start', /"(?<file>[^"]*(?:smspxe|SMS_DP\$|\\wds)[^"]*)"(?:.*Dependent Assembly (?<assembly>[\w.]+))?/i, from.wdsStart, { weight: 95, events: { source: /SideBySide/i, ids: [33, 59, 80], isOfAny: true } }),
  failure('provider-registry', 'wds-start', /provider (?<provider>\w+)/i, from.wdsEvents, { weight: 85, events: { source: /^WDS(PXE|Server)/i, ids: [258, 260, 263, 515, 516, 518] } }),
  failure('multicast', 'wds-start', /\bWDSMC\b(?:[^]*?[:：]\s*(?<code>0x[\da-f]+))?/i, from.wdsEvents, { weight: 72, events: { source: /^WDSServer/i, ids: [513] } }),
  failure('provider-init', 'wds-start', /initialize provider (?<provider>\w+)(?: (?:loaded )?from (?<file>\S+?))?\.?\s[^]*?(?:[:：]\s*(?<code>0x[\da-f]+))?/i, from.wdsStart, { weight: 70, events: { source: /^WDS(PXE|Server)/i, ids: [261, 264, 265, 513] }, rules: ['OSD-WDS-03'] }),
  effect('pxe-providers', ['wds-start'], /0xC107010C/i, from.wdsStart, { weight: 75, events: { source: /^WDSServer/i, ids: [257, 513] }, rules: ['OSD-WDS-03'] }),
  effect('providers-all', ['wds-start'], any, from.wdsStart, { weight: 30, events: { source: /^WDS(PXE|Server)/i, ids: [268, 514] } }),
  failure('wds-denied', 'wds-denied', /[:：]\s*(?<code>0x(?:8007000)?5)\b/i, 'Microsoft KB 2009647, Windows Deployment Services does not start: 0x5', { weight: 75, events: { source: /^WDS(Server|PXE)|Windows Deployment Services/i, ids: [257, 261, 264, 265, 513] }, rules: ['OSD-WDS-01'], codes: ['0x80070005'] }),
  failure('wds-port', 'wds-port', /[:：]\s*(?<code>0x(?:8007)?2740)\b/i, 'Microsoft, WDS server may not start (KB 954410)', { weight: 80, events: { source: /^WDS/i, ids: [257, 513, 261, 264] }, rules: ['OSD-COHOST-01', 'OSD-COHOST-02'], codes: ['0x80072740'] }),
  effect('wds-start', ['wds-start', 'wds-port', 'directory'], code, from.wdsStart, { weight: 20, events: { source: server, ids: [257] }, rules: ['OSD-WDS-03'] }),
  failure('image-server', 'wds-image', code, from.wdsEvents, { weight: 50, of: ['directory'], events: { source: /^WDSIMGSRV/i, ids: [257, 258, 266] } }),

  failure('directory-server', 'directory', /[:：]\s*(?<code>0x(?:51|54b|5)\b)/i, from.scp, { weight: 85, events: { source: binl, ids: [512, 513, 515, 516, 517, 518, 1050, 1800, 1803, 1804] }, rules: ['OSD-WDS-02', 'OSD-DNS-01'] }),
  failure('directory', 'directory', code, from.wdsEvents, { weight: 60, events: { source: binl, ids: [512, 513, 515, 516, 517, 518, 520, 521, 522, 523, 1050, 1799, 1800, 1801, 1802, 1803, 1804, 1805, 1806] }, rules: ['OSD-WDS-02'] }),
  failure('binl-duplicate', 'identity', /MAC Address:\s*(?<mac>\S+)/i, from.wdsEvents, { weight: 80, events: { source: binl, ids: [519] } }),
  failure('binl-prestage', 'directory-write', /Name:\s*(?<name>\S+)/i, from.wdsEvents, { weight: 60, events: { source: binl, ids: [524, 525, 526] } }),
  failure('auto-add', 'auto-add', code, from.wdsEvents, { weight: 60, of: ['directory'], events: { source: binl, ids: [768, 769, 770, 771, 772, 773, 774, 775] } }),
  failure('rogue-registry', 'rogue', code, from.wdsEvents, { weight: 55, events: { source: pxe, ids: [768, 774] } }),
  hint('rogue-cached', any, from.wdsEvents, { events: { source: pxe, ids: [771] }, hasFix: true }),
  failure('rogue', 'rogue', any, from.wdsEvents, { weight: 70, events: { source: pxe, ids: [769, 770, 772, 773, 775, 776] }, rules: ['OSD-WDS-02'] }),

  failure('tftp-timeout', 'tftp', /(?:Client IP|ClientIPAddress|IP)\D{0,12}(?<client>[\d.]+)[^]{0,200}?File ?name:?\s*(?<file>\S+)[^]{0,400}?Error ?Code:?\s*(?<code>1460|0x5b4)\b/i, from.blockSize, { weight: 75, events: { source: tftp, ids: [4101] }, rules: ['OSD-PORT-01'] }),
  failure('tftp', 'tftp', /(?:following client[^]{0,60}?)?(?:Client IP|ClientIPAddress|IP)\D{0,12}(?<client>[\d.]+)[^]{0,200}?File ?name:?\s*(?<file>\S+)[^]{0,400}?Error ?Code:?\s*(?<code>\S+)|following client/i, from.wdsEvents, { weight: 60, events: { source: tftp, ids: [4101] }, rules: ['OSD-PORT-01'] }),
  failure('tftp-ports', 'ports', /Registration Failed \(rc=(?<code>\d+)\)/i, from.portRange, { weight: 80, rules: ['OSD-PORT-01'] }),
  failure('wds-join', 'join', any, from.wdsEvents, { weight: 50, events: { source: tftp, ids: [4113] } }),
  failure('wds-fatal', 'wds-client', any, from.wdsEvents, { weight: 50, events: { source: tftp, ids: [4114, 4122, 4123, 4126] } }),

  failure('dhcp-start', 'dhcp', any, from.dhcpEvents, { weight: 60, events: { source: dhcp, ids: [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1018, 1019, 1021, 1022, 1023, 1057, 1058, 1062] }, rules: ['OSD-DHCP-01'] }),
  effect('dhcp-shutdown', ['dhcp', 'dhcp-authorization'], any, from.dhcpEvents, { weight: 20, events: { source: dhcp, ids: [1054] } }),
  failure('dhcp-unauthorized', 'dhcp-authorization', any, from.dhcpEvents, { weight: 70, events: { source: dhcp, ids: [1045, 1046, 1051] }, rules: ['OSD-DHCP-01'] }),
  failure('dhcp-directory', 'dhcp-authorization', any, from.dhcpEvents, { weight: 55, events: { source: dhcp, ids: [1049, 1050, 1059] }, rules: ['OSD-DNS-01'] }),
  failure('dhcp-binding', 'dhcp', any, from.dhcpEvents, { weight: 65, events: { source: dhcp, ids: [1041] }, rules: ['OSD-DHCP-01'] }),
  failure('dhcp-full', 'dhcp-full', any, from.dhcpEvents, { weight: 60, events: { source: dhcp, ids: [1063, 1064] } }),
  hint('dhcp-nearly-full', any, from.dhcpEvents, { events: { source: dhcp, ids: [1020] }, hasFix: true }),
  hint('dhcp-dynamic-address', any, from.dhcpEvents, { events: { source: dhcp, ids: [1144, 10020] }, hasFix: true }),
  harmless('dhcp-dns-credentials', any, from.dhcpEvents, { events: { source: dhcp, ids: [1055, 1056] } }),
  harmless('dhcp-groups', any, from.dhcpEvents, { events: { source: dhcp, ids: [1035, 1036] } }),

  good('audit-lease', any, auditLog, { events: { source: audit, ids: [10, 11, 20, 21] } }),
  good('audit-authorized', any, auditLog, { events: { source: audit, ids: [51, 53, 55] } }),
  failure('audit-full', 'dhcp-full', any, auditLog, { weight: 55, events: { source: audit, ids: [14, 22] }, ...asEvent('dhcp-full') }),
  failure('audit-unauthorized', 'dhcp-authorization', any, auditLog, { weight: 65, events: { source: audit, ids: [54, 56] }, rules: ['OSD-DHCP-01'], ...asEvent('dhcp-unauthorized') }),
  failure('audit-directory', 'dhcp-authorization', any, auditLog, { weight: 50, events: { source: audit, ids: [50, 58, 59, 60] }, rules: ['OSD-DNS-01'], ...asEvent('dhcp-directory') }),
  failure('audit-binding', 'dhcp', any, auditLog, { weight: 60, events: { source: audit, ids: [64] }, rules: ['OSD-DHCP-01'], ...asEvent('dhcp-binding') }),
  hint('audit-conflict', any, auditLog, { events: { source: audit, ids: [13] }, hasFix: true }),
  hint('audit-other-server', any, auditLog, { events: { source: audit, ids: [62] }, hasFix: true }),
  harmless('audit-denied', any, auditLog, { events: { source: audit, ids: [15] } }),
  harmless('audit-dns', any, auditLog, { events: { source: audit, ids: [31, 34, 35] } }),
  harmless('audit-failover', any, auditLog, { events: { source: audit, ids: [36] } }),

  failure('service-port', 'wds-port', new RegExp(String.raw`(?:${wds})[^]*?\b(?:%%)?10048\b`, 'i'), 'Microsoft, WDS server may not start (KB 954410)', { weight: 80, events: { source: scm, ids: [7023, 7024], isOfAny: true } }),
  effect('service', ['wds-start', 'wds-port', 'wds-denied', 'directory'], new RegExp(wds, 'i'), from.wdsStart, { weight: 10, events: { source: scm, ids: ended, isOfAny: true } }),
  failure('responder-service', 'responder', /PXE Responder|SccmPxe/i, from.reports, { weight: 50, events: { source: scm, ids: ended, isOfAny: true }, rules: ['OSD-PXE-01'], isConfirmed: false }),
  failure('dhcp-service', 'dhcp', /\bDHCP[- ]?Server\b|\b(?:Serveur|Servidor|Server) DHCP\b/i, from.dhcpEvents, { weight: 45, events: { source: scm, ids: ended, isOfAny: true }, rules: ['OSD-DHCP-01'] }),
] // prettier-ignore
