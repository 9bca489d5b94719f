/** Names that a lab file gives to machines. */
import { parseMac } from '../wire/bytes.ts'
import type { Lab } from './lab.ts'
import { plainUuid } from './roles.ts'

/** Hardware and IP addresses in lower case with colons or dots, UUIDs without braces. */
export interface GivenNames {
  readonly byMac: ReadonlyMap<string, string>
  readonly byUuid: ReadonlyMap<string, string>
  readonly byAddress: ReadonlyMap<string, string>
}

/** Those of prestaged machines, of machines in the database, before them those of reservations, which machines are told, and before all others those of `machines`. */
export function givenNames(lab: Lab | null | undefined): GivenNames {
  const byMac = new Map<string, string>()
  const byUuid = new Map<string, string>()
  const byAddress = new Map<string, string>()
  const add = (name: string | undefined, mac: string | undefined, uuid: string | undefined): void => {
    if (name === undefined) return
    const hardware = mac === undefined ? undefined : parseMac(mac)
    if (hardware !== undefined) byMac.set(hardware, name)
    if (uuid !== undefined) byUuid.set(plainUuid(uuid), name)
  }
  for (const { name, mac, uuid } of [...(lab?.configmgr.devices ?? []), ...(lab?.wds.devices ?? [])])
    add(name, mac, uuid)
  for (const { hostname, mac, uuid, address } of lab?.dhcp.subnets.flatMap((one) => one.reservations) ?? []) {
    add(hostname, mac, uuid)
    if (hostname !== undefined) byAddress.set(address, hostname)
  }
  for (const { hostname, mac, uuid } of lab?.machines ?? []) add(hostname, mac, uuid)
  return { byMac, byUuid, byAddress }
}

export const noNames: GivenNames = givenNames(undefined)
