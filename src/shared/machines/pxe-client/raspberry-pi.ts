/**
 * Raspberry Pis: the ROM of the Pi 3, which loads bootcode.bin, and the EEPROM of the Pi 4 and 5. All call themselves PXEClient
 * of architecture 0. The ROM takes only a server that says "Raspberry Pi Boot" in option 43, and so does an EEPROM unless
 * option 66 names one (Raspberry Pi documentation, "Network booting" and "Raspberry Pi bootloader configuration"). What they
 * ask for and in which order is that of the logs in raspberrypi/firmware issues 745, 937, 1012 and 1041, and rpi-eeprom issues
 * 376 and 687. A Pi 5 has its firmware in the EEPROM: config.txt shows that a folder is its own, and the device tree has to be
 * there (the same documentation, "config.txt" and os_check). A simulated Pi has the serial number 10 and the last three octets
 * of its hardware address.
 */
import { say, type Phrase, isPhrase } from '#messages/message.ts'
import { concatBytes, decodeText, encodeText, formatHex, formatMac, parseIpv4 } from '../../wire/bytes.ts'
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
  /** Sections of config.txt that are for it, beside `all`. */
  readonly filters: readonly string[]
  /** Of option 97, behind its type. */
  readonly identifier: (client: ClientContext) => Uint8Array
  /** An EEPROM asks for the address that it was offered, heeds option 66 and has a screen; the ROM has none of it. */
  readonly isEeprom: boolean
  /** What its ROM loads by itself, from the top folder; empty where the EEPROM goes on by itself. */
  readonly romFiles: readonly string[]
  /** Whether this is there decides the folder: that of the serial number, or the top. */
  readonly firmware: string
  readonly optional: readonly string[]
  /** Without it there is no boot; undefined where it may be missing. */
  readonly deviceTree?: string
  /** The first that is there. */
  readonly kernels: readonly string[]
  /** Asked for behind the kernel, and not needed. */
  readonly behind: readonly string[]
}

const fixup = (name: string): readonly string[] => [name, 'recovery.elf', 'config.txt', 'dt-blob.bin', 'bootcfg.txt', 'cmdline.txt'] // prettier-ignore

const pi3: Model = {
  name: 'Raspberry Pi 3',
  filters: ['pi3', 'pi3+'],
  identifier: () => new Uint8Array(16).fill(0x44),
  isEeprom: false,
  romFiles: ['bootcode.bin', 'bootsig.bin'],
  firmware: 'start.elf',
  optional: ['autoboot.txt', 'config.txt', 'recovery.elf', ...fixup('fixup.dat')],
  kernels: ['kernel8.img', 'kernel8-32.img', 'kernel7.img', 'kernel.img'],
  behind: [],
}

const fourOctets = (text: string) => (client: ClientContext) => concatBytes([encodeText(text), client.uuid.subarray(4)])

const pi4: Model = {
  name: 'Raspberry Pi 4',
  filters: ['pi4'],
  identifier: fourOctets('RPi4'),
  isEeprom: true,
  romFiles: [],
  firmware: 'start4.elf',
  optional: ['config.txt', ...fixup('fixup4.dat'), 'bcm2711-rpi-4-b.dtb'],
  kernels: ['kernel8.img', 'kernel7l.img', 'kernel.img'],
  behind: [],
}

const pi5: Model = {
  name: 'Raspberry Pi 5',
  filters: ['pi5'],
  identifier: fourOctets('RPi5'),
  isEeprom: true,
  romFiles: [],
  firmware: 'config.txt',
  optional: ['pieeprom.sig'],
  deviceTree: 'bcm2712-rpi-5-b.dtb',
  kernels: ['kernel_2712.img', 'kernel8.img'],
  behind: ['initramfs_2712', 'overlays/overlay_map.dtb', 'overlays/bcm2712d0.dtbo', 'cmdline.txt', 'armstub8-2712.bin'],
}

/** Names that a Pi may ask for by itself, below whatever folder. */
export const raspberryPiNames: readonly string[] = [
  ...new Set(
    [pi3, pi4, pi5].flatMap(({ romFiles, firmware, optional, deviceTree, kernels, behind }) => [
      ...romFiles,
      firmware,
      ...optional,
      ...(deviceTree === undefined ? [] : [deviceTree]),
      ...kernels,
      ...behind,
    ]),
  ),
]

/** What shows each model that a folder is its own. */
export const raspberryPiFirmware = {
  'raspberry-pi-3': pi3.firmware,
  'raspberry-pi-4': pi4.firmware,
  'raspberry-pi-5': pi5.firmware,
} as const

/** What config.txt says to a model: the last word of each key counts, in sections for it and for all. */
export function readConfiguration(text: string, filters: readonly string[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  let isForUs = true
  for (const line of text.split(/\r?\n/).map((one) => one.replace(/#.*/, '').trim())) {
    const section = /^\[(.*)\]$/.exec(line)?.[1]?.toLowerCase()
    if (section !== undefined) isForUs = section === 'all' || filters.includes(section)
    const [, key, value = ''] = /^([\w.]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (isForUs && key !== undefined) words.set(key.toLowerCase(), value.trim())
  }
  return words
}

/** Kernels and device trees that config.txt names to any model, or moves into a folder. */
export function filesNamedByConfiguration(text: string): readonly string[] {
  return [pi3, pi4, pi5].flatMap(({ filters, kernels, deviceTree }) => {
    const words = readConfiguration(text, filters)
    const prefix = words.get('os_prefix') ?? ''
    const kernel = words.get('kernel')
    const tree = words.get('device_tree') ?? deviceTree
    return [...(kernel === undefined ? kernels : [kernel]), ...(tree === undefined ? [] : [tree])].map((one) => `${prefix}${one}`) // prettier-ignore
  })
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

/** The server that option 66 names to an EEPROM; the ROM does not look at it. */
function serverNamedIn(message: DhcpMessage, model: Model): number | undefined {
  const name = model.isEeprom ? findOptionData(message, optionCodes.tftpServerName) : undefined
  return name && parseIpv4(decodeText(name).replace(/\0+$/, ''))
}

/** An address, and a server that says the text, which may be two; what was missing otherwise. */
function* askAddress(client: ClientContext, model: Model): Step<Found | Phrase> {
  const xid = model.isEeprom ? client.randomU32() : romXid
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
    client.stage('discover', say('pxe-client.sent-of', { message: 'DISCOVER', turn, of: tries }), turn)
    client.send(68, everyServer, clientMessage(client, header, [messageTypeOption(messageTypes.discover), ...own]))
    const until = client.now + waitMs
    while (client.now < until && !(offer && told)) {
      const reply = replyIn(client, yield until, xid, 68)
      if (reply?.type !== messageTypes.offer) continue
      client.stage('offer', say('pxe-client.offer-of', { server: shown(serverOfReply(reply)) }))
      if (reply.message.yiaddr !== 0) offer ??= reply
      if (isForUs(reply.message) || serverNamedIn(reply.message, model) !== undefined) told ??= reply
    }
  }
  if (!offer) return say('pxe-client.nobody-offered-address')
  if (!told)
    return say(model.isEeprom ? 'pxe-client.pi-no-server' : 'pxe-client.pi-no-text', {
      text: raspberryPiText.trimEnd(),
    })
  // prettier-ignore
  let lease = leaseOf(offer.message, offer.source)
  if (model.isEeprom) {
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
    if (typeof acknowledged === 'string')
      return say('pxe-client.did-not-acknowledge-address', { server: shown(server) })
    lease = leaseOf(acknowledged.message, acknowledged.source)
  }
  return { lease, server: serverNamedIn(told.message, model) ?? (told.message.siaddr || (addressOption(told.message, optionCodes.serverIdentifier) ?? told.source.address)) } // prettier-ignore
}

function* boot(client: ClientContext, model: Model): Step<ClientResult> {
  const tell = (line: string): void => {
    if (model.isEeprom) client.line(line)
  }
  tell('Boot mode: NETWORK (02) order f2')
  tell(`NET_BOOT: ${formatMac(client.mac)} wait for link TFTP: 0.0.0.0`)
  tell('Link ready')
  const found = yield* askAddress(client, model)
  if (isPhrase(found)) return failed('', '', say('pxe-client.pi-failed', { name: model.name, why: found }))
  const { lease, server } = found
  client.configure(lease)
  client.stage('address', say('pxe-client.has-address', { address: shown(lease.address) }))
  tell(`NET ${shown(lease.address)} ${shown(lease.mask)} gw ${shown(lease.router)} tftp ${shown(server)}`)

  let port = firstPort
  let loaded = new Uint8Array(0)
  function* load(file: string, isByRom: boolean): Step<boolean | Phrase> {
    client.stage('file', file)
    const answer = yield* download(client, {
      server,
      file,
      sourcePort: port++,
      options: isByRom ? [] : tftpOptions(['tsize', 0]),
      retryMs: tftpRetryMs,
    })
    loaded = answer.ok ? new Uint8Array(answer.head) : new Uint8Array(0)
    if (answer.ok) return true
    return answer.why === 'error' ? false : answer.message
  }
  const lost = (file: string, why: Phrase): ClientResult =>
    failed('', '', say('pxe-client.pi-transfer', { name: model.name, file, server: shown(server), why }))

  // Of these the first has to be there; that the other is not is the usual case.
  for (const [index, file] of model.romFiles.entries()) {
    const result = yield* load(file, true)
    if (isPhrase(result)) return lost(file, result)
    if (!result && index === 0)
      return failed(
        '',
        '',
        say('pxe-client.no-rom-asks-nothing-else', { name: model.name, server: shown(server), file }),
      )
  }
  if (model.romFiles.length > 0) client.stage('program', say('pxe-client.program-runs', { file: model.romFiles[0] }))

  const serial = `10${formatHex(client.mac.subarray(3))}`
  let folder = `${serial}/`
  for (const place of [folder, '']) {
    folder = place
    const result = yield* load(`${place}${model.firmware}`, false)
    if (isPhrase(result)) return lost(`${place}${model.firmware}`, result)
    if (result) break
    if (place === '')
      return failed(
        '',
        '',
        say('pxe-client.pi-no-firmware', {
          name: model.name,
          firmware: model.firmware,
          serial,
          flashes: model.firmware === 'config.txt' ? 'no' : 'yes',
        }),
      )
  }
  let configuration = readConfiguration(model.firmware === 'config.txt' ? decodeText(loaded) : '', model.filters)
  for (const name of model.optional) {
    const result = yield* load(`${folder}${name}`, false)
    if (isPhrase(result)) return lost(`${folder}${name}`, result)
    if (result && name === 'config.txt') configuration = readConfiguration(decodeText(loaded), model.filters)
  }
  const place = folder === '' ? say('pxe-client.top-folder') : folder
  if (configuration.get('boot_ramdisk') === '1') {
    const result = yield* load(`${folder}boot.img`, false)
    if (isPhrase(result)) return lost(`${folder}boot.img`, result)
    return result
      ? booted(client, say('pxe-client.boot-img-system', { folder }))
      : failed('', '', say('pxe-client.config-txt-says-boot-ramdisk', { name: model.name, place }))
  }
  const prefix = configuration.get('os_prefix') ?? ''
  const { deviceTree } = model
  if (deviceTree !== undefined) {
    const name = `${prefix}${configuration.get('device_tree') ?? deviceTree}`
    const result = yield* load(`${folder}${name}`, false)
    if (isPhrase(result)) return lost(`${folder}${name}`, result)
    if (!result && configuration.get('os_check') !== '0') {
      const line = `Device-tree file "${name}" not found.`
      client.line(line)
      client.line('The installed operating system (OS) does not indicate support for Raspberry Pi 5')
      return failed('', line, say('pxe-client.pi-no-system', { name: model.name, file: name, place }))
    }
  }
  const kernel = configuration.get('kernel')
  const kernels = (kernel === undefined ? model.kernels : [kernel]).map((name) => `${prefix}${name}`)
  for (const name of kernels) {
    const result = yield* load(`${folder}${name}`, false)
    if (isPhrase(result)) return lost(`${folder}${name}`, result)
    if (!result) continue
    for (const more of model.behind) {
      const found = yield* load(`${folder}${more}`, false)
      if (isPhrase(found)) return lost(`${folder}${more}`, found)
    }
    return booted(client, say('pxe-client.file-runs', { file: `${folder}${name}` }))
  }
  return failed(
    '',
    '',
    say('pxe-client.no-kernel-led-flashes-seven', { name: model.name, place, kernels: kernels.join(', ') }),
  )
}

export const raspberryPi3: Firmware = (client) => boot(client, pi3)
export const raspberryPi4: Firmware = (client) => boot(client, pi4)
export const raspberryPi5: Firmware = (client) => boot(client, pi5)
