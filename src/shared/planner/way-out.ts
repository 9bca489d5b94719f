/**
 * A way out of WDS and MDT: what a site has of them, whether it goes on, what takes its place, and what the lab shows of that
 * before anything is changed. Facts as in `wds-support.ts` and `way-rules.ts`; WDS beside the responder after Microsoft,
 * "Infrastructure requirements for OS deployment", PXE provider options, and "Install and configure distribution points".
 */
import { say, together, type Phrase } from '#messages/message.ts'
import { provides, usesWds } from './infrastructure-rules.ts'
import { dhcpOf, present, type Server, type Site } from './site.ts'
import { wdsSupport } from './wds-support.ts'

/** What becomes of it, as a word. */
export const standingNames: Readonly<Record<Standing['state'], Phrase>> = {
  'goes on': say('planner.goes-on'),
  deprecated: say('planner.deprecated'),
  ends: say('planner.ends'),
  unknown: say('planner.standing-unknown'),
}

export interface LabView {
  readonly says: Phrase
  /** A command that shows it. */
  readonly command: string
}

export interface Replacement {
  readonly title: Phrase
  readonly steps: readonly Phrase[]
  /** Empty where nothing of it is on the wire. */
  readonly lab: readonly LabView[]
}

export interface Standing {
  /** A server, a deployment, or the site. */
  readonly subject: string
  readonly have: Phrase
  readonly state: 'goes on' | 'deprecated' | 'ends' | 'unknown'
  readonly says: Phrase
  /** Places in the site file that would tell. */
  readonly needs: readonly string[]
  readonly replacements: readonly Replacement[]
}

const boot = (scenario: string, says: Phrase): LabView => ({ says, command: `pxe-lab simulate ${scenario}` })

/** What every replacement can be held against before clients meet it. */
const rehearsal: LabView = {
  says: say('planner.boot-real-wire-firmware-each'),
  command: 'pxe-lab probe --rehearse',
}

const responder = (server: Server): Replacement => ({
  title: say('planner.pxe-responder-configuration-manager-without'),
  steps: [
    say('planner.enable-pxe-responder-without-windows'),
    ...(present(server.pxe)?.multicast ? [say('planner.give-up-multicast-first-keep')] : []),
    ...(dhcpOf(server)
      ? [say('planner.dhcp-same-server-set-donotlistenondhcpport')]
      : []),
    say('planner.take-role-wds-away-once'),
  ],
  lab: [
    boot('configmgr-responder', say('planner.how-each-kind-client-boots')),
    ...(dhcpOf(server) ? [boot('responder-and-dhcp', say('planner.responder-dhcp-one-server-without'))] : []),
    rehearsal,
  ],
}) // prettier-ignore

const ownBootImage: Replacement = {
  title: say('planner.wds-goes-booting-windows-pe'),
  steps: [
    say('planner.make-boot-image-windows-adk'),
    say('planner.put-place-boot-wim-installation'),
    say('planner.let-startup-script-connect-share'),
  ],
  lab: [
    boot('wds-separate', say('planner.boot-wds-up-windows-pe')),
    boot('wds-same-host', say('planner.same-dhcp-same-server')),
    rehearsal,
  ],
}

const otherServer: Replacement = {
  title: say('planner.any-tftp-http-server-boots'),
  steps: [
    say('planner.put-bootmgfw-efi-bcd-boot'),
    say('planner.name-boot-program-architecture-options'),
    say('planner.secure-boot-use-programs-certificates'),
  ],
  lab: [
    boot('http-boot', say('planner.http-boot-whole')),
    boot('ipxe-chain', say('planner.chain-ipxe-whole')),
    boot('dhcp-and-proxy', say('planner.proxydhcp-beside-dhcp')),
    { says: say('planner.serve-files-machine-bench-machine'), command: 'pxe-lab respond -c lab.yaml' },
  ],
}

const configurationManager: Replacement = {
  title: say('planner.operating-system-deployment-configuration-ma'),
  steps: [
    say('planner.enable-pxe-distribution-point-responder'),
    say('planner.import-install-wim-make-task'),
    say('planner.planner-checks-else-needs-see'),
  ],
  lab: [boot('configmgr-responder', say('planner.how-each-kind-client-boots')), rehearsal],
}

const autopilot: Replacement = {
  title: say('planner.windows-autopilot-windows-manufacturer-set'),
  steps: [say('planner.register-hardware-assign-profile-intune')],
  lab: [],
} // prettier-ignore

/** For one that has Configuration Manager already it is the nearest. */
const without = (site: Site, first: readonly Replacement[]): readonly Replacement[] =>
  (site.sites?.length ?? 0) > 0 ? [configurationManager, ...first, autopilot] : [...first, configurationManager, autopilot] // prettier-ignore

type Deployment = NonNullable<Site['wdsDeployments']>[number]

function standingOf(site: Site, one: Deployment, path: string): Standing {
  const { name: subject, bootImage, bootOperatingSystem, operatingSystem, handsFree } = one
  const target = operatingSystem ?? say('planner.operating-system-stated')
  const answers = handsFree ? say('planner.answer-file-handed-out-since') : undefined
  const told = (state: Standing['state'], have: Phrase, says: Phrase, needs: readonly string[] = []): Standing => ({
    subject,
    have,
    // What boots as before and then waits for somebody does not go on.
    state: state !== 'unknown' && handsFree ? 'ends' : state,
    says: together(answers ? [says, answers] : [says]),
    needs,
    replacements: without(site, [ownBootImage, otherServer]),
  })
  if (bootImage === 'mdt')
    return told('ends', say('planner.by-mdt', { target }), say('planner.mdt-retired-january-2026-goes')) // prettier-ignore
  if (bootImage === 'custom')
    return told('goes on', say('planner.wds-windows-pe-your-own', { target }), say('planner.boot-images-your-own-affected')) // prettier-ignore
  const support = wdsSupport(bootOperatingSystem, operatingSystem)
  const have = say('planner.by-wds-boot-wim', {
    target,
    source: bootOperatingSystem ?? say('planner.a-windows-not-stated'),
  })
  if (bootImage === undefined || support === undefined)
    return told('unknown', have, say('planner.depends-boot-image-deployed'), [
      ...(bootImage === undefined ? [`${path}.bootImage`] : []),
      ...(bootOperatingSystem === undefined ? [`${path}.bootOperatingSystem`] : []),
      ...(operatingSystem === undefined ? [`${path}.operatingSystem`] : []),
    ])
  return support === 'supported'
    ? told('goes on', have, say('planner.combination-supported'))
    : support === 'deprecated'
      ? told('deprecated', have, say('planner.setup-shows-notice-goes-windows'))
      : told('ends', have, say('planner.combination-setup-does-deploy-mode', { support }))
}

export function wayOut(site: Site): Standing[] {
  const servers = (site.servers ?? []).flatMap((server): Standing[] => {
    const isPoint = server.roles?.includes('distribution-point')
    if (provides(server, 'wds') && isPoint !== false)
      return [
        {
          subject: server.name,
          have: say('planner.wds-answers-pxe-configuration-manager'),
          state: 'goes on',
          says: say('planner.pxe-wds-supported-neither-end'),
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
        have: say('planner.wds-2'),
        state: 'unknown',
        says: say('planner.depends-deploys-boot-image'),
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
          have: say('planner.microsoft-deployment-toolkit'),
          state: 'ends',
          says: say('planner.retired-january-2026-microsoft-names'),
          needs: [],
          replacements: without(site, [otherServer]),
        },
      ]
    : []
  return [...servers, ...deployments, ...toolkit]
}
