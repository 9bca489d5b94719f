/**
 * The PXE driver of UEFI firmware as EDK2 has it (UefiPxeBcDxe), today's: retry clock, the messages byte for byte, which
 * offers it keeps and takes, port 4011 from port 4011, the size probe before the download, and its texts.
 */

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
import { download, tftpOptions } from './download.ts'
import { rankOffers } from './offer-ranking.ts'
import type { BootContext } from './boot-context.ts'
import { chooseFromMenu } from './boot-menu.ts'
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
import { bootOverHttp } from './edk2-http.ts'

export interface Edk2Variant {
  readonly architecture: number
  /** Which proxyDHCP offers it remembers. */
  readonly keepsProxy: 'all' | 'without-pxe-options' | 'none'
  /** What it tries when PXE failed. */
  readonly next: readonly ('ipv6' | 'http' | 'shell')[]
}

/** PXE over IPv6 where nobody answers: it solicits for about this long. */
const ipv6Ms = 64_000
const anyIpv6 = '0000:0000:0000:0000:0000:0000:0000:0000'
const ipv6Path = `IPv6(${anyIpv6},0x0,Static,${anyIpv6},0x40,${anyIpv6})`

const bootServerMs = [1000, 2000, 3000, 4000]
const tftpRetryMs = [4000, 4000, 4000, 4000, 4000, 4000]
/** What a message takes on its way through the driver. */
const settleMs = 5
/** How much memory an emulated machine makes ready for a file in a millisecond: 60 MiB took half a second to a second. */
const roomBytesPerMs = 120_000

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

interface Lost {
  readonly code: string
  readonly text: string
  readonly because: string
}

const e16 = (because: string): Lost => ({ code: 'PXE-E16', text: 'No valid offer received.', because })
const e18 = (because: string): Lost => ({ code: 'PXE-E18', text: 'Server response timeout.', because })

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
    client.stage('boot-server', `asks ${at(target.address)} on port ${target.port}`)
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
      ? e18('no offer came in 60 seconds')
      : e16(`none of the offers can be taken in 60 seconds: ${offers.describe()}`)
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
  if (acknowledged === 'silent') return e18(`the REQUEST to ${at(server)} was not answered`)
  if (acknowledged === 'nak') return e18(`${at(server)} refused the address`)
  const lease: Lease = leaseOf(acknowledged.message, acknowledged.source)
  client.configure(lease)
  client.stage('address', `has ${at(lease.address)}`)
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
      if (chosen === 'waits') return { code: '', text: '', because: 'the menu waits for somebody' }
      if (chosen === 'no-menu') return e16('option 43 asks for a boot server and names no menu')
      if (chosen.item.type === 0)
        return { code: 'PXE-E21', text: 'Remote boot cancelled.', because: 'the menu line boots from the local disk' }
      const targets: Endpoint[] = [
        ...((chosen.control & 1) === 0 ? [everyServer] : []),
        ...chosen.servers.map((address) => ({ address, port: 4011 })),
      ]
      let answer: DhcpMessage | undefined
      for (const target of targets) {
        answer = yield* askBootServer(client, architecture, target, { type: chosen.item.type, layer: 0 })
        if (answer) break
      }
      if (!answer) return e18(`no boot server of type ${chosen.item.type} answered`)
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
        return e16(`${describeOffer(boot)} sends it to port 4011, and ${asked} did not answer there`)
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
    return { code: 'PXE-E53', text: 'No boot filename received.', because: 'the taken offer names no file' }
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
  client.line(`  Server IP address is ${shown(server)}`)
  client.line(`  NBP filename is ${file}`)
  client.stage('file', file)
  let sourcePort = 1025 + Math.floor(client.random() * 1000)
  const probe = yield* download(client, {
    server,
    file,
    sourcePort,
    options: tftpOptions(['tsize', 0], ['blksize', 1468], ['windowsize', 4]),
    retryMs: tftpRetryMs,
    isProbe: true,
    heedsIcmp: true,
  })
  const size = probe.ok ? probe.size : 0
  client.line(`  NBP filesize is ${size} Bytes`)
  if (!probe.ok) {
    if (probe.why === 'error')
      return giveUp({
        code: 'PXE-E23',
        text: 'Client received TFTP error from server.',
        because: `the file server answered the request for ${file} with error ${probe.code}: ${probe.message}`,
      })
    if (probe.why === 'unreachable' || probe.why === 'no-oack')
      return giveUp({
        code: 'PXE-E99',
        text: 'Unexpected network error.',
        because: `UDP port 69 of ${at(server)}: ${probe.message}`,
      })
    if (probe.why === 'no-size')
      return giveUp({ code: 'PXE-E53', text: 'No boot filename received.', because: probe.message })
    return giveUp(e18(`the request for ${file} to ${at(server)}: ${probe.message}`))
  }
  client.line(' Downloading NBP file...')
  // It makes room for the whole file and clears it before it asks for the first block.
  yield* client.sleep(settleMs + size / roomBytesPerMs)
  sourcePort++
  const loaded = yield* download(client, {
    server,
    file,
    sourcePort,
    options: tftpOptions(['blksize', 1468], ['windowsize', 4]),
    retryMs: tftpRetryMs,
    heedsIcmp: true,
  })
  if (!loaded.ok) {
    if (loaded.why === 'error')
      return giveUp({
        code: 'PXE-E23',
        text: 'Client received TFTP error from server.',
        because: `the transfer of ${file} ended with error ${loaded.code}: ${loaded.message}`,
      })
    return giveUp(e18(`the transfer of ${file} stopped after ${loaded.bytes} bytes: ${loaded.message}`))
  }
  client.line()
  client.line('  NBP file downloaded successfully.')
  client.stage('program', file)
  yield* client.sleep(20)
  const refusal = refusalOf(client, variant.architecture, loaded.head, file)
  if (refusal !== undefined) {
    if (refusal.isLoading) client.line(startLines(client, name, ipv4Path)[0])
    const line = failLine(client, name, ipv4Path, refusal.status)
    client.line(line)
    return failed('', line, refusal.because)
  }
  for (const line of startLines(client, name, ipv4Path)) client.line(line)
  const context: BootContext = {
    platform: 'uefi',
    architecture: variant.architecture,
    server,
    file,
    ack: found.ack,
    reply: found.reply,
    transport: 'tftp',
    port: 69,
    failedToStart: (status) => startFailLine(client, name, ipv4Path, status),
  }
  const end = yield* client.run(client, context, loaded.head)
  if (end !== 'returned') return end
  client.line(failLine(client, name, ipv4Path))
  return failed('', failLine(client, name, ipv4Path), `${file} ended by itself`)
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
  for (const [index, next] of variant.next.entries()) {
    if (next === 'ipv6') {
      client.line('>>Start PXE over IPv6.')
      yield* client.sleep(ipv6Ms)
      client.line('  PXE-E16: No valid offer received.')
      client.line(failLine(client, bootOption(client, index + 2, 'PXEv6'), ipv6Path))
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

const httpArchitectures: Readonly<Record<number, number>> = { 6: 15, 7: 16, 11: 19 }
const httpArchitecture = (architecture: number): number => httpArchitectures[architecture] ?? 16
