/** A scenario and the step that is shown as nodes and edges of the drawing. */
import { t } from '#messages/text.ts'
import { firmwareText, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { titleOf } from '#shared/simulation/edits.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { PortHolder, Step, Story } from '#shared/simulation/story.ts'
import { box, pointOf, widthOf, wireOf, type Drawn } from './layout.ts'
import type { MachineNode, SegmentNode, WireEdge } from './nodes.tsx'

const busHeight = 24

/** A kind of machine as Settings and Add call it, without what stands in brackets there: its box is narrow. */
export const kindOf = (firmware: FirmwareName): string => firmwareText(firmware).replaceAll(/ \([^)]*\)/g, '')

const portText = ({ firstPort, lastPort }: PortHolder): string =>
  firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`

/** Who holds which port, a line for each service. */
function portLines(ports: readonly PortHolder[]): string[] {
  const byService = new Map<string, string[]>()
  for (const one of ports) byService.set(one.service, [...(byService.get(one.service) ?? []), portText(one)])
  return [...byService].map(([service, list]) => `${service} ${list.join(' ')}`)
}

interface Fare {
  readonly mood: MachineNode['data']['mood']
  readonly says: string | undefined
}

/** How machines fare so far: one by its outcome, several alike by how many have which. */
function fareOf(story: Story, name: string, now: number): Fare {
  const outcomes = story.outcomes.filter((one) => one.name === name || one.name.replace(/-\d+$/, '') === name)
  const ended = outcomes.filter((one) =>
    story.steps.some((step) => step.kind === 'end' && step.client === one.name && step.at <= now + 0.001),
  )
  const [only] = ended
  if (outcomes.length > 1) {
    const booted = ended.filter(({ state }) => state === 'booted').length
    const failed = ended.filter(({ state }) => state === 'failed').length
    const isAll = booted === outcomes.length
    return {
      mood: failed > 0 ? 'failed' : isAll ? 'booted' : 'running',
      says:
        ended.length === 0
          ? undefined
          : failed > 0
            ? t('simulator.booted-failed', { booted, all: outcomes.length, failed })
            : t('simulator.booted-of', { booted, all: outcomes.length }),
    }
  }
  if (outcomes.length === 0) return { mood: undefined, says: undefined }
  if (!only) return { mood: 'running', says: undefined }
  const says = {
    booted: t('simulator.state-booted'),
    failed: only.code || t('simulator.state-failed'),
    local: t('simulator.state-next-device'),
    waiting: t('simulator.state-waiting'),
  }
  return only.state in says ? { mood: only.state, says: says[only.state] } : { mood: 'running', says: undefined }
}

export const segmentId = (segment: string): string => `segment ${segment}`

/** Nodes in the order in which the keyboard goes through them: segment by segment, with what hangs on it. */
export function elementsOf(shown: {
  readonly scenario: Scenario
  readonly story: Story
  readonly step: Step | undefined
  readonly now: number
  readonly selected: string | undefined
  readonly drawn: Drawn
}): { readonly nodes: (MachineNode | SegmentNode)[]; readonly edges: WireEdge[] } {
  const { scenario, story, step, now, selected, drawn } = shown
  const active = new Set(step?.hops.flatMap(({ from, to }) => [from, ...to]))
  const isActive = (name: string): boolean =>
    active.has(name) || [...active].some((one) => one.replace(/-\d+$/, '') === name)
  const nodes: (MachineNode | SegmentNode)[] = []
  const edges: WireEdge[] = []
  const machine = (
    name: string,
    segments: readonly string[],
    data: Pick<MachineNode['data'], 'title' | 'kind' | 'state' | 'mood' | 'lines' | 'hint'>,
  ): void => {
    const position = pointOf(drawn, name) ?? { x: 0, y: 0 }
    const busY = Math.max(...segments.map((one) => drawn.layout.buses.get(one)?.y ?? 0))
    nodes.push({
      id: name,
      type: 'machine',
      position,
      ...box,
      data: {
        ...data,
        isActive: isActive(name),
        isSelected: selected === name,
        isBelow: data.kind === 'client' ? position.y + box.height / 2 > busY : false,
      },
      ariaRole: 'button',
      ariaLabel: [data.title, data.state, ...data.lines].join(', '),
      domAttributes: {
        'aria-pressed': selected === name,
        'aria-roledescription': data.kind === 'client' ? t('simulator.role-machine') : t('simulator.role-host'),
      },
    })
    for (const segment of segments) {
      const isRemovable = segments.length > 1
      edges.push({
        id: `${name} to ${segment}`,
        type: 'wire',
        source: name,
        target: segmentId(segment),
        data: { points: wireOf(drawn, name, segment) },
        focusable: isRemovable,
        ariaRole: isRemovable ? 'button' : 'presentation',
        ariaLabel: t('simulator.wire', { machine: data.title, segment }),
        domAttributes: {
          'aria-roledescription': t('simulator.role-wire'),
          ...(isRemovable ? {} : { 'aria-hidden': true }),
        },
      })
    }
  }
  const hosts = Object.entries(scenario.hosts)
  const nameOf = (name: string): string => story.names[name] ?? titleOf(scenario, name)
  const host = ([name, one]: (typeof hosts)[number]): void => {
    const [first, ...others] = [...Object.values(one.on), ...Object.values(one.on6 ?? {})]
    const ports = story.ports[name] ?? []
    machine(name, Object.keys(one.on), {
      title: nameOf(name),
      kind: one.kind === 'router' ? 'router' : 'host',
      state: first ?? t('simulator.not-connected'),
      mood: undefined,
      lines: [...others, ...portLines(ports)].slice(0, 2),
      hint: ports.map((port) => `UDP ${portText(port)}: ${port.service}`).join('\n'),
    })
  }
  for (const [segment, bus] of drawn.layout.buses) {
    const { network, network6, vlan } = scenario.segments[segment]!
    const networks = [network, ...(network6 === undefined ? [] : [network6])]
    const title = vlan === undefined ? segment : `${segment}, VLAN ${vlan}`
    nodes.push({
      id: segmentId(segment),
      type: 'segment',
      position: { x: bus.from, y: bus.y - busHeight / 2 },
      width: widthOf(bus),
      height: busHeight,
      draggable: false,
      zIndex: -1,
      data: {
        name: title,
        networks,
        isSelected: selected === segment,
      },
      ariaRole: 'button',
      ariaLabel: t('simulator.segment-called', { name: [title, ...networks].join(', ') }),
      domAttributes: {
        'aria-pressed': selected === segment,
        'aria-roledescription': t('simulator.role-segment'),
      },
    })
    for (const one of hosts) if (Object.keys(one[1].on)[0] === segment) host(one)
    for (const [name, client] of Object.entries(scenario.clients)) {
      if (client.on !== segment) continue
      const { mood, says } = fareOf(story, name, now)
      machine(name, [segment], {
        title: `${client.count > 1 ? `${client.count} × ` : ''}${nameOf(name)}`,
        kind: 'client',
        state: says ?? kindOf(client.firmware),
        mood,
        lines: says === undefined ? [] : [kindOf(client.firmware)],
        hint: '',
      })
    }
  }
  return { nodes, edges }
}
