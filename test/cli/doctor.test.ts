import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { doctorSchema } from '#shared/contract/documents.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { cli } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'
import { windowsServer, type WindowsServer } from '../helpers/windows-server.ts'
import { windowsTools } from '../helpers/windows-tools.ts'

const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, 'doctor', ...values], { encoding: 'utf8', timeout: 300_000 })

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function factsFile(server: WindowsServer, encoding: BufferEncoding = 'utf8'): string {
  const file = join(folder, 'facts.json')
  writeFileSync(file, Buffer.from(`\uFEFF${JSON.stringify(windowsServer(server))}`, encoding))
  return file
}
const services = { DHCPServer: 'running', WDSServer: 'running' } as const
const conflict: WindowsServer = { services, udp: [['0.0.0.0', 67, 'DHCPServer']] }
const good: WindowsServer = {
  services,
  registry: { [wdsKey]: { UseDHCPPorts: 0 } },
  options: ['set optionvalue 60 STRING "PXEClient" '],
}

test('findings end with 1, with evidence, what clients show, the repair and its undo', () => {
  const { status, stdout } = run('--facts', factsFile(conflict))
  expect(status).toBe(1)
  expect(stdout).toMatch(/^WDS and DHCP both claim UDP port 67\.\n/)
  expect(stdout).toMatch(/UDP 0\.0\.0\.0:67 +svchost\.exe \(1000\), DHCPServer/)
  expect(stdout).toMatch(/\| UDP +0\.0\.0\.0:67 +\*:\* +1000/)
  expect(stdout).toMatch(/wdsutil \/Set-Server \/UseDHCPPorts:No \/DHCPOption60:Yes/)
  expect(stdout).toMatch(/To undo it:\n(?: +netsh .*\n)+ +reg delete .*\\WDSPXE \/v UseDHCPPorts \/f/)
  expect(stdout).toMatch(/BIOS boot ROM .* PXE-E53: No boot filename received\./)
})

test('a server that is right ends with 0; a file in UTF-16, as PowerShell redirects, is read', () => {
  const { status, stdout } = run('--facts', factsFile(good, 'utf16le'))
  expect(status).toBe(0)
  expect(stdout).toMatch(
    /^Nothing is wrong on SRV1: DHCP and WDS run as they should\. This server has nothing for UEFI ARM64 \(EDK2\) and UEFI x86 \(EDK2\), so these clients were not checked\.\n/,
  )
  expect(stdout).toMatch(/UEFI x64 \(EDK2\) +boots/)
})

test('--json has the described shape', () => {
  const { status, stdout } = run('--json', '--facts', factsFile(conflict))
  const told = doctorSchema.parse(JSON.parse(stdout))
  expect(status).toBe(1)
  expect(told).toMatchObject({ host: 'SRV1', health: 'findings', row: { dhcp: 'this', pxe: 'WDS', listen: 'default' } })
})

test('a report that is nested without end is refused with its remedy, not with a stack', () => {
  const file = join(folder, 'deep.json')
  for (const text of [
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  ]) {
    writeFileSync(file, text)
    const { status, stderr } = run('--facts', file)
    expect(status).toBe(2)
    expect(stderr).toMatch(/it has too many levels of lists and objects\. Write the file with pxe-lab doctor --collect/)
    expect(stderr).not.toMatch(/RangeError| at /)
  }
})

describe('a PXE Lab that cannot call the system', () => {
  const withoutKoffi = `data:text/javascript,${encodeURIComponent(`
    import m from 'node:module'
    const find = m._resolveFilename
    m._resolveFilename = function (name, ...more) {
      if (name === 'koffi') throw new Error("Cannot find module 'koffi'")
      return find.call(this, name, ...more)
    }`)}`
  const missing = { ...process.env, NODE_OPTIONS: `--import=${withoutKoffi}` }
  const sentence = /native calls are not available: the package koffi cannot be loaded \(Error: Cannot find module 'koffi'\)\. Without them .*; .*\. Install the package koffi/ // prettier-ignore

  test('says in its own words what is lost, of this machine and not of a report', () => {
    const doctor = (...values: string[]) =>
      spawnSync(process.execPath, [cli, 'doctor', ...values], { encoding: 'utf8', timeout: 300_000, env: missing })
        .stdout
    expect(doctor()).toMatch(sentence)
    expect(doctorSchema.parse(JSON.parse(doctor('--json'))).remarks).toEqual([expect.stringMatching(sentence)])
    expect(doctor('--facts', factsFile(good))).not.toMatch(/native calls/)
    expect(doctorSchema.parse(JSON.parse(run('--json').stdout)).remarks).toEqual([])
  })

  test('says it once when the responder starts, and serves', async () => {
    const lab = join(folder, 'lab.yaml')
    const [dhcp, bootServer, tftp] = await freePorts(3)
    writeFileSync(lab, JSON.stringify({ interface: 'lo', mode: 'boot-server', ports: { dhcp, bootServer, tftp }, boot: { files: '.' }, runAs: 'root' })) // prettier-ignore
    const child = new Running(spawn(process.execPath, [cli, 'respond', '--config', lab], { env: missing }))
    try {
      await child.sees(/ready in mode/)
      expect(await child.stop('SIGTERM')).toBe(0)
      expect(child.output.match(new RegExp(sentence, 'g'))).toHaveLength(1)
    } finally {
      await child.stop('SIGKILL')
    }
  })
})

test('what cannot be told ends with 2', () => {
  const facts = { ...windowsServer(conflict), services: undefined, sources: {} }
  const file = join(folder, 'less.json')
  writeFileSync(file, JSON.stringify(facts))
  const { status, stdout } = run('--facts', file)
  expect(status).toBe(2)
  expect(stdout).toMatch(
    /^Too little is known about SRV1 for a verdict\. Missing: the services of this machine[^\n]*\.\n/,
  )
  expect(stdout).toMatch(/\?\? {2}Only one service uses UDP 67\. Not known: the services of this machine\./)
})

test('this machine: what is collected is judged the same afterwards', () => {
  const collected = run('--collect')
  expect(collected.status).toBe(0)
  expect(factsSchema.parse(JSON.parse(collected.stdout)).host).not.toBe('')
  const file = join(folder, 'here.json')
  writeFileSync(file, collected.stdout)
  const later = doctorSchema.parse(JSON.parse(run('--json', '--facts', file).stdout))
  const now = doctorSchema.parse(JSON.parse(run('--json').stdout))
  expect({ ...later, collectedAt: '' }).toEqual({ ...now, collectedAt: '' })
})

test('wrong use and wrong files say what to do', () => {
  expect(run('--collect', '--facts', 'x')).toMatchObject({
    status: 64,
    stderr: expect.stringMatching(/--collect and --facts cannot be combined/),
  })
  expect(run('--facts', join(folder, 'none.json'))).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/does not exist \(ENOENT\)/),
  })
  const file = join(folder, 'bad.json')
  writeFileSync(file, '{"version":1,"host":3}')
  expect(run('--facts', file)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/host is not a text \(it is 3\)/),
  })
})

test('the settings of a large DHCP server, written slowly: whole, short in the file, and progress is told', () => {
  const tools = windowsTools(folder, good)
  const place = join(folder, 'tools/netsh')
  // Nine seconds and six megabytes, and what matters stands last.
  writeFileSync(
    place,
    `#!/bin/sh
[ "$*" = "dhcp server dump" ] || exit 1
line='Dhcp Server \\\\srv Scope 10.0.0.0 Add reservedip 10.0.0.7 0200000000ff "bench" "" "BOTH"'
for part in 1 2 3 4 5 6 7 8 9; do
  yes "$line" | head -n 8000
  sleep 1
done
echo 'Dhcp Server \\\\srv Scope 10.0.0.0 set optionvalue 66 STRING "10.0.0.9"'
`,
  )
  chmodSync(place, 0o755)
  writeFileSync(join(folder, 'tools/reg'), '#!/bin/sh\nsleep 3\nexit 1\n')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'doctor', '--collect'], {
    encoding: 'utf8',
    timeout: 300_000,
    env: tools.environment,
  })
  expect(status).toBe(0)
  const facts = factsSchema.parse(JSON.parse(stdout))
  expect(facts.sources['dhcp-options']?.problem).toBeUndefined()
  expect(facts.dhcpOptions?.value).toEqual([{ level: 'scope', at: '10.0.0.0', option: 66, value: ['10.0.0.9'] }])
  expect(facts.sources['dhcp-options']!.output).toMatch(/^# 7200\d lines about other things are left out\n/)
  expect(stdout.length).toBeLessThan(100_000)
  expect(stderr).toMatch(/waiting for netsh\.exe dhcp server dump \(\d{3,} KiB\)/)
  // A dozen queries of the registry run beside it.
  expect(stderr).toMatch(/^pxe-lab: waiting for netsh[^,]+, [^,]+, [^,]+, \d+ more\. Press Ctrl\+C to cancel\.$/m)
})

test('tools that hang, fail, flood and print nonsense: the doctor ends, and says what it does not know', () => {
  const tools = windowsTools(folder, good)
  const play = (name: string, text: string): void => writeFileSync(join(folder, 'tools', name), `#!/bin/sh\n${text}\n`)
  play('tasklist', 'echo begun; sleep 20')
  play('netstat', 'yes "  UDP    0.0.0.0:67  *:*  1"')
  play('reg', `head -c 100000 /dev/urandom; exit 1`)
  rmSync(join(folder, 'tools/whoami'))
  const began = performance.now()
  const { stdout } = spawnSync(process.execPath, [cli, 'doctor', '--collect'], {
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1 << 28,
    env: tools.environment,
  })
  expect(performance.now() - began).toBeLessThan(30_000)
  const { sources, udp, isElevated, registry } = factsSchema.parse(JSON.parse(stdout))
  expect(sources['processes']?.problem).toMatch(/tasklist\.exe did not end within 8 s/)
  expect(sources['udp']?.problem).toMatch(/netstat\.exe printed more than \d+ bytes/)
  expect(sources['registry-wdspxe']?.problem).toMatch(/reg\.exe ended with 1/)
  expect(sources['groups']?.problem).toBe('whoami.exe is not here')
  expect([udp, isElevated]).toEqual([undefined, undefined])
  // The keys of a service that is not installed are absent, whatever reg says; those of the others are unknown.
  expect(registry?.value.filter(({ key }) => key === wdsKey)).toEqual([])
})

test('--lab tells which ports files are sent from; a lab file with a problem is told, and nothing is checked', () => {
  const lab = (text: string): string => {
    const file = join(folder, 'lab.yaml')
    writeFileSync(file, `interface: lo\n${text}`)
    return file
  }
  const ports = (text: string): unknown => (JSON.parse(run('--collect', '--lab', lab(text)).stdout) as { transferPorts?: unknown }).transferPorts // prettier-ignore
  expect(ports('tftp: { ports: 50000-50100 }\n')).toEqual([50_000, 50_100])
  expect(ports('tftp: { singlePort: true }\nports: { tftp: 6969 }\n')).toEqual([6969, 6969])
  expect(ports('')).toBeUndefined()
  const wrong = run('--lab', lab('tftp: { ports: 9 }\n'))
  expect(wrong).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('tftp.ports') })
  expect(run('--lab', join(folder, 'no.yaml')).stderr).toMatch(/no\.yaml does not exist \(ENOENT\)\. Give a lab file with --lab\./) // prettier-ignore
})
