/** iPXE scripts (ipxe.org/scripting): every command that boots use, with its options, settings, labels, images and menus. */
import { say, type Phrase } from '#messages/message.ts'
import { bytesOfU32, decodeText, parseIpv4, parseIpv6 } from '../../../wire/bytes.ts'
import { inspectBootProgram } from '../../../wire/boot-program.ts'
import type { DhcpMessage } from '../../../wire/dhcp/message.ts'
import { failed, type ClientContext, type ClientResult, type Step } from '../client.ts'
import {
  absoluteUrl,
  configureNetwork,
  errorText,
  fetchFile,
  resolveHost,
  type Fetched,
  type IpxeImage,
  type IpxeState,
  withoutPercents,
} from '../ipxe-network.ts'
import { commandForms, parseCommand, type ParsedCommand } from '../ipxe-options.ts'
import { booted } from '../boot-context.ts'

/** More commands than any script of a boot needs: a loop that never ends is cut off. */
const mostCommands = 2000
/** Scripts that load each other, each waiting for the next to come back. */
const deepestScript = 32

/** An image that did not run, or a script whose last command failed: whoever loaded it goes on. */
export interface ImageFailed {
  readonly state: 'image-failed'
  /** The error as it is printed: `Exec format error (http://ipxe.org/2e022001)`. */
  readonly error: string
  readonly because: Phrase
}

export type ImageEnd = ClientResult | ImageFailed | 'returned'

/** What runs an image that `chain` or `boot` was given. */
export type RunImage = (
  client: ClientContext,
  state: IpxeState,
  fetched: Fetched,
  ack: DhcpMessage,
  reply: DhcpMessage,
) => Step<ImageEnd>

interface Failure {
  readonly kind: 'failed'
  readonly error: string
  readonly because: Phrase
}

type Outcome =
  | { readonly kind: 'ok' }
  | Failure
  /** The rest of the line is not looked at. */
  | { readonly kind: 'goto' }
  | { readonly kind: 'end'; readonly result: ImageEnd }

const ok: Outcome = { kind: 'ok' }

interface MenuItem {
  readonly label: string
  readonly text: string
  readonly isDefault: boolean
  readonly isGap: boolean
}

/** A command with its words behind the name, read. */
interface Call {
  readonly command: string
  readonly options: ReadonlyMap<string, string>
  readonly values: readonly string[]
}

/** Commands whose words name network cards; a machine here has one. */
const ofInterfaces: ReadonlySet<string> = new Set([
  'autoboot',
  'dhcp',
  'ifclose',
  'ifconf',
  'iflinkwait',
  'ifopen',
  'ifstat',
  'iwlist',
  'iwstat',
])

const nameOf = (url: string): string => {
  const path = url.replace(/[?#].*$/, '')
  return withoutPercents(path.slice(path.lastIndexOf('/') + 1))
}

/** `0x1b`, `10`, `-1`; undefined where it is no number. */
const numberIn = (text: string): number | undefined => {
  const value = Number(text)
  return text !== '' && Number.isInteger(value) ? value : undefined
}

class ScriptRun {
  readonly #client: ClientContext
  readonly #state: IpxeState
  readonly #base: string
  readonly #lines: readonly string[]
  readonly #runImage: RunImage
  #at = 0
  readonly #menus = new Map<string, MenuItem[]>()
  #hasParameters = false

  constructor(client: ClientContext, state: IpxeState, text: string, base: string, runImage: RunImage) {
    this.#client = client
    this.#runImage = runImage
    this.#state = state
    this.#base = base
    // A backslash at the end of a line goes on with the next.
    this.#lines = text.replace(/\\\r?\n/g, '').split(/\r?\n/)
  }

  *run(): Step<ImageEnd> {
    const { settings } = this.#state
    settings.set('cwuri', this.#base)
    settings.set('cwduri', this.#base.slice(0, this.#base.lastIndexOf('/') + 1))
    while (this.#at < this.#lines.length) {
      if (++this.#state.commands > mostCommands) return failed('', '', say('pxe-client.script-goes-round-circles'))
      // A command may stand behind the label.
      const line = this.#lines[this.#at++]!.trim().replace(/^:\S*\s*/, '')
      const outcome = yield* this.#line(line)
      if (outcome.kind === 'end') return outcome.result
      if (outcome.kind === 'failed') return { state: 'image-failed', error: outcome.error, because: outcome.because }
    }
    return 'returned'
  }

  /** `a || b`: the next one only where the last failed; `a && b`: only where it did not; `a ; b`: always. */
  *#line(line: string): Step<Outcome> {
    const words = line.split(/\s+/).filter((word) => word !== '')
    let outcome: Outcome = ok
    let isWanted = true
    for (let at = 0; ;) {
      const end = words.findIndex((word, index) => index >= at && (/^(\|\||&&|;)$/.test(word) || word.startsWith('#')))
      const part = words.slice(at, end < 0 ? undefined : end)
      if (isWanted) {
        outcome = part.length === 0 ? ok : yield* this.#words(part)
        if (outcome.kind === 'end' || outcome.kind === 'goto') return outcome
      }
      const mark = end < 0 ? '#' : words[end]!
      if (mark.startsWith('#')) return outcome
      isWanted = mark === ';' || (mark === '||') === (outcome.kind === 'failed')
      at = end + 1
    }
  }

  /** Settings are put in word by word: a value with spaces stays one word, an empty one stays a word. */
  *#words(words: readonly string[]): Step<Outcome> {
    const { settings } = this.#state
    const [command = '', ...rest] = words.map((word) => settings.expand(word))
    if (command === '') return ok
    const form = Object.hasOwn(commandForms, command) ? commandForms[command] : undefined
    if (!form) {
      this.#client.line(`${command}: command not found`)
      return this.#fail('Exec format error', '2e022001', say('pxe-client.simulated-ipxe-does-not-know', { command }))
    }
    const parsed = parseCommand(command, form, rest)
    if (!parsed.ok) {
      for (const line of parsed.lines) this.#client.line(line)
      this.#client.line(`See ${this.#state.profile.site}/cmd/${command} for further information`)
      return parsed.isCount
        ? this.#fail('Result too large', '46162001', say('pxe-client.takes-another-number-words', { command }))
        : this.#fail('Invalid argument', '1c162202', say('pxe-client.does-not-take-these-options', { command }))
    }
    return yield* this.#call({ command, ...parsed })
  }

  #fail(text: string, number: string, because: Phrase): Failure {
    return { kind: 'failed', error: errorText(this.#state.profile, text, number), because }
  }

  *#call(call: Call): Step<Outcome> {
    const { command, options, values } = call
    const client = this.#client
    const stranger = ofInterfaces.has(command) ? values.find((name) => !/^net[0X]$/i.test(name)) : undefined
    if (stranger !== undefined) {
      client.line(`"${stranger}": no such network device`)
      return this.#fail('No such device', '2c16203b', say('pxe-client.no-network-card', { stranger }))
    }
    const { settings } = this.#state
    const first = values[0] ?? ''
    switch (command) {
      case 'echo':
        client.print(values.join(' ') + (options.has('n') ? '' : '\n'))
        return ok
      case 'dhcp':
      case 'ifconf': {
        const only = options.get('configurator')
        const lost = yield* configureNetwork(client, this.#state, only === 'dhcp' || only === 'ipv6' ? only : undefined)
        return lost === undefined ? ok : this.#fail('Connection timed out', '4c106035', lost)
      }
      case 'set': {
        if (!settings.isName(first)) {
          client.line(`"${first}": invalid setting`)
          return this.#fail('Operation not supported', '3c0c2003', say('pxe-client.no-setting-known-type', { first }))
        }
        const value = values.slice(1).join(' ')
        if (settings.set(first, value)) return ok
        const outcome = this.#fail('Invalid argument', '1c0c2002', say('pxe-client.no-value', { value, first }))
        client.line(`Could not store "${first.split(':')[0]}": ${outcome.error}`)
        return outcome
      }
      case 'clear':
        settings.clear(first)
        return ok
      case 'isset':
        return first !== ''
          ? ok
          : this.#fail('No such file or directory', '2d02203b', say('pxe-client.isset-given-setting-without-value'))
      case 'iseq':
        return first === values[1]
          ? ok
          : this.#fail('Result too large', '46022001', say('pxe-client.iseq-differs', { first, second: values[1] }))
      case 'inc': {
        const by = values[1] === undefined ? 1 : numberIn(values[1])
        if (by === undefined) return this.#noNumber(values[1]!)
        settings.increase(first, by)
        return ok
      }
      case 'show': {
        const told = settings.describe(first)
        if (!told) {
          const outcome = this.#fail(
            'No such file or directory',
            '2d0c203b',
            say('pxe-client.setting-no-value', { first }),
          )
          client.line(`Could not find "${first}": ${outcome.error}`)
          return outcome
        }
        client.line(options.has('quiet') ? told.value : `${told.name} = ${told.value}`)
        return ok
      }
      case 'read':
        // Who presses keys here presses Enter, which leaves the value as it is.
        return yield* this.#waits(options, say('pxe-client.somebody-write', { first }))
      case 'login':
        return yield* this.#waits(options, say('pxe-client.somebody-log'))
      case 'config':
        return yield* this.#waits(options, say('pxe-client.somebody-leave-settings'))
      case 'prompt': {
        client.print(values.join(' '))
        const outcome = yield* this.#waits(options, 'a key')
        // It wipes what it wrote.
        client.print('\r')
        return outcome
      }
      case 'sleep': {
        const seconds = numberIn(first)
        if (seconds === undefined) return this.#noNumber(first)
        yield* client.sleep(seconds * 1000)
        return ok
      }
      case 'goto':
        return this.#goto(first)
      case 'time': {
        const before = client.now
        const outcome = yield* this.#words(values)
        client.line(`${values.join(' ')}: ${((client.now - before) / 1000).toFixed(2)}s`)
        return outcome
      }
      case 'menu':
      case 'form':
        if (options.has('delete')) this.#menus.delete(options.get('name') ?? '')
        else this.#menus.set(options.get('name') ?? '', [])
        if (values.length > 0) client.line(values.join(' '))
        return ok
      case 'item':
        return this.#item(call)
      case 'choose':
      case 'present':
        return yield* this.#choose(call)
      case 'imgfetch':
      case 'module':
      case 'initrd':
      case 'imgselect':
      case 'imgload':
      case 'kernel':
      case 'imgargs':
      case 'chain':
      case 'imgexec':
      case 'boot':
        return yield* this.#image(call)
      case 'imgstat':
      case 'imgfree':
        return this.#images(call)
      case 'imgverify':
      case 'imgextract':
      case 'imgdecrypt':
      case 'imgset':
      case 'shim':
      case 'fdt':
      case 'certstore':
      case 'console':
        return yield* this.#fetchesFor(call)
      case 'md5sum':
      case 'sha1sum':
      case 'sha256sum':
      case 'sha512sum':
        for (const name of values) if (!this.#find(name)) return this.#noImage(name)
        return ok
      case 'nslookup': {
        const failedWith = (outcome: Failure): Failure => {
          client.line(`Could not resolve ${values[1]}: ${outcome.error}`)
          return outcome
        }
        const found = yield* resolveHost(client, this.#state, values[1]!)
        if (!found.ok) return failedWith(this.#fail(...found.error, found.because))
        const { address } = found
        // A type that the script names stands; else it is that of the address (iPXE's usr/nslookup.c).
        const isStored =
          typeof address === 'string'
            ? settings.store(first, parseIpv6(address)!, 'ipv6')
            : settings.store(first, bytesOfU32(address), 'ipv4')
        if (isStored) return ok
        return failedWith(this.#fail('Operation not supported', '3c0c2003', say('pxe-client.no-setting-known-type', { first }))) // prettier-ignore
      }
      case 'params':
        this.#hasParameters = !options.has('delete')
        return ok
      case 'param':
        return this.#hasParameters
          ? ok
          : this.#fail('No such file or directory', '2d16203b', say('pxe-client.param-stands-before-params'))
      case 'cpuid':
        // Of features the processors of today have all that scripts ask for; ARM has no such command.
        if (this.#state.profile.architecture !== 11) return ok
        client.line('cpuid: command not found')
        return this.#fail('Exec format error', '2e022001', say('pxe-client.cpuid-x86-only'))
      case 'sanboot':
        return {
          kind: 'end',
          result: booted(
            client,
            say('pxe-client.disk-attached', { disk: first === '' ? (settings.get('root-path') ?? '') : first }),
          ),
        }
      case 'shell':
        client.line('iPXE>')
        return { kind: 'end', result: booted(client, say('pxe-client.script-ends-ipxe-shell')) }
      case 'exit': {
        const status = first === '' ? 0 : numberIn(first)
        if (status === undefined) return this.#noNumber(first)
        if (status === 0) return { kind: 'end', result: 'returned' }
        const number = status.toString(16).padStart(8, '0')
        const error = `Error 0x${number} (${this.#state.profile.site}/${number})`
        return {
          kind: 'end',
          result: { state: 'image-failed', error, because: say('pxe-client.script-ends-exit', { first }) },
        }
      }
      case 'reboot':
      case 'poweroff':
        return { kind: 'end', result: failed('', '', say('pxe-client.script-says', { command })) }
      case 'ifstat':
        client.line(`net0: ${client.macText} using ${this.#state.profile.card}`)
        client.line('  [Link:up, TX:0 TXE:0 RX:0 RXE:0]')
        return ok
      case 'route': {
        const address = settings.get('ip')
        if (address !== undefined) client.line(`net0: ${address}/${settings.get('netmask') ?? ''}`)
        return ok
      }
      default:
        // The rest changes nothing that is seen on this wire or decides what follows.
        return ok
    }
  }

  #noNumber(text: string): Outcome {
    this.#client.line(`"${text}": invalid integer value`)
    return this.#fail('Invalid argument', '1c162102', say('pxe-client.no-number', { text }))
  }

  #noImage(name: string): Outcome {
    this.#client.line(`"${name}": no such image`)
    return this.#fail('No such file or directory', '2d0ae03b', say('pxe-client.no-image-called', { name }))
  }

  /** For a key or a line: somebody presses one, or the time ends, or it stands there for ever. */
  *#waits(options: ParsedCommand['options'], what: Phrase): Step<Outcome> {
    const client = this.#client
    const timeoutMs = Number(options.get('timeout') ?? 0)
    if (client.habits.pressesKey) {
      yield* client.sleep(timeoutMs > 0 ? Math.min(1000, timeoutMs / 2) : 1000)
      return ok
    }
    if (timeoutMs <= 0) return { kind: 'end', result: failed('', '', say('pxe-client.script-waits', { what })) }
    yield* client.sleep(timeoutMs)
    return this.#fail(
      'Connection timed out',
      '4c22e035',
      say('pxe-client.no-key-pressed', { seconds: timeoutMs / 1000 }),
    )
  }

  #goto(label: string): Outcome {
    const at = this.#lines.findIndex((line) => /^\s*:(\S*)/.exec(line)?.[1] === label)
    if (at < 0) return this.#fail('No such file or directory', '2d02803b', say('pxe-client.script-no-label', { label }))
    this.#at = at
    return { kind: 'goto' }
  }

  #find(name: string): IpxeImage | undefined {
    return this.#state.images.find((one) => one.name === name)
  }

  /** Loads an address, relative to the script's own; params make it a form that is sent. */
  *#load(address: string, options: ParsedCommand['options']): Step<IpxeImage | Outcome> {
    const client = this.#client
    const { settings, images } = this.#state
    const sends = /##params(=|$)/.test(address) && this.#hasParameters
    const shownAs = options.has('quiet') ? '' : address.replace(/[?#].*$/, '')
    const nextServer = parseIpv4(settings.get('next-server') ?? '') ?? 0
    const url = absoluteUrl(address.replace(/#.*$/, ''), this.#base, nextServer)
    const fetched = yield* fetchFile(client, this.#state, url, shownAs, sends ? 'POST' : 'GET')
    if (!fetched.ok) return { kind: 'failed', error: fetched.line, because: fetched.because }
    const image: IpxeImage = { name: nameOf(url), fetched, arguments: '' }
    images.push(image)
    return image
  }

  *#image({ command, options, values }: Call): Step<Outcome> {
    const state = this.#state
    const [address, ...rest] = values
    const isFetch = command === 'imgfetch' || command === 'module' || command === 'initrd'
    let image: IpxeImage
    if (address === undefined) {
      if (!state.selected) {
        // It says so, and counts as done: the script goes on.
        this.#client.line('No image selected')
        return ok
      }
      image = state.selected
    } else {
      // What is there under that name is not loaded again, except by imgfetch.
      const known = isFetch ? undefined : this.#find(address)
      const loaded = known ?? (yield* this.#load(address, options))
      if ('kind' in loaded) return loaded
      image = loaded
    }
    const name = options.get('name')
    if (name !== undefined) image.name = name
    if (rest.length > 0 || command === 'imgargs') image.arguments = rest.join(' ')
    if (isFetch || command === 'imgargs') return ok
    if (command === 'kernel' || command === 'imgselect' || command === 'imgload') {
      // A BIOS takes everything for a program; of a file whose content nobody described it is enough that it is there.
      const { kind } = inspectBootProgram(image.fetched.head, image.name)
      if (state.profile.platform === 'uefi' && !['uefi', 'linux', 'script', 'empty'].includes(kind)) {
        const outcome = this.#fail(
          'Exec format error',
          '2e008001',
          say('pxe-client.no-program-uefi', { name: image.name }),
        )
        this.#client.line(`Could not select: ${outcome.error}`)
        return outcome
      }
      state.selected = image
      return ok
    }
    return yield* this.#execute(image, options)
  }

  *#execute(image: IpxeImage, options: ParsedCommand['options']): Step<Outcome> {
    const state = this.#state
    const client = this.#client
    if (!state.configured)
      return this.#fail('No such device', '2c048087', say('pxe-client.no-address-yet-nothing-runs'))
    const { fetched } = image
    // Of a file whose content nobody described it is enough that it is there.
    if (state.selected === image && fetched.head.length === 0)
      return { kind: 'end', result: booted(client, say('pxe-client.file-runs', { file: image.name })) }
    const { ack, boot } = state.configured
    // It is no longer listed while it runs.
    if (options.has('autofree')) this.#free(image)
    const end = yield* this.#runImage(client, state, fetched, ack, boot ?? ack)
    if (end === 'returned') return options.has('replace') ? { kind: 'end', result: 'returned' } : ok
    if (end.state !== 'image-failed') return { kind: 'end', result: end }
    if (options.has('replace')) return { kind: 'end', result: end }
    client.line(`Could not boot: ${end.error}`)
    return { kind: 'failed', error: end.error, because: end.because }
  }

  #free(image: IpxeImage): void {
    const { images } = this.#state
    images.splice(images.indexOf(image), 1)
    if (this.#state.selected === image) this.#state.selected = undefined
  }

  #images({ command, values }: Call): Outcome {
    for (const name of values) if (!this.#find(name)) return this.#noImage(name)
    for (const image of this.#state.images.filter((one) => values.length === 0 || values.includes(one.name))) {
      if (command === 'imgfree') this.#free(image)
      else
        this.#client.line(
          `${image.name} : ${image.fetched.size} bytes${this.#typeOf(image)}${image === this.#state.selected ? ' [SELECTED]' : ''}${image.arguments === '' ? '' : ` "${image.arguments}"`}`,
        )
    }
    return ok
  }

  /** What it takes an image for: on a BIOS everything that is nothing else can be started. */
  #typeOf({ name, fetched }: IpxeImage): string {
    const { kind } = inspectBootProgram(fetched.head, name)
    if (kind === 'script') return ' [script]'
    if (this.#state.profile.platform === 'bios') return kind === 'linux' ? ' [bzImage]' : ' [PXE-NBP]'
    return kind === 'uefi' || kind === 'linux' ? ' [EFI]' : ''
  }

  /** Commands that load what they are given and look into it: what they find is taken for good. */
  *#fetchesFor({ command, options, values }: Call): Step<Outcome> {
    const picture = options.get('picture')
    const addresses =
      command === 'console' ? (picture === undefined ? [] : [picture]) : command === 'imgset' ? values.slice(1) : values
    for (const address of addresses) {
      if (this.#find(address)) continue
      const loaded = yield* this.#load(address, options)
      if ('kind' in loaded) return loaded
      const name = options.get('name')
      if (name !== undefined) loaded.name = name
    }
    if (command === 'imgset') this.#state.settings.keep(values[0]!, this.#state.images.at(-1)!.fetched.head, 'string')
    return ok
  }

  #item({ options, values }: Call): Outcome {
    const menu = options.get('menu') ?? options.get('form') ?? ''
    const items = this.#menus.get(menu)
    if (!items) {
      this.#client.line(menu === '' ? 'No default menu' : `"${menu}": no such menu`)
      return this.#fail('No such file or directory', '2d16203b', say('pxe-client.no-menu-put-item', { menu }))
    }
    // A gap shows all its words; an item names its label first.
    const isGap = options.has('gap') || values.length === 0
    const text = values.slice(isGap ? 0 : 1).join(' ')
    items.push({ label: isGap ? '' : values[0]!, text, isDefault: options.has('default'), isGap })
    this.#client.line(`  ${text}`)
    return ok
  }

  *#choose({ command, options, values }: Call): Step<Outcome> {
    const client = this.#client
    const menu = options.get('menu') ?? options.get('form') ?? ''
    const items = this.#menus.get(menu)
    const selectable = items?.filter((one) => !one.isGap) ?? []
    if (!items || (command === 'choose' && selectable.length === 0)) {
      if (!items) client.line(menu === '' ? 'No default menu' : `"${menu}": no such menu`)
      return this.#fail('No such file or directory', '2d16203b', say('pxe-client.no-menu-choose'))
    }
    const timeoutMs = Number(options.get('timeout') ?? NaN)
    const wanted = client.habits.menuLine
    if (!options.has('keep')) this.#menus.delete(menu)
    if (command === 'present') return yield* this.#waits(options, say('pxe-client.somebody-fill-form'))
    const byDefault =
      selectable.find((one) => one.label === options.get('default')) ??
      selectable.find((one) => one.isDefault) ??
      selectable[0]!
    const chosen = wanted === undefined ? byDefault : selectable[Math.min(wanted, selectable.length - 1)]!
    if (wanted === undefined && !(timeoutMs > 0))
      return { kind: 'end', result: failed('', '', say('pxe-client.menu-waits-somebody')) }
    yield* client.sleep(wanted === undefined ? timeoutMs : 1500)
    this.#state.settings.set(values[0]!, chosen.label)
    client.line(chosen.text)
    return ok
  }
}

export function* runScript(
  client: ClientContext,
  state: IpxeState,
  head: Uint8Array,
  base: string,
  runImage: RunImage,
): Step<ImageEnd> {
  if (state.scripts >= deepestScript) return failed('', '', say('pxe-client.script-goes-round-circles'))
  state.scripts++
  const end = yield* new ScriptRun(client, state, decodeText(head), base, runImage).run()
  state.scripts--
  return end
}
