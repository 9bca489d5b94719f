/**
 * PXE and HTTP boot over IPv6 as EDK2 has them (UefiPxeBcDxe, HttpBootDxe over Dhcp6Dxe): its clock, which ADVERTISE it takes, the
 * boot file URL, port 4011 of a server that names itself PXEClient, and its texts.
 */
import { say, type Phrase } from '#messages/message.ts'
import { bytesOfU16, parseIpv6, formatIpv6, decodeText } from '../../wire/bytes.ts'
import { encodeDhcp6, vendorClassOption, type EncodableOption6 } from '../../wire/dhcpv6/encode.ts'
import {
  addressesOf,
  bootUrlOf,
  dhcp6Types,
  failedStatusOf,
  findDhcp6Option,
  vendorClassesOf,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { blankMessage } from '../../wire/dhcp/message.ts'
import { dnsTypes } from '../../wire/dns.ts'
import { intelEnterprise } from '../../wire/iana/enterprises.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { dhcp6Groups, type IpEndpoint } from '../machine.ts'
import { failed, type ClientContext, type ClientResult, type Firmware, type Step } from './client.ts'
import { bootFromTftp, e16, type Lost } from './edk2-tftp.ts'
import { bootOption, failLine, httpArchitecture, ipv6Path } from './edk2-common.ts'
import { resolveAsEdk2, type Resolved } from './dns-lookup.ts'
import { loadOverHttp, noSize } from './edk2-http.ts'
import { parseHttpAddress } from './http-fetch.ts'
import {
  elapsed,
  emptyIa,
  iaOf,
  Ip6Stack,
  optionRequest,
  preferenceOf,
  type Binding6,
  type Heard6,
} from './ip6-stack.ts'

/**
 * Waits after each SOLICIT: 4, 8, 16 and 32 s, and the second in which its timer finds that they are over (Dhcp6Dxe); the first is
 * short by where the timer's tick stands.
 */
const solicitMs = [4900, 9000, 17_000, 33_000]
const requestMs = [2000, 3000, 5000, 9000, 17_000, 31_000, 31_000, 31_000, 31_000, 31_000]
/** From the start of the network card to the first SOLICIT (measured with OVMF). */
const startMs = 3250
/** How long it looks, second for second, for a route to its server, and goes on without one. */
const routeMs = 10_000
/** Until the network card takes an address that nobody else answers for: before the probe, and after. */
const probeMs = [200, 1000] as const
/** PXEBC_UDP_TIMEOUT: what port 4011 has to answer in. */
const bootServerMs = 3000
const bootServerPort = 4011
/** What fits into the least MTU of IPv6. */
const blockSize = 1228
const infinityPreference = 255
/** Where the server is a name, the route is looked for to this: a router's default route leads there, and no prefix. */
const unspecified = '::'

interface Kind {
  readonly name: 'PXEClient' | 'HTTPClient'
  readonly architecture: number
}

const options = ({ name, architecture }: Kind): EncodableOption6[] => [
  optionRequest(
    dhcp6OptionCodes.bootFileUrl,
    dhcp6OptionCodes.bootFileParameters,
    dhcp6OptionCodes.dnsServers,
    dhcp6OptionCodes.vendorClass,
  ),
  { code: dhcp6OptionCodes.networkInterface, data: Uint8Array.of(1, 3, 0) },
  { code: dhcp6OptionCodes.architecture, data: bytesOfU16(architecture) },
  vendorClassOption(intelEnterprise, [`${name}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`]),
]

/** How it names an address: every group, in capitals (PxeBcShowIp6Addr). */
export function shown6(address: string): string {
  const bytes = parseIpv6(address)!
  return Array.from({ length: 8 }, (_, at) => ((bytes[at * 2]! << 8) | bytes[at * 2 + 1]!).toString(16)).join(':').toUpperCase() // prettier-ignore
}

/** Which class a server names itself by, as the drivers read option 16: the first class, of Intel's number. */
const classIs = (message: Dhcp6Message, name: string): boolean =>
  vendorClassesOf(message)
    .slice(-1)
    .some(({ enterprise, classes }) => enterprise === intelEnterprise && (classes[0] ?? '').startsWith(name))

const hasAddress = (message: Dhcp6Message): boolean => addressesOf(message).length > 0

const describe = ({ message, source }: Heard6): Phrase => {
  const url = bootUrlOf(message)
  return say('pxe-client.advertise', {
    source,
    hasAddress: hasAddress(message) ? 'yes' : 'no',
    hasUrl: url === '' ? 'no' : 'yes',
    url,
  })
}

interface Chosen {
  /** Whose address is taken. */
  readonly address: Heard6
  /** Who says what to boot, where that is somebody else or has to be asked on port 4011. */
  readonly asks: readonly Heard6[]
}

type Solicited =
  | { readonly state: 'chosen'; readonly chosen: Chosen; readonly xid: number }
  /** Something came, and none of it can be taken: it does not go on waiting. */
  | { readonly state: 'none-suits' | 'silent'; readonly heard: readonly Heard6[] }

/** SOLICIT until an ADVERTISE can be taken: it collects for the whole of the first wait, and then takes the first that comes. */
function* solicit(
  stack: Ip6Stack,
  kind: Kind,
  iaid: number,
  choose: (heard: readonly Heard6[]) => Chosen | undefined,
): Step<Solicited> {
  const { client } = stack
  const xid = stack.nextXid()
  const begun = client.now
  const heard: Heard6[] = []
  const useless: Heard6[] = []
  for (const [index, wait] of solicitMs.entries()) {
    client.stage(
      'discover',
      say('pxe-client.sent-of', { message: 'SOLICIT', turn: index + 1, of: solicitMs.length }),
      index + 1,
    )
    stack.send(dhcp6Types.solicit, xid, [elapsed(client.now - begun), emptyIa(iaid), ...options(kind)])
    const until = client.now + wait
    while (client.now < until) {
      const one = stack.answerIn(yield* stack.wait(until), xid)
      if (one?.message.type !== dhcp6Types.advertise) continue
      client.stage('offer', describe(one))
      // One that says that it has no address counts as none (RFC 8415 section 18.2.9).
      if (failedStatusOf(one.message)) {
        useless.push(one)
        continue
      }
      heard.push(one)
      if (index > 0 || preferenceOf(one.message) === infinityPreference) break
    }
    if (heard.length === 0) continue
    const chosen = choose(heard)
    return chosen ? { state: 'chosen', chosen, xid } : { state: 'none-suits', heard }
  }
  return { state: 'silent', heard: useless }
}

/** REQUEST until the REPLY comes. */
function* request(stack: Ip6Stack, kind: Kind, iaid: number, from: Heard6): Step<Binding6 | undefined> {
  const { client } = stack
  const xid = stack.nextXid()
  const begun = client.now
  const server = findDhcp6Option(from.message, dhcp6OptionCodes.serverIdentifier)!.data
  for (const wait of requestMs) {
    client.stage('request', 'REQUEST')
    stack.send(dhcp6Types.request, xid, [
      elapsed(client.now - begun),
      { code: dhcp6OptionCodes.serverIdentifier, data: server },
      iaOf(from.message),
      ...options(kind),
    ])
    const until = client.now + wait
    while (client.now < until) {
      const heard = stack.answerIn(yield* stack.wait(until), xid)
      const binding = heard?.message.type === dhcp6Types.reply ? stack.bindingIn(heard, iaid) : undefined
      if (binding) return binding
    }
  }
  return undefined
}

/** The network card gets the address: a route is looked for, the address probed. */
function* register(stack: Ip6Stack, binding: Binding6, server: string | undefined): Step<void> {
  const { client } = stack
  const { address } = binding.given
  if (server === undefined || !stack.hasRouteTo(server)) yield* stack.sleep(routeMs)
  stack.giveUpOwn()
  yield* stack.sleep(probeMs[0])
  stack.takeForBoot(address)
  yield* stack.sleep(probeMs[1])
  stack.use()
  client.stage('address', say('pxe-client.has-address', { address: address }))
}

interface TftpUrl {
  /** An IPv6 address, or the name of a host (`isName`), which it asks the DNS servers of option 23 for. */
  readonly server: string
  readonly isName: boolean
  /** Whether that name is an IPv6 address that only lacks its brackets. */
  readonly isBare: boolean
  readonly file: string
}

/** What is wrong with a server that is a name to this firmware and that no DNS server can be asked for. */
const formOf = ({ server, isBare }: TftpUrl): { readonly server: string; readonly form: 'bare' | 'name' } => ({
  server,
  form: isBare ? 'bare' : 'name',
})

/**
 * `tftp://[2001:db8::1]/boot/x.efi;mode=octet`: server and file, or what the driver's text is for a URL that it cannot read
 * (PxeBcExtractBootFileUrl). What is in no brackets is a name to it, an address too.
 */
export function readTftpUrl(url: string): TftpUrl | Lost {
  if (!url.startsWith('tftp://') || url.length === 7)
    return { code: 'PXE-E53', text: 'No boot filename received.', because: say('pxe-client.url-not-tftp', { url }) }
  const unreadable = (because: Phrase): Lost => ({ code: 'PXE-E99', text: 'Unexpected network error.', because })
  const match = /^tftp:\/\/(?:\[([^\]]*)\]|([^[/][^/]*))\/(.*)$/s.exec(url)
  const [, address, name, path = ''] = match ?? []
  const octets = address === undefined ? undefined : parseIpv6(address)
  if (!octets && name === undefined) return unreadable(say('pxe-client.does-not-name-server-ipv6', { url }))
  const file = path.replace(/;mode=octet$/, '')
  if (file.includes(';mode=')) return unreadable(say('pxe-client.asks-another-mode-than-octet', { url }))
  return { server: octets ? formatIpv6(octets) : name!, isName: !octets, isBare: name !== undefined && parseIpv6(name) !== undefined, file: file.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => decodeText(Uint8Array.of(parseInt(hex, 16)))) } // prettier-ignore
}

/** DNS servers of option 23 (RFC 3646 section 3); EDK2 asks the first alone. */
const dnsServersOf = (message: Dhcp6Message): string[] => {
  const data = findDhcp6Option(message, dhcp6OptionCodes.dnsServers)?.data ?? new Uint8Array()
  return Array.from({ length: data.length >> 4 }, (_, at) => formatIpv6(data, at * 16))
}

/**
 * What PXE shows where a name has no address: PxeBcExtractBootFileUrl passes on how the question ended, and the driver has a text for
 * each (PxeBcLoadBootFile). Without a server the resolver is given none and refuses.
 */
function nameLost({ why, because }: Extract<Resolved, { readonly ok: false }>, target: TftpUrl): Lost {
  switch (why) {
    case 'no-server':
      return { code: 'PXE-E99', text: 'Unexpected network error.', because: say('pxe-client.server-name-no-dns6', formOf(target)) } // prettier-ignore
    case 'no-name':
      return { code: 'PXE-E53', text: 'No boot filename received.', because }
    case 'no-record':
      return { code: 'PXE-E07', text: 'Network device error.', because }
    case 'silent':
      return { code: 'PXE-E18', text: 'Server response timeout.', because }
  }
}

/** The same of HTTP boot (HttpBootLoadFile), behind its two lines. */
const httpNameLost = {
  'no-server': 'Error: Unexpected network error.',
  'no-name': 'Error: Unexpected network error.',
  'no-record': 'Error: Network device error.',
  silent: 'Error: Server response timeout.',
} as const

/** The server that a URL of any scheme names by an address; undefined where it is a name. */
const serverIn = (url: string): string | undefined => {
  const octets = parseIpv6(/^\w+:\/\/\[([^\]]*)\]/.exec(url)?.[1] ?? '')
  return octets && formatIpv6(octets)
}

/** Whereto a route is looked for. */
const routedTo = (url: string): string | undefined => serverIn(url) ?? (url === '' ? undefined : unspecified)

/** PxeBcSelectDhcp6Offer: one that names itself PXEClient, one beside a proxy that does, one with a boot file URL. */
function choosePxe(heard: readonly Heard6[]): Chosen | undefined {
  const isBinl = ({ message }: Heard6): boolean => classIs(message, 'PXEClient')
  const binl = heard.find((one) => hasAddress(one.message) && isBinl(one))
  if (binl) return { address: binl, asks: [binl] }
  const plain = heard.filter((one) => hasAddress(one.message))
  const proxies = heard.filter((one) => !hasAddress(one.message) && isBinl(one))
  if (plain.length > 0 && proxies.length > 0) return { address: plain[0]!, asks: proxies }
  const withUrl = plain.find((one) => bootUrlOf(one.message) !== '')
  return withUrl && { address: withUrl, asks: [] }
}

/** The REQUEST without addresses to port 4011, once; it waits three seconds (PxeBcRetryDhcp6Binl). */
function* askBootServer6(stack: Ip6Stack, kind: Kind, offer: Heard6): Step<Dhcp6Message | undefined> {
  const { client } = stack
  const url = bootUrlOf(offer.message)
  const target = url === '' ? dhcp6Groups[0]! : serverIn(url)
  if (target === undefined) return undefined
  const { xid } = offer.message
  const destination: IpEndpoint = { address: target, port: bootServerPort }
  client.stage('boot-server', say('pxe-client.asks-port', { server: target, port: bootServerPort }))
  const payload = encodeDhcp6({
    type: dhcp6Types.request,
    xid,
    options: [
      { code: dhcp6OptionCodes.serverIdentifier, data: findDhcp6Option(offer.message, dhcp6OptionCodes.serverIdentifier)!.data },
      { code: dhcp6OptionCodes.clientIdentifier, data: stack.duid },
      elapsed(0),
      ...options(kind),
    ],
  }) // prettier-ignore
  client.send(bootServerPort, destination, payload)
  const until = client.now + bootServerMs
  while (client.now < until) {
    const heard = stack.answerIn(yield* stack.wait(until), xid, bootServerPort)
    if (heard && bootUrlOf(heard.message) !== '') return heard.message
  }
  return undefined
}

/** A size that option 60 tells in blocks of 512 bytes, as the driver reads every parameter there is; `undefined` where it is none. */
export function sizeIn(message: Dhcp6Message): { readonly bytes: number | undefined } | undefined {
  const data = findDhcp6Option(message, dhcp6OptionCodes.bootFileParameters)?.data
  if (!data) return undefined
  const length = (data[0]! << 8) | (data[1] ?? 0)
  const text = decodeText(data.subarray(2, 2 + length))
  const blocks = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  return { bytes: blocks > 0xffff ? undefined : blocks * 512 }
}

/** Giving the address back, once, and leaving the network card to what comes next. */
function leaving(stack: Ip6Stack, binding: () => Binding6 | undefined): { giveBack: () => void; leave: () => void } {
  let isBack = false
  const giveBack = (): void => {
    const given = binding()
    if (given && !isBack) stack.release(given)
    isBack = true
  }
  const leave = (): void => {
    giveBack()
    stack.leave()
  }
  return { giveBack, leave }
}

type Addressed =
  | { readonly chosen: Chosen; readonly binding: Binding6 }
  /** Why there is none; where none of several suits, what came. */
  | { readonly why: 'none-suits' | 'silent'; readonly because: Phrase }

/** From the start of the network card to the REPLY that gives the address. */
function* addressFor(
  stack: Ip6Stack,
  kind: Kind,
  choose: (heard: readonly Heard6[]) => Chosen | undefined,
): Step<Addressed> {
  yield* untilStarted(stack)
  const iaid = stack.client.randomU32()
  const solicited = yield* solicit(stack, kind, iaid, choose)
  if (solicited.state !== 'chosen') {
    const { state, heard } = solicited
    if (state === 'none-suits') return { why: state, because: say('pxe-client.all-of', { names: heard.map(describe) }) }
    const nobody = say('pxe-client.no-advertise-came-four-solicits')
    return {
      why: state,
      because:
        heard.length === 0 ? nobody : say('pxe-client.no-advertise-has-address', { advertise: describe(heard[0]!) }),
    }
  }
  const { chosen } = solicited
  const binding = yield* request(stack, kind, iaid, chosen.address)
  return binding
    ? { chosen, binding }
    : { why: 'silent', because: say('pxe-client.request-at-unanswered', { server: chosen.address.source }) }
}

/** One attempt to boot by PXE over IPv6. */
export function* pxeOver6(
  client: ClientContext,
  stack: Ip6Stack,
  architecture: number,
  option: number,
): Step<ClientResult> {
  const kind: Kind = { name: 'PXEClient', architecture }
  const name = bootOption(client, option, 'PXEv6')
  let binding: Binding6 | undefined
  const { giveBack, leave } = leaving(stack, () => binding)
  const giveUp = ({ code, text, because }: Lost): ClientResult => {
    const line = `${code}: ${text}`
    client.line(`  ${line}`)
    client.line(failLine(client, name, ipv6Path))
    leave()
    return failed(code, line, because)
  }
  client.line('>>Start PXE over IPv6.')
  const given = yield* addressFor(stack, kind, choosePxe)
  if ('because' in given) {
    if (given.why === 'none-suits')
      return giveUp({
        code: 'PXE-E21',
        text: 'Remote boot cancelled.',
        because: say('pxe-client.no-advertise-both', { because: given.because }),
      })
    return giveUp(e16(given.because))
  }
  const { asks } = given.chosen
  binding = given.binding
  let told = binding.reply
  yield* register(stack, binding, routedTo(bootUrlOf(told)))
  client.line(`  Station IP address is ${shown6(binding.given.address)}`)
  if (asks.length > 0) {
    let answer: Dhcp6Message | undefined
    for (const one of asks) {
      answer = yield* askBootServer6(stack, kind, one)
      if (answer) break
    }
    if (!answer) return giveUp(e16(say('pxe-client.names-itself-pxeclient-option-16', { asks: asks.map(describe) })))
    told = answer
  }
  const url = bootUrlOf(told)
  if (url === '')
    return giveUp({ code: 'PXE-E53', text: 'No boot filename received.', because: say('pxe-client.reply-no-url') }) // prettier-ignore
  const target = readTftpUrl(url)
  if ('because' in target) return giveUp(target)
  let { server } = target
  if (target.isName) {
    const servers = dnsServersOf(given.chosen.address.message)
    const found = yield* resolveAsEdk2(client, servers.slice(0, 1), target.server, dnsTypes.aaaa, (until) => stack.wait(until)) // prettier-ignore
    if (!found.ok) return giveUp(nameLost(found, target))
    server = formatIp(found.address)
  }
  const size = sizeIn(told)
  if (size && size.bytes === undefined)
    return giveUp({
      code: 'PXE-E53',
      text: 'No boot filename received.',
      because: say('pxe-client.size-no-number'),
    })
  const result = yield* bootFromTftp(client, {
    architecture,
    name,
    path: ipv6Path,
    server,
    file: target.file,
    blockSize,
    size: size?.bytes,
    show: shown6,
    ack: blankMessage,
    reply: blankMessage,
    letGo: giveBack,
  })
  if (result.state === 'failed') leave()
  return result
}

const hasDns = ({ message }: Heard6): boolean => findDhcp6Option(message, dhcp6OptionCodes.dnsServers) !== undefined
const isHttpOffer = ({ message }: Heard6): boolean => classIs(message, 'HTTPClient') && bootUrlOf(message) !== ''
const namesAddress = ({ message }: Heard6): boolean => serverIn(bootUrlOf(message)) !== undefined

/**
 * HttpBootSelectDhcpOffer: an address and the URL from one, a URL with an address before one with a name; else from two. A name is of
 * use only beside a DNS server, from whoever gives the address.
 */
function chooseHttp(heard: readonly Heard6[]): Chosen | undefined {
  const withAddress = heard.filter((one) => hasAddress(one.message))
  const whole = withAddress.filter(isHttpOffer)
  const alone =
    whole.find((one) => namesAddress(one) && !hasDns(one)) ??
    whole.find(namesAddress) ??
    whole.find((one) => hasDns(one))
  if (alone) return { address: alone, asks: [] }
  const plain = withAddress.filter((one) => !classIs(one.message, 'HTTPClient'))
  const plainDns = plain.find(hasDns)
  const proxies = heard.filter((one) => !hasAddress(one.message) && isHttpOffer(one))
  const proxy = proxies.find(namesAddress)
  const plainOnly = plain.find((one) => !hasDns(one)) ?? plainDns
  if (proxy && plainOnly) return { address: plainOnly, asks: [proxy] }
  const named = proxies.find((one) => !namesAddress(one)) ?? whole.find((one) => !namesAddress(one) && !hasDns(one))
  return named && plainDns ? { address: plainDns, asks: [named] } : undefined
}

/** What EDK2 makes of ADVERTISEs: whose address it takes, whom it asks on port 4011, and why it takes or drops each. */
export function choiceOver6(
  kind: 'PXEClient' | 'HTTPClient',
  heard: readonly Heard6[],
): { readonly address: Heard6 | undefined; readonly asks: readonly Heard6[]; readonly reasons: readonly Phrase[] } {
  const usable = heard.filter((one) => !failedStatusOf(one.message))
  const chosen = kind === 'PXEClient' ? choosePxe(usable) : chooseHttp(usable)
  const reasonOf = (one: Heard6): Phrase => {
    const url = bootUrlOf(one.message)
    if (failedStatusOf(one.message)) return say('pxe-client.dropped-says-no-address')
    if (chosen?.address === one && chosen.asks.includes(one)) return say('pxe-client.taken-names-itself-pxeclient-option') // prettier-ignore
    if (chosen?.address === one) {
      const target = kind === 'PXEClient' && chosen.asks.length === 0 ? readTftpUrl(url) : undefined
      if (target && 'because' in target)
        return say('pxe-client.taken-boot-ends', { code: target.code, because: target.because })
      if (target?.isName !== true) return say('pxe-client.taken')
      if (target.isBare) return say('pxe-client.taken-boot-ends-without-brackets', { server: target.server })
      return findDhcp6Option(one.message, dhcp6OptionCodes.dnsServers)
        ? say('pxe-client.taken-asks-dns-server-option', { server: target.server })
        : say('pxe-client.taken-boot-ends-name-answer', { server: target.server })
    }
    if (chosen?.asks.includes(one)) return say('pxe-client.asked-boot-names-itself-class')
    if (!hasAddress(one.message)) return say('pxe-client.dropped-no-address')
    if (url === '') return say('pxe-client.dropped-no-boot-file-url')
    if (kind === 'HTTPClient' && isHttpOffer(one) && !namesAddress(one) && !hasDns(one)) return say('pxe-client.dropped-no-dns6') // prettier-ignore
    if (kind === 'HTTPClient' && !classIs(one.message, 'HTTPClient')) return say('pxe-client.dropped-lacks-vendor-class-httpclient') // prettier-ignore
    return say('pxe-client.dropped-another-one-came-first')
  }
  return { address: chosen?.address, asks: chosen?.asks ?? [], reasons: heard.map(reasonOf) }
}

/** One attempt to boot by HTTP over IPv6. */
export function* httpOver6(
  client: ClientContext,
  stack: Ip6Stack,
  architecture: number,
  option: number,
): Step<ClientResult> {
  const kind: Kind = { name: 'HTTPClient', architecture }
  const name = bootOption(client, option, 'HTTPv6')
  const path = `${ipv6Path}/Uri()`
  let binding: Binding6 | undefined
  const { giveBack, leave } = leaving(stack, () => binding)
  const giveUp = (error: string, because: Phrase): ClientResult => {
    const lines = [noSize, error]
    for (const line of lines) client.line(`  ${line}`)
    client.line(failLine(client, name, path))
    leave()
    return failed('', error, because)
  }
  client.line('>>Start HTTP Boot over IPv6.')
  const given = yield* addressFor(stack, kind, chooseHttp)
  if ('because' in given)
    return given.why === 'none-suits'
      ? giveUp(
          'Error: Remote boot cancelled.',
          say('pxe-client.no-advertise-vendor-class-httpclient', { because: given.because }),
        )
      : giveUp('Error: Unexpected network error.', given.because)
  const { address: from, asks } = given.chosen
  binding = given.binding
  client.line(`  Station IPv6 address is ${shown6(binding.given.address)}`)
  const uri = bootUrlOf((asks[0] ?? from).message)
  yield* register(stack, binding, routedTo(uri))
  const place = parseHttpAddress(uri)
  let found: Resolved | undefined
  if (place && place.address === undefined) {
    const servers = dnsServersOf(from.message)
    found = yield* resolveAsEdk2(client, servers, place.host, dnsTypes.aaaa, (until) => stack.wait(until))
    if (!found.ok) {
      client.line('  Error: Could not retrieve the host address from DNS server.')
      return giveUp(httpNameLost[found.why], found.because)
    }
  }
  const result = yield* loadOverHttp(client, {
    architecture,
    name,
    path,
    uri,
    ack: blankMessage,
    reply: blankMessage,
    // HttpDxe asks once more, and is told from what the resolver keeps.
    // eslint-disable-next-line require-yield
    resolve: function* () {
      return found!
    },
    // The driver is done with it then, and gives the lease back before the program starts.
    onLoaded: giveBack,
  })
  if (result.state === 'failed') leave()
  return result
}

/** The network card was started a while ago, or starts now. */
function* untilStarted(stack: Ip6Stack): Step<void> {
  yield* stack.sleep(Math.max(0, stack.startedAt + startMs - stack.client.now))
}

/** A machine whose setup has IPv6 alone switched on, with these in its boot order. */
export const edk2Over6 = (order: readonly ('pxe' | 'http')[], architecture: number): Firmware =>
  function* (client) {
    const stack = new Ip6Stack(client)
    let first: ClientResult | undefined
    for (const [index, kind] of order.entries()) {
      const result =
        kind === 'pxe'
          ? yield* pxeOver6(client, stack, architecture, index + 1)
          : yield* httpOver6(client, stack, httpArchitecture(architecture), index + 1)
      if (result.state !== 'failed') return result
      first ??= result
      yield* client.sleep(7)
    }
    return first!
  }
