/** `bin/pxe-lab.js` as a Windows administrator calls it: every command, from `C:\`, with paths in all their spellings. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctorSchema } from '#shared/contract/documents.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import { fixture } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'
import { windowsServer } from '../helpers/windows-server.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

const bin = fileURLToPath(new URL('../../bin/pxe-lab.js', import.meta.url))
const resource = (path: string): string => fileURLToPath(new URL(`../../resources/${path}`, import.meta.url))

/** What the same command says on this system. */
const onLinux = (...values: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...values], { encoding: 'utf8', timeout: 60_000 })
  return { code: status, stdout, stderr }
} // prettier-ignore

describeWith([...windowsNeeds, 'built'], 'the command line on Windows', () => {
  let windows: Windows
  let folder: string
  const run = (...values: string[]) => windows.run([windows.path(bin), ...values], { cwd: windows.drive })
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return windows.path(join(folder, name))
  }
  beforeAll(() => {
    windows = new Windows()
    folder = join(windows.drive, 'Mitschnitte für Büro 2')
    mkdirSync(folder)
  })
  afterAll(() => windows.close())

  test('--help names the commands, and each of them has its own', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    expect(stdout).toBe(onLinux('--help').stdout)
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) (?:\[|<)/gm)].map((one) => one[1]!)
    expect(commands).toEqual(expect.arrayContaining(['respond', 'decode', 'plan', 'read-log', 'serve']))
    for (const command of commands)
      expect([command, await run(command, '--help')]).toEqual([command, expect.objectContaining({ code: 0, stderr: '' })])
  }) // prettier-ignore

  test.each([
    ['a drive and backslashes', (name: string) => `C:\\Mitschnitte für Büro 2\\${name}`],
    ['a drive and slashes', (name: string) => `C:/Mitschnitte für Büro 2/${name}`],
    ['a path from where it is started', (name: string) => `Mitschnitte für Büro 2\\${name}`],
    ['a path from the root of the drive', (name: string) => `\\Mitschnitte für Büro 2\\${name}`],
    ['a path of the drive', (name: string) => `C:Mitschnitte für Büro 2\\${name}`],
    ['an extended path', (name: string) => `\\\\?\\C:\\Mitschnitte für Büro 2\\${name}`],
  ])('decode and explain read a capture named by %s', async (_how, spell) => {
    const file = fileURLToPath(fixture('captures/proxy-uefi-x64.pcap'))
    cpSync(file, join(folder, 'Ätherspur 1.pcap'))
    const path = spell('Ätherspur 1.pcap')
    expect(await run('decode', path)).toEqual(onLinux('decode', file))
    const [here, there] = [await run('explain', '--ladder', path), onLinux('explain', '--ladder', file)]
    expect({ ...here, stdout: here.stdout.replaceAll(path, file) }).toEqual(there)
  })

  test('report writes where it is told to', async () => {
    const capture = windows.path(fileURLToPath(fixture('captures/fail-no4011-uefi-x64.pcap')))
    const page = join(folder, 'Bericht.html')
    expect(await run('report', capture, '--output', windows.path(page))).toMatchObject({ code: 0 })
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*PXE-E16/i)
  })

  test('simulate: a scenario of the library, a file of its own, and its frames', async () => {
    expect(await run('simulate', 'wds-same-host')).toEqual(onLinux('simulate', 'wds-same-host'))
    const scenario = put('Versuch ü.yaml', readFileSync(resource('scenarios/relay-two-helpers.yaml')))
    const frames = join(folder, 'Versuch.pcapng')
    const { stderr } = await run('simulate', scenario, '--pcapng', windows.path(frames))
    expect(stderr).toBe('')
    expect(onLinux('decode', frames)).toMatchObject({ code: 0, stdout: expect.stringContaining('DISCOVER') })
  })

  test('plan: the sites that come with it, and one with the line ends of Windows', async () => {
    const site = resource('sites/clean-single-site.yaml')
    expect(await run('plan', windows.path(site))).toEqual(onLinux('plan', site))
    const text = readFileSync(resource('sites/shared-wds-dhcp.yaml'), 'utf8')
    const own = await run('plan', put('Standort.yaml', text.replaceAll(/\r?\n/g, '\r\n')))
    expect(own).toEqual(onLinux('plan', resource('sites/shared-wds-dhcp.yaml')))
  })

  test('doctor: of a file of facts, and of this Windows', async () => {
    const facts = windowsServer({
      services: { DHCPServer: 'running', WDSServer: 'running' },
      registry: { [wdsKey]: { UseDHCPPorts: 0 } },
      options: ['set optionvalue 60 STRING "PXEClient" '],
    })
    // As PowerShell 5.1 redirects.
    const file = put('Fakten.json', Buffer.from(`\uFEFF${JSON.stringify(facts)}`, 'utf16le'))
    expect(await run('doctor', '--facts', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing is wrong on SRV1/),
    })
    const { code, stdout, stderr } = await run('doctor', '--json')
    // What takes longer than a second is told, which a slow machine has more of.
    expect(stderr.replaceAll(/^pxe-lab: waiting for .*\r?\n/gm, '')).toBe('')
    expect([code, doctorSchema.parse(JSON.parse(stdout)).health]).toEqual([2, 'unknown'])
  })

  test('read-log: a log with a drive in its name', async () => {
    const line = 'CreateTsMedia failed with error 0x80070490, details=""'
    const log = put('CreateTSMedia.log', `${line}\r\nall is well\r\n`)
    const { code, stdout, stderr } = await run('read-log', log)
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toContain(`${log}: 2 lines`)
    expect(stdout).toMatch(/FU-09: A task sequence/)
  })

  test('what is wrong is told with the path as it was written', async () => {
    const lab = put('Labor.yaml', 'interface: 127.0.0.1\r\nmode: router\r\n')
    expect(await run('respond', '--config', lab)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${lab}:2:7: mode is none of listen, dhcp, proxy-dhcp, boot-server`),
    })
    expect(await run('explain', 'D:\\none.pcap')).toMatchObject({ code: 2, stderr: expect.stringContaining('D:\\none.pcap') }) // prettier-ignore
    expect(await run('explain', 'C:\\Mitschnitte für Büro 2')).toMatchObject({ code: 2, stderr: expect.stringContaining('EISDIR') }) // prettier-ignore
  })

  test('agent says what it lacks where nothing captures, with what to install', async () => {
    const credentials = put('filiale.yaml', `site: branch\ntoken: pxl_${'A'.repeat(43)}\n`)
    const link = ['--hub', 'https://127.0.0.1:1', '--credentials', credentials, '--spool', 'C:\\Puffer für Büro']
    const { code, stdout, stderr } = await run('agent', '--interface', 'Ethernet', ...link)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/no capture program was found\. Install Wireshark with Npcap .* pktmon/)
  })
})
