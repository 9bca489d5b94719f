/** What of WDS and of the Microsoft Deployment Toolkit has ended or ends. */
import { say } from '#messages/message.ts'
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
      const says = say('planner.boot-wim', {
        operatingSystem: one.operatingSystem!,
        bootOperatingSystem: one.bootOperatingSystem!,
        support,
      })
      if (judge(support)) tell.met(one.name, says)
      else tell.violated(one.name, says)
    },
  )

export const wayRules: readonly Rule[] = [
  entry(
    'WAY-01',
    'error',
    `${bootWim}, Deployment scenarios affected`,
    say('planner.way-01-title'),
    say('planner.way-01-remedy'),
    media((support) => support !== 'blocked' && support !== 'not supported'),
  ),
  entry(
    'WAY-02',
    'warning',
    `${bootWim}, Summary`,
    say('planner.way-02-title'),
    say('planner.way-02-remedy'),
    media((support) => support !== 'deprecated'),
  ),
  entry(
    'WAY-03',
    'error',
    'Windows Deployment Services (WDS) Hands-Free Deployment Hardening Guidance related to CVE-2026-0386 (KB5074952)',
    say('planner.way-03-title'),
    say('planner.way-03-remedy'),
    each(
      (site) => site.wdsDeployments,
      'wdsDeployments',
      (tell, { name, handsFree }, path) =>
        tell.decide(name, handsFree === undefined ? undefined : !handsFree, {
          yes: say('planner.needs-none'),
          no: say('planner.hands-free-since-updates-april'),
          needs: `${path}.handsFree`,
        }),
    ),
  ),
  entry(
    'WAY-04',
    'warning',
    'Microsoft Deployment Toolkit (MDT) retirement',
    say('planner.way-04-title'),
    say('planner.way-04-remedy'),
    (tell, site) => {
      for (const { name, bootImage } of site.wdsDeployments ?? [])
        if (bootImage === 'mdt') tell.violated(name, say('planner.boots-into-mdt-retired-january'))
      if (site.mdt) tell.violated('the site', say('planner.mdt-retired-january-2026-fixes'))
      else if (site.mdt === false) tell.met('the site', say('planner.mdt-not-used'))
    },
  ),
]
