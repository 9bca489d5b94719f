/** `pxe-lab export`: what is written, what is told with the lab's key and line, and the server's own test of it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { cli, LabFolder } from '../helpers/lab.ts'
import { describeWith } from '../helpers/requirements.ts'

const run = (...values: string[]) => spawnSync(process.execPath, [cli, 'export', ...values], { encoding: 'utf8' })
const folder = new LabFolder()
afterAll(() => folder.remove())

const lab = () =>
  folder.write({
    interface: 'no-such-interface',
    mode: 'dhcp',
    dhcp: {
      options: { 15: 'lab.example' },
      subnets: [
        {
          subnet: '192.168.77.0/24',
          pools: [{ start: '192.168.77.100', end: '192.168.77.199' }],
          reservations: [{ uuid: '6c616221-0000-4000-8000-525400770003', address: '192.168.77.50' }],
        },
      ],
    },
    boot: { programs: [{ userClass: 'iPXE', file: 'http://192.168.77.1/menu "a", b\\c#.ipxe' }, { architecture: 'x64-uefi', file: 'ipxe.efi' }] }, // prettier-ignore
  }).file

test('a lab whose file server nobody can tell is refused, with what to do about it', () => {
  const { status, stderr, stdout } = run(lab(), '--to', 'kea')
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/interface no-such-interface has no IPv4 address .* --address, or set boot\.nextServer/)
})

test.each([
  [['--to', 'bind'], /--to bind is not a supported DHCP server/],
  [['--to', 'kea', '--engine-version', '1.8'], /2\.2, 2\.6, 3\.0/],
  [['--to', 'dnsmasq', '--engine-version', '2.90'], /Leave it out/],
  [['--to', 'kea', '--address', 'files'], /not an IPv4 address/],
  [['--to', 'powershell', '--check'], /For powershell, Windows has no such test/],
] as const)('%s is a fault of usage', (values, says) => {
  const { status, stderr } = run(lab(), ...values)
  expect(status).toBe(64)
  expect(stderr).toMatch(says)
})

test('what cannot be said is told with key and line, and the file goes into a new folder', () => {
  const out = join(folder.root, 'site', 'kea')
  const file = lab()
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((one) => one.includes('uuid:')) + 1
  const { status, stderr } = run(
    file,
    '--to',
    'kea',
    '--engine-version',
    '3.0',
    '--address',
    '192.168.77.1',
    '--out',
    out,
  )
  expect(status).toBe(0)
  expect(stderr).toContain(`${file}:${line}: dhcp.subnets[0].reservations[0]: `)
  expect(stderr).toContain('`mode: boot-server`')
  const text = readFileSync(join(out, 'kea-dhcp4.conf'), 'utf8')
  expect(text).toContain('// boot.programs[1]')
  expect(text).toContain('"control-sockets"')
  expect(text).not.toContain('require-client-classes')
})

describeWith(['kea-dhcp4', 'dnsmasq', 'dhcpd'], 'the server installed here', () => {
  test.each([['kea', '--engine-version', '2.2'], ['dnsmasq', '--tftp-root', '/srv/tftp boot'], ['dhcpd']])(
    '%s accepts what is written, names with quotes and commas too',
    (to, ...more) => {
      const { status, stderr } = run(lab(), '--to', to, ...more, '--address', '192.168.77.1', '--check')
      expect(stderr).toMatch(/accepts the file\.$/m)
      expect(status).toBe(0)
    },
  )
})

test('a configuration of one server is written for another, with the lines of what it cannot say', () => {
  const file = fileURLToPath(new URL('../fixtures/interchange/dnsmasq-chain.conf', import.meta.url))
  const { status, stdout, stderr } = run(file, '--to', 'kea', '--address', '172.18.4.3')
  expect(status).toBe(0)
  expect(stdout).toContain('http://172.18.4.3/menu.ipxe')
  expect(stderr).toContain(`Omitted: ${file}:19: no-such-word=1: `)
})

test.each([
  ['powershell', ['pxe-lab-dhcp.ps1', 'pxe-lab-dhcp-undo.ps1'], /Use-Scope '192\.168\.77\.0'/],
  ['netsh', ['pxe-lab-dhcp.txt', 'pxe-lab-dhcp.cmd', 'pxe-lab-dhcp-undo.cmd'], /add scope 192\.168\.77\.0/],
] as const)('%s: a script and one that undoes it', (to, names, says) => {
  const out = join(folder.root, to)
  const { status, stdout } = run(lab(), '--to', to, '--address', '192.168.77.1', '--out', out)
  expect(status).toBe(0)
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(line.lastIndexOf(sep) + 1)),
  ).toEqual(names)
  expect(readFileSync(join(out, names[0]), 'utf8')).toMatch(says)
})

test('dnsmasq is a proxyDHCP too, and what it does in its own way is told with its line', () => {
  const { file } = folder.write({
    interface: 'lo',
    mode: 'proxy-dhcp',
    boot: { programs: [{ file: 'undionly.kpxe' }] },
  })
  const { status, stdout, stderr } = run(file, '--to', 'dnsmasq', '--address', '192.168.77.1')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^dhcp-range=192\.168\.77\.1,proxy$/m)
  expect(stdout).toMatch(/^pxe-service=.*,0,"PXE Lab",undionly\.kpxe,192\.168\.77\.1$/m)
  expect(stderr).toMatch(/Differs: .*:\d+: mode: The proxyDHCP of dnsmasq has its own form/)
  expect(stderr).not.toContain('`mode: proxy-dhcp` beside')
})

test.each(['kea', 'dhcpd', 'powershell', 'netsh'])(
  '%s does not stand in for proxyDHCP, and that is told with its line',
  (engine) => {
    const { file } = folder.write({
      interface: 'lo',
      mode: 'proxy-dhcp',
      boot: { programs: [{ file: 'undionly.kpxe' }] },
    })
    const { status, stderr } = run(file, '--to', engine, '--address', '192.168.77.1')
    expect(status).toBe(0)
    expect(stderr).toMatch(/Keep beside it: .*: mode: .*`mode: proxy-dhcp` beside the DHCP server/)
  },
)
