import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { formatHex, formatIpv4, parseHex } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import { bootFileOf, decodeDhcp, encodeDhcp, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import { encodePxeVendorOptions } from '#shared/wire/dhcp/spaces.ts'
import { unwrapUdp } from '#shared/wire/frame.ts'
import { framesIn } from '../helpers/fixtures.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { cli, eventsOf, startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'
import { markPort, sniffed } from '../helpers/sniffed.ts'

const { network, folder, here, there } = labWireForEachTest()

const lab = (more: Partial<LabInput> = {}): LabInput => ({
  interface: 'srv0',
  mode: 'dhcp',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
  ...more,
})
const respond = (...more: string[]) =>
  network.exec(here, process.execPath, [cli, 'respond', '--config', folder.file, ...more], 30)

describeWith(['root', 'ip', 'dnsmasq'], 'the responder beside others', () => {
  test('does not start in mode dhcp where another DHCP server answers, and says which', async () => {
    const other = network.start(there, 'dnsmasq', ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=cli0', '--bind-interfaces', '--no-ping', '--user=root', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=']) // prettier-ignore
    await other.sees(/DHCP, IP range/)
    folder.write(lab({ allowOtherServers: false }))
    const refused = await respond()
    expect(refused.code).toBe(4)
    expect(refused.stderr).toMatch(
      /another DHCP server gives addresses here: 10\.77\.0\.2 offers 10\.77\.0\.1\d\d on srv0/,
    )
    expect(refused.stderr).toMatch(/proxy-dhcp.*allowOtherServers: true/)
    folder.write(lab({ allowOtherServers: true }))
    const allowed = await startResponder(network, here, folder)
    await allowed.sees(/"type":"other-servers"/)
    expect(eventsOf(allowed)).toContainEqual(
      expect.objectContaining({
        type: 'other-servers',
        servers: [expect.objectContaining({ server: '10.77.0.2', role: 'dhcp' })],
      }),
    )
  })

  test('without a lab file it chooses the only interface, finds the DHCP server and writes the file', async () => {
    const first = (...more: string[]): [string, string[]] => ['sh', ['-c', 'cd "$0" && exec "$@"', folder.root, process.execPath, cli, 'respond', ...more]] // prettier-ignore
    network.ip('-n', here, 'link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'bench1')
    network.ip('-n', here, 'address', 'add', '10.78.0.1/24', 'dev', 'bench0')
    for (const end of ['bench0', 'bench1']) network.ip('-n', here, 'link', 'set', end, 'up')
    const several = await network.exec(here, ...first(), 20)
    expect(several.code).toBe(2)
    expect(several.stderr).toMatch(
      /2 interfaces reach other machines: .*Name one with --interface: .*srv0 \(10\.77\.0\.1/,
    )
    expect(existsSync(folder.file)).toBe(false)
    expect(await network.exec(here, ...first('--interface', 'nope'), 20)).toMatchObject({ code: 2, stderr: expect.stringContaining('no interface of this machine is nope') }) // prettier-ignore
    network.ip('-n', here, 'link', 'delete', 'bench0')
    const other = network.start(there, 'dnsmasq', ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=cli0', '--bind-interfaces', '--user=root', '--no-ping', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=']) // prettier-ignore
    await other.sees(/DHCP, IP range/)
    const running = network.start(here, ...first())
    await running.sees(/srv0 is the only interface that reaches other machines/)
    await running.sees(/DHCP server 10\.77\.0\.2 answered: ProxyDHCP beside the DHCP server/)
    await running.sees(/ready/i)
    expect(readFileSync(folder.file, 'utf8')).toMatch(/interface: srv0\nmode: proxy-dhcp/)
    await running.stop('SIGTERM')
  })

  test('in mode proxy-dhcp it is the missing DHCP server that is told of', async () => {
    folder.write(lab({ mode: 'proxy-dhcp' }))
    const alone = await startResponder(network, here, folder)
    await alone.sees(/no DHCP server answered here, .* Choose mode dhcp/)
    await alone.stop('SIGTERM')
    const other = network.start(there, 'dnsmasq', ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=cli0', '--bind-interfaces', '--user=root', '--no-ping', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=']) // prettier-ignore
    await other.sees(/DHCP, IP range/)
    const beside = await startResponder(network, here, folder)
    await beside.sees(/"type":"other-servers".*10\.77\.0\.2/)
    await beside.stop('SIGTERM')
    expect(beside.stdout).not.toContain('no DHCP server answered')
  })

  test('asks from its own port 67 where port 68 is taken', async () => {
    const other = network.start(there, 'dnsmasq', ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=cli0', '--bind-interfaces', '--user=root', '--no-ping', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=']) // prettier-ignore
    await other.sees(/DHCP, IP range/)
    const holder = network.start(here, process.execPath, [
      '-e',
      "require('node:dgram').createSocket('udp4').bind(68, () => console.log('held'))",
    ])
    await holder.sees(/held/)
    folder.write(lab({ allowOtherServers: false }))
    expect((await respond()).code).toBe(4)
  })

  test('a taken port is told with its holder and a remedy, and nothing stays open', async () => {
    const other = network.start(here, 'dnsmasq', ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--user=root', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=']) // prettier-ignore
    await other.sees(/DHCP, IP range/)
    folder.write(lab())
    const { code, stderr } = await respond()
    expect(code).toBe(3)
    expect(stderr).toMatch(new RegExp(`UDP port 67 on srv0 .* is in use by dnsmasq \\(process ${other.child.pid}\\)`))
    expect(stderr).toMatch(/systemctl stop|End process/)
    // Port 4011 was free: had it stayed open, a second try for it alone would fail.
    folder.write(lab({ mode: 'boot-server' }))
    const alone = await startResponder(network, here, folder)
    expect(eventsOf(alone)[0]).toMatchObject({ type: 'ready' })
  })
})

describeWith(['root', 'ip'], 'the responder and its interfaces', () => {
  test('serves several interfaces, each with its own address and subnet', async () => {
    const third = network.namespace('d')
    network.cable({ in: here, name: 'srv1', addresses: ['10.78.0.1/24'] }, { in: third, name: 'cli1' })
    folder.write(
      lab({
        interface: ['srv0', '10.78.0.1'],
        dhcp: {
          subnets: [
            { subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.9' }] },
            { subnet: '10.78.0.0/24', pools: [{ start: '10.78.0.100', end: '10.78.0.109' }] },
          ],
        },
      }),
    )
    const responder = await startResponder(network, here, folder)
    expect(eventsOf(responder)[0]!['ports']).toHaveLength(6)
    expect(await dhclient(network, third, 'cli1', folder.root)).toMatch(/DHCPACK of 10\.78\.0\.10\d from 10\.78\.0\.1/)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.\d from 10\.77\.0\.1/)
  })

  test('follows an interface that goes and comes back', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    network.ip('-n', here, 'link', 'del', 'srv0')
    await responder.sees(/"type":"interface-lost"/)
    network.cable(
      { in: here, name: 'srv0', addresses: ['10.77.0.1/16'] },
      { in: there, name: 'cli0', addresses: ['10.77.0.2/16'] },
    )
    await responder.sees(/"type":"interface-back"/)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
  })

  test('an interface that is not there is named, with those that are', async () => {
    folder.write(lab({ interface: 'eth7' }))
    const { code, stderr } = await respond()
    expect(code).toBe(2)
    expect(stderr).toMatch(/no interface of this machine is eth7\. Choose one of: .*srv0 \(10\.77\.0\.1\/16\)/)
  })

  test('mode listen hears and never answers', async () => {
    folder.write({ interface: 'srv0', mode: 'listen' })
    const responder = await startResponder(network, here, folder)
    await expect(dhclient(network, there, 'cli0', folder.root, 3)).rejects.toThrow(/DHCPDISCOVER(?![\s\S]*DHCPOFFER)/)
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(expect.objectContaining({ type: 'client-seen', message: 'DISCOVER' }))
  })
})

describeWith(['root', 'ip', 'curl', 'setpriv', 'dhclient'], 'the responder with less than usual', () => {
  test('without native sockets it serves one interface all the same', async () => {
    folder.write(lab({ boot: { programs: [{ file: 'large.bin' }] } })).put('large.bin', Buffer.alloc(700_001, 7))
    const off = { PXE_LAB_NATIVE_SOCKETS: 'off' }
    // A socket for every address sends its broadcasts by the routing table.
    network.ip('-n', here, 'route', 'add', '255.255.255.255/32', 'dev', 'srv0')
    const responder = await startResponder(network, here, folder, off)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
    for (const size of ['512', '1468'])
      expect(
        await network.exec(there, 'curl', [
          '-sS',
          '--tftp-blksize',
          size,
          '-o',
          join(folder.root, 'got'),
          'tftp://10.77.0.1/large.bin',
        ]),
      ).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder.root, 'got')).equals(Buffer.alloc(700_001, 7))).toBe(true)
    expect(await responder.stop('SIGTERM')).toBe(0)
    folder.write(lab({ interface: ['srv0', '127.0.0.1'] }))
    const several = await network.exec(
      here,
      'env',
      ['PXE_LAB_NATIVE_SOCKETS=off', process.execPath, cli, 'respond', '--config', folder.file],
      20,
    )
    expect(several.code).toBe(2)
    expect(several.stderr).toMatch(
      /several interfaces cannot be told apart here: .*Serve one interface, or install the package koffi/,
    )
  })

  test('without rights it ends with 3 and names the exact command', async () => {
    folder.write(lab({ state: '/tmp' }))
    chmodSync(folder.root, 0o755)
    const { code, stderr } = await network.exec(
      here,
      'setpriv',
      ['--reuid', '65534', '--clear-groups', process.execPath, cli, 'respond', '--config', folder.file],
      20,
    )
    expect(stderr).toMatch(
      /UDP port 67 on srv0 .* may not be opened without more rights\..*sudo setcap 'cap_net_bind_service,cap_net_raw\+ep'/,
    )
    expect(code).toBe(3)
  })

  test('boot servers are found by multicast, on the group the menu names', async () => {
    folder
      .write(
        lab({
          boot: { programs: [], menu: { multicast: '224.0.1.2', items: [{ text: 'Install', file: 'install.0' }] } },
        }),
      )
      .put('install.0', 'x')
    await startResponder(network, here, folder)
    const search = encodeDhcp(
      request({
        type: 'request',
        ...pxe(0),
        ciaddr: '10.77.0.2',
        options: [{ code: 43, data: encodePxeVendorOptions({ bootItem: { type: 0x8000, layer: 0 } }) }],
      }),
    )
    const script = `
      const s = require('node:dgram').createSocket('udp4')
      s.on('message', (m, from) => { console.log(from.port, m.toString('hex')); s.close() })
      s.bind(4011, '10.77.0.2', () => { s.setMulticastInterface('10.77.0.2'); s.send(Buffer.from('${formatHex(search)}', 'hex'), 4011, '224.0.1.2') })
      setTimeout(() => process.exit(1), 5000).unref()`
    const { stdout } = await network.exec(there, process.execPath, ['-e', script], 15)
    const [port, hex] = stdout.trim().split(' ')
    expect(port).toBe('4011')
    expect(bootFileOf(decodeDhcp(parseHex(hex!)!).message)).toBe('install.0')
  })
})

describeWith(['root', 'ip', 'perfdhcp', 'tcpdump'], 'leases survive', () => {
  /** Every address whose ACK reached the client's wire, by what a sniffer saw there. */
  const acknowledged = (capture: string): Set<string> => {
    const seen = new Set<string>()
    for (const { bytes } of framesIn(readFileSync(capture))) {
      const udp = unwrapUdp(bytes)
      const message = udp && decodeDhcp(udp.payload).message
      if (message && messageTypeOf(message) === messageTypes.ack) seen.add(formatIpv4(message.yiaddr))
    }
    return seen
  }

  // The responder of the window, which its back end starts again, is killed in kills.test.ts.
  const kills = Number(process.env['PXE_LAB_KILLS'] ?? 20)
  test(
    `kill -9 under load, ${kills} times: no acknowledged lease is lost`,
    { timeout: 120_000 + kills * 20_000 },
    async () => {
      folder.write(lab())
      const capture = join(folder.root, 'wire.pcap')
      const sniffer = network.start(there, 'tcpdump', [
        '-i',
        'cli0',
        '-n',
        '-U',
        '--immediate-mode',
        '-w',
        capture,
        `udp and src host 10.77.0.1 and (src port 67 or dst port ${markPort})`,
      ])
      await sniffer.sees(/listening on/)
      for (let round = 0; round < kills; round++) {
        const responder = await startResponder(network, here, folder)
        const load = network.start(there, 'perfdhcp', ['-4', '-l', '10.77.0.2', '-r', '400', '-R', '50000', '-s', String(round + 1), '-b', `mac=00:0c:01:${(round + 16).toString(16)}:00:00`, '-p', '5', '10.77.0.1']) // prettier-ignore
        // At another moment of the load each time.
        // Each part takes up to the next one and no further: a pattern with a choice would try all of them while too few are there.
        const acknowledgements = new RegExp(
          `^(?:(?:(?!dhcp-acknowledged)[^])*dhcp-acknowledged){${20 + ((round * 37) % 60)}}`,
        )
        await responder.sees(acknowledgements).catch((error: Error) => {
          // Whose fault it is that nothing more came: the load ends by itself where it fails.
          throw new Error(`perfdhcp ended with ${load.child.exitCode}:\n${load.output.slice(-1000)}`, { cause: error })
        })
        await responder.stop('SIGKILL')
        await load.stop('SIGKILL')
      }
      await sniffed(network, here, '10.77.0.2', capture)
      await sniffer.stop('SIGINT')
      const left = acknowledged(capture)
      const database = new DatabaseSync(join(folder.root, 'state/leases.sqlite'))
      const kept = new Set(
        (database.prepare("SELECT address FROM lease WHERE state = 'bound'").all() as { address: number }[]).map(
          ({ address }) => formatIpv4(address),
        ),
      )
      database.close()
      expect(left.size).toBeGreaterThan(kills * 20)
      expect([...left].filter((address) => !kept.has(address))).toEqual([])
    },
  )

  test('a damaged database is put aside under a new name, and the lab starts', async () => {
    folder.write(lab())
    const first = await startResponder(network, here, folder)
    await first.stop('SIGTERM')
    writeFileSync(
      join(folder.root, 'state/leases.sqlite'),
      'this is no database, it is a sentence that is long enough to be read as one page of it',
    )
    const second = await startResponder(network, here, folder)
    await second.sees(/"type":"lease-database-set-aside"/)
    expect(readdirSync(join(folder.root, 'state')).some((name) => name.includes('.damaged-'))).toBe(true)
    expect(await second.stop('SIGTERM')).toBe(0)
  })
})
