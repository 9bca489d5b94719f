/**
 * The contract as a REST interface: each call is a POST below `/api/v1`, described by OpenAPI 3.1. Bodies and answers are those
 * of the window; what comes to a window by itself comes to others by `telemetry` (webhooks, metrics, traces, log).
 */
import { z } from 'zod'
import { calls, type CallName } from './calls.ts'
import { asSentence } from '../lab/phrase.ts'

export const apiRoot = '/api/v1'

/** What each call is for, in a line. A call without one does not compile. */
const summaries: Readonly<Record<CallName, string>> = {
  'app.info': 'version and machine',
  'app.licences': 'our licence and the notices of what is built in',
  'interfaces.list': 'network interfaces of this machine',
  'lab.read': 'the lab file, its settings and its problems',
  'lab.open': 'work with another lab file',
  'lab.change': 'change values of the lab file',
  'lab.check': 'the problems that a text would have as lab file',
  'lab.write': 'replace the lab file',
  'setup.propose': 'a first lab for an interface',
  'setup.subnet': 'a subnet that fits an interface',
  'wire.ask': 'ask a network for its DHCP servers',
  'wire.census': 'ask as every kind of client what a network offers',
  'wire.rehearse': 'boot over a network as a client would, up to its image',
  'wire.rehearseIpv6': 'boot over IPv6 as UEFI x64 would, up to its program',
  'wire.cancel': 'end what is being asked',
  'responder.start': 'start the responder',
  'responder.stop': 'stop the responder',
  'status.read': 'whether the responder answers, and where',
  'ports.read': 'who holds the ports of network boot',
  'clients.list': 'machines, with their boots and how each ended',
  'clients.wake': 'send wake-up packets (Wake on LAN) to machines',
  'https.read': 'the certificate of HTTPS boot, and the authority that machines must trust',
  'nextBoots.list': 'what machines load at their next boot, once',
  'nextBoots.set': 'choose what a machine loads at its next boot, once',
  'nextBoots.undo': 'take back what a machine loads at its next boot',
  'groups.read': 'how far the group is that is being woken',
  'groups.wake': 'wake a group of machines in its order',
  'groups.cancel': 'end that a group is woken',
  'templates.render': 'a file of the boot folder as a machine would get it',
  'engine.read': 'the Kea server that assigns the addresses, where the lab has one',
  'engine.apply': 'tell Kea what machines boot',
  'engine.undo': 'give Kea back what it had before',
  'leases.list': 'leases',
  'leases.forget': 'free leases',
  'leases.restore': 'take back that leases were freed',
  'approvals.list': 'machines that wait for approval',
  'approvals.decide': 'approve or refuse a machine',
  'reservations.add': 'reserve the address of a machine',
  'frames.read': 'packets since a number, as pcapng in Base64',
  'frames.range': 'which packets are kept',
  'frames.keep': 'keep everything of packets, or their beginnings',
  'frames.clear': 'clear the packets',
  'frames.restore': 'take back that packets were cleared',
  'capture.read': 'whether packets are written to a file',
  'capture.start': 'write packets to a file',
  'capture.stop': 'end that file',
  'captures.list': 'capture files of the lab',
  'captures.read': 'a part of a capture file, in Base64',
  'captures.delete': 'delete a capture file',
  'captures.restore': 'take back that a capture file was deleted',
  'vendors.find': 'makers of network adapters by MAC address',
  'ask.space': 'the set-ups that questions about a cause choose from',
  'lessons.export': 'lessons as a SCORM 1.2 package, in Base64',
  'scenarios.list': 'scenarios of the simulator',
  'scenarios.save': 'save a scenario',
  'scenarios.delete': 'delete a scenario',
  'scenarios.ofLab': 'the lab as a scenario',
  'doctor.collect': 'look at this machine and judge what is found',
  'doctor.read': 'what was found last',
  'doctor.cancel': 'end the look',
  'doctor.history': 'earlier looks',
  'remedy.preview': 'what a remedy would change',
  'remedy.apply': 'make the changes of a remedy',
  'remedy.undo': 'take a remedy back',
  'remedy.finish': 'say that an interrupted remedy was finished by hand',
  'remedy.cancel': 'end a remedy that is being applied; it is taken back',
  'remedy.list': 'remedies that were applied',
  'plan.examples': 'example sites for the planner',
  'rival.start': 'start the second DHCP server of a demonstrated conflict',
  'rival.stop': 'stop it',
  'rival.read': 'whether it runs',
  'files.list': 'the boot folder, and what each rule hands out',
  'files.create': 'make the boot folder',
  'files.sizes': 'sizes of files that machines would be sent, those within disc images too',
  'files.image': 'what an image of a disc is, and what machines load of it over the network',
  'files.chains': 'what the boot programs load next, and which machines refuse them',
  'files.begin': 'begin to send a boot file',
  'files.append': 'send the next piece, in Base64',
  'files.finish': 'end it: the file is there, whole',
  'files.abort': 'give it up',
  'files.keep': 'keep what a file holds before it is replaced',
  'files.restore': 'put back what was kept',
  'files.readText': 'read a script or configuration',
  'files.writeText': 'write a script or configuration',
  'log.list': 'events',
  'problems.list': 'what is not as it should be now',
  'class.read': 'the class that is open, with its students',
  'class.open': 'open a class, on a port of its own',
  'class.lead': 'take everybody somewhere, show an answer, ask, let in or take off',
  'class.close': 'end the class',
  'sites.state': 'sites of a hub',
  'sites.overview': 'boots of all sites, counted',
  'sites.trend': 'boots of all sites over time',
  'sites.boots': 'boots of all sites',
  'sites.boot': 'one boot',
  'sites.capture': 'its packets',
  'sites.names': 'names that people gave to machines',
  'sites.rename': 'name a machine',
  'sites.compare': 'one boot as several agents saw it',
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: asSentence,
  }) as Record<string, unknown>
  return rest
}
const problem = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const apiCalls = Object.keys(calls) as CallName[]

/** The description of the interface, as one value of JSON. */
export function openApiDocument(version: string): object {
  const schemas: Record<string, object> = {
    Problem: {
      type: 'object',
      properties: {
        message: { type: 'string' },
        remedy: { type: 'string' },
        messages: {
          type: 'object',
          description: 'code and values of either text, where it is a message of the catalogue',
        },
      },
      required: ['message', 'remedy'],
    },
  }
  const paths: Record<string, object> = {}
  /** Names of schemas by what they say: the lab file is the answer to many calls. */
  const known = new Map<string, string>()
  for (const name of apiCalls) {
    const add = (kind: string, schema: z.ZodType, io: 'input' | 'output'): object => {
      const text = JSON.stringify(schemaOf(schema, io))
      const at = known.get(text) ?? `${name}.${kind}`
      known.set(text, at)
      // `#` of a schema by itself is not that of the whole document.
      schemas[at] ??= JSON.parse(text.replaceAll('"$ref":"#', `"$ref":"#/components/schemas/${at}`)) as object
      return { $ref: `#/components/schemas/${at}` }
    }
    paths[`${apiRoot}/${name}`] = {
      post: {
        operationId: name,
        tags: [name.slice(0, name.indexOf('.'))],
        summary: summaries[name],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: add('request', calls[name].args, 'input') } },
        },
        responses: {
          200: {
            description: 'done',
            content: { 'application/json': { schema: add('reply', calls[name].reply, 'output') } },
          },
          400: problem('the body is no JSON, or not as it should be'),
          401: problem('the token is missing or wrong'),
          409: problem('it cannot be done now'),
          500: problem('a defect of PXE Lab'),
          503: problem('too many calls at once'),
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'PXE Lab',
      version,
      description: 'What the window of PXE Lab can do, for programs. Start it with: pxe-lab serve --api',
    },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas },
  }
}
