/**
 * The PXE driver of UEFI firmware as EDK2 has it (UefiPxeBcDxe), today's: retry clock, the messages byte for byte, which
 * offers it keeps and takes, port 4011 from port 4011, the size probe before the download, and its texts.
 */

import { say } from '#messages/message.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import {
  bootFileOf,
  broadcastFlag,
  findOptionData,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { encodePxeVendorOptions, findSubOption, readBootItem } from '../../wire/dhcp/spaces.ts'
import { u32At } from '../../wire/bytes.ts'
import { limitedBroadcast, type Endpoint } from '../machine.ts'
import { failed, shown, type ClientContext, type ClientResult, type Firmware, type Lease, type Step } from './client.ts'
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
  option,
  replyIn,
  requestAddress,
  serverOfReply,
  vendorClassOption,
  type Offer,
} from './dhcp-dialogue.ts'
import { bootFromTftp, e16, e18, type Lost } from './edk2-tftp.ts'
import { httpOver6, pxeOver6 } from './edk2-ipv6.ts'
import { Ip6Stack } from './ip6-stack.ts'
import { rankOffers } from './offer-ranking.ts'
import { chooseFromMenu } from './boot-menu.ts'
import {
  bootOption,
  discover,
  discoverSecs,
  edk2DiscoverMs,
  failLine,
  httpArchitecture,
  ipv4Path,
} from './edk2-common.ts'
import { bootOverHttp } from './edk2-http.ts'

export type NextOption = 'ipv6' | 'http' | 'http6' | 'shell'

export interface Edk2Variant {
  readonly architecture: number
  /** Which proxyDHCP offers it remembers. */
  readonly keepsProxy: 'all' | 'without-pxe-options' | 'none'
  /** What it tries when PXE failed. */
  readonly next: readonly NextOption[]
}

const bootServerMs = [1000, 2000, 3000, 4000]
/** What a message takes on its way through the driver. */
const settleMs = 5

const hex = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, index) => parseInt(digits.slice(index * 2, index * 2 + 2), 16))

const requestedParameters = hex('0102030405060c0d0f111216171c28292a2b3233363a3b3c4243618081828384858687')
const networkInterface = option(optionCodes.networkInterface, 1, 3, 0)
const vendorClass = (architecture: number): DhcpOption => vendorClassOption('PXEClient', architecture, '003000')

const identification = (client: ClientContext, architecture: number): DhcpOption[] => [
  machineIdentifier(client),
  networkInterface,
  architectureOption(architecture),
  vendorClass(architecture),
]

const maximumSize = (bytes: number): DhcpOption => option(optionCodes.maximumMessageSize, bytes >> 8, bytes & 255)
const parameters: DhcpOption = { code: optionCodes.parameterRequestList, data: requestedParameters }

const hasPxeOptions = (message: DhcpMessage): boolean => {
  const data = findOptionData(message, optionCodes.vendorSpecific)
  return data !== undefined && [6, 7, 8, 9, 10].some((code) => findSubOption('pxe', data, code) !== undefined)
}

/** The request to port 4011: from port 4011, with a transaction of its own, four times. */
function* askBootServer(
  client: ClientContext,
  architecture: number,
  target: Endpoint,
  item: { readonly type: number; readonly layer: number } | undefined,
): Step<DhcpMessage | undefined> {
  const xid = client.randomU32()
  const sourcePort = 4011
  const isBroadcast = target.address === limitedBroadcast
  for (const [index, wait] of bootServerMs.entries()) {
    client.stage('boot-server', say('pxe-client.asks-port', { server: at(target.address), port: target.port }))
    client.send(
      sourcePort,
      target,
      clientMessage(
        client,
        // The driver forgets to swap the octets of `secs`.
        { xid, secs: index << 8, flags: isBroadcast ? broadcastFlag : 0, ciaddr: client.lease!.address },
        [
          // The driver puts the item before everything else (PxeBcDiscvBootService).
          ...(item ? [{ code: optionCodes.vendorSpecific, data: encodePxeVendorOptions({ bootItem: item }) }] : []),
          messageTypeOption(messageTypes.request),
          parameters,
          maximumSize(1472),
          vendorClass(architecture),
          architectureOption(architecture),
          networkInterface,
          machineIdentifier(client),
        ],
      ),
    )
    const until = client.now + wait
    let answer: DhcpMessage | undefined
    while (client.now < until) {
      const input = yield until
      const reply =
        replyIn(client, input, xid, sourcePort) ?? (isBroadcast ? replyIn(client, input, xid, 68) : undefined)
      if (!reply || (reply.type !== messageTypes.ack && reply.type !== messageTypes.offer)) continue
      const isOfItem =
        !item || readBootItem(findOptionData(reply.message, optionCodes.vendorSpecific))?.type === item.type
      if (isOfItem && (bootFileOf(reply.message) !== '' || hasPxeOptions(reply.message))) answer ??= reply.message
    }
    // It looks at what came only when its timer ends.
    if (answer) return answer
  }
  return undefined
}

/** Everything the driver does before it loads a file. */
interface Found {
  readonly reply: DhcpMessage
  readonly server: number
  readonly file: string
  readonly ack: DhcpMessage
}

function* findProgram(client: ClientContext, variant: Edk2Variant, xid: number): Step<Found | Lost> {
  const { architecture } = variant
  const discoverMessage = (secs: number): Uint8Array =>
    clientMessage(client, { xid, secs, flags: broadcastFlag }, [
      messageTypeOption(messageTypes.discover),
      maximumSize(1472),
      parameters,
      ...identification(client, architecture),
    ])
  const keeps = ({ traits }: Offer): boolean =>
    !traits.isProxy ||
    (traits.isPxe &&
      (variant.keepsProxy === 'all' || (variant.keepsProxy === 'without-pxe-options' && !traits.hasPxeTags)))
  const { offers, choice } = yield* discover(
    client,
    xid,
    discoverMessage,
    keeps,
    (list) => rankOffers('edk2', list.traits),
    edk2DiscoverMs,
  )
  if (choice.address === undefined)
    return offers.list.length === 0
      ? e18(say('pxe-client.no-offer-came-60-seconds'))
      : e16(say('pxe-client.no-offer-taken', { offers: offers.describe() }))
  const offer = offers.list[choice.address]!
  const boot = choice.boot === undefined ? offer : offers.list[choice.boot]!
  const server = serverOfReply(offer)
  const acknowledged = yield* requestAddress(
    client,
    xid,
    (turn) =>
      clientMessage(client, { xid, secs: discoverSecs[turn]!, flags: broadcastFlag }, [
        messageTypeOption(messageTypes.request),
        addressOf(optionCodes.serverIdentifier, server),
        addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
        // Swapped octets again: 65280 instead of 255.
        maximumSize(0xff00),
        parameters,
        ...identification(client, architecture),
      ]),
    edk2DiscoverMs,
  )
  if (acknowledged === 'silent') return e18(say('pxe-client.request-at-unanswered', { server: at(server) }))
  if (acknowledged === 'nak') return e18(say('pxe-client.refused-address', { server: at(server) }))
  const lease: Lease = leaseOf(acknowledged.message, acknowledged.source)
  client.configure(lease)
  client.stage('address', say('pxe-client.has-address', { address: at(lease.address) }))
  yield* client.sleep(settleMs)
  const { message: ack } = acknowledged
  const stationLine = (): void => client.line(`  Station IP address is ${shown(lease.address)}`)

  let reply = boot === offer && bootFileOf(ack) !== '' && !choice.asksBootServer ? ack : boot.message
  if (choice.asksBootServer) {
    const option43 = findOptionData(boot.message, optionCodes.vendorSpecific)
    const hasMenu = option43 !== undefined && hasPxeOptions(boot.message)
    if (hasMenu) {
      stationLine()
      const chosen = yield* chooseFromMenu(client, option43)
      if (chosen === 'waits') return { code: '', text: '', because: say('pxe-client.menu-waits-somebody') }
      if (chosen === 'no-menu') return e16(say('pxe-client.option-43-asks-boot-server'))
      if (chosen.item.type === 0)
        return { code: 'PXE-E21', text: 'Remote boot cancelled.', because: say('pxe-client.menu-local-disk') }
      const targets: Endpoint[] = [
        ...((chosen.control & 1) === 0 ? [everyServer] : []),
        ...chosen.servers.map((address) => ({ address, port: 4011 })),
      ]
      let answer: DhcpMessage | undefined
      for (const target of targets) {
        answer = yield* askBootServer(client, architecture, target, { type: chosen.item.type, layer: 0 })
        if (answer) break
      }
      if (!answer) return e18(say('pxe-client.no-boot-server-type-answered', { type: chosen.item.type }))
      reply = answer
    } else {
      // Every proxyDHCP offer of that kind is tried in turn, ten seconds each.
      const candidates = boot.traits.isProxy
        ? offers.list.filter((one) => one.traits.isProxy && one.traits.isPxe && !one.traits.hasPxeTags)
        : [boot]
      let answer: DhcpMessage | undefined
      for (const one of candidates) {
        const target = one.message.siaddr || serverOfReply(one)
        answer = yield* askBootServer(client, architecture, { address: target, port: 4011 }, undefined)
        if (answer) break
      }
      if (!answer) {
        stationLine()
        const asked = candidates.map((one) => at(one.message.siaddr || serverOfReply(one))).join(' and ')
        return e16(say('pxe-client.ports-4011-silent', { offer: describeOffer(boot), servers: asked }))
      }
      stationLine()
      reply = answer
    }
  } else stationLine()
  const file = bootFileOf(reply)
  const option43 = findOptionData(reply, optionCodes.vendorSpecific)
  const listed = option43 ? findSubOption('pxe', option43, 8) : undefined
  const fileServer =
    (listed && listed.length >= 7 ? u32At(listed, 3) : 0) ||
    reply.siaddr ||
    serverOfReply({ message: reply, source: { address: lease.server, port: 67 } })
  if (file === '')
    return { code: 'PXE-E53', text: 'No boot filename received.', because: say('pxe-client.offer-no-file') }
  return { reply, server: fileServer, file, ack }
}

/** One PXE attempt: what it ends with, and the line that failed. */
function* pxeBoot(client: ClientContext, variant: Edk2Variant, xid: number): Step<ClientResult> {
  const name = bootOption(client, 1, 'PXEv4')
  const giveUp = ({ code, text, because }: Lost): ClientResult => {
    const line = code === '' ? '' : `${code}: ${text}`
    if (line !== '') client.line(`  ${line}`)
    client.line(failLine(client, name, ipv4Path))
    return failed(code, line, because)
  }
  client.line('>>Start PXE over IPv4.')
  const found = yield* findProgram(client, variant, xid)
  if ('because' in found) return giveUp(found)
  const { server, file } = found
  return yield* bootFromTftp(client, {
    architecture: variant.architecture,
    name,
    path: ipv4Path,
    server,
    file,
    blockSize: 1468,
    size: undefined,
    show: shown,
    ack: found.ack,
    reply: found.reply,
  })
}

export const edk2Firmware =
  (variant: Edk2Variant): Firmware =>
  (client) =>
    edk2Boot(client, variant)

function* edk2Boot(client: ClientContext, variant: Edk2Variant): Step<ClientResult> {
  const xid = client.randomU32()
  const result = yield* pxeBoot(client, variant, xid)
  if (result.state !== 'failed') return result
  // The driver gives its address up when it is stopped.
  client.configure(undefined)
  if (variant.next.length === 0) return result
  yield* client.sleep(7)
  let stack: Ip6Stack | undefined
  for (const [index, next] of variant.next.entries()) {
    if (next === 'ipv6' || next === 'http6') {
      stack ??= new Ip6Stack(client)
      const over6 =
        next === 'ipv6'
          ? yield* pxeOver6(client, stack, variant.architecture, index + 2)
          : yield* httpOver6(client, stack, httpArchitecture(variant.architecture), index + 2)
      if (over6.state !== 'failed') return over6
    } else if (next === 'http') {
      const http = yield* bootOverHttp(client, {
        architecture: httpArchitecture(variant.architecture),
        option: index + 2,
        xid: xid + 3,
      })
      if (http.state !== 'failed') return http
      client.configure(undefined)
    } else client.line('UEFI Interactive Shell v2.2')
  }
  // The first failure is the one to explain.
  return result
}
