/**
 * A DNS server on a virtual host: the names it knows (RFC 1035), and the socket pool of that of Windows, which may sit on the ports of
 * WDS (KB 977512). It asks no other server: any other name does not exist.
 */
import { inEnglish } from '#messages/text.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { dnsCodes, dnsPort, dnsText, dnsTypes, encodeDnsAnswer, isSameName, readDns } from '../../wire/dns.ts'
import { dnsServerOf } from '../../machines/pxe-client/dns-lookup.ts'
import type { Nic } from '../host.ts'
import type { UdpPacket } from '../packet.ts'
import type { ServiceOf } from '../scenario.ts'
import { bindAlone } from './dhcp-services.ts'
import type { Service, ServiceContext } from './service.ts'

const ttlSeconds = 3600

export class DnsService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'DNS'>

  constructor(context: ServiceContext, configuration: ServiceOf<'DNS'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const { host, name, log } = this.#context
    const { takes, names } = this.#configuration
    if (takes) {
      const [firstPort, lastPort] = takes
      host.bind({ service: name, address: 0, firstPort, lastPort, receive: undefined })
      log(`The socket pool of the DNS server sits on UDP ports ${firstPort} to ${lastPort}.`)
    }
    if (!names) return
    const holder = bindAlone(this.#context, dnsPort, (packet, nic) => this.#receive(packet, nic))
    if (holder !== undefined) log(`UDP port ${dnsPort} is held by ${holder}: the DNS server answers nobody.`, 'bad')
    else log(`The DNS server knows ${Object.keys(names).length === 1 ? 'one name' : `${Object.keys(names).length} names`}.`) // prettier-ignore
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }

  #receive({ source, sourcePort, payload }: UdpPacket, nic: Nic): void {
    const query = readDns(payload)
    const [question] = query?.questions ?? []
    if (!query || query.isResponse || !question) return
    const known = Object.entries(this.#configuration.names!).find(([name]) => isSameName(name, question.name))?.[1]
    const records = (known ?? []).flatMap((text) => {
      const address = dnsServerOf(text)!
      const type = typeof address === 'string' ? dnsTypes.aaaa : dnsTypes.a
      return type === question.type ? [{ type, value: formatIp(address), ttlSeconds }] : []
    })
    const answer = encodeDnsAnswer(query, known ? dnsCodes.noError : dnsCodes.noSuchName, records)
    const { host, log } = this.#context
    log(
      `${formatIp(source)} asked for ${inEnglish(dnsText(readDns(answer)!))}`,
      records.length > 0 ? 'plain' : 'warning',
    )
    host.sendUdp(nic, dnsPort, { address: source, port: sourcePort }, answer, answer.length)
  }
}
