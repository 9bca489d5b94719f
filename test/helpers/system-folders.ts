import { delimiter } from 'node:path'

const alsoLookIn = process.platform === 'win32' ? [] : ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin']

/** Where programs of the system are: `npm test` puts those of packages first, and the package dhcp has a dhcpd of its own. */
export const systemFolders = (): string[] =>
  [...(process.env['PATH'] ?? '').split(delimiter), ...alsoLookIn].filter((one) => !/[/\\]node_modules[/\\]/.test(one))
