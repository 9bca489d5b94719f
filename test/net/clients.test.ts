import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync, existsSync, statSync, symlinkSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dhclient } from '../helpers/dhclient.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '192.168.77.1'
const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
const noise = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 197 + (at >> 7) * 31) & 255))
const large = noise(3_000_007)

const network = new Network()
const folder = new LabFolder()
let responder: Running
let here: string
let there: string
let far: string

/** A server, a client on its wire, and a client two hops away behind a relay. */
async function setUp(): Promise<void> {
  ;({ here, there } = network.wire({ server: [`${server}/24`], client: ['192.168.77.2/24'] }))
  far = network.namespace('f')
  network.cable({ in: there, name: 'far0', addresses: ['192.168.78.1/24'] }, { in: far, name: 'cli1' })
  network.ip('-n', here, 'route', 'add', '192.168.78.0/24', 'via', '192.168.77.2')
  folder
    .write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: {
        subnets: [
          {
            subnet: '192.168.77.0/24',
            pools: [{ start: '192.168.77.100', end: '192.168.77.199' }],
            router: server,
            dns: [server],
            options: { 'domain-name': 'lab.test' },
            reservations: [{ mac: '52:54:00:00:00:42', address: '192.168.77.42', hostname: 'bench42' }],
          },
          {
            subnet: '192.168.78.0/24',
            pools: [{ start: '192.168.78.100', end: '192.168.78.110' }],
            router: '192.168.78.1',
          },
        ],
      },
      boot: { programs: [{ file: 'large.bin' }] },
      tftp: { upload: './incoming' },
      http: { enabled: true },
    })
    .put('large.bin', large)
    .put('Boot/Fonts/Menu.TXT', 'line one\nline two\n')
    .put('empty.bin', '')
    .put('exact.bin', noise(512 * 8))
  responder = await startResponder(network, here, folder)
}

async function tearDown(): Promise<void> {
  await network.close()
  folder.remove()
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const got = (name: string): string => join(folder.root, name)

describeWith(['root', 'ip', 'dhclient', 'nmap', 'perfdhcp', 'dhcrelay'], 'DHCP clients of others', () => {
  beforeAll(setUp)
  afterAll(tearDown)

  const lease = (namespace: string, device: string, mac: string): Promise<string> => {
    network.ip('-n', namespace, 'link', 'set', device, 'down')
    network.ip('-n', namespace, 'link', 'set', device, 'address', mac, 'up')
    return dhclient(network, namespace, device, folder.root)
  }

  test('dhclient gets an address, mask, router, DNS and domain', async () => {
    const said = await lease(there, 'cli0', '52:54:00:00:00:01')
    expect(said).toMatch(/DHCPACK of 192\.168\.77\.1\d\d from 192\.168\.77\.1/)
    expect(said).toMatch(/option subnet-mask 255\.255\.255\.0/)
    expect(said).toMatch(/option routers 192\.168\.77\.1/)
    expect(said).toMatch(/option domain-name "lab\.test"/)
  })

  test('dhclient reads the boot names, which end with a NUL, and what stands behind them', async () => {
    const wants = 'request bootfile-name, tftp-server-name, routers, domain-name-servers;'
    const said = await dhclient(network, there, 'cli0', folder.root, 60, wants)
    expect(said).toMatch(/option bootfile-name "large\.bin";/)
    expect(said).toMatch(/option tftp-server-name "192\.168\.77\.1";/)
    expect(said).toMatch(/option routers 192\.168\.77\.1;/)
    expect(said).toMatch(/option domain-name-servers 192\.168\.77\.1;/)
  })

  test('a reservation holds', async () => {
    expect(await lease(there, 'cli0', '52:54:00:00:00:42')).toMatch(/DHCPACK of 192\.168\.77\.42/)
  })

  test('a client behind a relay gets an address of its own subnet', async () => {
    network.ip('-n', there, 'addr', 'replace', '192.168.77.2/24', 'dev', 'cli0')
    const relay = network.start(there, 'dhcrelay', ['-4', '-d', '--no-pid', '-a', '-iu', 'cli0', '-id', 'far0', server])
    await relay.sees(/Sending on/)
    expect(await lease(far, 'cli1', '52:54:00:00:00:02')).toMatch(/DHCPACK of 192\.168\.78\.1\d\d/)
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(
        expect.objectContaining({ type: 'dhcp-acknowledged', subnet: '192.168.78.0/24', via: '192.168.78.1' }),
      )
    await relay.stop()
  })

  test("nmap's broadcast-dhcp-discover sees the offer", async () => {
    const { stdout } = await network.exec(there, 'nmap', ['--script', 'broadcast-dhcp-discover', '-e', 'cli0'], 60)
    expect(stdout).toMatch(/DHCP Message Type: DHCPOFFER/)
    expect(stdout).toMatch(/Server Identifier: 192\.168\.77\.1/)
    expect(stdout).toMatch(/Subnet Mask: 255\.255\.255\.0/)
  })

  test('perfdhcp loses no exchange at a moderate rate', async () => {
    const { stdout } = await network.exec(
      there,
      'perfdhcp',
      ['-4', '-l', '192.168.77.2', '-r', '50', '-R', '40', '-p', '2', '-W', '1000000', server],
      30,
    )
    const sections = stdout.split('***Statistics for: ').slice(1)
    expect(sections.map((one) => one.split('***')[0])).toEqual(['DISCOVER-OFFER', 'REQUEST-ACK'])
    for (const section of sections) expect(section).toMatch(/drops: 0\b/)
  })

  test('the independent package dhcp is bound', async () => {
    network.ip('-n', there, 'route', 'replace', '255.255.255.255/32', 'dev', 'cli0')
    const { stdout } = await network.exec(there, process.execPath, [helper('peer-dhcp.mjs'), '52-54-00-00-00-77'], 15)
    expect(stdout).toMatch(/bound .*"address":"192\.168\.77\.1\d\d"/)
  })
})

describeWith(['root', 'ip', 'curl', 'tftp', 'atftp'], 'file clients of others', () => {
  beforeAll(setUp)
  afterAll(tearDown)

  const curl = (...values: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    network.exec(there, 'curl', ['-sS', '--max-time', '20', ...values])
  const tftp = (commands: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    network.exec(there, 'sh', ['-c', `cd ${folder.root} && printf '${commands}' | tftp ${server}`])

  test('curl loads with and without options, empty and exact files too', async () => {
    for (const [name, size] of [
      ['large.bin', '1468'],
      ['large.bin', '512'],
      ['exact.bin', '512'],
    ] as const) {
      expect(await curl('--tftp-blksize', size, '-o', got('out'), `tftp://${server}/${name}`)).toMatchObject({
        code: 0,
      })
      expect(sha(readFileSync(got('out')))).toBe(sha(readFileSync(join(folder.root, 'boot', name))))
    }
    // curl takes the true size of an empty file, 0, for an error; without options it is content.
    for (const name of ['exact.bin', 'empty.bin']) {
      expect(await curl('--tftp-no-options', '-o', got('out'), `tftp://${server}/${name}`)).toMatchObject({ code: 0 })
      expect(sha(readFileSync(got('out')))).toBe(sha(readFileSync(join(folder.root, 'boot', name))))
    }
  })

  test('names as Windows sends them lead to the file; nothing leads outside', async () => {
    for (const name of ['boot/fonts/menu.txt', '\\\\BOOT\\\\fonts\\\\MENU.txt', '//Boot//Fonts/./Menu.TXT'])
      expect((await curl(`tftp://${server}/${encodeURIComponent(name.replaceAll('\\\\', '\\'))}`)).stdout).toBe(
        'line one\nline two\n',
      )
    writeFileSync(got('secret.txt'), 'secret')
    symlinkSync(got('secret.txt'), join(folder.root, 'boot', 'link.txt'))
    symlinkSync(folder.root, join(folder.root, 'boot', 'up'))
    for (const name of [
      '../secret.txt',
      '..\\secret.txt',
      'Boot/../../secret.txt',
      'link.txt',
      'up/secret.txt',
      'C:\\secret.txt',
      '/etc/passwd',
      '....//secret.txt',
      '\\\\?\\C:\\x',
      'Boot',
      'NUL',
      'aux.efi',
    ]) {
      const { stdout, code } = await curl(`tftp://${server}/${encodeURIComponent(name)}`)
      expect(stdout, name).toBe('')
      expect(code, name).not.toBe(0)
    }
  })

  test('tftp-hpa loads in both modes and uploads where the lab allows it', async () => {
    await tftp('mode octet\\nget large.bin hpa.bin\\nmode ascii\\nget Boot/Fonts/Menu.TXT hpa.txt\\n')
    expect(sha(readFileSync(got('hpa.bin')))).toBe(sha(large))
    expect(readFileSync(got('hpa.txt'), 'utf8')).toBe('line one\nline two\n')
    writeFileSync(got('log.txt'), noise(70_000))
    await tftp('mode octet\\nput log.txt log.txt\\n')
    await expect.poll(() => existsSync(got('incoming/log.txt'))).toBe(true)
    expect(sha(readFileSync(got('incoming/log.txt')))).toBe(sha(noise(70_000)))
    expect((await tftp('mode octet\\nput log.txt ../evil.txt\\n')).stdout).toMatch(/Error|denied|leads out/i)
    expect(existsSync(got('evil.txt'))).toBe(false)
  })

  test('atftp loads with a window (RFC 7440)', async () => {
    const { code } = await network.exec(there, 'atftp', [
      '--option',
      'blksize 1456',
      '--option',
      'windowsize 16',
      '--option',
      'tsize 0',
      '-g',
      '-r',
      'large.bin',
      '-l',
      got('atftp.bin'),
      server,
    ])
    expect(code).toBe(0)
    expect(sha(readFileSync(got('atftp.bin')))).toBe(sha(large))
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(
        expect.objectContaining({
          type: 'transfer-started',
          transfer: expect.objectContaining({ windowSize: 16, blockSize: 1456 }),
        }),
      )
  })

  test('a file arrives whole for a client that misses every ninth packet', async () => {
    const { stdout } = await network.exec(
      there,
      process.execPath,
      [helper('lossy-tftp.mjs'), server, 'exact.bin', '9'],
      60,
    )
    expect(stdout.trim()).toBe(`${512 * 8} ${sha(noise(512 * 8))}`)
  })

  test('a file replaced during its transfer is not mixed with the new one', async () => {
    const path = join(folder.root, 'boot', 'moving.bin')
    writeFileSync(path, large)
    const transfer = curl(
      '--limit-rate',
      '1M',
      '--tftp-blksize',
      '512',
      '-o',
      got('moving.bin'),
      `tftp://${server}/moving.bin`,
    )
    await responder.sees(/"file":"moving\.bin"/)
    // Some of it has come, most of it has not.
    await vi.waitUntil(() => existsSync(got('moving.bin')) && statSync(got('moving.bin')).size > 0, 60_000)
    writeFileSync(`${path}.new`, noise(4_000_000).fill(7))
    renameSync(`${path}.new`, path)
    expect(await transfer).toMatchObject({ code: 0 })
    expect(sha(readFileSync(got('moving.bin')))).toBe(sha(large))
  })

  test('the independent package tftp2 gets the same bytes', async () => {
    const { stdout } = await network.exec(
      there,
      process.execPath,
      [helper('peer-tftp.mjs'), server, '69', 'exact.bin'],
      30,
    )
    expect(stdout.trim()).toBe(`${512 * 8} ${sha(noise(512 * 8))}`)
  })

  test('HTTP boot serves whole files, ranges and heads, and nothing outside', async () => {
    expect((await curl(`http://${server}/large.bin`, '-o', got('http.bin'))).code).toBe(0)
    expect(sha(readFileSync(got('http.bin')))).toBe(sha(large))
    expect((await curl('-r', '5-9', '-w', '%{http_code}', `http://${server}/boot/fonts/menu.txt`)).stdout).toBe(
      'one\nl206',
    )
    expect((await curl('-I', `http://${server}/exact.bin`)).stdout).toMatch(/content-length: 4096/i)
    expect((await curl('-o', '/dev/null', '-w', '%{http_code}', `http://${server}/none`)).stdout).toBe('404')
    expect(
      (await curl('--path-as-is', '-o', '/dev/null', '-w', '%{http_code}', `http://${server}/%2e%2e/secret.txt`))
        .stdout,
    ).not.toBe('200')
    expect((await curl('-X', 'PUT', '-o', '/dev/null', '-w', '%{http_code}', `http://${server}/x`)).stdout).toBe('405')
  })

  test('two hundred hostile and broken packets later it still serves', async () => {
    mkdirSync(got('tmp'), { recursive: true })
    const script = `
      const s = require('node:dgram').createSocket('udp4')
      const send = (b, p) => new Promise((r) => s.send(b, p, '${server}', r))
      ;(async () => {
        for (let n = 0; n < 200; n++) {
          const b = Buffer.alloc((n * 37) % 600)
          for (let at = 0; at < b.length; at++) b[at] = (at * n * 13 + n) & 255
          if (n % 3 === 0 && b.length > 2) { b[0] = 0; b[1] = n % 7 }
          await send(b, [67, 69, 4011][n % 3])
        }
        s.close()
      })()`
    expect((await network.exec(there, process.execPath, ['-e', script])).code).toBe(0)
    expect(await curl('-o', got('out'), `tftp://${server}/exact.bin`)).toMatchObject({ code: 0 })
    expect(responder.child.exitCode).toBeNull()
  })
})
