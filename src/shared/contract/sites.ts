/** Boots of many sites, as a hub knows them and its window asks for them. Times are milliseconds since 1970. */
import { z } from 'zod'
import { say, type Message } from '#messages/message.ts'

/** What boots are counted and filtered by. */
export const siteDimensions = [
  'site',
  'outcome',
  'code',
  'firmware',
  'architecture',
  'vendor',
  'model',
  'bootFile',
  'server',
] as const
export type SiteDimension = (typeof siteDimensions)[number]

/** What boots are grouped by on the page. */
export const siteGroups = [...siteDimensions, 'machine'] as const
export type SiteGroup = (typeof siteGroups)[number]

/** What a column of each is called. */
export const siteGroupTitles: Readonly<Record<SiteGroup, Message>> = {
  site: say('sites.site-title'),
  machine: say('sites.machine-title'),
  model: say('sites.model-title'),
  vendor: say('sites.vendor-title'),
  firmware: say('sites.firmware-title'),
  architecture: say('sites.architecture-title'),
  outcome: say('sites.outcome-title'),
  code: say('sites.code-title'),
  bootFile: say('sites.file-title'),
  server: say('sites.server-title'),
}

/** An outcome of `explain` as trends count it. */
export const outcomeClasses = ['booted', 'failed', 'unclear', 'other'] as const
export type OutcomeClass = (typeof outcomeClasses)[number]

/** `other`: a client that did not ask to boot, and checks of PXE Lab itself. */
export function outcomeClassOf(outcome: string): OutcomeClass {
  if (outcome === 'started' || outcome === 'loaded') return 'booted'
  if (outcome === 'failed') return 'failed'
  return outcome === 'waiting' || outcome === 'unknown' ? 'unclear' : 'other'
}

const text = z.string().max(300)

/** A value of a dimension is the whole value; a machine is a MAC address or how it begins, or how its UUID begins. */
export const siteFilterSchema = z.strictObject({
  /** First and last moment at which a boot began. */
  from: z.number().optional(),
  to: z.number().optional(),
  machine: text.optional(),
  class: z.enum(outcomeClasses).optional(),
  ...(Object.fromEntries(siteDimensions.map((name) => [name, text.optional()])) as Record<
    SiteDimension,
    z.ZodOptional<typeof text>
  >),
})
export type SiteFilter = z.infer<typeof siteFilterSchema>

export const siteBootSchema = z.object({
  id: z.int(),
  site: z.string(),
  /** The agent that saw it, as the hub names it. */
  agent: z.string(),
  /** Hardware address, or the IP address where none was seen. */
  mac: z.string(),
  /** Empty where the packets do not tell, as in every text below. */
  uuid: z.string(),
  /** Transaction of its first DHCP message, eight hexadecimal digits. */
  xid: z.string(),
  /** Which boot of this machine at this site it is, from 1, by when they began, among those that are kept. */
  attempt: z.int(),
  startedAt: z.number(),
  lastAt: z.number(),
  outcome: z.string(),
  code: z.string(),
  headline: z.string(),
  firmware: z.string(),
  architecture: z.string(),
  vendor: z.string(),
  model: z.string(),
  bootFile: z.string(),
  server: z.string(),
  address: z.string(),
  /** Number of the piece that its first packet is in, the packet's place there from 1, and the piece of its last packet. */
  piece: z.int(),
  frame: z.int(),
  lastPiece: z.int(),
})
export type SiteBoot = z.infer<typeof siteBootSchema>

const counts = { booted: z.int(), failed: z.int(), unclear: z.int(), other: z.int() }

export const siteOverviewSchema = z.object({
  /** How many values there are in all. */
  total: z.int(),
  /** Those with most failures first. */
  groups: z.array(z.object({ value: z.string(), lastAt: z.number(), ...counts })),
})
export type SiteOverview = z.infer<typeof siteOverviewSchema>

export const siteTrendSchema = z.object({
  stepMs: z.number(),
  buckets: z.array(z.object({ at: z.number(), ...counts })),
})
export type SiteTrend = z.infer<typeof siteTrendSchema>

export const siteAgentSchema = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string(),
  version: z.string(),
  seenAt: z.number(),
  /** Until when it has sent everything, by its clock; null before it said so. */
  until: z.number().nullable(),
  /** What its clock shows more than the hub's, in milliseconds. */
  clockAheadMs: z.number(),
  /** Pieces that it had to drop, and frames that its disk had no room for. */
  lostPieces: z.int(),
  lostFrames: z.int(),
  /** What waits on its disk, as it last said; null before it said so. */
  waitingPieces: z.int().nullable(),
  waitingBytes: z.number().nullable(),
  /** Pieces of it that are kept here. */
  pieces: z.int(),
})
export type SiteAgent = z.infer<typeof siteAgentSchema>

/** An agent speaks every 30 s. */
const silentAfterMs = 120_000
/** A piece is sent when it is 15 s old. */
const behindAfterMs = 90_000

/** How far what the hub has of an agent is behind now, in milliseconds, by the agent's own clock; null before it said so. */
export const lagOf = ({ until, clockAheadMs }: SiteAgent, now: number): number | null =>
  until === null ? null : Math.max(0, now + clockAheadMs - until)

/** How an agent is, the gravest first; `now` is the hub's clock. */
export function agentHealth(
  agent: SiteAgent,
  now: number,
): { readonly text: string; readonly tone: 'good' | 'wait' | 'bad' } {
  if (now - agent.seenAt > silentAfterMs) return { text: 'silent', tone: 'bad' }
  const lag = lagOf(agent, now)
  if (lag === null ? (agent.waitingPieces ?? 0) > 1 : lag > behindAfterMs) return { text: 'behind', tone: 'wait' }
  if (agent.lostPieces + agent.lostFrames > 0) return { text: 'has lost packets', tone: 'wait' }
  return { text: 'delivers', tone: 'good' }
}

export const sitesStateSchema = z.object({
  /** The hub's clock, by which agents were seen. */
  now: z.number(),
  boots: z.int(),
  /** When the oldest and the newest boot began; null while there is none. */
  firstAt: z.number().nullable(),
  lastAt: z.number().nullable(),
  agents: z.array(siteAgentSchema),
  /** Values of each dimension that has few, for the filter. */
  values: z.record(z.string(), z.array(z.string())),
})
export type SitesState = z.infer<typeof sitesStateSchema>

const comparedPacket = z.object({
  label: z.string(),
  /** Milliseconds since the first packet of the boot; the difference of the clocks is taken off. */
  atMs: z.number(),
  here: z.boolean(),
  there: z.boolean(),
  delayMs: z.number().nullable(),
})

export const siteComparisonSchema = z.object({
  other: siteBootSchema,
  hereName: z.string(),
  thereName: z.string(),
  clockDifferenceMs: z.number(),
  /** Where a packet died, in one sentence; what else is to be said follows. */
  sentences: z.array(z.object({ text: z.string(), tone: z.enum(['good', 'plain', 'warning', 'bad']) })),
  packets: z.array(comparedPacket),
})
export type SiteComparison = z.infer<typeof siteComparisonSchema>

/** Machines that have a name at most, and letters of one. */
export const mostMachineNames = 5000
export const mostNameLetters = 63

/** What people call a machine, by its hardware address. */
export const machineNameSchema = z.strictObject({
  mac: z.string().regex(/^([0-9a-f]{2}:){5,19}[0-9a-f]{2}$/, 'is not a MAC address in lower case with colons'),
  name: z.string().trim().max(mostNameLetters),
})
export type MachineName = z.infer<typeof machineNameSchema>

/** Rows of one answer. */
export const mostBootsAtOnce = 1000

/** Calls of the window to a hub; a lab refuses them. */
export const siteCalls = {
  'sites.state': { args: z.strictObject({}), reply: sitesStateSchema },
  'sites.overview': {
    args: z.strictObject({ filter: siteFilterSchema, by: z.enum(siteGroups), limit: z.int().min(1).max(500) }),
    reply: siteOverviewSchema,
  },
  'sites.trend': {
    args: z.strictObject({ filter: siteFilterSchema, buckets: z.int().min(1).max(200) }),
    reply: siteTrendSchema,
  },
  /** The newest first. */
  'sites.boots': {
    args: z.strictObject({
      filter: siteFilterSchema,
      offset: z.int().min(0),
      limit: z.int().min(1).max(mostBootsAtOnce),
    }),
    reply: z.object({ total: z.int(), boots: z.array(siteBootSchema) }),
  },
  /** One boot; refused where it is kept no more. */
  'sites.boot': { args: z.strictObject({ boot: z.int() }), reply: siteBootSchema },
  /** The capture that holds a boot, in parts from byte `at`; `bytes` of 0 is its end. */
  'sites.capture': {
    args: z.strictObject({ boot: z.int(), at: z.int().min(0) }),
    reply: z.object({
      base64: z.string(),
      bytes: z.int(),
      /** Until when the agent has sent everything, by its clock: what is not in the capture did not come until then. */
      listenedMs: z.number().nullable(),
    }),
  },
  'sites.names': { args: z.strictObject({}), reply: z.array(machineNameSchema) },
  /** An empty name takes the name away. */
  'sites.rename': { args: machineNameSchema, reply: z.array(machineNameSchema) },
  /** Other agents that saw the same boot, each compared with this one. */
  'sites.compare': { args: z.strictObject({ boot: z.int() }), reply: z.array(siteComparisonSchema) },
} as const
