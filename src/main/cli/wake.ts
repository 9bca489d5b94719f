/** `pxe-lab wake`: magic packets for machines, on the networks of a lab. */
import { givenNames } from '#shared/lab/given-names.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import { secureOnOf, wakeMachines, whyNoCard } from '../probe/wake.ts'
import { describeInterface, listInterfaces, selectInterfaces } from '../responder/interfaces.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'
import { wakeGroup } from './wake-group.ts'

export interface WakeOptions {
  readonly interface?: readonly string[]
  readonly config?: string
  readonly password?: string
  readonly group?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const refuse = (text: string, about: string): never => {
  complain(text)
  throw new UsageError(about)
}

/** The hardware address that a machine is named by, itself or as the lab file calls it. Else tells, and throws a UsageError. */
export function macOf(machine: string, lab: Lab | undefined): string {
  const mac = parseMac(machine)
  if (mac !== undefined) {
    const why = whyNoCard(mac)
    return why === undefined ? mac : refuse(`${why}. Write the MAC address of its network card.`, 'machine')
  }
  const { byMac, byUuid } = givenNames(lab)
  const isIt = (name: string): boolean => name.toLowerCase() === machine.toLowerCase()
  const found = [...byMac].filter(([, name]) => isIt(name)).map(([one]) => one)
  if (found.length > 1) return refuse(`${machine} names ${found.length} machines of the lab file. Write a MAC address: ${found.join(' or ')}.`, 'machine') // prettier-ignore
  if (found[0] !== undefined) return found[0]
  if ([...byUuid.values()].some(isIt))
    return refuse(`the lab file has no MAC address for ${machine}, which it knows by UUID. Add its mac, or write it here.`, 'machine') // prettier-ignore
  const names = [...new Set(byMac.values())]
  return refuse(`${machine} is neither a MAC address (52:54:00:77:00:01) nor the name of a machine in the lab file${names.length > 0 ? ` (${names.slice(0, 10).join(', ')})` : ''}.`, 'machine') // prettier-ignore
}

/** SecureOn: six octets written as a MAC address, or four written as an IPv4 address. */
function passwordOf(text: string): Uint8Array {
  return secureOnOf(text) ?? refuse(`--password ${text} is no SecureOn password. Write six octets (01:02:03:0a:0b:0c) or four (192.168.0.1).`, '--password') // prettier-ignore
}

/** 0 sent on every network, 1 on some or none, 2 the lab file cannot be used. */
export async function wake(machines: readonly string[], options: WakeOptions): Promise<number> {
  if (options.group !== undefined) {
    if (machines.length > 0 || options.interface || options.password !== undefined)
      return refuse('--group names the machines itself. Leave machines, --interface and --password out.', '--group')
    return wakeGroup(options.group, options.config ?? 'lab.yaml')
  }
  if (machines.length === 0) return refuse('no machine is named. Write a MAC address, the name of a machine of the lab file, or --group NAME.', 'machine') // prettier-ignore
  const password = options.password === undefined ? undefined : passwordOf(options.password)
  const needsLab =
    options.config !== undefined || !options.interface || machines.some((one) => parseMac(one) === undefined)
  const read = needsLab ? await labOf(options.config ?? 'lab.yaml', '--config, or a network with --interface and machines by MAC address') : undefined // prettier-ignore
  if (needsLab && !read) return exitCodes.badLabFile
  const macs = [...new Set(machines.map((one) => macOf(one, read?.lab)))]
  const all = listInterfaces()
  const { found, missing } = selectInterfaces(options.interface ?? [read!.lab.interface].flat(), all)
  if (missing.length > 0) {
    complain(`there is no interface ${missing.join(', ')} with an IPv4 address. Choose of: ${all.map(describeInterface).join(', ') || 'none'}.`) // prettier-ignore
    return exitCodes.failed
  }
  const { sent, failed } = await wakeMachines(macs, found, password)
  for (const mac of sent.length > 0 ? macs : [])
    process.stdout.write(`A wake-up packet was sent to ${mac}, by ${sent.join(', ')}.\n`)
  for (const one of failed) complain(`${one}.`)
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed
}
