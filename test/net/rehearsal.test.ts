/** Rehearsed boots and expectations, on wires where servers of others answer, well and badly. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probeSchema } from '#shared/contract/documents.ts'
import { writeBootConfiguration } from '../helpers/hive.ts'
import { cli } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

let network: Network
let first: string
let second: string
let here: string
let folder: string
let files: string
const running: Running[] = []

const unsigned = '/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi'
const common = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=eth0', '--bind-interfaces', '--user=root', '--dhcp-leasefile=/dev/null', '--pid-file=', '--no-ping', '--log-dhcp'] // prettier-ignore
const pool = '--dhcp-range=10.77.0.100,10.77.0.110,1h'

async function start(namespace: string, seen: RegExp, command: string, ...values: string[]): Promise<Running> {
  const one = network.start(namespace, command, values, { KEA_LOCKFILE_DIR: folder, KEA_PIDFILE_DIR: folder })
  running.push(one)
  await one.sees(seen)
  return one
}
const dnsmasq = (namespace: string, ...values: string[]): Promise<Running> =>
  start(namespace, /DHCP, (IP range|proxy)/, 'dnsmasq', ...common, ...values)

async function rehearse(client: string) {
  const values = [cli, 'probe', '-i', 'eth0', '--rehearse', '--json', '--arch', client]
  const { code, stdout, stderr } = await network.exec(here, process.execPath, values, 110)
  if (stdout === '') throw new Error(stderr)
  const { rehearsals, ...told } = probeSchema.parse(JSON.parse(stdout))
  return { exit: code, ...told, ...rehearsals![0]! }
}
const stateOf = (told: Awaited<ReturnType<typeof rehearse>>, name: string) =>
  told.steps.find((one) => one.name === name)

/** A program that a certificate signs, issued by an authority with that name. */
function sign(target: string, authority: string): void {
  const path = (name: string): string => join(folder, name)
  const openssl = (...values: string[]): void => void execFileSync('openssl', values, { stdio: 'pipe' })
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', path('ca.key'), '-out', path('ca.pem'), '-subj', `/C=US/O=Microsoft Corporation/CN=${authority}`) // prettier-ignore
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', path('leaf.key'), '-out', path('leaf.csr'), '-subj', '/CN=Microsoft Windows') // prettier-ignore
  openssl('x509', '-req', '-in', path('leaf.csr'), '-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-out', path('leaf.pem')) // prettier-ignore
  execFileSync('sbsign', ['--key', path('leaf.key'), '--cert', path('leaf.pem'), '--addcert', path('ca.pem'), '--output', target, unsigned], { stdio: 'pipe' }) // prettier-ignore
}

describeWith(
  ['root', 'ip', 'dnsmasq', 'atftpd', 'kea-dhcp4', 'nft', 'sbsign', 'openssl', 'hivexsh', 'grub-pxe'],
  'rehearsal',
  () => {
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pxe-lab-rehearsal-'))
      files = join(folder, 'tftp')
      mkdirSync(join(files, 'Boot', 'x64', 'Images'), { recursive: true })
      mkdirSync(join(files, 'boot', 'x64'), { recursive: true })
      execFileSync('chmod', ['-R', 'a+rX', folder])
      network = new Network()
      const hub = network.namespace('h')
      first = network.namespace('a')
      second = network.namespace('b')
      here = network.namespace('c')
      for (const [index, namespace] of [first, second, here].entries()) {
        network.cable({ in: hub, name: `p${index}` }, { in: namespace, name: 'eth0', addresses: [`10.77.0.${index + 1}/24`] }) // prettier-ignore
        // The package dhcp broadcasts along the default route.
        network.ip('-n', namespace, 'route', 'add', 'default', 'dev', 'eth0')
      }
      network.bridge(hub, 'br0', [], ['p0', 'p1', 'p2'])
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.stop()))
    })
    afterAll(async () => {
      await network.close()
      rmSync(folder, { recursive: true, force: true })
    })

    test('a Windows boot that is right passes every step, is followed to its image, and gives its address back', async () => {
      sign(join(files, 'boot', 'x64', 'wdsmgfw.efi'), 'Windows UEFI CA 2023')
      writeBootConfiguration(join(files, 'Boot', 'x64', 'default.bcd'), {
        image: '\\Boot\\x64\\Images\\boot.wim',
        sdi: '\\Boot\\boot.sdi',
        blockSize: 1456,
        windowSize: 4,
      })
      writeFileSync(join(files, 'Boot', 'boot.sdi'), Buffer.concat([Buffer.from('$SDI0001'), Buffer.alloc(8000)]))
      writeFileSync(join(files, 'Boot', 'x64', 'Images', 'boot.wim'), Buffer.concat([Buffer.from('MSWIM\0\0\0'), Buffer.alloc(9000)])) // prettier-ignore
      const server = await dnsmasq(
        first,
        pool,
        '--dhcp-boot=boot\\x64\\wdsmgfw.efi',
        '--enable-tftp',
        `--tftp-root=${files}`,
      )
      const told = await rehearse('x64-uefi')
      expect(told.steps.filter((one) => one.state !== 'passed')).toEqual([])
      expect(told).toMatchObject({ exit: 0, code: '', line: '', warnings: [] })
      const content = readFileSync(join(files, 'boot', 'x64', 'wdsmgfw.efi'))
      expect(told.program).toMatchObject({
        server: '10.77.0.1',
        file: 'boot\\x64\\wdsmgfw.efi',
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
        signer: 'Microsoft Windows',
        authority: 'Windows UEFI CA 2023',
        description: 'UEFI program, x64',
      })
      expect(stateOf(told, 'Boot configuration')!.detail).toMatch(/Images\\boot\.wim; block size 1456, window 4/)
      expect(stateOf(told, 'RAM disk')!.detail).toBe('\\Boot\\boot.sdi is there.')
      expect(stateOf(told, 'Image')!.detail).toBe('\\Boot\\x64\\Images\\boot.wim is there.')
      expect(stateOf(told, 'Second opinion: TFTP')!.detail).toBe(
        `The package tftp2 got the same ${content.length} bytes.`,
      )
      expect(told.secondOpinion).toEqual({
        name: 'Second opinion: DHCP',
        state: 'passed',
        detail: 'The package dhcp hears the same: 10.77.0.1.',
      })
      // dnsmasq grants no more than a frame; what it grants is swept, and the fastest without loss is advised.
      expect(told.sweep.map((one) => one.agreedBlockSize)).toEqual([512, 1024, 1456, 1468])
      expect(told.recommended).toMatchObject({ windowSize: 1 })
      await server.sees(/DHCPACK\(eth0\) 10\.77\.0\.\d+ 02:50:58:45:4c:43/)
      await server.sees(/DHCPRELEASE\(eth0\) 10\.77\.0\.\d+ 02:50:58:45:4c:43/)
    })

    test('an authority of 2011, an image that is not there and a configuration that is none are told', async () => {
      sign(join(files, 'boot', 'x64', 'wdsmgfw.efi'), 'Microsoft Windows Production PCA 2011')
      rmSync(join(files, 'Boot', 'x64', 'Images', 'boot.wim'), { force: true })
      await dnsmasq(first, pool, '--dhcp-boot=boot\\x64\\wdsmgfw.efi', '--enable-tftp', `--tftp-root=${files}`)
      const told = await rehearse('x64-uefi')
      expect(stateOf(told, 'Signature')).toMatchObject({ state: 'warning', detail: expect.stringMatching(/PCA 2011.*KB5025885/) }) // prettier-ignore
      expect(stateOf(told, 'Image')).toMatchObject({ state: 'failed', detail: expect.stringMatching(/boot\.wim: .*not found.*0xc000000f/i) }) // prettier-ignore
      expect(told.exit).toBe(1)
    })

    test.each([
      ['bios', 'PXE-E55'],
      ['x64-uefi', 'PXE-E16'],
    ])('Kea with option 60 and nobody on port 4011: %s shows %s', async (client, code) => {
      const configuration = join(folder, 'kea.json')
      writeFileSync(
        configuration,
        JSON.stringify({
          Dhcp4: {
            'interfaces-config': { interfaces: ['eth0'] },
            'lease-database': { type: 'memfile', persist: false },
            subnet4: [
              {
                subnet: '10.77.0.0/24',
                pools: [{ pool: '10.77.0.130 - 10.77.0.140' }],
                'option-data': [{ name: 'vendor-class-identifier', data: 'PXEClient', 'always-send': true }],
              },
            ],
          },
        }),
      )
      await start(first, /DHCP4_STARTED/, 'kea-dhcp4', '-c', configuration)
      const told = await rehearse(client)
      expect(told.results[0]).toMatchObject({ asksBootServer: true, offers: [{ vendorClass: 'PXEClient' }] })
      expect(told.steps.at(-1)).toMatchObject({
        name: 'Boot server',
        state: 'failed',
        detail: expect.stringMatching(new RegExp(`^${code}: .*did not answer`)),
      })
      expect(told.line).toMatch(new RegExp(`^${code}`))
    })

    test('a proxyDHCP that names a BIOS program to UEFI: the census and the rehearsal say so', async () => {
      writeFileSync(join(files, 'undionly.kpxe'), Buffer.alloc(70_000, 0x90))
      await dnsmasq(first, pool)
      await dnsmasq(second, '--dhcp-range=10.77.0.0,proxy', '--dhcp-boot=undionly.kpxe,,10.77.0.2', '--pxe-service=BC_EFI,go,undionly.kpxe', '--pxe-service=X86-64_EFI,go,undionly.kpxe', '--enable-tftp', `--tftp-root=${files}`) // prettier-ignore
      const told = await rehearse('x64-uefi')
      expect(told.line).not.toBe('')
      expect(stateOf(told, 'Program')).toMatchObject({
        state: 'failed',
        detail: expect.stringMatching(
          /^undionly\.kpxe, 70000 bytes: BIOS boot program: UEFI firmware starts only PE programs/,
        ),
      })
    })

    test('a path that drops large packets: the boot goes, and the sweep says up to which size', async () => {
      copyFileSync(unsigned, join(files, 'grub.efi'))
      await dnsmasq(first, pool, '--dhcp-boot=grub.efi,,10.77.0.2')
      await start(
        second,
        /^/,
        'atftpd',
        '--daemon',
        '--no-fork',
        '--user',
        'root',
        '--verbose=7',
        '--logfile',
        '-',
        files,
      )
      for (const rule of [
        'add table ip path',
        'add chain ip path out { type filter hook output priority 0; }',
        'add rule ip path out ip length > 1500 drop',
      ])
        // prettier-ignore
        await network.exec(second, 'nft', [rule])
      const told = await rehearse('x64-uefi')
      await network.exec(second, 'nft', ['flush ruleset'])
      expect(told.line).toBe('')
      expect(stateOf(told, 'Block sizes')).toMatchObject({
        state: 'warning',
        detail: expect.stringMatching(/^Blocks up to 1468 bytes come through; of 4096 bytes none does/),
      })
      expect(told.recommended!.blockSize).toBeLessThanOrEqual(1468)
      expect(told.sweep.filter((one) => one.problem === '' && one.windowSize > 1).length).toBeGreaterThan(0)
    })

    test('HTTP boot is rehearsed as well', async () => {
      copyFileSync(unsigned, join(files, 'grub.efi'))
      const script = `require('http').createServer((request, response) => {
      const content = require('fs').readFileSync(${JSON.stringify(files)} + request.url)
      response.setHeader('content-length', content.length)
      response.end(request.method === 'HEAD' ? undefined : content)
    }).listen(80, () => console.log('serves'))`
      await start(first, /serves/, process.execPath, '-e', script)
      await dnsmasq(first, pool, '--dhcp-match=set:http,option:client-arch,16', '--dhcp-option-force=tag:http,60,HTTPClient', '--dhcp-boot=tag:http,http://10.77.0.1/grub.efi') // prettier-ignore
      const told = await rehearse('http')
      expect(told.line).toBe('')
      expect(told.program).toMatchObject({ transport: 'http', file: 'http://10.77.0.1/grub.efi', description: 'UEFI program, x64' }) // prettier-ignore
    })

    test('nobody answers: the firmware ends as it would, without a minute of waiting', async () => {
      const started = Date.now()
      const told = await rehearse('x64-uefi')
      expect(told).toMatchObject({ line: expect.stringMatching(/^PXE-E18/), warnings: ['Nobody answers: no DHCP server, no proxyDHCP.'] }) // prettier-ignore
      expect(Date.now() - started).toBeLessThan(30_000)
    })

    test('expectations that hold end with 0, those that do not with 1, a file that is wrong with 2', async () => {
      copyFileSync(unsigned, join(files, 'grub.efi'))
      await dnsmasq(first, pool, '--dhcp-boot=grub.efi', '--enable-tftp', `--tftp-root=${files}`)
      const file = join(folder, 'expect.yaml')
      const check = async (text: string) => {
        writeFileSync(file, text)
        return network.exec(here, process.execPath, [cli, 'check', '--expect', file])
      }
      const good = `interface: eth0\ndhcpServers: [10.77.0.1]\nproxies: []\nwarnings: none\nclients:\n  x64-uefi: { addressFrom: 10.77.0.1, file: '\\GRUB.efi', fileServer: 10.77.0.1, shows: '' }\n`
      expect(await check(good)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^ok {2}DHCP servers: 10\.77\.0\.1\n[^]*ok {2}UEFI x64, file: grub\.efi\n/),
      })
      await dnsmasq(second, '--dhcp-range=10.77.0.150,10.77.0.160,1h')
      const bad = await check(good)
      expect(bad.code).toBe(1)
      expect(bad.stdout).toMatch(/NO {2}DHCP servers: expected 10\.77\.0\.1, found 10\.77\.0\.1, 10\.77\.0\.2/)
      expect(await check('interface: eth0\ndhcpServer: [10.77.0.1]\n')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/expect\.yaml:2: dhcpServer is no key of a file of expectations.*dhcpServers/),
      })
      expect(await check('interface: eth9\n')).toMatchObject({ code: 2, stdout: expect.stringMatching(/eth9 is not an interface/) }) // prettier-ignore
    })

    test('a baseline holds until something changes, which every form of report then tells', async () => {
      copyFileSync(unsigned, join(files, 'grub.efi'))
      const server = await dnsmasq(first, pool, '--dhcp-boot=grub.efi', '--enable-tftp', `--tftp-root=${files}`)
      const baseline = join(folder, 'baseline.yaml')
      const run = (...values: string[]) => network.exec(here, process.execPath, [cli, 'check', ...values], 110)
      const recorded = await run('--record', baseline, '--interface', 'eth0', '--clients', 'x64-uefi')
      expect(recorded).toMatchObject({ code: 0, stdout: `Wrote ${baseline}.\n` })
      expect(readFileSync(baseline, 'utf8')).toMatch(/dhcpServers:\n\s+- 10\.77\.0\.1\n[^]*x64-uefi:\n\s+addressFrom: 10\.77\.0\.1\n[^]*file: grub\.efi\n/) // prettier-ignore
      const holding = await run('--expect', baseline, '--form', 'nagios')
      expect(holding.stdout).toMatch(/^PXE OK - (\d+) of \1 as expected \| expected=\1 differing=0;;0 unknown=0 /)
      expect(holding.code).toBe(0)
      await server.stop()
      const metrics = join(folder, 'pxe.prom')
      const silent = await run('--expect', baseline, '--form', 'nagios', '--textfile', metrics)
      expect(silent).toMatchObject({ code: 2, stdout: expect.stringMatching(/^PXE CRITICAL - eth0 DHCP servers: expected 10\.77\.0\.1, found nobody/) }) // prettier-ignore
      expect(readFileSync(metrics, 'utf8')).toContain('pxe_lab_check_holds{interface="eth0",what="DHCP servers"} 0\n')
      const again = await run('--record', baseline, '--clients', 'x64-uefi')
      expect(again.stdout).toBe(`Wrote ${baseline}. Its previous content is in ${baseline}.before.\n`)
      expect(readFileSync(`${baseline}.before`, 'utf8')).toContain('grub.efi')
      expect(await run('--record', baseline, '--interface', 'eth9')).toMatchObject({ code: 2, stderr: expect.stringMatching(/eth9 is not an interface.*Nothing was written/) }) // prettier-ignore
    })
  },
)
