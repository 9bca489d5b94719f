/**
 * Every capture of real firmware beside a simulation of its topology: messages, options, ports, waits, and what stands on
 * the screen.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { compareSequences, sequenceOf } from '#shared/diagnosis/sequence.ts'
import { Session } from '#shared/trace/session.ts'
import { comparedWith } from '../../src/main/cli/compare-boot.ts'
import { captureNames, fixture, sessionOf } from '../helpers/fixtures.ts'
import { scenarioFrom, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

const consoles = JSON.parse(readFileSync(fixture('consoles.json'), 'utf8')) as Record<
  string,
  { readonly result: 'pass' | 'fail'; readonly screen: readonly string[] }
>

/** Lines that the firmware and its programs print about this boot; banners of the emulator and of builds are left out. */
const telling =
  /^(>>Start|Station IP|Server IP|NBP |Downloading NBP|BdsDxe: (load|start|fail)|URI:|File Size|Error:|Client Error|Configuring|net0: (\d+\.|fe80)|Next server|Filename|tftp:\/\/|\S+ : \d+ bytes|Nothing to boot|No configuration|No more network|No bootable|Booting from PXE menu|PXEBS|PXE-E|PXELAB|second\.ipxe)/

function lines(screen: readonly string[]): string[] {
  const text = screen
    .map((line) => line.trim())
    .join('\n')
    // IPv6 comes after what is simulated.
    .replace(/\n>>Start HTTP Boot over IPv6[^]*/, '')
    // The terminal of the emulator breaks lines at 80 columns.
    .replace('(http://i\npxe.org', '(http://ipxe.org')
    // Progress stands on one line on the screen, and the boot manager goes on behind it.
    .replace(/Downloading\.\.\.\d+%/g, '')
  return text
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/\.{2,}/g, '...')
        .replace(/IPv4\.$|IPv4\.\.\.$/, 'IPv4'),
    )
    .filter((line) => telling.test(line))
}

/** Captures that came later: real firmware against this product and against others, cut off behind what is looked at. */
const further = readdirSync(fixture('fidelity/'))
  .filter((name) => name.endsWith('.pcap.gz'))
  .map((name) => name.replace('.pcap.gz', ''))

const rows: { firmware: string; name: string; messages: number; longest: number; screen: number }[] = []

const cases = captureNames.map((name) => name.replace('.pcap', ''))

describe('the simulation does what real firmware did', () => {
  for (const capture of cases) {
    const isServerSide = capture.endsWith('.server')
    const name = capture.replace('.server', '')
    test(capture, () => {
      const scenario = scenarioFrom(fixture(`topologies/${name}.yaml`))
      const simulation = simulated(scenario)
      const { mac } = simulation.outcomes()[0]!
      const real = sequenceOf(sessionOf(`${capture}.pcap`), mac)
      const virtual = sequenceOf(sessionOfSimulation(simulation, isServerSide ? 'servers' : 'lan'), mac)
      const { screen, result } = consoles[name]!
      // The recording ended while the machine went on with its next boot option.
      const isCut =
        screen.some((line) => />>Start HTTP|UEFI Interactive Shell/.test(line.slice(0, 20))) && result === 'fail'
      expect(real.length).toBeGreaterThan(0)
      expect(compareSequences(real, virtual, isCut)).toEqual([])
      const outcome = simulation.outcomes()[0]!
      const shown = lines(screen)
      const simulatedLines = lines(outcome.screen)
      expect(simulatedLines.slice(0, isCut ? shown.length : undefined)).toEqual(shown)
      expect(outcome.state).toBe(result === 'pass' ? 'booted' : 'failed')
      rows.push({
        firmware: scenario.clients.pc1!.firmware,
        name: capture,
        messages: real.length,
        longest: Math.max(...real.map((one, index) => one.atMs - (real[index - 1]?.atMs ?? 0))) / 1000,
        screen: shown.length,
      })
    })
  }
  test.each(further)('%s', (capture) => {
    // Behind a relay, or from a machine that ran beside too many others for its waits to mean anything.
    const name = capture.replace(/\.(server|busy)$/, '')
    const scenario = scenarioFrom(fixture(`fidelity/${name}.json`))
    const real = new Session()
    real.push(gunzipSync(readFileSync(fixture(`fidelity/${capture}.pcap.gz`))))
    real.end()
    const simulation = simulated(scenario)
    const { mac } = simulation.outcomes()[0]!
    const sequence = sequenceOf(real, mac)
    expect(sequence.length).toBeGreaterThan(3)
    if (capture.endsWith('.busy')) {
      const open = sequence.map((one) => ({ ...one, openWait: 'busy' }))
      expect(compareSequences(open, sequenceOf(sessionOfSimulation(simulation), mac), true)).toEqual([])
    } else
      expect(comparedWith(simulation, real, capture)).toEqual({
        text: expect.stringContaining('the same messages, options and waits'),
        code: 0,
      })
    rows.push({
      firmware: scenario.clients.pc1!.firmware,
      name: capture,
      messages: sequence.length,
      longest: Math.max(...sequence.map((one, index, all) => one.atMs - (all[index - 1]?.atMs ?? 0))) / 1000,
      screen: 0,
    })
  })
  afterAll(() => {
    const text = rows
      .sort((a, b) => (a.firmware + a.name < b.firmware + b.name ? -1 : 1))
      .map(
        ({ firmware, name, messages, longest, screen }) =>
          `  ${firmware.padEnd(16)} ${name.padEnd(28)} ${String(messages).padStart(3)} messages, longest wait ${longest.toFixed(1).padStart(4)} s, ${String(screen).padStart(2)} lines of screen: same`,
      )
      .join('\n')
    process.stdout.write(`\nFidelity, firmware x case:\n${text}\n`)
  })
})
