/** What networks are expected to be: the file of `pxe-lab check`, written by people or by `--record`. */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { refusal } from './phrase.ts'

const ipv4 = z.ipv4('is no IPv4 address')
const server = z.union([ipv4, z.literal('none')])

export const clientKeys = ['bios', 'x64-uefi', 'arm64-uefi', 'http'] as const
export type ClientKey = (typeof clientKeys)[number]

const clientSchema = z.strictObject({
  addressFrom: server.optional().describe('server whose address the client takes; none where nobody gives one'),
  bootServer: server.optional().describe('server that tells it how to boot; none where nobody does'),
  file: z
    .string()
    .optional()
    .describe(
      'boot program that it loads; slashes of both kinds and letter case are the same, none where it loads none',
    ),
  fileServer: server.optional().describe('server that it loads it from'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional()
    .describe('of the boot program'),
  shows: z
    .string()
    .optional()
    .describe('code that its firmware ends with, such as PXE-E55; "" where it starts its program'),
})
export type ExpectedClient = z.infer<typeof clientSchema>

const wireSchema = z.strictObject({
  interface: z.string().describe('the name of an interface of this machine, to ask on'),
  dhcpServers: z.array(ipv4).optional().describe('exactly these assign addresses'),
  proxies: z.array(ipv4).optional().describe('exactly these answer as proxyDHCP'),
  warnings: z
    .union([z.literal('none'), z.array(z.string())])
    .optional()
    .describe('nothing odd is on the network, or exactly this'),
  clients: z
    .strictObject({
      bios: clientSchema.optional(),
      'x64-uefi': clientSchema.optional(),
      'arm64-uefi': clientSchema.optional(),
      http: clientSchema.optional(),
    })
    .optional(),
})
export type WireExpectation = z.infer<typeof wireSchema>

const engineSchema = z.strictObject({
  lab: z.string().min(1).describe('the lab file that names the servers, relative to this file'),
  servers: z
    .array(
      z.strictObject({
        server: z.string().min(1).describe('control socket or address, as the lab file has it'),
        answers: z.boolean().optional().describe('it answered clients while the networks were asked'),
        bootLogic: z.enum(['in place', 'not in place']).optional().describe('the classes of the lab are in it, as they should be'),
        subnets: z.array(z.string()).optional().describe('exactly these are in its configuration'),
        pair: z.string().optional().describe('state of a pair, such as hot-standby, partner in touch; none where it is alone'),
      }), // prettier-ignore
    )
    .min(1),
})
export type EngineExpectation = z.infer<typeof engineSchema>['servers'][number]

export const expectationsSchema = z
  .strictObject({
    ...wireSchema.shape,
    interface: wireSchema.shape.interface.optional(),
    wires: z
      .array(wireSchema)
      .min(1)
      .optional()
      .describe(
        'a list of networks, each with its interface and what belongs to it; then interface and these keys stand nowhere else',
      ),
    engine: engineSchema
      .optional()
      .describe('the Kea that assigns the addresses, asked through its control channel too'),
    doctor: z
      .union([z.literal('healthy'), z.array(z.string())])
      .optional()
      .describe('nothing is wrong with the boot services of this machine, or exactly these findings, by their ids'),
  })
  .superRefine(({ interface: one, wires, ...rest }, context) => {
    const told = ['dhcpServers', 'proxies', 'warnings', 'clients'].filter((key) => key in rest)
    if (wires === undefined && one === undefined)
      context.addIssue({ code: 'custom', path: ['interface'], ...refusal(say('schema.is-missing')) })
    if (wires !== undefined && (one !== undefined || told.length > 0))
      context.addIssue({ code: 'custom', path: ['wires'], ...refusal(say('schema.stands-beside', { keys: [...(one === undefined ? [] : ['interface']), ...told].join(', ') })) }) // prettier-ignore
    const seen = new Set<string>()
    for (const [at, { interface: name }] of (wires ?? []).entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: ['wires', at, 'interface'], ...refusal(say('schema.twice-in-list')) }) // prettier-ignore
      seen.add(name)
    }
  })
export type Expectations = z.infer<typeof expectationsSchema>

/** The networks of a file, in its order. */
export function wiresOf({
  wires,
  interface: name,
  dhcpServers,
  proxies,
  warnings,
  clients,
}: Expectations): readonly WireExpectation[] {
  return wires ?? [{ interface: name!, dhcpServers, proxies, warnings, clients }]
}

/** What one client met on a network. */
export interface ObservedClient {
  /** Servers; empty for none. */
  readonly addressFrom: string
  readonly bootServer: string
  /** What a whole boot found; undefined where none was played. */
  readonly boot?: {
    readonly file: string
    readonly fileServer: string
    readonly sha256: string
    readonly shows: string
  }
}

export interface ObservedWire {
  readonly interface: string
  readonly dhcpServers: readonly string[]
  readonly proxies: readonly string[]
  readonly warnings: readonly string[]
  readonly clients: Readonly<Partial<Record<ClientKey, ObservedClient>>>
}

export interface Assertion {
  /** What is expected, by its place in the file. */
  readonly what: string
  readonly expected: string
  readonly found: string
  /** Unknown where it could not be found out; that is not the same as different. */
  readonly state: 'holds' | 'differs' | 'unknown'
}

const listed = (values: readonly string[], nobody: string): string => values.toSorted().join(', ') || nobody
const plainPath = (path: string): string => path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()
const identity = (text: string): string => text

/** What was found on a network beside what is expected of it, in the order of the file. */
export function compareWire(
  expected: WireExpectation,
  observed: ObservedWire,
  nameOf: (client: ClientKey) => string,
): Assertion[] {
  const assertions: Assertion[] = []
  const compare = (what: string, wanted: string | undefined, found: string, form = identity): void => {
    if (wanted === undefined) return
    const shown = found === '' ? 'none' : found
    assertions.push({ what, expected: wanted === '' ? 'none' : wanted, found: shown, state: form(wanted === '' ? 'none' : wanted) === form(shown) ? 'holds' : 'differs' }) // prettier-ignore
  }
  const { dhcpServers, proxies, warnings } = expected
  compare('DHCP servers', dhcpServers && listed(dhcpServers, 'nobody'), listed(observed.dhcpServers, 'nobody'))
  compare('proxyDHCP servers', proxies && listed(proxies, 'nobody'), listed(observed.proxies, 'nobody'))
  const wanted = warnings === 'none' ? [] : warnings
  compare('warnings', wanted && wanted.toSorted().join(' '), observed.warnings.toSorted().join(' '))
  for (const client of clientKeys) {
    const wish = expected.clients?.[client]
    if (wish === undefined) continue
    const name = nameOf(client)
    const found = observed.clients[client]
    compare(`${name}, address from`, wish.addressFrom, found?.addressFrom ?? '')
    compare(`${name}, boot server`, wish.bootServer, found?.bootServer ?? '')
    const boot = found?.boot
    compare(`${name}, file`, wish.file, boot?.file ?? '', plainPath)
    compare(`${name}, file server`, wish.fileServer, boot?.fileServer ?? '')
    compare(`${name}, SHA-256`, wish.sha256?.toLowerCase(), boot?.sha256 ?? '')
    compare(`${name}, shows`, wish.shows, boot?.shows ?? '')
  }
  return assertions
}

/** A server that is the engine of a lab, as it was found. */
export interface ObservedEngine {
  readonly server: string
  /** Undefined where nothing was asked on a network. */
  readonly answers: boolean | undefined
  /** Whether it has the boot logic of the lab; why that is not known where it is not. */
  readonly isInPlace: boolean | string
  readonly subnets: readonly string[]
  /** Empty where it is no part of a pair. */
  readonly pair: string
}

const bootLogicOf = (isInPlace: boolean): 'in place' | 'not in place' => (isInPlace ? 'in place' : 'not in place')

export function compareEngine(expected: EngineExpectation, observed: ObservedEngine): Assertion[] {
  const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
  /** `whyNot`: why it could not be found out. */
  const one = (what: string, wanted: string | undefined, found: string | undefined, whyNot = ''): Assertion[] =>
    wanted === undefined
      ? []
      : [{ what, expected: wanted, found: found ?? whyNot, state: found === undefined ? 'unknown' : wanted === found ? 'holds' : 'differs' }] // prettier-ignore
  const { isInPlace } = observed
  const { answers, bootLogic, subnets, pair } = expected
  return [
    ...one(
      'Kea answers on the network',
      answers === undefined ? undefined : yesNo(answers),
      observed.answers === undefined ? undefined : yesNo(observed.answers),
      'no network was asked',
    ),
    ...(typeof isInPlace === 'string'
      ? one('boot logic of the lab in Kea', bootLogic, undefined, isInPlace)
      : one('boot logic of the lab in Kea', bootLogic, bootLogicOf(isInPlace))),
    ...one('subnets of Kea', subnets && listed(subnets, 'none'), listed(observed.subnets, 'none')),
    ...one('pair of Kea', pair, observed.pair === '' ? 'none' : observed.pair),
  ]
}

/** An engine as it was found, as what is expected from now on. */
export const engineExpectationOf = (observed: ObservedEngine): EngineExpectation => ({
  server: observed.server,
  ...(observed.answers === undefined ? {} : { answers: observed.answers }),
  ...(typeof observed.isInPlace === 'string' ? {} : { bootLogic: bootLogicOf(observed.isInPlace) }),
  subnets: observed.subnets.toSorted(),
  pair: observed.pair === '' ? 'none' : observed.pair,
})

/** Whether what a file says of a client needs a whole boot, not its offers alone. */
export const needsBoot = ({ file, fileServer, sha256, shows }: ExpectedClient): boolean =>
  [file, fileServer, sha256, shows].some((one) => one !== undefined)

/** A network as it was found, as what is expected from now on. */
export function expectationOf({
  interface: name,
  dhcpServers,
  proxies,
  warnings,
  clients,
}: ObservedWire): WireExpectation {
  const orNone = (text: string): string => (text === '' ? 'none' : text)
  return {
    interface: name,
    dhcpServers: dhcpServers.toSorted(),
    proxies: proxies.toSorted(),
    warnings: warnings.length === 0 ? 'none' : warnings.toSorted(),
    clients: Object.fromEntries(
      clientKeys.flatMap((client) => {
        const found = clients[client]
        if (!found) return []
        const { addressFrom, bootServer, boot } = found
        const told: ExpectedClient = {
          addressFrom: orNone(addressFrom),
          bootServer: orNone(bootServer),
          ...(boot && boot.file !== ''
            ? {
                file: boot.file,
                fileServer: orNone(boot.fileServer),
                ...(boot.sha256 === '' ? {} : { sha256: boot.sha256 }),
              }
            : boot && { file: 'none' }),
          ...(boot && { shows: boot.shows }),
        }
        return [[client, told]]
      }),
    ),
  }
}
