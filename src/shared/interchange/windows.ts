/**
 * The DHCP server of Windows as the model, whichever form it was exported in. A reservation stands over policies, policies of
 * the scope over those of the server, these over options of the scope and the server; of two policies the one that is
 * processed first counts ("DHCP policies", Microsoft). Values of a user class stand over those of everybody beside them.
 */
import { formatIpv4, isInNetwork, maskOf, parseHex, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import type { Condition, Configuration, NotUnderstood, Pool, Reservation, Setting, Source, Statement, Subnet, Value } from './model.ts' // prettier-ignore

export interface WindowsOption {
  readonly source: Source
  readonly code: number
  readonly text: string
  /** By the name of the class. */
  readonly userClass?: string
  readonly vendorClass?: string
}
export interface WindowsRange {
  readonly source: Source
  readonly start: string
  readonly end: string
}
export interface WindowsPolicy {
  readonly source: Source
  readonly name: string
  readonly order: number
  readonly test: Condition
  readonly options: readonly WindowsOption[]
  readonly ranges: readonly WindowsRange[]
}
export interface WindowsReservation {
  readonly source: Source
  readonly address: string
  readonly clientId: string
  readonly name: string
  readonly options: readonly WindowsOption[]
}
export interface WindowsScope {
  readonly source: Source
  readonly address: string
  readonly mask: string
  readonly name: string
  readonly superscope: string
  readonly isActive: boolean
  readonly ranges: readonly WindowsRange[]
  readonly exclusions: readonly WindowsRange[]
  readonly options: readonly WindowsOption[]
  readonly policies: readonly WindowsPolicy[]
  readonly reservations: readonly WindowsReservation[]
}
export interface WindowsServer {
  readonly files: readonly string[]
  /** Octets that a client sends, by the name of the class. */
  readonly classes: ReadonlyMap<string, string>
  readonly options: readonly WindowsOption[]
  readonly policies: readonly WindowsPolicy[]
  readonly scopes: readonly WindowsScope[]
  readonly notUnderstood: readonly NotUnderstood[]
  readonly asides: readonly NotUnderstood[]
}

const octetsOf = (bytes: Iterable<number>): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')
const literal = (octets: string): Value => ({ is: 'octets', octets })

/** A criterion of a policy, with a star at its end or without; undefined where its kind is not known. */
export function windowsCriterion(
  kind: string,
  operator: string,
  text: string,
  classes: ReadonlyMap<string, string>,
): Condition | undefined {
  // prettier-ignore
  const begins = text.endsWith('*')
  const bare = begins ? text.slice(0, -1) : text
  const hex = (): string => octetsOf(parseHex(bare.replaceAll(/[:\s-]/g, '')) ?? [])
  const found: readonly [Value, string] | undefined =
    kind === 'vendorclass'
      ? [{ is: 'option', code: 60 }, classes.get(bare) ?? bare]
      : kind === 'userclass'
        ? [{ is: 'option', code: 77 }, classes.get(bare) ?? bare]
        : kind === 'macaddress'
          ? [{ is: 'mac' }, hex()]
          : kind === 'clientid'
            ? [{ is: 'option', code: 61 }, hex()]
            : kind === 'circuitid' || kind === 'remoteid' || kind === 'subscriberid'
              ? [{ is: 'relay-option', code: { circuitid: 1, remoteid: 2, subscriberid: 6 }[kind] }, hex()]
              : undefined
  if (!found) return undefined
  const [value, octets] = found
  if (octets === '' && bare !== '') return undefined
  const of: Condition = { is: 'equal', left: begins ? { is: 'substring', of: value, start: 0, length: octets.length } : value, right: literal(octets) } // prettier-ignore
  return operator.toUpperCase() === 'NE' ? { is: 'not', of } : of
}

/** What is left of ranges without others. */
function without(ranges: readonly WindowsRange[], others: readonly WindowsRange[]): WindowsRange[] {
  const gaps = others
    .map(({ start, end }) => [parseIpv4(start)!, parseIpv4(end)!] as const)
    .toSorted(([a], [b]) => a - b)
  return ranges.flatMap(({ source, start, end }) => {
    const left: WindowsRange[] = []
    let from = parseIpv4(start)!
    const to = parseIpv4(end)!
    for (const [first, last] of gaps) {
      if (last < from || first > to) continue
      if (first > from) left.push({ source, start: formatIpv4(from), end: formatIpv4(first - 1) })
      from = last + 1
    }
    if (from <= to) left.push({ source, start: formatIpv4(from), end })
    return left
  })
}

export function windowsConfiguration(server: WindowsServer): Configuration {
  const { classes } = server
  /** Values for everybody first: a later statement stands over an earlier one. */
  const statementsOf = (options: readonly WindowsOption[], test?: Condition): Statement[] =>
    options
      .toSorted((a, b) => Number(a.userClass !== undefined) - Number(b.userClass !== undefined))
      .flatMap((one) => settingsOf(one).map((set): Statement => {
        const tests = [test, classTest(60, one.vendorClass), classTest(77, one.userClass)].filter((of) => of !== undefined) // prettier-ignore
        return { source: one.source, set, ...(tests.length === 0 ? {} : { test: tests.length === 1 ? tests[0]! : { is: 'all', of: tests } }) } // prettier-ignore
      })) // prettier-ignore
  const classTest = (code: number, name: string | undefined): Condition | undefined =>
    name === undefined ? undefined : { is: 'equal', left: { is: 'option', code }, right: literal(classes.get(name) ?? name) } // prettier-ignore
  const ofPolicies = (policies: readonly WindowsPolicy[]): Statement[] =>
    policies.toSorted((a, b) => b.order - a.order).flatMap(({ test, options }) => statementsOf(options, test))

  const subnets = server.scopes.flatMap((scope): Subnet[] => {
    const [address, mask] = [parseIpv4(scope.address), parseIpv4(scope.mask)]
    if (address === undefined || mask === undefined) return []
    const prefixLength = 32 - Math.round(Math.log2((~mask >>> 0) + 1))
    const network = parseIpv4Network(`${formatIpv4((address & maskOf(prefixLength)) >>> 0)}/${prefixLength}`)
    if (!network) return []
    const held = scope.policies.filter(({ ranges }) => ranges.length > 0)
    const pool = (range: WindowsRange, test?: Condition): Pool => ({ ...range, ...(test ? { test } : {}), statements: [] }) // prettier-ignore
    const isNobodys: Condition | undefined = held.length === 0 ? undefined : { is: 'not', of: { is: 'any', of: held.map(({ test }) => test) } } // prettier-ignore
    const pools = [
      ...held.flatMap(({ test, ranges }) => without(ranges, scope.exclusions).map((range) => pool(range, test))),
      ...without(scope.ranges, [...scope.exclusions, ...held.flatMap(({ ranges }) => ranges)]).map((range) => pool(range, isNobodys)), // prettier-ignore
    ]
    return [
      {
        source: scope.source,
        network: `${formatIpv4(network.address)}/${prefixLength}`,
        name: scope.name,
        ...(scope.superscope === '' ? {} : { sharedNetwork: scope.superscope }),
        isInactive: !scope.isActive,
        classes: [],
        additionalClasses: [],
        pools: pools.filter(({ start }) => isInNetwork(parseIpv4(start)!, network)),
        reservations: scope.reservations.map((one) => reservationOf(one, statementsOf(one.options))),
        statements: [...statementsOf(scope.options), ...ofPolicies(server.policies), ...ofPolicies(scope.policies)],
        networkStatements: [],
        isProxy: false,
      },
    ]
  })
  return {
    engine: 'windows',
    files: server.files,
    authoritative: true,
    statements: statementsOf(server.options),
    classes: [],
    subnets,
    reservations: [],
    ignored: [],
    pxeServices: [],
    notUnderstood: server.notUnderstood,
    asides: server.asides,
  }
}

/** Values of a vendor class are sent inside option 43 (MS-DHCPM). */
function settingsOf({ code, text, vendorClass }: WindowsOption): Setting[] {
  if (vendorClass !== undefined) return [{ is: 'vendor-space', text: vendorClass }, { is: 'sub-option', space: vendorClass, code, text }] // prettier-ignore
  if (code !== 51) return [{ is: 'option', code, text }]
  const seconds = Number(text)
  return Number.isInteger(seconds) && seconds >= 0 ? [{ is: 'lease-seconds', seconds }] : [{ is: 'option', code, text }]
}

/** By its MAC address, or by a longer identifier of the client. */
function reservationOf(
  { source, address, clientId, name }: WindowsReservation,
  statements: readonly Statement[],
): Reservation {
  // prettier-ignore
  const bytes = parseHex(clientId.replaceAll(/[:\s-]/g, '')) ?? new Uint8Array()
  const octets = octetsOf(bytes)
  const identifier: Condition = { is: 'equal', left: { is: 'option', code: 61 }, right: literal(octets) }
  const test: Condition = bytes.length === 6 ? { is: 'equal', left: { is: 'mac' }, right: literal(octets) } : identifier
  return { source, test, who: clientId, address, ...(name === '' ? {} : { hostname: name }), isIgnored: false, classes: [], statements } // prettier-ignore
}
