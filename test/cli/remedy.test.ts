/** `pxe-lab remedy` against the tools of a double Windows server: real processes, one of them killed. */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { elevated } from '../../src/main/remedy/elevation.ts'
import { cli } from '../helpers/lab.ts'
import { windowsTools, type WindowsTools } from '../helpers/windows-tools.ts'

let folder: string
let tools: WindowsTools
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
  tools = windowsTools(folder, { services: { DHCPServer: 'running', WDSServer: 'running' } })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const command = (...values: string[]): string[] => [cli, 'remedy', '--state', join(folder, 'state'), ...values]
const run = (...values: string[]) =>
  spawnSync(process.execPath, command(...values), { encoding: 'utf8', timeout: 300_000, env: tools.environment })

test('what can be repaired is listed, made with --yes, checked, and taken back to the byte', () => {
  const before = tools.state()
  expect(run().stdout).toMatch(
    /^Available fixes \(apply with: .*\)\n +both-want-67 +WDS and DHCP both claim UDP port 67\./,
  )
  const applied = run('apply', 'both-want-67', '--yes')
  expect(applied.stdout).toMatch(/UseDHCPPorts: absent -> REG_DWORD 0x0\n +reg add /)
  expect(applied.stdout).toMatch(/: applied \([\w-]+\)\nNothing is wrong on /)
  expect(applied.status).toBe(0)
  expect(run().stdout).toMatch(
    /^No fixes to apply on this machine\.\n\nApplied fixes \(undo with: .*\)\n.*applied {2}WDS and DHCP both claim/,
  )
  const undone = run('undo')
  expect(undone).toMatchObject({ status: 0, stdout: expect.stringMatching(/: undone/) })
  expect(tools.state()).toEqual(before)
})

test('without --yes and without anybody to ask nothing is done', () => {
  const before = tools.state()
  const { status, stderr } = run('apply', 'both-want-67')
  expect({ status, stderr }).toEqual({
    status: 64,
    stderr: 'pxe-lab: no terminal to confirm these changes. Add --yes to apply them.\n',
  })
  expect(tools.state()).toEqual(before)
})

test('a finding that is not there is refused, with those that are', () => {
  const { status, stderr } = run('apply', 'option-60-missing', '--yes')
  expect(status).toBe(64)
  expect(stderr).toMatch(/option-60-missing is not a finding on this machine\. Use one of: both-want-67\./)
})

test('killed on the way, it is finished or taken back by the next one', async () => {
  const before = tools.state()
  for (const verb of ['undo', 'finish'] as const) {
    const child = spawn(process.execPath, command('apply', 'both-want-67', '--yes'), { env: tools.environment })
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (tools.state().registry[String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE`]?.['UseDHCPPorts'] === undefined) return // prettier-ignore
        clearInterval(timer)
        child.kill('SIGKILL')
      }, 2)
      child.once('exit', () => {
        clearInterval(timer)
        resolve()
      })
    })
    expect(child.signalCode).toBe('SIGKILL')
    expect(run().stdout).toMatch(/interrupted while applying/)
    const { status, stdout } = run(verb)
    expect(stdout).toMatch(verb === 'undo' ? /: undone/ : /: applied/)
    expect(status).toBe(0)
    if (verb === 'undo') expect(tools.state()).toEqual(before)
    else expect(spawnSync(process.execPath, [cli, 'doctor'], { env: tools.environment }).status).toBe(0)
  }
})

describe('the step with administrator rights', () => {
  test('a request that is written down is answered, by a record or by the reason', () => {
    const name = `${randomUUID()}.request`
    const ask = (content: object) => {
      writeFileSync(join(folder, name), JSON.stringify(content))
      return spawnSync(process.execPath, [cli, 'remedy', 'answer', name, '--journal', folder], {
        env: tools.environment,
        encoding: 'utf8',
      })
    }
    const { status: none, stdout } = ask({ verb: 'undo', id: 'none' })
    expect(none).toBe(0)
    const [, told = ''] = new RegExp(`^pxe-lab-answer ${name} (\\S+)$`, 'm').exec(stdout) ?? []
    expect(JSON.parse(Buffer.from(told, 'base64').toString())).toMatchObject({
      message: `there is no journal none in ${folder}`,
    })
    expect(readdirSync(folder)).not.toContain(`${name}.answer`)
    // What is not on the list of changes is not made, whoever asks.
    const { status } = ask({
      verb: 'apply',
      title: 'x',
      changes: [{ kind: 'registry', key: 'HKLM\\SOFTWARE\\Evil', name: 'a', data: 1 }],
    })
    expect(status).not.toBe(0)
  })

  test('each system asks in its own way, and what it starts is one command whatever is in its path', () => {
    const own = ["C:\\Program Files\\O'Lab\\node.exe", 'cli.js', 'remedy', 'answer', 'a file']
    expect(elevated('linux', own)).toEqual(['pkexec', '/usr/bin/env', ...own])
    expect(elevated('windows', own).at(-1)).toBe(
      `Start-Process -FilePath 'C:\\Program Files\\O''Lab\\node.exe' -ArgumentList '"cli.js" "remedy" "answer" "a file"' -Verb RunAs -Wait -WindowStyle Hidden`,
    )
    const typographic = 'C:\\Users\\O\u2019Brien; calc; \u2018\u201a\u201b\\node.exe'
    expect(elevated('windows', [typographic, 'cli.js']).at(-1)).toMatch(
      /^Start-Process -FilePath 'C:\\Users\\O\u2019\u2019Brien; calc; \u2018{2}\u201a{2}\u201b{2}\\node\.exe' /,
    )
    expect(elevated('macos', own).at(-1)).toMatch(/^do shell script ".*" with administrator privileges$/)
  })
})
