/** Colours by protocol, where the protocol is named. */
export const protocolColours: Readonly<Record<string, string>> = {
  DHCP: 'var(--lab-dhcp)',
  proxyDHCP: 'var(--lab-pxe)',
  TFTP: 'var(--lab-tftp)',
  HTTP: 'var(--lab-http)',
}
