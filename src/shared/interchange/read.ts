/** Any configuration as the model: the engine is recognised from what the file says. */
import { readDnsmasq } from './dnsmasq.ts'
import { readKea } from './kea.ts'
import type { Configuration, SourceFile } from './model.ts'

const isKea = (text: string): boolean => /"Dhcp4"\s*:/.test(text)
const isDnsmasq = (text: string): boolean =>
  /^[ \t]*(dhcp-(range|host|boot|option|match|vendorclass|userclass)|pxe-service|enable-tftp|tftp-root|dhcp-authoritative)\b[ \t]*(=|$)/m.test(
    text,
  )

/** Reads the configuration of a DHCP server; undefined where no engine is recognised. Throws nothing. */
export function readConfiguration(file: SourceFile): Configuration | undefined {
  if (isKea(file.text)) return readKea(file)
  return isDnsmasq(file.text) ? readDnsmasq(file) : undefined
}
