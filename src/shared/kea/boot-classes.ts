/** The boot logic of a lab as client classes for a Kea whose subnets are its own. */
import type { Lab } from '../lab/lab.ts'
import { keaBootClasses, type KeaBootClasses } from '../interchange/writers/kea.ts'
import { all, any, not, type Condition } from '../interchange/writers/condition.ts'
import { planOfLab } from '../interchange/writers/lab-plan.ts'
import type { PlanForm, ServicePlan } from '../interchange/writers/plan.ts'
import { encodeText, parseIpv4Network } from '../wire/bytes.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { classPrefix, generationOf, subnetsOf } from './configuration.ts'
import { objectsIn, type Json, type JsonObject } from './control.ts'

const isPxe: Condition = { is: 'vendor-class', begins: 'PXEClient' }

const renamed = new WeakMap<Condition, Condition>()

/** Named conditions become classes too; the same one stays one. */
function prefixed(one: Condition): Condition {
  switch (one.is) {
    case 'not':
      return not(prefixed(one.of))
    case 'all':
      return all(...one.of.map(prefixed))
    case 'any':
      return any(...one.of.map(prefixed))
    case 'named': {
      const known = renamed.get(one) ?? { ...one, name: `${classPrefix}${one.name}`, of: prefixed(one.of) }
      renamed.set(one, known)
      return known
    }
    default:
      return one
  }
}

/** A Kea answers others too: what concerns every client becomes a matter of those that boot. */
function forEngine(plan: ServicePlan): ServicePlan {
  const is = (prefixes: readonly Uint8Array[]): Condition => any(...prefixes.map((prefix): Condition => ({ is: 'mac', prefix }))) // prettier-ignore
  const answered = all(
    ...(plan.allowed.length === 0 ? [] : [is(plan.allowed)]),
    ...(plan.denied.length === 0 ? [] : [not(is(plan.denied))]),
  )
  const asRole: PlanForm[] =
    plan.vendorClass === undefined
      ? []
      : [{ name: 'ask-port-4011', test: isPxe, options: [{ code: optionCodes.vendorClass, data: encodeText(plan.vendorClass), key: 'role' }] }] // prettier-ignore
  const own = <T extends { readonly name: string; readonly test: Condition }>(one: T): T => ({ ...one, name: `${classPrefix}${one.name}`, test: all(prefixed(one.test), answered) }) // prettier-ignore
  return {
    ...plan,
    vendorClass: undefined,
    allowed: [],
    denied: [],
    nextServer: 0,
    levels: plan.levels.map(own),
    programs: plan.programs.map(own),
    forms: [...plan.forms, ...asRole].map(own),
  }
}

export interface EngineLab {
  readonly lab: Lab
  /** Addresses of this machine, which serves the boot files and answers on port 4011, the first interface first. */
  readonly addresses: readonly number[]
}

/** For a Kea of that `version-get` and with that configuration. A proxyDHCP beside it needs no class there. */
export function bootClassesFor({ lab, addresses }: EngineLab, dhcp4: JsonObject, version: string): KeaBootClasses {
  if (lab.mode === 'proxy-dhcp') return { classes: [], ofSubnets: [], notes: [] }
  const subnets = subnetsOf(dhcp4).map((one) => ({ subnet: textOf(one['subnet']), pools: [], reservations: [] }))
  const known = subnets.filter(({ subnet }) => parseIpv4Network(subnet) !== undefined)
  const plan = planOfLab({ lab: { ...lab, dhcp: { ...lab.dhcp, subnets: known } }, addresses, lineOf: () => 0 })
  const made = keaBootClasses(forEngine(plan), { version: generationOf(version) })
  // A subnet that is none of IPv4 has no place in the plan.
  let at = 0
  return { ...made, ofSubnets: subnets.map(({ subnet }) => (parseIpv4Network(subnet) === undefined ? [] : made.ofSubnets[at++]!)) } // prettier-ignore
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** Options by which firmware is told what to load. */
const bootOptions: ReadonlyMap<number, string> = new Map([
  [optionCodes.tftpServerName, 'tftp-server-name'],
  [optionCodes.bootFileName, 'boot-file-name'],
  [optionCodes.vendorClass, 'vendor-class-identifier'],
  [optionCodes.vendorSpecific, 'vendor-encapsulated-options'],
])

/**
 * What hides our classes: options of a host, pool, subnet or shared network stand over those of classes (Kea manual, "DHCPv4
 * Options"). A sentence for each.
 */
export function whatHidesClasses(dhcp4: JsonObject): string[] {
  const found: string[] = []
  const look = (place: string, one: JsonObject): void => {
    for (const option of objectsIn(one['option-data'])) {
      const code = typeof option['code'] === 'number' ? option['code'] : undefined
      const known = [...bootOptions].find(([number, name]) => number === code || name === option['name'])
      const space = option['space']
      if (known && (space === undefined || space === 'dhcp4'))
        found.push(`${place} sets option ${known[0]} (${known[1]}), which hides PXE Lab's`)
    }
  }
  const reservations = (place: string, one: JsonObject): void => {
    for (const host of objectsIn(one['reservations'])) {
      const who = textOf(host['hw-address']) || textOf(host['client-id']) || textOf(host['ip-address']) || 'a host'
      look(`the reservation for ${who}${place}`, host)
      if (textOf(host['boot-file-name']) !== '') found.push(`the reservation for ${who}${place} has a boot-file-name of its own`) // prettier-ignore
    }
  }
  reservations('', dhcp4)
  for (const network of objectsIn(dhcp4['shared-networks']))
    look(`the shared network ${textOf(network['name'])}`, network)
  for (const subnet of subnetsOf(dhcp4)) {
    const place = `subnet ${textOf(subnet['subnet'])}`
    look(place, subnet)
    for (const pool of objectsIn(subnet['pools'])) look(`the pool ${textOf(pool['pool'])} of ${place}`, pool)
    reservations(` in ${place}`, subnet)
  }
  return found
}
