/**
 * Everything that crosses between the back end and a window, as schemas: the source of the types and the check on both
 * sides. A call answers once; a push comes by itself.
 */
import { phraseSchema } from '../lab/phrase.ts'
import { z } from 'zod'
import {
  bootChainSchema,
  census6Schema,
  censusResultSchema,
  censusRouterSchema,
  discImageSchema,
  rehearsalSchema,
  rehearsedClient6,
} from './documents.ts'
import { classCalls, classStateSchema } from './classroom.ts'
import { siteCalls } from './sites.ts'
import { factsSchema, pastCheckSchema } from '../lab/facts.ts'
import { remedyPreviewSchema, remedyRecordSchema, remedySchema } from '#shared/lab/repair.ts'
import { labNoticeSchema } from '#shared/lab/boot-check.ts'
import { bootProgramKinds } from '#shared/wire/boot-program.ts'
import { groupSteps } from '#shared/lab/group-run.ts'
import { labProblemSchema, labSchema, modes } from '#shared/lab/lab.ts'

const nothing = z.strictObject({})

export const interfaceSchema = z.object({
  name: z.string(),
  /** Of IPv4, else of IPv6; `::` where none can be used yet. */
  address: z.string(),
  prefixLength: z.int(),
  /** It has no IPv4 address: a lab serves it over IPv6, and nothing else here uses it. */
  isIpv6Only: z.boolean().optional(),
  mac: z.string(),
  isLoopback: z.boolean(),
  /** Whether something is at the other end of the cable; null where the system does not tell. */
  hasLink: z.boolean().nullable(),
  /** What the driver calls it, on Windows. */
  description: z.string().optional(),
  medium: z.enum(['wired', 'wireless', 'virtual']).optional(),
})
export type InterfaceInfo = z.infer<typeof interfaceSchema>

export const labStateSchema = z.object({
  path: z.string(),
  exists: z.boolean(),
  text: z.string(),
  /** The checked lab with its defaults; null while it has problems or does not exist. */
  lab: labSchema.nullable(),
  problems: z.array(labProblemSchema),
  /** What the lab leaves its clients without, as its boot folder is now. */
  notices: z.array(labNoticeSchema),
  /** Whether the running responder was started with another text. */
  needsRestart: z.boolean(),
})
export type LabState = z.infer<typeof labStateSchema>

/** Times in milliseconds since 1970; files as base64. */
export const httpsReportSchema = z.object({
  /** Whether the lab's own authority issued it. */
  isOwn: z.boolean(),
  /** Null before the responder has shown one. */
  server: z.object({ names: z.array(z.string()), issuer: z.string(), until: z.number(), key: z.string() }).nullable(),
  authority: z
    .object({
      name: z.string(),
      until: z.number(),
      /** SHA-256, in pairs of hexadecimal digits. */
      fingerprint: z.string(),
      file: z.string(),
      pem: z.string(),
      der: z.string(),
      /** An EFI signature list, as OVMF takes it. */
      list: z.string(),
    })
    .nullable(),
  /** What keeps machines from taking it, as sentences. */
  warnings: z.array(z.string()),
})
export type HttpsReport = z.infer<typeof httpsReportSchema>

export const foundServerSchema = z.object({
  interface: z.string(),
  server: z.string(),
  role: z.enum(['dhcp', 'proxy-dhcp']),
  offered: z.string().optional(),
  vendorClass: z.string(),
  bootFile: z.string(),
  nextServer: z.string(),
})

export const complaintSchema = z.object({
  message: z.string(),
  remedy: z.string(),
  /** What it concerns: a port, an interface, the lab file. */
  about: z.string(),
})
export type Complaint = z.infer<typeof complaintSchema>

export const statusSchema = z.object({
  state: z.enum(['stopped', 'starting', 'listening', 'responding', 'stopping', 'problem', 'silent']),
  /** What it is doing, or why it does not, in one sentence; empty where `state` says it all. */
  detail: z.string(),
  complaint: complaintSchema.nullable(),
  mode: z.enum(modes).nullable(),
  interfaces: z.array(z.string()),
  listening: z.array(z.object({ service: z.string(), interface: z.string(), address: z.string(), port: z.int() })),
  /** Milliseconds since 1970. */
  startedAt: z.number().nullable(),
  stopsAt: z.number().nullable(),
  warnings: z.array(z.string()),
  /** Whether every packet of a file is kept, rather than one in a while. */
  keepsAllPackets: z.boolean(),
  pools: z.array(z.object({ subnet: z.string(), used: z.int(), size: z.int() })),
})
export type Status = z.infer<typeof statusSchema>

export const countersSchema = z.object({
  packetsPerSecond: z.number(),
  packets: z.int(),
  activeBoots: z.int(),
  transfers: z.int(),
  problems: z.int(),
})
export type Counters = z.infer<typeof countersSchema>

export const fileProgressSchema = z.object({
  id: z.string(),
  file: z.string(),
  bytes: z.number(),
  size: z.number().nullable(),
  /** Bytes a second over the last moments; the average once it has ended. */
  rate: z.number(),
  state: z.enum(['loading', 'done', 'failed', 'refused']),
  detail: z.string(),
  retransmissions: z.int(),
  /** Of a TFTP read, as granted: bytes and blocks. */
  blockSize: z.int().optional(),
  windowSize: z.int().optional(),
})
export type FileProgress = z.infer<typeof fileProgressSchema>

export const stages = ['seen', 'offered', 'address', 'boot-server', 'loading', 'loaded', 'started', 'approval', 'failed'] as const // prettier-ignore

/** What became of a boot, as `explain` tells it; see `Outcome` of the diagnosis. */
const outcomes = ['started', 'loaded', 'address', 'idle', 'waiting', 'unknown', 'failed', 'check'] as const

/** What is told of a boot wherever it is spoken of. */
export const verdictSchema = z.object({
  /** Hardware address of the machine, or its IP address where none was seen. */
  mac: z.string(),
  /** First and last packet, milliseconds since 1970. */
  startedAt: z.number(),
  lastAt: z.number(),
  outcome: z.enum(outcomes),
  stage: z.enum(stages),
  /** One clause without a full stop: `Boot file not found (PXE-E23)`. */
  headline: z.string(),
  /** The code on the screen, null where there is none. */
  code: z.string().nullable(),
  /** The most likely first. */
  causes: z.array(z.string()),
  firmware: z.string(),
  /** What a server calls the machine, else what it calls itself (option 12); empty for neither. */
  hostName: z.string().default(''),
})
export type Verdict = z.infer<typeof verdictSchema>

/** `detail` is the headline of its verdict. */
export const bootSchema = verdictSchema.omit({ mac: true, headline: true, hostName: true }).extend({
  detail: z.string(),
  files: z.array(fileProgressSchema),
})
export type Boot = z.infer<typeof bootSchema>

export const clientSchema = z.object({
  mac: z.string(),
  vendor: z.string(),
  firmware: z.string(),
  architecture: z.string(),
  uuid: z.string().nullable(),
  address: z.string().nullable(),
  /** What it calls itself (option 12), or what another server does. */
  hostName: z.string().nullable(),
  /** What it is called: by people in the lab file, else as it calls itself where no other machine does so too. */
  name: z.string().nullable(),
  /** As it told, in an address that it loaded. */
  serial: z.string().nullable().default(null),
  asset: z.string().nullable().default(null),
  /** Why it gets the program it gets. */
  reason: z.string(),
  isReserved: z.boolean(),
  /** The newest first. */
  boots: z.array(bootSchema),
})
export type Client = z.infer<typeof clientSchema>

export const leaseSchema = z.object({
  address: z.string(),
  mac: z.string(),
  hostName: z.string().nullable(),
  uuid: z.string().nullable(),
  state: z.enum(['offered', 'bound', 'released', 'expired', 'declined']),
  since: z.number(),
  /** Null for a lease without end. */
  until: z.number().nullable(),
  isReserved: z.boolean(),
})
export type LeaseInfo = z.infer<typeof leaseSchema>

/** A server of the lab's DHCP engine, asked now. */
export const engineServerSchema = z.object({
  name: z.string(),
  /** Empty where it answers. */
  problem: z.string(),
  remedy: z.string(),
  version: z.string(),
  /** State of a pair; empty for a server that stands alone. */
  pair: z.string(),
  subnets: z.array(z.object({ subnet: z.string(), total: z.int(), assigned: z.int(), declined: z.int() })),
  packets: z.object({ received: z.int(), sent: z.int(), dropped: z.int() }).nullable(),
  /** Whether it lists its leases: the hook lease_cmds is loaded. */
  listsLeases: z.boolean(),
  /** Client classes that the lab makes there. */
  classes: z.array(z.string()),
  isInPlace: z.boolean(),
  /** What will not be as the lab says. */
  warnings: z.array(z.string()),
})
export type EngineServer = z.infer<typeof engineServerSchema>
const engineReportSchema = z.object({ servers: z.array(engineServerSchema) })
export type EngineReport = z.infer<typeof engineReportSchema>

export const approvalSchema = z.object({
  /** The number that the machine shows as "Pending Request ID". */
  request: z.int(),
  mac: z.string(),
  uuid: z.string().nullable(),
  architecture: z.string(),
  /** Who made its network card; empty where nobody knows. */
  vendor: z.string(),
  /** What it says of itself in option 60; empty for nothing. */
  vendorClass: z.string(),
  /** The boot program that approval gives it; empty where none is known. */
  file: z.string(),
  /** What people call it, or it calls itself; null for neither. */
  knownAs: z.string().nullable(),
  /** Milliseconds since 1970. */
  since: z.number(),
  state: z.enum(['pending', 'approved', 'refused']),
  name: z.string(),
  /** Whether the decision is for later boots too. */
  isRemembered: z.boolean(),
})
export type Approval = z.infer<typeof approvalSchema>

export const captureStateSchema = z.object({
  /** What captures here, and why this one; null where nothing does. */
  tool: z.string().nullable(),
  /** What to do where nothing captures. */
  remedy: z.string(),
  /** Interface of the running capture; null while there is none. */
  interface: z.string().nullable(),
  /** File that it is written to, in the folder of captures. */
  file: z.string(),
  startedAt: z.number().nullable(),
  frames: z.int(),
  complaint: complaintSchema.nullable(),
})
export type CaptureState = z.infer<typeof captureStateSchema>

export const savedCaptureSchema = z.object({ name: z.string(), bytes: z.number(), modified: z.number() })
export type SavedCapture = z.infer<typeof savedCaptureSchema>

export const portStateSchema = z.object({
  port: z.int(),
  service: z.string(),
  /** Whether the lab's mode wants this port. */
  isWanted: z.boolean(),
  state: z.enum(['ours', 'free', 'taken', 'shared']),
  owners: z.array(z.string()),
  remedy: z.string(),
})
export type PortState = z.infer<typeof portStateSchema>

export const bootFileSchema = z.object({
  name: z.string(),
  size: z.number(),
  modified: z.number(),
  kind: z.enum(bootProgramKinds),
  description: phraseSchema,
  /** Why nothing starts from it whatever rule names it; empty where nothing speaks against it. */
  problem: phraseSchema,
  /** Machine field of a PE program; null for what is none. */
  peMachine: z.int().nullable(),
  /** Of a Windows image: what it starts, and what WDS makes of it. Sentences. */
  remarks: z.array(phraseSchema).optional(),
  /** Of a Windows image: of what it starts, where it says so. */
  architecture: z.enum(['x86', 'x64', 'arm', 'arm64']).optional(),
})
export const programStateSchema = z.object({
  /** Position of the rule in boot.programs. */
  rule: z.int(),
  who: z.string(),
  file: z.string(),
  /** Empty where the file can do what the rule wants of it. */
  problem: phraseSchema,
  description: phraseSchema,
})
export const bootFilesSchema = z.object({
  root: z.string(),
  exists: z.boolean(),
  files: z.array(bootFileSchema),
  isTruncated: z.boolean(),
  programs: z.array(programStateSchema),
})
export type BootFiles = z.infer<typeof bootFilesSchema>

export type BootChainReply = z.infer<typeof bootChainSchema>

export const logLineSchema = z.object({
  id: z.int(),
  time: z.number(),
  level: z.enum(['info', 'good', 'warning', 'problem']),
  type: z.string(),
  mac: z.string().nullable(),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

/** Something that is not as it should be now, wherever it is told of. */
export const problemSchema = z.object({
  /** What it concerns: a hardware address, `responder`, `lab`, `capture`. */
  about: z.string(),
  text: z.string(),
  remedy: z.string(),
})
export type Problem = z.infer<typeof problemSchema>

export const givers = ['nobody', 'another', 'this'] as const
export const proposalSchema = z.object({
  mode: z.enum(modes),
  title: z.string(),
  explanation: z.string(),
  warnings: z.array(z.string()),
  /** The lab file it would write. */
  text: z.string(),
})
export type Proposal = z.infer<typeof proposalSchema>

const rivalSchema = z.object({
  isRunning: z.boolean(),
  interface: z.string(),
  address: z.string(),
  pid: z.int(),
  clients: z.array(z.string()).readonly(),
  answered: z.int(),
  passedOver: z.int(),
})
export type RivalInfo = z.infer<typeof rivalSchema>

const remedyEntrySchema = remedyRecordSchema.extend({ isInterrupted: z.boolean() })
export type RemedyEntry = z.infer<typeof remedyEntrySchema>

export const nextBootSchema = z.object({
  mac: z.string(),
  /** Null for the local disk. */
  file: z.string().nullable(),
  /** Milliseconds since 1970. */
  since: z.number(),
  /** When the boot that it is for began to load; null while it waits for one. */
  begunAt: z.number().nullable(),
})
export type NextBootInfo = z.infer<typeof nextBootSchema>

export const groupRunSchema = z.object({
  group: z.string(),
  isOver: z.boolean(),
  machines: z.array(
    z.object({
      group: z.string(),
      mac: z.string(),
      name: z.string(),
      step: z.enum(groupSteps),
      /** What it does, or why it failed or is left out. */
      detail: z.string(),
    }),
  ),
})
export type GroupRunInfo = z.infer<typeof groupRunSchema>

export const renderedSchema = z.object({
  name: z.string(),
  /** Whether boot.templates names it: otherwise it is served as it is. */
  isTemplate: z.boolean(),
  /** `variable` is null for what stands in the file. */
  parts: z.array(z.object({ text: z.string(), variable: z.string().nullable() })),
  problems: z.array(
    z.object({ line: z.int(), column: z.int(), placeholder: z.string(), text: z.string(), remedy: z.string() }),
  ),
})
export type RenderedFile = z.infer<typeof renderedSchema>

/** A file of the folder of captures, and no way out of it. */
const captureName = z.string().regex(/^[\w-][\w.-]*\.(pcapng|pcap)$/)

/** No file's name has a NUL; the calls of the system would complain of it in words of their own. */
const filePath = z.string().regex(/^[^\0]*$/, 'has a NUL in it, which no file name has')

const labChange = z.strictObject({
  path: z
    .array(z.union([z.string().max(1000), z.int().min(0)]))
    .min(1)
    .max(16),
  /** Absent removes the key. */
  value: z.json().optional(),
})

/** Another generation: what was read before is not what is kept any more, and is read anew. */
const frameRangeSchema = z.object({ first: z.int(), last: z.int(), generation: z.int() })

export const calls = {
  'app.info': {
    args: nothing,
    reply: z.object({
      version: z.string(),
      platform: z.string(),
      hostName: z.string(),
      remarks: z.array(z.string()),
      /** Whether this is a hub of many sites, which answers the calls of `sites`, and no lab. */
      isHub: z.boolean(),
    }),
  },
  /** Our licence and the notices of what is built in; null where a file is missing, as before the first build. */
  'app.licences': {
    args: nothing,
    reply: z.object({ own: z.string().nullable(), others: z.string().nullable() }),
  },
  'interfaces.list': { args: nothing, reply: z.array(interfaceSchema) },
  'lab.read': { args: nothing, reply: labStateSchema },
  'lab.open': { args: z.strictObject({ path: filePath.min(1).max(4096) }), reply: labStateSchema },
  'lab.change': { args: z.strictObject({ changes: z.array(labChange).min(1).max(200) }), reply: labStateSchema },
  /** What would be wrong with a text, were it the lab file. */
  'lab.check': { args: z.strictObject({ text: z.string().max(1_000_000) }), reply: z.array(labProblemSchema) },
  'lab.write': { args: z.strictObject({ text: z.string().max(1_000_000) }), reply: labStateSchema },
  'setup.propose': {
    args: z.strictObject({ interface: z.string(), giver: z.enum(givers), files: filePath.optional() }),
    reply: proposalSchema,
  },
  'setup.subnet': {
    args: z.strictObject({ interface: z.string() }),
    reply: z.object({ subnet: z.string(), pools: z.array(z.object({ start: z.string(), end: z.string() })) }),
  },
  'wire.ask': {
    args: z.strictObject({ interface: z.string() }),
    reply: z.object({ servers: z.array(foundServerSchema), complaint: z.string().optional() }),
  },
  /** As PXE clients of each kind: who answers, and which offer each takes. */
  'wire.census': {
    args: z.strictObject({ interface: z.string() }),
    reply: z.object({
      results: z.array(censusResultSchema),
      warnings: z.array(z.string()),
      complaint: z.string().optional(),
      /** Absent where the interface has no IPv6. */
      ipv6: z
        .object({
          results: z.array(census6Schema),
          complaint: z.string().optional(),
          routers: z.array(censusRouterSchema),
          routersComplaint: z.string().optional(),
          notes: z.array(z.string()),
        })
        .optional(),
    }),
  },
  /** A boot of one kind of client, played on the wire; null where it was cancelled. */
  'wire.rehearse': {
    args: z.strictObject({ interface: z.string(), census: censusResultSchema }),
    reply: rehearsalSchema.nullable(),
  },
  /** The same over IPv6, which is asked first who answers. */
  'wire.rehearseIpv6': {
    args: z.strictObject({ interface: z.string(), client: rehearsedClient6 }),
    reply: rehearsalSchema.nullable(),
  },
  /** Ends what is being asked. */
  'wire.cancel': { args: nothing, reply: z.null() },
  'responder.start': { args: nothing, reply: statusSchema },
  'responder.stop': { args: nothing, reply: statusSchema },
  'status.read': { args: nothing, reply: statusSchema },
  'ports.read': { args: nothing, reply: z.array(portStateSchema) },
  'clients.list': { args: nothing, reply: z.array(clientSchema) },
  /** Wake on LAN; `sent` are broadcast addresses with their interfaces, `failed` clauses. Whether a machine wakes nobody is told. */
  'clients.wake': {
    args: z.strictObject({
      macs: z.array(z.string().max(100)).min(1).max(1000),
      /** SecureOn: six octets as a MAC address, or four as an IPv4 address. */
      password: z.string().max(32).optional(),
    }),
    reply: z.object({ sent: z.array(z.string()).readonly(), failed: z.array(z.string()).readonly() }),
  },
  /** What machines load at their next boot, once. */
  'nextBoots.list': { args: nothing, reply: z.array(nextBootSchema) },
  /** A file, or null for the local disk. */
  'nextBoots.set': {
    args: z.strictObject({ mac: z.string().max(100), file: z.string().min(1).max(1024).nullable() }),
    reply: z.array(nextBootSchema),
  },
  'nextBoots.undo': { args: z.strictObject({ mac: z.string().max(100) }), reply: z.array(nextBootSchema) },
  /** The group that is being woken, or was last; null for none. */
  'groups.read': { args: nothing, reply: groupRunSchema.nullable() },
  /** Wakes the machines of a group, behind those of the groups that it waits for. */
  'groups.wake': { args: z.strictObject({ name: z.string().max(100) }), reply: groupRunSchema },
  'groups.cancel': { args: nothing, reply: groupRunSchema.nullable() },
  /** A file of the boot folder as a machine would get it, with secrets concealed. */
  'templates.render': {
    args: z.strictObject({
      name: z.string().min(1).max(1024),
      mac: z.string().max(100),
      uuid: z.string().max(100).optional(),
      serial: z.string().max(100).optional(),
      asset: z.string().max(100).optional(),
    }),
    reply: renderedSchema,
  },
  /** The DHCP engine of the lab, asked now; null where the lab names none. */
  /** What the lab shows over HTTPS, and whom machines must trust; null where HTTPS boot is off. */
  'https.read': { args: nothing, reply: httpsReportSchema.nullable() },
  'engine.read': { args: nothing, reply: engineReportSchema.nullable() },
  /** Puts the boot logic of the lab into each of its servers, or takes everything of PXE Lab out of them. */
  'engine.apply': { args: nothing, reply: engineReportSchema.nullable() },
  'engine.undo': { args: nothing, reply: engineReportSchema.nullable() },
  'leases.list': { args: nothing, reply: z.array(leaseSchema) },
  'leases.forget': { args: z.strictObject({ address: z.union([z.ipv4(), z.ipv6()]) }), reply: z.array(leaseSchema) },
  /** Gives back a lease that was freed, unless the address or its machine has found another meanwhile. */
  'leases.restore': { args: z.strictObject({ address: z.union([z.ipv4(), z.ipv6()]) }), reply: z.array(leaseSchema) },
  /** Machines that wait for approval, and those that were decided on; pending ones first. */
  'approvals.list': { args: nothing, reply: z.array(approvalSchema) },
  'approvals.decide': {
    args: z.strictObject({
      request: z.int().min(1),
      /**
       * change leaves the decision as it is and sets name or remember; wait takes it back; forget takes it off the list: the
       * machine asks anew; restore takes that back.
       */
      verdict: z.enum(['approve', 'refuse', 'change', 'wait', 'forget', 'restore']),
      name: z.string().max(63).optional(),
      /** Left out, a new decision is for this boot only. */
      remember: z.boolean().optional(),
    }),
    reply: z.array(approvalSchema),
  },
  'reservations.add': {
    args: z.strictObject({ mac: z.string(), address: z.ipv4(), hostname: z.string().optional() }),
    reply: labStateSchema,
  },
  /** Frames behind `after` as a capture file of their own, at most about `mostBytes` of it. */
  'frames.read': {
    args: z.strictObject({ after: z.int().min(0), mostBytes: z.int().min(1).max(4_000_000) }),
    reply: z.object({ base64: z.string(), last: z.int() }),
  },
  /** Numbers of the oldest and newest frame that are kept, as `frames` tells them when they change. */
  'frames.range': { args: nothing, reply: frameRangeSchema },
  /** Of fast transfers one packet in a while is kept, unless all are wanted. */
  'frames.keep': { args: z.strictObject({ all: z.boolean() }), reply: statusSchema },
  /** Forgets every frame; `id` is for `frames.restore`. */
  'frames.clear': { args: nothing, reply: z.object({ id: z.string() }) },
  'frames.restore': { args: z.strictObject({ id: z.string() }), reply: z.null() },
  'capture.read': { args: nothing, reply: captureStateSchema },
  'capture.start': { args: z.strictObject({ interface: z.string().min(1).max(1000) }), reply: captureStateSchema },
  'capture.stop': { args: nothing, reply: captureStateSchema },
  'captures.list': { args: nothing, reply: z.array(savedCaptureSchema) },
  'captures.read': {
    args: z.strictObject({ name: captureName, at: z.int().min(0) }),
    reply: z.object({ base64: z.string(), bytes: z.int() }),
  },
  /** Keeps what is deleted aside for a while, so that `captures.restore` finds it. */
  'captures.delete': { args: z.strictObject({ name: captureName }), reply: z.array(savedCaptureSchema) },
  'captures.restore': { args: z.strictObject({ name: captureName }), reply: z.array(savedCaptureSchema) },
  /** Who made the network cards with these addresses; empty where nobody is known. */
  'vendors.find': {
    args: z.strictObject({ macs: z.array(z.string()).max(1000) }),
    reply: z.array(z.string()),
  },
  /** The set-ups that the diagnosis backwards knows (`SpaceFile` of the diagnosis). */
  'ask.space': { args: nothing, reply: z.json() },
  /** Scenarios that come with the program, and saved ones; `input` is checked again where it is used. */
  /** The course, a lesson of it, or one that somebody wrote (`text`), as a SCORM 1.2 package. */
  'lessons.export': {
    args: z.strictObject({
      lesson: z.string().max(100).optional(),
      text: z.string().max(1_000_000).optional(),
      isBlind: z.boolean(),
    }),
    reply: z.object({ name: z.string(), base64: z.string() }),
  },
  'scenarios.list': {
    args: nothing,
    reply: z.array(z.object({ id: z.string(), origin: z.enum(['shipped', 'saved']), input: z.json() })),
  },
  'scenarios.save': {
    args: z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/), input: z.json() }),
    reply: z.null(),
  },
  'scenarios.delete': { args: z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/) }), reply: z.null() },
  /** The lab file of this window as a scenario. */
  'scenarios.ofLab': { args: nothing, reply: z.json() },
  /** Ports, services and settings of this machine, for the doctor. */
  'doctor.collect': { args: nothing, reply: factsSchema },
  /** A facts file of another machine. */
  'doctor.read': { args: z.strictObject({ text: z.string() }), reply: factsSchema },
  /** What a check still waits for stays unknown. */
  'doctor.cancel': { args: nothing, reply: z.null() },
  /** What the checks of this machine told before, the oldest first. */
  'doctor.history': { args: nothing, reply: z.array(pastCheckSchema) },
  /** What changes would do here and now; nothing is done. */
  'remedy.preview': { args: remedySchema.pick({ changes: true }), reply: remedyPreviewSchema },
  'remedy.apply': { args: remedySchema, reply: remedyRecordSchema },
  'remedy.undo': { args: z.strictObject({ id: z.string() }), reply: remedyRecordSchema },
  /** Goes on with what was interrupted. */
  'remedy.finish': { args: z.strictObject({ id: z.string() }), reply: remedyRecordSchema },
  /** What is being applied is taken back. */
  'remedy.cancel': { args: nothing, reply: z.null() },
  'remedy.list': { args: nothing, reply: z.array(remedyEntrySchema) },
  /** Site files that come with the program. */
  'plan.examples': {
    args: nothing,
    reply: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })),
  },
  /** A second DHCP server on this machine, for a demonstration on real sockets. */
  'rival.start': {
    args: z.strictObject({ interface: z.string().min(1), clients: z.array(z.string()).max(100) }),
    reply: rivalSchema,
  },
  'rival.stop': { args: nothing, reply: rivalSchema },
  'rival.read': { args: nothing, reply: rivalSchema },
  'files.list': { args: nothing, reply: bootFilesSchema },
  'files.create': { args: nothing, reply: bootFilesSchema },
  /** The chain of each UEFI program that a rule of the lab hands out; reads the programs whole. */
  'files.chains': {
    args: z.strictObject({
      dbx: z.strictObject({ name: z.string().max(255), base64: z.base64().max(1_000_000) }).optional(),
    }),
    reply: z.array(bootChainSchema),
  },
  /** What an image of a disc in the boot folder is; null where the file is none. */
  'files.image': {
    args: z.strictObject({ name: filePath.min(1).max(1024) }),
    reply: discImageSchema.nullable(),
  },
  /** Sizes of files as machines would be sent them, within images too, in bytes; null where there is none. */
  'files.sizes': {
    args: z.strictObject({ names: z.array(filePath.min(1).max(1024)).max(500) }),
    reply: z.array(z.int().nullable()),
  },
  /** A file for the boot folder, in pieces: begin, append as often as it takes, finish. What is not finished leaves nothing. */
  'files.begin': {
    args: z.strictObject({ name: filePath.min(1).max(1024), size: z.int().min(0), replaces: z.boolean() }),
    reply: z.object({ id: z.string() }),
  },
  'files.append': {
    args: z.strictObject({ id: z.string(), base64: z.base64().max(3_000_000) }),
    reply: z.object({ bytes: z.int() }),
  },
  'files.finish': { args: z.strictObject({ id: z.string() }), reply: bootFilesSchema },
  'files.abort': { args: z.strictObject({ id: z.string() }), reply: z.null() },
  /** Keeps what a file holds before it is replaced, for `files.restore`; null where that cannot be. */
  'files.keep': {
    args: z.strictObject({ name: filePath.min(1).max(1024) }),
    reply: z.object({ id: z.string().nullable() }),
  },
  'files.restore': {
    args: z.strictObject({ name: filePath.min(1).max(1024), id: z.string().regex(/^\d{13}-[0-9a-f-]{36}$/) }),
    reply: bootFilesSchema,
  },
  /** A script or a configuration in the boot folder. */
  'files.readText': {
    args: z.strictObject({ name: filePath.min(1).max(1024) }),
    reply: z.object({ text: z.string() }),
  },
  'files.writeText': {
    args: z.strictObject({ name: filePath.min(1).max(1024), text: z.string().max(262_144), replaces: z.boolean() }),
    reply: bootFilesSchema,
  },
  'log.list': { args: nothing, reply: z.array(logLineSchema) },
  /** What stands, the gravest first; `counters` count it. */
  'problems.list': { args: nothing, reply: z.array(problemSchema) },
  ...classCalls,
  ...siteCalls,
} as const

export type CallName = keyof typeof calls
export type Args<C extends CallName> = z.infer<(typeof calls)[C]['args']>
export type Reply<C extends CallName> = z.infer<(typeof calls)[C]['reply']>
export type Handlers = { readonly [C in CallName]: (args: Args<C>) => Promise<Reply<C>> | Reply<C> }

export const pushes = {
  /** The lab is another one: machines, log and packets are others too, and are asked for anew. */
  reset: z.null(),
  status: statusSchema,
  counters: countersSchema,
  lab: labStateSchema,
  /** Clients that changed since the last push. */
  clients: z.array(clientSchema),
  /** Numbers of the oldest and newest frame that are kept; what is wanted of them is asked for. */
  frames: frameRangeSchema,
  capture: captureStateSchema,
  log: z.array(logLineSchema),
  problems: z.array(problemSchema),
  rival: rivalSchema,
  /** The class that is open, when it changed; null when it was closed. */
  class: classStateSchema.nullable(),
  /** What a census or a rehearsal is doing. */
  wire: z.string(),
  /** What the check of this machine is waiting for. */
  doctor: z.string(),
  /** How far a change of this machine got. */
  remedy: remedyRecordSchema,
  /** A hub has other boots or agents than before; how many boots it knows. */
  sites: z.int(),
} as const

export type PushName = keyof typeof pushes
export type Push<P extends PushName> = z.infer<(typeof pushes)[P]>

/** What a failed call carries: never a stack, always something to do. */
export const callErrorSchema = z.object({ message: phraseSchema, remedy: phraseSchema })
export type CallError = z.infer<typeof callErrorSchema>

export const toBackEndSchema = z.object({ id: z.int(), call: z.string(), args: z.unknown() })
export const toWindowSchema = z.union([
  z.object({ id: z.int(), value: z.unknown() }),
  z.object({ id: z.int(), error: callErrorSchema }),
  z.object({ push: z.string(), value: z.unknown() }),
])
