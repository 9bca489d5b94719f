/** Which log an entry is from: the same words and the same code mean different things in each. */
import type { LogEntry } from './entry.ts'

export const families = ['pxe', 'sequence', 'setup', 'event', 'server', 'media', 'screen', 'linux'] as const
/**
 * pxe: SMSPXE.log of a distribution point. sequence: smsts.log of a client. setup: Windows Setup, DISM and CBS.
 * event: Windows events of WDS and DHCP. server: installers and content of the site (Smsdpprov, Distmgr, PXESetup, CertMgr).
 * media: CreateTSMedia.log. screen: what a person typed off a screen.
 * linux: DHCP and boot servers of Linux and OpenWrt.
 */
export type Family = (typeof families)[number]

const byComponent: Readonly<Record<string, Family>> = Object.fromEntries(
  (
    [
      ['pxe', 'smspxe|sccmpxe|smspxeprovider'],
      ['sequence', 'tsbootshell|tsmbootstrap|tspxe|tsmanager|tsmessaging|tsagent|tslauncher|tsprogressui|tscore|applyoperatingsystem|installapplication|installsoftware|installswupdate|downloadcontent|smstftp|smsts|sms_ts|ostsmanager|windowsupgrade|runcommandline'],
      ['setup', 'setup|sp|moupg|mig|ibs|ibslib|conx|panthr|dism|csi|cbs|setup.exe|setuphost|setupplatform|wdsclient|diagtrack|cxml|hwreqchk|deploy|usmt|diager|udx|sysprp'],
      ['event', 'wdsserver|wdspxe|binlsvc|wdstftp|wdsmc|wdsimgsrv|wdsddps|sidebyside|dhcpserver|dhcp-server|dhcpsrvlog|deployment-services-diagnostics'],
      ['server', 'smsdpprov|pxesetup|sms_distribution_manager|sms_package_transfer_manager|sms_certificate_manager|sms provider|sms_distribution_point_monitoring|sms_discovery_data_manager|sms_site_component_manager|pxecontrol|sms_pxe_service_point|sms_dp|smsdpmon|ccmisapi|mp_getauth_isapi|sms_mp_control_manager|sms_offline_servicing_manager|driver catalog'],
      ['media', 'createtsmedia|createmedia'],
      ['screen', 'boot manager'],
      ['linux', 'dnsmasq|kea|dhcpd|odhcpd|radvd|tftpd|nginx'],
    ] as const
  ).flatMap(([family, list]) => list.split('|').map((name) => [name, family])),
) // prettier-ignore

const byFile: readonly (readonly [RegExp, Family])[] = [
  [/smspxe|sccmpxe/i, 'pxe'],
  [/smsts|\bbdd\b|litetouch|\b(zti|lti)\w+\.log/i, 'sequence'],
  [/setup(act|err)|setuphost|bluebox|\bcbs\b|\bdism\b|rollback/i, 'setup'],
  [
    /smsdpprov|distmgr|pxesetup|certmgr|pkgxfermgr|smsdpmon|pxecontrol|smsprov|hman|ddm|offlineservicing|drivercatalog/i,
    'server',
  ],
  [/createtsmedia|createmedia/i, 'media'],
]

/** By the component, else by the name of the file; undefined where neither tells. */
export function familyOf({ component, file, id }: Pick<LogEntry, 'component' | 'file' | 'id'>): Family | undefined {
  if (component !== undefined) {
    const name = component.toLowerCase().replace(/^microsoft-windows-/, '')
    const known = byComponent[name]
    if (known !== undefined) return known
    // OSDDiskPart, ZTIDrivers, ...: every program and script of a task sequence step has its own name.
    if (/^(osd|zti|lti|litetouch)/.test(name)) return 'sequence'
    if (id !== undefined) return 'event'
  }
  return byFile.find(([pattern]) => pattern.test(file))?.[1]
}
