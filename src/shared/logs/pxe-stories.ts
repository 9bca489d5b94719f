/**
 * SMSPXE.log by machine. Entries that name a machine are its own; those around them that name none are given to it by their
 * thread, which serves one request at a time. What no machine can be told for sure belongs to the provider, so that nothing
 * that is said of one machine changes what is told of another.
 */
import { say } from '#messages/message.ts'
import type { LogEntry } from './entry.ts'
import type { Match } from './signatures.ts'
import type { Signature } from './signature.ts'
import { pxeSignatures } from './signatures/pxe.ts'
import { Story } from './story.ts'

const named = /^\s*((?:[\da-f]{2}[:-]){5}[\da-f]{2}), ([^:\s]*): ?/i
/** `PXE: 00:15:5D:00:0B:02: Operation=1, MessageType=1`, of the responder without WDS. */
const ofResponder = /^\s*PXE: ((?:[\da-f]{2}[:-]){5}[\da-f]{2})(?:, ([^:\s]*))?: ?/i
const dumped = /\bAddr:\s*((?:[\da-f]{2}[:-]){5,15}[\da-f]{2})/i
const old = /\bMAC(?: Address)?[=:] ?((?:[\da-f]{2}[:-]){5,15}[\da-f]{2})(?:[,.;]? ?SMBIOS GUID[=:] ?([\da-f-]{36}))?/i
const uuid = /Type=97 UUID:\s*([\da-f]{34})/i

export interface MachineName {
  readonly mac: string
  readonly guid: string | undefined
}

/** The machine that an entry names: its MAC address in capitals, and its SMBIOS GUID. */
export function machineOf(text: string): MachineName | undefined {
  const head = text.length > 1500 ? text.slice(0, 1500) : text
  const found = named.exec(head) ?? ofResponder.exec(head) ?? old.exec(head)
  if (found) {
    const guid =
      found[2] !== undefined && /^[\da-f]{8}-[\da-f-]{27}$/i.test(found[2]) ? found[2].toUpperCase() : undefined
    return { mac: macOf(found[1]!), guid }
  }
  const dump = head.includes('Addr:') ? dumped.exec(head) : null
  return dump ? { mac: macOf(dump[1]!), guid: guidOf(uuid.exec(head)?.[1]) } : undefined
}

const macOf = (text: string): string => text.toUpperCase().replaceAll('-', ':').slice(0, 17)

/** Option 97: type 0, then the GUID as SMBIOS keeps it, its first three fields with the low byte first (RFC 4578 section 2.3). */
function guidOf(octets: string | undefined): string | undefined {
  if (octets === undefined) return undefined
  const at = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => octets.slice(2 + (from + index) * 2, 4 + (from + index) * 2)) // prettier-ignore
  return [at(0, 4).reverse(), at(4, 2).reverse(), at(6, 2).reverse(), at(8, 2), at(10, 6)]
    .map((part) => part.join(''))
    .join('-')
    .toUpperCase()
}

/** What begins a request, before its machine is named. */
const begins =
  /^\s*(Client lookup reply|=+> ?Received from client|Operation: BootRequest|PXE: [\da-f:-]{17}: Operation=1\b)/i
/** A packet of a machine, which may be one of several before it is looked up. */
const packet = /Operation(: BootRequest|=1\b)/i
/** What ends one. */
const ends = /Not serviced|No boot action\. Aborted|instruct?ed device to boot normally|Operation: BootReply/i
/** What is said while a request is served, without naming its machine. */
const talksOfOne =
  /^\s*(Client (lookup|boot action) reply|Client Identity|MP_LookupDevice|CDatabaseProxy|Getting boot action|Looking for bootImage|=+> ?Received|Operation: Boot|Prioritizing|Using Management Point|Not in SSL|Sending|Set media|PXE::CBootImageCache::FindImage|Warning: Matching Processor|The SMS PXE Service Point|Device MAC address|MP has rejected|Error opening file|ProcessDatabaseReply|Executing LookupDevice)/i
/** Topics that are the provider's, whoever asked. */
const ofProvider = new Set(['certificate', 'issuing-list', 'ca', 'client-certificate', 'revocation', 'certificate-name', 'clock', 'tls', 'management-point', 'service']) // prettier-ignore
const talk = new Set([...ofProvider].filter((topic) => topic !== 'service'))
const stopped = new Set(['stopped'])
const mostWaiting = 200
const mostMachines = 100_000

const verdict = (id: string): Signature => pxeSignatures.find((one) => one.id === id)!
const noDeployment = verdict('no-deployment')
const known: Signature = {
  ...noDeployment,
  id: 'known-no-deployment',
  title: () => say('log-pxe.known-no-deployment-title'),
  means: () => say('log-pxe.known-no-deployment-means'),
  fix: () => say('log-pxe.known-no-deployment-fix'),
  weight: 75,
}
const unknown: Signature = {
  ...noDeployment,
  id: 'unknown-no-deployment',
  title: () => say('log-pxe.unknown-no-deployment-title'),
  means: () => say('log-pxe.unknown-no-deployment-means'),
  fix: () => say('log-pxe.unknown-no-deployment-fix'),
  weight: 75,
}
const unknownOff = verdict('unknown-off')
const alreadyRan = verdict('already-ran')
/** Resource numbers of the Unknown Computer objects begin here (KB 4471115). */
const unknownObjects = 2_046_820_352

/** One machine: what the provider knew of it when it decided. */
class MachineStory {
  readonly story: Story
  #isKnown: boolean | undefined
  #hasAction = false
  #isOffered = false
  /** The required deployment that it is offered is the one it was offered last. */
  #hasRun = false
  #packets = 0
  #lookups = 0

  constructor(mac: string) {
    this.story = new Story('machine', mac)
    this.story.mac = mac
  }

  take(entry: LogEntry, match: Match | undefined): void {
    const { text } = entry
    const { story } = this
    if (begins.test(text)) this.#begin(text)
    const item = /ItemKey="(\d+)"/.exec(text)
    if (item) this.#lookedUp(Number(item[1]), /Unknown="1"/.test(text))
    if (/device is in the database|Device found in the database/i.test(text)) {
      this.#isKnown ??= true
      story.step(entry, 'known', say('logs.step-known'))
    } else if (/not (found )?in the database/i.test(text)) {
      this.#isKnown ??= false
      story.step(entry, 'unknown', say('logs.step-unknown'))
    }
    if (/boot action/i.test(text) && !/No boot action/i.test(text)) this.#hasAction = true
    const offer = /(?:found|using) (optional|mandatory|required|available|Task Sequence) (?:advertisement|deployment)s? (\w+)/i.exec(text) ?? /OfferID="(\w{5,})"/.exec(text) // prettier-ignore
    if (offer) {
      this.#isOffered = true
      story.step(entry, 'offer', say('logs.step-offer', { deployment: offer.at(-1) }))
    }
    const isRequired = /Mandatory="1"/.test(text)
    const [, last] = /LastPXEAdvertisementID="(\w+)"/.exec(text) ?? []
    if (isRequired && last !== undefined && text.includes(` OfferID="${last}"`)) this.#hasRun = true
    this.#replied(entry)
    story.take(entry, this.#refined(match))
  }

  #begin(text: string): void {
    if (/Received/.test(text)) return
    if (packet.test(text)) this.#packets++
    else this.#lookups++
    this.story.requests = Math.max(this.#packets, this.#lookups)
    if (packet.test(text)) return
    // A lookup is a decision of its own: what was known before does not count.
    this.#isKnown = undefined
    this.#hasAction = false
    this.#isOffered = false
    this.#hasRun = false
  }

  #lookedUp(item: number, isUnknown: boolean): void {
    if (isUnknown || item === 0) this.#isKnown = false
    else this.#isKnown = item < unknownObjects
  }

  #replied(entry: LogEntry): void {
    if (!/Operation: BootReply/.test(entry.text)) return
    const file = /BootFile:\s*(\S+)/.exec(entry.text)?.[1]
    if (file === undefined) return
    this.story.step(entry, 'reply', say('logs.step-reply', { file }))
    if (/abortpxe/i.test(file)) return
    this.story.overcome()
    this.story.endWell()
  }

  /** The row that tells more, by what was known of the machine. */
  #refined(match: Match | undefined): Match | undefined {
    const id = match?.signature.id
    if (!match || (id !== 'no-deployment' && id !== 'not-serviced')) return match
    if (this.#hasRun && !(id === 'not-serviced' && this.story.hasFailed)) return { ...match, signature: alreadyRan }
    const isOff = this.#isKnown === false && !this.#hasAction && !this.#isOffered
    if (id === 'not-serviced') return isOff && !this.story.hasFailed ? { ...match, signature: unknownOff } : match
    if (this.#isKnown === undefined) return match
    return { ...match, signature: this.#isKnown ? known : unknown }
  }
}

interface Thread {
  current: string | undefined
  isOver: boolean
  waiting: { readonly entry: LogEntry; readonly match: Match | undefined }[]
}

export class PxeStories {
  readonly #provider: Story
  readonly #machines = new Map<string, MachineStory>()
  readonly #threads = new Map<string, Thread>()

  constructor(provider: Story) {
    this.#provider = provider
  }

  take(entry: LogEntry, match: Match | undefined): void {
    const name = machineOf(entry.text)
    const topic = match?.signature.topic
    if (topic !== undefined && ofProvider.has(topic)) return this.#toProvider(entry, match)
    const thread = this.#threadOf(entry)
    if (name) {
      this.#settle(thread, name.mac)
      thread.current = name.mac
      thread.isOver = ends.test(entry.text)
      const machine = this.#machineOf(name)
      if (machine) machine.take(entry, match)
      else this.#toProvider(entry, match)
      return
    }
    const isOfOne = talksOfOne.test(entry.text) || topic === 'identity' || topic === 'deployment'
    if (!isOfOne) return this.#toProvider(entry, match)
    thread.waiting.push({ entry, match })
    if (thread.waiting.length > mostWaiting) this.#leave(thread)
  }

  end(): void {
    for (const thread of this.#threads.values()) this.#leave(thread)
  }

  get machines(): readonly Story[] {
    return [...this.#machines.values()].map((one) => one.story)
  }

  #toProvider(entry: LogEntry, match: Match | undefined): void {
    const id = match?.signature.id
    if (id === 'provider-started' && /loaded/i.test(entry.text)) {
      // A new run: threads are new, and what failed in the run before is over.
      for (const thread of this.#threads.values()) this.#leave(thread)
      this.#threads.clear()
      this.#provider.close()
    }
    if (id === 'provider-started') this.#provider.overcome(stopped)
    if (id === 'lookup-answered') this.#provider.overcome(talk)
    this.#provider.take(entry, match)
  }

  #threadOf(entry: LogEntry): Thread {
    const key = entry.thread ?? ''
    const thread = this.#threads.get(key) ?? { current: undefined, isOver: true, waiting: [] }
    this.#threads.set(key, thread)
    return thread
  }

  #machineOf({ mac, guid }: MachineName): MachineStory | undefined {
    let machine = this.#machines.get(mac)
    if (!machine) {
      if (this.#machines.size >= mostMachines) return undefined
      machine = new MachineStory(mac)
      this.#machines.set(mac, machine)
    }
    machine.story.guid ??= guid
    return machine
  }

  /** Entries that waited for a machine to be named on their thread. */
  #settle(thread: Thread, mac: string): void {
    const { waiting, current, isOver } = thread
    if (waiting.length === 0) return
    thread.waiting = []
    const from = waiting.findLastIndex(({ entry }) => begins.test(entry.text))
    // `Received` and the packet behind it are two entries of one beginning.
    const start = from > 0 && begins.test(waiting[from - 1]!.entry.text) ? from - 1 : from
    for (const [index, one] of waiting.entries()) {
      const isNew = start >= 0 ? index >= start : isOver || current === mac
      // Before a beginning they end the request that went on; without one nobody can tell whose they are.
      this.#give(isNew ? mac : start >= 0 && !isOver ? current : undefined, one)
    }
  }

  /** Nobody is named any more: they belong to the request that goes on, if it is surely theirs. */
  #leave(thread: Thread): void {
    const { waiting, isOver } = thread
    const current = isOver ? undefined : thread.current
    thread.waiting = []
    const start = waiting.findIndex(({ entry }) => begins.test(entry.text))
    for (const [index, one] of waiting.entries()) this.#give(start < 0 || index < start ? current : undefined, one)
  }

  #give(mac: string | undefined, { entry, match }: Thread['waiting'][number]): void {
    if (match?.signature.id === 'lookup-answered') this.#provider.overcome(talk)
    const machine =
      mac === undefined ? undefined : (this.#machines.get(mac) ?? this.#machineOf({ mac, guid: undefined }))
    if (machine) machine.take(entry, match)
    else this.#provider.take(entry, match)
  }
}
