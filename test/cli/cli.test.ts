import { spawn, spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { encodeDhcp, decodeDhcp, bootFileOf } from '#shared/wire/dhcp/message.ts'
import { decodedFrameSchema, explainedCaptureSchema } from '#shared/contract/documents.ts'
import { decodeTftp, encodeTftp } from '#shared/wire/tftp.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { cli } from '../helpers/lab.ts'
import { sessionFor } from '../helpers/lab-connection.ts'
import { Running } from '../helpers/network.ts'
import { fixture } from '../helpers/fixtures.ts'
import { describeWith, missingOf } from '../helpers/requirements.ts'

const bin = fileURLToPath(new URL('../../bin/pxe-lab.js', import.meta.url))
const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, ...values], { encoding: 'utf8', timeout: 300_000 })

let root: string
const children: Running[] = []
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(async () => {
  await Promise.all(children.splice(0).map((one) => one.stop('SIGKILL')))
  rmSync(root, { recursive: true, force: true })
})

const write = (text: string): string => {
  const file = join(root, 'lab.yaml')
  mkdirSync(join(root, 'boot'), { recursive: true })
  writeFileSync(file, text)
  return file
}
const start = (...values: string[]): Running => {
  const running = new Running(spawn(process.execPath, [cli, ...values], { stdio: ['ignore', 'pipe', 'pipe'] }))
  children.push(running)
  return running
}

/** Everything on ports that need no rights, on loopback. */
const unprivileged = (ports: readonly number[], more = ''): string => `interface: 127.0.0.1
mode: proxy-dhcp
ports: { dhcp: ${ports[0]}, tftp: ${ports[1]}, bootServer: ${ports[2]} }
boot:
  programs: [{ file: hello.txt }]
${more}`

async function ask(socket: Socket, payload: Uint8Array, port: number): Promise<{ payload: Buffer; port: number }> {
  const answer = new Promise<{ payload: Buffer; port: number }>((resolve) =>
    socket.once('message', (bytes, from) => resolve({ payload: bytes, port: from.port })),
  )
  socket.send(payload, port, '127.0.0.1')
  return answer
}

describe('words and exit codes', () => {
  test('--help, --version', () => {
    expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/respond[\s\S]*serve/) })
    expect(run('respond', '--help').stdout).toMatch(/Exit codes/)
  })

  test('usage errors end with 64', () => {
    expect(run('dance')).toMatchObject({ status: 64, stderr: expect.stringContaining("unknown command 'dance'") })
    expect(run('respond', '--config', 'lab.yaml', '--interface', 'eth0')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('--interface is only for creating a lab file'),
    })
    expect(run('serve', '--port', 'x').status).toBe(64)
  })

  test('a bad lab file ends with 2 and names line, field, value and remedy', () => {
    const file = write('interface: 127.0.0.1\nmode: router\n')
    expect(run('respond', '--config', file)).toMatchObject({
      status: 2,
      stderr: `pxe-lab: ${file}:2:7: mode is none of listen, dhcp, proxy-dhcp, boot-server (it is "router"). Write listen, dhcp, proxy-dhcp or boot-server.\n`,
    })
    expect(run('respond', '--config', join(root, 'none.yaml'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('does not exist (ENOENT)'),
    })
  })

  test('a taken port ends with 3 and names its holder', async () => {
    const three = await freePorts(3)
    const holder = createSocket('udp4')
    await new Promise<void>((resolve) => holder.bind(three[2], '127.0.0.1', resolve))
    const { status, stderr } = run('respond', '--config', write(unprivileged(three)))
    holder.close()
    expect(status).toBe(3)
    expect(stderr).toMatch(new RegExp(`UDP port ${three[2]} on lo .* is in use by \\S+ \\(process ${process.pid}\\)`))
  })

  test('a boot folder that is not there ends with 2 and says what to do', async () => {
    const file = write(unprivileged(await freePorts(3)).replace('boot:', 'boot:\n  files: ./nowhere'))
    expect(run('respond', '--config', file)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/nowhere does not exist\. Create it, or name another in boot\.files\./),
    })
  })
})

describe('respond without rights, on loopback', () => {
  test('says what its machines will miss, and when they no longer do', async () => {
    const responder = start('respond', '--config', write(unprivileged(await freePorts(3)).replace('{ file: hello.txt }', '{ architecture: bios, file: nope.kpxe }'))) // prettier-ignore
    await responder.sees(/BIOS machines get nothing to boot: nope\.kpxe cannot be loaded, there is no such file\. Put it into \.\/boot/) // prettier-ignore
    await responder.sees(/UEFI x64 machines get nothing to boot: no rule of boot\.programs matches them/)
    writeFileSync(join(root, 'boot/nope.kpxe'), 'code')
    await responder.sees(/no longer so: BIOS machines get nothing to boot/)
    expect(await responder.stop()).toBe(0)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('tells it is ready, answers, and ends cleanly on %s', async (signal) => {
    const three = await freePorts(3)
    const file = write(unprivileged(three))
    writeFileSync(join(root, 'boot/hello.txt'), 'hello')
    const responder = start('respond', '--config', file, '--json')
    await responder.sees(/\n/)
    const first = JSON.parse(responder.output.split('\n')[0]!) as { type: string; ports: { port: number }[] }
    expect(first.type).toBe('ready')
    expect(new Set(first.ports.map((one) => one.port))).toEqual(new Set(three))

    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const offer = await ask(socket, encodeDhcp(request({ type: 'discover', ...pxe(0) })), three[0]!)
    expect(bootFileOf(decodeDhcp(offer.payload).message)).toBe('hello.txt')
    const ack = await ask(socket, encodeDhcp(request({ type: 'request', ...pxe(7), ciaddr: '127.0.0.1' })), three[2]!)
    expect(ack.port).toBe(three[2])
    expect(bootFileOf(decodeDhcp(ack.payload).message)).toBe('hello.txt')
    const data = await ask(
      socket,
      encodeTftp({ kind: 'rrq', filename: 'HELLO.txt', mode: 'octet', options: [] }),
      three[1]!,
    )
    const { packet } = decodeTftp(data.payload)
    expect(packet).toMatchObject({ kind: 'data', block: 1 })
    expect(packet?.kind === 'data' && Buffer.from(packet.data).toString()).toBe('hello')
    socket.send(encodeTftp({ kind: 'ack', block: 1 }), data.port, '127.0.0.1')
    await responder.sees(/"type":"transfer-ended"[^\n]*/)
    socket.close()

    expect(await responder.stop(signal)).toBe(0)
    for (const line of responder.output.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type')
    expect(responder.output).toMatch(new RegExp(`"reason":"by ${signal}"`))
  })

  test('the readable log says the same in sentences', async () => {
    const responder = start('respond', '--config', write(unprivileged(await freePorts(3))))
    await responder.sees(/ready in mode proxy-dhcp: dhcp 127\.0\.0\.1:\d+, boot-server/)
    expect(await responder.stop('SIGINT')).toBe(0)
    expect(responder.output).toMatch(/stopped: by SIGINT/)
  })
})

describe('decode', () => {
  test('prints a line for each frame, or an object', () => {
    const { stdout, status } = run('decode', capture('proxy-uefi-x64'))
    expect(status).toBe(0)
    expect(stdout).toMatch(/0\.0\.0\.0:68 -> 255\.255\.255\.255:67 {2}DHCP {2}DISCOVER/)
    expect(stdout).toMatch(/192\.168\.77\.1:4011 -> 192\.168\.77\.\d+:4011 {2}proxyDHCP {2}ACK, file grub\/x64\.efi/)
    const objects = run('decode', '--json', capture('proxy-uefi-x64'))
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { frame: number; protocol: string })
    expect(objects).toHaveLength(stdout.trim().split('\n').length)
    expect(objects.at(-1)!.frame).toBe(objects.length)
    expect(new Set(objects.map((one) => one.protocol))).toContain('TFTP')
  })

  test('tells where a file is damaged, and what was read before', () => {
    const file = join(root, 'cut.pcap')
    writeFileSync(file, readFileSync(capture('proxy-uefi-x64')).subarray(0, 5000))
    expect(run('decode', file)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /is damaged at byte \d+: the last record is cut off after \d+ bytes\. \d+ frames before that were read\./,
      ),
    })
    expect(run('decode', join(root, 'none'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('does not exist (ENOENT)'),
    })
  })
})

const capture = (name: string): string => fileURLToPath(new URL(`../fixtures/captures/${name}.pcap`, import.meta.url))

describe('decode --filter, --tree and --json', () => {
  test('prints what matches', () => {
    const { stdout, status } = run('decode', capture('proxy-uefi-x64'), '--filter', 'dhcp.type == offer')
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(2)
  })

  test('a filter that makes no sense is refused with a mark under the place', () => {
    const { stderr, stdout, status } = run('decode', capture('proxy-uefi-x64'), '--filter', 'dhcp.typ == offer')
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' })
    expect(stderr).toContain('there is no field dhcp.typ. Perhaps dhcp.type is meant.')
    expect(stderr).toMatch(/\n {2}dhcp\.typ == offer\n {2}\^{8}\n/)
  })

  test('every object has the shape that resources/ describes', () => {
    const { stdout } = run('decode', capture('http-uefi-x64-http'), '--json', '--tree', '--filter', 'dhcp.type || http.method || http.status')
    const objects = stdout.trim().split('\n').map((line) => decodedFrameSchema.parse(JSON.parse(line)))
    expect(objects.length).toBeGreaterThan(6)
    expect(objects[0]).toMatchObject({ version: 1, frame: 1, client: '52:54:00:77:00:04', protocol: 'DHCP' })
    expect(objects[0]!.layers?.length).toBeGreaterThan(3)
  }) // prettier-ignore
})

describe('explain', () => {
  test('tells what happened, and ends with 1 where a boot failed', () => {
    const { stdout, status } = run('explain', '--ladder', capture('fail-no4011-uefi-x64'))
    expect(status).toBe(1)
    expect(stdout).toContain('UDP port 4011 of the boot server is closed')
    expect(stdout).toContain('PXE-E16')
    expect(stdout).toContain('(missing) ACK from port 4011 did not come')
    expect(run('explain', capture('full-uefi-x64')).status).toBe(0)
  })

  test.each([
    ['os-dhcp-after-boot', 0, 'Booted: grubx64.efi'],
    ['web-404', 0, 'has 10.0.0.50'],
    ['release-first', 0, 'requested no address'],
    ['tftp-other-source', 1, 'TFTP was answered from another address'],
    ['opt66-zero', 3, 'Waiting for the request for lpxelinux.0'],
    ['bios-two-offers-no-request', 3, 'does not show what the client did'],
  ])('%s ends with %i', (name, code, text) => {
    const { stdout, status } = run('explain', fileURLToPath(fixture(`field/${name}.pcap`)))
    expect(stdout).toContain(text)
    expect(status).toBe(code)
  })

  test('its JSON has the shape that resources/ describes', () => {
    const { stdout, status } = run('explain', '--json', capture('proxy-kea-uefi-x64'))
    expect(status).toBe(0)
    const told = explainedCaptureSchema.parse(JSON.parse(stdout))
    expect(told.attempts).toHaveLength(1)
    expect(told.attempts[0]).toMatchObject({ outcome: 'started', firmware: { kind: 'edk2', architecture: 7 } })
    expect(told.attempts[0]!.offers.map((one) => one.taken)).toEqual(['address', 'boot', 'whole'])
  })

  test('one machine only, and files that cannot be told', () => {
    expect(run('explain', capture('full-uefi-x64'), '--client', '02:00:00:00:00:09').stderr).toContain(
      'contains no boot of 02:00:00:00:00:09; it has 52:54:00:77:00:03',
    )
    expect(run('explain', join(root, 'none')).status).toBe(2)
    const text = join(root, 'text.pcap')
    writeFileSync(text, 'This is a text of more than twenty-four characters.')
    expect(run('explain', text)).toMatchObject({ status: 2, stderr: expect.stringContaining('it is no capture file') })
    expect(run('explain', root)).toMatchObject({ status: 2, stderr: expect.stringContaining('EISDIR') })
    const empty = join(root, 'empty.pcap')
    writeFileSync(empty, '')
    for (const command of ['explain', 'decode'])
      expect(run(command, empty)).toMatchObject({ status: 2, stderr: expect.stringContaining('the file is empty') })
  })
})

describe('report', () => {
  test('is one file, masked when asked', () => {
    const plain = join(root, 'plain.html')
    const masked = join(root, 'masked.html')
    expect(run('report', capture('fail-nofile-uefi-x64'), '-o', plain).status).toBe(0)
    expect(run('report', capture('fail-nofile-uefi-x64'), '-o', masked, '--mask').status).toBe(0)
    expect(readFileSync(plain, 'utf8')).toContain('192.168.77.132')
    expect(readFileSync(masked, 'utf8')).toContain('PXE-E23')
    expect(readFileSync(masked, 'utf8')).not.toMatch(/192\.168\.77\.|52:54:00:77:00:03/)
  })

  test('says where it cannot be written', () => {
    expect(run('report', capture('fail-nofile-uefi-x64'), '-o', join(root, 'no/such/folder.html'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cannot be written (ENOENT)'),
    })
    expect(run('report', capture('fail-nofile-uefi-x64')).status).toBe(64)
  })
})

describeWith(['dumpcap'], 'capture', () => {
  test('an interface that is not there is told', () => {
    const { status, stderr } = run('capture', '--interface', 'none0')
    expect(status).toBe(1)
    expect(stderr).toMatch(/none0/)
    expect(run('capture', '-i', 'lo', '-w', join(root, 'no/folder.pcapng')).status).toBe(2)
  })
})

const unbuilt = missingOf(['built'])

describe.skipIf(unbuilt.length > 0)(unbuilt.length > 0 ? 'serve (needs a build)' : 'serve', () => {
  const connect = (url: URL, session: string, headers: Record<string, string>): Promise<number | 'open'> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${url.host}/`, ['pxe-lab', `session.${session}`], { headers })
      socket.on('open', () => {
        socket.close()
        resolve('open')
      })
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('error', () => resolve(0))
    })

  test('lets in who has a code, once, and comes from its own page, and nobody else', async () => {
    const server = start('serve', '--config', join(root, 'lab.yaml'))
    const url = new URL((await server.sees(/http:\/\/\S+/))[0])
    const code = url.searchParams.get('code')!
    expect(url.hostname).toBe('127.0.0.1')
    const own = { origin: url.origin }
    const session = await sessionFor(url)
    await expect(sessionFor(url)).rejects.toThrow('not taken: 401')
    expect(await connect(url, session, own)).toBe('open')
    expect(await connect(url, code, own)).toBe(401)
    expect(await connect(url, session, { origin: 'http://evil.example' })).toBe(403)
    expect(await connect(url, session, {})).toBe(403)
    expect(await connect(url, session, { ...own, host: 'evil.example' })).toBe(403)
    const [, file] = (await server.sees(/use the address in (.*)/)) as unknown as [string, string]
    for (let waited = 0; !existsSync(file) && waited < 500; waited++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    const another = new URL(readFileSync(file, 'utf8').trim())
    expect(another.origin).toBe(url.origin)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await connect(another, await sessionFor(another), own)).toBe('open')
    const page = await fetch(url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('<div id="root">')
    expect((await fetch(new URL('/../package.json', url))).status).toBe(404)
    expect(run('approvals', '--config', join(root, 'lab.yaml'))).toMatchObject({ status: 64 })
    writeFileSync(join(root, 'lab.yaml'), 'interface: 127.0.0.1\n')
    expect(run('approvals', '--config', join(root, 'lab.yaml')).stdout).toBe(
      'No machine is waiting for approval. The responder is stopped.\n',
    )
    expect(await server.stop('SIGTERM')).toBe(0)
    expect(run('approvals', '--config', join(root, 'lab.yaml')).stderr).toContain(
      'no pxe-lab serve uses the state folder',
    )
  })

  test('the built command line runs by its bin, and passes signals on', async () => {
    expect(spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8' }).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const child = new Running(
      spawn(process.execPath, [bin, 'respond', '--config', write(unprivileged(await freePorts(3)))], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    children.push(child)
    await child.sees(/ready in mode/)
    expect(await child.stop('SIGTERM')).toBe(0)
  })
})
