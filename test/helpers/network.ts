/** Network namespaces that a test makes and removes: bridges, cables and processes inside them. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify, stripVTControlCharacters } from 'node:util'
import { systemFolders } from './system-folders.ts'

const run = promisify(execFile)

/** `npm test` puts the programs of packages first, and the package dhcp has a dhcpd of its own. */
const systemEnvironment: NodeJS.ProcessEnv = { ...process.env, PATH: systemFolders().join(':') }

let count = 0

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The namespaces at the ends of a wire: the server with `srv0`, and the client with `cli0`. */
export interface Wire {
  readonly here: string
  readonly there: string
}

export interface WireOptions {
  /** Addresses with their prefix lengths. */
  readonly server?: readonly string[]
  /** None where the client has to be given one. */
  readonly client?: readonly string[]
  /** Tells the wires of one network apart. */
  readonly name?: string
}

/** An interface as `ip -j -d address` tells it (ip-address(8)). */
interface Link {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly inet6_addr_gen_mode?: string
  readonly addr_info: readonly { readonly family: string; readonly scope: string; readonly tentative?: boolean }[]
}

/** What a process prints behind a place in its output: what it printed before counts for nothing. */
export interface OutputSince {
  readonly output: string
  /** As `sees` of the process. */
  sees(pattern: RegExp, seconds?: number): Promise<RegExpExecArray>
}

/** A process in a namespace; its output is kept and can be waited for. */
export class Running {
  output = ''
  stdout = ''
  stderr = ''
  readonly child: ChildProcess
  readonly #ended: Promise<number>
  /** All that it printed has been read: its code is there a moment before its last words. */
  #isClosed = false
  /** What firmware and servers print may be no UTF-8, and Latin-1 loses none of it. */
  constructor(child: ChildProcess, encoding: 'latin1' | 'utf8' = 'latin1') {
    this.child = child
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding(encoding).on('data', (text: string) => {
        this[name] += text
        this.output += text
      })
    child.once('close', () => (this.#isClosed = true))
    this.#ended = once(child, 'close').then(([code]) => Number(code ?? -1))
  }

  /**
   * Waits until the output matches; throws with the output where the process ends or the time runs out before. A busy
   * machine is slow: fewer seconds are for what must not come. All that was ever printed counts: where the same words may
   * have come before, take a `mark` before what is waited for is done.
   */
  sees(pattern: RegExp, seconds = 60): Promise<RegExpExecArray> {
    return this.#seesFrom(0, pattern, seconds)
  }

  /**
   * The output from here on. What is on its way counts as printed afterwards: where the last event may still be told of,
   * the pattern has to name more than its kind.
   */
  mark(): OutputSince {
    const from = this.output.length
    const told = (): string => this.output.slice(from)
    return {
      get output() {
        return told()
      },
      sees: (pattern, seconds = 60) => this.#seesFrom(from, pattern, seconds),
    }
  }

  async #seesFrom(from: number, pattern: RegExp, seconds: number): Promise<RegExpExecArray> {
    const until = performance.now() + seconds * 1000
    for (;;) {
      const isClosed = this.#isClosed
      const { length } = this.output
      const output = this.output.slice(from)
      // A console that puts its cursor somewhere may do so in the middle of a word.
      const match =
        pattern.exec(output) ?? (output.includes('\x1b') ? pattern.exec(stripVTControlCharacters(output)) : null)
      if (match) return match
      if (isClosed || performance.now() > until)
        throw new Error(
          `${this.child.spawnargs.join(' ')} did not print ${pattern} within ${seconds} s:\n${output.slice(-4000)}`,
        )
      while (this.output.length === length && !this.#isClosed && performance.now() <= until) await delay(10)
    }
  }

  ended(): Promise<number> {
    return this.#ended
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.child.exitCode === null) this.child.kill(signal)
    return this.#ended
  }
}

export class Network {
  readonly #names: string[] = []
  readonly #running: Running[] = []
  readonly #prefix = `pxl${process.pid}x${++count}`

  ip(...values: string[]): void {
    execFileSync('ip', values, { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** What a namespace is called on this machine, whether it is there yet or not. */
  nameOf(name: string): string {
    return `${this.#prefix}${name}`
  }

  /** A namespace with its loopback up; the name is for `exec` and `start`. */
  namespace(name: string): string {
    const full = this.nameOf(name)
    this.ip('netns', 'add', full)
    this.#names.push(full)
    this.ip('-n', full, 'link', 'set', 'lo', 'up')
    return full
  }

  /** A cable between two namespaces, each end with its addresses. */
  cable(
    a: { in: string; name: string; addresses?: readonly string[] },
    b: { in: string; name: string; addresses?: readonly string[] },
  ): void {
    this.ip('link', 'add', a.name, 'netns', a.in, 'type', 'veth', 'peer', 'name', b.name, 'netns', b.in)
    for (const end of [a, b]) {
      for (const address of end.addresses ?? [])
        this.ip('-n', end.in, 'addr', 'add', address, 'brd', '+', 'dev', end.name)
      this.ip('-n', end.in, 'link', 'set', end.name, 'up')
    }
  }

  /** A server and a client joined by a cable. */
  wire({ server = ['10.77.0.1/16'], client = ['10.77.0.2/16'], name = '' }: WireOptions = {}): Wire {
    const [here, there] = [this.namespace(`${name}s`), this.namespace(`${name}c`)]
    this.cable({ in: here, name: 'srv0', addresses: server }, { in: there, name: 'cli0', addresses: client })
    return { here, there }
  }

  bridge(namespace: string, name: string, addresses: string[], members: string[] = []): void {
    this.ip('-n', namespace, 'link', 'add', name, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0')
    for (const address of addresses) this.ip('-n', namespace, 'addr', 'add', address, 'brd', '+', 'dev', name)
    this.ip('-n', namespace, 'link', 'set', name, 'up')
    for (const member of members) this.ip('-n', namespace, 'link', 'set', member, 'master', name)
  }

  tap(namespace: string, name: string, bridge: string): void {
    this.ip('netns', 'exec', namespace, 'ip', 'tuntap', 'add', 'dev', name, 'mode', 'tap')
    // A port of a bridge needs no address, which it would get when the machine on it is switched on.
    this.ip('-n', namespace, 'link', 'set', name, 'addrgenmode', 'none')
    this.ip('-n', namespace, 'link', 'set', name, 'master', bridge)
    this.ip('-n', namespace, 'link', 'set', name, 'up')
  }

  /**
   * Waits until no address will come or change by itself: each interface that has a link has the address of that link, and
   * none is still checked for duplicates (RFC 4862, 5.4). Chromium ends what it loads where one does (ERR_NETWORK_CHANGED).
   */
  async settled(namespace: string): Promise<void> {
    for (const until = performance.now() + 60_000; ;) {
      const { stdout } = await this.exec(namespace, 'ip', ['-j', '-d', 'address', 'show'])
      const links = JSON.parse(stdout) as Link[]
      const unsettled = links.filter(
        ({ flags, inet6_addr_gen_mode, addr_info }) =>
          addr_info.some((one) => one.tentative) ||
          (flags.includes('LOWER_UP') &&
            !flags.includes('LOOPBACK') &&
            inet6_addr_gen_mode !== 'none' &&
            !addr_info.some((one) => one.family === 'inet6' && one.scope === 'link')),
      )
      if (unsettled.length === 0) return
      if (performance.now() > until)
        throw new Error(`the addresses of ${unsettled.map((one) => one.ifname).join(', ')} do not settle:\n${stdout}`)
      await delay(50)
    }
  }

  /** Runs to its end; never throws for an exit code. */
  async exec(namespace: string, command: string, values: readonly string[], seconds = 60): Promise<Output> {
    try {
      const { stdout, stderr } = await run('ip', ['netns', 'exec', namespace, command, ...values], {
        timeout: seconds * 1000,
        maxBuffer: 1 << 28,
        env: systemEnvironment,
      })
      return { code: 0, stdout, stderr }
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
      return { code: typeof code === 'number' ? code : -1, stdout, stderr }
    }
  }

  start(
    namespace: string,
    command: string,
    values: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    input: 'ignore' | 'pipe' = 'ignore',
  ): Running {
    // `ip netns exec` replaces itself by the command, so the child's pid is the command's own.
    const running = new Running(
      spawn('ip', ['netns', 'exec', namespace, command, ...values], {
        stdio: [input, 'pipe', 'pipe'],
        env: { ...systemEnvironment, ...environment },
      }),
    )
    this.#running.push(running)
    return running
  }

  /** Ends and removes everything; afterwards the network can be laid again. */
  async close(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((one) => one.stop('SIGKILL')))
    for (const name of this.#names.splice(0)) this.ip('netns', 'del', name)
  }
}
