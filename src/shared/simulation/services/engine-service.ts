/** A DHCP server that answers as its own configuration says, read from the text of its files. */
import { textOf } from '#messages/text.ts'
import { EngineServer, type EngineEvent } from '../../interchange/engine-server.ts'
import { readConfigurations } from '../../interchange/read.ts'
import type { ServiceOf } from '../scenario.ts'
import { bindAlone } from './dhcp-services.ts'
import { MachineHost, servedInterfaces, type Service, type ServiceContext } from './service.ts'

/** Configurations read last, by their texts: a network is simulated once for each of its machines. */
const read = new Map<string, ReturnType<typeof readConfigurations>>()
const mostRead = 16

function configurationsOf(files: Readonly<Record<string, string>>): ReturnType<typeof readConfigurations> {
  const key = JSON.stringify(files)
  let found = read.get(key)
  if (!found) {
    if (read.size >= mostRead) read.delete(read.keys().next().value!)
    read.set(key, (found = readConfigurations(Object.entries(files).map(([name, text]) => ({ name, text })))))
  }
  return found
}

const tones: Readonly<Record<EngineEvent['type'], 'plain' | 'good' | 'warning'>> = {
  offered: 'plain',
  acknowledged: 'good',
  refused: 'warning',
  ignored: 'warning',
}

export class EngineService implements Service {
  readonly #context: ServiceContext
  readonly #configuration: ServiceOf<'engine'>

  constructor(context: ServiceContext, configuration: ServiceOf<'engine'>) {
    this.#context = context
    this.#configuration = configuration
  }

  start(): void {
    const context = this.#context
    const { files, names } = this.#configuration
    let isAnswering = false
    const { configurations, unrecognised } = configurationsOf(files)
    for (const { name } of unrecognised) context.log(`${name} is no configuration of a DHCP server that is known.`, 'bad') // prettier-ignore
    for (const configuration of configurations) {
      const machine = new EngineServer({ configuration, interfaces: servedInterfaces(context.host), names })
      const hosted = new MachineHost<EngineEvent>(context, machine, ({ type, mac, text: what }) =>
        context.log(`${mac} ${type}: ${textOf(what)}`, tones[type]),
      )
      for (const port of machine.servesBootPort ? [67, 4011] : [67]) {
        const holder = bindAlone(context, port, hosted.receive)
        if (holder !== undefined) return context.log(`UDP port ${port} is held by ${holder}: the server does not start.`, 'bad') // prettier-ignore
      }
      isAnswering = true
    }
    if (isAnswering) context.log('The DHCP server serves its configuration.')
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }
}
