/** What is to be told of a network beside what each machine does: statements that never count, servers in each other's way, hosts of which nothing is known. */
import { say, type Phrase } from '#messages/message.ts'
import { formatIpv4, parseIpv4 } from '../wire/bytes.ts'
import type { Source } from '../interchange/model.ts'
import { refusalsOf } from '../interchange/refusals.ts'
import type { Said } from './boot-targets.ts'
import type { Scope, TwinNetwork, TwinServer } from './network.ts'

export interface TwinNotice {
  readonly text: Phrase
  readonly source: Source
}

const keyOf = ({ file, line }: Source): string => `${file}:${line}`

/** Notes which statements name a boot file for a machine, and which of them counts. */
export class Ledger {
  readonly #deciding = new Set<string>()
  readonly #overruled = new Map<string, { readonly text: string; readonly source: Source; readonly by: Source; readonly machines: Set<string> }>() // prettier-ignore

  add(machine: string, said: readonly Said[]): void {
    for (const { offer } of said) {
      const by = offer.bootFile ?? offer.options.get(67)
      if (offer.silent || !by) continue
      this.#deciding.add(keyOf(by.source))
      for (const { text, source } of offer.overruled) {
        const key = keyOf(source)
        if (key === keyOf(by.source) || text === '') continue
        const before = this.#overruled.get(key)
        if (before) before.machines.add(machine)
        else this.#overruled.set(key, { text, source, by: by.source, machines: new Set([machine]) })
      }
    }
  }

  /** Boot files that a statement names and another stands over for every machine that it holds for. */
  notices(): TwinNotice[] {
    return [...this.#overruled.values()]
      .filter(({ source }) => !this.#deciding.has(keyOf(source)))
      .map(({ text, source, by, machines }) => ({ source, text: by.file === source.file ? say('twin.never-loaded-line-stands-over', { text, machines: [...machines], line: by.line }) : say('twin.never-loaded-line-stands-over-2', { text, machines: [...machines], line: by.line, file: by.file }) })) // prettier-ignore
  }
}

const leasesIn = (server: TwinServer, scope: Scope) => (scope.subnetsOf.get(server) ?? []).filter((one) => !one.isProxy)

function overlapOf(one: TwinServer, other: TwinServer, scope: Scope): TwinNotice | undefined {
  for (const a of leasesIn(one, scope).flatMap(({ pools }) => pools))
    for (const b of leasesIn(other, scope).flatMap(({ pools }) => pools)) {
      const start = Math.max(parseIpv4(a.start)!, parseIpv4(b.start)!)
      const end = Math.min(parseIpv4(a.end)!, parseIpv4(b.end)!)
      if (start <= end) return { source: b.source, text: say('twin.both-give-out-two-machines', { one: one.title, other: other.title, start: formatIpv4(start), end: formatIpv4(end) }) } // prettier-ignore
    }
  return undefined
}

/** Servers that do not start, servers that answer the same machines, and helpers of which nothing was given. */
export function networkNotices({ servers, scopes, snooping }: TwinNetwork): TwinNotice[] {
  const found: TwinNotice[] = [...servers.flatMap(({ configuration }) => refusalsOf(configuration)), ...snooping]
  const strangers = new Map<string, { readonly source: Source; count: number }>()
  for (const scope of scopes) {
    const leasing = [...scope.direct, ...scope.relayed].filter((one) => leasesIn(one, scope).length > 0)
    for (const [index, one] of leasing.entries())
      for (const other of leasing.slice(index + 1)) {
        found.push({ source: leasesIn(other, scope)[0]!.source, text: say('twin.both-give-addresses-them-machine', { one: one.title, other: other.title, network: scope.network }) }) // prettier-ignore
        const overlap = overlapOf(one, other, scope)
        if (overlap) found.push(overlap)
      }
    for (const { text, source } of scope.strangers) {
      const before = strangers.get(text)
      if (before) before.count++
      else strangers.set(text, { source, count: 1 })
    }
  }
  for (const [text, { source, count }] of strangers) found.push({ source, text: say('twin.relays-networks-send-configuration-given', { count, text }) }) // prettier-ignore
  return found
}
