/**
 * U-Boot on ARM64 with its standard boot order (distro_bootcmd). bootcmd_dhcp: DHCP twice, first for a script whose name it
 * brings itself, then, as a UEFI client, for the program the server names. bootcmd_pxe, which boards have before it: DHCP and
 * the file that is named, whatever it is, then its configuration in the format of PXELINUX (README.pxe), by names in the
 * folder of that file. It knows no proxyDHCP and takes the first offer.
 */
import { inEnglish } from '#messages/text.ts'
import { say, type Phrase, isPhrase } from '#messages/message.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { bootFileOf, fieldText, type DhcpMessage, type DhcpOption } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { inspectBootProgram, mismatchOf } from '../../wire/boot-program.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { decodeText } from '../../wire/bytes.ts'
import { booted } from './boot-context.ts'
import { configurationNames } from './programs/pxelinux.ts'
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
function* askAddress(
  client: ClientContext,
  vendorClass: DhcpOption,
  architecture: number,
  name: string,
): Step<Told | Phrase> {
  const begun = client.now
  const file = fieldText(name, 128)!
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
    client.stage('discover', say('pxe-client.sent-of', { message: 'DISCOVER', turn, of: 16 }), turn)
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
        client.stage('address', say('pxe-client.has-address', { address: shown(lease.address) }))
        client.line(`DHCP client bound to address ${shown(lease.address)} (${Math.round(client.now - begun)} ms)`)
        return { ack: reply.message, server: reply.message.siaddr, file: bootFileOf(reply.message) }
      }
    }
  }
  client.line()
  client.line('Retry time exceeded; starting again')
  return say('pxe-client.no-offer-came-28-seconds')
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
    client.line(`TFTP error: '${inEnglish(answer.message)}' (${answer.code})`)
    client.line('Not retrying...')
  } else {
    client.line()
    client.line('Retry count exceeded; starting again')
  }
  return answer
}

const noServer = "*** ERROR: `serverip' not set"
const ownClass = textOption(optionCodes.vendorClass, 'U-Boot.armv8')

/** `dhcp` and what stands behind it in bootcmd_dhcp. */
function* bootByDhcp(client: ClientContext): Step<ClientResult> {
  const prompt = (line: string, because: Phrase): ClientResult => {
    client.line('=>')
    return failed('', line, because)
  }
  const first = yield* askAddress(client, ownClass, ownArchitecture, scriptName)
  if (!isPhrase(first)) {
    yield* client.sleep(workMs)
    if (first.server === 0) client.line(noServer)
    // It asks for the name it brought, whatever the server says.
    else if ((yield* load(client, first.server, scriptName)).ok)
      return { state: 'booted', code: '', line: '', because: say('pxe-client.runs', { scriptName }) }
  }
  yield* client.sleep(workMs)
  const told = yield* askAddress(
    client,
    vendorClassOption('PXEClient', uefiArchitecture, '003000'),
    uefiArchitecture,
    scriptName,
  )
  if (isPhrase(told)) return prompt('Retry time exceeded; starting again', told)
  yield* client.sleep(workMs)
  if (told.server === 0) {
    client.line(noServer)
    return prompt(noServer, say('pxe-client.siaddr-0-ack-u-boot'))
  }
  const { server, ack } = told
  const file = told.file === '' ? defaultName(client.lease!.address) : told.file
  const program = yield* load(client, server, file)
  if (!program.ok)
    return prompt(
      program.why === 'error'
        ? `TFTP error: '${inEnglish(program.message)}' (${program.code})`
        : 'Retry count exceeded; starting again',
      say('pxe-client.transfer', { file, server: shown(server), message: program.message }),
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
  return end === 'returned' ? prompt('', say('pxe-client.ended-itself-2', { file })) : end
}

/** The name it makes of its address where the server names none: `C0A84D82.img`. */
const defaultName = (address: number): string => `${address.toString(16).toUpperCase().padStart(8, '0')}.img`

/** What a label of the configuration boots. */
interface Label {
  readonly name: string
  kernel?: string
  initrd?: string
  append?: string
  deviceTree?: string
  isLocal?: boolean
}

/** bootcmd_pxe; undefined where nothing boots, and the machine goes on with what is next in its boot order. */
function* bootByPxe(client: ClientContext): Step<ClientResult | undefined> {
  const told = yield* askAddress(client, ownClass, ownArchitecture, '')
  if (isPhrase(told)) return undefined
  const { server, file } = told
  yield* client.sleep(workMs)
  if (server === 0) {
    // Whatever it asks for next it asks of nobody.
    client.line(noServer)
    client.line('Config file not found')
    return undefined
  }
  // Wherever it lands in memory, nobody looks at it.
  yield* load(client, server, file === '' ? defaultName(client.lease!.address) : file)
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  function* retrieve(name: string): Step<Downloaded | NotDownloaded> {
    yield* client.sleep(workMs)
    client.line(`Retrieving file: ${folder}${name}`)
    // Names are put behind the folder even where they begin with a slash.
    return yield* load(client, server, `${folder}${name}`)
  }
  client.line('missing environment variable: pxeuuid')
  const names = [...configurationNames(client.mac, client.lease!.address).slice(0, -1), 'default-arm', 'default']
  let text: string | undefined
  for (const name of names) {
    const found = yield* retrieve(`pxelinux.cfg/${name}`)
    if (!found.ok) continue
    text = decodeText(found.head)
    client.line(`Config file '${file}' found`)
    break
  }
  if (text === undefined) {
    client.line('Config file not found')
    return undefined
  }
  const { labels, first } = yield* readLabels(text, retrieve)
  // The one that is the default, then the others in their order.
  for (const label of labels.toSorted((a, b) => Number(b.name === first) - Number(a.name === first))) {
    client.line(`${labels.indexOf(label) + 1}:\t${label.name}`)
    if (label.isLocal)
      return { state: 'local', code: '', line: '', because: say('pxe-client.boots-local-disk', { name: label.name }) }
    if (label.kernel === undefined) {
      client.line(`No kernel given, skipping ${label.name}`)
      continue
    }
    const wanted = [
      ['initrd', label.initrd],
      ['kernel', label.kernel],
      ['FDT', label.deviceTree],
    ] as const
    let lost: string | undefined
    for (const [what, name] of wanted) {
      if (name === undefined || lost !== undefined || (yield* retrieve(name)).ok) continue
      lost = what
    }
    if (lost !== undefined) {
      client.line(`Skipping ${label.name} for failure retrieving ${lost}`)
      continue
    }
    if (label.append !== undefined) client.line(`append: ${label.append}`)
    client.line('Starting kernel ...')
    return booted(client, say('pxe-client.file-runs', { file: `${folder}${label.kernel}` }))
  }
  return undefined
}

/** The labels of a configuration, with what it includes, and the one that is booted by itself. */
function* readLabels(
  text: string,
  retrieve: (name: string) => Step<Downloaded | NotDownloaded>,
): Step<{ readonly labels: Label[]; readonly first: string | undefined }> {
  const labels: Label[] = []
  let first: string | undefined
  let depth = 0
  const pending = text.split(/\r?\n/)
  for (let line = pending.shift(); line !== undefined; line = pending.shift()) {
    const [, word = '', value = ''] = /^\s*(?:menu\s+(?=include|default))?(\S+)\s*(.*?)\s*$/i.exec(line) ?? []
    const label = labels.at(-1)
    switch (word.toLowerCase()) {
      case 'include': {
        // It takes sixteen files in one another at most.
        const included = depth++ < 16 ? yield* retrieve(value) : undefined
        if (included?.ok) pending.unshift(...decodeText(included.head).split(/\r?\n/))
        break
      }
      case 'label':
        labels.push({ name: value })
        break
      case 'default':
        // `menu default` stands in the label that it means.
        first = value === '' ? label?.name : value
        break
      case 'kernel':
      case 'linux':
      case 'fit':
        if (label) label.kernel = value.replace(/#.*/, '')
        break
      case 'initrd':
        if (label) label.initrd = value
        break
      case 'append':
        if (label) label.append = value
        break
      case 'fdt':
      case 'devicetree':
        if (label) label.deviceTree = value
        break
      case 'localboot':
        if (label) label.isLocal = true
        break
    }
  }
  return { labels, first }
}

function* bootPxeThenDhcp(client: ClientContext): Step<ClientResult> {
  const byPxe = yield* bootByPxe(client)
  if (byPxe) return byPxe
  yield* client.sleep(workMs)
  return yield* bootByDhcp(client)
}

export const uBoot: Firmware = (client) => bootByDhcp(client)
export const uBootPxe: Firmware = bootPxeThenDhcp
