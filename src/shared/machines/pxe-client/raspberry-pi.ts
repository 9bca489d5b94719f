/**
 * Raspberry Pis: the ROM of the Pi 3, which loads bootcode.bin, and the EEPROM of the Pi 4. Both call themselves PXEClient of
 * architecture 0 and boot only where option 43 says "Raspberry Pi Boot" (Raspberry Pi documentation, "Network booting" and
 * "Raspberry Pi bootloader configuration"). What they ask for and in which order is that of the logs in
 * raspberrypi/firmware issues 745, 937, 1012 and 1041, and rpi-eeprom issue 376. A simulated Pi has the serial number 10
 * and the last three octets of its hardware address.
 */
import { concatBytes, encodeText, formatHex, formatMac } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { addressOption, findOptionData, type DhcpMessage, type DhcpOption } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { raspberryPiText } from '../../wire/dhcp/raspberry-pi.ts'
import { booted } from './boot-context.ts'
import { failed, shown, type ClientContext, type ClientResult, type Firmware, type Lease, type Step } from './client.ts'
import {
  addressOf,
  architectureOption,
  clientMessage,
  everyServer,
  leaseOf,
  messageTypeOption,
  option,
  replyIn,
  requestAddress,
  serverOfReply,
  textOption,
  type Reply,
} from './dhcp-dialogue.ts'
import { download, tftpOptions } from './download.ts'

interface Model {
  readonly name: string
  /** Of option 97, behind its type. */
  readonly identifier: (client: ClientContext) => Uint8Array
  /** Whether it asks for the address that it was offered; the Pi 3 takes it. */
  readonly sendsRequest: boolean
  /** What its ROM loads by itself, from the top folder; empty where the EEPROM goes on by itself. */
  readonly romFiles: readonly string[]
  /** Whether this is there decides the folder: that of the serial number, or the top. */
  readonly firmware: string
  readonly optional: readonly string[]
  /** The first that is there. */
  readonly kernels: readonly string[]
}

const fixup = (name: string): readonly string[] => [name, 'recovery.elf', 'config.txt', 'dt-blob.bin', 'bootcfg.txt', 'cmdline.txt'] // prettier-ignore

const pi3: Model = {
  name: 'Raspberry Pi 3',
  identifier: () => new Uint8Array(16).fill(0x44),
  sendsRequest: false,
  romFiles: ['bootcode.bin', 'bootsig.bin'],
  firmware: 'start.elf',
  optional: ['autoboot.txt', 'config.txt', 'recovery.elf', ...fixup('fixup.dat')],
  kernels: ['kernel8.img', 'kernel8-32.img', 'kernel7.img', 'kernel.img'],
}

const pi4: Model = {
  name: 'Raspberry Pi 4',
  identifier: (client) => concatBytes([encodeText('RPi4'), client.uuid.subarray(4)]),
  sendsRequest: true,
  romFiles: [],
  firmware: 'start4.elf',
  optional: ['config.txt', ...fixup('fixup4.dat'), 'bcm2711-rpi-4-b.dtb'],
  kernels: ['kernel8.img', 'kernel7l.img', 'kernel.img'],
}

/** The ROM always takes this one. */
const romXid = 0x26f30339
const tries = 5
const waitMs = 5000
const tftpRetryMs = [5000, 5000, 5000, 5000]
const firstPort = 49_152

/** The text is looked for wherever it stands in option 43: some servers send it without the menu around it. */
const isForUs = (message: DhcpMessage): boolean => {
  const vendor = findOptionData(message, optionCodes.vendorSpecific)
  return vendor !== undefined && formatHex(vendor).includes(formatHex(encodeText(raspberryPiText.trimEnd())))
}

interface Found {
  readonly lease: Lease
  readonly server: number
}

/** An address, and a server that says the text, which may be two; what was missing otherwise. */
function* askAddress(client: ClientContext, model: Model): Step<Found | string> {
  const xid = model.sendsRequest ? client.randomU32() : romXid
  const header = { xid, secs: 0, flags: 0 }
  const own: readonly DhcpOption[] = [
    option(optionCodes.parameterRequestList, 1, 3, 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135),
    architectureOption(0),
    option(optionCodes.networkInterface, 1, 2, 1),
    { code: optionCodes.machineIdentifier, data: concatBytes([Uint8Array.of(0), model.identifier(client)]) },
    textOption(optionCodes.vendorClass, 'PXEClient:Arch:00000:UNDI:002001'),
  ]
  let offer: Reply | undefined
  let told: Reply | undefined
  for (let turn = 1; turn <= tries && !(offer && told); turn++) {
    client.stage('discover', `DISCOVER ${turn} of ${tries}`)
    client.send(68, everyServer, clientMessage(client, header, [messageTypeOption(messageTypes.discover), ...own]))
    const until = client.now + waitMs
    while (client.now < until && !(offer && told)) {
      const reply = replyIn(client, yield until, xid, 68)
      if (reply?.type !== messageTypes.offer) continue
      client.stage('offer', `OFFER of ${shown(serverOfReply(reply))}`)
      if (reply.message.yiaddr !== 0) offer ??= reply
      if (isForUs(reply.message)) told ??= reply
    }
  }
  if (!offer) return 'nobody offered it an address'
  if (!told)
    return `no answer had the text "${raspberryPiText.trimEnd()}" in option 43, without which it takes nobody for its server`
  // prettier-ignore
  let lease = leaseOf(offer.message, offer.source)
  if (model.sendsRequest) {
    const server = serverOfReply(offer)
    const { yiaddr } = offer.message
    const message = (): Uint8Array =>
      clientMessage(client, header, [
        messageTypeOption(messageTypes.request),
        addressOf(optionCodes.serverIdentifier, server),
        addressOf(optionCodes.requestedAddress, yiaddr),
        ...own,
      ])
    const acknowledged = yield* requestAddress(client, xid, message, [4000, 4000, 4000])
    if (typeof acknowledged === 'string') return `${shown(server)} did not acknowledge the address`
    lease = leaseOf(acknowledged.message, acknowledged.source)
  }
  return { lease, server: told.message.siaddr || (addressOption(told.message, optionCodes.serverIdentifier) ?? told.source.address) } // prettier-ignore
}

function* boot(client: ClientContext, model: Model): Step<ClientResult> {
  const say = (line: string): void => {
    if (model === pi4) client.line(line)
  }
  say('Boot mode: NETWORK (02) order f2')
  say(`NET_BOOT: ${formatMac(client.mac)} wait for link TFTP: 0.0.0.0`)
  say('Link ready')
  const found = yield* askAddress(client, model)
  if (typeof found === 'string') return failed('', '', `${model.name}: ${found}`)
  const { lease, server } = found
  client.configure(lease)
  client.stage('address', `has ${shown(lease.address)}`)
  say(`NET ${shown(lease.address)} ${shown(lease.mask)} gw ${shown(lease.router)} tftp ${shown(server)}`)

  let port = firstPort
  function* load(file: string, isByRom: boolean): Step<boolean | string> {
    client.stage('file', file)
    const answer = yield* download(client, {
      server,
      file,
      sourcePort: port++,
      options: isByRom ? [] : tftpOptions(['tsize', 0]),
      retryMs: tftpRetryMs,
    })
    if (answer.ok) return true
    return answer.why === 'error' ? false : answer.message
  }
  const lost = (file: string, why: string): ClientResult =>
    failed('', '', `${model.name}: the transfer of ${file} from ${shown(server)}: ${why}`)

  // Of these the first has to be there; that the other is not is the usual case.
  for (const [index, file] of model.romFiles.entries()) {
    const result = yield* load(file, true)
    if (typeof result === 'string') return lost(file, result)
    if (!result && index === 0)
      return failed('', '', `${model.name}: ${shown(server)} has no ${file}, and its ROM asks for nothing else`)
  }
  if (model.romFiles.length > 0) client.stage('program', `${model.romFiles[0]} runs`)

  const serial = `10${formatHex(client.mac.subarray(3))}`
  let folder = `${serial}/`
  for (const place of [folder, '']) {
    folder = place
    const result = yield* load(`${place}${model.firmware}`, false)
    if (typeof result === 'string') return lost(`${place}${model.firmware}`, result)
    if (result) break
    if (place === '')
      return failed(
        '',
        '',
        `${model.name}: there is no ${model.firmware}, neither in the folder ${serial}, its serial number, nor in the top folder (the LED flashes four times)`,
      )
  }
  for (const name of model.optional) {
    const result = yield* load(`${folder}${name}`, false)
    if (typeof result === 'string') return lost(`${folder}${name}`, result)
  }
  for (const name of model.kernels) {
    const result = yield* load(`${folder}${name}`, false)
    if (typeof result === 'string') return lost(`${folder}${name}`, result)
    if (result) return booted(client, `${folder}${name} runs`)
  }
  return failed('', '', `${model.name}: there is no kernel in ${folder === '' ? 'the top folder' : folder} (${model.kernels.join(', ')}); the LED flashes seven times`) // prettier-ignore
}

export const raspberryPi3: Firmware = (client) => boot(client, pi3)
export const raspberryPi4: Firmware = (client) => boot(client, pi4)
