/** UEFI HTTP boot as EDK2 has it (HttpBootDxe): an offer of class HTTPClient with an address, HEAD, GET, and its texts. */
import { say, type Phrase } from '#messages/message.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { u32At } from '../../wire/bytes.ts'
import { dnsTypes } from '../../wire/dns.ts'
import {
  bootFileOf,
  broadcastFlag,
  findOptionData,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { failed, shown, type ClientContext, type ClientResult, type Firmware, type Step } from './client.ts'
import {
  addressOf,
  architectureOption,
  at,
  clientMessage,
  leaseOf,
  machineIdentifier,
  messageTypeOption,
  option,
  requestAddress,
  serverOfReply,
  vendorClassOption,
} from './dhcp-dialogue.ts'
import {
  bootOption,
  discover,
  discoverSecs,
  edk2DiscoverMs,
  failLine,
  ipv4Path,
  refusalOf,
  startFailLine,
  startLines,
} from './edk2-common.ts'
import { resolveAsEdk2, type Resolved } from './dns-lookup.ts'
import { fetchHttp, parseHttpAddress, type HttpResponse } from './http-fetch.ts'
import { rankOffers } from './offer-ranking.ts'

/** The driver's own words for the answers that fail (HttpBootPrintErrorMessage), whatever the server says beside them. */
const statusTexts: Readonly<Record<number, string>> = {
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  417: 'Expectation Failed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
}

/** As its screen has an answer that is no file. */
export const edk2StatusLine = (status: number, reason: string): string =>
  `${status >= 500 ? 'Server Error' : status >= 400 ? 'Client Error' : 'Redirection'}: ${status} ${statusTexts[status] ?? reason}`

interface HttpBootOptions {
  readonly architecture: number
  /** Its place in the boot order. */
  readonly option: number
  readonly xid: number
}

/** The driver's list; a garbage octet stands where 66 should. */
const requestedParameters = Uint8Array.of(
  1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 0xeb, 67, 97,
) // prettier-ignore
const httpWaitMs = 20_000
const path = `${ipv4Path}/Uri()`

export function* bootOverHttp(client: ClientContext, options: HttpBootOptions): Step<ClientResult> {
  const { architecture, xid } = options
  const name = bootOption(client, options.option, 'HTTPv4')
  const giveUp = (lines: readonly string[], because: Phrase, status?: string): ClientResult => {
    for (const line of lines) client.line(`  ${line}`)
    client.line(failLine(client, name, path, status))
    return failed('', lines.at(-1) ?? '', because)
  }
  const maximumSize: DhcpOption = option(optionCodes.maximumMessageSize, 5, 0xc0)
  const identification: DhcpOption[] = [
    maximumSize,
    { code: optionCodes.parameterRequestList, data: requestedParameters },
    machineIdentifier(client),
    option(optionCodes.networkInterface, 1, 3, 0),
    architectureOption(architecture),
    vendorClassOption('HTTPClient', architecture, '003000'),
  ]
  client.line('>>Start HTTP Boot over IPv4.')
  const { offers, choice } = yield* discover(
    client,
    xid,
    (secs) =>
      clientMessage(client, { xid, secs, flags: broadcastFlag }, [
        messageTypeOption(messageTypes.discover),
        ...identification,
      ]),
    () => true,
    (list) => rankOffers('edk2-http', list.traits),
    edk2DiscoverMs,
  )
  if (choice.address === undefined)
    return giveUp(
      [noSize, 'Error: Server response timeout.'],
      offers.list.length === 0
        ? say('pxe-client.no-offer-came-60-seconds')
        : say('pxe-client.no-http-offer', { offers: offers.describe() }),
    )
  const offer = offers.list[choice.address]!
  const boot = offers.list[choice.boot ?? choice.address]!
  const acknowledged = yield* requestAddress(
    client,
    xid,
    (turn) =>
      clientMessage(client, { xid, secs: discoverSecs[turn]!, flags: broadcastFlag }, [
        messageTypeOption(messageTypes.request),
        addressOf(optionCodes.serverIdentifier, serverOfReply(offer)),
        addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
        ...identification,
      ]),
    edk2DiscoverMs,
  )
  if (typeof acknowledged === 'string')
    return giveUp([noSize, 'Error: Server response timeout.'], say('pxe-client.its-request-unconfirmed'))
  const lease = leaseOf(acknowledged.message, acknowledged.source)
  client.configure(lease)
  client.stage('address', say('pxe-client.has-address', { address: at(lease.address) }))
  client.line(`  Station IP address is ${shown(lease.address)}`)
  const uri = bootFileOf(boot.message)
  return yield* loadOverHttp(client, {
    architecture,
    name,
    path,
    uri,
    ack: acknowledged.message,
    reply: boot.message,
    // HttpBootRegisterIp4Dns: the servers of the offer whose address it took.
    resolve: (host) => resolveAsEdk2(client, dnsServersOf(offer.message), host, dnsTypes.a),
  })
}

const dnsServersOf = (message: DhcpMessage): number[] => {
  const data = findOptionData(message, optionCodes.domainNameServer) ?? new Uint8Array()
  return Array.from({ length: data.length >> 2 }, (_, at) => u32At(data, at * 4))
}

export interface HttpTarget {
  readonly architecture: number
  /** Of the boot option, and its device path. */
  readonly name: string
  readonly path: string
  readonly uri: string
  readonly ack: DhcpMessage
  readonly reply: DhcpMessage
  /** What the host in the address is, where it is a name. */
  readonly resolve: (host: string) => Step<Resolved>
  /** The file is there, and is about to be started. */
  readonly onLoaded?: () => void
}

export const noSize = 'Error: Could not retrieve NBP file size from HTTP server.'

/** What follows once the address is there, over either family: HEAD, GET, Secure Boot, the start. */
export function* loadOverHttp(client: ClientContext, target: HttpTarget): Step<ClientResult> {
  const { architecture, name, path, uri } = target
  const giveUp = (lines: readonly string[], because: Phrase, status?: string): ClientResult => {
    for (const line of lines) client.line(`  ${line}`)
    client.line(failLine(client, name, path, status))
    return failed('', lines.at(-1) ?? '', because)
  }
  client.stage('file', uri)
  const place = parseHttpAddress(uri)
  const { tls: trust } = client.habits
  // As OVMF 2022.11 without a variable TlsCaCertificate (GUID fd2340d0-3dab-4349-a6c7-3b4f12b48eae): TLS cannot be set up.
  if (place?.isSecure === true && (trust?.authorities ?? []).length === 0) {
    client.line(`  URI: ${uri}`)
    return giveUp(
      [noSize, 'Error: Remote boot cancelled.'],
      say('pxe-client.trusts-no-certificate-authority-before', { uri }),
    )
  }
  if (!place) {
    client.line(`  URI: ${uri}`)
    return giveUp(['Error: Invalid URI address.'], say('pxe-client.no-http-address', { uri }))
  }
  let { address } = place
  if (address === undefined) {
    let found = yield* target.resolve(place.host)
    if (!found.ok) {
      // HEAD asked, and GET asks after it (HttpDns4 of HttpDxe).
      client.line(`  URI: ${uri}`)
      found = yield* target.resolve(place.host)
      if (!found.ok) return giveUp([noSize, 'Error: Unexpected network error.'], found.because)
    }
    ;({ address } = found)
  }
  yield* client.sleep(20)
  let sourcePort = 1025 + Math.floor(client.random() * 1000)
  const request = {
    address,
    ...(place.address === undefined ? { host: place.host } : {}),
    port: place.port,
    path: place.path,
    agent: 'UefiHttpBoot/1.0',
    waitMs: httpWaitMs,
    ...(place.isSecure && trust ? { tls: { host: place.host, trust, software: 'edk2' as const } } : {}),
  }
  const told = (answer: HttpResponse): void => {
    if (answer.ok && answer.status !== 200) client.line(`  ${edk2StatusLine(answer.status, answer.reason)}`)
  }
  let size = yield* fetchHttp(client, { ...request, method: 'HEAD', sourcePort })
  told(size)
  // The address appears with GET, of which nothing is seen where HEAD found nobody (HttpBootCallback).
  client.line(`  URI: ${uri}`)
  if (size.ok && (size.status !== 200 || size.size === 0)) {
    // What HEAD does not tell, GET may (HttpBootGetBootFileCaller).
    size = yield* fetchHttp(client, { ...request, method: 'GET', sourcePort: ++sourcePort })
    told(size)
  }
  const refused = (answer: typeof size): ClientResult => {
    if (!answer.ok && answer.why === 'certificate')
      return giveUp([noSize, 'Error: Unexpected network error.'], answer.refusal.because)
    if (!answer.ok && answer.why === 'alert')
      return giveUp(
        [noSize, 'Error: Remote boot cancelled.'],
        say('pxe-client.refused-tls-handshake-no-cipher', { host: place.host }),
      )
    if (!answer.ok && answer.why === 'no-tls')
      return giveUp(
        [noSize, 'Error: Remote boot cancelled.'],
        say('pxe-client.does-not-speak-tls-tcp', { host: place.host, port: place.port }),
      )
    if (!answer.ok)
      return giveUp(
        [noSize, answer.why === 'silent' ? 'Error: Server response timeout.' : 'Error: Unexpected network error.'],
        answer.why === 'silent'
          ? say('pxe-client.does-not-answer-tcp-port', { host: place.host, port: place.port })
          : say('pxe-client.nothing-listens-tcp-port', { port: place.port, host: place.host }),
      )
    return giveUp(
      [noSize, 'Error: Unexpected network error.'],
      say('pxe-client.web-server-answered', { status: answer.status, path: place.path }),
    )
  }
  if (!size.ok || size.status !== 200) return refused(size)
  client.line(`  File Size: ${size.size} Bytes`)
  let percent = 0
  const loaded = yield* fetchHttp(client, {
    ...request,
    method: 'GET',
    sourcePort: ++sourcePort,
    onProgress: (received, total) => {
      const now = Math.floor((received * 100) / total)
      if (now > percent) client.print(`\r  Downloading...${(percent = now)}%`)
    },
  })
  if (!loaded.ok || loaded.status !== 200) return refused(loaded)
  client.line()
  target.onLoaded?.()
  client.stage('program', uri)
  const refusal = refusalOf(client, architecture, loaded.head, place.path)
  if (refusal?.isLoading === true) client.line(startLines(client, name, path)[0])
  if (refusal !== undefined) return giveUp([], refusal.because, refusal.status)
  for (const line of startLines(client, name, path)) client.line(line)
  const end = yield* client.run(
    client,
    {
      platform: 'uefi',
      architecture,
      server: address,
      file: place.path,
      ack: target.ack,
      reply: target.reply,
      transport: 'http',
      port: place.port,
      failedToStart: (status) => startFailLine(client, name, path, status),
    },
    loaded.head,
  )
  return end === 'returned' ? giveUp([], say('pxe-client.ended-itself', { path: place.path })) : end
}

export const edk2HttpFirmware =
  (architecture: number): Firmware =>
  (client) =>
    bootOverHttp(client, { architecture, option: 1, xid: client.randomU32() })
