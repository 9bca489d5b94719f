/** Transfers as networks make them: several addresses on one interface, packets that get lost, ports that are let through. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { formatIpv4, u32At } from '#shared/wire/bytes.ts'
import { decodeDhcp, encodeDhcp, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { eventsOf, startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import type { Output, Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const [first, second, third] = ['10.66.0.1', '10.66.0.11', '10.67.0.1'] as const
const rawHelper = fileURLToPath(new URL('../helpers/ask-raw.mjs', import.meta.url))
const relayHelper = fileURLToPath(new URL('../helpers/lossy-relay.mjs', import.meta.url))
/** As many blocks of 1468 bytes as the GRUB of the field case had. */
const blocks = 355
const program = Buffer.from(
  Uint8Array.from({ length: blocks * 1468 - 700 }, (_, at) => (at * 197 + (at >> 7) * 31) & 255),
)
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const { network, folder, here, there } = labWireForEachTest({
  server: [`${first}/24`, `${second}/24`, `${third}/24`],
  client: ['10.66.0.2/24', '10.67.0.2/24'],
})

const start = (lab: Partial<LabInput> = {}): Promise<Running> => {
  folder.write({ interface: 'srv0', mode: 'boot-server', http: { enabled: true }, ...lab }).put('ipxe.efi', program)
  return startResponder(network, here, folder)
}
const got = (name: string): string => join(folder.root, name)
const curl = (...values: string[]): Promise<Output> =>
  network.exec(there, 'curl', ['-sS', '--max-time', '30', '-o', got('out'), ...values])
const hpa = (server: string): Promise<Output> =>
  network.exec(there, 'sh', [
    '-c',
    `cd ${folder.root} && rm -f hpa.bin && printf 'binary\\nget ipxe.efi hpa.bin\\n' | timeout 20 tftp ${server}`,
  ])

/** As EDK2 and other ROMs: takes what comes from the address it asked, and nothing else. Prints where the answer came from. */
const strictly = (server: string): Promise<Output> =>
  network.exec(there, process.execPath, [
    '-e',
    `const s = require('node:dgram').createSocket('udp4')
     s.on('message', (m, from) => { console.log(from.address, m[1]); process.exit(from.address === '${server}' ? 0 : 1) })
     s.send(Buffer.from('\\0\\x01ipxe.efi\\0octet\\0blksize\\x001468\\0', 'latin1'), 69, '${server}')
     setTimeout(() => process.exit(2), 5000)`,
  ])

describeWith(['root', 'ip', 'curl', 'tftp'], 'an interface with several addresses', () => {
  test('each of them answers TFTP and HTTP from where it was asked', async () => {
    const responder = await start()
    const { ports } = eventsOf(responder)[0] as unknown as { ports: { service: string; address: string }[] }
    for (const service of ['tftp', 'http'])
      expect(
        ports
          .filter((one) => one.service === service)
          .map((one) => one.address)
          .sort(),
      ).toEqual([first, second, third])
    for (const server of [first, second, third]) {
      expect(await strictly(server)).toMatchObject({ code: 0, stdout: `${server} 6\n` })
      // tftp-hpa drops what comes from another address.
      await hpa(server)
      expect(sha(readFileSync(got('hpa.bin')))).toBe(sha(program))
      expect(await curl(`http://${server}/ipxe.efi`)).toMatchObject({ code: 0 })
      expect(sha(readFileSync(got('out')))).toBe(sha(program))
    }
    // What is shown of the packets tells the address as well.
    expect(
      await network.exec(there, 'sh', ['-c', `cd ${folder.root} && printf 'get none x\\n' | timeout 5 tftp ${second}`]),
    ).toMatchObject({
      stdout: expect.stringMatching(/no such file/i),
    })
  })

  test('DHCP and port 4011 answer from where they were asked, also at an address that came later', async () => {
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: '10.66.0.199' }] }] },
      boot: { programs: [{ file: 'ipxe.efi' }] },
    })
    const responder = await startResponder(network, here, folder)
    const fourth = '10.67.0.9'
    network.ip('-n', here, 'addr', 'add', `${fourth}/24`, 'dev', 'srv0')
    await responder.sees(/"type":"interface-back".*10\.67\.0\.9/)
    const hex = (message: DhcpMessage): string => Buffer.from(encodeDhcp(message)).toString('hex')
    const relayed = hex(request({ type: 'discover', ...pxe(7), giaddr: '10.66.0.2' }))
    const asked = hex(request({ type: 'request', ...pxe(7), ciaddr: '10.66.0.2' }))
    const questions = [first, second, third, fourth].flatMap((server) => [
      { hex: relayed, from: 67, to: `${server}:67`, ms: 5000 },
      { hex: asked, from: 4011, to: `${server}:4011`, ms: 5000 },
    ])
    const { stdout } = await network.exec(there, process.execPath, [rawHelper, JSON.stringify(questions)], 60)
    const answers = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { from: string; hex: string }[])[0]) // prettier-ignore
    expect(answers.map((one) => one?.from)).toEqual(questions.map(({ to }) => to))
    // EDK1 compares the server identifier with the address that it asked.
    const identifiers = answers.filter((_, at) => at % 2 === 1).map((one) => formatIpv4(u32At(findOptionData(decodeDhcp(Buffer.from(one!.hex, 'hex')).message, 54)!, 0))) // prettier-ignore
    expect(identifiers).toEqual([first, second, third, fourth])
    const { ports } = eventsOf(responder)[0] as unknown as { ports: { service: string; address: string }[] }
    expect(ports.filter(({ service }) => service === 'dhcp').map(({ address }) => address)).toEqual([first])
  })

  test('a lab that names one address is there alone', async () => {
    await start({ interface: second })
    expect(await strictly(second)).toMatchObject({ code: 0 })
    expect((await curl(`http://${first}/ipxe.efi`)).code).not.toBe(0)
  })

  test('addresses that come and go while it runs are followed, and nothing else is interrupted', async () => {
    const responder = await start()
    network.ip('-n', here, 'addr', 'add', '10.66.0.12/24', 'dev', 'srv0')
    await responder.sees(/"type":"interface-back","interface":"srv0","address":"10\.66\.0\.12"/)
    expect(await strictly('10.66.0.12')).toMatchObject({ code: 0 })
    expect(await curl('http://10.66.0.12/ipxe.efi')).toMatchObject({ code: 0 })
    network.ip('-n', here, 'addr', 'del', `${second}/24`, 'dev', 'srv0')
    await responder.sees(/"type":"interface-lost","interface":"srv0","address":"10\.66\.0\.11"/)
    expect(await strictly(first)).toMatchObject({ code: 0 })
    expect(eventsOf(responder).filter((one) => one.address === first)).toEqual([])
  })
})

describeWith(['root', 'ip', 'curl', 'tftp', 'atftp', 'dnsmasq'], '2 % of all packets lost each way', () => {
  const clients: Readonly<Record<string, (port: number) => Promise<Output>>> = {
    'atftp, window 8': (port) =>
      network.exec(there, 'atftp', ['--option', 'blksize 1468', '--option', 'windowsize 8', '-g', '-r', 'ipxe.efi', '-l', got('out'), '127.0.0.1', String(port)], 120),
    'curl': (port) => curl('--tftp-blksize', '1468', '--max-time', '120', `tftp://127.0.0.1:${port}/ipxe.efi`),
  } // prettier-ignore

  const through = async (port: number, seed: number, client: (port: number) => Promise<Output>) => {
    const relay = network.start(there, process.execPath, [relayHelper, first, String(port), '2', String(seed)])
    await relay.sees(/listening/)
    const startedAt = performance.now()
    const { code } = await client(port)
    const seconds = (performance.now() - startedAt) / 1000
    await relay.stop()
    return { code, seconds, data: (JSON.parse(relay.stdout.split('\n')[1]!) as { data: number }).data }
  }

  test.each(Object.keys(clients))(
    '%s gets its file, for at most 1.3 times its blocks, and sooner than from dnsmasq',
    async (name) => {
      const responder = await start()
      const ours = await through(6901, 7, clients[name]!)
      expect(ours.code).toBe(0)
      expect(sha(readFileSync(got('out')))).toBe(sha(program))
      expect(ours.data / blocks).toBeLessThanOrEqual(1.3)
      await responder.stop('SIGINT')
      const peer = network.start(here, 'dnsmasq', [
      '--no-daemon', '--port=0', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--enable-tftp', `--tftp-root=${got('boot')}`,
      `--listen-address=${first}`, '--bind-interfaces',
    ]) // prettier-ignore
      await peer.sees(/TFTP root/)
      const theirs = await through(6902, 7, clients[name]!)
      expect(theirs.code).toBe(0)
      expect(ours.seconds).toBeLessThan(theirs.seconds)
    },
  )
})

describeWith(['root', 'ip', 'curl', 'tftp', 'atftp', 'nft'], 'ports that firewalls let through', () => {
  /** Drops whatever comes for another UDP port, answers to what this host asked first included. */
  const letIn = (ports: string): Promise<Output> =>
    network.exec(here, 'nft', [
      `table inet f { chain i { type filter hook input priority 0; policy drop; udp dport { ${ports} } accept; tcp dport 80 accept; }; }`,
    ])
  const loads = async (): Promise<void> => {
    expect(await curl('--tftp-blksize', '1468', `tftp://${second}/ipxe.efi`)).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('out')))).toBe(sha(program))
    const windowed = ['--option', 'blksize 1468', '--option', 'windowsize 16', '-g', '-r', 'ipxe.efi', '-l', got('out')]
    expect(await network.exec(there, 'atftp', [...windowed, first])).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('out')))).toBe(sha(program))
    await hpa(second)
    expect(sha(readFileSync(got('hpa.bin')))).toBe(sha(program))
  }
  /** Begins a transfer and leaves it; prints the port that the answer came from. */
  const begin = (count: number): Promise<Output> =>
    network.exec(there, process.execPath, [
      '-e',
      `const { createSocket } = require('node:dgram')
       for (let n = 0; n < ${count}; n++) {
         const s = createSocket('udp4').on('message', (m, from) => { if (m[1] === 6) console.log(from.port) })
         s.send(Buffer.from('\\0\\x01ipxe.efi\\0octet\\0blksize\\x001468\\0', 'latin1'), 69, '${first}')
       }
       setTimeout(() => process.exit(0), 900)`,
    ])

  test('a range: files come from its ports alone, one a transfer, and it is told when they are used up', async () => {
    const responder = await start({ tftp: { ports: '50000-50003' } })
    await letIn('67, 69, 4011, 50000-50003')
    await loads()
    const held = network.start(here, process.execPath, [
      '-e',
      `require('node:dgram').createSocket('udp4').bind(50002, '${first}', () => console.log('held'))`,
    ])
    await held.sees(/held/)
    const since = responder.mark()
    const { stdout } = await begin(6)
    const used = stdout.trim().split('\n').map(Number)
    expect(new Set(used)).toEqual(new Set([50000, 50001, 50003]))
    const reasons = eventsOf(responder).filter((one) => one.type === 'transfer-deferred')
    expect(reasons).not.toEqual([])
    for (const one of reasons) expect(one.reason).toBe(`all ports of tftp.ports (50000-50003) are in use at ${first}`)
    // Whoever was turned away asks again, and gets its file once others are done.
    await since.sees(/"outcome":"client-silent"/)
    await loads()
  })

  test('a single port: everything passes through 69, uploads and refusals too', async () => {
    const responder = await start({ tftp: { singlePort: true, upload: './incoming' } })
    await letIn('67, 69, 4011')
    await loads()
    const since = responder.mark()
    expect((await begin(3)).stdout).toBe('69\n69\n69\n')
    await network.exec(there, 'sh', ['-c', `cd ${folder.root} && cp out up.bin && printf 'binary\\nput up.bin up.bin\\n' | timeout 20 tftp ${second}`]) // prettier-ignore
    await since.sees(/"kind":"write"[^\n]*"outcome":"completed"/)
    expect(sha(readFileSync(got('incoming/up.bin')))).toBe(sha(program))
    const { stdout } = await network.exec(there, 'sh', [
      '-c',
      `cd ${folder.root} && printf 'get none x\\n' | timeout 5 tftp ${second}`,
    ])
    expect(stdout).toMatch(/no such file/i)
    expect(eventsOf(responder).filter((one) => one.type === 'transfer-deferred')).toEqual([])
  })
})

describeWith(['root', 'ip', 'curl', 'tftp', 'xorriso'], 'a file within an image of a disc', () => {
  test('is the same over HTTP, in ranges, and over TFTP, while the image itself is a file', async () => {
    const disc = join(folder.root, 'disc')
    mkdirSync(join(disc, 'Live'), { recursive: true })
    writeFileSync(join(disc, 'Live/vmlinuz'), program)
    mkdirSync(join(folder.root, 'boot/images'), { recursive: true })
    execFileSync('xorriso', ['-as', 'mkisofs', '-R', '-o', join(folder.root, 'boot/images/a.iso'), disc], { stdio: 'ignore' }) // prettier-ignore
    const responder = await start()
    const inside = 'images/a.iso/live/VMLINUZ'
    expect(await curl(`http://${first}/${inside}`)).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('out')))).toBe(sha(program))
    // In two parts, the later one first; the second is taken up where the first ended.
    expect(await curl('-r', '300001-', `http://${first}/${inside}`)).toMatchObject({ code: 0 })
    expect(readFileSync(got('out')).equals(program.subarray(300_001))).toBe(true)
    writeFileSync(got('out'), program.subarray(0, 1000))
    expect(await curl('-C', '-', `http://${first}/${inside}`)).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('out')))).toBe(sha(program))
    await network.exec(there, 'sh', [
      '-c',
      `cd ${folder.root} && rm -f hpa.bin && printf 'binary\\nget ${inside} hpa.bin\\n' | timeout 20 tftp ${first}`,
    ])
    expect(sha(readFileSync(got('hpa.bin')))).toBe(sha(program))
    expect(await curl(`http://${first}/images/a.iso`)).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('out')))).toBe(sha(readFileSync(join(folder.root, 'boot/images/a.iso'))))
    const ended = eventsOf(responder).filter((one) => one.type === 'transfer-ended') as unknown as { transfer: { file: string; kind: string } }[] // prettier-ignore
    expect(ended.filter(({ transfer }) => transfer.file === 'images/a.iso/live/VMLINUZ').map(({ transfer }) => transfer.kind)).toEqual(['http', 'http', 'http', 'read']) // prettier-ignore
  })
})
