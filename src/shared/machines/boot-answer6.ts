/**
 * The network-boot half of a DHCPv6 reply (RFC 5970): one URL, in the form that real firmware accepts. There is no menu, no root path
 * and no delay in it.
 */
import { formatHost, plainIpv6 } from '../wire/ip-address.ts'
import { chosenFor, webAddress, type BootConfiguration, type ClientMoment } from './boot-answer.ts'
import { firstMatch, type BootChoice } from './boot-policy.ts'
import type { ClientIdentity } from './client-identity.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface BootAnswer6 {
  /** Option 59; empty where the client gets none. */
  readonly url: string
  readonly choice: BootChoice
}

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

/**
 * A path as a part of a URL (RFC 3986 section 3.3). EDK2 takes `;mode=` in it for the mode of TFTP, and undoes percent signs; what
 * is written `\` in a lab is a folder.
 */
const pathOf = (file: string): string => file.toWellFormed().replaceAll('\\', '/').replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/') // prettier-ignore

/** `self` is our address that the client is told, undefined where we have none. */
export function bootAnswer6For(
  client: ClientIdentity,
  boot: BootConfiguration,
  self: string | undefined,
  where: Whereabouts,
  moment: ClientMoment = {},
): BootAnswer6 {
  const { choice, rule, unfilled } = chosenFor(client, boot, self ?? '', where, moment)
  const nothing = (reason: string): BootAnswer6 => ({ url: '', choice: { ...choice, file: undefined, reason } })
  if (choice.file === undefined || !rule) {
    const hasMenu = !choice.isOnce && client.boot === 'pxe' && firstMatch(boot.menus, client, where) !== undefined
    return nothing(hasMenu ? `${choice.reason}, and DHCPv6 carries no menu` : choice.reason)
  }
  const but = (clause: string): BootAnswer6 => nothing(`${choice.reason}, but ${clause}`)
  if (unfilled !== undefined) return but(unfilled)
  const isWeb = client.boot === 'http'
  if (isWeb && rule.protocol === 'tftp') return but('HTTP boot cannot load over TFTP, as the rule wants')
  if (hasScheme(rule.file)) return { url: rule.file, choice: { ...choice, file: rule.file } }
  const named = rule.nextServer6 === undefined ? undefined : plainIpv6(rule.nextServer6)
  const isElsewhere4 = rule.nextServer !== undefined || boot.nextServer !== undefined
  if (named === undefined && boot.nextServer6 === undefined && isElsewhere4)
    return but('its file server is named by an IPv4 address: name it by nextServer6 as well')
  const server = named ?? boot.nextServer6 ?? self
  if (server === undefined) return but('this machine has no IPv6 address on that interface')
  const wantsWeb = rule.protocol === 'http' || rule.protocol === 'https'
  const isFirmware = client.boot === 'pxe' && !client.isIpxe
  if (!isWeb && (!wantsWeb || isFirmware)) {
    const url = `tftp://${formatHost(server)}/${pathOf(rule.file)}`
    const reason = wantsWeb ? `${choice.reason}, but PXE firmware loads over TFTP only` : choice.reason
    return { url, choice: { ...choice, file: url, reason } }
  }
  const { nextServer: _, nextServer6, ...plain } = rule
  const address = webAddress(
    { ...plain, file: pathOf(rule.file), ...(nextServer6 === undefined ? {} : { nextServer: nextServer6 }) },
    server,
    boot,
  )
  if (address === undefined)
    return but(
      rule.protocol === 'https'
        ? 'it needs an https:// address: enable https or name one'
        : 'HTTP boot needs an http:// address: enable http or name one',
    )
  return { url: address, choice: { ...choice, file: address } }
}
