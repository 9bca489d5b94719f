/** Asks the wire who gives addresses, before this machine does. */
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { addressOption, bootFileOf, vendorClassOf } from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { guardMac } from '#shared/wire/lab-checks.ts'
import type { FoundServer } from '#shared/contract/events.ts'
import { askWire, type WireQuestion } from './ask-wire.ts'

export interface GuardResult {
  readonly servers: readonly FoundServer[]
  /** Why the question could not be asked; undefined where it was. */
  readonly complaint: string | undefined
}

export async function askWhoAnswers(
  options: Pick<WireQuestion, 'interface' | 'relay' | 'signal'>,
): Promise<GuardResult> {
  const found = new Map<string, FoundServer>()
  const complaint = await askWire({
    ...options,
    mac: guardMac,
    architectures: [7],
    onOffer: ({ message }) => {
      const server = formatIpv4(addressOption(message, optionCodes.serverIdentifier) ?? message.siaddr)
      found.set(`${server}/${message.yiaddr === 0 ? 'proxy' : 'dhcp'}`, {
        interface: options.interface.name,
        server,
        role: message.yiaddr === 0 ? 'proxy-dhcp' : 'dhcp',
        offered: message.yiaddr === 0 ? undefined : formatIpv4(message.yiaddr),
        vendorClass: vendorClassOf(message),
        bootFile: bootFileOf(message),
        nextServer: formatIpv4(message.siaddr),
      })
    },
  })
  return { servers: [...found.values()], complaint }
}
