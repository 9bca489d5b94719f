/** What came with which version of Configuration Manager (Microsoft, "Use PXE to deploy Windows over the network"). */
import { say, type Phrase } from '#messages/message.ts'
import { each, entry, type Rule } from './rule.ts'
import { dhcpOf, present, versionNeeds, versionOf, type Server, type Site } from './site.ts'
import { orderOf } from './versions.ts'

const pxe = 'Use PXE to deploy Windows over the network'

interface VersionGate {
  readonly since: string
  readonly opens: Phrase
  /** The rule that asks for it. */
  readonly rule: string
}

export const versionGates: readonly VersionGate[] = [
  { since: '1806', opens: say('planner.gate-1806-opens'), rule: 'GATE-1806' },
  { since: '1902', opens: say('planner.gate-1902-opens'), rule: 'GATE-1902' },
  { since: '1906', opens: say('planner.gate-1906-opens'), rule: 'GATE-1906' },
  { since: '2006', opens: say('planner.gate-2006-opens'), rule: 'GATE-2006' },
  { since: '2103', opens: say('planner.fu-10-opens'), rule: 'FU-10' },
  { since: '2107', opens: say('planner.fu-06-opens'), rule: 'FU-06' },
  { since: '2403', opens: say('planner.ipu-04-opens'), rule: 'IPU-04' },
]

/** Whether a site of a version has what came with another; undefined where its version is not stated. */
export const isOpen = (gate: VersionGate, version: string | undefined): boolean | undefined =>
  version === undefined ? undefined : orderOf(version) >= orderOf(gate.since)

type Named = { readonly name: string; readonly site?: string | undefined }

const gate = <T extends Named>(
  since: string,
  section: string,
  list: (site: Site) => readonly T[] | undefined,
  place: string,
  uses: (one: T) => { readonly value: boolean | undefined; readonly needs: string },
): Rule => {
  const own = versionGates.find((one) => one.rule === `GATE-${since}`)!
  return entry(
    own.rule,
    'error',
    `${pxe}, ${section}`,
    say('planner.version', { opens: own.opens, since }),
    say('planner.upgrade-site-do-without'),
    each(list, place, (tell, one, path, site) => {
      const { value, needs } = uses(one)
      if (!tell.applies(one.name, value, `${path}.${needs}`)) return
      const version = versionOf(site, one.site)
      tell.decide(one.name, isOpen(own, version), {
        yes: say('planner.site', { version }),
        no: say('planner.site', { version }),
        needs: versionNeeds(site, one.site, path),
      })
    }),
  )
}

const isResponder = (server: Server): boolean | undefined => {
  const own = present(server.pxe)
  return own === null ? false : own?.provider && own.provider === 'responder'
}

export const gateRules: readonly Rule[] = [
  gate(
    '1806',
    'Configure distribution points for PXE',
    (site) => site.servers,
    'servers',
    (one) => ({ value: isResponder(one), needs: 'pxe.provider' }),
  ),
  gate(
    '1902',
    'Configure distribution points for PXE',
    (site) => site.servers,
    'servers',
    (one) => {
      const [isOurs, dhcp] = [isResponder(one), dhcpOf(one)]
      if (isOurs !== true) return { value: isOurs, needs: 'pxe.provider' }
      return { value: dhcp === undefined ? undefined : dhcp !== null, needs: 'dhcp' }
    },
  ),
  gate(
    '1906',
    'Option 82 during PXE DHCP handshake',
    (site) => site.servers,
    'servers',
    (one) => {
      const isOurs = isResponder(one)
      return isOurs === true
        ? { value: present(one.pxe)?.option82, needs: 'pxe.option82' }
        : { value: isOurs, needs: 'pxe.provider' }
    },
  ),
  gate(
    '2006',
    'Introduction',
    (site) => site.taskSequences,
    'taskSequences',
    (one) => ({ value: one.cloudContent, needs: 'cloudContent' }),
  ),
]
