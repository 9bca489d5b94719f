/** What every kind of machine is offered in every subnet of a configuration: which is given a boot file, which is not, and by which line. */
import { sameText } from '#messages/message.ts'
import { parseIpv4Network, formatIpv4 } from '../wire/bytes.ts'
import { offerOf, type Client, type Offer } from './evaluate.ts'
import type { Configuration, Subnet } from './model.ts'

const architecture = (code: number): string => String.fromCharCode(code >>> 8, code & 255)
const pxe = (code: number, title: string, userClass?: string) => ({
  title,
  options: new Map([
    [60, `PXEClient:Arch:${String(code).padStart(5, '0')}:UNDI:003000`],
    [93, architecture(code)],
    ...(userClass === undefined ? [] : [[77, userClass] as const]),
  ]),
})

/** Machines as they show themselves (RFC 4578, IANA processor architecture types); iPXE says so in option 77. */
export const machineKinds = [
  pxe(0, 'BIOS'),
  pxe(6, 'UEFI x86'),
  pxe(7, 'UEFI x64'),
  pxe(11, 'UEFI ARM64'),
  pxe(0, 'iPXE on BIOS', 'iPXE'),
  pxe(7, 'iPXE on UEFI x64', 'iPXE'),
  {
    title: 'UEFI x64 HTTP boot',
    options: new Map([
      [60, 'HTTPClient:Arch:00016:UNDI:003001'],
      [93, architecture(16)],
    ]),
  },
] as const

export interface BootRow {
  readonly subnet: Subnet
  readonly machine: string
  readonly isRelayed: boolean
  readonly offer: Offer
}

/** Rows for every subnet, machine and way there; `mac` is of no reservation unless one is given. */
export function bootTable(configuration: Configuration, mac = '02:00:5e:10:00:01'): BootRow[] {
  return configuration.subnets.flatMap((subnet) => {
    const network = parseIpv4Network(subnet.network)
    const relay = network && formatIpv4((network.address + 1) >>> 0)
    return machineKinds.flatMap(({ title, options }) => {
      const client: Client = { mac, options }
      const direct = { subnet, machine: title, isRelayed: false, offer: offerOf(configuration, subnet, client) }
      if (relay === undefined || subnet.isProxy) return [direct]
      const relayed = { subnet, machine: title, isRelayed: true, offer: offerOf(configuration, subnet, { ...client, relay }) } // prettier-ignore
      // What the relay does not change is said once.
      return sameOffer(direct.offer, relayed.offer) ? [direct] : [direct, relayed]
    })
  })
}

const sameOffer = (one: Offer, other: Offer): boolean =>
  sameText(one.silent?.text ?? '', other.silent?.text ?? '') &&
  one.bootFile?.text === other.bootFile?.text &&
  one.nextServer?.text === other.nextServer?.text
