/** The documented procedures: what they promise is what the simulation shows, and their files do and undo it. */
import { describe, expect, test } from 'vitest'
import { computeEntry, dimensions } from '#shared/diagnosis/co-hosting.ts'
import { explanationOf } from '#shared/diagnosis/commands.ts'
import { commandsOf, exportFormats, exportText, procedures, requirementsOf } from '#shared/diagnosis/guidance.ts'
import { dpKey, wdsKey } from '#shared/lab/registry-keys.ts'
import { windowsServer } from '../helpers/windows-server.ts'
import { spoken } from '../helpers/spoken.ts'

const boots = (row: Parameters<typeof computeEntry>[0]): boolean =>
  dimensions.starts.every((starts) => computeEntry({ ...row, starts }).boots)

const together = procedures.find((one) => one.id === 'together')!

describe.each(procedures.map((one) => [one.id, one] as const))('%s', (_, procedure) => {
  test('before it machines fail, after it all of them boot, whatever starts first', () => {
    expect(boots(procedure.before)).toBe(false)
    expect(boots(procedure.after)).toBe(true)
  })

  test('its values are those of the row it leads to', () => {
    const { registry, option60, after } = procedure
    expect(String(registry.data)).toBe(after.listen)
    expect(registry.key).toBe(after.pxe === 'SccmPxe' ? dpKey : wdsKey)
    expect(option60 === 'set').toBe(after.option60 === 'server')
  })

  test.each(exportFormats)('as .%s, with its undo', (format) => {
    const apply = exportText(procedure, undefined, format, 'commands')
    const undo = exportText(procedure, undefined, format, 'undo')
    expect(apply).not.toBe(undo)
    for (const text of [apply, undo]) expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    if (format === 'reg') {
      expect(apply).toMatch(
        new RegExp(`^"${procedure.registry.name}"=dword:0000000${procedure.registry.data}\\r$`, 'm'),
      )
      expect(undo).toMatch(new RegExp(`^"${procedure.registry.name}"=-\\r$`, 'm'))
    } else for (const command of commandsOf(procedure, undefined).commands) expect(apply).toContain(`${command}\r\n`)
  })
})

test('undo brings back what the server has, and deletes what it has not', () => {
  const services = { DHCPServer: 'running', WDSServer: 'running' } as const
  const had = windowsServer({
    services,
    registry: { [wdsKey]: { UseDHCPPorts: 1 } },
    options: ['set optionvalue 60 STRING "PXEClient" '],
  })
  const hadNot = windowsServer({ services })
  expect(commandsOf(together, had).undo).toEqual([
    'netsh dhcp server \\\\SRV1 set optionvalue 60 STRING PXEClient',
    `reg add ${wdsKey} /v UseDHCPPorts /t REG_DWORD /d 1 /f`,
    'net stop WDSServer',
    'net start WDSServer',
  ])
  expect(commandsOf(together, hadNot).undo).toEqual([
    'netsh dhcp server \\\\SRV1 delete optionvalue 60',
    'netsh dhcp server \\\\SRV1 delete optiondef 60 PXEClient',
    `reg delete ${wdsKey} /v UseDHCPPorts /f`,
    'net stop WDSServer',
    'net start WDSServer',
  ])
  expect(exportText(together, had, 'reg', 'undo')).toMatch(/^"UseDHCPPorts"=dword:00000001\r$/m)
  // Which file does it and which takes it back: told by the commands in it, and by its first lines.
  for (const format of ['cmd', 'ps1'] as const) {
    const [apply, undo] = [exportText(together, had, format, 'commands'), exportText(together, had, format, 'undo')]
    for (const command of commandsOf(together, had).undo) expect(undo).toContain(`${command}\r\n`)
    expect(apply).not.toContain(commandsOf(together, had).undo[1])
    expect(undo).toMatch(/^(rem|#) Undo: /m)
    expect(apply).not.toContain('Undo: ')
  }
})

describe('what WDS needs', () => {
  const stateOf = (facts: Parameters<typeof requirementsOf>[0]) =>
    Object.fromEntries(spoken(requirementsOf(facts)).map((one) => [one.title, one.state]))

  test('a server that has it', () => {
    const states = stateOf(windowsServer({ services: { DHCPServer: 'running', WDSServer: 'running' } }))
    expect(new Set(Object.values(states))).toEqual(new Set(['passed']))
  })

  test('a stranger on port 68, and a DHCP server that is not authorised', () => {
    const states = stateOf(
      windowsServer({
        services: { DHCPServer: 'running', WDSServer: 'stopped' },
        authorised: ['10.1.1.1'],
        udp: [['0.0.0.0', 68, 'tftpd64.exe']],
      }),
    )
    expect(Object.values(states).filter((one) => one === 'failed').length).toBe(3)
  })

  test('of a server that is not known nothing is said', () => {
    expect(new Set(Object.values(stateOf(undefined)))).toEqual(new Set(['unknown']))
  })
})

test('every command that is shown is explained', () => {
  for (const procedure of procedures) {
    const { commands, undo } = commandsOf(procedure, undefined)
    // A sentence of its own, which is not the command again.
    for (const command of [...commands, ...undo]) {
      expect(spoken(explanationOf(command)), command).toMatch(/^[A-Z][^.]* [^.]*[\w)]\.?/)
      expect(spoken(explanationOf(command)), command).not.toContain(command)
    }
  }
})
