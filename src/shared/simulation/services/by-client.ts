/** Which of several ways of answering a client gets: the first whose conditions hold. */
import { decodeDhcp } from '../../wire/dhcp/message.ts'
import { ruleArchitectures } from '../../machines/boot-policy.ts'
import { identityOf } from '../../machines/client-identity.ts'

export interface ClientConditions {
  readonly architecture?: string | number | undefined
  readonly userClass?: string | undefined
  /** How option 60 begins. */
  readonly vendorClass?: string | undefined
}

/** Index of the first that holds for the sender of a request, all that it names; undefined where none does. */
export function firstThatHolds(conditions: readonly ClientConditions[], payload: Uint8Array): number | undefined {
  const client = identityOf(decodeDhcp(payload).message)
  const index = conditions.findIndex(
    ({ architecture, userClass, vendorClass }) =>
      (architecture === undefined ||
        (client.architecture !== undefined && ruleArchitectures(architecture).includes(client.architecture))) &&
      (userClass === undefined || client.userClasses.includes(userClass) || (userClass === 'iPXE' && client.isIpxe)) &&
      (vendorClass === undefined || client.vendorClass.startsWith(vendorClass)),
  )
  return index < 0 ? undefined : index
}
