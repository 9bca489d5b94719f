/** `pxe-lab ask`: what it prints, what it refuses, and the dialogue on a terminal. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askSchema } from '#shared/contract/documents.ts'
import { evidenceOfCode, type Evidence } from '#shared/diagnosis/inverse/dialogue.ts'
import { readSpace, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import { lineTerminal } from '../../src/main/cli/ask-terminal.ts'
import { AskDialogue } from '../../src/main/cli/ask-dialogue.ts'
import { fixture } from '../helpers/fixtures.ts'
import { cli } from '../helpers/lab.ts'

const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, 'ask', ...values], { encoding: 'utf8', timeout: 300_000 })

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('not on a terminal', () => {
  test('a code leaves causes, the best question and how to answer it; its answers lead to a fix that was tried', () => {
    const first = run('--code', 'e55')
    expect(first.status).toBe(3)
    expect(first.stdout).toMatch(/^PXE-E55\. On BIOS: the proxyDHCP service did not answer on port 4011\.\n/)
    expect(first.stdout).toMatch(/\d+ possible causes:\n +\d+ % {2}\w/)
    expect(first.stdout).toMatch(/Best question:\n {2}Which DHCP and PXE services exist[^]*sc query WDSServer/)
    expect(first.stdout).toContain('--answer services=wds-stopped-same')
    const answers = ['services=wds-stopped-same', 'events=wds', 'option60=server', 'option67=unset']
    const last = run('--code', 'e55', ...answers.flatMap((one) => ['--answer', one]))
    expect(last.status).toBe(0)
    expect(last.stdout).toMatch(/Cause: WDS and DHCP on one server both claim UDP port 67[^]*Fix:\n {2}Set UseDHCPPorts to 0/)
    expect(last.stdout).toMatch(/Tried in the simulator: with this change (the machine boots|all \d+ machines boot) in/)
    expect(last.stdout).toContain('bios PXE-E55 -> boots')
    expect(last.stdout).toContain('Yours may not be among them')
  }) // prettier-ignore

  test('--json has the described shape', () => {
    const several = askSchema.parse(JSON.parse(run('--code', 'PXE-E53', '--json').stdout))
    expect([several.result, several.verification]).toEqual(['several', null])
    expect(several.question!.choices.length).toBeGreaterThan(1)
    const one = askSchema.parse(JSON.parse(run('--code', 'PXE-E78', '--json').stdout))
    expect([one.result, one.question, one.verification!.boots]).toEqual(['one', null, true])
    expect(one.causes[0]!.scenario).toBe('menu-without-server')
  })

  test('a capture and a report are evidence; what a person says takes their place', () => {
    const capture = fileURLToPath(fixture('captures/fail-nofile-uefi-x64.pcap'))
    const found = run('--capture', capture)
    expect(found.status).toBe(0)
    expect(found.stdout).toMatch(/^The capture, 52:54:[^ ]+: Boot file not found[^]*Cause: The boot file does not exist\./)
    const withdrawn = run('--capture', capture, '--answer', 'verdict=?', '--answer', 'tftp=?')
    expect(withdrawn.status).toBe(3)
    const file = join(folder, 'facts.json')
    const told = (value: unknown) => ({ value, source: 'test' })
    writeFileSync(file, JSON.stringify({ version: 1, collectedAt: '2026-11-25T00:00:00Z', host: 'SRV1', system: 'windows', sources: {}, services: told([{ name: 'DHCPServer', state: 'running' }, { name: 'WDSServer', state: 'stopped' }]) }))
    const server = run('--facts', file, '--code', 'E53')
    expect(server.stdout).toContain('The report: Which DHCP and PXE services exist, and do they run? WDS is stopped on the DHCP server')
  }) // prettier-ignore

  test('what the Doctor finds in the same report is told first, where no simulated set-up shows it', () => {
    const file = fileURLToPath(new URL('../fixtures/facts/w50-option60-scope-only.json', import.meta.url))
    const server = run('--facts', file)
    expect(server.stdout).toMatch(/^Findings in this report of SRV1:\n {2}- [^\n]*option 60[^\n]* in scope 10\.2\.0\.0 \(b\)\nFix these first: pxe-lab doctor --facts /) // prettier-ignore
    expect(server.status).toBe(3)
    const closed = fileURLToPath(new URL('../fixtures/facts/w33-port68-closed.json', import.meta.url))
    expect(run('--facts', closed).stdout).toContain('  - The firewall blocks UDP 68 inbound\n')
    expect(server.stdout).not.toContain('contains nothing about')
    const bare = join(folder, 'bare.json')
    writeFileSync(bare, JSON.stringify({ version: 1, collectedAt: '2026-11-25T00:00:00Z', host: 'BARE', system: 'windows', sources: {} }))
    expect(run('--facts', bare, '--code', 'E53').stdout).toContain('The report of BARE contains nothing about DHCP or PXE services.')
  }) // prettier-ignore

  test('what no set-up shows is told with what contradicts, and what the capture says', () => {
    const contrary = run('--code', 'E55', '--answer', 'services=none')
    expect(contrary.status).toBe(3)
    expect(contrary.stdout).toMatch(
      /No simulated setup shows all of these symptoms[^]*- The screen shows PXE-E55\n {2}- Which DHCP/,
    )
    const file = join(folder, 'other.pcap')
    writeFileSync(file, readFileSync(new URL('../fixtures/field/siaddr-zero.pcap', import.meta.url)))
    const other = run('--capture', file)
    expect(other.stdout).toMatch(/Likely causes of what the capture shows:\n {2}- The offer has a boot file but no next server/) // prettier-ignore
  })

  test('what is known of a code is told where no simulated machine shows it, and a line of the screen names one', () => {
    for (const code of ['E61', 'Media test failure, check cable']) {
      const told = run('--code', code)
      expect([told.status, told.stderr]).toEqual([3, ''])
      expect(told.stdout).toMatch(/^PXE-E61: No link\.\nLook at: Cable[^]*no question to ask\.\n$/)
    }
    expect(run('--code', 'tftp OPEN timeout').stdout).toContain('The screen shows PXE-E32')
    expect(run('--code', 'https://ipxe.org/2d12608e').stdout).toContain('The screen shows 2d12603b')
  })

  test.each([
    [['--code', 'E61', '--json'], 64, /No simulated machine shows PXE-E61 \(no link\)\..*Known: .*PXE-E55/],
    [['--code', 'pxe e98'], 64, /PXE-E98 is in no table of PXE Lab\. Check how it is written/],
    [['--code', 'hello'], 64, /"hello" is not a code that a boot screen shows/],
    [['--answer', 'option60'], 64, /option60 is not OBSERVATION=ANSWER/],
    [['--answer', 'colour=red'], 64, /colour is not an observation\. Use one of: .*option60/],
    [['--answer', 'option60=maybe'], 64, /"maybe" is not a valid answer\. Use one of: unset, server, scope, http, no-dhcp, or \?/],
    [['--capture', '/nowhere.pcap'], 2, /nowhere\.pcap does not exist \(ENOENT\)/],
    [['--facts', '/nowhere.json'], 2, /nowhere\.json does not exist \(ENOENT\)/],
  ])('%j is refused', (values, status, message) => {
    const ended = run(...values)
    expect(ended.stderr).toMatch(message)
    expect([ended.status, ended.stdout]).toEqual([status, ''])
  }) // prettier-ignore
})

describe('on a terminal', () => {
  const space = readSpace(
    JSON.parse(readFileSync(new URL('../../resources/ask.json', import.meta.url), 'utf8')) as SpaceFile,
  )
  const dialogue = async (evidence: readonly Evidence[], given: readonly string[]) => {
    const printed: string[] = []
    const answers = [...given]
    const state = await new AskDialogue(
      space,
      { evidence, unknown: [], remarks: [], common: [] },
      () => Promise.resolve({ tried: [], left: 0, boots: true }),
      {
        print: (text) => void printed.push(text),
        ask: (text) => {
          printed.push(text)
          return Promise.resolve(answers.shift())
        },
      },
    ).run()
    return { state, printed: printed.join('\n'), unread: answers }
  }
  const e55 = evidenceOfCode(space, 'E55') as Evidence

  test('asks until one cause is left, by number or by word', async () => {
    const { state, printed, unread } = await dialogue([e55], ['2', 'wds', '1', 'unset', ''])
    expect(printed).toMatch(/Answer 1 to \d+, \? if you do not know, b to go back, q to quit/)
    expect(printed).toMatch(/Cause: WDS and DHCP on one server both claim UDP port 67/)
    expect([state.kind, unread]).toEqual(['one', []])
    const running = await dialogue([e55], ['1', 'blocked', ''])
    expect(running.printed).toMatch(/Cause: WDS and DHCP on one server, and port 4011 is blocked/)
    expect([running.state.kind, running.unread]).toEqual(['one', []])
  })

  test('back takes the last answer back, ? narrows nothing, nonsense is told, q and the end of input quit', async () => {
    const { state, printed } = await dialogue([e55], ['b', '1', 'b', '99', '?', 'q'])
    expect(printed).toContain('No answers yet.')
    expect(printed).toContain('"99" is not one of these.')
    expect(state.causes).toEqual((await dialogue([e55], [])).state.causes)
    expect(state.questions[0]!.id).not.toBe('services')
  })

  test('lines that come at once are all read, the end of input quits, and nothing but text is written', async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    input.end('1\nb\n?\n')
    const start = { evidence: [e55], unknown: [], remarks: [], common: [] }
    const fix = () => Promise.resolve({ tried: [], left: 0, boots: true })
    const state = await new AskDialogue(space, start, fix, lineTerminal(input, output)).run()
    const written = (output.read() as Buffer).toString()
    expect(written.match(/Answer 1 to/g)).toHaveLength(4)
    expect(written).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(state.questions[0]!.id).not.toBe('services')
  })

  test('a contradiction can be taken back', async () => {
    const none: Evidence = { id: 'services', allowed: ['none'], says: 'There is nothing', source: 'answer' }
    const { state, printed } = await dialogue([e55, none], ['2', 'q'])
    expect(printed).toContain('2  take back: There is nothing')
    expect(state.causes.length).toBeGreaterThan(10)
  })
})
