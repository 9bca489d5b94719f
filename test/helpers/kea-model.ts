/** A Kea of which only the configuration is real: what a conversation does to it, one command at a time. */
import type { Json, JsonObject, KeaCommand, KeaReply } from '#shared/kea/control.ts'

export interface KeaModelOptions {
  readonly version?: string
  readonly hasHash?: boolean
  /** Called before each command: what somebody else does meanwhile. */
  readonly before?: (command: string, model: KeaModel) => void
  /** Text with which a command is refused. */
  readonly refuses?: (command: KeaCommand, model: KeaModel) => string | undefined
}

export class KeaModel {
  dhcp4: JsonObject
  /** Every command, in order. */
  readonly asked: string[] = []
  written: JsonObject | undefined
  readonly #options: KeaModelOptions

  constructor(dhcp4: JsonObject, options: KeaModelOptions = {}) {
    this.dhcp4 = dhcp4
    this.#options = options
  }

  answer(command: KeaCommand): KeaReply {
    const { version = '2.2.0', hasHash = false, before, refuses } = this.#options
    before?.(command.command, this)
    this.asked.push(command.command)
    const refused = refuses?.(command, this)
    const reply = (value: Json, text = '', result = 0): KeaReply => ({ result, text, arguments: value })
    if (refused !== undefined) return reply(null, refused, 1)
    const hash = JSON.stringify(this.dhcp4)
    switch (command.command) {
      case 'version-get':
        return reply(null, version)
      case 'list-commands':
        return reply(['config-get', 'config-test', 'config-set', 'config-write', 'dhcp-disable', ...(hasHash ? ['config-hash-get'] : [])]) // prettier-ignore
      case 'config-get':
        return reply({ Dhcp4: structuredClone(this.dhcp4), ...(hasHash ? { hash } : {}) })
      case 'config-hash-get':
        return hasHash ? reply({ hash }) : reply(null, 'not supported', 2)
      case 'config-test':
        return reply(null, 'Configuration seems sane.')
      case 'config-set':
        this.dhcp4 = structuredClone(command.arguments!['Dhcp4'] as JsonObject)
        return reply(null, 'Configuration successful.')
      case 'config-write':
        this.written = structuredClone(this.dhcp4)
        return reply({ filename: 'kea-dhcp4.conf' })
      case 'status-get':
        return reply({ pid: 1, uptime: 1 })
      default:
        return reply(null, `'${command.command}' command not supported.`, 2)
    }
  }

  readonly send = (command: KeaCommand): Promise<KeaReply> => Promise.resolve(this.answer(command))
}
