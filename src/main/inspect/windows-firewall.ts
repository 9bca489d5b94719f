/** The firewall of Windows as the registry keeps it, the profiles of its networks, and the ports that it keeps from programs. */
import type { Facts } from '#shared/lab/facts.ts'
import type { Firewall, FirewallRule } from '#shared/lab/firewall.ts'
import { parseRegQuery } from './reg-query.ts'

type Profile = NonNullable<Firewall['profiles']>[number]
type ProfileName = Profile['name']

const profileNames: readonly ProfileName[] = ['domain', 'private', 'public']
/** By the words of rules, of keys and of networks. */
const profileOf: Readonly<Record<string, ProfileName>> = {
  domain: 'domain',
  domainauthenticated: 'domain',
  private: 'private',
  public: 'public',
}
/** Local ports that Windows knows by a word (MS-FASP 2.2.20): none of them is a boot port. */
const isRange = (text: string): boolean => /^\d+(-\d+)?$/.test(text)

/** A rule as the registry keeps it: `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=67|...` (MS-GPFAS 2.2.2). */
export function parseFirewallRules(text: string, isPolicy = false): FirewallRule[] {
  const rules: FirewallRule[] = []
  for (const data of parseRegQuery(text).values()) {
    if (typeof data !== 'string' || !/^v\d+\.\d+\|/.test(data)) continue
    const fields = new Map<string, string[]>()
    for (const part of data.split('|')) {
      const at = part.indexOf('=')
      if (at > 0) fields.set(part.slice(0, at), [...(fields.get(part.slice(0, at)) ?? []), part.slice(at + 1)])
    }
    const all = (...names: readonly string[]): string[] => names.flatMap((name) => fields.get(name) ?? [])
    const first = (name: string): string => fields.get(name)?.[0] ?? ''
    const protocol = first('Protocol')
    if (first('Active') !== 'TRUE' || first('Dir') !== 'In' || (protocol !== '' && protocol !== '17')) continue
    const isAllowed = first('Action') !== 'Block'
    // Firmware has no IPsec: what is let in only if it is secured lets no client in.
    if (isAllowed && (first('Action') === 'ByPass' || all('Security', 'Security2', 'Security2_9', 'RUAuth', 'RMAuth').length > 0)) continue // prettier-ignore
    const ports = all('LPort2_10', 'LPort')
      .filter(isRange)
      .map((one): [number, number] => [Number(one.split('-')[0]), Number(one.split('-').at(-1))])
    // Ports by a name, such as RPC, are not ours.
    if (all('LPort', 'LPort2_10').length > 0 && ports.length === 0) continue
    const profiles = all('Profile').flatMap((one) => profileOf[one.toLowerCase()] ?? [])
    const remote = all('RA4', 'RA42', 'RA6', 'RA62')
    const local = all('LA4', 'LA6')
    rules.push({
      name: first('Name'),
      action: isAllowed ? 'allow' : 'block',
      protocol: protocol === '17' ? 'udp' : 'any',
      ports: ports.filter(([, last]) => last <= 65535),
      // An app of a package, or of one user, is no service of Windows.
      program:
        first('Svc').replace('*', '') || (first('App').split('\\').at(-1) ?? '') || first('AppPkgId') || first('LUOwn'),
      ...(profiles.length > 0 ? { profiles } : {}),
      ...(remote.length > 0 ? { remote } : {}),
      ...(local.length > 0 ? { local } : {}),
      ...(all('IF', 'IFType').length > 0 ? { isBound: true } : {}),
      ...(isPolicy ? { isPolicy } : {}),
    })
  }
  return rules
}

/** `reg query /s` key by key: what stands behind the heading of each, by the last part of its name in small letters. */
function sections(text: string): Map<string, string> {
  const found = new Map<string, string>()
  let name = ''
  for (const line of text.split(/\r?\n/)) {
    const heading = /^HKEY_\S.*\\([^\\]+)$/i.exec(line.trim())?.[1]
    if (heading !== undefined && !line.startsWith(' ')) name = heading.toLowerCase()
    else found.set(name, `${found.get(name) ?? ''}${line}\n`)
  }
  return found
}

/** Undefined where no profile can be read. */
export function windowsFirewall(told: {
  readonly rules: string
  /** Everything that group policy says of the firewall. */
  readonly policy: string
  /** The keys DomainProfile, StandardProfile and PublicProfile, in this order. */
  readonly profiles: readonly (string | undefined)[]
}): Firewall | undefined {
  if (told.profiles.every((one) => one === undefined)) return undefined
  const policy = sections(told.policy)
  const keys = [['domainprofile'], ['privateprofile', 'standardprofile'], ['publicprofile']]
  const profiles = profileNames.flatMap((name, index): Profile[] => {
    const own = told.profiles[index]
    if (own === undefined) return []
    const [local, set] = [parseRegQuery(own), keys[index]!.map((key) => parseRegQuery(policy.get(key) ?? ''))]
    const flag = (value: string): number | undefined => {
      const data = [...set, local].map((one) => one.get(value)).find((one) => typeof one === 'number')
      return typeof data === 'number' ? data : undefined
    }
    return [
      {
        name,
        isOn: flag('EnableFirewall') === 1,
        allowsInbound: flag('DefaultInboundAction') === 0,
        blocksAll: flag('DoNotAllowExceptions') === 1,
        ignoresLocalRules: set.some((one) => one.get('AllowLocalPolicyMerge') === 0),
      },
    ]
  })
  return {
    isOn: profiles.some((one) => one.isOn),
    rules: [...parseFirewallRules(told.rules), ...parseFirewallRules(policy.get('firewallrules') ?? '', true)],
    ...(profiles.length === profileNames.length ? { profiles } : {}),
  }
}

/** Lines `name|category` of our own making: the profile of the network behind each interface, by its name in small letters. */
export function parseConnectionProfiles(text: string): Map<string, ProfileName> {
  const found = new Map<string, ProfileName>()
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', category = ''] = /^(.+)\|(\w+)$/.exec(line.trim()) ?? []
    const profile = profileOf[category.toLowerCase()]
    if (profile) found.set(name.toLowerCase(), profile)
  }
  return found
}

/**
 * `netsh interface ipv4 show excludedportrange`: two numbers a line in every language; an asterisk marks what an administrator
 * keeps for whoever asks for the port by its number.
 */
export const parseExcludedPorts = (text: string): NonNullable<Facts['excludedPorts']>['value'] =>
  text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(\d{1,5})\s+(\d{1,5})\s*(\*)?\s*$/.exec(line)
    const [first, last] = [Number(match?.[1]), Number(match?.[2])]
    return match && first <= last && last <= 65535 ? [{ first, last, isAdministered: match[3] !== undefined }] : []
  })
