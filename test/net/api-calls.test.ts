/** Every call of the REST interface at a real `serve --api`, in a namespace that leads nowhere: right and wrong, each answer as the OpenAPI document says. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApiDocument } from '#shared/contract/api.ts'
import { calls, type CallName } from '#shared/contract/calls.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here } = labWireForAllTests()
const mac = '52:54:00:00:00:01'
const none = { interface: 'none' }
const done = 200
/** It is asked rightly, and cannot be done here or now. */
const refused = 409

/** What is asked of each call beside {}, which those without arguments answer. What a call begins, one behind it ends. */
const asked: Readonly<Partial<Record<CallName, readonly (readonly [status: number, args: object])[]>>> = {
  'lab.open': [[refused, { path: '/none/there/lab.yaml' }]],
  'lab.change': [[done, { changes: [{ path: ['dhcp', 'leaseSeconds'], value: 1000 }] }]],
  'lab.check': [[done, { text: 'interface: 3' }]],
  'lab.write': [[done, { text: 'interface: srv0\nmode: proxy-dhcp\nstate: ./state\nboot: { programs: [{ file: small.bin }] }\n' }]],
  'setup.propose': [[done, { interface: 'srv0', giver: 'nobody' }], [refused, { ...none, giver: 'this' }]],
  'setup.subnet': [[done, { interface: 'srv0' }], [refused, none]],
  'wire.ask': [[refused, none]],
  'wire.census': [[refused, none]],
  'wire.rehearse': [[refused, { ...none, census: { client: 'bios', offers: [], address: '', boot: '', asksBootServer: false } }]],
  'wire.rehearseIpv6': [[refused, { ...none, client: 'http-ipv6' }]],
  'clients.wake': [[done, { macs: [mac] }], [refused, { macs: ['zz'] }], [refused, { macs: [mac], password: 'short' }]],
  'nextBoots.set': [[done, { mac, file: 'small.bin' }], [refused, { mac, file: '../x' }], [refused, { mac: 'zz', file: null }]],
  // A package that is made is in the tests of the command line and of the window.
  'lessons.export': [[refused, { lesson: 'none', isBlind: true }]],
  'nextBoots.undo': [[done, { mac }], [refused, { mac: 'zz' }]],
  'groups.wake': [[refused, { name: 'none' }]],
  'templates.render': [[done, { name: 'x.ipxe', mac }], [refused, { name: '../x', mac }]],
  'leases.forget': [[refused, { address: '10.77.0.100' }]],
  'leases.restore': [[refused, { address: 'fe80::1' }]],
  'approvals.decide': [[refused, { request: 7, verdict: 'approve' }]],
  'reservations.add': [[refused, { mac, address: '1.2.3.4' }], [refused, { mac: 'zz', address: '10.77.0.9' }]],
  'frames.read': [[done, { after: 0, mostBytes: 1000 }]],
  'frames.keep': [[done, { all: true }]],
  'frames.restore': [[refused, { id: 'none' }]],
  'capture.start': [[refused, none]],
  'captures.read': [[refused, { name: 'none.pcapng', at: 0 }]],
  'captures.delete': [[done, { name: 'none.pcapng' }]],
  'captures.restore': [[refused, { name: 'none.pcapng' }]],
  'vendors.find': [[done, { macs: [mac, 'zz', ''] }]],
  'scenarios.save': [[refused, { id: 'none', input: {} }]],
  'scenarios.delete': [[done, { id: 'none' }]],
  'doctor.read': [[refused, { text: '{}' }]],
  'remedy.preview': [[refused, { changes: [{ kind: 'service', name: 'none-such', state: 'stopped' }] }]],
  'remedy.apply': [[refused, { title: 'x', changes: [{ kind: 'service', name: 'none-such', state: 'stopped' }] }]],
  'remedy.undo': [[refused, { id: 'none' }]],
  'remedy.finish': [[refused, { id: 'none' }]],
  'rival.start': [[refused, { ...none, clients: [] }]],
  'files.chains': [[done, {}], [refused, { dbx: { name: 'x', base64: 'AAAA' } }]],
  'files.image': [[refused, { name: 'none.iso' }]],
  'files.sizes': [[done, { names: ['small.bin', 'none', '../../etc/passwd'] }]],
  'files.begin': [[refused, { name: '../x', size: 3, replaces: false }]],
  'files.append': [[refused, { id: 'none', base64: 'AAAA' }]],
  'files.finish': [[refused, { id: 'none' }]],
  'files.abort': [[done, { id: 'none' }]],
  'files.keep': [[done, { name: 'small.bin' }]],
  'files.restore': [[refused, { name: 'small.bin', id: `1234567890123-${crypto.randomUUID()}` }]],
  'files.readText': [[done, { name: 'x.ipxe' }], [refused, { name: 'none' }]],
  'files.writeText': [[done, { name: 'y.ipxe', text: 'a', replaces: false }], [refused, { name: '../y', text: 'a', replaces: true }]],
  'class.open': [[done, { host: '127.0.0.1', port: 8067 }]],
  'sites.overview': [[refused, { filter: {}, by: 'site', limit: 5 }]],
  'sites.trend': [[refused, { filter: {}, buckets: 5 }]],
  'sites.boots': [[refused, { filter: {}, offset: 0, limit: 5 }]],
  'sites.boot': [[refused, { boot: 1 }]],
  'sites.capture': [[refused, { boot: 1, at: 0 }]],
  'sites.rename': [[refused, { mac, name: 'x' }]],
  'sites.compare': [[refused, { boot: 1 }]],
} // prettier-ignore

/** Calls without arguments that have nothing to do here. */
const refusedAsIs: readonly CallName[] = ['sites.state', 'sites.names'] // prettier-ignore
/** It makes a class go on, whose arguments are one of many forms. */
const wrongAlone: readonly CallName[] = ['class.lead']

describeWith(['root', 'ip', 'built'], 'the REST interface', () => {
  test('answers every call as its document says, whether it is asked rightly or wrongly', { timeout: 180_000 }, async () => {
    folder.write({ interface: 'srv0', mode: 'proxy-dhcp', boot: { programs: [{ file: 'small.bin' }] } })
    for (const name of ['x.ipxe', 'small.bin']) writeFileSync(join(folder.root, 'boot', name), '#!ipxe\n')
    const served = network.start(here, process.execPath, [cli, 'serve', '--api', '--config', folder.file])
    await served.sees(/This address works once/)
    const [, origin, tokenFile] = /at (http:\/\/\S+)\/api\/v1; the token is in (.*)/.exec(served.stdout)!
    // The responder answers until everything has been asked.
    const names = (Object.keys(calls) as CallName[]).filter((one) => one !== 'responder.stop')
    const questions = [...names, 'responder.stop' as const].flatMap((name) => [
      ...(wrongAlone.includes(name) ? [] : (asked[name] ?? [[refusedAsIs.includes(name) ? refused : done, {}]])).map(([status, args]) => ({ name, args: args as unknown, status })),
      ...[{ nonsense: 1 }, [], 'x', null].map((args) => ({ name, args: args as unknown, status: 400 })),
    ])
    const file = join(folder.root, 'questions.json')
    writeFileSync(file, JSON.stringify(questions.map(({ name, args }) => [name, args])))
    const walk = fileURLToPath(new URL('../helpers/api-walk.ts', import.meta.url))
    const { stdout, stderr } = await network.exec(here, process.execPath, [walk, origin!, tokenFile!, file], 150)
    expect(stderr).toBe('')
    const answers = JSON.parse(stdout) as [number, unknown][]
    expect(answers.map(([status, body], at) => `${JSON.stringify(questions[at])}${status === questions[at]!.status ? '' : ` was ${status} ${JSON.stringify(body)}`}`)).toEqual(questions.map((one) => JSON.stringify(one)))
    const { components } = openApiDocument('1') as { components: { schemas: Record<string, object> } }
    const problem = z.strictObject({ message: z.string().min(1), remedy: z.string().min(1), messages: z.record(z.string(), z.object({ code: z.string() }).loose()).optional() }) // prettier-ignore
    expect(components.schemas['Problem']).toMatchObject({ required: ['message', 'remedy'] })
    for (const [at, [status, body]] of answers.entries()) {
      const { name } = questions[at]!
      const read = (status === done ? calls[name].reply : problem).safeParse(body)
      expect(read.error?.issues, name).toBeUndefined()
    }
    expect(await served.stop()).toBe(0)
  })
}) // prettier-ignore
