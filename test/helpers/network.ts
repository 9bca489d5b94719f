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

/** A process in a namespace; its output is kept and can be waited for. */
export class Running {
  output = ''
  stdout = ''
  stderr = ''
  readonly child: ChildProcess
  readonly #ended: Promise<number>
  /** What firmware and servers print may be no UTF-8, and Latin-1 loses none of it. */
  constructor(child: ChildProcess, encoding: 'latin1' | 'utf8' = 'latin1') {
    this.child = child
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding(encoding).on('data', (text: string) => {
        this[name] += text
        this.output += text
      })
    this.#ended = once(child, 'close').then(([code]) => Number(code ?? -1))
  }

  /**
   * Waits until the output matches; throws with the output where the process ends or the time runs out before. A busy
   * machine is slow: fewer seconds are for what must not come.
   */
  async sees(pattern: RegExp, seconds = 60): Promise<RegExpExecArray> {
    const until = Date.now() + seconds * 1000
    for (;;) {
      // A console that puts its cursor somewhere may do so in the middle of a word.
      const match = pattern.exec(this.output) ?? pattern.exec(stripVTControlCharacters(this.output))
      if (match) return match
      if (this.child.exitCode !== null || Date.now() > until)
        throw new Error(
          `${this.child.spawnargs.join(' ')} did not print ${pattern} within ${seconds} s:\n${this.output.slice(-4000)}`,
        )
      await delay(20)
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
    this.ip('-n', namespace, 'link', 'set', name, 'master', bridge)
    this.ip('-n', namespace, 'link', 'set', name, 'up')
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
