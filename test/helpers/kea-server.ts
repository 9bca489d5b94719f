/** Kea's DHCPv4 server in a namespace: its configuration, its control socket, and that it is spoken to from outside. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { converse, type JsonObject } from '#shared/kea/control.ts'
import { readStatus } from '#shared/kea/dialogues.ts'
import { openKeaChannel, type KeaChannel } from '../../src/main/engine/kea-channel.ts'
import type { Network, Running } from './network.ts'

const hooks = '/usr/lib/x86_64-linux-gnu/kea/hooks'

/** Folders of Debian's packages differ by architecture of the machine. */
export const keaHook = (name: string, parameters?: JsonObject): JsonObject => ({
  library: `${hooks}/libdhcp_${name}.so`,
  ...(parameters === undefined ? {} : { parameters }),
})

export interface KeaServerOptions {
  readonly network: Network
  readonly namespace: string
  /** For its files; one for each server. */
  readonly folder: string
  readonly dhcp4: JsonObject
}

export class KeaServer {
  readonly socket: string
  readonly file: string
  readonly channel: KeaChannel
  readonly #options: KeaServerOptions
  running: Running | undefined

  constructor(options: KeaServerOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true })
    this.socket = join(options.folder, 'socket')
    this.file = join(options.folder, 'kea-dhcp4.conf')
    this.channel = openKeaChannel({ server: { socket: this.socket }, resolve: (path) => path })
    const own = { 'control-socket': { 'socket-type': 'unix', 'socket-name': this.socket } }
    writeFileSync(this.file, JSON.stringify({ Dhcp4: { ...options.dhcp4, ...own } }))
  }

  async start(): Promise<void> {
    const { network, namespace, folder } = this.#options
    this.running = network.start(namespace, 'kea-dhcp4', ['-c', this.file], { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: 'none', KEA_LOGGER_DESTINATION: 'stdout' }) // prettier-ignore
    await this.running.sees(/DHCP4_STARTED/)
  }

  /** As a crash: nothing is written or said any more. */
  kill(): Promise<unknown> {
    return this.running!.stop('SIGKILL')
  }

  async command(command: string, values?: JsonObject): Promise<unknown> {
    return (await this.channel.send({ command, ...(values === undefined ? {} : { arguments: values }) })).arguments
  }

  async pair(): Promise<string> {
    const [one] = (await converse(readStatus(), (command) => this.channel.send(command))).highAvailability
    return one?.state ?? 'none'
  }
}
