/**
 * U-Boot on ARM64 with its standard boot order (distro_bootcmd, bootcmd_dhcp): DHCP twice, first for a script whose name
 * it brings itself, then, as a UEFI client, for the program the server names. It knows no proxyDHCP and takes the first offer.
 */
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { bootFileOf, fieldText, type DhcpMessage, type DhcpOption } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { inspectBootProgram, mismatchOf } from '../../wire/boot-program.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { failed, shown, type ClientContext, type ClientResult, type Firmware, type Step } from './client.ts'
import {
  addressOf,
  architectureOption,
  clientMessage,
  everyServer,
  leaseOf,
  messageTypeOption,
  offerOf,
  option,
  replyIn,
  serverOfReply,
  textOption,
  vendorClassOption,
} from './dhcp-dialogue.ts'
import { download, tftpOptions, type Downloaded, type NotDownloaded } from './download.ts'

/** Number of option 93 under which it asks for its script, and the one under which it asks as UEFI (RFC 4578, IANA). */
const ownArchitecture = 22
const uefiArchitecture = 11
const scriptName = 'boot.scr.uimg'
/** Each wait is twice the last, up to two seconds; after this long in all it gives up (TIMEOUT_MS). */
const firstWaitMs = 250
const longestWaitMs = 2000
const giveUpMs = 28_000
const acknowledgedMs = 5000
/** Eleven waits of one transfer, five seconds each; ICMP is not heard. */
const tftpRetryMs = Array.from({ length: 11 }, () => 5000)
const workMs = 10

interface Told {
  readonly ack: DhcpMessage
  readonly server: number
  readonly file: string
}

/** DHCP under one identity; what it was told, or why it was told nothing. */
function* askAddress(client: ClientContext, vendorClass: DhcpOption, architecture: number): Step<Told | string> {
  const begun = client.now
  const file = fieldText(scriptName, 128)!
  const xid = client.randomU32()
  const message = (type: number, more: readonly DhcpOption[]): Uint8Array =>
    clientMessage(client, { xid, secs: Math.floor((client.now - begun) / 1000), flags: 0, file }, [
      messageTypeOption(type),
      option(optionCodes.maximumMessageSize, 2, 0x40),
      ...more,
      architectureOption(architecture),
      option(optionCodes.networkInterface, 1, 0, 0),
      vendorClass,
      option(optionCodes.parameterRequestList, 1, 3, 6, 12, 17),
    ])
  let wait = firstWaitMs
  for (let turn = 1; client.now - begun < giveUpMs; turn++) {
    client.line(`BOOTP broadcast ${turn}`)
    client.stage('discover', `DISCOVER ${turn} of 16`)
    client.send(68, everyServer, message(messageTypes.discover, []))
    let until = client.now + wait
    wait = Math.min(longestWaitMs, wait * 2)
    let isRequesting = false
    while (client.now < until) {
      const reply = replyIn(client, yield until, xid, 68)
      if (!reply || reply.message.yiaddr === 0) continue
      const offer = offerOf(reply)
      if (offer && !isRequesting) {
        isRequesting = true
        client.stage('request', 'REQUEST')
        until = client.now + acknowledgedMs
        client.send(
          68,
          everyServer,
          message(messageTypes.request, [
            addressOf(optionCodes.serverIdentifier, serverOfReply(offer)),
            addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
          ]),
        )
      } else if (isRequesting && reply.type === messageTypes.ack) {
        const lease = leaseOf(reply.message, reply.source)
        client.configure(lease)
        client.stage('address', `has ${shown(lease.address)}`)
        client.line(`DHCP client bound to address ${shown(lease.address)} (${Math.round(client.now - begun)} ms)`)
        return { ack: reply.message, server: reply.message.siaddr, file: bootFileOf(reply.message) }
      }
    }
  }
  client.line()
  client.line('Retry time exceeded; starting again')
  return 'no offer came in 28 seconds'
}

function* load(client: ClientContext, server: number, file: string): Step<Downloaded | NotDownloaded> {
  client.line('Using virtio-net#32 device')
  client.line(`TFTP from server ${shown(server)}; our IP address is ${shown(client.lease!.address)}`)
  client.line(`Filename '${file}'.`)
  client.stage('file', file)
  const answer = yield* download(client, {
    server,
    file,
    sourcePort: 1024 + Math.floor(client.random() * 3072),
    options: tftpOptions(['timeout', 5], ['blksize', 1468]),
    retryMs: tftpRetryMs,
  })
  if (answer.ok) {
    client.line('done')
    client.line(`Bytes transferred = ${answer.size} (${answer.size.toString(16)} hex)`)
  } else if (answer.why === 'error') {
    client.line(`TFTP error: '${answer.message}' (${answer.code})`)
    client.line('Not retrying...')
  } else {
    client.line()
    client.line('Retry count exceeded; starting again')
  }
  return answer
}

function* bootUBoot(client: ClientContext): Step<ClientResult> {
  const prompt = (line: string, because: string): ClientResult => {
    client.line('=>')
    return failed('', line, because)
  }
  const noServer = "*** ERROR: `serverip' not set"
  const first = yield* askAddress(client, textOption(optionCodes.vendorClass, 'U-Boot.armv8'), ownArchitecture)
  if (typeof first !== 'string') {
    yield* client.sleep(workMs)
    if (first.server === 0) client.line(noServer)
    // It asks for the name it brought, whatever the server says.
    else if ((yield* load(client, first.server, scriptName)).ok)
      return { state: 'booted', code: '', line: '', because: `${scriptName} is there and runs` }
  }
  yield* client.sleep(workMs)
  const told = yield* askAddress(client, vendorClassOption('PXEClient', uefiArchitecture, '003000'), uefiArchitecture)
  if (typeof told === 'string') return prompt('Retry time exceeded; starting again', told)
  yield* client.sleep(workMs)
  if (told.server === 0) {
    client.line(noServer)
    return prompt(noServer, 'siaddr is 0 in the ACK, and U-Boot looks nowhere else for its server')
  }
  const { server, ack } = told
  const file = told.file === '' ? defaultName(client.lease!.address) : told.file
  const program = yield* load(client, server, file)
  if (!program.ok)
    return prompt(
      program.why === 'error'
        ? `TFTP error: '${program.message}' (${program.code})`
        : 'Retry count exceeded; starting again',
      `the transfer of ${file} from ${shown(server)}: ${program.message}`,
    )
  yield* client.sleep(workMs)
  // The device tree is asked for by a name that nobody set: the folder is left.
  yield* load(client, server, 'dtb/')
  client.line(`Booting /${file.replaceAll('/', '\\')}`)
  client.stage('program', file)
  const mismatch = mismatchOf(inspectBootProgram(program.head, file), architectureOf(uefiArchitecture)!)
  if (mismatch !== undefined) {
    client.line('Loading image failed')
    return prompt('Loading image failed', mismatch)
  }
  const end = yield* client.run(
    client,
    {
      platform: 'uefi',
      architecture: uefiArchitecture,
      server,
      file,
      ack,
      reply: ack,
      transport: 'tftp',
      port: 69,
    },
    program.head,
  )
  return end === 'returned' ? prompt('', `${file} ended by itself`) : end
}

/** The name it makes of its address where the server names none: `C0A84D82.img`. */
const defaultName = (address: number): string => `${address.toString(16).toUpperCase().padStart(8, '0')}.img`

export const uBoot: Firmware = bootUBoot
