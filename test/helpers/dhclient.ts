import { join } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Network } from './network.ts'

/** Lets ISC's dhclient get an address; what it said and the lease it wrote. It changes no interface. Fewer seconds are for one that must not come. */
export async function dhclient(
  network: Network,
  namespace: string,
  device: string,
  folder: string,
  seconds = 60,
  configuration?: string,
): Promise<string> {
  const lease = join(folder, `dhclient-${device}-${Date.now()}.leases`)
  const file = `${lease}.conf`
  if (configuration !== undefined) writeFileSync(file, configuration)
  const running = network.start(namespace, 'dhclient', [
    '-4',
    '-1',
    '-v',
    '-d',
    '-lf',
    lease,
    '-sf',
    '/bin/true',
    ...(configuration === undefined ? [] : ['-cf', file]),
    '--no-pid',
    device,
  ])
  try {
    await running.sees(/bound to/, seconds)
  } finally {
    await running.stop('SIGKILL')
  }
  return `${running.output}\n${readFileSync(lease, 'utf8')}`
}
