/**
 * Servers at random: what the doctor clears boots in a scenario that is built from the model and not from the facts, what it
 * faults fails, and each fix clears its finding and adds none.
 */
import { describe, expect, test } from 'vitest'
import { matrixClients } from '#shared/diagnosis/co-hosting.ts'
import { applyCommands } from '#shared/diagnosis/commands.ts'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import type { Diagnosis } from '#shared/diagnosis/doctor/finding.ts'
import { dpKey, wdsKey, wdsParametersKey, wdsTftpKey } from '#shared/lab/registry-keys.ts'
import { randomFor } from '#shared/simulation/random.ts'
import { scenarioSchema, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { stateOf, WindowsDouble, type WindowsServer } from '../helpers/windows-double.ts'
import { factsOfDouble } from '../helpers/windows-server.ts'

interface Level {
  readonly sixty: string | undefined
  readonly policies: readonly { readonly architecture: 0 | 7; readonly sixty: string }[]
  readonly userClass: readonly { readonly name: string; readonly sixty: string }[]
}
interface Model {
  readonly dhcp: boolean
  readonly pxe: 'WDSServer' | 'SccmPxe'
  readonly state: 'running' | 'stopped'
  readonly listen: 'default' | 0 | 1
  readonly server: Level
  readonly scopes: readonly (Level & { readonly network: string; readonly isActive: boolean })[]
  readonly closed: readonly number[]
  readonly range: readonly [number, number] | undefined
  readonly filter: readonly string[] | undefined
  readonly isAuthorised: boolean
}

const networks = ['192.168.77.0', '10.1.0.0', '10.2.0.0', '10.3.0.0']
const wholeFilter = ['\\boot\\*', '\\tmp\\*', 'boot\\*', 'tmp\\*']

function modelOf(seed: number): Model {
  const random = randomFor(seed, 'server')
  const chance = (share: number): boolean => random() < share
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const value = (): string => (chance(0.85) ? 'PXEClient' : pick(['PXEClient:Arch:00007', 'pxeclient', 'HTTPClient', 'PXE Client'])) // prettier-ignore
  const level = (share: number): Level => ({
    sixty: chance(share) ? value() : undefined,
    policies: ([0, 7] as const).flatMap((architecture) => (chance(0.12) ? [{ architecture, sixty: value() }] : [])),
    userClass: ['iPXE', 'Default BOOTP Class'].flatMap((name) => (chance(0.08) ? [{ name, sixty: value() }] : [])),
  })
  const dhcp = chance(0.85)
  const pxe = chance(0.6) ? 'WDSServer' : 'SccmPxe'
  const right = pxe === 'WDSServer' ? (dhcp ? 0 : 1) : dhcp ? 1 : 0
  return {
    dhcp,
    pxe,
    state: chance(0.95) ? 'running' : 'stopped',
    listen: chance(0.85) ? right : pick(['default', 0, 1] as const),
    server: level(0.7),
    scopes: networks
      .filter((_, index) => index === 0 || chance(0.5))
      .map((network) => ({ ...level(0.2), network, isActive: chance(0.95) })),
    closed: [67, 69, 4011].filter(() => chance(0.03)),
    range: chance(0.15) ? pick([[50_000, 60_000], [64_001, 64_040], [65_000, 64_001]] as const) : undefined, // prettier-ignore
    filter: chance(0.15) ? pick([wholeFilter, ['\\tmp\\*', 'tmp\\*']]) : undefined,
    isAuthorised: chance(0.95),
  }
}

function serverOf(model: Model): WindowsServer {
  const lines = ({ sixty, userClass }: Level, at: string): string[] => [
    ...(sixty === undefined ? [] : [`${at}set optionvalue 60 STRING "${sixty}" `]),
    ...userClass.map((one) => `${at}set optionvalue 60 STRING user="${one.name}" "${one.sixty}" `),
  ]
  const rules = ({ policies }: Level, scope: string): string[] =>
    policies.flatMap(({ architecture, sixty }) => {
      const name = `${scope || 'server'} ${architecture}`
      return [
        `P|${scope}|${architecture + 1}|True|Or|${name}`,
        `C|${scope}|VendorClass|EQ,class${architecture}*|${name}`,
        `O|${scope}|60|${sixty}|${name}`,
      ]
    })
  const isWds = model.pxe === 'WDSServer'
  return {
    services: { ...(model.dhcp ? { DHCPServer: 'running' } : {}), [model.pxe]: model.state },
    registry: isWds
      ? {
          [wdsKey]: model.listen === 'default' ? {} : { UseDHCPPorts: model.listen },
          [wdsTftpKey]: model.filter ? { ReadFilter: model.filter } : {},
          [wdsParametersKey]: model.range
            ? { UdpPortPolicy: 1, UdpStartPort: model.range[0], UdpEndPort: model.range[1] }
            : {},
        }
      : { [dpKey]: model.listen === 'default' ? {} : { DoNotListenOnDhcpPort: model.listen } },
    scopes: [],
    options: [
      ...model.scopes.flatMap(({ network, isActive }) => [
        `add scope ${network} 255.255.255.0 "n" ""`,
        `Scope ${network} set state ${isActive ? 1 : 0}`,
      ]),
      'add optiondef 60 "PXEClient" STRING 0 comment=PXE ""',
      ...lines(model.server, ''),
      ...model.scopes.flatMap((one) => lines(one, `Scope ${one.network} `)),
    ],
    policies: [
      'K|Vendor|PXEClient:Arch:00000|class0',
      'K|Vendor|PXEClient:Arch:00007|class7',
      'K|User|iPXE|iPXE',
      ...rules(model.server, ''),
      ...model.scopes.flatMap((one) => rules(one, one.network)),
    ],
    authorised: model.isAuthorised ? ['192.168.77.10'] : ['10.9.9.9'],
    firewall: [67, 68, 69, 4011].filter((port) => !model.closed.includes(port)).map((port) => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=${port}|Name=PXE ${port}|`), // prettier-ignore
  }
}

/** The network of a model, whole: a segment for every active scope. */
function networkOf(model: Model): ScenarioInput {
  const options = ({ sixty }: Level) => (sixty === undefined ? {} : { 60: sixty })
  const keys = { 0: 'bios', 7: 'x64-uefi' } as const
  const policies = (level: Level) => Object.fromEntries(level.policies.map((one) => [keys[one.architecture], { 60: one.sixty }])) // prettier-ignore
  const scopes = model.dhcp ? model.scopes.filter((one) => one.isActive) : [{ ...model.scopes[0]!, sixty: undefined, policies: [], userClass: [] }] // prettier-ignore
  const away = scopes.filter((one) => one.network !== networks[0])
  /** A class at a level gives way to policies, and to what a nearer level says. */
  const classOf = (scope: Level, architecture: 0 | 7): string | undefined => {
    const policy = [scope, model.server].flatMap((one) => one.policies).find((one) => one.architecture === architecture)
    const own = scope.userClass.find((one) => one.name === 'iPXE')
    return policy?.sixty ?? own?.sixty ?? (scope.sixty === undefined ? model.server.userClass.find((one) => one.name === 'iPXE')?.sixty : undefined) // prettier-ignore
  }
  const dhcp = {
    type: 'DHCPServer' as const,
    order: 50,
    authorised: model.isAuthorised || !model.dhcp,
    options: model.dhcp ? options(model.server) : {},
    policies: {},
    subnets: scopes.map((one) => {
      const prefix = one.network.replace(/0$/, '')
      const iPXE = model.dhcp ? classOf(one, 0) : undefined
      return {
        subnet: `${one.network}/24`,
        start: `${prefix}100`,
        end: `${prefix}199`,
        router: `${prefix}1`,
        options: options(one),
        policies: model.dhcp ? { ...policies(model.server), ...policies(one) } : {},
        userClasses: iPXE === undefined ? {} : { iPXE: { 60: iPXE } },
      }
    }),
  }
  const pxe = {
    state: model.state,
    order: 90,
    largestFile: 4000,
    ...(model.range ? { tftpPorts: [...model.range] as [number, number] } : {}),
    ...(model.filter ? { readFilter: [...model.filter] } : {}),
  }
  const service =
    model.pxe === 'WDSServer'
      ? { WDSServer: { type: 'WDSServer' as const, useDhcpPorts: model.listen, ...pxe } }
      : { SccmPxe: { type: 'SccmPxe' as const, doNotListenOnDhcpPort: model.listen, state: model.state, order: 90, largestFile: 4000 } } // prettier-ignore
  const segments = Object.fromEntries([networks[0]!, ...away.map((one) => one.network)].map((network, index) => [`s${index}`, { network: `${network}/24` }])) // prettier-ignore
  const segmentOf = (network: string): string => Object.entries(segments).find(([, one]) => one.network === `${network}/24`)![0] // prettier-ignore
  return {
    title: 'random',
    group: 'Who answers',
    summary: 'random',
    segments,
    hosts: {
      server: {
        on: { s0: '192.168.77.10' },
        gateway: '192.168.77.1',
        firewall: model.closed.map((port) => ({ port })),
        services: { ...(model.dhcp ? { DHCPServer: dhcp } : {}), ...service },
      },
      router: {
        kind: 'router',
        on: Object.fromEntries(Object.entries(segments).map(([name, { network }]) => [name, network.replace('.0/24', '.1')])), // prettier-ignore
        services: away.length === 0 ? {} : { relay: { helpers: Object.fromEntries(away.map((one) => [segmentOf(one.network), ['192.168.77.10']])) } }, // prettier-ignore
      },
      ...(model.dhcp ? {} : { dhcp2: { on: { s0: '192.168.77.20' }, services: { DHCPServer: dhcp } } }),
    },
    clients: Object.fromEntries(
      scopes.flatMap(({ network }) =>
        matrixClients.map((firmware) => [`${firmware} ${network}`, { firmware, on: segmentOf(network) }]),
      ),
    ),
    endSeconds: 120,
  }
}

function outcomesOf(model: Model): { name: string; state: string }[] {
  const simulation = new Simulation(scenarioSchema.parse(networkOf(model)), { record: false })
  simulation.run()
  return simulation.outcomes()
}

const ids = ({ findings }: Diagnosis): string[] => findings.map((one) => one.id)

/** Half of the servers are the same in every run. */
const chosen = Number(process.env['PXE_LAB_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))
const seeds = Array.from({ length: 500 }, (_, index) => (index < 250 ? index : chosen + index))

describe('servers at random', () => {
  test(`an all-clear boots every client of every scope, and a fault fails one (PXE_LAB_SEED=${chosen})`, () => {
    let cleared = 0
    for (const seed of seeds) {
      const model = modelOf(seed)
      const double = new WindowsDouble(stateOf(serverOf(model)))
      const diagnosis = diagnose(factsOfDouble(double))
      const failing = outcomesOf(model).filter((one) => one.state !== 'booted').map((one) => one.name) // prettier-ignore
      const what = `PXE_LAB_SEED=${chosen}, server ${seed}: ${JSON.stringify(model)} ${diagnosis.verdict} ${failing.join()}`
      if (diagnosis.health === 'healthy') cleared++
      const hasError = diagnosis.findings.some((one) => one.severity === 'error')
      expect(hasError, what).toBe(failing.length > 0 || (model.dhcp && model.scopes.every((one) => !one.isActive)))
      if (diagnosis.health === 'healthy') expect(failing, what).toEqual([])
    }
    expect(cleared).toBeGreaterThan(seeds.length / 8)
  }, 120_000)

  test(`each fix clears its finding and adds none (PXE_LAB_SEED=${chosen})`, () => {
    let fixes = 0
    for (const seed of seeds) {
      const server = serverOf(modelOf(seed))
      const before = diagnose(factsOfDouble(new WindowsDouble(stateOf(server))))
      for (const { id, remedy } of before.findings) {
        if (!remedy || remedy.changes.length === 0) continue
        const double = new WindowsDouble(stateOf(server))
        for (const change of remedy.changes)
          for (const [program, ...values] of applyCommands(change, 'windows', {}, 'SRV1')) double.run(program, values)
        const after = diagnose(factsOfDouble(double))
        const what = `PXE_LAB_SEED=${chosen}, server ${seed}, ${id}: ${JSON.stringify(modelOf(seed))} ${remedy.commands.join('; ')}`
        expect(ids(after), what).not.toContain(id)
        expect(
          ids(after).filter((one) => !ids(before).includes(one)),
          what,
        ).toEqual([])
        fixes++
      }
    }
    expect(fixes).toBeGreaterThan(100)
  }, 120_000)
})
