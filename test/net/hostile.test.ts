/** Whoever is on the wire may send anything: the lab goes on serving, and answers nobody who cannot have asked. */
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { encodeTftp, type TftpOption } from '#shared/wire/tftp.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { macIn, sendForged, type Forged } from '../helpers/hostile.ts'
import { startResponder } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import type { Output, Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '10.77.0.1'
const rrq = (filename: string, options: readonly TftpOption[] = []): Uint8Array =>
  encodeTftp({ kind: 'rrq', filename, mode: 'octet', options: [...options] })

describeWith(['root', 'ip', 'curl', 'tcpdump'], 'a hostile wire', () => {
  const { network, folder, here, there } = labWireForAllTests()
  let mac: string
  let responder: Running

  beforeAll(async () => {
    mac = await macIn(network, here, 'srv0')
    folder
      .write({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
        boot: { programs: [{ file: 'a.bin' }] },
        http: { enabled: true },
      })
      .put('a.bin', new Uint8Array(100_000).fill(7))
    responder = await startResponder(network, here, folder)
    // Its own question is on the wire until then.
    await responder.sees(/"type":"other-servers"/)
  })

  const send = (packets: readonly Forged[], everyMs = 0): Promise<number> =>
    sendForged(network, there, 'cli0', mac, folder.root, packets, everyMs)
  const serves = async (): Promise<void> => {
    for (const scheme of ['tftp', 'http'])
      expect(
        (await network.exec(there, 'curl', ['-sS', '-m', '10', '-o', join(folder.root, 'got'), '-w', '%{size_download}', `${scheme}://${server}/a.bin`])).stdout, // prettier-ignore
        responder.output.slice(-2000),
      ).toBe('100000')
    expect(responder.child.exitCode).toBeNull()
  }
  /** What leaves towards these addresses while something is done, as tcpdump's lines. */
  const towards = async (filter: string, work: () => Promise<unknown>, seconds: number): Promise<string[]> => {
    const dump = network.start(there, 'tcpdump', ['-n', '-l', '-i', 'cli0', `ether src ${mac} and (${filter})`])
    await dump.sees(/listening on/)
    await work()
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    await dump.stop('SIGINT')
    return dump.output.split('\n').filter((line) => / IP /.test(line))
  }

  test('a source port of 0 ends nothing, on whichever port it arrives', async () => {
    const relayed = encodeDhcp(
      request({
        type: 'discover',
        giaddr: '10.77.0.2',
        ...pxe(7),
        // RFC 8357: the relay asks to be answered where it asked from.
        options: [{ code: 82, data: Uint8Array.of(19, 2, 0, 0) }],
      }),
    )
    const asked = encodeDhcp(request({ type: 'request', ciaddr: '10.77.0.2', ...pxe(7) }))
    const forged = (port: number, payload: Uint8Array, from = '10.77.0.2', to = server): Forged => ({ from, fromPort: 0, to, port, payload }) // prettier-ignore
    const packets = [
      forged(69, rrq('none')),
      forged(69, rrq('a.bin')),
      forged(69, Uint8Array.of(0, 4, 0, 0)),
      forged(4011, asked),
      forged(67, relayed),
      forged(67, relayed, '0.0.0.0', '255.255.255.255'),
    ]
    expect(await send(packets)).toBe(packets.length)
    await serves()
  })

  test('nothing is sent to a group, to everyone or to ourselves because a packet says so', async () => {
    const sources = ['224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', '10.77.255.255', '127.0.0.1']
    const packets = sources.flatMap((from) => [
      { from, fromPort: 1234, to: server, port: 69, payload: rrq('a.bin') },
      { from, fromPort: 1234, to: server, port: 4011, payload: encodeDhcp(request({ type: 'request', ciaddr: '10.77.0.2', ...pxe(7) })) }, // prettier-ignore
    ])
    const relays = [...sources, server].map((giaddr) => ({
      from: '10.77.0.2',
      fromPort: 67,
      to: server,
      port: 67,
      payload: encodeDhcp(request({ type: 'discover', giaddr, ...pxe(7) })),
    }))
    const own = [67, 69, 4011].map((port) => ({
      from: server,
      fromPort: port,
      to: server,
      port,
      payload: rrq('a.bin'),
    }))
    const seen = await towards('not arp and not tcp', () => send([...packets, ...relays, ...own]), 2)
    expect(seen).toEqual([])
    await serves()
  })

  test('answers to addresses where nobody is hold back nobody else', async () => {
    const nobody = Array.from({ length: 400 }, (_, at) => `10.77.${20 + (at >> 7)}.${1 + (at & 127)}`)
    const informs = nobody.map((ciaddr, at) => ({
      from: '10.77.0.2',
      fromPort: 68,
      to: server,
      port: 67,
      payload: encodeDhcp(request({ type: 'inform', ciaddr, mac: `52:54:00:01:${at >> 8}0:${(at & 255).toString(16).padStart(2, '0')}` })), // prettier-ignore
    }))
    const relayed = nobody.map((giaddr) => ({
      from: '10.77.0.2',
      fromPort: 67,
      to: server,
      port: 67,
      payload: encodeDhcp(request({ type: 'discover', giaddr, mac: '52:54:00:02:00:01' })),
    }))
    for (const storm of [informs, relayed]) {
      const offers = await towards(
        'udp src port 67 and dst host 255.255.255.255',
        async () => {
          await send(storm)
          await send([{ from: '0.0.0.0', fromPort: 68, to: '255.255.255.255', port: 67, payload: encodeDhcp(request({ type: 'discover', mac: '52:54:00:03:00:01' })) }]) // prettier-ignore
        },
        1,
      )
      expect(offers).toHaveLength(1)
    }
    await responder.sees(/too many answers wait for addresses that do not answer ARP/)
    await serves()
  })

  test('read requests from forged addresses close the door to nobody, and draw little', async () => {
    // 640 clients that never answer: 20 addresses, 32 ports each; half of them ask for options.
    const victims = Array.from({ length: 20 }, (_, at) => `10.77.3.${at + 1}`)
    for (const one of victims)
      network.ip('-n', here, 'neigh', 'add', one, 'lladdr', '02:11:22:33:44:55', 'dev', 'srv0', 'nud', 'permanent')
    const packets = victims.flatMap((from, at) =>
      Array.from({ length: 32 }, (_, port) => ({
        from,
        fromPort: 2000 + port,
        to: server,
        port: 69,
        payload: rrq('a.bin', at % 2 === 0 ? [] : [{ name: 'blksize', value: '1468' }, { name: 'windowsize', value: '64' }]), // prettier-ignore
      })),
    )
    const started = performance.now()
    const seen = await towards(
      'udp and dst net 10.77.3.0/24',
      async () => {
        expect(await send(packets)).toBe(packets.length)
        await serves()
        // It answered at once, not when the others were given up.
        expect(performance.now() - started).toBeLessThan(6000)
      },
      9,
    )
    const bytesTo = (address: string): number[] =>
      seen
        .filter((line) => line.includes(`> ${address}.2031:`))
        .map((line) => 28 + Number(/length (\d+)/.exec(line)?.[1] ?? /UDP, length (\d+)/.exec(line)![1]))
    // The last of those who asked were not given up for others: a block twice, or a short answer three times.
    expect(bytesTo('10.77.3.19')).toEqual([544, 544])
    const short = bytesTo('10.77.3.20')
    expect(short).toHaveLength(3)
    expect(short.reduce((sum, one) => sum + one)).toBeLessThan(250)
    expect(responder.output.match(/"outcome":"client-silent"/g)!.length).toBeGreaterThan(100)
    await serves()
  })
})

describeWith(['root', 'ip', 'curl', 'tftp'], 'a disk that fails', () => {
  const { network, folder, here, there } = labWireForAllTests()
  let responder: Running
  const failing = (faults: Record<string, string | number>): void =>
    writeFileSync(join(folder.root, 'faults'), JSON.stringify(faults))

  beforeAll(async () => {
    folder
      .write({
        interface: 'srv0',
        mode: 'proxy-dhcp',
        boot: { programs: [{ file: 'a.bin' }] },
        http: { enabled: true },
        tftp: { upload: './uploads' },
      })
      .put('a.bin', new Uint8Array(3_000_000).fill(7))
      .put('b.bin', new Uint8Array(2_000_000).fill(8))
    mkdirSync(join(folder.root, 'uploads'))
    responder = await startResponder(network, here, folder, {
      NODE_OPTIONS: `--import=${pathToFileURL(fileURLToPath(new URL('../helpers/faulty-files.mjs', import.meta.url))).href}`,
      FAULTS_FILE: join(folder.root, 'faults'),
      FAULTS_UNDER: realpathSync(folder.root),
    })
  })

  const curl = (...values: string[]): Promise<Output> =>
    network.exec(there, 'curl', ['-sS', '-m', '20', '-w', ' %{size_download}', '-o', '/dev/null', ...values])
  const serves = async (): Promise<void> => {
    failing({})
    for (const scheme of ['tftp', 'http']) expect((await curl(`${scheme}://${server}/a.bin`)).stdout, responder.output.slice(-1500)).toBe(' 3000000') // prettier-ignore
    expect(responder.child.exitCode).toBeNull()
  }

  // What fails, the code, the scheme, what the log says of it.
  test.each([
    ['read', 'EIO', 'http', 'the file cannot be read any further (EIO)'],
    ['read', 'EIO', 'tftp', 'the file cannot be read any further (EIO)'],
    ['open', 'EIO', 'http', 'it cannot be read (EIO)'],
    ['open', 'EIO', 'tftp', 'it cannot be read (EIO)'],
    ['open', 'EACCES', 'http', 'this program may not read it (EACCES)'],
    ['open', 'EACCES', 'tftp', 'this program may not read it (EACCES)'],
    ['open', 'ENOENT', 'tftp', 'there is no such file'],
    ['open', 'EMFILE', 'http', 'too many files are open at once (EMFILE)'],
    ['list', 'EMFILE', 'http', 'too many files are open at once (EMFILE)'],
    ['list', 'ESTALE', 'tftp', 'it cannot be read (ESTALE)'],
  ])('%s %s over %s: the true cause is told, and the rest is served', async (call, code, scheme, cause) => {
    const since = responder.mark()
    failing({ [call]: code, ...(call === 'read' ? { after: 1_048_576 } : {}) })
    const broken = await curl(
      `${scheme}://${server}/b.bin?${call}${code}`.replace(/\?.*/, scheme === 'http' ? '$&' : ''),
    )
    expect(broken.stdout).not.toBe(' 2000000')
    // By its cause, and by its name where one is told: another file's transfer may be told of a moment after it has arrived.
    const line = String.raw`^(?=.*${cause.replaceAll(/[().]/g, '\\$&')}).*"type":"transfer-`
    await since.sees(new RegExp(`${line}(deferred"|(ended|refused)".*b\\.bin)`, 'm'))
    await serves()
  })

  test('EMFILE over TFTP passes by itself: the client waits and gets its file', async () => {
    const since = responder.mark()
    failing({ open: 'EMFILE' })
    const waiting = network.exec(there, 'curl', ['-sS', '-m', '30', '-w', ' %{size_download}', '-o', '/dev/null', `tftp://${server}/b.bin`]) // prettier-ignore
    await since.sees(/"transfer-deferred".*EMFILE/)
    failing({})
    expect((await waiting).stdout).toBe(' 2000000')
  })

  const put = async (name: string): Promise<Output> => {
    writeFileSync(join(folder.root, 'give'), 'content')
    return network.exec(there, 'tftp', ['-m', 'binary', server, '-c', 'put', join(folder.root, 'give'), name], 30)
  }

  test.each([
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['link', 'ENOSPC'],
    ['open', 'EACCES'],
  ])('an upload whose %s fails with %s is not acknowledged, and leaves nothing', async (call, code) => {
    const since = responder.mark()
    const name = `${call}-${code}.txt`
    failing({ [call]: code })
    const said = await put(name)
    expect(`${said.stdout}${said.stderr}`).toContain(code)
    const log = (): string => since.output.split('\n').filter((line) => line.includes(name)).join('\n') // prettier-ignore
    await since.sees(new RegExp(`"type":"transfer-ended".*${name}.*${code}`))
    expect(log()).not.toContain('"outcome":"completed"')
    expect(readdirSync(join(folder.root, 'uploads')).filter((one) => one.includes(name))).toEqual([])
    await serves()
    await put('fine.txt').then(() => rmSync(join(folder.root, 'uploads/fine.txt')))
  })

  test('a disk without hard links takes uploads all the same', async () => {
    failing({ link: 'EPERM' })
    await put('linkless.txt')
    expect(readFileSync(join(folder.root, 'uploads/linkless.txt'), 'utf8')).toBe('content')
    expect(readdirSync(join(folder.root, 'uploads'))).toEqual(['linkless.txt'])
    rmSync(join(folder.root, 'uploads/linkless.txt'))
    failing({})
  })

  test('of two uploads of one name the second is refused, and never replaces the first', async () => {
    const { stdout } = await network.exec(there, process.execPath, [
      '-e',
      `
      const dgram = require('node:dgram')
      const upload = (letter) => new Promise((resolve) => {
        const socket = dgram.createSocket('udp4')
        let peer
        const said = []
        socket.on('message', (packet, from) => { peer = from; said.push(packet[1] === 4 ? 'ack ' + packet.readUInt16BE(2) : 'error ' + packet[3]); socket.emit('next') })
        socket.send(Buffer.from('\\0\\x02same.txt\\0octet\\0', 'latin1'), 69, '${server}')
        const next = () => new Promise((done) => socket.once('next', done))
        const data = (block, text) => { const wait = next(); socket.send(Buffer.concat([Buffer.from([0, 3, 0, block]), Buffer.from(text)]), peer.port, peer.address); return wait }
        socket.once('next', () => resolve({ said, data, close: () => socket.close() }))
      })
      ;(async () => {
        const [a, b] = [await upload('A'), await upload('B')]
        await a.data(1, 'A'.repeat(512)); await b.data(1, 'B'.repeat(512))
        await a.data(2, 'end A'); await b.data(2, 'end B')
        console.log(JSON.stringify([a.said, b.said]))
        a.close(); b.close()
      })()`,
    ])
    const [first, second] = JSON.parse(stdout) as [string[], string[]]
    expect(first).toEqual(['ack 0', 'ack 1', 'ack 2'])
    expect(second).toEqual(['ack 0', 'ack 1', 'error 6'])
    expect(readFileSync(join(folder.root, 'uploads/same.txt'), 'utf8')).toBe(`${'A'.repeat(512)}end A`)
    expect(readdirSync(join(folder.root, 'uploads'))).toEqual(['same.txt'])
  })
})
