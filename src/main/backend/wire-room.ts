/** What this program asks of the wire, as clients would, and the second DHCP server of a demonstration. */
import { say } from '#messages/message.ts'
import { rehearsalSchema } from '#shared/contract/documents.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { Handlers, Reply, RivalInfo } from '#shared/contract/calls.ts'
import { censusClientNames, takeCensus, type CensusResult } from '../probe/census.ts'
import { takeCensus6, type Census6 } from '../probe/census6.ts'
import { askWhoAnswers } from '../probe/dhcp-guard.ts'
import { isAnswered6, rehearse, secondDhcpOpinion, type RehearsedClient6 } from '../probe/rehearsal.ts'
import { PortTaken } from '../probe/wire-client.ts'
import { noIpv6 } from '../probe/wire-ends6.ts'
import { listInterfaces, selectInterfaces, type NetworkInterface } from '../responder/interfaces.ts'
import { DhcpRival, RivalError } from '../rivals/dhcp-rival.ts'

export interface WireRoomOptions {
  readonly isResponding: () => boolean
  /** What is being asked, in words. */
  readonly onProgress: (text: string) => void
  readonly onRival: (state: RivalInfo) => void
}

const replyOf = ({ results, complaint, routers, routersComplaint, notes }: Census6): Reply<'wire.census'>['ipv6'] => ({
  results: results.map((one) => ({ ...one, advertises: [...one.advertises] })),
  routers: routers.map((one) => ({ ...one, prefixes: one.prefixes.map((prefix) => ({ ...prefix })) })),
  notes: [...notes],
  ...(complaint === undefined ? {} : { complaint }),
  ...(routersComplaint === undefined ? {} : { routersComplaint }),
})

export class WireRoom {
  readonly #options: WireRoomOptions
  readonly #rival: DhcpRival
  #asking: AbortController | undefined
  readonly handlers: Pick<
    Handlers,
    | 'wire.ask'
    | 'wire.census'
    | 'wire.rehearse'
    | 'wire.rehearseIpv6'
    | 'wire.cancel'
    | 'rival.start'
    | 'rival.stop'
    | 'rival.read'
  > = {
    'wire.ask': ({ interface: name }) => this.#ask(name),
    'wire.census': ({ interface: name }) => this.#census(name),
    'wire.rehearse': ({ interface: name, census }) => this.#rehearse(name, census),
    'wire.rehearseIpv6': ({ interface: name, client }) => this.#rehearse6(name, client),
    'wire.cancel': () => {
      this.#asking?.abort()
      return null
    },
    'rival.start': async ({ interface: name, clients }) => {
      const { found } = selectInterfaces([name], listInterfaces())
      if (!found[0]) throw new CallFailure(say('room.no-interface', { name }), say('room.other-interface'))
      try {
        return await this.#rival.start(found[0], clients)
      } catch (error) {
        if (error instanceof RivalError) throw new CallFailure(error.message, error.remedy)
        throw error
      }
    },
    'rival.stop': async () => {
      await this.#rival.stop()
      return this.#rival.state
    },
    'rival.read': () => this.#rival.state,
  }

  constructor(options: WireRoomOptions) {
    this.#options = options
    this.#rival = new DhcpRival(options.onRival)
  }

  async close(): Promise<void> {
    this.#asking?.abort()
    await this.#rival.stop()
  }

  /** Somebody asks the wire, and whoever asked before stops. */
  #asks(name: string): { readonly served: NetworkInterface; readonly signal: AbortSignal } {
    const { found } = selectInterfaces([name], listInterfaces())
    if (!found[0]) throw new CallFailure(say('room.no-interface', { name }), say('room.other-interface'))
    this.#asking?.abort()
    this.#asking = new AbortController()
    return { served: found[0], signal: this.#asking.signal }
  }

  async #ask(name: string): Promise<Reply<'wire.ask'>> {
    if (this.#options.isResponding()) throw new CallFailure(say('room.responder-runs'), say('room.hears-itself'))
    const { served, signal } = this.#asks(name)
    const result = await askWhoAnswers({ interface: served, relay: () => Promise.resolve(undefined), signal })
    return { servers: [...result.servers], ...(result.complaint === undefined ? {} : { complaint: result.complaint }) }
  }

  async #census(name: string): Promise<Reply<'wire.census'>> {
    const { served, signal } = this.#asks(name)
    const [{ results, warnings, complaint }, over6] = await Promise.all([
      takeCensus(served, censusClientNames, signal),
      takeCensus6(served, signal),
    ])
    return {
      results: results.map((one) => ({ ...one, offers: [...one.offers] })),
      warnings: [...warnings],
      ...(complaint === undefined ? {} : { complaint }),
      ...(over6 ? { ipv6: replyOf(over6) } : {}),
    }
  }

  async #rehearse(name: string, heard: CensusResult): Promise<Reply<'wire.rehearse'>> {
    const { served, signal } = this.#asks(name)
    try {
      const rehearsal = await rehearse({
        interface: served,
        client: heard.client,
        isAnswered: heard.offers.length > 0,
        signal,
        isBrief: false,
        onProgress: (text) => this.#options.onProgress(text),
      })
      if (!rehearsal) return null
      const second = await secondDhcpOpinion([heard])
      return rehearsalSchema.parse({ ...rehearsal, steps: [...rehearsal.steps, second] })
    } catch (error) {
      if (error instanceof PortTaken)
        throw new CallFailure(
          say('room.cannot-ask', { interface: served.name, why: error.message }),
          say('room.free-ports'),
        )
      throw error
    }
  }

  async #rehearse6(name: string, client: RehearsedClient6): Promise<Reply<'wire.rehearseIpv6'>> {
    const { served, signal } = this.#asks(name)
    const missing = noIpv6(served)
    if (missing !== undefined) throw new CallFailure(missing, say('room.enable-ipv6'))
    this.#options.onProgress('Asking who answers over IPv6 (4 s)')
    const census = await takeCensus6(served, signal)
    if (signal.aborted) return null
    const complaint = census?.complaint ?? (census ? undefined : say('room.no-ipv6-address'))
    const remedy = say('room.stop-dhcpv6-client') // prettier-ignore
    if (!census || complaint !== undefined)
      throw new CallFailure(say('room.cannot-ask', { interface: served.name, why: complaint }), remedy)
    try {
      const rehearsal = await rehearse({
        interface: served,
        client,
        isAnswered: isAnswered6(client, census),
        signal,
        isBrief: false,
        onProgress: (text) => this.#options.onProgress(text),
      })
      return rehearsal ? rehearsalSchema.parse(rehearsal) : null
    } catch (error) {
      if (error instanceof PortTaken)
        throw new CallFailure(say('room.cannot-ask', { interface: served.name, why: error.message }), remedy)
      throw error
    }
  }
}
