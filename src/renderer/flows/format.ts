/** Sizes as people read them. */
export const formatSize = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 1_048_576
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1_048_576).toFixed(1)} MiB`

export const protocolColours: Readonly<Record<string, string>> = {
  DHCP: 'var(--lab-dhcp)',
  proxyDHCP: 'var(--lab-pxe)',
  TFTP: 'var(--lab-tftp)',
  HTTP: 'var(--lab-http)',
}
