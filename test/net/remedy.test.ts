/** Changes on real systems: a firewall in a namespace, the capabilities of a program, the registry of Wine. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { doctorSchema } from '#shared/contract/documents.ts'
import { dpKey, wdsKey } from '#shared/lab/registry-keys.ts'
import type { Change } from '#shared/lab/repair.ts'
import { runTool, type RunTool } from '../../src/main/system/programs.ts'
import { RemedyEngine } from '../../src/main/remedy/engine.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'
import { wineCommand } from '../helpers/wine.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-remedy-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describeWith(['root', 'ip', 'dnsmasq', 'nft'], 'the firewall of a Linux server', () => {
  const { network, here, there } = labWireForAllTests({ server: ['10.77.0.1/24'], client: ['10.77.0.2/24'] })

  test('closed ports are found, opened, and closed again to the letter', async () => {
    const nft = async (rule: string) => (await network.exec(here, 'nft', [rule])).stdout
    await nft('add table inet filter')
    await nft('add chain inet filter input { type filter hook input priority 0; policy drop; }')
    await nft('add rule inet filter input ct state established,related accept')
    await nft('add rule inet filter input udp dport { 67, 68 } accept')
    // A packet goes through every chain of the hook.
    await nft('add table ip guard')
    await nft('add chain ip guard input { type filter hook input priority 10; policy drop; }')
    await nft('add rule ip guard input ct state established,related accept')
    await nft('add rule ip guard input udp dport { 67, 68 } accept')
    const values = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--user=root', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=', '--enable-tftp', '--tftp-root=/srv'] // prettier-ignore
    await network.start(here, 'dnsmasq', values).sees(/TFTP root/)
    const judged = async () => {
      const { stdout } = await network.exec(here, process.execPath, [cli, 'doctor', '--json'])
      return doctorSchema.parse(JSON.parse(stdout))
    }
    const remedy = (...words: string[]) =>
      network.exec(here, process.execPath, [cli, 'remedy', '--state', folder, ...words])
    expect((await judged()).findings).toMatchObject([
      { id: 'firewall-closed', title: 'The firewall blocks UDP 69 inbound' },
      { id: 'foreign-owner' },
    ])
    const before = await nft('list ruleset')
    expect(await remedy('apply', 'firewall-closed', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/sudo nft insert rule inet filter input udp dport 69 accept/),
    })
    for (const chain of ['inet filter input', 'ip guard input'])
      expect(await nft(`list chain ${chain}`)).toMatch(/udp dport 69 accept comment "PXE-UDP-69"/)
    expect((await judged()).findings.map((one) => one.id)).toEqual(['foreign-owner'])
    expect(await remedy('undo')).toMatchObject({ code: 0 })
    expect(await nft('list ruleset')).toBe(before)
  })

  test('what prerouting or the ingress of a device drops is found, and let in there', async () => {
    const nft = async (rule: string) => (await network.exec(here, 'nft', [rule])).stdout
    await nft('flush ruleset')
    await nft('add table ip early')
    await nft('add chain ip early pre { type filter hook prerouting priority -300; policy accept; }')
    await nft('add rule ip early pre udp dport 69 counter drop')
    await nft('add table netdev dev')
    await nft('add chain netdev dev in { type filter hook ingress device srv0 priority 0; policy accept; }')
    await nft('add rule netdev dev in udp dport { 69, 4011 } counter drop')
    // The kernel says which of the two a datagram gets to.
    await network.exec(there, 'bash', ['-c', 'echo x > /dev/udp/10.77.0.1/69'])
    await expect.poll(() => nft('list chain netdev dev in')).toMatch(/counter packets 1 /)
    expect(await nft('list chain ip early pre')).toMatch(/counter packets 0 /)
    const judged = async () => {
      const { stdout } = await network.exec(here, process.execPath, [cli, 'doctor', '--json'])
      return doctorSchema.parse(JSON.parse(stdout)).findings.filter((one) => one.id === 'firewall-closed')
    }
    const [found] = await judged()
    expect(found).toMatchObject({ title: 'The firewall blocks UDP 69 inbound' })
    expect(found!.says).toMatch(/"handle \d+ of ip early pre" and "handle \d+ of netdev dev in" drop 69\./)
    const before = await nft('list ruleset')
    const remedy = (...words: string[]) =>
      network.exec(here, process.execPath, [cli, 'remedy', '--state', folder, ...words])
    expect(await remedy('apply', 'firewall-closed', '--yes')).toMatchObject({ code: 0 })
    for (const chain of ['ip early pre', 'netdev dev in'])
      expect(await nft(`list chain ${chain}`)).toMatch(/udp dport 69 accept comment "PXE-UDP-69"/)
    expect(await judged()).toEqual([])
    expect(await remedy('undo')).toMatchObject({ code: 0 })
    expect(await nft('list ruleset')).toBe(before)
  })

  test('for IPv6 the chain of IPv6 is opened, where a DHCPv6 server holds its port; a lab that wants the port is told who has it', async () => {
    const nft = async (rule: string) => (await network.exec(here, 'nft', [rule])).stdout
    await nft('flush ruleset')
    await nft('add table ip6 over6')
    await nft('add chain ip6 over6 input { type filter hook input priority 0; policy drop; }')
    const values = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--user=root', '--dhcp-range=fd00:77::100,fd00:77::110,64,1h', '--dhcp-leasefile=/dev/null', '--pid-file='] // prettier-ignore
    const server = network.start(here, 'dnsmasq', values)
    await server.sees(/DHCPv6, IP range/)
    const labFile = join(folder, 'six.yaml')
    writeFileSync(labFile, 'interface: srv0\nmode: proxy-dhcp\nipv6: { enabled: true }\ntftp: { enabled: false }\n')
    const judged = async (...more: string[]) => {
      const { stdout } = await network.exec(here, process.execPath, [cli, 'doctor', '--json', ...more])
      return doctorSchema.parse(JSON.parse(stdout)).findings.filter((one) => one.id.startsWith('dhcpv6'))
    }
    const [held, closed] = (await judged('--lab', labFile)).toSorted((a, b) => (a.id < b.id ? 1 : -1))
    expect(held).toMatchObject({ id: 'dhcpv6-port-held', severity: 'warning', title: expect.stringMatching(/^.*dnsmasq.* holds UDP port 547/) }) // prettier-ignore
    expect(closed).toMatchObject({ severity: 'error', title: 'The firewall blocks UDP 547 and 4011 inbound over IPv6' }) // prettier-ignore
    const remedy = (...words: string[]) =>
      network.exec(here, process.execPath, [cli, 'remedy', '--state', folder, ...words])
    const before = await nft('list ruleset')
    expect(await remedy('apply', 'dhcpv6-firewall-closed', '--yes')).toMatchObject({ code: 0 })
    expect(await nft('list chain ip6 over6 input')).toMatch(/udp dport 547 accept comment "PXE-UDP-547"/)
    expect(await judged()).toEqual([])
    expect(await remedy('undo')).toMatchObject({ code: 0 })
    expect(await nft('list ruleset')).toBe(before)
    await server.stop()
  })
})

describeWith(['root', 'setcap', 'getcap'], 'low ports for a program', () => {
  test.each([undefined, 'cap_net_admin=ep'])('with the capabilities %s before', async (had) => {
    const program = join(folder, 'program')
    copyFileSync('/bin/true', program)
    if (had !== undefined) execFileSync('setcap', [had, program])
    const capabilities = (): string => execFileSync('getcap', [program], { encoding: 'utf8' })
    const before = capabilities()
    const engine = new RemedyEngine(folder, { system: 'linux', run: runTool, program })
    const { id, phase } = await engine.apply('low ports', [{ kind: 'low-ports' }])
    expect(phase).toBe('applied')
    expect(capabilities()).toMatch(/cap_net_bind_service,cap_net_raw=ep/)
    await engine.undo(id)
    expect(capabilities()).toBe(before)
  })
})

describe('a service of systemd', () => {
  /** A unit as systemctl shows and changes it (systemctl(1)). */
  const unit = { active: 'active', file: 'enabled' }
  const systemctl: RunTool = async (program, values) => {
    const [verb = ''] = values
    const command = [program, ...values].join(' ')
    if (verb === 'show')
      return {
        command,
        code: 0,
        output: `LoadState=loaded\nActiveState=${unit.active}\nUnitFileState=${unit.file}\n`,
      }
    if (verb === 'stop' || verb === 'start') unit.active = verb === 'stop' ? 'inactive' : 'active'
    else if (/^(en|dis)able$/.test(verb) && unit.file !== 'static') unit.file = `${verb}d`
    return { command, code: 0, output: '' }
  }

  test.each([
    ['active', 'enabled'],
    ['active', 'disabled'],
    ['inactive', 'enabled'],
    ['active', 'static'],
  ])('%s and %s: stopped and disabled, and as it was', async (active, file) => {
    Object.assign(unit, { active, file })
    const engine = new RemedyEngine(folder, { system: 'linux', run: systemctl, program: '' })
    const { id } = await engine.apply('stop', [{ kind: 'service', name: 'dnsmasq', state: 'stopped', start: 'manual' }])
    expect(unit.active).toBe('inactive')
    if (file === 'enabled') expect(unit.file).toBe('disabled')
    await engine.undo(id)
    expect(unit).toEqual({ active, file })
  })
})

describeWith(['wine64'], 'the registry of Wine', () => {
  const [wine, ...first] = wineCommand
  const environment = { ...process.env, WINEDEBUG: '-all', WINEPREFIX: '', DISPLAY: '' }
  const run: RunTool = async (program, values) => {
    const command = [program, ...values].join(' ')
    try {
      const output = execFileSync(wine, [...first, program, ...values], { encoding: 'utf8', env: environment })
      return { command, code: 0, output }
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string }
      return { command, code: status, output: stdout }
    }
  }
  const query = async (key: string): Promise<string> => (await run('reg', ['query', key, '/s'])).output
  let prefix: string
  beforeAll(() => {
    prefix = mkdtempSync(join(tmpdir(), 'pxe-lab-wine-'))
    environment.WINEPREFIX = prefix
    // It stays between two programs, however long the machine takes for the second.
    execFileSync('/usr/lib/wine/wineserver64', ['-p60'], { env: environment, stdio: 'ignore' })
    execFileSync(wine, [...first, 'wineboot', '--init'], { env: environment, stdio: 'ignore' })
  })
  afterAll(() => {
    execFileSync('/usr/lib/wine/wineserver64', ['-k'], { env: environment, stdio: 'ignore' })
    rmSync(prefix, { recursive: true, force: true })
  })

  const changes: readonly Change[] = [
    { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 },
    { kind: 'registry', key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 },
  ]
  const services = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer'
  const before: readonly (readonly [string, readonly string[]])[] = [
    ['nothing, not even the keys', []],
    ['a number', ['/t', 'REG_DWORD', '/d', '1']],
    ['a text where a number belongs', ['/t', 'REG_SZ', '/d', 'two words ']],
    ['several texts', ['/t', 'REG_MULTI_SZ', '/d', 'a\\0b c']],
    ['bytes', ['/t', 'REG_BINARY', '/d', '00FF10']],
    ['an empty text', ['/t', 'REG_SZ', '/d', '']],
  ]
  test.each(before)('over %s: written, and brought back to the letter', async (_, value) => {
    await run('reg', ['delete', services, '/f'])
    await run('reg', ['delete', 'HKLM\\SOFTWARE\\Microsoft\\SMS', '/f'])
    if (value.length > 0) await run('reg', ['add', wdsKey, '/v', 'UseDHCPPorts', ...value, '/f'])
    const there = await query(services)
    const engine = new RemedyEngine(folder, { system: 'windows', run, program: '' })
    const { id, phase, problem } = await engine.apply('x', changes)
    expect({ phase, problem }).toEqual({ phase: 'applied', problem: undefined })
    expect(await query(wdsKey)).toMatch(/UseDHCPPorts {4}REG_DWORD {4}0x0/)
    expect(await query(dpKey)).toMatch(/DoNotListenOnDhcpPort {4}REG_DWORD {4}0x1/)
    await engine.undo(id)
    expect(await query(services)).toBe(there)
    expect((await run('reg', ['query', 'HKLM\\SOFTWARE\\Microsoft\\SMS'])).code).not.toBe(0)
  })
})
