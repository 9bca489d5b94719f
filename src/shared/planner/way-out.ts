/**
 * A way out of WDS and MDT: what a site has of them, whether it goes on, what takes its place, and what the lab shows of that
 * before anything is changed. Facts as in `wds-support.ts` and `way-rules.ts`; WDS beside the responder after Microsoft,
 * "Infrastructure requirements for OS deployment", PXE provider options, and "Install and configure distribution points".
 */
import { provides, usesWds } from './infrastructure-rules.ts'
import { dhcpOf, present, type Server, type Site } from './site.ts'
import { wdsSupport } from './wds-support.ts'

export interface LabView {
  readonly says: string
  /** A command that shows it. */
  readonly command: string
}

export interface Replacement {
  readonly title: string
  readonly steps: readonly string[]
  /** Empty where nothing of it is on the wire. */
  readonly lab: readonly LabView[]
}

export interface Standing {
  /** A server, a deployment, or the site. */
  readonly subject: string
  readonly have: string
  readonly state: 'goes on' | 'deprecated' | 'ends' | 'unknown'
  readonly says: string
  /** Places in the site file that would tell. */
  readonly needs: readonly string[]
  readonly replacements: readonly Replacement[]
}

const boot = (scenario: string, says: string): LabView => ({ says, command: `pxe-lab simulate ${scenario}` })

/** What every replacement can be held against before clients meet it. */
const rehearsal: LabView = {
  says: 'Boot on the real wire with the firmware of each kind of client, and see every answer and file',
  command: 'pxe-lab probe --rehearse',
}

const responder = (server: Server): Replacement => ({
  title: 'The PXE responder of Configuration Manager, without WDS',
  steps: [
    'Enable a PXE responder without Windows Deployment Service in the properties of the distribution point; WDS is suspended.',
    ...(present(server.pxe)?.multicast ? ['Give up multicast first, or keep WDS: the responder sends none.'] : []),
    ...(dhcpOf(server)
      ? ['DHCP is on the same server: set DoNotListenOnDhcpPort to 1 and option 60 to PXEClient, then restart SccmPxe and DHCP.']
      : []),
    'Take the role WDS away once clients boot.',
  ],
  lab: [
    boot('configmgr-responder', 'How each kind of client boots from the responder'),
    ...(dhcpOf(server) ? [boot('responder-and-dhcp', 'The responder and DHCP on one server, with and without both settings')] : []),
    rehearsal,
  ],
}) // prettier-ignore

const ownBootImage: Replacement = {
  title: 'WDS goes on booting, with a Windows PE of your own',
  steps: [
    'Make a boot image with the Windows ADK and its Windows PE add-on, with drivers and the PowerShell that your script needs.',
    'Put it in place of the boot.wim of installation media in WDS.',
    'Let its startup script connect to a share with credentials and start setup.exe, or apply the image with DISM.',
  ],
  lab: [
    boot('wds-separate', 'The boot from WDS up to Windows PE, which stays as it is'),
    boot('wds-same-host', 'The same with DHCP on the same server'),
    rehearsal,
  ],
}

const otherServer: Replacement = {
  title: 'Any TFTP and HTTP server boots that Windows PE, without WDS',
  steps: [
    'Put bootmgfw.efi, the BCD, boot.sdi and boot.wim on a TFTP or HTTP server, or let iPXE with wimboot load boot.wim over HTTP.',
    'Name the boot program by architecture: options 66 and 67 by DHCP policies, or a proxyDHCP that answers beside DHCP.',
    'With Secure Boot use programs that the certificates of the machines accept.',
  ],
  lab: [
    boot('http-boot', 'UEFI HTTP boot, whole'),
    boot('ipxe-chain', 'The chain by iPXE, whole'),
    boot('dhcp-and-proxy', 'A proxyDHCP beside the DHCP that is there'),
    { says: 'Serve the files from this machine to a bench machine', command: 'pxe-lab respond -c lab.yaml' },
  ],
}

const configurationManager: Replacement = {
  title: 'Operating system deployment by Configuration Manager',
  steps: [
    'Enable PXE on a distribution point, with the responder without WDS.',
    'Import install.wim, make a task sequence, deploy it to media and PXE.',
    'This planner checks what else it needs: see the rules OSD.',
  ],
  lab: [boot('configmgr-responder', 'How each kind of client boots from the responder'), rehearsal],
}

const autopilot: Replacement = {
  title: 'Windows Autopilot: the Windows of the manufacturer, set up from the cloud',
  steps: ['Register the hardware, assign a profile in Intune, and keep a way to install Windows for machines that are wiped.'],
  lab: [],
} // prettier-ignore

/** For one that has Configuration Manager already it is the nearest. */
const without = (site: Site, first: readonly Replacement[]): readonly Replacement[] =>
  (site.sites?.length ?? 0) > 0 ? [configurationManager, ...first, autopilot] : [...first, configurationManager, autopilot] // prettier-ignore

type Deployment = NonNullable<Site['wdsDeployments']>[number]

function standingOf(site: Site, one: Deployment, path: string): Standing {
  const { name: subject, bootImage, bootOperatingSystem, operatingSystem, handsFree } = one
  const target = operatingSystem ?? 'An operating system that is not stated'
  const answers = handsFree
    ? ' Its answer file is not handed out since the updates of April 2026, unless an insecure mode is switched on (CVE-2026-0386).'
    : ''
  const told = (state: Standing['state'], have: string, says: string, needs: readonly string[] = []): Standing => ({
    subject,
    have,
    // What boots as before and then waits for somebody does not go on.
    state: state !== 'unknown' && handsFree ? 'ends' : state,
    says: `${says}${answers}`,
    needs,
    replacements: without(site, [ownBootImage, otherServer]),
  })
  if (bootImage === 'mdt')
    return told('ends', `${target} by MDT`, 'MDT was retired in January 2026. What there is goes on as it is, without fixes and support.') // prettier-ignore
  if (bootImage === 'custom')
    return told('goes on', `${target} by WDS with a Windows PE of your own`, 'Boot images of your own are not affected, nor is PXE by WDS.') // prettier-ignore
  const support = wdsSupport(bootOperatingSystem, operatingSystem)
  const have = `${target} by WDS with the boot.wim of ${bootOperatingSystem ?? 'a Windows that is not stated'}`
  if (bootImage === undefined || support === undefined)
    return told('unknown', have, 'It depends on the boot image and on what is deployed.', [
      ...(bootImage === undefined ? [`${path}.bootImage`] : []),
      ...(bootOperatingSystem === undefined ? [`${path}.bootOperatingSystem`] : []),
      ...(operatingSystem === undefined ? [`${path}.operatingSystem`] : []),
    ])
  return support === 'supported'
    ? told('goes on', have, 'This combination is supported.')
    : support === 'deprecated'
      ? told(
          'deprecated',
          have,
          'Setup shows a notice and goes on; with Windows Server 2025 and Windows 11 it does not.',
        )
      : told('ends', have, `This combination is ${support}: Setup does not deploy it in the mode of WDS.`)
}

export function wayOut(site: Site): Standing[] {
  const servers = (site.servers ?? []).flatMap((server): Standing[] => {
    const isPoint = server.roles?.includes('distribution-point')
    if (provides(server, 'wds') && isPoint !== false)
      return [
        {
          subject: server.name,
          have: 'WDS answers PXE for Configuration Manager',
          state: 'goes on',
          says: 'PXE by WDS is supported, and neither the end of boot.wim nor CVE-2026-0386 is about Configuration Manager.',
          needs: [],
          replacements: [responder(server)],
        },
      ]
    // Configuration Manager wants WDS on the site server too (OSD-WDS-03); it deploys nothing there.
    const isForPoint = server.isSiteServer === true && (site.servers ?? []).some((one) => one !== server && one.site === server.site && provides(one, 'wds')) // prettier-ignore
    if (
      isForPoint ||
      !usesWds(server) ||
      site.wdsDeployments?.some((one) => one.server === undefined || one.server === server.name)
    )
      return []
    return [
      {
        subject: server.name,
        have: 'WDS',
        state: 'unknown',
        says: 'It depends on what it deploys, and with which boot image.',
        needs: ['wdsDeployments'],
        replacements: without(site, [ownBootImage, otherServer]),
      },
    ]
  })
  const deployments = (site.wdsDeployments ?? []).map((one, index) => standingOf(site, one, `wdsDeployments[${index}]`))
  const toolkit: Standing[] = site.mdt
    ? [
        {
          subject: 'the site',
          have: 'The Microsoft Deployment Toolkit',
          state: 'ends',
          says: 'It was retired in January 2026; Microsoft names Configuration Manager and Windows Autopilot for its place.',
          needs: [],
          replacements: without(site, [otherServer]),
        },
      ]
    : []
  return [...servers, ...deployments, ...toolkit]
}
