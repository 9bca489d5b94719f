/**
 * What dnsmasq sent to whom, of a log with log-dhcp: it writes each reply over several lines with one transaction number in front, and a
 * boot file that was asked for and not sent is seen only in all of them together (rfc3315.c, `add_options` and `log6_opts`).
 */
import type { LogEntry } from './entry.ts'
import { linuxSignatures } from './signatures/linux.ts'
import type { Match } from './signatures.ts'

interface Reply {
  readonly transaction: string
  readonly asked: LogEntry
  readonly client: string
  hasSent: boolean
  hasFile: boolean
}

const numbered = /^(\d{1,10}) (.*)$/s
const answered = /^DHCP(?:ADVERTISE|REPLY)\([^)]*\) (?:[\da-f:.]+ )?([\da-f]{2}(?::[\da-f]{2}){5,})(?: (.*))?$/i
const signature = linuxSignatures.find(({ id }) => id === 'no-boot-url')!

export class DnsmasqReplies {
  readonly #tell: (entry: LogEntry, match: Match) => void
  #answer: { transaction: string; client: string; isRefused: boolean } | undefined
  #reply: Reply | undefined

  constructor(tell: (entry: LogEntry, match: Match) => void) {
    this.#tell = tell
  }

  take(entry: LogEntry): void {
    const [, transaction, text] = numbered.exec(entry.text) ?? []
    if (transaction === undefined || text === undefined) return this.end()
    if (this.#reply && this.#reply.transaction !== transaction) this.end()
    const answer = answered.exec(text)
    if (answer) {
      this.end()
      this.#answer = { transaction, client: answer[1]!, isRefused: /no address/i.test(answer[2] ?? '') }
    } else if (text.startsWith('requested options:') && /\b59:|bootfile-url/.test(text)) {
      const { client = '', isRefused = false } = this.#answer?.transaction === transaction ? this.#answer : {}
      // Who gets no address is told so, and gets no options.
      if (!isRefused) this.#reply ??= { transaction, asked: entry, client, hasSent: false, hasFile: false }
    } else if (this.#reply && /^(?:sent|nest) size:/.test(text)) {
      this.#reply.hasSent = true
      if (/\boption: *59\b/.test(text)) this.#reply.hasFile = true
    } else if (!/^(?:requested options|tags):/.test(text)) this.end()
  }

  /** The reply that goes on has ended. */
  end(): void {
    const reply = this.#reply
    this.#reply = undefined
    if (reply?.hasSent && !reply.hasFile)
      this.#tell(reply.asked, { signature, family: 'linux', values: { client: reply.client } })
  }
}
