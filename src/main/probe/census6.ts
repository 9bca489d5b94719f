/**
 * Who answers network boot over IPv6: SOLICITs as the PXE client and the HTTP client of UEFI x64, the ADVERTISEs that come for a while,
 * and which of them that firmware takes. No REQUEST follows, so that no address is taken; the identifier is always the same.
 */
import { inEnglish } from '#messages/text.ts'
import { randomInt } from 'node:crypto'
import { bytesOfU16, formatHex, formatMac } from '#shared/wire/bytes.ts'
import { duidOfMac, encodeDhcp6, iaOption, vendorClassOption } from '#shared/wire/dhcpv6/encode.ts'
import {
  addressesOf,
  bootClassOf,
  bootUrlOf,
  decodeDhcp6,
  dhcp6Types,
  failedStatusOf,
  findDhcp6Option,
  hardwareOfDuid,
} from '#shared/wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '#shared/wire/dhcpv6/options.ts'
import { intelEnterprise } from '#shared/wire/iana/enterprises.ts'
import { isLinkLocal } from '#shared/wire/ip-address.ts'
import { censusMac } from '#shared/wire/lab-checks.ts'
import { dhcp6Groups, documentedClient6Port, documentedDhcp6Port } from '#shared/machines/machine.ts'
import { choiceOver6 } from '#shared/machines/pxe-client/edk2-ipv6.ts'
import type { Heard6 } from '#shared/machines/pxe-client/ip6-stack.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort6, type UdpPort } from '../responder/udp-port.ts'
import { askedAt } from './ask-wire.ts'
import { routerNotes, takeRouterCensus, type CensusRouter } from './router-census.ts'

const clients6 = [
  { client: 'x64-uefi', kind: 'PXEClient', architecture: 7 },
  { client: 'http', kind: 'HTTPClient', architecture: 16 },
] as const

export interface CensusAdvertise {
  /** Where it came from: the server on this link, or its relay agent. */
  readonly server: string
  /** Hardware address in the server's identifier; empty where it names none. */
  readonly mac: string
  /** Empty where it offers none. */
  readonly offered: string
  /** Option 59. */
  readonly url: string
  /** Option 16, as far as it is of network boot. */
  readonly vendorClass: string
  /** Milliseconds from the first question. */
  readonly afterMs: number
  readonly because: string
}

export interface Census6Result {
  readonly client: 'x64-uefi' | 'http'
  readonly advertises: readonly CensusAdvertise[]
  /** Server of the one whose address is taken; empty for none. */
  readonly address: string
  readonly asksBootServer: boolean
}

export interface Census6 {
  readonly results: readonly Census6Result[]
  /** Why it could not be asked; undefined where it was. */
  readonly complaint: string | undefined
  readonly routers: readonly CensusRouter[]
  /** Why routers could not be heard; undefined where they could. */
  readonly routersComplaint: string | undefined
  /** What all of it means for a boot over IPv6, in sentences. */
  readonly notes: readonly string[]
}

const askAt = [0, 1000]

/** Undefined where the interface has no IPv6. Takes about four seconds. */
export async function takeCensus6(served: NetworkInterface, signal: AbortSignal): Promise<Census6 | undefined> {
  const own = served.ipv6?.find(({ address }) => isLinkLocal(address))?.address
  if (own === undefined || served.isLoopback) return undefined
  const [asked, heard] = await Promise.all([askServers(served, own, signal), takeRouterCensus(served, own, signal)])
  const offered = asked.results.flatMap((one) => one.advertises.map((told) => told.offered).filter(Boolean))
  return {
    ...asked,
    routers: heard.routers,
    routersComplaint: heard.complaint,
    // What nobody could ask for is not known to be missing.
    notes: asked.complaint === undefined && !signal.aborted ? routerNotes(heard, offered) : [],
  }
}

async function askServers(
  served: NetworkInterface,
  own: string,
  signal: AbortSignal,
): Promise<Pick<Census6, 'results' | 'complaint'>> {
  const firstXid = randomInt(1, 0xff_fff0)
  const started = performance.now()
  const heard = clients6.map(() => new Map<string, Heard6 & { readonly afterMs: number }>())
  let port: UdpPort<string>
  try {
    port = await openUdpPort6({
      interface: served,
      port: documentedClient6Port,
      own,
      onDatagram: (payload, { address }) => {
        const { message } = decodeDhcp6(payload)
        const list = heard[message.xid - firstXid]
        if (!list || message.type !== dhcp6Types.advertise) return
        const server = findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)
        const key = server ? formatHex(server.data) : ''
        // Of the answers to repeated questions the first counts; without an identifier no client looks at it.
        if (server && !list.has(key)) list.set(key, { message, source: address, afterMs: performance.now() - started })
      },
      onError: () => {},
    })
  } catch (error) {
    return { results: [], complaint: `UDP port 546 cannot be opened (${(error as NodeJS.ErrnoException).code})` }
  }
  const ask = (): void => {
    for (const [index, { kind, architecture }] of clients6.entries())
      port.send(solicit(firstXid + index, kind, architecture), { address: dhcp6Groups[0]!, port: documentedDhcp6Port })
  }
  try {
    await askedAt(askAt, ask, signal)
  } finally {
    await port.close()
  }
  return { results: clients6.map(({ client, kind }, index) => resultOf(client, kind, [...heard[index]!.values()])), complaint: undefined } // prettier-ignore
}

/** As EDK2 asks: an address, the boot file URL with its parameters, DNS servers, the class of the server. */
function solicit(xid: number, kind: 'PXEClient' | 'HTTPClient', architecture: number): Uint8Array {
  const wanted = [59, 60, 23, 16]
  return encodeDhcp6({
    type: dhcp6Types.solicit,
    xid,
    options: [
      { code: dhcp6OptionCodes.clientIdentifier, data: duidOfMac(formatMac(censusMac)) },
      { code: dhcp6OptionCodes.elapsedTime, data: bytesOfU16(0) },
      iaOption({ iaid: architecture, t1: 0, t2: 0, options: [] }),
      { code: dhcp6OptionCodes.optionRequest, data: Uint8Array.from(wanted.flatMap((code) => [0, code])) },
      { code: dhcp6OptionCodes.networkInterface, data: Uint8Array.of(1, 3, 0) },
      { code: dhcp6OptionCodes.architecture, data: bytesOfU16(architecture) },
      vendorClassOption(intelEnterprise, [`${kind}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`]),
    ],
  })
}

function resultOf(
  client: Census6Result['client'],
  kind: 'PXEClient' | 'HTTPClient',
  heard: readonly (Heard6 & { readonly afterMs: number })[],
): Census6Result {
  const { address, asks, reasons } = choiceOver6(kind, heard)
  return {
    client,
    advertises: heard.map(({ message, source, afterMs }, index) => {
      const hardware = hardwareOfDuid(findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)?.data)
      return {
        server: source,
        mac: hardware ? formatMac(hardware) : '',
        offered: failedStatusOf(message) ? '' : (addressesOf(message)[0]?.address ?? ''),
        url: bootUrlOf(message),
        vendorClass: bootClassOf(message),
        afterMs: Math.round(afterMs),
        because: inEnglish(reasons[index]!),
      }
    }),
    address: address?.source ?? '',
    asksBootServer: kind === 'PXEClient' && asks.length > 0,
  }
}
