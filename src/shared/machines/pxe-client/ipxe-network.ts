/** The network half of iPXE: its clock and its `secs`, waiting for a proxyDHCP, port 4011, loading by TFTP and HTTP. */
import { say, type Phrase, isPhrase } from '#messages/message.ts'
import { bytesOfU32, decodeText, encodeText, formatIpv4, formatIpv6, parseHex, parseIpv6 } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import {
  blankMessage,
  bootFileOf,
  broadcastFlag,
  findOptionData,
  vendorClassOf,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { findSubOption } from '../../wire/dhcp/spaces.ts'
import { readDomainNames } from '../../wire/dhcpv6/layouts.ts'
import { formatIp, type IpAddress } from '../../wire/ip-address.ts'
import type { Endpoint } from '../machine.ts'
import type { ClientContext, Lease, Step } from './client.ts'
import {
  addressOf,
  architectureOption,
  at,
  clientMessage,
  describeOffer,
  everyServer,
  leaseOf,
  machineIdentifier,
  messageTypeOption,
  offerOf,
  option,
  replyIn,
  serverOfReply,
  textOf,
  textOption,
  vendorClassOption,
  type Offer,
} from './dhcp-dialogue.ts'
import { findDhcp6Option } from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { addressOfMac } from './ip6-stack.ts'
import { download, tftpOptions, type NotDownloaded } from './download.ts'
import { dnsServerOf, resolveAsIpxe, type Resolved } from './dns-lookup.ts'
import { fetchHttp, parseHttpAddress } from './http-fetch.ts'
import { numberOnUefi } from './ipxe-errors.ts'
import { beside, Ipxe6 } from './ipxe-ipv6.ts'
import type { IpxeSettings } from './ipxe-settings.ts'

export interface IpxeProfile {
  readonly platform: 'bios' | 'uefi'
  readonly architecture: number
  /** Major and minor version of option 94 and of the vendor class. */
  readonly undi: readonly [number, number, number]
  /** Whether it says that it is iPXE (options 77 and 175). */
  readonly tells: boolean
  /** Value of option 175. */
  readonly features: Uint8Array
  readonly setsBroadcast: boolean
  /** When it goes on where an offer brings an address and PXE options, in milliseconds after the first DISCOVER. */
  readonly quickMs: number
  /** How its network card calls itself. */
  readonly card: string
  /** How old it is: the address behind its error numbers, and some of its texts. */
  readonly site: 'http://ipxe.org' | 'https://ipxe.org'
  /** Whether IPv6 counts as a configuration. */
  readonly hasIpv6: boolean
  readonly banner: readonly string[]
}

/** Each wait is twice the last, and the first a little more than a second. */
const discoverMs = [1013, 2032, 4064, 8100]
export const proxyRequestMs = [247, 549, 1044, 2080]
/** How long it asks for a router of IPv6 where none answers: six solicitations, each after twice the time. */
const ipv6RouterMs = 16_000
const tftpRetryMs = [256, 550, 1043, 2032, 4065, 8054]
/** How long it waits for a proxyDHCP once it has an address offered. */
const proxyWaitMs = 2000

const list = Uint8Array.of(
  1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 131, 132, 133, 134, 135, 175, 203,
) // prettier-ignore
const intelList = Uint8Array.of(
  1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135,
) // prettier-ignore

/** What the dialogue came to. */
interface Configured {
  /** Undefined where IPv6 alone is configured; the messages are blank then. */
  readonly lease: Lease | undefined
  readonly ack: DhcpMessage
  /** The reply that says how to boot, beside or instead of the ACK. */
  readonly boot: DhcpMessage | undefined
  readonly why: Phrase
}

export class Dialogue {
  count = 0
  readonly #client: ClientContext
  readonly #profile: IpxeProfile
  xid: number

  constructor(client: ClientContext, profile: IpxeProfile) {
    this.#client = client
    this.#profile = profile
    this.xid = client.randomU32()
  }

  secs(hasOffer: boolean, hasProxy: boolean): number {
    return (this.count << 2) | (hasOffer ? 2 : 0) | (hasProxy ? 1 : 0)
  }

  options(type: number, vendorClass: string | undefined, more: readonly DhcpOption[]): DhcpOption[] {
    const { tells, architecture, undi, features } = this.#profile
    const [kind, major, minor] = undi
    const number = (value: number): string => String(value).padStart(3, '0')
    return [
      messageTypeOption(type),
      option(optionCodes.maximumMessageSize, ...(tells ? [5, 0xc0] : [4, 0xec])),
      architectureOption(architecture),
      option(optionCodes.networkInterface, kind, major, minor),
      vendorClass === undefined
        ? vendorClassOption('PXEClient', architecture, number(major) + number(minor))
        : textOption(optionCodes.vendorClass, vendorClass),
      ...(tells ? [textOption(optionCodes.userClass, 'iPXE')] : []),
      { code: optionCodes.parameterRequestList, data: tells ? list : intelList },
      ...(tells
        ? [
            { code: optionCodes.ipxe, data: features },
            { code: optionCodes.clientIdentifier, data: Uint8Array.of(1, ...this.#client.mac) },
          ]
        : []),
      machineIdentifier(this.#client),
      ...more,
    ]
  }
}

/** DHCP as iPXE does it: DISCOVER, REQUEST, and a proxyDHCP request where the offer leaves something open. */
function* configure(
  client: ClientContext,
  profile: IpxeProfile,
  known: string | undefined,
): Step<(Configured & { readonly lease: Lease }) | Phrase> {
  const dialogue = new Dialogue(client, profile)
  const begun = client.now
  const flags = profile.setsBroadcast ? broadcastFlag : 0
  let offer: Offer | undefined
  let proxy: Offer | undefined
  const isEnough = (): boolean => offer !== undefined && (proxy !== undefined || client.now - begun > proxyWaitMs)
  let isDone = false
  for (const [index, wait] of discoverMs.entries()) {
    if (isDone) break
    dialogue.count++
    if (index > 0 && isEnough()) break
    client.stage(
      'discover',
      say('pxe-client.sent-of', { message: 'DISCOVER', turn: index + 1, of: discoverMs.length }),
      index + 1,
    )
    client.print('.')
    client.send(
      68,
      everyServer,
      clientMessage(
        client,
        { xid: dialogue.xid, secs: dialogue.secs(offer !== undefined, proxy !== undefined), flags },
        dialogue.options(messageTypes.discover, known, []),
      ),
    )
    const until = client.now + wait
    let decideAt = until
    while (client.now < decideAt) {
      const heard = offerOf(replyIn(client, yield decideAt, dialogue.xid, 68))
      // With enough in hand its state has changed already, and later offers are not heard.
      if (!heard || isDone) continue
      client.stage('offer', describeOffer(heard))
      // The later of equals wins; one message can be both an address and a proxyDHCP offer.
      if (!heard.traits.isProxy) offer = heard
      if (heard.traits.isPxe) proxy = heard
      if (!isEnough()) continue
      decideAt = Math.max(client.now, Math.min(until, begun + profile.quickMs))
      isDone = true
    }
  }
  if (!offer)
    return proxy
      ? say('pxe-client.only-proxy-came', { offer: describeOffer(proxy) })
      : say('pxe-client.no-offer-came-15-seconds')
  const server = serverOfReply(offer)
  let acknowledged: { readonly message: DhcpMessage; readonly source: Endpoint } | undefined
  for (const wait of discoverMs) {
    dialogue.count++
    client.stage('request', 'REQUEST')
    client.print('.')
    client.send(
      68,
      everyServer,
      clientMessage(
        client,
        { xid: dialogue.xid, secs: dialogue.secs(true, proxy !== undefined), flags },
        dialogue.options(messageTypes.request, known, [
          addressOf(optionCodes.serverIdentifier, server),
          addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
        ]),
      ),
    )
    const until = client.now + wait
    let isOver = false
    while (client.now < until && !isOver) {
      const reply = replyIn(client, yield until, dialogue.xid, 68)
      if (reply?.type === messageTypes.nak) return say('pxe-client.refused-address', { server: at(server) })
      if (reply?.type === messageTypes.ack) acknowledged = reply
      isOver = acknowledged !== undefined
    }
    if (isOver) break
  }
  if (!acknowledged) return say('pxe-client.request-unconfirmed', { server: at(server) })
  const { message: ack, source } = acknowledged
  const lease = leaseOf(ack, source)
  client.configure(lease)
  client.stage('address', say('pxe-client.has-address', { address: at(lease.address) }))
  if (!proxy)
    return { lease, ack, boot: undefined, why: say('pxe-client.names-nothing', { offer: describeOffer(offer) }) }
  const hasMenu = findSubOption('pxe', findOptionData(proxy.message, optionCodes.vendorSpecific) ?? empty, 9)
  if (hasMenu || (proxy.message.siaddr !== 0 && bootFileOf(proxy.message) !== ''))
    return { lease, ack, boot: proxy.message, why: '' }
  // The address came first; what to boot is asked on port 4011, without insisting.
  yield* client.sleep(2)
  const target = { address: serverOfReply(proxy), port: 4011 }
  for (const wait of proxyRequestMs) {
    dialogue.count++
    client.stage('boot-server', say('pxe-client.asks-port', { server: at(target.address), port: 4011 }))
    client.send(
      68,
      target,
      clientMessage(
        client,
        { xid: dialogue.xid, secs: dialogue.secs(true, true), flags: broadcastFlag, ciaddr: lease.address },
        // The option 60 of the ACK, now a setting, stands over its own; what a proxyDHCP offered is none yet.
        dialogue.options(messageTypes.request, vendorClassOf(ack) || known, [
          addressOf(optionCodes.serverIdentifier, target.address),
        ]),
      ),
    )
    const until = client.now + wait
    while (client.now < until) {
      const reply = replyIn(client, yield until, dialogue.xid, 68)
      if (!reply || reply.source.port !== 4011) continue
      if (reply.type === messageTypes.ack || reply.type === messageTypes.offer)
        return { lease, ack, boot: reply.message, why: '' }
    }
  }
  return {
    lease,
    ack,
    boot: undefined,
    why: say('pxe-client.port-4011-silent', { offer: describeOffer(proxy), server: at(target.address) }),
  }
}

const empty = new Uint8Array(0)

/** Errors as iPXE names them, with the number of the build. */
export const errors = {
  timeout: 'Connection timed out',
  missing: 'No such file or directory',
  denied: 'Permission denied',
  reset: 'Connection reset',
  io: 'Input/output error',
  noName: 'No such device or address',
} as const

/** An error as iPXE prints it, with the number of a BIOS build given. */
export function errorText({ platform, site }: IpxeProfile, text: string, number: string): string {
  return `${text} (${site}/${platform === 'uefi' ? numberOnUefi(number) : number})`
}

export interface Fetched {
  readonly ok: true
  readonly head: Uint8Array
  readonly size: number
  readonly url: string
  readonly server: IpAddress
}
export interface NotFetched {
  readonly ok: false
  readonly line: string
  readonly because: Phrase
}

/** Resolves a name against the place a script came from: `./` and `../` in front of it lead through the folders there. */
export function absoluteUrl(name: string, base: string | undefined, nextServer: number): string {
  if (/^[a-z]+:/i.test(name)) return name.replace(/^tftp:\/\/\/?(?=[^/])/i, 'tftp://')
  if (base !== undefined) {
    const root = /^[a-z]+:\/\/[^/]+/i.exec(base)?.[0] ?? ''
    if (name.startsWith('/')) return root + name
    const folders = base
      .replace(/[?#].*$/, '')
      .slice(root.length)
      .split('/')
      .slice(1, -1)
    let rest = name
    for (let step = /^\.(\.?)(\/|$)/.exec(rest); step; step = /^\.(\.?)(\/|$)/.exec(rest)) {
      if (step[1] === '.') folders.pop()
      rest = rest.slice(step[0].length)
    }
    return `${root}/${[...folders, rest].join('/')}`
  }
  // A name that DHCP told is no address: each of its characters stands for itself.
  return `tftp://${formatIpv4(nextServer)}/${name.replaceAll('%', '%25')}`
}

/** Octets that an address writes as % and two digits; any other % stands for itself, as iPXE reads it. */
export const withoutPercents = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeText(parseHex(run.replaceAll('%', ''))!))

/** Loads over TFTP or HTTP, and says on the screen how it went. */
export function* fetchFile(
  client: ClientContext,
  state: Pick<IpxeState, 'profile' | 'settings' | 'ipv6'>,
  url: string,
  /** How it is announced; empty where it is not. */
  shownAs = url,
  method: 'GET' | 'POST' = 'GET',
): Step<Fetched | NotFetched> {
  const { profile } = state
  if (shownAs !== '') client.print(`${shownAs}...`)
  client.stage('file', url)
  const give = (text: string, number: string, because: Phrase): NotFetched => {
    const line = errorText(profile, text, number)
    client.line(` ${line}`)
    return { ok: false, line, because }
  }
  const http = parseHttpAddress(url)
  const { tls: trust } = client.habits
  if (http && (!http.isSecure || trust)) {
    const found = http.address === undefined ? yield* resolveName(client, state, http.host) : { ok: true as const, address: http.address } // prettier-ignore
    if (!found.ok) {
      const [text, number] = nameErrors[found.why]
      return give(text, number, found.because)
    }
    const { address } = found
    // `tcp_open` finds no network device with a route there.
    if (typeof address === 'number' && client.lease === undefined)
      return give('Network unreachable', '280a6011', say('pxe-client.ipv4-alone', { host: http.host, address: formatIp(address) })) // prettier-ignore
    const answer = yield* fetchHttp(client, {
      method,
      address,
      ...(http.address === undefined ? { host: http.host } : {}),
      port: http.port,
      path: http.path,
      agent: 'iPXE/1.0.0+',
      sourcePort: client.randomPort(),
      waitMs: 16_000,
      ...(http.isSecure && trust ? { tls: { host: http.host, trust, software: 'ipxe' as const } } : {}),
    })
    if (!answer.ok && answer.why === 'certificate')
      return give(errors.denied, certificateErrors[answer.refusal.why], answer.refusal.because)
    if (!answer.ok && answer.why === 'alert')
      return give('Operation not permitted', '410de13c', say('pxe-client.ended-tls-handshake-no-version', { host: http.host })) // prettier-ignore
    if (!answer.ok && answer.why === 'no-tls') {
      client.line()
      return { ok: false, line: '', because: say('pxe-client.does-not-speak-tls-tcp-2', { host: http.host, port: http.port }) } // prettier-ignore
    }
    if (!answer.ok)
      return answer.why === 'silent'
        ? give(
            errors.timeout,
            '4c0a6035',
            say('pxe-client.does-not-answer-tcp-port', { host: http.host, port: http.port }),
          )
        : give(
            errors.reset,
            '0f0a6039',
            say('pxe-client.nothing-listens-tcp-port', { port: http.port, host: http.host }),
          )
    if (answer.status !== 200)
      return give(
        ...ipxeHttpError(answer.status),
        say('pxe-client.web-server-answered', { status: answer.status, path: http.path }),
      )
    if (shownAs !== '') client.line(' ok')
    return { ok: true, head: answer.head, size: answer.size, url, server: address }
  }
  const match = /^tftp:\/\/(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]*)\])\/(.*)$/i.exec(url)
  const octets = match?.[2] === undefined ? undefined : parseIpv6(match[2])
  let server: IpAddress | undefined = octets ? formatIpv6(octets) : addressText(match?.[1])
  const [, host, path] = /^tftp:\/\/([^/[\]:]+)\/(.*)$/i.exec(url) ?? []
  if (host !== undefined && server === undefined) {
    const found = yield* resolveName(client, state, host)
    const why = !found.ok ? found.because : typeof found.address === 'number' && client.lease === undefined ? say('pxe-client.ipv4-alone', { host, address: formatIp(found.address) }) : undefined // prettier-ignore
    if (why !== undefined) {
      // Its TFTP hears nothing of how the question ended, and goes on until its own timer is over.
      yield* client.sleep(tftpRetryMs.reduce((sum, one) => sum + one, 0))
      return give(errors.timeout, '4c126035', why)
    }
    server = (found as Extract<Resolved, { readonly ok: true }>).address
  }
  const name = match?.[3] ?? path
  if (name === undefined || server === undefined) {
    const line = errorText(profile, 'Operation not supported', '3c092003')
    client.print('\r')
    client.line(`Could not start download: ${line}`)
    return { ok: false, line, because: say('pxe-client.scheme-not-built', { url }) }
  }
  const file = withoutPercents(name)
  const answer = yield* download(client, {
    server,
    file,
    sourcePort: client.randomPort(),
    options: tftpOptions(['blksize', 1432], ['tsize', 0]),
    retryMs: tftpRetryMs,
  })
  if (!answer.ok) return give(...tftpError(answer, profile, file, server))
  if (shownAs !== '') client.line(' ok')
  return { ok: true, head: answer.head, size: answer.size, url, server }
}

/** iPXE's dns.c: ENXIO where it has no server (2) and where a name does not exist (1). */
const nameErrors = {
  'no-server': [errors.noName, '3e11623b'],
  'no-name': [errors.noName, '3e11613b'],
  'no-record': [errors.noName, '3e11613b'],
  silent: [errors.timeout, '4c116035'],
} as const

/** By the first server of DHCPv6, else of a router, else of DHCP: this iPXE keeps one. */
function resolveName(
  client: ClientContext,
  { settings, ipv6 }: Pick<IpxeState, 'settings' | 'ipv6'>,
  name: string,
): Step<Resolved> {
  const server = dnsServerOf(settings.get('dns6') || settings.get('dns') || '')
  const list = ipv6?.reply && findDhcp6Option(ipv6.reply, dhcp6OptionCodes.searchList)?.data
  const domain = settings.get('domain') ?? ''
  const domains = list ? readDomainNames(list, 0).names.map((one) => one.name) : domain === '' ? [] : [domain]
  return resolveAsIpxe(client, server === undefined ? [] : [server], name, domains)
}

/** What a script means by a host: the address as it is written, or what DNS says of the name. */
export function* resolveHost(
  client: ClientContext,
  state: Pick<IpxeState, 'settings' | 'ipv6'>,
  host: string,
): Step<
  | { readonly ok: true; readonly address: IpAddress }
  | { readonly ok: false; readonly error: readonly [text: string, number: string]; readonly because: Phrase }
> {
  const written = dnsServerOf(host)
  if (written !== undefined) return { ok: true, address: written }
  const found = yield* resolveName(client, state, host)
  return found.ok ? found : { ok: false, error: nameErrors[found.why], because: found.because }
}

/**
 * iPXE's x509.c: a chain without a root that it trusts has no usable certificate (EACCES_USELESS); then dates (EACCES_EXPIRED) and name
 * (EACCES_WRONG_NAME). It asks for no length of keys.
 */
const certificateErrors = { authority: '0216eb3c', dates: '0216e43c', name: '0216ea3c', key: '0216eb3c' } as const

/** iPXE's `http_parse_status`. */
export function ipxeHttpError(status: number): [text: string, number: string] {
  if (status === 401) return [errors.denied, '020c613c']
  if (status === 403) return ['Operation not permitted', '410c613c']
  if (status === 404) return [errors.missing, '2d0c613b']
  return [errors.io, status < 500 ? '1d0c6439' : '1d0c6539']
}

/** iPXE's `tftp_errcode_to_rc`. */
function tftpError(
  lost: NotDownloaded,
  { site }: IpxeProfile,
  file: string,
  server: IpAddress,
): [text: string, number: string, because: Phrase] {
  const told = say('pxe-client.transfer', { file, server: at(server), message: lost.message })
  if (lost.why !== 'error') return [errors.timeout, '4c126035', told]
  if (lost.code === 2) return [errors.denied, '0212603c', told]
  if (lost.code === 4) return ['Inappropriate I/O control operation', '3d126001', told]
  if (lost.code !== 1) return ['Operation not supported', '3c126003', told]
  return site === 'http://ipxe.org' ? [errors.missing, '2d12603b', told] : ['Not found', '2d12613b', told]
}

/** An image that was loaded. */
export interface IpxeImage {
  name: string
  readonly fetched: Fetched
  arguments: string
}

/** What is carried from one boot to the next. */
export interface IpxeState {
  readonly profile: IpxeProfile
  readonly depth: number
  readonly settings: IpxeSettings
  /** What was loaded and not freed, the oldest first. */
  readonly images: IpxeImage[]
  selected: IpxeImage | undefined
  /** Commands of scripts that ran so far. */
  commands: number
  /** Scripts that wait for the one they loaded. */
  scripts: number
  configured: Configured | undefined
  /** What IPv6 brought; undefined where it is not built in, or not on this wire. */
  ipv6: Ipxe6 | undefined
  /** Option 60 among its settings, from earlier replies: it is sent instead of its own. */
  vendorClass: string | undefined
  isInScript: boolean
}

/** `dhcp` of a script and of autoboot: why there is no address; undefined where there is one. */
export function* configureNetwork(
  client: ClientContext,
  state: IpxeState,
  /** The one protocol that is asked for by name; both without. */
  only?: 'dhcp' | 'ipv6',
): Step<Phrase | undefined> {
  const { profile, settings } = state
  client.print(`Configuring ${only === undefined ? '' : `[${only}] `}(net0 ${client.macText})`)
  const begun = client.now
  const uuid = parseHex(client.uuidText.replaceAll('-', ''))!
  const { architecture, undi, quickMs: deafMs } = profile
  const isOn6 = profile.hasIpv6 && client.habits.ipv6 === true && only !== 'dhcp'
  const ipv6 = isOn6 ? new Ipxe6(client, { architecture, undi, uuid, deafMs }) : undefined
  const step = only === 'ipv6' ? notAsked() : configure(client, profile, state.vendorClass)
  const configured = yield* beside(step, ipv6, client)
  state.ipv6 = ipv6
  const has6 = ipv6 !== undefined && ipv6.why === ''
  const nothing = (because: Phrase): Phrase => {
    client.line(` ${errorText(profile, 'No configuration methods succeeded', '040ee119')}`)
    return because
  }
  if (isPhrase(configured)) {
    if (ipv6 && !has6)
      return nothing(only === 'ipv6' ? ipv6.why : say('pxe-client.over-ipv6', { configured, why: ipv6.why }))
    // Without IPv6 of its own here the wire has a router that says nothing of DHCPv6, or none.
    if (!ipv6 && (!profile.hasIpv6 || client.habits.ipv6Router === false || only !== undefined)) return nothing(configured) // prettier-ignore
    client.line(' ok')
    if (!ipv6) {
      client.line(`net0: ${addressOfMac(client.mac)}/64`)
      return configured
    }
    for (const line of ipv6.lines) client.line(`net0: ${line}`)
    state.configured = { lease: undefined, ack: blankMessage, boot: undefined, why: ipv6.url === '' ? say('pxe-client.no-boot-file-url-option', { configured }) : '' } // prettier-ignore
    keep6(settings, ipv6, '')
    return undefined
  }
  // Both protocols are configured at once, and the slower one decides.
  if (!ipv6 && profile.hasIpv6 && only === undefined && client.habits.ipv6Router === false)
    while (client.now < begun + ipv6RouterMs) yield begun + ipv6RouterMs
  client.line(' ok')
  const { lease, ack, boot } = configured
  const lacks6 = ipv6 !== undefined && (ipv6.why !== '' || ipv6.url === '')
  state.configured = configured.why === '' || !lacks6 ? configured : { ...configured, why: ipv6.why !== '' ? say('pxe-client.over-ipv6', { configured: configured.why, why: ipv6.why }) : say('pxe-client.no-boot-file-url-option', { configured: configured.why }) } // prettier-ignore
  state.vendorClass = vendorClassOf(boot ?? ack) || vendorClassOf(ack) || state.vendorClass
  const router = lease.router === 0 ? '' : ` gw ${formatIpv4(lease.router)}`
  client.line(`net0: ${formatIpv4(lease.address)}/${formatIpv4(lease.mask)}${router}`)
  for (const line of ipv6?.lines ?? (profile.hasIpv6 ? [`${addressOfMac(client.mac)}/64`] : []))
    client.line(`net0: ${line}`)
  const told = boot ?? ack
  const nextServer = told.siaddr || addressText(textOf(told, optionCodes.tftpServerName)) || 0
  settings.setReplies(ack, boot)
  settings.keep('ip', bytesOfU32(lease.address), 'ipv4').keep('dhcp-server', bytesOfU32(lease.server), 'ipv4')
  // A setting without its block is that of the lease, where the lease has one.
  const named = ack.siaddr || nextServer
  if (named !== 0) settings.keep('next-server', bytesOfU32(named), 'ipv4')
  else settings.clear('next-server')
  if (ipv6) keep6(settings, ipv6, bootFileOf(told))
  return undefined
}

/** DHCP is not to be asked. */
// eslint-disable-next-line require-yield
function* notAsked(): Step<Phrase> {
  return say('pxe-client.dhcp-not-asked')
}

/** What IPv6 told, as settings; the file that DHCP names stands before that of DHCPv6. */
function keep6(settings: IpxeSettings, ipv6: Ipxe6, file: string): void {
  const keep = (name: string, value: Uint8Array | undefined, type: string): void =>
    void (value ? settings.keep(name, value, type) : settings.clear(name))
  keep('ip6', parseIpv6(ipv6.addresses[0]?.address ?? ipv6.linkLocal), 'ipv6')
  keep('gateway6', parseIpv6(ipv6.gateway ?? ''), 'ipv6')
  const told = ipv6.reply && findDhcp6Option(ipv6.reply, dhcp6OptionCodes.dnsServers)?.data.subarray(0, 16)
  keep('dns6', told ?? parseIpv6(ipv6.router?.dns[0] ?? ''), 'ipv6')
  keep('filename', ipv6.url === '' || file !== '' ? undefined : encodeText(ipv6.url), 'string')
}

export const addressText = (name: string | undefined): number | undefined => {
  const match = name === undefined ? null : /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(name)
  return match ? match.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0) : undefined
}
