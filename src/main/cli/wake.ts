/** `pxe-lab wake`: magic packets for machines, on the networks of a lab. */
import { t } from '#messages/text.ts'
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
    return why === undefined ? mac : refuse(t('cli.write-mac-address-network-card', { why }), 'machine')
  }
  const { byMac, byUuid } = givenNames(lab)
  const isIt = (name: string): boolean => name.toLowerCase() === machine.toLowerCase()
  const found = [...byMac].filter(([, name]) => isIt(name)).map(([one]) => one)
  if (found.length > 1) return refuse(t('cli.names-machines-lab-file-write', { machine, length: found.length, found: found.join(' or ') }), 'machine') // prettier-ignore
  if (found[0] !== undefined) return found[0]
  if ([...byUuid.values()].some(isIt))
    return refuse(t('cli.lab-file-no-mac-address', { machine }), 'machine') // prettier-ignore
  const names = [...new Set(byMac.values())]
  return refuse(names.length > 0 ? t('cli.neither-mac-address-52-54', { machine, names: names.slice(0, 10).join(', ') }) : t('cli.neither-mac-address-52-54-2', { machine }), 'machine') // prettier-ignore
}

/** SecureOn: six octets written as a MAC address, or four written as an IPv4 address. */
function passwordOf(text: string): Uint8Array {
  return secureOnOf(text) ?? refuse(t('cli.password-no-secureon-password-write', { text }), '--password') // prettier-ignore
}

/** 0 sent on every network, 1 on some or none, 2 the lab file cannot be used. */
export async function wake(machines: readonly string[], options: WakeOptions): Promise<number> {
  if (options.group !== undefined) {
    if (machines.length > 0 || options.interface || options.password !== undefined)
      return refuse(t('cli.group-names-machines-itself-leave'), '--group')
    return wakeGroup(options.group, options.config ?? 'lab.yaml')
  }
  if (machines.length === 0) return refuse(t('cli.no-machine-named-write-mac'), 'machine') // prettier-ignore
  const password = options.password === undefined ? undefined : passwordOf(options.password)
  const needsLab =
    options.config !== undefined || !options.interface || machines.some((one) => parseMac(one) === undefined)
  const read = needsLab ? await labOf(options.config ?? 'lab.yaml', t('cli.config-network-interface-machines-mac')) : undefined // prettier-ignore
  if (needsLab && !read) return exitCodes.badLabFile
  const macs = [...new Set(machines.map((one) => macOf(one, read?.lab)))]
  const all = listInterfaces()
  const { found, missing } = selectInterfaces(options.interface ?? [read!.lab.interface].flat(), all)
  if (missing.length > 0) {
    complain(t('cli.no-interface-ipv4-address-choose', { missing: missing.join(', '), value: all.map(describeInterface).join(', ') || t('cli.none') })) // prettier-ignore
    return exitCodes.failed
  }
  const { sent, failed } = await wakeMachines(macs, found, password)
  for (const mac of sent.length > 0 ? macs : [])
    process.stdout.write(`${t('cli.wake-up-packet-sent', { mac, sent: sent.join(', ') })}\n`)
  for (const one of failed) complain(`${one}.`)
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed
}
