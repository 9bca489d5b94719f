/**
 * iPXE: as an option ROM, as a program that another firmware loaded, and in the guise of a plain ROM. Its autoboot, its
 * PXE menu, what it makes of a loaded file, and its texts.
 */
import { say, type Phrase } from '#messages/message.ts'
import { encodeText, formatIpv4, parseHex } from '../../wire/bytes.ts'
import { bootFileOf, broadcastFlag, findOptionData, vendorClassOf, type DhcpMessage } from '../../wire/dhcp/message.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { discoveryControl, encodePxeVendorOptions, findSubOption, readBootItem } from '../../wire/dhcp/spaces.ts'
import { inspectBootProgram, mismatchOf } from '../../wire/boot-program.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { limitedBroadcast, type Endpoint } from '../machine.ts'
import type { BootContext } from './boot-context.ts'
import { chooseFromMenu } from './boot-menu.ts'
import { failed, type ClientContext, type ClientResult, type Firmware, type Step } from './client.ts'
import { at, clientMessage, replyIn, textOf } from './dhcp-dialogue.ts'
import { parseHttpAddress } from './http-fetch.ts'
import {
  Dialogue,
  absoluteUrl,
  addressText,
  configureNetwork,
  errorText,
  errors,
  fetchFile,
  proxyRequestMs,
  type Fetched,
  type IpxeProfile,
  type IpxeState,
} from './ipxe-network.ts'
import { IpxeSettings } from './ipxe-settings.ts'
import { runScript, type ImageEnd } from './programs/ipxe-script.ts'

const bytes = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, index) => parseInt(digits.slice(index * 2, index * 2 + 2), 16))

const romFeatures = bytes(
  'b105018086100eeb03010000170101220101130101110101270101190101290101100102210101150101180101120101',
)
const snpFeatures = bytes('b105011af41000eb03010000170101240101130101110101270101290101150101120101')

const about = 'iPXE 1.0.0+ -- Open Source Network Boot Firmware -- http://ipxe.org'

const rom: IpxeProfile = {
  platform: 'bios',
  architecture: 0,
  undi: [1, 2, 1],
  tells: true,
  features: romFeatures,
  setsBroadcast: false,
  quickMs: 981,
  card: '82540em on 0000:00:03.0 (open)',
  site: 'http://ipxe.org',
  hasIpv6: true,
  banner: [
    'Booting from ROM...',
    'iPXE (PCI 00:03.0) starting execution...ok',
    'iPXE initialising devices...ok',
    '',
    about,
    'Features: DNS HTTP iSCSI NFS TFTP AoE ELF MBOOT PXE bzImage Menu PXEXT',
    '',
  ],
}

/** A ROM that is iPXE inside and looks like an Intel ROM on the wire. */
const disguised: IpxeProfile = {
  ...rom,
  tells: false,
  setsBroadcast: true,
  hasIpv6: false,
  site: 'https://ipxe.org',
  card: '82540em on 0000:00:03.0 (Ethernet) [open]',
}

const loaded = (platform: 'bios' | 'uefi', architecture: number): IpxeProfile => ({
  ...rom,
  platform,
  architecture,
  undi: platform === 'uefi' ? [1, 3, 10] : [1, 2, 1],
  features: platform === 'uefi' ? snpFeatures : romFeatures,
  setsBroadcast: platform === 'bios',
  quickMs: platform === 'uefi' ? 3 : 981,
  card: platform === 'uefi' ? 'SNP on SNP-0000:00:02.0 (open)' : 'undionly on 0000:00:03.0 (open)',
  banner: ['iPXE initialising devices...ok', '', about, ''],
})

const promptMs = 2000

const deepest = 5

/** Autoboot: DHCP, then the PXE menu, or the file that was named. */
function* autoboot(client: ClientContext, state: IpxeState): Step<ClientResult | 'returned'> {
  const { profile } = state
  const nothing = (because: Phrase): ClientResult => {
    const line = errorText(profile, 'Nothing to boot: No such file or directory', '2d03e13b')
    client.line(line)
    return failed('', line, because)
  }
  const lost = yield* configureNetwork(client, state)
  if (lost !== undefined) {
    const { ipv6Router, ipv6 } = client.habits
    if (profile.hasIpv6 && ipv6 !== true && ipv6Router !== false) return nothing(lost)
    return failed('', errorText(profile, 'No configuration methods succeeded', '040ee119'), lost)
  }
  const { ack, boot, why } = state.configured!
  let told = boot ?? ack
  const option43 = findOptionData(told, optionCodes.vendorSpecific)
  const control = option43 ? (findSubOption('pxe', option43, 6)?.[0] ?? 0) : 0
  const hasMenu = option43 !== undefined && findSubOption('pxe', option43, 9) !== undefined
  const isDirect = (control & discoveryControl.downloadNamedFile) !== 0 && bootFileOf(told) !== ''
  if (hasMenu && !isDirect && vendorClassOf(told) === 'PXEClient') {
    if (profile.platform === 'uefi') {
      // The menu belongs to the BIOS builds (pxe_menu_boot): elsewhere it is announced and nothing follows.
      client.line('Booting from PXE menu')
      return failed('', 'Booting from PXE menu', say('pxe-client.ipxe-uefi-no-pxe-boot'))
    }
    const answer = yield* bootFromMenu(client, profile, option43)
    if (answer === 'local') return 'returned'
    if (!answer) return nothing(say('pxe-client.no-boot-server-menu-answered'))
    told = answer
  }
  // What DHCP names stands before what DHCPv6 does, and only with it goes its server.
  const own = bootFileOf(told)
  const file = own === '' ? (state.ipv6?.url ?? '') : own
  const nextServer = own === '' && file !== '' ? 0 : told.siaddr || addressText(textOf(told, optionCodes.tftpServerName)) || 0 // prettier-ignore
  if (file === '') return nothing(why === '' ? say('pxe-client.no-reply-names-boot-file') : why)
  if (nextServer !== 0) client.line(`Next server: ${formatIpv4(nextServer)}`)
  client.line(`Filename: ${file}`)
  if (nextServer === 0 && !/^[a-z]+:/i.test(file)) return nothing(say('pxe-client.named-but-no-server', { file }))
  yield* client.sleep(32)
  const fetched = yield* fetchFile(client, state, absoluteUrl(file, undefined, nextServer))
  if (!fetched.ok) return failed('', fetched.line, fetched.because)
  const end = yield* runImage(client, state, fetched, ack, told)
  if (end === 'returned' || end.state !== 'image-failed') return end
  const line = `Could not boot image: ${end.error}`
  client.line(line)
  return failed('', line, end.because)
}

function* bootFromMenu(
  client: ClientContext,
  profile: IpxeProfile,
  option43: Uint8Array,
): Step<DhcpMessage | 'local' | undefined> {
  client.line('Booting from PXE menu')
  yield* client.sleep(40)
  const chosen = yield* chooseFromMenu(client, option43)
  if (typeof chosen === 'string') return undefined
  const { item, servers, control } = chosen
  if (item.type === 0) return 'local'
  // It shows the type with its octets swapped.
  const shownType = ((item.type & 255) << 8) | (item.type >> 8)
  client.print(`PXEBS (net0 type ${shownType})..`)
  const dialogue = new Dialogue(client, profile)
  dialogue.xid = 0
  const targets: Endpoint[] = [
    ...((control & discoveryControl.noBroadcast) === 0 ? [{ address: limitedBroadcast, port: 67 }] : []),
    ...servers.map((address) => ({ address, port: 4011 })),
  ]
  for (const target of targets) {
    dialogue.count = 0
    for (const wait of proxyRequestMs) {
      dialogue.count++
      client.print('.')
      client.stage('boot-server', say('pxe-client.asks-port', { server: at(target.address), port: target.port }))
      client.send(
        68,
        target,
        clientMessage(
          client,
          { xid: 0, secs: dialogue.secs(false, false), flags: broadcastFlag, ciaddr: client.lease!.address },
          dialogue.options(messageTypes.request, 'PXEClient', [
            {
              code: optionCodes.vendorSpecific,
              data: encodePxeVendorOptions({ bootItem: { type: item.type, layer: 0 } }),
            },
          ]),
        ),
      )
      const until = client.now + wait
      while (client.now < until) {
        const reply = replyIn(client, yield until, 0, 68)
        if (!reply || reply.source.port !== 4011) continue
        const answered = readBootItem(findOptionData(reply.message, optionCodes.vendorSpecific))
        if (answered?.type !== item.type) continue
        client.line(' ok')
        return reply.message
      }
    }
  }
  client.line(` ${errorText(profile, errors.timeout, '4c126035')}`)
  return undefined
}

/** Runs what was loaded: a script, or a program of this platform. */
function* runImage(
  client: ClientContext,
  state: IpxeState,
  { head, size, url, server }: Fetched,
  ack: DhcpMessage,
  reply: DhcpMessage,
): Step<ImageEnd> {
  const { profile } = state
  const name = url.slice(url.lastIndexOf('/') + 1)
  client.stage('program', name)
  const program = inspectBootProgram(head, name)
  // Only what was booted by itself is announced, not what a script loads.
  const announce = (kind: string): void => {
    if (!state.isInScript) client.line(`${name} : ${size} bytes [${kind}]`)
  }
  if (program.kind === 'script') {
    announce('script')
    state.isInScript = true
    return yield* runScript(client, state, head, url, runImage)
  }
  const architecture = architectureOf(profile.architecture)
  if (profile.platform === 'bios') {
    if (program.kind === 'uefi') {
      announce('PXE-NBP (may be EFI?)')
      return failed('', '', say('pxe-client.uefi-program-bios-jumps-into-2', { name }))
    }
    announce('PXE-NBP')
  } else {
    const mismatch = architecture && mismatchOf(program, architecture)
    announce('EFI')
    if (mismatch !== undefined)
      return { state: 'image-failed', error: errorText(profile, 'Exec format error', '2e008001'), because: mismatch }
  }
  if (state.depth >= deepest) return failed('', '', say('pxe-client.ipxe-loads-ipxe-again-again'))
  return yield* client.run(
    client,
    {
      platform: profile.platform,
      architecture: profile.architecture,
      server,
      file: url.replace(/^[a-z]+:\/\/[^/]+\//i, ''),
      ack,
      reply,
      transport: url.startsWith('http') ? 'http' : 'tftp',
      port: parseHttpAddress(url)?.port ?? 69,
    },
    head,
    state.depth,
  )
}

function* ipxe(
  client: ClientContext,
  profile: IpxeProfile,
  depth: number,
  vendorClass?: string,
): Step<ClientResult | 'returned'> {
  for (const line of profile.banner) client.line(line)
  client.print('Press Ctrl-B for the iPXE command line...')
  // As a program it waits before it opens the network; the ROM has done so before its first DISCOVER.
  if (depth > 0) yield* client.sleep(promptMs)
  client.print('\r')
  client.line(`net0: ${client.macText} using ${profile.card}`)
  client.line('  [Link:up, TX:0 TXE:0 RX:0 RXE:0]')
  const isUefi = profile.platform === 'uefi'
  const settings = new IpxeSettings()
    .keep('mac', client.mac, 'hex')
    .keep('uuid', parseHex(client.uuidText.replaceAll('-', ''))!, 'uuid')
    .keep('buildarch', encodeText(profile.architecture === 11 ? 'arm64' : isUefi ? 'x86_64' : 'i386'), 'string')
    .keep('platform', encodeText(isUefi ? 'efi' : 'pcbios'), 'string')
    .keep('version', encodeText('1.0.0+'), 'string')
  const state: IpxeState = {
    profile,
    depth,
    settings,
    images: [],
    selected: undefined,
    commands: 0,
    scripts: 0,
    configured: undefined,
    ipv6: undefined,
    vendorClass,
    isInScript: false,
  }
  const result = yield* autoboot(client, state)
  if (result === 'returned' || result.state === 'failed') {
    if (result === 'returned' || result.line !== '') {
      client.line('No more network devices')
      // Before it goes it offers its command line once more.
      client.line()
      client.print('Press Ctrl-B for the iPXE command line...')
      yield* client.sleep(promptMs)
      client.print('\r')
    }
  }
  return result
}

const asFirmware =
  (profile: IpxeProfile): Firmware =>
  (client) =>
    firmware(client, profile)

function* firmware(client: ClientContext, profile: IpxeProfile): Step<ClientResult> {
  const result = yield* ipxe(client, profile, 0)
  if (result === 'returned' || (result.state === 'failed' && result.line !== '')) client.line('No bootable device.')
  return result === 'returned'
    ? { state: 'local', code: '', line: 'No more network devices', because: say('pxe-client.program-ended-itself') }
    : result
}

export const ipxeRom: Firmware = asFirmware(rom)
export const ipxeDisguised: Firmware = asFirmware(disguised)
export const ipxeOnUefi: Firmware = asFirmware(loaded('uefi', 7))

/** iPXE as a program that a firmware or another iPXE loaded. */
export const ipxeProgram = (
  client: ClientContext,
  platform: 'bios' | 'uefi',
  architecture: number,
  depth: number,
  /** What the firmware was told. */
  { ack, reply, letGo }: Pick<BootContext, 'ack' | 'reply' | 'letGo'>,
): Step<ClientResult | 'returned'> => {
  letGo?.()
  return ipxe(
    client,
    loaded(platform, architecture),
    depth,
    // undionly asks the ROM for the packets it cached and makes them settings; on UEFI there is nobody to ask.
    platform === 'bios' ? vendorClassOf(reply) || vendorClassOf(ack) || undefined : undefined,
  )
}
