import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { simulatedSchema } from '#shared/contract/documents.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { fixture } from '../helpers/fixtures.ts'
import { cli } from '../helpers/lab.ts'
import { signatureLists } from '../helpers/ovmf-variables.ts'
import { describeWith } from '../helpers/requirements.ts'

const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, ...values], { encoding: 'utf8', timeout: 300_000, maxBuffer: 1 << 28 })

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('simulate', () => {
  test('lists scenarios and firmwares', () => {
    const { status, stdout } = run('simulate', '--list')
    expect(status).toBe(0)
    expect(stdout).toMatch(/Who answers\n[^]*option-60-left-over +Option 60 left over after WDS moved/)
    expect(stdout).toMatch(/edk2-2016 \(UEFI x64 before April 2017/)
  })

  test('a fault ends with 1 and what stands on each screen; a repair ends with 0', () => {
    const broken = run('simulate', 'option-60-missing')
    expect(broken.status).toBe(1)
    expect(broken.stdout).toMatch(/bios-pc.*failed \(PXE-E53\)[^]*\| PXE-E53: No boot filename received\./)
    const repaired = run(
      'simulate',
      'option-60-missing',
      '--set',
      'hosts.server1.services.DHCPServer.options.60=PXEClient',
    )
    expect(repaired.status).toBe(0)
    expect(repaired.stdout).toMatch(/uefi-pc.*booted/)
  })

  test('--json has the described shape, and the same seed gives the same', () => {
    const first = run('simulate', 'lossy-link', '--seed', '5', '--json')
    const again = run('simulate', 'lossy-link', '--seed', '5', '--json')
    const other = run('simulate', 'lossy-link', '--seed', '6', '--json')
    const told = simulatedSchema.parse(JSON.parse(first.stdout))
    expect(told.clients.map((one) => one.state)).toEqual(['booted', 'booted'])
    expect(told.frames.some((one) => one.fate === 'lost')).toBe(true)
    expect(again.stdout).toBe(first.stdout)
    expect(other.stdout).not.toBe(first.stdout)
  })

  test('--dbx is what machines with Secure Boot revoke; where none has it on, that is said', () => {
    const program = readSignedProgram(new Uint8Array(readFileSync(fixture('wire/signed.efi'))), cryptography)!
    const { der, subject } = program.signatures[0]!.chain.at(-1)!
    const dbx = join(folder, 'dbx.esl')
    writeFileSync(dbx, signatureLists([der]))
    const file = join(folder, 'own.yaml')
    const text = readFileSync(new URL('../../resources/scenarios/secure-boot-of-2023.yaml', import.meta.url), 'utf8')
    writeFileSync(file, text.replaceAll('[uefi-2023]', `[${subject.common}]`).replaceAll('[windows-2011, uefi-2011]', `[${subject.common}]`)) // prettier-ignore
    const plain = run('simulate', file)
    expect(plain.stdout).toMatch(/old-pc.*booted/)
    const revoked = run('simulate', file, '--dbx', dbx)
    expect(revoked.stdout).toMatch(/old-pc.*failed[^]*Access Denied/)
    expect(revoked.stderr).toContain(` revokes ${subject.common}. Programs in a scenario have no hash`)
    expect(run('simulate', 'option-60-missing', '--dbx', dbx).stderr).toMatch(
      /--dbx has no effect: no machine of this scenario has Secure Boot on/,
    )
  })

  test('--client boots one machine of that firmware, --until stops on the way, --ladder draws', () => {
    const { stdout, status } = run(
      'simulate',
      'wds-same-host',
      '--client',
      'edk2-2016',
      '--until',
      'address',
      '--ladder',
    )
    expect(status).toBe(1)
    expect(stdout).toMatch(/^edk2-2016-pc, UEFI x64 before April 2017 \(old EDK2\): waiting/)
    expect(stdout).toMatch(/\| +ACK 192\.168\.77\.100/)
    expect(stdout).not.toMatch(/wdsmgfw/)
  })

  test('a lab file is a scenario, and a scenario becomes a lab file that serves', () => {
    const lab = join(folder, 'lab.yaml')
    writeFileSync(
      lab,
      'interface: eth0\nmode: dhcp\ndhcp: { subnets: [{ subnet: 10.1.0.0/24, pools: [{ start: 10.1.0.50, end: 10.1.0.99 }] }] }\nboot: { programs: [{ architecture: bios, file: a.0 }, { architecture: x64-uefi, file: b.efi }] }\n',
    )
    const { status, stdout } = run('simulate', lab)
    expect(stdout).toMatch(/edk2-pc.*booted/)
    // iPXE has no rule of its own and takes the BIOS program.
    expect(status).toBe(0)
    const written = join(folder, 'written.yaml')
    expect(run('simulate', 'wds-separate', '--lab', written).status).toBe(0)
    expect(readFileSync(written, 'utf8')).toMatch(/mode: dhcp/)
    expect(run('simulate', written, '--client', 'bios').stdout).toMatch(/DHCPServer|bios-pc/)
  })

  test('a real capture is held against the simulation', () => {
    const topology = fileURLToPath(fixture('topologies/full-pxelinux.yaml'))
    const same = run('simulate', topology, '--compare', fileURLToPath(fixture('captures/full-pxelinux.pcap')))
    expect(same.stdout).toMatch(/the same messages, options and waits/)
    expect(same.status).toBe(0)
    const different = run('simulate', topology, '--compare', fileURLToPath(fixture('captures/full-uefi-x64.pcap')))
    expect(different.stdout).toMatch(/Message 1 differs/)
    expect(different.status).toBe(1)
  })

  test('what is wrong is told with field, value and remedy', () => {
    const cases: [string[], number, RegExp][] = [
      [['simulate', 'nothing-like-that'], 2, /neither a file nor a scenario\. Run "pxe-lab simulate --list"/],
      [['simulate'], 64, /give a scenario/],
      [
        ['simulate', 'plain-dhcp', '--client', 'coreboot'],
        64,
        /--client coreboot is not a firmware\. Use one of: bios/,
      ],
      [['simulate', 'plain-dhcp', '--until', 'never'], 64, /--until never is not a stage/],
      [['simulate', 'plain-dhcp', '--seed', 'x'], 64, /--seed x is not a whole number/],
      [
        ['simulate', 'plain-dhcp', '--set', 'clients.bios-pc.on=moon'],
        2,
        /clients\.bios-pc\.on is no segment of this scenario \(it is "moon"\)\. Write one of: lan/,
      ],
      [
        ['simulate', 'plain-dhcp', '--set', 'hosts.boot1.services.DHCPServer.leaseSeconds=5'],
        2,
        /leaseSeconds is below 60 \(it is 5\)/,
      ],
      [['simulate', 'plain-dhcp', '--set', 'nonsense'], 64, /is not PATH=VALUE/],
      [
        ['simulate', 'plain-dhcp', '--pcapng', join(folder, 'no', 'where')],
        2,
        /--pcapng .* cannot be written \(ENOENT\)/,
      ],
      [['matrix', '--where', 'moon=1'], 64, /--where moon=1 is not a column\. Use one of: dhcp, pxe/],
      [['matrix', '--where', 'pxe=Serva'], 64, /pxe must be one of WDS, SccmPxe, none, elsewhere/],
    ]
    for (const [values, status, text] of cases) {
      const done = run(...values)
      expect(done.stderr, values.join(' ')).toMatch(text)
      expect(done.status, values.join(' ')).toBe(status)
    }
    const file = join(folder, 'bad.yaml')
    writeFileSync(
      file,
      'title: x\ngroup: Network\nsummary: y\nsegments:\n  lan: { network: 10.0.0.0/24, colour: red }\nclients: {}\n',
    )
    const bad = run('simulate', file)
    expect(bad.stderr).toMatch(/bad\.yaml:5:\d+: segments\.lan\.colour is no key of a scenario/)
    expect(bad.status).toBe(2)
  })

  describeWith(['tshark'], 'its frames', () => {
    test('are frames that tshark reads without complaint', () => {
      for (const name of ['relay-two-helpers', 'http-boot', 'boot-menu', 'firewall-4011']) {
        const file = join(folder, `${name}.pcapng`)
        run('simulate', name, '--pcapng', file)
        // Counted file data is cut off in the capture, which is no malformation.
        const { stdout } = spawnSync(
          'tshark',
          [
            '-r',
            file,
            '-Y',
            '_ws.malformed || udp.checksum.status == "Bad" || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || icmp.checksum.status == "Bad"',
            '-o',
            'udp.check_checksum:TRUE',
            '-o',
            'ip.check_checksum:TRUE',
            '-o',
            'tcp.check_checksum:TRUE',
          ],
          { encoding: 'utf8' },
        )
        expect(stdout.trim(), name).toBe('')
      }
    })
  })
})

describe('matrix', () => {
  test('a row with its remedy, as JSON and as Markdown', () => {
    const where = [
      'dhcp=this',
      'pxe=WDS',
      'listen=0',
      'option60=unset',
      'files=unset',
      'service=running',
      'starts=first',
    ]
    const asked = where.flatMap((one) => ['--where', one])
    const [entry] = JSON.parse(run('matrix', '--json', ...asked).stdout) as {
      cells: Record<string, { code: string }>
      remedy: { commands: string[] }
    }[]
    expect(Object.values(entry!.cells).map((one) => one.code)).toEqual(['PXE-E53', 'PXE-E16', 'PXE-E16', ''])
    expect(entry!.remedy.commands).toContain('netsh dhcp server set optionvalue 60 STRING PXEClient')
    expect(run('matrix', '--markdown', ...asked).stdout).toMatch(
      /\| this host \| WDS \| 0 \| not set .*PXE-E53 \| PXE-E16/,
    )
  })
})
