/** Where machines are sent for their boot files: what each server offers a kind of machine, and the files and hosts it names. */
import { formatIpv4, isInNetwork, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import { offerOf, type Client, type Decided, type Offer } from '../interchange/evaluate.ts'
import type { Subnet } from '../interchange/model.ts'
import { machineKinds, optionsOf, type MachineKind } from './machine-kinds.ts'
import type { Scope, TwinServer } from './network.ts'

/** A machine of a kind; with the hardware address of a reservation where it is that one. */
export interface Machine {
  readonly key: string
  readonly title: string
  readonly kind: MachineKind
  readonly mac: string
}

/** What one server says to a machine, as the firmware or as the iPXE that it loads. */
export interface Said {
  readonly server: TwinServer
  readonly stage: 'firmware' | 'ipxe'
  readonly isRelayed: boolean
  readonly offer: Offer
}

/** A boot file as a configuration names it. */
export interface Target {
  readonly said: Said
  /** As it is written there. */
  readonly file: Decided
  /** The path on its server. */
  readonly path: string
  /** Address of its server; undefined where a name stands, and then `host` is that. */
  readonly address: number | undefined
  readonly host: string
  readonly scheme: string
  readonly port: number
}

const clientOf = (machine: Machine, scope: Scope, isRelayed: boolean, asIpxe: boolean): Client => ({
  mac: machine.mac,
  options: optionsOf(machine.kind, asIpxe),
  ...(isRelayed && scope.relay !== undefined
    ? { relay: formatIpv4(scope.relayInterface?.address ?? scope.relay) }
    : {}),
})

/** The offers of every server that hears the machine; of subnets on one wire the first that answers, else the first. */
export function saidTo(machine: Machine, scope: Scope): Said[] {
  const stages = machine.kind.isIpxe ? (['ipxe'] as const) : (['firmware', 'ipxe'] as const)
  return stages.flatMap((stage) =>
    [...scope.direct.map((server) => ({ server, isRelayed: false })), ...scope.relayed.map((server) => ({ server, isRelayed: true }))].flatMap(({ server, isRelayed }) => {
      const { configuration } = server
      const client = clientOf(machine, scope, isRelayed, stage === 'ipxe')
      const subnets = scope.subnetsOf.get(server) ?? []
      // Without a relay its own address tells the server which subnet comes first.
      const isOwn = ({ network }: Subnet): boolean => isInNetwork(server.address, parseIpv4Network(network)!)
      const wire = isRelayed || subnets.length < 2 ? subnets : [...subnets.filter(isOwn), ...subnets.filter((one) => !isOwn(one))]
      return [true, false].flatMap((isProxy) => {
        const offers = wire.filter((one) => one.isProxy === isProxy).map((subnet) => offerOf(configuration, subnet, client))
        const offer = offers.find((one) => !one.silent) ?? offers[0]
        return offer ? [{ server, stage, isRelayed, offer }] : []
      })
    }),
  ) // prettier-ignore
}

/** The boot file that an offer names; undefined where it names none. */
export function targetOf(said: Said): Target | undefined {
  const { offer, server } = said
  // Firmware takes option 67 before the field of the header; dnsmasq writes what it was told into one of the two.
  const file = server.configuration.engine === 'dnsmasq' ? (offer.bootFile ?? offer.options.get(67)) : (offer.options.get(67) ?? offer.bootFile) // prettier-ignore
  if (offer.silent || !file || file.text === '') return undefined
  const [, scheme, host, port, rest] = /^([a-z][a-z0-9+.-]*):\/\/([^/:?#]+)(?::(\d+))?\/*(.*)$/is.exec(file.text) ?? []
  if (scheme !== undefined && host !== undefined)
    return { said, file, path: (rest ?? '').replace(/[?#].*$/s, ''), address: host === '0.0.0.0' ? server.address : parseIpv4(host), host, scheme: scheme.toLowerCase(), port: port === undefined ? (scheme.toLowerCase() === 'tftp' ? 69 : 80) : Number(port) } // prettier-ignore
  const next =
    offer.nextServer?.text ??
    (/^(kea|dnsmasq)$/.test(server.configuration.engine) ? undefined : offer.options.get(66)?.text)
  const own = formatIpv4(server.address)
  const named = next === undefined || next === '' || (server.configuration.engine === 'lab' && next === '0.0.0.0') ? own : next // prettier-ignore
  return { said, file, path: file.text, address: parseIpv4(named), host: named, scheme: 'tftp', port: 69 }
}

/** The machines of a scope that nothing is reserved for, one of each kind. */
export const plainMachines = (): Machine[] =>
  machineKinds.map((kind, index) => ({ key: kind.key, title: kind.title, kind, mac: `02:00:5e:10:7f:${(index + 1).toString(16).padStart(2, '0')}` })) // prettier-ignore
