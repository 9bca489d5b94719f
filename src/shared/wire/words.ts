/** Words that lines about several protocols are put together of. */
import { say, type Message, type Phrase } from '#messages/message.ts'

/** Parts of a line one after the other, with commas; names and numbers alone stay a text, which costs less. */
export const listed = (parts: readonly Phrase[]): Phrase =>
  parts.length === 0 ? '' : parts.reduce((first, next) => typeof first === 'string' && typeof next === 'string' ? `${first}, ${next}` : say('wire.list', { first, next })) // prettier-ignore

/** What an ICMP error is about. */
export const aboutUdp = (source: number, destination: number): Message => say('wire.about-udp', { source, destination })

export const byteCount = (bytes: number): Message => say('wire.bytes', { bytes })

/** A name with its number: `UDP (17)`. */
export const numbered = (name: Phrase, number: number): Phrase =>
  typeof name === 'string' ? `${name} (${number})` : say('wire.numbered', { name, number })

/** Words with what stands behind them: `ICMP host unreachable`. */
export const named = (name: Phrase, what: Phrase): Phrase =>
  typeof name === 'string' && typeof what === 'string' ? `${name} ${what}` : say('wire.named', { name, what })

/** Things that have commas themselves, one after the other. */
export const items = (told: readonly Phrase[]): Phrase =>
  told.every((one) => typeof one === 'string') ? told.join('; ') : say('wire.items', { told })

/** Who sends to whom. */
export const fromTo = (from: string, to: string): Message => say('wire.from-to', { from, to })

/** What stands in the place of a maker for an address that was given to no card; clients of the API get these words. */
export const locallyAdministered = 'locally administered'
