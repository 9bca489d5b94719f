/** Who answers on a wire: every offer to a client of each architecture, which of them each firmware takes and why. */
import { inEnglish } from '#messages/text.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { findOptionData, vendorClassOf, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { censusMac } from '#shared/wire/lab-checks.ts'
import { documentedDhcpPort } from '#shared/machines/machine.ts'
import {
  rankOffers,
  reasonText,
  traitsOf,
  type OfferTraits,
  type Ranking,
} from '#shared/machines/pxe-client/offer-ranking.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort } from '../responder/udp-port.ts'
import { askWire } from './ask-wire.ts'
import { neighbours } from './neighbours.ts'

export const censusClients = {
  bios: { name: 'BIOS', architecture: 0, ranking: 'rom' },
  'x64-uefi': { name: 'UEFI x64', architecture: 7, ranking: 'edk2' },
  'arm64-uefi': { name: 'UEFI ARM64', architecture: 11, ranking: 'edk2' },
  http: { name: 'UEFI x64 HTTP boot', architecture: 16, ranking: 'edk2-http' },
} as const satisfies Record<string, { name: string; architecture: number; ranking: Ranking }>
export type CensusClient = keyof typeof censusClients
export const censusClientNames = Object.keys(censusClients) as readonly CensusClient[]

export interface CensusOffer {
  /** Option 54, else siaddr. */
  readonly server: string
  /** Hardware address of the server; empty where it is behind a router or not known. */
  readonly mac: string
  readonly role: 'dhcp' | 'proxy-dhcp'
  /** Empty for a proxyDHCP. */
  readonly offered: string
  readonly vendorClass: string
  readonly hasOption43: boolean
  readonly file: string
  readonly nextServer: string
  /** Relay agent that it came through; empty for none. */
  readonly relay: string
  /** Milliseconds from the first question. */
  readonly afterMs: number
  /** Why the firmware takes it or not. */
  readonly because: string
}

export interface CensusResult {
  readonly client: CensusClient
  readonly offers: readonly CensusOffer[]
  /** Server of the offer whose address is taken; empty for none. */
  readonly address: string
  /** Server of the offer that tells how to boot. */
  readonly boot: string
  readonly asksBootServer: boolean
}

export interface Census {
  readonly results: readonly CensusResult[]
  readonly warnings: readonly string[]
  /** Why the question could not be asked; undefined where it was. */
  readonly complaint: string | undefined
}

const isBiosFile = (file: string): boolean => /\.(0|com|kpxe|kkpxe|pxe|n12|bs)$/i.test(file)
const isUefiFile = (file: string): boolean => /\.efi$/i.test(file)

interface Heard {
  readonly traits: OfferTraits
  readonly message: DhcpMessage
  readonly afterMs: number
}

function resultOf(client: CensusClient, heard: readonly Heard[], macs: ReadonlyMap<string, string>): CensusResult {
  const choice = rankOffers(
    censusClients[client].ranking,
    heard.map((one) => one.traits),
  )
  const serverAt = (index: number | undefined): string => (index === undefined ? '' : heard[index]!.traits.server)
  return {
    client,
    offers: heard.map(({ traits, message, afterMs }, index) => ({
      server: traits.server,
      mac: macs.get(traits.server) ?? '',
      role: traits.isProxy ? 'proxy-dhcp' : 'dhcp',
      offered: traits.isProxy ? '' : formatIpv4(message.yiaddr),
      vendorClass: vendorClassOf(message),
      hasOption43: findOptionData(message, optionCodes.vendorSpecific) !== undefined,
      file: traits.file,
      nextServer: formatIpv4(message.siaddr),
      relay: message.giaddr === 0 ? '' : formatIpv4(message.giaddr),
      afterMs: Math.round(afterMs),
      because: inEnglish(reasonText(choice.reasons[index]!)),
    })),
    address: serverAt(choice.address),
    boot: serverAt(choice.boot),
    asksBootServer: choice.asksBootServer,
  }
}

function warningsOf(results: readonly CensusResult[], own: string): string[] {
  const warnings: string[] = []
  const offers = results.flatMap((one) => one.offers)
  const serversOf = (role: CensusOffer['role']): string[] => [
    ...new Set(offers.filter((one) => one.role === role).map((one) => one.server)),
  ]
  const dhcp = serversOf('dhcp')
  const proxies = serversOf('proxy-dhcp')
  if (offers.length === 0) return ['Nobody answers: no DHCP server, no proxyDHCP.']
  if (dhcp.length === 0) warnings.push(`Nobody gives addresses; only ${proxies.join(' and ')} answers, as proxyDHCP.`)
  if (dhcp.length > 1) warnings.push(`More than one DHCP server answers: ${dhcp.join(', ')}. One may be a rogue.`)
  if (proxies.length > 1)
    warnings.push(`More than one proxyDHCP answers: ${proxies.join(', ')}. Which one wins is chance.`)
  const owned = new Set([own, ...offers.map((one) => one.server)])
  for (const address of new Set(offers.map((one) => one.offered).filter((one) => owned.has(one))))
    warnings.push(`${address} is offered to clients and belongs to ${address === own ? 'this machine' : 'a server'}.`)
  for (const { client, offers: told } of results)
    for (const { server, file } of told)
      if (client === 'bios' ? isUefiFile(file) : isBiosFile(file))
        warnings.push(
          `${server} names ${file} to a ${censusClients[client].name} client, which cannot start it: a program for ${client === 'bios' ? 'UEFI' : 'BIOS'}.`,
        )
  return warnings
}

/** Takes about four seconds; all clients ask at once. Works where port 68 is taken and port 67 is free, as a relay agent. */
export async function takeCensus(
  served: NetworkInterface,
  clients: readonly CensusClient[],
  signal: AbortSignal,
): Promise<Census> {
  const heard = clients.map(() => new Map<string, Heard>())
  const complaint = await askWire({
    interface: served,
    mac: censusMac,
    architectures: clients.map((client) => censusClients[client].architecture),
    relay: (hear) =>
      openUdpPort({ interface: served, port: documentedDhcpPort, onDatagram: hear, onError: () => {} }).catch(
        () => undefined,
      ),
    signal,
    onOffer: ({ client, message, afterMs }) => {
      const traits = traitsOf(message)
      const key = `${traits.server}/${traits.isProxy}`
      // Of the answers to repeated questions the first counts.
      if (!heard[client]!.has(key)) heard[client]!.set(key, { traits, message, afterMs })
    },
  })
  const servers = new Set(heard.flatMap((one) => [...one.values()].map(({ traits }) => traits.server)))
  const macs = await neighbours([...servers], served)
  const results = clients.map((client, index) => resultOf(client, [...heard[index]!.values()], macs))
  return {
    results,
    warnings: complaint === undefined ? warningsOf(results, formatIpv4(served.address)) : [],
    complaint,
  }
}
