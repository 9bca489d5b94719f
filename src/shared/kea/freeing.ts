/** A lease of Kea's taken away, and given back as it was (hook lease_cmds, manual "The lease_cmds Library"). */
import { ask, isJsonObject, KeaProblem, keaResults, objectsIn, type JsonObject, type KeaDialogue } from './control.ts'

const noHook = new KeaProblem(
  'Kea cannot free leases here: it knows no lease4-get',
  'Load its hook libdhcp_lease_cmds.so, and let this user use the commands lease4-get, lease4-del and lease4-add.',
)

const addressOf = ({ 'ip-address': address }: JsonObject): string => (typeof address === 'string' ? address : '')

function* leaseOn(address: string): KeaDialogue<JsonObject | undefined> {
  const { result, arguments: lease } = yield* ask('lease4-get', { 'ip-address': address })
  if (result === keaResults.unsupported) throw noHook
  return result === keaResults.done && isJsonObject(lease) ? lease : undefined
}

/** Takes the lease of an address away; resolves with all that Kea had of it, undefined where it had none. */
export function* freeLease(address: string): KeaDialogue<JsonObject | undefined> {
  const lease = yield* leaseOn(address)
  if (!lease) return undefined
  const { result } = yield* ask('lease4-del', { 'ip-address': address })
  if (result === keaResults.unsupported) throw noHook
  // It ended between the two.
  return result === keaResults.empty ? undefined : lease
}

/** What `lease4-add` takes of what `lease4-get` tells. */
const givenBack = ['ip-address', 'hw-address', 'client-id', 'subnet-id', 'valid-lft', 'fqdn-fwd', 'fqdn-rev', 'hostname', 'state', 'user-context'] // prettier-ignore

/**
 * Gives a lease back that `freeLease` took. `now` is milliseconds since 1970. Throws a `KeaProblem` where it has ended since, or its
 * address or its machine has another one.
 */
export function* restoreLease(lease: JsonObject, now: number): KeaDialogue<void> {
  const address = addressOf(lease)
  const refused = (why: string): KeaProblem =>
    new KeaProblem(`the lease on ${address} cannot be given back: ${why}`, 'The machine gets an address when it asks again.') // prettier-ignore
  const expire = Number(lease['cltt']) + Number(lease['valid-lft'])
  if (expire * 1000 <= now) throw refused('it has ended meanwhile')
  if (yield* leaseOn(address)) throw refused('Kea has given the address to a machine since')
  const mac = lease['hw-address']
  if (typeof mac === 'string' && mac !== '' && lease['state'] !== 1) {
    const { arguments: found } = yield* ask('lease4-get-by-hw-address', { 'hw-address': mac })
    const other = objectsIn(isJsonObject(found) ? found['leases'] : undefined).find(
      (one) => one['state'] === 0 && one['subnet-id'] === lease['subnet-id'],
    )
    if (other) throw refused(`its machine has ${addressOf(other)} by now`)
  }
  const kept = Object.fromEntries(givenBack.flatMap((key) => (lease[key] === undefined ? [] : [[key, lease[key]]])))
  yield* ask('lease4-add', { ...kept, expire })
}
