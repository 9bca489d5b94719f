/** What the configuration of a server says of the address it answers on; nothing where it says none. */
import { parseIpv4 } from '../wire/bytes.ts'
import type { Configuration } from '../interchange/model.ts'

/** `listen-address` of dnsmasq(8), `interfaces-config` of Kea (ARM 8.2.4: "eth0/10.0.0.5"), `local-address` and `server-identifier` of dhcpd.conf(5). */
const written: Partial<Readonly<Record<Configuration['engine'], RegExp>>> = {
  dnsmasq: /^[ \t]*listen-address[ \t]*=[ \t]*(.*)$/gm,
  dhcpd: /^[ \t]*(?:local-address|server-identifier|option[ \t]+dhcp-server-identifier)[ \t]+(.*)$/gm,
  kea: /"interfaces"\s*:\s*\[([^\]]*)\]/g,
}

export function ownAddressOf({ engine }: Configuration, text: string): number | undefined {
  const pattern = written[engine]
  if (!pattern) return undefined
  for (const [, value = ''] of text.matchAll(pattern))
    for (const one of value.match(/\d{1,3}(\.\d{1,3}){3}/g) ?? []) {
      const address = parseIpv4(one)
      if (address !== undefined && address >>> 24 !== 127 && address !== 0) return address
    }
  return undefined
}
