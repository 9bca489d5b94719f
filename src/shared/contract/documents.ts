/** The shapes that the command line prints as JSON, for programs that read them; versioned, and described in resources/. */
import { phraseSchema } from '../lab/phrase.ts'
import { z } from 'zod'
import { authorityIds } from '../wire/secure-boot/authorities.ts'
import { discFamilies } from '../lab/disc-media.ts'
import { labNoticeSchema } from '../lab/boot-check.ts'
import { changeSchema } from '../lab/repair.ts'

const frameNumber = z.int().describe('number of a frame, from 1')
const seconds = z.number().describe('seconds since the first frame of the file')

const field: z.ZodType = z.lazy(() =>
  z.strictObject({
    name: z.string().describe('as the standard says it'),
    text: z.string().describe('the value in words'),
    at: z.int().describe('offset in the frame, in bytes'),
    length: z.int().describe('length, in bytes'),
    key: z.string().optional().describe('name of the field in Wireshark'),
    value: z.union([z.string(), z.number()]).optional(),
    reference: z.string().optional().describe('where it is defined'),
    problem: z.string().optional().describe('what is wrong with it'),
    children: z.array(field).optional(),
  }),
)

/** One line of `pxe-lab decode --json`. */
export const decodedFrameSchema = z.strictObject({
  version: z.literal(1),
  frame: frameNumber,
  time: z.iso.datetime(),
  seconds,
  interface: z.string(),
  direction: z.enum(['in', 'out']).optional(),
  client: z.string().optional().describe('hardware address of the machine it belongs to'),
  source: z.string(),
  destination: z.string(),
  protocol: z.string(),
  summary: z.string(),
  length: z.int().describe('bytes on the wire'),
  comment: z.string().optional(),
  problems: z.array(z.strictObject({ at: z.int(), field: z.string(), message: z.string() })),
  layers: z.array(field).optional().describe('with --tree: the layers, outermost first'),
})

const tone = z.enum(['good', 'plain', 'benign', 'warning', 'bad'])

const messages = z
  .record(z.string(), z.unknown())
  .optional()
  .describe(
    'of the sentences beside it that are of PXE Lab: the code of each under the same name, and what was put into it',
  )

/** What `pxe-lab explain --json` prints. */
export const explainedCaptureSchema = z.strictObject({
  version: z.literal(1),
  file: z.string(),
  frames: z.int(),
  attempts: z.array(
    z.strictObject({
      messages,
      client: z.string(),
      attempt: z.int().describe('which attempt of this machine, from 1'),
      began: z.iso.datetime(),
      start: seconds,
      end: seconds,
      outcome: z
        .enum(['started', 'loaded', 'address', 'idle', 'waiting', 'unknown', 'failed', 'check'])
        .describe(
          'idle: nothing asked to boot; unknown: the capture does not tell; check: a question of PXE Lab itself',
        ),
      headline: z.string(),
      failure: z.string().optional().describe('kind of failure'),
      firmware: z
        .strictObject({
          kind: z.string(),
          name: z.string(),
          evidence: z.string(),
          architecture: z.int().optional().describe('option 93'),
        })
        .optional(),
      screen: z.array(z.string()).describe('what the person in front of the machine reads'),
      code: z.string().optional().describe('error code on the screen'),
      meaning: z.string().optional().describe('what this firmware means by the code'),
      causes: z.array(z.string()).describe('the likely ones, the most frequent first'),
      tells: z.array(z.string()).describe('what would tell the causes apart'),
      stages: z.array(
        z.strictObject({
          messages,
          name: z.string(),
          title: z.string(),
          state: z.enum(['done', 'failed', 'waiting']),
          start: seconds,
          end: seconds,
          frames: z.array(frameNumber),
        }),
      ),
      offers: z.array(
        z.strictObject({
          messages,
          frame: frameNumber,
          server: z.string(),
          role: z.enum(['DHCP', 'proxyDHCP']),
          address: z.string(),
          brings: z.string(),
          taken: z.enum(['whole', 'address', 'boot', 'no', 'repeated', 'dropped', 'acceptable']),
          why: z.string(),
        }),
      ),
      missing: z.array(
        z.strictObject({
          messages,
          label: z.string(),
          from: z.ipv4().optional(),
          after: frameNumber,
          due: seconds,
          overdue: z.boolean(),
          causes: z.array(z.string()),
        }),
      ),
      notes: z.array(z.strictObject({ messages, frame: frameNumber, tone, text: z.string() })),
      sentences: z.array(z.strictObject({ messages, text: z.string(), tone, frames: z.array(z.int()) })),
    }),
  ),
})

const moment = z.number().describe('seconds since the simulation began')

/** What `pxe-lab simulate --json` prints. */
export const simulatedSchema = z.strictObject({
  version: z.literal(1),
  scenario: z.string(),
  seconds: moment.describe('simulated seconds until nobody waited for anything'),
  clients: z.array(
    z.strictObject({
      name: z.string(),
      firmware: z.string(),
      mac: z.string(),
      state: z.enum(['booted', 'failed', 'local', 'waiting']),
      code: z.string().describe('the code on the screen; empty where there is none'),
      line: z.string().describe('the line on the screen that says it'),
      because: z.string(),
      stage: z.string().optional(),
      address: z.string(),
      seconds: z.number().describe('from being switched on to the end'),
      screen: z.array(z.string()),
      stages: z.array(z.strictObject({ seconds: moment, stage: z.string(), text: z.string() })),
    }),
  ),
  log: z.array(
    z.strictObject({
      seconds: moment,
      host: z.string(),
      service: z.string(),
      text: z.string(),
      tone: z.enum(['plain', 'good', 'warning', 'bad']),
    }),
  ),
  frames: z.array(
    z.strictObject({
      seconds: moment,
      segment: z.string(),
      from: z.string(),
      to: z.array(z.string()).describe('hosts and machines that it reached'),
      fate: z.enum(['delivered', 'lost', 'too-big', 'blocked', 'queue-full', 'snooped', 'nobody']),
      length: z.int().describe('bytes on the wire'),
      protocol: z.string(),
      summary: z.string(),
    }),
  ),
})

const cells = z.record(
  z.string(),
  z.strictObject({
    state: z.string().describe('booted, failed, local, waiting, or unknown'),
    code: z.string(),
    line: z.string(),
    because: z.string(),
    messages,
  }),
)

/** What `pxe-lab doctor --json` prints. */
export const doctorSchema = z.strictObject({
  version: z.literal(1),
  messages,
  remarks: z.array(z.string()).describe('what PXE Lab itself cannot do on this machine, and why'),
  host: z.string(),
  collectedAt: z.string().describe('when the facts were collected, as ISO 8601'),
  verdict: z.string(),
  health: z.enum(['healthy', 'findings', 'unknown']),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      messages,
      severity: z.enum(['error', 'warning', 'note']).describe('a note is no fault'),
      title: z.string(),
      says: z.string(),
      reference: z.string(),
      evidence: z.array(
        z.strictObject({
          says: z.string(),
          messages,
          source: z.string().describe('its name among the sources of the facts'),
          raw: z.string().optional().describe('the line that says it'),
        }),
      ),
      remedy: z
        .strictObject({
          messages,
          says: z.string(),
          commands: z.array(z.string()),
          undo: z.array(z.string()),
          changes: z.array(changeSchema).describe('what pxe-lab remedy makes of it; empty where it is done by hand'),
        })
        .optional(),
    }),
  ),
  checks: z.array(
    z.strictObject({
      messages,
      title: z.string(),
      state: z.enum(['passed', 'failed', 'not-applicable', 'unknown']),
      detail: z.string(),
    }),
  ),
  row: z.record(z.string(), z.string()).optional().describe('the row of the co-hosting matrix'),
  prediction: z
    .strictObject({
      messages,
      row: z.record(z.string(), z.string()),
      clients: z.array(z.string()).describe('the kinds of clients that are judged'),
      cells: cells.describe('the worst of all scopes'),
      boots: z.boolean().describe('every kind of client boots in every scope'),
      scopes: z.array(
        z.strictObject({
          scope: z
            .string()
            .describe('its ScopeId; empty for the network of the server where another host assigns addresses'),
          name: z.string(),
          reservation: z.string().describe('the address kept for the machine; empty for any machine'),
          isRelayed: z.boolean().describe('its clients are behind a router'),
          cells,
        }),
      ),
      assumes: z.array(z.string()).describe('what is taken as given, for the facts do not tell it'),
      scenario: z.record(z.string(), z.unknown()).describe('what was run, as pxe-lab simulate takes it'),
    })
    .optional()
    .describe('what each kind of client does in each scope: the facts, simulated'),
  unknown: z.array(z.string()).describe('what would have to be known for more'),
})

/** What one kind of client was answered. */
export const censusResultSchema = z.strictObject({
  client: z.enum(['bios', 'x64-uefi', 'arm64-uefi', 'http']),
  offers: z.array(
    z.strictObject({
      server: z.string().describe('option 54, else siaddr'),
      mac: z.string().describe('hardware address of the server; empty where it is behind a router or not known'),
      role: z.enum(['dhcp', 'proxy-dhcp']),
      offered: z.string().describe('empty for a proxyDHCP'),
      vendorClass: z.string().describe('option 60'),
      hasOption43: z.boolean(),
      file: z.string(),
      nextServer: z.string(),
      relay: z.string().describe('empty for none'),
      afterMs: z.number(),
      because: z.string().describe('why the firmware takes it or not'),
    }),
  ),
  address: z.string().describe('server of the offer whose address is taken; empty for none'),
  boot: z.string().describe('server of the offer that tells how to boot; empty for none'),
  asksBootServer: z.boolean().describe('it is asked on port 4011 first'),
})

export type CensusAnswer = z.infer<typeof censusResultSchema>

const stepSchema = z.strictObject({
  name: z.string(),
  state: z.enum(['passed', 'warning', 'failed']),
  detail: z.string(),
})

/** Machines that boot over IPv6. */
export const rehearsedClient6 = z.enum(['x64-uefi-ipv6', 'http-ipv6'])

/** A boot that was played on the wire. */
export const rehearsalSchema = z.strictObject({
  client: z.enum([...censusResultSchema.shape.client.options, ...rehearsedClient6.options]),
  code: z.string().describe('what the firmware shows, such as PXE-E55; empty where it starts its program'),
  line: z.string(),
  steps: z.array(stepSchema),
  program: z
    .strictObject({
      server: z.string(),
      file: z.string(),
      transport: z.enum(['tftp', 'http']),
      bytes: z.int(),
      sha256: z.string(),
      bytesPerSecond: z.int(),
      description: z.string(),
      signer: z.string().describe('common name of the signing certificate; empty where there is none'),
      authority: z.string().describe('common name of who issued it'),
    })
    .optional(),
  sweep: z
    .array(
      z.strictObject({
        blockSize: z.int(),
        windowSize: z.int(),
        agreedBlockSize: z.int(),
        agreedWindowSize: z.int(),
        bytesPerSecond: z.int().optional().describe('absent where it did not come through'),
        lost: z.int(),
        problem: z.string(),
      }),
    )
    .describe('sizes of TFTP blocks and windows that were tried'),
  recommended: z
    .strictObject({
      blockSize: z.int(),
      windowSize: z.int(),
      why: z.array(z.string()).optional().describe('sentences: speed, MTU and fragments, loss'),
    })
    .optional()
    .describe('for RamDiskTFTPBlockSize and RamDiskTFTPWindowSize; absent where the server is this computer'),
})

export type RehearsedBoot = z.infer<typeof rehearsalSchema>

export const census6Schema = z.strictObject({
  client: z.enum(['x64-uefi', 'http']),
  advertises: z.array(
    z.strictObject({
      server: z.string().describe('where it came from: the server on this link, or its relay agent'),
      mac: z.string().describe("hardware address in the server's identifier; empty where it names none"),
      offered: z.string().describe('empty where it offers no address'),
      url: z.string().describe('boot file URL (option 59)'),
      vendorClass: z.string().describe('class of network boot (option 16)'),
      afterMs: z.int(),
      because: z.string().describe('why the firmware takes it or not'),
    }),
  ),
  address: z.string().describe('server of the one that is taken; empty for none'),
  asksBootServer: z.boolean(),
})

export const censusRouterSchema = z.strictObject({
  address: z.string().describe('its link-local address'),
  isManaged: z.boolean().describe('flag M: addresses by DHCPv6'),
  hasOther: z.boolean().describe('flag O: the rest by DHCPv6'),
  lifetimeSeconds: z.int().describe('how long it is a default router; 0: it is none'),
  prefixes: z.array(
    z.strictObject({
      text: z.string().describe('network with its length'),
      isAutonomous: z.boolean().describe('flag A: machines make addresses of it by themselves'),
    }),
  ),
})

/** What `pxe-lab probe --json` prints. */
export const probeSchema = z.strictObject({
  version: z.literal(1),
  interface: z.string(),
  results: z.array(censusResultSchema),
  warnings: z.array(z.string()),
  ipv6: z
    .array(census6Schema)
    .optional()
    .describe('who answers over IPv6; absent where the interface has none or UDP port 546 is taken'),
  routers: z
    .array(censusRouterSchema)
    .optional()
    .describe('other machines that send router advertisements; absent where they could not be heard'),
  ipv6Notes: z.array(z.string()).optional().describe('what the answers and routers mean for a boot over IPv6'),
  rehearsals: z.array(rehearsalSchema).optional().describe('with --rehearse'),
  secondOpinion: stepSchema.optional().describe('with --rehearse: what the package dhcp hears'),
})

const askedQuestion = z.strictObject({
  messages,
  observation: z.string().describe('its name for --answer'),
  asks: z.string(),
  how: z.array(
    z.strictObject({
      messages,
      says: z.string(),
      command: z.string().optional(),
      page: z.string().optional().describe('page of the window that shows it'),
    }),
  ),
  bits: z.number().describe('expected information about the cause'),
  choices: z.array(
    z.strictObject({
      messages,
      answer: z.string().describe('its word for --answer'),
      says: z.string(),
      leaves: z.int().describe('causes that are left after it'),
    }),
  ),
})
const askEvidence = z.strictObject({
  messages,
  observation: z.string(),
  answers: z.array(z.string()).describe('answers that it leaves'),
  says: z.string(),
  source: z.enum(['answer', 'code', 'capture', 'facts', 'assumed']),
})

/** What `pxe-lab ask --json` prints. */
export const askSchema = z.strictObject({
  version: z.literal(1),
  setups: z.int().describe('simulated set-ups that are compared with'),
  result: z
    .enum(['one', 'several', 'alike', 'none'])
    .describe('causes that are left: one; several; several that no question tells apart; none'),
  evidence: z.array(askEvidence),
  causes: z
    .array(
      z.strictObject({
        title: z.string(),
        why: z.string().describe('how it comes to that; empty where nothing more is to be said'),
        share: z.number().describe('0 to 1, by how common its set-ups are taken to be'),
        scenario: z.string().nullable().describe('scenario that plays it'),
        setups: z.array(z.strictObject({ id: z.string(), title: z.string() })),
        fix: z.strictObject({ says: z.array(z.string()), commands: z.array(z.string()) }),
      }),
    )
    .describe('the most common first'),
  question: askedQuestion.nullable().describe('the best question'),
  otherQuestions: z.array(askedQuestion),
  conflicts: z.array(askEvidence).describe('with result none: each of which, taken back, leaves something'),
  verification: z
    .strictObject({
      tried: z.array(
        z.strictObject({
          setup: z.string(),
          title: z.string(),
          machines: z.array(
            z.strictObject({ client: z.string(), firmware: z.string(), before: z.string(), after: z.string() }),
          ),
          boots: z.boolean(),
          plays: z.strictObject({
            scenario: z.string(),
            changes: z.array(z.strictObject({ path: z.string(), value: z.unknown() })),
          }),
        }),
      ),
      left: z.int().describe('set-ups with the same cause that were not tried'),
      boots: z.boolean().describe('whether every machine boots with the fix'),
    })
    .nullable()
    .describe('with result one: the fix, tried in the simulator'),
})

const stormSchema = z.strictObject({
  booted: z.int(),
  failures: z
    .array(z.strictObject({ code: z.string(), machines: z.int() }))
    .describe('by the code on the screen; waiting: the time was over first'),
  medianSeconds: z.number(),
  slowestSeconds: z.number().describe('from being switched on to the boot program'),
  lastSeconds: z.number().describe('when the last one ran its boot program, since the first was switched on'),
  queuePeakBytes: z.int().describe('the most that waited at the link of the server'),
  droppedFrames: z.int(),
  repeatedBlocks: z.int(),
  repeatedDiscovers: z.int(),
})
const scaleTrialSchema = z.strictObject({
  step: z.enum(['today', 'settings', 'http', 'spread', 'servers']),
  transport: z.enum(['tftp', 'http']),
  blockSize: z.int().optional().describe('agreed on for the boot program, in bytes; absent with HTTP'),
  windowSize: z.int().optional().describe('in blocks; absent with HTTP'),
  withinSeconds: z.number().describe('over how long the machines are switched on'),
  servers: z.int(),
  machines: z.int().describe('the share of one server'),
  storm: stormSchema.optional().describe('simulated; absent where the bytes alone take longer than there is time'),
  image: z
    .strictObject({
      transport: z.enum(['tftp', 'http']),
      blockSize: z.int().describe('bytes of a TFTP block or a TCP segment'),
      windowSize: z.int(),
      serverBytesPerSecond: z.number(),
      clientBytesPerSecond: z.number(),
      isMeasured: z.boolean().describe('the rate of one machine comes from --measured'),
      seconds: z.number(),
    })
    .optional()
    .describe('calculated, with --image'),
  totalSeconds: z.number(),
  meetsGoal: z.boolean(),
})

/** What `pxe-lab scale --json` prints. */
export const scaleSchema = z.strictObject({
  version: z.literal(1),
  goal: z.strictObject({
    machines: z.int(),
    minutes: z.number(),
    withinSeconds: z.number(),
    canSpread: z.boolean().describe('false with --no-spread'),
    bandwidthMbit: z.number(),
    latencyMs: z.number().describe('one way'),
    loss: z.number().describe('share of frames, 0 to 1'),
    mtu: z.int(),
    programBytes: z.int(),
    imageBytes: z.int().optional(),
    firmware: z.enum(['edk2', 'bios']),
    blockSize: z.int(),
    windowSize: z.int(),
    seed: z.int(),
  }),
  advice: scaleTrialSchema.nullable().describe('the cheapest that meets the goal; null where nothing does'),
  tried: z.array(scaleTrialSchema).describe('in the order of their cost'),
  notTried: z.array(z.string()),
  oneServerMbit: z.number().describe('the link with which one server could carry the bytes in time'),
  simulated: z.string().describe('which numbers come from the simulation'),
  calculated: z.string().describe('which are calculated, and how'),
})

/** Who signed the programs of one boot, and which machines start them; `shared/secure-boot/chain.ts`. */
export const bootChainSchema = z.object({
  links: z
    .array(
      z.object({
        file: z.string(),
        role: z.enum(['program', 'shim', 'second stage', 'kernel', 'chained program']),
        problem: phraseSchema.describe('why it was not read; empty where it was'),
        description: phraseSchema,
        signers: z
          .array(
            z.object({
              name: z.string().describe('common name of the signing certificate; empty where it cannot be read'),
              authority: z.string().describe('common name of who issued it'),
              authorityId: z
                .enum(authorityIds)
                .optional()
                .describe('of the authorities of Microsoft, where it is proven'),
              thumbprints: z.array(z.string()).readonly().describe('SHA-256 of each certificate, the signer first'),
              untilMs: z.number().optional().describe('when the certificate ends; no firmware looks at it'),
              state: z.enum(['valid', 'of-another-program', 'damaged', 'unknown']),
              problem: z.string(),
            }),
          )
          .readonly(),
        sbat: z
          .array(
            z.object({
              name: z.string(),
              generation: z.int(),
              vendor: z.string(),
              package: z.string(),
              version: z.string(),
            }),
          )
          .readonly(),
        hash: z.string().describe('SHA-256 of Authenticode, as db and dbx hold it'),
      }),
    )
    .readonly()
    .describe('the boot program first, each next program behind it'),
  verdicts: z
    .array(
      z.object({
        machine: z.string().describe('kind of machine, by the certificates that it trusts'),
        name: phraseSchema,
        starts: z.enum(['yes', 'no', 'unknown']),
        because: phraseSchema,
      }),
    )
    .readonly(),
  sbatLevel: z.string().describe('the newest that is known'),
  dbx: phraseSchema.describe('the dbx that was looked at, in words'),
})

/** What `pxe-lab secure-boot --json` prints. */
export const secureBootSchema = z.object({ version: z.literal(1), chains: z.array(bootChainSchema).readonly() })
export type SecureBootDocument = z.infer<typeof secureBootSchema>

const discPath = z.string().describe('path from the root of the image')
const menuEntry = {
  title: z.string(),
  kernel: discPath,
  initrds: z.array(discPath).readonly(),
  arguments: z.string().describe('{image} stands for the address of the image as a folder'),
}
const bytes = z.number().min(0)

/** What an image of a disc is, and what of it a machine loads over the network. */
export const discImageSchema = z.strictObject({
  name: phraseSchema.describe('as the image calls itself'),
  family: z.enum(discFamilies),
  label: z.string(),
  bytes,
  formats: z
    .array(z.enum(['ISO 9660', 'Rock Ridge', 'Joliet', 'UDF']))
    .readonly()
    .describe('its file systems, the one that is read first'),
  boots: z
    .array(
      z.strictObject({
        platform: z.enum(['BIOS', 'UEFI', 'PowerPC', 'Mac', 'unknown']),
        emulation: z.enum(['none', 'floppy', 'hard disk']),
        offset: bytes,
        bytes,
      }),
    )
    .readonly()
    .describe('what a machine starts from the disc itself'),
  programs: z
    .array(z.strictObject({ file: discPath, description: phraseSchema }))
    .readonly()
    .describe('UEFI programs on it'),
  entries: z
    .array(
      z.strictObject({
        ...menuEntry,
        title: phraseSchema,
        kind: z.enum(['linux', 'windows']),
        program: phraseSchema.describe('what the kernel is'),
        later: z.array(z.strictObject({ file: discPath.describe('empty: the image itself'), bytes })).readonly(),
        problem: phraseSchema.describe('why it does not end in what one wants; empty where nothing speaks against it'),
        memory: z
          .array(z.strictObject({ what: phraseSchema, bytes }))
          .readonly()
          .describe('an estimate, by the sizes in the image'),
      }),
    )
    .readonly()
    .describe('what a machine loads over the network, the best first'),
  menu: z.array(z.strictObject(menuEntry)).readonly().describe('what the menus on the disc start'),
  documentedMemory: z.strictObject({ bytes, source: phraseSchema }).optional(),
  remarks: z.array(phraseSchema).readonly(),
  problems: z.array(z.string()).readonly().describe('what of it could not be read'),
})
export type DiscImage = z.infer<typeof discImageSchema>

/** What `pxe-lab image --json` prints. */
export const imageSchema = discImageSchema.extend({
  version: z.literal(1),
  file: z.string(),
  memoryBytes: bytes
    .nullable()
    .describe('what a machine needs for the first entry: the estimate, or what is documented where that is more'),
})

const planSays = z.string().describe('a sentence')
const planState = z.enum(['violated', 'unknown', 'met'])
const needs = z.array(z.string()).describe('places in the site file that would tell')
const planItem = {
  messages,
  subject: z.string().describe('a server, a boot image, a collection, "the site" or "the hierarchy"'),
  state: planState,
  says: planSays,
  needs,
}
const upgradeVerdict = z.strictObject({
  messages,
  name: z.string(),
  kind: z.enum(['package', 'feature update', 'task sequence']),
  state: planState,
  reasons: z.array(planSays),
  needs,
})

/** What `pxe-lab plan --json` prints. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  readiness: z.array(
    z.strictObject({
      capability: z.enum(['deployment', 'pxe', 'multicast', 'userState', 'updates', 'reports']),
      percent: z.int().describe('of the rules that apply; what is unknown is not met'),
      blocking: z.array(z.string()).describe('rules that stand in the way, errors first'),
      rules: z.array(z.string()).describe('all that count'),
    }),
  ),
  servers: z.array(
    z.strictObject({
      server: z.string(),
      percent: z.int().optional().describe('left out where no rule is about it'),
      checks: z.array(z.strictObject({ ...planItem, rule: z.string(), title: z.string(), remedy: z.string() })),
    }),
  ),
  sites: z.array(z.strictObject({ code: z.string(), violated: z.int(), unknown: z.int(), met: z.int() })),
  rules: z.array(
    z.strictObject({
      messages,
      id: z.string(),
      severity: z.enum(['error', 'warning', 'note']),
      title: z.string().describe('what should be so'),
      remedy: z.string(),
      source: z.string(),
      capability: z.enum(['pxe', 'multicast', 'userState', 'updates', 'reports']).optional(),
      state: z.enum([...planState.options, 'not-applicable']).describe('the worst of its items'),
      items: z.array(z.strictObject(planItem)),
    }),
  ),
  upgrade: z.strictObject({
    messages,
    target: z.string().optional().describe('left out where no version is stated'),
    warnings: z.array(z.string()),
    steps: z.array(
      z.strictObject({
        messages,
        title: z.string(),
        tasks: z.array(z.string()),
        isMixed: z.boolean().optional(),
        areas: z.array(
          z.strictObject({
            messages,
            area: z.string(),
            state: z.enum([...planState.options, 'not-applicable']),
            unsafe: z.array(
              z.strictObject({
                messages,
                rule: z.string(),
                subject: z.string(),
                says: planSays,
                remedy: z.string(),
                until: z.string().optional().describe('the step after which it is safe again'),
              }),
            ),
            needs,
          }),
        ),
      }),
    ),
  }),
  collections: z.array(
    z.strictObject({
      collection: z.string(),
      operatingSystem: z.string().optional(),
      targets: z.array(upgradeVerdict),
      traditional: z.array(upgradeVerdict).describe('task sequences that do what an upgrade cannot do'),
    }),
  ),
  wayOut: z
    .array(
      z.strictObject({
        messages,
        subject: z.string(),
        have: z.string(),
        state: z.enum(['goes on', 'deprecated', 'ends', 'unknown']),
        says: planSays,
        needs,
        replacements: z.array(
          z.strictObject({
            messages,
            title: z.string(),
            steps: z.array(z.string()),
            lab: z.array(z.strictObject({ messages, says: planSays, command: z.string() })),
          }),
        ),
      }),
    )
    .describe('what depends on WDS or MDT, and what takes its place'),
})

const logEntry = z.strictObject({
  file: z.string(),
  line: z.int().describe('where it begins in its file, from 1'),
  time: z.string().optional().describe('as the file writes it'),
  component: z.string().optional(),
  thread: z.string().optional(),
  id: z.int().optional().describe('number of a Windows event'),
  level: z.enum(['error', 'warning', 'info']).optional(),
  text: z.string(),
  isCut: z.literal(true).optional().describe('its beginning or its end is missing'),
})
const logFailure = z.strictObject({
  messages,
  id: z.string().describe('the row of docs/log-signatures.md'),
  title: z.string(),
  means: z.string(),
  fix: z.string(),
  rules: z.array(z.string()).describe('rules of pxe-lab plan'),
  source: z.string(),
  isConfirmed: z.boolean().describe('whether a public source shows this wording'),
  entry: logEntry.describe('the entry that names it'),
  chain: z.array(logEntry).describe('others that belong to it; the first and last of many'),
  count: z.int().describe('how many entries belong to it'),
  codes: z.array(z.strictObject({ messages, code: z.string(), words: z.string() })),
  isOvercome: z.boolean().describe('what came after it went well'),
})
const logOutcome = z
  .enum(['good', 'failed', 'unknown', 'open'])
  .describe('open: nothing failed, and no end is told; unknown: something failed whose cause is not known')

/** What `pxe-lab read-log --json` prints: one object for each log. */
export const readLogSchema = z.strictObject({
  version: z.literal(2),
  files: z.array(z.string()),
  lines: z.int(),
  entries: z.int(),
  left: z.int().describe('entries that --from and --to left out'),
  outcome: logOutcome,
  stories: z.array(
    z.strictObject({
      messages,
      kind: z.enum(['machine', 'provider', 'sequence', 'setup', 'event', 'server', 'media', 'screen', 'linux', 'other']), // prettier-ignore
      name: z.string(),
      mac: z.string().optional(),
      guid: z.string().optional(),
      outcome: logOutcome,
      entries: z.int(),
      first: logEntry,
      last: logEntry,
      requests: z.int().describe('PXE requests of a machine'),
      failures: z.array(logFailure),
      notes: z.array(logFailure).describe('worth knowing, or what looks like an error and is none'),
      steps: z.array(z.strictObject({ messages, line: z.int(), text: z.string() })).describe('what went well'),
      strange: z.array(logEntry).describe('the last entries that tell of an error that is not known'),
      strangeCount: z.int(),
    }),
  ),
  timeLine: z
    .strictObject({
      offsetMs: z.number().optional().describe('by what the clock of the log is ahead of that of the capture'),
      matches: z.int().describe('packets that both tell of'),
      isByPacket: z.boolean(),
      machines: z.array(
        z.strictObject({
          mac: z.string(),
          items: z.array(
            z.strictObject({
              messages,
              atMs: z.number().describe('milliseconds since 1970, on the clock of the capture'),
              from: z.enum(['log', 'wire']),
              text: z.string(),
              file: z.string().optional(),
              line: z.int().optional(),
              frame: frameNumber.optional(),
            }),
          ),
        }),
      ),
    })
    .optional()
    .describe('with --capture'),
})

const assertion = z.strictObject({
  what: z.string().describe('what is expected, by its place in the file'),
  expected: z.string(),
  found: z.string(),
  state: z.enum(['holds', 'differs', 'unknown']),
})
const place = {
  complaint: z.string().describe('why it could not be asked; empty where it was'),
  assertions: z.array(assertion),
  state: assertion.shape.state,
}

/** What `pxe-lab check --json` prints: of networks, or with `--config` of a lab file. */
export const checkSchema = z.union([
  z
    .strictObject({
      version: z.literal(2),
      state: assertion.shape.state.describe('a difference outweighs what is not known'),
      wires: z.array(z.strictObject({ interface: z.string(), ...place })),
      servers: z.array(z.strictObject({ server: z.string(), ...place })).describe('DHCP engines that were asked'),
      machine: z.array(assertion).describe('of this machine: what the Doctor found'),
    })
    .describe('with --expect'),
  z
    .strictObject({
      version: z.literal(1),
      file: z.string(),
      notices: z.array(
        z.strictObject({
          ...labNoticeSchema.shape,
          text: z.string(),
          remedy: z.string(),
          line: z.int().describe('line of the lab file; 0 for the file as a whole'),
        }),
      ),
    })
    .describe('with --config'),
])
