/** The kinds of clients that are judged: those of the matrix, and of other architectures those that the facts say may be served. */
import type { Phrase } from '#messages/message.ts'
import type { Facts } from '../lab/facts.ts'
import { firmwareEntry } from '../machines/pxe-client/firmwares.ts'
import { matrixClients, type MatrixClient } from './co-hosting.ts'
import { bootableArchitectures, bootFolder, type BootArchitecture } from './boot-files.ts'
import { isOfClass, policyHolds, presumedPolicies, type Asker } from './scope-options.ts'

export const otherClients = ['edk2-arm64', 'edk2-x86'] as const
type OtherClient = (typeof otherClients)[number]
export type TwinClient = MatrixClient | OtherClient
export const twinClients: readonly TwinClient[] = [...matrixClients, ...otherClients]

export const askers: Readonly<Record<TwinClient, Asker>> = {
  bios: { architecture: 0, vendorClass: 'PXEClient:Arch:00000:UNDI:002001', userClass: '', mac: '' },
  edk2: { architecture: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003000', userClass: '', mac: '' },
  'edk2-2016': { architecture: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003000', userClass: '', mac: '' },
  ipxe: { architecture: 0, vendorClass: 'PXEClient:Arch:00000:UNDI:002001', userClass: 'iPXE', mac: '' },
  'edk2-arm64': { architecture: 11, vendorClass: 'PXEClient:Arch:00011:UNDI:003000', userClass: '', mac: '' },
  'edk2-x86': { architecture: 6, vendorClass: 'PXEClient:Arch:00006:UNDI:003000', userClass: '', mac: '' },
}

export const architectureKeys: Readonly<Record<TwinClient, BootArchitecture>> = {
  bios: 'bios',
  edk2: 'x64-uefi',
  'edk2-2016': 'x64-uefi',
  ipxe: 'bios',
  'edk2-arm64': 'arm64-uefi',
  'edk2-x86': 'x86-uefi',
}

/** Whether a policy with options of its own names this kind of client: by a vendor class that other kinds are not of. */
function isNamed(facts: Facts, client: OtherClient): boolean {
  const options = facts.dhcpOptions?.value.filter((one) => one.level === 'policy') ?? []
  return [...(facts.dhcpPolicies?.value ?? []), ...presumedPolicies(facts)].some(
    (policy) =>
      options.some((one) => one.at === policy.name) &&
      policyHolds(facts, policy, askers[client]) === true &&
      policy.conditions.some(
        ({ field, isEqual, values }) =>
          field === 'VendorClass' &&
          isEqual &&
          values.some(
            (value) =>
              isOfClass(facts, 'vendor', value, askers[client]) === true &&
              matrixClients.every((one) => isOfClass(facts, 'vendor', value, askers[one]) !== true),
          ),
      ),
  )
}

/** The kinds of clients of a server: a boot program, or a policy of their own, says that the others are meant to boot. */
export function clientsOf(facts: Facts): readonly TwinClient[] {
  const there = bootableArchitectures(facts, bootFolder(facts))
  return twinClients.filter(
    (client) =>
      !(otherClients as readonly string[]).includes(client) ||
      there?.includes(architectureKeys[client]) ||
      isNamed(facts, client as OtherClient),
  )
}

/** Whether facts do not tell if the server has a boot program for a kind of client that few servers have one for. */
export const isProgramUnknown = (facts: Facts, client: TwinClient): boolean =>
  (otherClients as readonly string[]).includes(client) && bootableArchitectures(facts, bootFolder(facts)) === undefined

/** The name of a client, for people. */
export const clientTitle = (client: TwinClient): Phrase => firmwareEntry(client).name
