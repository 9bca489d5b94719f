/**
 * The network-boot half of a reply, shared by the DHCP server, the proxyDHCP and the boot server: where the boot program
 * is, and the option 43 that tells a PXE client how to go on. What real firmware accepts decides the form.
 */
import { encodeText, formatIpv4, parseIpv4 } from '../wire/bytes.ts'
import { formatHost, type IpAddress } from '../wire/ip-address.ts'
import { fieldText, type DhcpOption } from '../wire/dhcp/message.ts'
import { kinds, longestTerminated } from '../wire/dhcp/kinds.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { raspberryPiText, raspberryPiVendorOptions } from '../wire/dhcp/raspberry-pi.ts'
import { discoveryControl, encodePxeVendorOptions } from '../wire/dhcp/spaces.ts'
import { architectureOf } from '../wire/iana/architecture.ts'
import {
  chooseProgram,
  firstMatch,
  isIpxeProgram,
  type BootChoice,
  type BootProgramRule,
  type RuleConditions,
} from './boot-policy.ts'
import type { ClientIdentity } from './client-identity.ts'
import {
  entriesFor,
  fillLine,
  fillName,
  variablesOf,
  type MachineFacts,
  type MachineVariables,
} from './variables/machines.ts'
import type { Lookup } from './variables/template.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface BootMenuItem {
  /** Boot-server type; 0 boots from the local disk (PXE 2.1 section 2.4, tag 9). */
  readonly type: number
  readonly text: string
  /** What the item loads; where absent, what the rules choose for the client. */
  readonly file?: string
}

export interface BootMenu {
  readonly prompt: string
  /** 0 takes the first item at once, 255 waits for ever. */
  readonly timeoutSeconds: number
  readonly items: readonly BootMenuItem[]
  /** Group that clients may search for boot servers in; undefined leaves multicast discovery off. */
  readonly multicastAddress?: number
}

/** A menu for the clients that its conditions name. */
export interface BootMenuRule extends RuleConditions {
  readonly menu: BootMenu
}

/** What a machine loads in place of what the rules say. */
export type InsteadOfRules =
  | { readonly kind: 'file'; readonly file: string }
  /** It goes on to its next boot device. */
  | { readonly kind: 'local-disk' }

/** What is said of machines one by one. */
export interface MachineBook {
  readonly variables: MachineVariables
  /** What the machine has told of itself outside of DHCP. */
  told(mac: string): Pick<MachineFacts, 'serial' | 'asset'>
  /** What this one boot loads. Whoever begins to boot is told what holds now; whoever goes on, what it was told then. */
  nextBoot(client: ClientIdentity, phase: BootPhase): InsteadOfRules | undefined
}

/** Whether a machine asks who has something for it, or asks further whoever had. */
export type BootPhase = 'begins' | 'goes-on'

export interface BootConfiguration {
  readonly programs: readonly BootProgramRule[]
  /** Address of the file server; undefined means our own on the interface. */
  readonly nextServer: number | undefined
  /** The same for those that boot over IPv6. */
  readonly nextServer6?: string | undefined
  /** The first that matches a client is its menu. */
  readonly menus: readonly BootMenuRule[]
  /** Where the boot folder is served over HTTP; undefined where it is not. */
  readonly httpPort: number | undefined
  /** The same over HTTPS; `host` is the name that its certificate is looked at for, undefined for the address of the server. */
  readonly https?: { readonly port: number; readonly host: string | undefined }
  /** Where absent, placeholders in names stay as they are. */
  readonly machines?: MachineBook
  /** The boot configuration data that Windows' boot manager asks for in place of \Boot\BCD (option 252). */
  readonly stores?: BootStores
}

export interface BootStores {
  readonly forAll: Uint8Array | undefined
  /** Before the one for all, by the codes of option 93. */
  readonly byArchitecture: ReadonlyMap<number, Uint8Array>
}

/** Option 252 for a client that boots by PXE, whoever else gives its address; none for others, to whom it is a web proxy's. */
export function storeOption(client: ClientIdentity, { stores }: BootConfiguration): DhcpOption[] {
  if (!stores || client.boot !== 'pxe') return []
  const code = client.architectures.find((one) => stores.byArchitecture.has(one))
  const data = code === undefined ? stores.forAll : stores.byArchitecture.get(code)
  return data ? [{ code: optionCodes.bcd, data }] : []
}

export interface BootAnswer {
  readonly siaddr: number
  /** Empty where the client gets none. */
  readonly file: string
  readonly rootPath: string | undefined
  /** Undefined where there is none for the client, or none that it can show. */
  readonly menu: BootMenu | undefined
  /** Whether it is in the form of the Raspberry Pi. */
  readonly isForRaspberryPi: boolean
  /** How long an offer is held back. */
  readonly delayMs: number
  readonly choice: BootChoice
}

/** Whether there is anything to boot in it. */
export const isBooting = (answer: BootAnswer): boolean => answer.file !== '' || answer.menu !== undefined

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

/**
 * The address of a boot file that is loaded over HTTP or HTTPS; undefined where there is none to give. A rule says which, and
 * without its word it is HTTP where that is served, since no machine trusts the server's certificate by itself.
 */
export function webAddress(
  rule: Pick<BootProgramRule, 'file' | 'protocol' | 'nextServer'>,
  server: IpAddress,
  boot: Pick<BootConfiguration, 'httpPort' | 'https'>,
): string | undefined {
  const { file, protocol, nextServer } = rule
  if (hasScheme(file)) return file
  // Another server has no ports of ours.
  const elsewhere = nextServer !== undefined
  const httpPort = boot.httpPort ?? (elsewhere ? 80 : undefined)
  const isSecure =
    protocol === 'https' || (protocol !== 'http' && boot.httpPort === undefined && boot.https !== undefined)
  const path = file.replaceAll('\\', '/').replace(/^\/+/, '')
  if (isSecure) {
    const port = boot.https?.port ?? (elsewhere ? 443 : undefined)
    const host = elsewhere ? undefined : boot.https?.host
    return port === undefined
      ? undefined
      : `https://${host ?? formatHost(server)}${port === 443 ? '' : `:${port}`}/${path}`
  }
  return httpPort === undefined
    ? undefined
    : `http://${formatHost(server)}${httpPort === 80 ? '' : `:${httpPort}`}/${path}`
}

/** The ROM of the Pi 3B misses an offer that comes at once (raspberrypi/firmware issues 859 and 862). */
const raspberryPiDelaySeconds = 1

/** A script of iPXE, or an address: PXE firmware loads neither, and the iPXE that it loads by the rules does. */
export const isForIpxe = (file: string): boolean => /\.ipxe$/i.test(file.split(/[?#]/, 1)[0]!) || hasScheme(file)

interface Chosen {
  readonly choice: BootChoice
  readonly rule: BootProgramRule | undefined
  readonly isLocalDisk?: true
}

const localDisk: BootMenu = { prompt: 'Local disk', timeoutSeconds: 0, items: [{ type: 0, text: 'Local disk' }] }

/** What stands before the rules: the next boot of this machine, then its entry of `machines`. */
function insteadOfRules(
  client: ClientIdentity,
  machines: MachineBook,
  facts: MachineFacts,
  phase: BootPhase,
): Chosen | undefined {
  const isIts = (file: string): boolean =>
    client.isIpxe ? !isIpxeProgram(file) : !isForIpxe(file) || (client.boot === 'http' && hasScheme(file))
  const next = machines.nextBoot(client, phase)
  if (next?.kind === 'local-disk')
    return {
      choice: { file: undefined, rule: undefined, reason: 'its next boot is from the local disk', isOnce: true },
      rule: undefined,
      isLocalDisk: true,
    }
  if (next && isIts(next.file))
    return {
      choice: { file: next.file, rule: undefined, reason: 'it is for this one boot', isOnce: true },
      rule: { file: next.file },
    }
  const entry = entriesFor(machines.variables.entries, facts).find(({ boot }) => boot !== undefined)
  if (entry?.boot === undefined || !isIts(entry.boot)) return undefined
  return { choice: { file: entry.boot, rule: undefined, reason: entry.field }, rule: { file: entry.boot } }
}

/** The same with the machine's values in it; a text says why it has none. */
function filledRule(rule: BootProgramRule, lookup: Lookup): BootProgramRule | string {
  const file = fillName(rule.file, lookup)
  if (!file.ok) return file.why
  const rootPath = rule.rootPath === undefined ? undefined : fillLine(rule.rootPath, lookup, 255)
  if (rootPath?.ok === false) return rootPath.why
  return { ...rule, file: file.text, ...(rootPath ? { rootPath: rootPath.text } : {}) }
}

function filledMenu(menu: BootMenu, lookup: Lookup): BootMenu | string {
  const items: BootMenuItem[] = []
  for (const item of menu.items) {
    const text = fillLine(item.text, lookup, 255)
    const file = item.file === undefined ? undefined : fillName(item.file, lookup, longestTerminated)
    if (!text.ok || file?.ok === false) return [text, file].flatMap((one) => (one?.ok === false ? one.why : []))[0]!
    items.push({ ...item, text: text.text, ...(file ? { file: file.text } : {}) })
  }
  const prompt = fillLine(menu.prompt, lookup, 254)
  return prompt.ok ? { ...menu, prompt: prompt.text, items } : prompt.why
}

export interface ClientMoment {
  /** The client's address, 0 where it has none. */
  readonly address?: IpAddress
  readonly phase?: BootPhase
}

export interface ChosenProgram extends Chosen {
  /** The rule with the machine's values in its names; that of the lab where they cannot be filled in. */
  readonly rule: BootProgramRule | undefined
  /** Why they cannot, as a clause. */
  readonly unfilled: string | undefined
  /** The machine's values; undefined where the lab has none. */
  readonly lookup: Lookup | undefined
}

const factsOf = (client: ClientIdentity, machines: MachineBook | undefined, where: Whereabouts, address: IpAddress): MachineFacts =>
  ({ mac: client.mac, uuid: client.uuid, hostName: client.hostName, architecture: client.architecture, address, link: where.link, ...machines?.told(client.mac) }) // prettier-ignore

/** What `machines` calls a machine; undefined where it says nothing. What a reservation says holds in its network alone. */
export function namedHost(
  client: ClientIdentity,
  { machines }: BootConfiguration,
  where: Whereabouts,
  { address = 0 }: Pick<ClientMoment, 'address'> = {},
): string | undefined {
  if (!machines) return undefined
  const named = machines.variables.entries.filter(({ hostname, field }) => hostname !== undefined && field.startsWith('machines[')) // prettier-ignore
  // Most labs name nobody, and each reply asks.
  return named.length === 0 ? undefined : entriesFor(named, factsOf(client, machines, where, address))[0]?.hostname
}

/** What a client of either family is to load: by its next boot, by its entry of `machines`, by the rules. */
export function chosenFor(
  client: ClientIdentity,
  boot: BootConfiguration,
  self: IpAddress,
  where: Whereabouts,
  { address = 0, phase = 'begins' }: ClientMoment = {},
): ChosenProgram {
  const { machines } = boot
  const facts = factsOf(client, machines, where, address)
  const lookup = machines && variablesOf(machines.variables, facts, self, { withSecrets: false })
  const chosen = (machines && insteadOfRules(client, machines, facts, phase)) ?? byRules(client, boot, where)
  const filled = lookup && chosen.rule ? filledRule(chosen.rule, lookup) : chosen.rule
  const isUnfilled = typeof filled === 'string'
  return { ...chosen, rule: isUnfilled ? chosen.rule : filled, unfilled: isUnfilled ? filled : undefined, lookup }
}

/** `self` is our address on the interface, `address` that of the client, 0 where it has none. */
export function bootAnswerFor(
  client: ClientIdentity,
  boot: BootConfiguration,
  self: number,
  where: Whereabouts,
  moment: ClientMoment = {},
): BootAnswer {
  const { rule, unfilled, lookup, ...chosen } = chosenFor(client, boot, self, where, moment)
  const isUnfilled = unfilled !== undefined
  const siaddr = (rule?.nextServer === undefined ? undefined : parseIpv4(rule.nextServer)) ?? boot.nextServer ?? self
  // iPXE on UEFI ends its boot at the menu that the text is.
  const isRaspberryPi = client.boot === 'pxe' && !client.isIpxe && (rule?.raspberryPi ?? client.isRaspberryPi)
  const isForRaspberryPi = rule !== undefined && isRaspberryPi
  const delaySeconds = rule?.replyDelaySeconds ?? (isForRaspberryPi ? raspberryPiDelaySeconds : 0)
  const wanted = chosen.choice.isOnce
    ? chosen.isLocalDisk && client.boot === 'pxe' && !client.isIpxe && !isRaspberryPi
      ? { menu: localDisk }
      : undefined
    : client.boot === 'pxe'
      ? firstMatch(boot.menus, client, where)
      : undefined
  const shown = wanted && (chosen.isLocalDisk || canShow(wanted, client, rule, isRaspberryPi)) ? wanted.menu : undefined
  const menu = shown && lookup ? filledMenu(shown, lookup) : shown
  const { file, choice } = isUnfilled
    ? { file: '', choice: { ...chosen.choice, file: undefined, reason: `${chosen.choice.reason}, but ${unfilled}` } }
    : fileFor(client, boot, rule ? { ...chosen.choice, file: chosen.choice.file === undefined ? undefined : rule.file } : chosen.choice, rule, siaddr) // prettier-ignore
  const because = wanted && file === '' && !chosen.isLocalDisk ? (typeof menu === 'string' ? `, and its menu has no texts: ${menu}` : menu ? '' : ', and it shows no menu') : '' // prettier-ignore
  return {
    siaddr,
    file,
    rootPath: isUnfilled ? undefined : rule?.rootPath,
    menu: typeof menu === 'string' ? undefined : menu,
    isForRaspberryPi: isForRaspberryPi && menu === undefined,
    delayMs: delaySeconds * 1000,
    choice: because === '' ? choice : { ...choice, reason: `${choice.reason}${because}` },
  }
}

function byRules(client: ClientIdentity, boot: BootConfiguration, where: Whereabouts): Chosen {
  const choice = chooseProgram(boot.programs, client, where)
  return { choice, rule: choice.rule === undefined ? undefined : boot.programs[choice.rule] }
}

/** The file as that client loads it; empty where it cannot be had so, and then the reason says why. */
function fileFor(
  client: ClientIdentity,
  boot: BootConfiguration,
  choice: BootChoice,
  rule: BootProgramRule | undefined,
  siaddr: number,
): Pick<BootAnswer, 'file' | 'choice'> {
  if (choice.file === undefined || !rule) return { file: '', choice }
  const because = (clause: string): string => `${choice.reason}, but ${clause}`
  const nothing = (but: string): Pick<BootAnswer, 'file' | 'choice'> => ({
    file: '',
    choice: { ...choice, file: undefined, reason: because(but) },
  })
  const isWeb = client.boot === 'http'
  if (isWeb && rule.protocol === 'tftp') return nothing('HTTP boot cannot load over TFTP, as the rule wants')
  if (!isWeb && rule.protocol !== 'http' && rule.protocol !== 'https') return { file: choice.file, choice }
  // PXE firmware asks its TFTP server for a file whose name is the address; iPXE, which says PXEClient too, loads it.
  if (client.boot === 'pxe' && !client.isIpxe)
    return { file: choice.file, choice: { ...choice, reason: because('PXE firmware loads over TFTP only') } }
  const address = webAddress(rule, siaddr, boot)
  if (address === undefined)
    return nothing(
      rule.protocol === 'https'
        ? 'it needs an https:// address: enable https or name one'
        : 'HTTP boot needs an http:// address: enable http or name one',
    )
  if (encodeText(address).length > longestTerminated)
    return nothing(`its address is longer than the ${longestTerminated} bytes that option 67 holds`)
  return { file: address, choice: { ...choice, file: address } }
}

/**
 * iPXE on UEFI has no PXE menu and ends its boot there ("Booting from PXE menu", "No more network devices"); iPXE that has a
 * rule of its own would come back to the menu it was chosen from; the Raspberry Pi reads nothing but its text.
 */
function canShow(
  { menu, userClass }: BootMenuRule,
  client: ClientIdentity,
  program: BootProgramRule | undefined,
  isRaspberryPi: boolean,
): boolean {
  if (isRaspberryPi) return menu.items.some((item) => item.text.startsWith(raspberryPiText.trim()))
  if (!client.isIpxe) return true
  const isUefi = client.architectures.some((code) => architectureOf(code)?.boot === 'uefi')
  const isChosen = program?.userClass !== undefined && userClass === undefined
  return !isUefi && !isChosen
}

/**
 * Option 43 of an offer. "Just download the named file" (discovery control 8) makes every firmware take the file of the
 * offer without asking port 4011 first; a menu asks it to.
 */
export function offerVendorOptions({ menu, isForRaspberryPi }: BootAnswer, self: number): Uint8Array {
  if (isForRaspberryPi) return raspberryPiVendorOptions()
  if (!menu) return encodePxeVendorOptions({ discoveryControl: discoveryControl.downloadNamedFile })
  const multicast = menu.multicastAddress
  const types = [...new Set(menu.items.map((item) => item.type))].filter((type) => type !== 0)
  return encodePxeVendorOptions({
    discoveryControl: discoveryControl.noBroadcast | (multicast === undefined ? discoveryControl.noMulticast : 0),
    ...(multicast === undefined ? {} : { discoveryMulticastAddress: multicast }),
    ...(types.length === 0 ? {} : { bootServers: types.map((type) => ({ type, addresses: [self] })) }),
    bootMenu: menu.items.map((item) => ({ type: item.type, text: item.text })),
    menuPrompt: { timeoutSeconds: menu.timeoutSeconds, text: menu.prompt },
  })
}

export interface BootFields {
  readonly siaddr: number
  readonly file: Uint8Array
  readonly options: readonly DhcpOption[]
}

/**
 * Puts the file into the header field, where every client looks, and into options 66 and 67 for those that ask; a name
 * too long for the field goes into 67 alone.
 */
export function bootFields(answer: BootAnswer, requested: ReadonlySet<number>): BootFields {
  const file = fieldText(answer.file, 128)
  const options: DhcpOption[] = []
  if (answer.file !== '') {
    if (requested.has(optionCodes.tftpServerName))
      options.push({ code: optionCodes.tftpServerName, data: kinds.terminatedText.encode(formatIpv4(answer.siaddr)) })
    if (requested.has(optionCodes.bootFileName) || !file)
      options.push({ code: optionCodes.bootFileName, data: kinds.terminatedText.encode(answer.file) })
  }
  if (answer.rootPath !== undefined)
    options.push({ code: optionCodes.rootPath, data: kinds.text.encode(answer.rootPath) })
  return { siaddr: answer.siaddr, file: file ?? new Uint8Array(128), options }
}

export const pxeClass: Uint8Array = encodeText('PXEClient')
export const httpClass: Uint8Array = encodeText('HTTPClient')
