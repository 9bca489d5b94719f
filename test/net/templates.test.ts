/** One template, two machines: each gets its own answers over TFTP and HTTP, and nobody the secrets of another. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dhclient } from '../helpers/dhclient.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const [macA, macB] = ['52:54:00:79:00:0a', '52:54:00:79:00:0b']
const kickstart =
  'network --hostname={hostname}\nrootpw {rootpw}\n%post\nx() { echo ${mac} {mac:-} {role} {serial}; }\n'

describeWith(['root', 'ip', 'curl', 'atftp', 'dhclient'], 'templates', () => {
  const network = new Network()
  const folder = new LabFolder()
  let here: string
  let responder: Running
  const rooms: Record<string, string> = {}

  beforeAll(async () => {
    here = network.namespace('h')
    for (const [name, mac] of [['a', macA], ['b', macB], ['c', '52:54:00:79:00:0c']] as const) {
      const there = (rooms[name] = network.namespace(name))
      network.cable({ in: here, name: `p${name}` }, { in: there, name: 'eth0' })
      network.ip('-n', there, 'link', 'set', 'eth0', 'address', mac)
    } // prettier-ignore
    network.bridge(here, 'br0', ['10.79.0.1/24'], ['pa', 'pb', 'pc'])
    network.ip('-n', rooms['b']!, 'addr', 'add', '10.79.0.12/24', 'dev', 'eth0')
    network.ip('-n', rooms['c']!, 'addr', 'add', '10.79.0.13/24', 'dev', 'eth0')
    folder
      .write({
        interface: 'br0',
        mode: 'dhcp',
        allowOtherServers: true,
        variables: { role: 'desktop' },
        machines: [
          { mac: macA, hostname: 'node-a', variables: { rootpw: { secret: 'sesame-of-a' }, role: 'kiosk' } },
          { mac: macB, hostname: 'node-b', variables: { rootpw: { secret: 'sesame-of-b' } } },
        ],
        boot: { templates: ['ks.cfg', '*.xml'] },
        http: { enabled: true, port: 8080 },
        dhcp: {
          subnets: [{ subnet: '10.79.0.0/24', pools: [], reservations: [{ mac: macA, address: '10.79.0.11' }] }],
        },
      })
      .put('ks.cfg', kickstart)
      .put('plain.cfg', kickstart)
      .put('deep/answer.xml', '<a>{hostname}</a>\n<b>{nobody}</b>')
    responder = await startResponder(network, here, folder)
    await dhclient(network, rooms['a']!, 'eth0', folder.root)
    network.ip('-n', rooms['a']!, 'addr', 'add', '10.79.0.11/24', 'dev', 'eth0')
  })
  afterAll(async () => {
    await network.close()
    folder.remove()
  })

  const curl = (name: string, path: string, ...more: string[]) =>
    network.exec(rooms[name]!, 'curl', ['-sS', '--max-time', '20', ...more, `http://10.79.0.1:8080/${path}`])
  const tftp = async (name: string, file: string): Promise<string> => {
    const local = join(folder.root, `got-${name}`)
    const { code, stderr } = await network.exec(rooms[name]!, 'atftp', ['-g', '-r', file, '-l', local, '--option', 'tsize', '10.79.0.1', '69']) // prettier-ignore
    return code === 0 ? readFileSync(local, 'utf8') : stderr
  }
  const filled = (host: string, password: string, mac: string, role: string, serial: string): string =>
    `network --hostname=${host}\nrootpw ${password}\n%post\nx() { echo \${mac} ${mac.replaceAll(':', '-')} ${role} ${serial}; }\n`

  test('each machine has its own answers, once it has told its serial number', async () => {
    const before = await curl('a', 'ks.cfg', '-w', '%{http_code}')
    expect(before.stdout).toBe('403')
    await expect.poll(() => eventsOf(responder).findLast(({ type }) => type === 'transfer-refused')).toMatchObject({ reason: expect.stringMatching(/^ks\.cfg line 4: \{serial\} has no value: .*\?serial=/) }) // prettier-ignore

    const a = filled('node-a', 'sesame-of-a', macA, 'kiosk', 'SN-A1')
    const b = filled('node-b', 'sesame-of-b', macB, 'desktop', 'SN-B2')
    // A has its address by a lease, B by nothing but its place on the segment.
    expect((await curl('a', 'ks.cfg?serial=SN-A1&asset=To%20be%20filled%20by%20O.E.M.')).stdout).toBe(a)
    expect((await curl('b', `ks.cfg?mac=${macB}&serial=SN-B2`)).stdout).toBe(b)
    await expect
      .poll(() => eventsOf(responder).filter(({ type }) => type === 'machine-told'))
      .toMatchObject([
        { client: { mac: macA }, serial: 'SN-A1', asset: null },
        { client: { mac: macB }, serial: 'SN-B2' },
      ])
    // What was told holds, over TFTP too.
    expect(await tftp('a', 'KS.cfg')).toBe(a)
    expect(await tftp('b', 'ks.cfg')).toBe(b)
    expect((await curl('a', 'plain.cfg')).stdout).toBe(kickstart)
  })

  test('lengths, ranges and tags are those of the filled text', async () => {
    const a = filled('node-a', 'sesame-of-a', macA, 'kiosk', 'SN-A1')
    const head = await curl('a', 'ks.cfg', '-I')
    expect(head.stdout).toMatch(new RegExp(`^Content-Length: ${a.length}\\r$`, 'm'))
    expect(head.stdout).not.toMatch(/Last-Modified/i)
    const tag = (text: string): string => /^ETag: (.*?)\r?$/m.exec(text)![1]!
    expect(tag((await curl('a', 'ks.cfg', '-I')).stdout)).toBe(tag(head.stdout))
    expect(tag((await curl('b', 'ks.cfg', '-I')).stdout)).not.toBe(tag(head.stdout))
    expect((await curl('a', 'ks.cfg', '-r', '8-20')).stdout).toBe(a.slice(8, 21))
    expect((await curl('a', 'ks.cfg', '-H', `If-None-Match: ${tag(head.stdout)}`, '-w', '%{http_code}')).stdout).toBe('304') // prettier-ignore
    expect((await curl('b', 'ks.cfg', '-H', `If-None-Match: ${tag(head.stdout)}`, '-w', '%{http_code}')).stdout).toMatch(/200$/) // prettier-ignore
  })

  test('a machine that says that it is another gets nothing of the other, and no secret is in what is told', async () => {
    const code = ['-w', '%{http_code}', '-o', '/dev/null']
    // C has an entry of nobody; A is who has that address.
    expect((await curl('c', `ks.cfg?mac=${macA}&serial=x1`, ...code)).stdout).toBe('403')
    await expect.poll(() => eventsOf(responder).findLast(({ type }) => type === 'transfer-refused')).toMatchObject({ reason: expect.stringContaining(`is the address of 52:54:00:79:00:0c`) }) // prettier-ignore
    expect((await curl('a', 'deep/answer.xml', ...code)).stdout).toBe('403')
    await expect.poll(() => eventsOf(responder).findLast(({ type }) => type === 'transfer-refused')).toMatchObject({ reason: expect.stringMatching(/^deep\/answer\.xml line 2: \{nobody\} is no variable of this lab\. Add nobody to variables/) }) // prettier-ignore
    expect(responder.output).not.toContain('sesame')
  })

  test('what machines told outlives the responder', async () => {
    await responder.stop()
    responder = await startResponder(network, here, folder)
    expect((await curl('a', 'ks.cfg')).stdout).toBe(filled('node-a', 'sesame-of-a', macA, 'kiosk', 'SN-A1'))
  })
})
