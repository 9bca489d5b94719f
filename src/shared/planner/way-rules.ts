/** What of WDS and of the Microsoft Deployment Toolkit has ended or ends. */
import { each, entry, type Rule } from './rule.ts'
import { wdsSupport, type WdsSupport } from './wds-support.ts'
import type { Site } from './site.ts'

const bootWim = 'Windows Deployment Services (WDS) boot.wim support'

type Deployment = NonNullable<Site['wdsDeployments']>[number]

/** What the table says of one that boots from installation media; null where it does not, undefined where that is open. */
const supportOf = ({ bootImage, bootOperatingSystem, operatingSystem }: Deployment): WdsSupport | null | undefined =>
  bootImage === undefined
    ? undefined
    : bootImage === 'installation-media'
      ? wdsSupport(bootOperatingSystem, operatingSystem)
      : null

const needsOf = ({ bootImage, bootOperatingSystem, operatingSystem }: Deployment, path: string): string[] => [
  ...(bootImage === undefined ? [`${path}.bootImage`] : []),
  ...(bootOperatingSystem === undefined ? [`${path}.bootOperatingSystem`] : []),
  ...(operatingSystem === undefined ? [`${path}.operatingSystem`] : []),
]

const media = (judge: (support: WdsSupport) => boolean): Rule['judge'] =>
  each(
    (site) => site.wdsDeployments,
    'wdsDeployments',
    (tell, one, path) => {
      const support = supportOf(one)
      if (support === null) return
      const open = needsOf(one, path)
      if (support === undefined)
        return tell.unknown(one.name, ...(open.length > 0 ? open : [`${path}.bootOperatingSystem`]))
      const says = `${one.operatingSystem!} with the boot.wim of ${one.bootOperatingSystem!}: ${support}.`
      if (judge(support)) tell.met(one.name, says)
      else tell.violated(one.name, says)
    },
  )

export const wayRules: readonly Rule[] = [
  entry(
    'WAY-01',
    'error',
    `${bootWim}, Deployment scenarios affected`,
    'WDS alone deploys with the boot.wim of installation media only what Setup still allows',
    'Boot a Windows PE of your own and start Setup from a share, or deploy with Configuration Manager.',
    media((support) => support !== 'blocked' && support !== 'not supported'),
  ),
  entry(
    'WAY-02',
    'warning',
    `${bootWim}, Summary`,
    'WDS alone does not deploy with a boot.wim for which that is deprecated',
    'It works after a notice; plan for a boot image of your own before the next Windows Server.',
    media((support) => support !== 'deprecated'),
  ),
  entry(
    'WAY-03',
    'error',
    'Windows Deployment Services (WDS) Hands-Free Deployment Hardening Guidance related to CVE-2026-0386 (KB5074952)',
    'No deployment by WDS alone needs an Unattend.xml that WDS hands out',
    'Keep the answer file on a share that asks for credentials, or in the boot image without credentials in it.',
    each(
      (site) => site.wdsDeployments,
      'wdsDeployments',
      (tell, { name, handsFree }, path) =>
        tell.decide(name, handsFree === undefined ? undefined : !handsFree, {
          yes: 'It needs none.',
          no: 'It is hands-free: since the updates of April 2026 WDS hands out no answer file unless an insecure mode is switched on.',
          needs: `${path}.handsFree`,
        }),
    ),
  ),
  entry(
    'WAY-04',
    'warning',
    'Microsoft Deployment Toolkit (MDT) retirement',
    'The Microsoft Deployment Toolkit is not in use',
    'Move its task sequences to Configuration Manager, or to Windows Autopilot; there is no upgrade in place.',
    (tell, site) => {
      for (const { name, bootImage } of site.wdsDeployments ?? [])
        if (bootImage === 'mdt') tell.violated(name, 'It boots into MDT, which was retired in January 2026.')
      if (site.mdt) tell.violated('the site', 'MDT was retired in January 2026: no fixes, no support.')
      else if (site.mdt === false) tell.met('the site', 'It is not.')
    },
  ),
]
