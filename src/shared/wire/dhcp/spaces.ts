/**
 * Options inside options. The same number means another thing in each space, so the space is a parameter of the decoder:
 * `pxe` is option 43 under the class PXEClient (PXE 2.1 section 2.4), `relay` option 82 (RFC 3046 and its successors),
 * `ipxe` option 175, `wds` Microsoft's option 250.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import {
  bytesOfU16,
  concatBytes,
  decodeText,
  encodeText,
  formatHex,
  formatIpv4,
  type Problem,
  bytesOfU32,
  u16At,
  u32At,
} from '../bytes.ts'
import { items, listed, numbered } from '../words.ts'
import { kinds, type DecodedValue, type Kind, type OptionValue } from './kinds.ts'

export type SpaceName = 'pxe' | 'relay' | 'ipxe' | 'wds'

export interface SubOption {
  readonly code: number
  readonly name: string
  /** Offset of its code byte in the option's data. */
  readonly at: number
  /** Offset behind its last byte. */
  readonly end: number
  readonly data: Uint8Array
  readonly value: OptionValue
  readonly text: Phrase
}

interface SubDefinition {
  readonly name: string
  readonly kind: Kind
}

interface Space {
  readonly reference: string
  /** Whether 0 pads and 255 ends, as in option 43; in option 82 neither does (RFC 3046 section 2.0). */
  readonly hasPadAndEnd: boolean
  readonly options: Readonly<Record<number, SubDefinition>>
}

/** Kinds that only decode: nobody writes them in a lab file as such. */
const readOnly = (decode: (data: Uint8Array) => DecodedValue): Kind => ({
  wants: 'hexadecimal digits',
  decode,
  encode: (value) => kinds.opaque.encode(value),
})

export const discoveryControl = {
  noBroadcast: 1,
  noMulticast: 2,
  onlyListedServers: 4,
  downloadNamedFile: 8,
} as const

const discoveryControlKind = readOnly((data) => {
  if (data.length !== 1)
    return { value: formatHex(data), text: formatHex(data), problem: `${data.length} bytes, needs 1` }
  const bits = data[0]!
  const said = [
    ...(bits & discoveryControl.noBroadcast ? [say('field.no-broadcast')] : []),
    ...(bits & discoveryControl.noMulticast ? [say('field.no-multicast')] : []),
    ...(bits & discoveryControl.onlyListedServers ? [say('field.only-listed')] : []),
    ...(bits & discoveryControl.downloadNamedFile ? [say('field.just-download')] : []),
  ]
  return { value: bits, text: numbered(said.length === 0 ? say('field.any-discovery') : listed(said), bits) }
})

export interface BootServerEntry {
  readonly type: number
  /** Addresses as 32-bit numbers; empty means any server of that type. */
  readonly addresses: readonly number[]
}

const bootServersKind = readOnly((data) => {
  const entries: { type: number; addresses: string[] }[] = []
  let at = 0
  while (at < data.length) {
    const count = data[at + 2]
    if (count === undefined || at + 3 + count * 4 > data.length)
      return { value: formatHex(data), text: formatHex(data), problem: `the server list at byte ${at} is cut off` }
    entries.push({
      type: u16At(data, at),
      addresses: Array.from({ length: count }, (_, index) => formatIpv4(u32At(data, at + 3 + index * 4))),
    })
    at += 3 + count * 4
  }
  return {
    value: entries,
    text: items(
      entries.map(({ type, addresses }) =>
        say('wire.because', {
          what: say('wire.type', { type }),
          why: addresses.length === 0 ? say('field.any-server') : addresses.join(' '),
        }),
      ),
    ),
  }
})

const bootMenuKind = readOnly((data) => {
  const menu: { type: number; text: string }[] = []
  let at = 0
  while (at < data.length) {
    const length = data[at + 2]
    if (length === undefined || at + 3 + length > data.length)
      return { value: formatHex(data), text: formatHex(data), problem: `the menu item at byte ${at} is cut off` }
    menu.push({ type: u16At(data, at), text: decodeText(data.subarray(at + 3, at + 3 + length)) })
    at += 3 + length
  }
  return { value: menu, text: menu.map((item) => `${item.type} "${item.text}"`).join(', ') }
})

const menuPromptKind = readOnly((data) => {
  if (data.length < 1) return { value: '', text: '', problem: 'is empty, needs at least 1 byte' }
  const prompt = decodeText(data.subarray(1))
  const timeout = data[0]!
  const wait =
    timeout === 255
      ? say('field.menu-waits')
      : timeout === 0
        ? say('field.menu-first')
        : say('field.menu-wait', { seconds: timeout })
  return { value: { timeout, prompt }, text: listed([`"${prompt}"`, wait]) }
})

const bootItemKind = readOnly((data) => {
  if (data.length !== 4)
    return { value: formatHex(data), text: formatHex(data), problem: `${data.length} bytes, needs 4` }
  const type = u16At(data, 0)
  const layer = u16At(data, 2)
  return {
    value: { type, layer },
    text: listed([
      say('wire.type', { type }),
      say('field.layer', { layer: layer & 0x7fff }),
      ...(layer & 0x8000 ? [say('field.credentials')] : []),
    ]),
  }
})

const u32sKind = readOnly((data) => {
  if (data.length === 0 || data.length % 4 !== 0)
    return { value: formatHex(data), text: formatHex(data), problem: `${data.length} bytes, needs a multiple of 4` }
  const values = Array.from({ length: data.length / 4 }, (_, at) => u32At(data, at * 4))
  return { value: values, text: values.join(', ') }
})

/** Bytes that are shown as text where they are printable: circuit and remote identifiers are either. */
const textOrHex: Kind = {
  wants: kinds.opaque.wants,
  decode(data) {
    const isPrintable = data.length > 0 && data.every((byte) => byte >= 0x20 && byte < 0x7f)
    return { value: formatHex(data), text: isPrintable ? decodeText(data) : formatHex(data, ' ') }
  },
  encode: (value) => kinds.opaque.encode(value),
}

const sub = (name: string, kind: Kind): SubDefinition => ({ name, kind })

const ipxeFeatures = [
  'pxe-ext', 'iscsi', 'aoe', 'http', 'https', 'tftp', 'ftp', 'dns', 'bzimage', 'multiboot', 'slam', 'srp',
] // prettier-ignore
const ipxeFeaturesFrom20 = ['nbi', 'pxe', 'elf', 'comboot', 'efi', 'fcoe', 'vlan', 'menu', 'sdi', 'nfs']

const wdsActions: Readonly<Record<number, Message>> = {
  1: say('field.wds-approval'),
  3: say('field.wds-referral'),
  5: say('field.wds-abort'),
}
const wdsPrompts: Readonly<Record<number, Message>> = {
  1: say('field.wds-opt-in'),
  2: say('field.wds-no-prompt'),
  3: say('field.wds-opt-out'),
}

/** What a WDS server told a boot program to do next, in option 250; undefined where it says nothing of it. */
export function wdsActionOf(option250: Uint8Array | undefined): Message | undefined {
  const action = option250 && findSubOption('wds', option250, 2)
  return action?.length === 1 ? wdsActions[action[0]!] : undefined
}

const wordFor = (names: Readonly<Record<number, Message>>): Kind =>
  readOnly((data) =>
    data.length === 1
      ? { value: data[0]!, text: numbered(names[data[0]!] ?? say('wire.unknown'), data[0]!) }
      : { value: formatHex(data), text: formatHex(data), problem: `${data.length} bytes, needs 1` },
  )

export const spaces: Readonly<Record<SpaceName, Space>> = {
  pxe: {
    reference: 'PXE 2.1 section 2.4',
    hasPadAndEnd: true,
    options: {
      1: sub('mtftp-ip', kinds.address),
      2: sub('mtftp-client-port', kinds.u16),
      3: sub('mtftp-server-port', kinds.u16),
      4: sub('mtftp-timeout', kinds.u8),
      5: sub('mtftp-delay', kinds.u8),
      6: sub('discovery-control', discoveryControlKind),
      7: sub('discovery-multicast-address', kinds.address),
      8: sub('boot-servers', bootServersKind),
      9: sub('boot-menu', bootMenuKind),
      10: sub('menu-prompt', menuPromptKind),
      11: sub('multicast-address-allocation', kinds.opaque),
      12: sub('credential-types', u32sKind),
      64: sub('nic-path', kinds.text),
      65: sub('manufacturer-information', kinds.text),
      66: sub('os-information', kinds.text),
      67: sub('boot-os-information', kinds.text),
      68: sub('prompt-information', kinds.text),
      69: sub('os-information-2', kinds.text),
      70: sub('boot-os-information-2', kinds.text),
      71: sub('boot-item', bootItemKind),
      179: sub('lcm-server', kinds.text),
      180: sub('lcm-domain', kinds.text),
      181: sub('lcm-nic-option', kinds.opaque),
      190: sub('lcm-workgroup', kinds.text),
      191: sub('lcm-discovery', kinds.opaque),
      192: sub('lcm-configured', kinds.opaque),
      193: sub('lcm-version', kinds.u32),
      194: sub('lcm-serial-number', kinds.opaque),
      208: sub('pxelinux-magic', kinds.opaque),
      209: sub('configuration-file', kinds.text),
      210: sub('path-prefix', kinds.text),
      211: sub('reboot-time', kinds.seconds),
    },
  },
  relay: {
    reference: 'RFC 3046 section 2.0',
    hasPadAndEnd: false,
    options: {
      1: sub('agent-circuit-id', textOrHex),
      2: sub('agent-remote-id', textOrHex),
      4: sub('docsis-device-class', kinds.u32),
      5: sub('link-selection', kinds.address),
      6: sub('subscriber-id', kinds.text),
      7: sub('radius-attributes', kinds.opaque),
      8: sub('authentication', kinds.opaque),
      9: sub('vendor-specific-information', kinds.opaque),
      10: sub('relay-agent-flags', kinds.u8),
      11: sub('server-identifier-override', kinds.address),
      12: sub('relay-agent-identifier', kinds.opaque),
      13: sub('access-technology-type', kinds.u16),
      14: sub('access-network-name', kinds.text),
      15: sub('access-point-name', kinds.text),
      16: sub('access-point-bssid', kinds.opaque),
      17: sub('operator-identifier', kinds.opaque),
      18: sub('operator-realm', kinds.text),
      19: sub('relay-source-port', kinds.u16),
      150: sub('cisco-link-selection', kinds.address),
      151: sub('virtual-subnet-selection', kinds.opaque),
      152: sub('cisco-server-identifier-override', kinds.address),
    },
  },
  ipxe: {
    reference: 'iPXE encapsulated options',
    hasPadAndEnd: true,
    options: {
      0x01: sub('priority', kinds.u8),
      0x08: sub('keep-san', kinds.u8),
      0x09: sub('skip-san-boot', kinds.u8),
      ...Object.fromEntries(ipxeFeatures.map((name, index) => [0x10 + index, sub(`feature-${name}`, kinds.u8)])),
      ...Object.fromEntries(ipxeFeaturesFrom20.map((name, index) => [0x20 + index, sub(`feature-${name}`, kinds.u8)])),
      0x51: sub('scriptlet', kinds.text),
      0x55: sub('syslogs-server', kinds.text),
      0x5a: sub('trust', kinds.opaque),
      0x5b: sub('certificate', kinds.opaque),
      0x5c: sub('private-key', kinds.opaque),
      0x5d: sub('cross-certificate', kinds.text),
      0xb0: sub('no-pxedhcp', kinds.u8),
      0xb1: sub('bus-id', kinds.opaque),
      0xbb: sub('san-retry', kinds.u8),
      0xbc: sub('san-filename', kinds.text),
      0xbd: sub('san-drive', kinds.u8),
      0xbe: sub('username', kinds.text),
      0xbf: sub('password', kinds.text),
      0xc0: sub('reverse-username', kinds.text),
      0xc1: sub('reverse-password', kinds.text),
      0xc2: sub('uid', kinds.u32),
      0xc3: sub('gid', kinds.u32),
      0xeb: sub(
        'version',
        readOnly((data) => ({ value: data.join('.'), text: data.join('.') })),
      ),
    },
  },
  wds: {
    reference: 'Windows SDK wdsbp.h; other sub-options unconfirmed',
    hasPadAndEnd: true,
    options: {
      1: sub('architecture', kinds.u16),
      2: sub('next-action', wordFor(wdsActions)),
      3: sub('poll-interval', kinds.u16),
      4: sub('poll-retry-count', kinds.u16),
      5: sub('request-id', kinds.u32),
      6: sub('message', kinds.text),
      7: sub('version-query', kinds.u8),
      8: sub('server-version', kinds.u32),
      9: sub('referral-server', kinds.address),
      10: sub('unknown-10', kinds.opaque),
      11: sub('pxe-client-prompt', wordFor(wdsPrompts)),
      12: sub('pxe-prompt-done', kinds.u8),
      13: sub(
        'boot-program-version',
        readOnly((data) => ({ value: u16At(data, 0), text: `0x${formatHex(data)}` })),
      ),
      14: sub('action-done', kinds.u8),
      15: sub('allow-server-selection', kinds.u8),
      16: sub('server-features', kinds.opaque),
    },
  },
}

export interface DecodedSpace {
  readonly subOptions: readonly SubOption[]
  readonly problems: readonly Problem[]
}

/** Reads every sub-option that is whole; offsets of problems count from `base`. */
export function decodeSpace(name: SpaceName, data: Uint8Array, base = 0): DecodedSpace {
  const space = spaces[name]
  const subOptions: SubOption[] = []
  const problems: Problem[] = []
  let at = 0
  while (at < data.length) {
    const code = data[at]!
    if (space.hasPadAndEnd && code === 0) {
      at++
      continue
    }
    if (space.hasPadAndEnd && code === 255) break
    const length = data[at + 1]
    const definition = space.options[code]
    const field = definition?.name ?? `${name}-${code}`
    if (length === undefined || at + 2 + length > data.length) {
      problems.push({ at: base + at, field, message: `is cut off: ${data.length - at} bytes are left` })
      break
    }
    const body = data.subarray(at + 2, at + 2 + length)
    const decoded = (definition?.kind ?? kinds.opaque).decode(body)
    if (decoded.problem) problems.push({ at: base + at, field, message: decoded.problem })
    subOptions.push({
      code,
      name: field,
      at,
      end: at + 2 + length,
      data: body,
      value: decoded.value,
      text: decoded.text,
    })
    at += 2 + length
  }
  return { subOptions, problems }
}

/** The data of one sub-option, read without decoding the rest; undefined where it is missing. */
export function findSubOption(name: SpaceName, data: Uint8Array, code: number): Uint8Array | undefined {
  const { hasPadAndEnd } = spaces[name]
  for (let at = 0; at < data.length;) {
    if (hasPadAndEnd && data[at] === 255) return undefined
    if (hasPadAndEnd && data[at] === 0) {
      at++
      continue
    }
    const length = data[at + 1]
    if (length === undefined || at + 2 + length > data.length) return undefined
    if (data[at] === code) return data.subarray(at + 2, at + 2 + length)
    at += 2 + length
  }
  return undefined
}

const subOptionBytes = (code: number, data: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(code, data.length), data])

/** What a boot-server or proxy answer puts into option 43 (PXE 2.1 section 2.4). */
export interface PxeVendorOptions {
  readonly discoveryControl?: number
  readonly discoveryMulticastAddress?: number
  readonly bootServers?: readonly BootServerEntry[]
  readonly bootMenu?: readonly { readonly type: number; readonly text: string }[]
  readonly menuPrompt?: { readonly timeoutSeconds: number; readonly text: string }
  readonly bootItem?: { readonly type: number; readonly layer: number }
}

const menuItemBytes = (item: { readonly type: number; readonly text: string }): Uint8Array[] => {
  const text = encodeText(item.text)
  return [bytesOfU16(item.type), Uint8Array.of(text.length), text]
}

const menuPromptBytes = (prompt: NonNullable<PxeVendorOptions['menuPrompt']>): Uint8Array =>
  concatBytes([Uint8Array.of(prompt.timeoutSeconds), encodeText(prompt.text)])

export function encodePxeVendorOptions(options: PxeVendorOptions): Uint8Array {
  const parts: Uint8Array[] = []
  if (options.discoveryControl !== undefined) parts.push(subOptionBytes(6, Uint8Array.of(options.discoveryControl)))
  if (options.discoveryMulticastAddress !== undefined)
    parts.push(subOptionBytes(7, bytesOfU32(options.discoveryMulticastAddress)))
  if (options.bootServers)
    parts.push(
      subOptionBytes(
        8,
        concatBytes(
          options.bootServers.flatMap((entry) => [
            bytesOfU16(entry.type),
            Uint8Array.of(entry.addresses.length),
            ...entry.addresses.map(bytesOfU32),
          ]),
        ),
      ),
    )
  const menu = options.bootMenu && subOptionBytes(9, concatBytes(options.bootMenu.flatMap(menuItemBytes)))
  const prompt = options.menuPrompt && subOptionBytes(10, menuPromptBytes(options.menuPrompt))
  // As dnsmasq has it: a prompt that waits for nobody stands first. The ROM of the Raspberry Pi 3B knows this order.
  const inOrder = options.menuPrompt?.timeoutSeconds === 0 ? [prompt, menu] : [menu, prompt]
  parts.push(...inOrder.filter((one) => one !== undefined))
  if (options.bootItem)
    parts.push(subOptionBytes(71, concatBytes([bytesOfU16(options.bootItem.type), bytesOfU16(options.bootItem.layer)])))
  return concatBytes([...parts, Uint8Array.of(255)])
}

/** Sub-option 71 of a boot-server request: which item of the menu, which layer; undefined where it is absent. */
export function readBootItem(option43: Uint8Array | undefined): { type: number; layer: number } | undefined {
  const data = option43 && findSubOption('pxe', option43, 71)
  return data?.length === 4 ? { type: u16At(data, 0), layer: u16At(data, 2) } : undefined
}
