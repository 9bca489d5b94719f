/** A boot as lessons look at it: the story that is shown, and the facts that answers are computed from. */
import { changeScenario, type ScenarioProblem } from '../simulation/changes.ts'
import type { Change, Scenario } from '../simulation/scenario.ts'
import { Screen, Simulation } from '../simulation/simulation.ts'
import { storyOf, type Step, type Story } from '../simulation/story.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { addressOption, decodeDhcp, messageTypeOf } from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { u32At } from '../wire/bytes.ts'
import type { Facts, FactValue } from './expression.ts'

export interface Boot {
  readonly scenario: Scenario
  readonly story: Story
  readonly facts: Facts
}

export type Booted =
  { readonly ok: true; readonly boot: Boot } | { readonly ok: false; readonly problems: readonly ScenarioProblem[] }

/** What was said to and by one machine, as far as the first program goes. */
interface Heard {
  readonly offering: Set<string>
  server: string
  bootServer: string
  discovers: number
}

function listen(simulation: Simulation): ReadonlyMap<string, Heard> {
  const hostOf = new Map<unknown, string>()
  for (const host of simulation.hosts.values())
    for (const nic of host.nics) {
      hostOf.set(nic.address, host.name)
      for (const own of nic.addresses6) hostOf.set(own.address, host.name)
    }
  const all = new Map<string, Heard>()
  const byMac = new Map<number, Heard>()
  for (const node of simulation.clients) {
    const heard: Heard = { offering: new Set(), server: '', bootServer: '', discovers: 0 }
    all.set(node.name, heard)
    byMac.set(node.host.nics[0]!.mac, heard)
  }
  for (const { packet, segment, fate } of simulation.transmissions) {
    if (packet.kind === 'tcp' && packet.payload.length > 0) {
      const heard = byMac.get(packet.sourceMac)
      if (heard && heard.bootServer === '') heard.bootServer = hostOf.get(packet.destination) ?? ''
    }
    if (packet.kind !== 'udp') continue
    if (packet.destinationPort === 69) {
      const heard = byMac.get(packet.sourceMac)
      if (heard && heard.bootServer === '') heard.bootServer = hostOf.get(packet.destination) ?? ''
    }
    if (![67, 68].includes(packet.destinationPort) || packet.payload.length < 240) continue
    const { payload } = packet
    const mac = ((payload[28]! << 8) | payload[29]!) * 0x1_0000_0000 + u32At(payload, 30)
    const heard = byMac.get(mac)
    // Behind a relay agent the same message travels again; what counts is what passes on the wire of the machine.
    const own = simulation.clients.find((node) => node.host.nics[0]!.mac === mac)?.host.nics[0]!.link.segment
    if (!heard || segment !== own) continue
    const { message } = decodeDhcp(payload)
    const server = addressOption(message, optionCodes.serverIdentifier)
    const name = server === undefined ? undefined : hostOf.get(server)
    const type = messageTypeOf(message)
    if (type === messageTypes.discover) heard.discovers++
    else if (type === messageTypes.offer && name !== undefined && fate === 'delivered') heard.offering.add(name)
    else if (type === messageTypes.request && name !== undefined && heard.server === '' && packet.sourceMac === mac)
      heard.server = name
  }
  return all
}

function factsOf(simulation: Simulation, story: Story): Facts {
  const heard = listen(simulation)
  const clients: Record<string, Record<string, FactValue>> = {}
  for (const one of story.outcomes) {
    const { offering, server, bootServer, discovers } = heard.get(one.name)!
    clients[one.name] = {
      state: one.state,
      code: one.code,
      line: one.line.trim(),
      stage: one.stage ?? '',
      address: one.address,
      mac: one.mac,
      seconds: one.seconds,
      screen: one.screen.join('\n'),
      offers: offering.size,
      server,
      bootServer,
      bootFile: story.bootFiles[one.name] ?? '',
      discovers,
    }
  }
  const hosts: Record<string, Record<string, FactValue>> = {}
  for (const [name, host] of Object.entries(simulation.scenario.hosts)) {
    const holder = (port: number): string =>
      story.ports[name]?.find(({ firstPort, lastPort }) => firstPort <= port && port <= lastPort)?.service ?? ''
    hosts[name] = {
      address: Object.values(host.on)[0] ?? '',
      port67: holder(67),
      port69: holder(69),
      port4011: holder(4011),
    }
  }
  return { clients, hosts }
}

/** Boots the machines of a scenario with changes. */
export function bootOf(input: unknown, changes: readonly Change[]): Booted {
  const checked = changeScenario(input, changes)
  if (!checked.ok) return checked
  const simulation = new Simulation(checked.scenario, { record: true })
  simulation.run()
  const story = storyOf(simulation)
  return { ok: true, boot: { scenario: checked.scenario, story, facts: factsOf(simulation, story) } }
}

/** The steps of one machine's boot, as the simulator counts them. */
export const stepsOf = ({ story }: Boot, client: string): readonly Step[] =>
  story.steps.filter((one) => one.client === client)

/** What stands on a screen after these pieces were printed. */
export function screenLines(printed: readonly string[]): readonly string[] {
  const screen = new Screen()
  for (const text of printed) screen.print(text)
  return screen.lines
}
