/** iPXE scripts, as far as boot menus and installers use them (ipxe.org/scripting): commands, settings, labels, `||`. */
import { decodeText } from '../../../wire/bytes.ts'
import type { DhcpMessage } from '../../../wire/dhcp/message.ts'
import { failed, type ClientContext, type ClientResult, type Step } from '../client.ts'
import { absoluteUrl, configureNetwork, fetchFile, type Fetched, type IpxeState } from '../ipxe-network.ts'
import { addressIn } from './grub.ts'
import { booted } from '../boot-context.ts'

/** More commands than any script of a boot needs: a loop that never ends is cut off. */
const mostCommands = 2000

/** What runs a file that `chain` loaded. */
type RunImage = (
  client: ClientContext,
  state: IpxeState,
  fetched: Fetched,
  ack: DhcpMessage,
  reply: DhcpMessage,
) => Step<ClientResult | 'returned'>

type Outcome =
  | { readonly kind: 'ok' | 'failed'; readonly line?: string; readonly because?: string }
  | { readonly kind: 'end'; readonly result: ClientResult | 'returned' }

const ok: Outcome = { kind: 'ok' }

/** `${net0/ip}` with its value; an unknown setting is empty. */
const expand = (text: string, settings: ReadonlyMap<string, string>): string => {
  let before = text
  for (let round = 0; round < 8; round++) {
    const after = before.replace(/\$\{([^${}]*)\}/g, (_, name: string) => {
      const [plain = '', type] = name.split(':')
      const value = settings.get(plain) ?? ''
      return type === 'hexhyp' ? value.replaceAll(':', '-') : value
    })
    if (after === before) return after
    before = after
  }
  return before
}

class ScriptRun {
  readonly #client: ClientContext
  readonly #state: IpxeState
  readonly #base: string
  readonly #lines: readonly string[]
  readonly #runImage: RunImage
  #at = 0
  #kernel: Fetched | undefined
  #items: { readonly label: string; readonly text: string }[] = []

  constructor(client: ClientContext, state: IpxeState, text: string, base: string, runImage: RunImage) {
    this.#client = client
    this.#runImage = runImage
    this.#state = state
    this.#base = base
    // A backslash at the end of a line goes on with the next.
    this.#lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)
  }

  *run(): Step<ClientResult | 'returned'> {
    for (let count = 0; this.#at < this.#lines.length; count++) {
      if (count > mostCommands) return failed('', '', 'the script goes round in circles')
      const line = this.#lines[this.#at++]!.replace(/(^|\s)#.*$/, '').trim()
      if (line === '' || line.startsWith(':')) continue
      const outcome = yield* this.#chainOf(line)
      if (outcome.kind === 'end') return outcome.result
      if (outcome.kind === 'failed') {
        const said = outcome.line ?? 'Operation not permitted'
        if (outcome.line === undefined) this.#client.line(`Could not boot: ${said}`)
        return failed('', said, outcome.because ?? `the command ${line.split(' ')[0]} failed`)
      }
    }
    return 'returned'
  }

  /** `a || b`: the next one only where the last failed; `a && b`: only where it did not. */
  *#chainOf(line: string): Step<Outcome> {
    const parts = line.split(/\s*(\|\||&&)\s*/)
    let outcome = yield* this.#command(parts[0]!)
    for (let index = 1; index < parts.length; index += 2) {
      if (outcome.kind === 'end') return outcome
      const wants = parts[index] === '||' ? 'failed' : 'ok'
      if (outcome.kind !== wants) continue
      const next = parts[index + 1]!.trim()
      outcome = next === '' ? ok : yield* this.#command(next)
    }
    return outcome
  }

  *#command(text: string): Step<Outcome> {
    const client = this.#client
    const { settings, configured } = this.#state
    const words = expand(text, settings).trim().split(/\s+/)
    const command = words[0] ?? ''
    const rest = words.slice(1)
    const plain = rest.filter((word) => !word.startsWith('--'))
    switch (command) {
      case 'echo':
        client.line(
          expand(text, settings)
            .trim()
            .replace(/^echo\s?/, ''),
        )
        return ok
      case 'dhcp':
      case 'ifconf': {
        const lost = yield* configureNetwork(client, this.#state)
        return lost === undefined ? ok : { kind: 'failed', because: lost }
      }
      case 'ifopen':
      case 'ifclose':
      case 'imgfree':
      case 'route':
      case 'console':
      case 'colour':
      case 'cpair':
      case 'params':
      case 'param':
        return ok
      case 'set':
      case 'isset':
      case 'iseq':
      case 'clear':
        return this.#setting(command, rest)
      case 'goto':
        return this.#goto(plain[0] ?? '')
      case 'sleep':
        yield* client.sleep(Number(plain[0] ?? 0) * 1000)
        return ok
      case 'menu':
        this.#items = []
        client.line(rest.join(' '))
        return ok
      case 'item':
        if (!rest.includes('--gap')) this.#items.push({ label: plain[0] ?? '', text: plain.slice(1).join(' ') })
        client.line(`  ${plain.slice(rest.includes('--gap') ? 0 : 1).join(' ')}`)
        return ok
      case 'choose':
        return yield* this.#choose(rest)
      case 'prompt':
        client.line(plain.join(' '))
        if (!client.habits.pressesKey) return { kind: 'failed' }
        yield* client.sleep(1000)
        return ok
      case 'chain':
      case 'imgexec':
      case 'kernel':
      case 'initrd':
      case 'imgfetch':
      case 'module': {
        const name = plain[0] ?? ''
        const nextServer = addressIn(settings.get('next-server') ?? '') ?? 0
        const url = absoluteUrl(name, this.#base, nextServer)
        const fetched = yield* fetchFile(client, this.#state.profile, url, name)
        if (!fetched.ok) return { kind: 'failed', line: fetched.line, because: fetched.because }
        if (command === 'kernel') this.#kernel = fetched
        if (command !== 'chain' && command !== 'imgexec') return ok
        if (!configured) return { kind: 'failed', because: 'there is no address yet' }
        const { ack, boot } = this.#state.configured!
        return { kind: 'end', result: yield* this.#runImage(client, this.#state, fetched, ack, boot ?? ack) }
      }
      case 'boot': {
        const kernel = this.#kernel
        if (!kernel) return { kind: 'failed', because: 'no kernel is loaded' }
        const name = kernel.url.slice(kernel.url.lastIndexOf('/') + 1)
        return { kind: 'end', result: booted(client, `${name} runs`) }
      }
      case 'sanboot':
        return { kind: 'end', result: booted(client, `a disk is attached: ${plain.join(' ')}`) }
      case 'shell':
        client.line('iPXE>')
        return { kind: 'end', result: booted(client, 'the script ends in the iPXE shell') }
      case 'exit':
        return { kind: 'end', result: 'returned' }
      case 'reboot':
      case 'poweroff':
        return { kind: 'end', result: failed('', '', `the script says ${command}`) }
      default: {
        const line = `${command}: command not found`
        client.line(line)
        return { kind: 'failed', line, because: `the simulated iPXE does not know the command ${command}` }
      }
    }
  }

  #setting(command: string, [name = '', ...value]: readonly string[]): Outcome {
    const { settings } = this.#state
    if (command === 'set') settings.set(name, value.join(' '))
    else if (command === 'clear') settings.delete(name)
    // `isset ${net0/ip}` arrives with the value in place.
    else if (command === 'isset') return name === '' ? { kind: 'failed' } : ok
    else if (name !== (value[0] ?? '')) return { kind: 'failed' }
    return ok
  }

  #goto(label: string): Outcome {
    const at = this.#lines.findIndex((line) => line.trim() === `:${label}`)
    if (at < 0) return { kind: 'failed', because: `the script has no label ${label}` }
    this.#at = at
    return ok
  }

  *#choose(words: readonly string[]): Step<Outcome> {
    const valueOf = (name: string): string | undefined => {
      const index = words.indexOf(name)
      return index < 0 ? undefined : words[index + 1]
    }
    const timeoutMs = Number(valueOf('--timeout') ?? NaN)
    const wanted = this.#client.habits.menuLine
    const chosen =
      wanted === undefined
        ? (this.#items.find((one) => one.label === valueOf('--default')) ?? this.#items[0])
        : this.#items[Math.min(wanted, this.#items.length - 1)]
    if (!chosen) return { kind: 'failed', because: 'the menu has no items' }
    if (wanted === undefined && Number.isNaN(timeoutMs))
      return { kind: 'end', result: failed('', '', 'the menu waits for somebody') }
    yield* this.#client.sleep(wanted === undefined ? timeoutMs : 1500)
    this.#state.settings.set(words.at(-1) ?? '', chosen.label)
    this.#client.line(chosen.text)
    return ok
  }
}

export function* runScript(
  client: ClientContext,
  state: IpxeState,
  head: Uint8Array,
  base: string,
  runImage: RunImage,
): Step<ClientResult | 'returned'> {
  return yield* new ScriptRun(client, state, decodeText(head), base, runImage).run()
}
