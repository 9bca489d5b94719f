/**
 * Addresses of host names as firmware asks for them. EDK2's DnsDxe sends one question of one type to the first server and waits two
 * seconds at most; iPXE asks for AAAA where DHCPv6 or a router gave it a server, then for A and for an alias.
 */
import { say, type Phrase } from '#messages/message.ts'
import { formatIp, plainIpv6, type IpAddress } from '../../wire/ip-address.ts'
import { parseIpv4 } from '../../wire/bytes.ts'
import { addressesIn, dnsCodeName, dnsCodes, dnsPort, dnsTypeName, dnsTypes, encodeDnsQuery, encodeName, isSameName, readDns, type DnsMessage } from '../../wire/dns.ts' // prettier-ignore
import type { ClientContext, ClientInput, Step } from './client.ts'

export type Resolved =
  | { readonly ok: true; readonly address: IpAddress }
  /** `no-name`: there is no such name. `no-record`: the name has no address of the kind that was asked for, or the server failed. */
  | {
      readonly ok: false
      readonly why: 'no-server' | 'no-name' | 'no-record' | 'silent'
      /** A clause with the name in it. */
      readonly because: Phrase
    }

type Wait = (until: number) => Step<ClientInput | undefined>

function* plainWait(until: number): Step<ClientInput | undefined> {
  return yield until
}

/** RetryInterval of DnsDxe; its RetryCount is 0 for both boot drivers. */
const edk2WaitMs = 2000
/** iPXE's retry timer: each wait twice the last, and the end where one would be longer than ten seconds. */
const ipxeWaitsMs = [250, 500, 1000, 2000, 4000, 8000]
/** How many aliases iPXE follows (DNS_MAX_CNAME_RECURSION). */
const mostAliases = 32

interface Asked {
  readonly server: IpAddress
  readonly name: string
  readonly type: number
  readonly waitsMs: readonly number[]
  readonly wait: Wait
  /** Whether an answer with nothing behind its question is none. */
  readonly needsRecords?: boolean
}

/** Sends a question, again where nothing comes, and yields its answer; undefined where none comes. */
function* ask(
  client: ClientContext,
  { server, name, type, waitsMs, wait, needsRecords = false }: Asked,
): Step<DnsMessage | undefined> {
  const port = client.randomPort()
  const id = client.randomU32() & 0xffff
  const question = encodeDnsQuery(id, { name, type })
  for (const ms of waitsMs) {
    client.send(port, { address: server, port: dnsPort }, question)
    const until = client.now + ms
    while (client.now < until) {
      const input = yield* wait(until)
      if (input?.kind !== 'datagram' || input.destinationPort !== port || input.source.port !== dnsPort) continue
      const message = readDns(input.payload)
      const isEmpty = message?.questions.at(-1)?.end === input.payload.length
      if (message?.isResponse === true && message.id === id && !(needsRecords && isEmpty)) return message
    }
  }
  return undefined
}

/** A server as an address, from its text. */
export const dnsServerOf = (text: string): IpAddress | undefined => plainIpv6(text) ?? parseIpv4(text)

const silent = (server: IpAddress, name: string): Resolved => ({
  ok: false,
  why: 'silent',
  because: say('pxe-client.dns-silent', { server: formatIp(server), name }),
})

const noServer = (name: string): Resolved => ({
  ok: false,
  why: 'no-server',
  because: say('pxe-client.dns-no-server', { name }),
})

const noName = (name: string): Resolved => ({ ok: false, why: 'no-record', because: say('pxe-client.dns-no-name', { name }) }) // prettier-ignore

/** As EDK2 asks: for AAAA over IPv6 and for A over IPv4, and for nothing else. */
export function* resolveAsEdk2(
  client: ClientContext,
  servers: readonly IpAddress[],
  name: string,
  type: number,
  wait: Wait = plainWait,
): Step<Resolved> {
  const [server] = servers
  if (server === undefined) return noServer(name)
  if (!encodeName(name)) return noName(name)
  client.stage('file', say('pxe-client.dns-asks', { server: formatIp(server), type: dnsTypeName(type), name }))
  // ParseDnsResponse drops an answer that ends with its question, as dnsmasq sends for names it does not have (seen with OVMF 2022.11).
  const answer = yield* ask(client, { server, name, type, waitsMs: [edk2WaitMs], wait, needsRecords: true })
  if (!answer) return silent(server, name)
  const told = formatIp(server)
  if (answer.code === dnsCodes.noSuchName)
    return { ok: false, why: 'no-name', because: say('pxe-client.dns-unknown-name', { server: told, name }) }
  if (answer.code !== dnsCodes.noError)
    return { ok: false, why: 'no-record', because: say('pxe-client.dns-answers', { server: told, code: dnsCodeName(answer.code), name }) } // prettier-ignore
  const address = dnsServerOf(addressesIn(answer, [type])[0] ?? '')
  return address === undefined
    ? { ok: false, why: 'no-record', because: say('pxe-client.dns-no-record', { server: told, type: dnsTypeName(type), name }) } // prettier-ignore
    : { ok: true, address }
}

/** As iPXE asks; a name without a dot with each domain of its search list behind it first. */
export function* resolveAsIpxe(
  client: ClientContext,
  servers: readonly IpAddress[],
  name: string,
  domains: readonly string[],
): Step<Resolved> {
  const [server] = servers
  if (server === undefined) return noServer(name)
  const first = typeof server === 'string' ? dnsTypes.aaaa : dnsTypes.a
  const types = first === dnsTypes.aaaa ? [first, dnsTypes.a, dnsTypes.cname] : [first, dnsTypes.cname]
  let aliases = 0
  for (const candidate of [...(name.includes('.') ? [] : domains.map((domain) => `${name}.${domain}`)), name]) {
    if (!encodeName(candidate)) continue
    let asked = candidate
    for (let index = 0; index < types.length; index++) {
      const answer = yield* ask(client, { server, name: asked, type: types[index]!, waitsMs: ipxeWaitsMs, wait: plainWait }) // prettier-ignore
      if (!answer) return silent(server, name)
      // Whatever was asked for, it takes the first address of either family.
      const address = dnsServerOf(addressesIn(answer, [dnsTypes.aaaa, dnsTypes.a])[0] ?? '')
      if (address !== undefined) return { ok: true, address }
      const alias = answer.answers.find((one) => one.type === dnsTypes.cname && isSameName(one.name, asked))?.value
      if (alias === undefined || ++aliases > mostAliases) continue
      asked = alias
      index = -1
    }
  }
  return {
    ok: false,
    why: 'no-record',
    because: say('pxe-client.dns-no-address', {
      server: formatIp(server),
      name,
      types: types[0] === dnsTypes.aaaa ? 'AAAA, A' : 'A',
    }),
  }
}
