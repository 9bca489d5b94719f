/**
 * A lab file of PXE Lab as the model, by the same plan that is written for other engines: its rules become classes, of which the
 * first that matches counts. Total; what is wrong in the file, and what only the responder does, is listed.
 */
import { say, type Phrase } from '#messages/message.ts'
import { formatHex, formatIpv4, maskOf, parseHex } from '../wire/bytes.ts'
import { labSchema } from '../lab/lab.ts'
import { linesOf } from '../lab/lab-lines.ts'
import { readYaml } from '../lab/yaml-file.ts'
import type { ClientClass, Condition, Configuration, NotUnderstood, Reservation, Setting, Source, SourceFile, Statement, Value } from './model.ts' // prettier-ignore
import type { Atom, Condition as PlanCondition } from './writers/condition.ts'
import { planOfLab } from './writers/lab-plan.ts'
import type { PlanOption, PlanReservation, ServicePlan } from './writers/plan.ts'
import { readable } from './writers/values.ts'

const octetsOf = (bytes: Iterable<number>): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')
const literal = (octets: string): Value => ({ is: 'octets', octets })
const equal = (left: Value, octets: string): Condition => ({ is: 'equal', left, right: literal(octets) })
const begins = (of: Value, octets: string): Condition => equal({ is: 'substring', of, start: 0, length: octets.length }, octets) // prettier-ignore
const any = (of: readonly Condition[]): Condition => (of.length === 1 ? of[0]! : { is: 'any', of })
const option = (code: number): Value => ({ is: 'option', code })
const subnetName = (index: number): string => `subnet-${index + 1}`

/** giaddr in a network: whole octets, and every value of the one that is cut. */
function relayIn(address: number, prefixLength: number): Condition {
  const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255)
  const whole = Math.floor(prefixLength / 8)
  const cut = prefixLength % 8
  if (cut === 0) return { is: 'pattern', in: { is: 'relay' }, octets: octets.slice(0, whole) }
  const from = octets[whole]! & (maskOf(cut) >>> 24)
  return any(Array.from({ length: 2 ** (8 - cut) }, (_, at) => ({ is: 'pattern', in: { is: 'relay' }, octets: [...octets.slice(0, whole), from + at] }))) // prettier-ignore
}

function atomOf(atom: Atom, plan: ServicePlan): Condition {
  switch (atom.is) {
    case 'architecture':
      return any(atom.codes.map((code) => begins(option(93), String.fromCharCode(code >>> 8, code & 255))))
    case 'vendor-class':
      return begins(option(60), atom.begins)
    case 'user-class':
      // Alone, or after its length (RFC 3004).
      return any([equal(option(77), atom.text), { is: 'contains', in: option(77), octets: `${String.fromCharCode(atom.text.length)}${atom.text}`, step: 1 }]) // prettier-ignore
    case 'option':
      return { is: 'present', value: option(atom.code) }
    case 'mac':
      return { is: 'pattern', in: { is: 'mac' }, octets: [...atom.prefix] }
    case 'machine-identifier':
      return begins(option(97), octetsOf(atom.begins))
    case 'relay':
      return relayIn(atom.address, atom.prefixLength)
    case 'circuit-id':
    case 'remote-id':
      return equal({ is: 'relay-option', code: atom.is === 'circuit-id' ? 1 : 2 }, octetsOf(atom.data))
    case 'subnet':
      return any(atom.subnets.map((index) => ({ is: 'member', name: subnetName(index) })))
    case 'program':
      return any(atom.programs.map((index) => ({ is: 'member', name: plan.programs[index]!.name })))
    case 'named':
      return conditionOf(atom.of, plan)
  }
}

function conditionOf(condition: PlanCondition, plan: ServicePlan): Condition {
  if (condition.is === 'all' || condition.is === 'any') return { is: condition.is, of: condition.of.map((one) => conditionOf(one, plan)) } // prettier-ignore
  return condition.is === 'not' ? { is: 'not', of: conditionOf(condition.of, plan) } : atomOf(condition, plan)
}

function textOf(one: PlanOption): string {
  const value = readable(one)
  return value.is === 'addresses' ? value.values.join(', ') : value.is === 'text' ? value.value : formatHex(one.data)
}

/** Reads a lab file; throws nothing. */
export function readLabFile(file: SourceFile): Configuration {
  const { list, value: lab } = readYaml(file.text, labSchema, say('schema.a-lab-file'))
  const notUnderstood: NotUnderstood[] = list.problems.map(({ line, field, value, message, remedy }) => ({ file: file.name, line, text: `${field}: ${value}`.slice(0, 200), why: say('schema.field-problem', { field, message, remedy }) })) // prettier-ignore
  const empty: Configuration = { engine: 'lab', files: [file.name], authoritative: false, statements: [], classes: [], subnets: [], reservations: [], ignored: [], pxeServices: [], notUnderstood } // prettier-ignore
  if (!lab) return empty
  const lineOf = linesOf(file.text)
  const plan = planOfLab({ lab, addresses: [0], lineOf })
  const at = (key: string): Source => ({ file: file.name, line: Math.max(1, lineOf(key)) })
  const asides: NotUnderstood[] = []
  const tell = (to: NotUnderstood[], key: string, why: Phrase): void => void to.push({ ...at(key), text: key, why })
  if (lab.mode === 'listen' || lab.mode === 'boot-server') tell(notUnderstood, 'mode', say('interchange.lab-mode-answers-broadcast-dhcp', { mode: lab.mode })) // prettier-ignore
  if (plan.isProxy && lab.dhcp.subnets.length === 0) tell(notUnderstood, 'mode', say('interchange.proxydhcp-lab-hears-every-network')) // prettier-ignore
  if (lab.role !== null) tell(notUnderstood, 'role', say('interchange.role-answers-dialogue-port-4011', { role: lab.role })) // prettier-ignore
  if (lab.engine !== null) tell(notUnderstood, 'engine', say('interchange.addresses-configuration-kea-name-too')) // prettier-ignore
  if (lab.boot.menu !== undefined || lab.boot.menus.length > 0) tell(asides, lab.boot.menu === undefined ? 'boot.menus' : 'boot.menu', say('interchange.somebody-chooses-menu-followed')) // prettier-ignore
  for (const { key, seconds } of plan.delays) tell(asides, key, say('interchange.offers-held-back-s', { seconds }))

  const setOf = (one: PlanOption): Setting => ({ is: 'option', code: one.code, text: textOf(one), octets: octetsOf(one.data) }) // prettier-ignore
  const optionsOf = (options: readonly PlanOption[], test?: Condition): Statement[] =>
    options.map((one) => ({ source: at(one.key), set: setOf(one), ...(test ? { test } : {}) }))
  const classOf = (name: string, key: string, test: Condition, statements: readonly Statement[]): ClientClass => ({ name, source: at(key), test, statements, isOnDemand: false }) // prettier-ignore

  /** Of programs and forms the first that holds is the client's. */
  const firstOf = <T extends { readonly name: string; readonly test: PlanCondition }>(list: readonly T[], before: string[]): (readonly [T, Condition])[] =>
    list.map((one) => {
      const earlier = before.map((name): Condition => ({ is: 'not', of: { is: 'member', name } }))
      before.push(one.name)
      return [one, { is: 'all', of: [conditionOf(one.test, plan), ...earlier] }]
    }) // prettier-ignore
  const programs = firstOf(plan.programs, []).map(([{ name, key, file: boot, server, rootPath }, test]) => {
    const source = at(key)
    const sets: Setting[] = [{ is: 'boot-file', text: boot ?? '' }]
    // 0.0.0.0 stands for the responder, whose address the file does not say.
    if (boot !== undefined) sets.push({ is: 'next-server', text: formatIpv4(server) })
    if (boot !== undefined && rootPath !== undefined) sets.push({ is: 'option', code: 17, text: rootPath })
    return classOf(name, key, test, sets.map((set) => ({ source, set }))) // prettier-ignore
  })
  const levels = plan.levels.map(({ name, key, test, options }) => classOf(name, key, conditionOf(test, plan), optionsOf(options))) // prettier-ignore
  // A later statement stands over an earlier one: the forms are for who is told nothing else.
  const forms = plan.forms.toReversed().flatMap(({ test, options }) => optionsOf(options.map((one) => ({ ...one, key: one.key === '' ? 'boot' : one.key })), conditionOf(test, plan))) // prettier-ignore
  const menuServers = plan.forms.flatMap(({ test, server }): Statement[] => (server === undefined ? [] : [{ source: at('boot'), test: conditionOf(test, plan), set: { is: 'next-server', text: formatIpv4(server) } }])) // prettier-ignore
  const vendorClass: Statement[] = plan.vendorClass === undefined ? [] : [{ source: at('dhcp.vendorClass'), set: { is: 'option', code: 60, text: plan.vendorClass } }] // prettier-ignore
  const nextServer: Statement[] = plan.nextServer === 0 ? [] : [{ source: at('boot.nextServer'), set: { is: 'next-server', text: formatIpv4(plan.nextServer) } }] // prettier-ignore

  function reservationOf({ key, address, mac, uuid, clientId, hostname, options }: PlanReservation): Reservation {
    const tests: Condition[] = []
    if (mac !== undefined) tests.push(equal({ is: 'mac' }, octetsOf(parseHex(mac.replaceAll(':', ''))!)))
    if (uuid !== undefined) tests.push(equal(option(97), `\0${octetsOf(parseHex(uuid.replaceAll('-', ''))!)}`))
    if (clientId) tests.push(equal(option(61), octetsOf(clientId)))
    return {
      source: at(key),
      who: mac ?? uuid ?? formatHex(clientId ?? new Uint8Array()),
      test: any(tests),
      address: formatIpv4(address),
      ...(hostname === undefined ? {} : { hostname }),
      isIgnored: false,
      classes: [],
      statements: optionsOf(options),
    }
  }
  const subnets = plan.subnets.map(({ key, network, pools, leaseSeconds, options, reservations }, index) => ({
    source: at(key),
    network: `${formatIpv4(network.address)}/${network.prefixLength}`,
    name: '',
    classes: [subnetName(index)],
    additionalClasses: [],
    pools: pools.map(({ start, end }) => ({ source: at(`${key}.pools`), start: formatIpv4(start), end: formatIpv4(end), statements: [] })), // prettier-ignore
    reservations: reservations.map(reservationOf),
    statements: [...optionsOf(options), { source: at(`${key}.leaseSeconds`), set: { is: 'lease-seconds', seconds: leaseSeconds } } as const], // prettier-ignore
    networkStatements: [],
    isProxy: plan.isProxy,
  }))
  const macs = (list: readonly Uint8Array[]): Condition => any(list.map((prefix) => ({ is: 'pattern', in: { is: 'mac' }, octets: [...prefix] }))) // prettier-ignore
  return {
    ...empty,
    authoritative: plan.authoritative,
    statements: [...vendorClass, ...forms, ...optionsOf(plan.options), ...nextServer, ...menuServers],
    classes: [...programs, ...levels],
    subnets,
    ignored: [
      ...(plan.denied.length > 0 ? [{ source: at('clients.deny'), test: macs(plan.denied) }] : []),
      ...(plan.allowed.length > 0 ? [{ source: at('clients.allow'), test: { is: 'not', of: macs(plan.allowed) } as const }] : []), // prettier-ignore
    ],
    asides,
  }
}
