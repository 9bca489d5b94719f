/** A network as its clients meet it: who answers, and where each client's boot ends. */
import { clientKeys, type ClientKey, type ObservedClient, type ObservedWire } from '#shared/lab/expectations.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { censusClients, takeCensus } from './census.ts'
import { rehearse } from './rehearsal.ts'

export interface WireWatch {
  readonly interface: NetworkInterface
  readonly clients: readonly ClientKey[]
  /** Those whose boot is played to its end, by the server that tells them how; that is empty where nobody does. */
  readonly boots: (client: ClientKey, bootServer: string) => boolean
  readonly signal: AbortSignal
  readonly onProgress: (text: string) => void
}

/** The complaint where it cannot be asked; undefined where it was cancelled. */
export async function observeWire(
  watch: WireWatch,
): Promise<ObservedWire | { readonly complaint: string } | undefined> {
  const { interface: served, signal, onProgress } = watch
  onProgress(`${served.name}: asking who answers`)
  const census = await takeCensus(served, watch.clients.length > 0 ? watch.clients : clientKeys, signal)
  if (signal.aborted) return undefined
  if (census.complaint !== undefined) return { complaint: census.complaint }
  const clients: Partial<Record<ClientKey, ObservedClient>> = {}
  for (const heard of census.results) {
    const { client, address, boot } = heard
    clients[client] = { addressFrom: address, bootServer: boot }
    if (!watch.boots(client, boot)) continue
    onProgress(`${served.name}: booting as ${censusClients[client].name}`)
    const rehearsal = await rehearse({
      interface: served,
      client,
      isAnswered: heard.offers.length > 0,
      signal,
      onProgress: () => {},
      isBrief: true,
    })
    if (!rehearsal) return undefined
    const { program, code } = rehearsal
    const { file = '', server = '', sha256 = '' } = program ?? {}
    clients[client] = {
      addressFrom: address,
      bootServer: boot,
      boot: { file, fileServer: server, sha256, shows: code },
    }
  }
  const offers = census.results.flatMap((one) => one.offers)
  const serversOf = (role: 'dhcp' | 'proxy-dhcp'): string[] => [
    ...new Set(offers.filter((one) => one.role === role).map((one) => one.server)),
  ]
  return {
    interface: served.name,
    dhcpServers: serversOf('dhcp'),
    proxies: serversOf('proxy-dhcp'),
    warnings: census.warnings,
    clients,
  }
}
