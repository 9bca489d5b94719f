/**
 * A BIOS boot ROM after PXE 2.1, in the manner of Intel's UNDI ROM: four DISCOVERs with 4, 8, 16 and 32 seconds, port 4011
 * from port 68, at most 1456 bytes of a block, and the codes PXE-E11 to PXE-E79.
 */
import { inEnglish } from '#messages/text.ts'
import { say, type Phrase } from '#messages/message.ts'
import { formatHex } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import {
  bootFileOf,
  broadcastFlag,
  findOptionData,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { encodePxeVendorOptions, readBootItem } from '../../wire/dhcp/spaces.ts'
import { inspectBootProgram, isNoProgram, isRecognised } from '../../wire/boot-program.ts'
import { limitedBroadcast, type Endpoint } from '../machine.ts'
import { failed, shown, type ClientContext, type ClientResult, type Firmware, type Step } from './client.ts'
import {
  Offers,
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
  requestAddress,
  serverOfReply,
  vendorClassOption,
} from './dhcp-dialogue.ts'
import { download, tftpOptions, type NotDownloaded } from './download.ts'
import { chooseFromMenu } from './boot-menu.ts'
import { rankOffers } from './offer-ranking.ts'

const discoverMs = [4000, 8000, 16_000, 32_000]
const discoverSecs = [4, 8, 16, 32]
const bootServerMs = [1000, 2000, 3000, 4000]
const tftpRetryMs = [4000, 4000, 4000, 4000]
const largestBlock = 1456
/** Free base memory for a boot program, in bytes: what is larger does not fit below 640 kB. */
const baseMemory = 500 * 1024

const parameters: DhcpOption = {
  code: optionCodes.parameterRequestList,
  data: Uint8Array.of(
    1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 128, 129,
    130, 131, 132, 133, 134, 135, 97,
  ), // prettier-ignore
}

const options = (client: ClientContext, type: number, ...more: readonly DhcpOption[]): DhcpOption[] => [
  messageTypeOption(type),
  ...more,
  parameters,
  option(optionCodes.maximumMessageSize, 4, 0xec),
  machineIdentifier(client),
  architectureOption(0),
  option(optionCodes.networkInterface, 1, 2, 1),
  vendorClassOption('PXEClient', 0, '002001'),
]

const exit = 'PXE-M0F: Exiting Intel Boot Agent.'

function* bootRom(client: ClientContext): Step<ClientResult> {
  const giveUp = (code: string, text: string, because: Phrase, before: readonly string[] = []): ClientResult => {
    client.line()
    for (const line of before) client.line(line)
    const line = code === '' ? text : `${code}: ${text}`
    if (line !== '') client.line(line)
    client.line(exit)
    client.line()
    client.line('Reboot and Select proper Boot device')
    return failed(code, line, because)
  }
  client.print('\f')
  client.line('Intel(R) Boot Agent GE v1.5.85')
  client.line('Copyright (C) 1997-2016, Intel Corporation')
  client.line()
  client.line(`CLIENT MAC ADDR: ${formatHex(client.mac, ' ').toUpperCase()}  GUID: ${client.uuidText.toUpperCase()}`)
  client.print('DHCP.')
  const xid = client.randomU32()
  const offers = new Offers()
  let choice = rankOffers('rom', [])
  for (const [index, wait] of discoverMs.entries()) {
    client.stage('discover', say('pxe-client.sent-of', { message: 'DISCOVER', turn: index + 1, of: 4 }), index + 1)
    if (index > 0) client.print('.')
    client.send(
      68,
      everyServer,
      clientMessage(
        client,
        { xid, secs: discoverSecs[index]!, flags: broadcastFlag },
        options(client, messageTypes.discover),
      ),
    )
    const until = client.now + wait
    let decideAt = until
    while (client.now < decideAt) {
      const offer = offerOf(replyIn(client, yield decideAt, xid, 68))
      if (!offer || (offer.traits.isProxy && !offer.traits.isPxe)) continue
      offers.add(offer)
      client.stage('offer', describeOffer(offer))
      choice = rankOffers('rom', offers.traits)
      // PXE information and an address are enough; a plain offer waits for a proxyDHCP through the second window.
      const boot = choice.boot === undefined ? undefined : offers.list[choice.boot]!
      if (choice.address !== undefined && boot?.traits.isPxe) decideAt = Math.min(decideAt, client.now + 300)
    }
    choice = rankOffers('rom', offers.traits)
    const boot = choice.boot === undefined ? undefined : offers.list[choice.boot]!
    if (choice.address !== undefined && (boot?.traits.isPxe || index >= 1)) break
  }
  if (choice.address === undefined)
    return offers.list.length === 0
      ? giveUp('PXE-E51', 'No DHCP or proxyDHCP offers were received.', say('pxe-client.no-offer-came-60-seconds'))
      : giveUp(
          'PXE-E52',
          'proxyDHCP offers were received. No DHCP offers were received.',
          say('pxe-client.nobody-gave-address', { offers: offers.describe() }),
        )
  const offer = offers.list[choice.address]!
  const boot = choice.boot === undefined ? undefined : offers.list[choice.boot]!
  const server = serverOfReply(offer)
  const ack = yield* requestAddress(
    client,
    xid,
    (turn) =>
      clientMessage(
        client,
        { xid, secs: discoverSecs[turn]!, flags: broadcastFlag },
        options(
          client,
          messageTypes.request,
          addressOf(optionCodes.serverIdentifier, server),
          addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
        ),
      ),
    discoverMs,
  )
  if (ack === 'silent' || ack === 'nak')
    return giveUp(
      'PXE-E51',
      'No DHCP or proxyDHCP offers were received.',
      say('pxe-client.request-unconfirmed', { server: at(server) }),
    )
  const lease = leaseOf(ack.message, ack.source)
  client.configure(lease)
  client.stage('address', say('pxe-client.has-address', { address: at(lease.address) }))
  client.line()
  client.line(`CLIENT IP: ${shown(lease.address)}  MASK: ${shown(lease.mask)}  DHCP IP: ${shown(lease.server)}`)
  if (lease.router !== 0) client.line(`GATEWAY IP: ${shown(lease.router)}`)
  yield* client.sleep(10)

  let reply = boot?.message
  if (boot && choice.asksBootServer) {
    const option43 = findOptionData(boot.message, optionCodes.vendorSpecific)
    let item: { readonly type: number; readonly layer: number } | undefined
    let targets: Endpoint[] = [{ address: boot.message.siaddr || serverOfReply(boot), port: 4011 }]
    if (boot.traits.hasMenu && option43) {
      const chosen = yield* chooseFromMenu(client, option43)
      if (chosen === 'waits') return failed('', '', say('pxe-client.menu-waits-somebody'))
      if (chosen === 'no-menu')
        return giveUp(
          'PXE-E74',
          'Bad or missing PXE menu and/or prompt information.',
          say('pxe-client.option-43-names-no-menu'),
        )
      if (chosen.item.type === 0) return localBoot(client)
      item = { type: chosen.item.type, layer: 0 }
      targets = [
        ...((chosen.control & 1) === 0 ? [everyServer] : []),
        ...chosen.servers.map((address) => ({ address, port: 4011 })),
      ]
      if (targets.length === 0)
        return giveUp(
          'PXE-E77',
          'Bad or missing discovery server list.',
          say('pxe-client.option-43-forbids-broadcast-names'),
        )
    } else if (option43 && boot.traits.hasPxeTags)
      return giveUp(
        'PXE-E74',
        'Bad or missing PXE menu and/or prompt information.',
        say('pxe-client.option-43-names-no-menu'),
      )
    const asked = yield* askBootServer(client, targets, item)
    if (asked === 'no-arp')
      return giveUp(
        'PXE-E11',
        'ARP timeout.',
        say('pxe-client.nobody-has-address', { address: at(targets[0]!.address) }),
      )
    if (!asked)
      return item
        ? giveUp(
            'PXE-E78',
            'Could not locate boot server.',
            say('pxe-client.no-boot-server-type-answered', { type: item.type }),
          )
        : giveUp(
            'PXE-E55',
            'ProxyDHCP service did not reply to request on port 4011.',
            say('pxe-client.port-4011-silent', { offer: describeOffer(boot), server: at(targets[0]!.address) }),
          )
    reply = asked
  }
  const file = reply ? bootFileOf(reply) : ''
  if (!reply || file === '')
    return giveUp(
      'PXE-E53',
      'No boot filename received.',
      say('pxe-client.no-offer-names-file', { offers: offers.describe() }),
    )
  const fileServer = reply.siaddr || (boot?.traits.isPxe ? serverOfReply(boot) : 0)
  if (fileServer === 0)
    return giveUp(
      'PXE-E7B',
      'Can not find the address of the boot server.',
      say('pxe-client.file-named-but-neither-siaddr'),
    )
  client.print('TFTP.')
  client.stage('file', file)
  const request = { server: fileServer, file, retryMs: tftpRetryMs, largestBlock }
  const firstPort = 2070 + Math.floor(client.random() * 1000)
  const probe = yield* download(client, {
    ...request,
    sourcePort: firstPort,
    options: tftpOptions(['tsize', 0]),
    isProbe: true,
  })
  // A server that knows no options sends data at once: the ROM goes on without the size.
  const knowsSize = probe.ok || probe.why === 'no-oack' || probe.why === 'no-size'
  if (!knowsSize) return giveUp(...tftpFailure(probe, file, fileServer))
  if (probe.ok && probe.size > baseMemory)
    return giveUp(
      'PXE-E79',
      'NBP is too big to fit in free base memory.',
      say('pxe-client.bytes-about-free', { file, size: probe.size, baseMemory }),
    )
  const loaded = yield* download(client, {
    ...request,
    sourcePort: firstPort + 1,
    options: tftpOptions(['blksize', largestBlock]),
  })
  if (!loaded.ok) return giveUp(...tftpFailure(loaded, file, fileServer))
  client.line()
  client.stage('program', file)
  const program = inspectBootProgram(loaded.head, file)
  if (isNoProgram(program) && isRecognised(program))
    return failed('', '', say('pxe-client.not-boot-program-bios-jumps', { file, description: program.description }))
  if (program.kind === 'uefi') return failed('', '', say('pxe-client.uefi-program-bios-jumps-into', { file }))
  const end = yield* client.run(
    client,
    {
      platform: 'bios',
      architecture: 0,
      server: fileServer,
      file,
      ack: ack.message,
      reply,
      transport: 'tftp',
      port: 69,
    },
    loaded.head,
  )
  return end === 'returned' ? localBoot(client) : end
}

function localBoot(client: ClientContext): ClientResult {
  client.line()
  client.line(exit)
  return { state: 'local', code: '', line: exit, because: say('pxe-client.told-go-next-boot-device') }
}

/** Code, text, reason and the line before, for each way in which TFTP fails. */
function tftpFailure(
  lost: NotDownloaded,
  file: string,
  server: number,
): [code: string, text: string, because: Phrase, before: string[]] {
  const told = say('pxe-client.transfer', { file, server: at(server), message: lost.message })
  switch (lost.why) {
    case 'no-arp':
      return ['PXE-E11', 'ARP timeout.', told, []]
    case 'error':
      return lost.code === 1
        ? ['PXE-E3B', 'TFTP Error - File Not found', told, ['PXE-T01: File not found']]
        : lost.code === 2
          ? ['PXE-E3C', 'TFTP Error - Access Violation', told, ['PXE-T02: Access violation']]
          : ['PXE-E36', 'Error received from TFTP server.', told, [`PXE-T0${lost.code}: ${inEnglish(lost.message)}`]]
    case 'block-too-long':
      return ['PXE-E3F', 'TFTP packet size is invalid.', told, []]
    case 'stalled':
      return ['PXE-E35', 'TFTP read timeout.', told, []]
    default:
      return ['PXE-E32', 'TFTP open timeout.', told, []]
  }
}

function* askBootServer(
  client: ClientContext,
  targets: readonly Endpoint[],
  item: { readonly type: number; readonly layer: number } | undefined,
): Step<DhcpMessage | 'no-arp' | undefined> {
  for (const target of targets) {
    const xid = client.randomU32()
    for (const [index, wait] of bootServerMs.entries()) {
      client.stage('boot-server', say('pxe-client.asks-port', { server: at(target.address), port: target.port }))
      client.send(
        68,
        target,
        clientMessage(
          client,
          {
            xid,
            secs: index,
            flags: target.address === limitedBroadcast ? broadcastFlag : 0,
            ciaddr: client.lease!.address,
          },
          options(
            client,
            messageTypes.request,
            ...(item ? [{ code: optionCodes.vendorSpecific, data: encodePxeVendorOptions({ bootItem: item }) }] : []),
          ),
        ),
      )
      const until = client.now + wait
      while (client.now < until) {
        const input = yield until
        if (input?.kind === 'arp-failed' && input.address === target.address) return 'no-arp'
        const reply = replyIn(client, input, xid, 68)
        if (!reply || (reply.type !== messageTypes.ack && reply.type !== messageTypes.offer)) continue
        const answered = readBootItem(findOptionData(reply.message, optionCodes.vendorSpecific))
        if ((!item || answered?.type === item.type) && bootFileOf(reply.message) !== '') return reply.message
      }
    }
  }
  return undefined
}

export const biosRom: Firmware = bootRom
