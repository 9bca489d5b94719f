/**
 * A PostgreSQL server of a test: its own folder, a user without rights, a Unix socket and no port, so that it is reached from every
 * network namespace and by nobody else. Its output goes to a file: backends that outlive their postmaster hold a pipe open, and
 * whoever waits for the end of that pipe waits with them.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const startMs = 60_000
/** `nobody`: PostgreSQL refuses to run as root, and looks the user up by name. */
const unprivileged = 65_534

/** Where Debian keeps the programs of each version; the newest of them. */
export function postgresFolder(): string | undefined {
  try {
    const [newest] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return newest === undefined ? undefined : `/usr/lib/postgresql/${newest}/bin`
  } catch {
    return undefined
  }
}

export class Postgres {
  /** Holds the socket: the `host` of whoever connects. */
  readonly folder: string
  readonly user = 'pxelab'
  readonly database = 'postgres'
  readonly #programs: string
  readonly #owner: { readonly uid: number; readonly gid: number } | Record<string, never>
  #server: ChildProcess | undefined

  private constructor(programs: string) {
    this.#programs = programs
    this.folder = mkdtempSync(join(tmpdir(), 'pxe-lab-pg-'))
    const isRoot = process.getuid?.() === 0
    this.#owner = isRoot ? { uid: unprivileged, gid: unprivileged } : {}
    if (isRoot) chownSync(this.folder, unprivileged, unprivileged)
    chmodSync(this.folder, 0o711)
    execFileSync(
      join(programs, 'initdb'),
      ['-D', this.#data, '-U', this.user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...this.#owner, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: startMs },
    )
  }

  /** A new server, answering. Rejects with its log where it does not start. */
  static async start(): Promise<Postgres> {
    const programs = postgresFolder()
    if (programs === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
    const server = new Postgres(programs)
    try {
      await server.run()
      return server
    } catch (error) {
      await server.remove()
      throw error
    }
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  get #log(): string {
    return join(this.folder, 'log')
  }

  get url(): string {
    return this.urlOf(this.database)
  }

  urlOf(database: string): string {
    return `postgresql://${this.user}@/${database}?host=${encodeURIComponent(this.folder)}`
  }

  /** Starts the server on its folder; after `stop` or `kill` once more. */
  async run(): Promise<void> {
    const log = openSync(this.#log, 'w')
    const values = ['-D', this.#data, '-k', this.folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'log_destination=stderr', '-c', 'logging_collector=off'] // prettier-ignore
    const server = spawn(join(this.#programs, 'postgres'), values, { ...this.#owner, cwd: this.folder, stdio: ['ignore', log, log] }) // prettier-ignore
    closeSync(log)
    this.#server = server
    for (const until = Date.now() + startMs; ; await delay(20)) {
      const said = readFileSync(this.#log, 'utf8')
      if (said.includes('database system is ready to accept connections')) return
      if (server.exitCode !== null || Date.now() > until) throw new Error(`PostgreSQL does not start:\n${said.slice(-4000)}`) // prettier-ignore
    }
  }

  /** What a statement returns, as psql prints it: a line a row, `|` between columns. */
  query(sql: string, database = this.database): string {
    return execFileSync(join(this.#programs, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', this.folder, '-U', this.user, '-d', database, '-c', sql], { ...this.#owner, cwd: this.folder, encoding: 'utf8', timeout: startMs }).trim() // prettier-ignore
  }

  /** Ends it, connections included (a fast shutdown); it can be run again. */
  stop(): Promise<void> {
    return this.#end('SIGINT')
  }

  /** Ends it as a crash does: nothing is written any more, and the next start recovers (an immediate shutdown). */
  kill(): Promise<void> {
    return this.#end('SIGQUIT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
