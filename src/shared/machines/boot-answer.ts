/**
 * The network-boot half of a reply, shared by the DHCP server, the proxyDHCP and the boot server: where the boot program
 * is, and the option 43 that tells a PXE client how to go on. What real firmware accepts decides the form.
 */
import { encodeText, formatIpv4 } from '../wire/bytes.ts'
import { fieldText, type DhcpOption } from '../wire/dhcp/message.ts'
import { kinds, longestTerminated } from '../wire/dhcp/kinds.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { discoveryControl, encodePxeVendorOptions } from '../wire/dhcp/spaces.ts'
import { chooseProgram, type BootChoice, type BootProgramRule } from './boot-policy.ts'
import type { ClientIdentity } from './client-identity.ts'

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

export interface BootConfiguration {
  readonly programs: readonly BootProgramRule[]
  /** Address of the file server; undefined means our own on the interface. */
  readonly nextServer: number | undefined
  readonly menu: BootMenu | undefined
  /** Where the boot folder is served over HTTP; undefined where it is not. */
  readonly httpPort: number | undefined
}

export interface BootAnswer {
  readonly siaddr: number
  readonly file: string
  readonly choice: BootChoice
}

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

/** The address of a boot file for a client that loads over HTTP; undefined where there is none to give. */
function httpAddress(file: string, boot: BootConfiguration, self: number): string | undefined {
  if (hasScheme(file)) return file
  if (boot.httpPort === undefined) return undefined
  const port = boot.httpPort === 80 ? '' : `:${boot.httpPort}`
  return `http://${formatIpv4(boot.nextServer ?? self)}${port}/${file.replaceAll('\\', '/').replace(/^\/+/, '')}`
}

export function bootAnswerFor(client: ClientIdentity, boot: BootConfiguration, self: number): BootAnswer {
  const choice = chooseProgram(boot.programs, client)
  const siaddr = boot.nextServer ?? self
  if (choice.file === undefined) return { siaddr, file: '', choice }
  if (client.boot !== 'http') return { siaddr, file: choice.file, choice }
  const nothing = (but: string): BootAnswer => ({
    siaddr,
    file: '',
    choice: { ...choice, file: undefined, reason: `${choice.reason}, but ${but}` },
  })
  const address = httpAddress(choice.file, boot, self)
  if (address === undefined) return nothing('HTTP boot needs an http:// address: enable http or name one')
  if (encodeText(address).length > longestTerminated)
    return nothing(`its address is longer than the ${longestTerminated} bytes that option 67 holds`)
  return { siaddr, file: address, choice: { ...choice, file: address } }
}

/**
 * Option 43 of an offer. "Just download the named file" (discovery control 8) makes every firmware take the file of the
 * offer without asking port 4011 first; a menu asks it to.
 */
export function offerVendorOptions(menu: BootMenu | undefined, self: number): Uint8Array {
  if (!menu) return encodePxeVendorOptions({ discoveryControl: discoveryControl.downloadNamedFile })
  const multicast = menu.multicastAddress
  return encodePxeVendorOptions({
    discoveryControl: discoveryControl.noBroadcast | (multicast === undefined ? discoveryControl.noMulticast : 0),
    ...(multicast === undefined ? {} : { discoveryMulticastAddress: multicast }),
    bootServers: [...new Set(menu.items.map((item) => item.type))]
      .filter((type) => type !== 0)
      .map((type) => ({ type, addresses: [self] })),
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
  return { siaddr: answer.siaddr, file: file ?? new Uint8Array(128), options }
}

export const pxeClass: Uint8Array = encodeText('PXEClient')
export const httpClass: Uint8Array = encodeText('HTTPClient')
