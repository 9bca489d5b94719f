/** The matrix against what Microsoft documents and what firmware was seen to do: rows of which the answer is known. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  CoHostingMatrix,
  describeRow,
  keyOfRow,
  matrixEntries,
  noRemedy,
  rowOfKey,
  type MatrixEntry,
} from '#shared/diagnosis/co-hosting.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioOfRow } from '#shared/diagnosis/co-hosting.ts'
import { spoken } from '../helpers/spoken.ts'

let matrix: CoHostingMatrix
beforeAll(() => {
  matrix = new CoHostingMatrix([...matrixEntries()])
  // Every row is simulated here, which takes a slow machine longer than the usual ten seconds.
}, 60_000)

const codes = ({ cells }: MatrixEntry): string[] =>
  [cells.bios, cells.edk2, cells.ipxe].map(({ state, code, line }) =>
    state === 'booted' ? 'boots' : code || line.split(':')[0]!,
  )

const known: [what: string, key: string, expected: string[]][] = [
  [
    'WDS cannot start: DHCP has port 67',
    'this.WDS.default.unset.unset.running.second',
    ['PXE-E53', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'DHCP is deaf: WDS has port 67',
    'this.WDS.default.unset.unset.running.first',
    ['PXE-E52', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'the option promises a WDS that did not start',
    'this.WDS.1.server.unset.running.second',
    ['PXE-E55', 'PXE-E16', 'Nothing to boot'],
  ],
  [
    'half repaired: option 60 is missing',
    'this.WDS.0.unset.unset.running.first',
    ['PXE-E53', 'PXE-E16', 'Nothing to boot'],
  ],
  ['the documented set-up', 'this.WDS.0.server.unset.running.second', ['boots', 'boots', 'boots']],
  ['WDS is stopped', 'this.WDS.0.server.unset.stopped.first', ['PXE-E55', 'PXE-E16', 'Nothing to boot']],
  ['66 and 67 without 60 name a BIOS program', 'this.WDS.0.unset.set.running.first', ['boots', 'BdsDxe', 'boots']],
  ['two servers, the documented set-up', 'other.WDS.1.unset.unset.running.first', ['boots', 'boots', 'boots']],
  [
    'option 60 on the wrong server',
    'other.WDS.1.server.unset.running.first',
    ['PXE-E55', 'PXE-E16', 'Nothing to boot'],
  ],
  ['UseDHCPPorts left at 0', 'other.WDS.0.unset.unset.running.first', ['PXE-E53', 'PXE-E16', 'Nothing to boot']],
  ['no DHCP at all', 'none.WDS.1.unset.unset.running.first', ['PXE-E52', 'PXE-E16', 'Nothing to boot']],
  ['nobody at all', 'none.WDS.0.unset.unset.running.first', ['PXE-E51', 'PXE-E18', 'Nothing to boot']],
  ['the responder beside DHCP, set up right', 'this.SccmPxe.1.server.unset.running.first', ['boots', 'boots', 'boots']],
  [
    'the responder takes port 67',
    'this.SccmPxe.default.unset.unset.running.first',
    ['PXE-E52', 'PXE-E16', 'Nothing to boot'],
  ],
]

describe('co-hosting matrix', () => {
  test('has every combination once', () => {
    expect(matrix.entries.length).toBe(3 * 4 * 3 * 3 * 2 * 2 * 2)
    expect(new Set(matrix.entries.map((one) => one.key)).size).toBe(matrix.entries.length)
  })

  test.each(known)('%s', (_, key, expected) => {
    expect(codes(matrix.entry(key)!)).toEqual(expected)
  })

  test('a remedy leads to a row where every client boots, whatever starts first', () => {
    let remedies = 0
    for (const { row, boots } of matrix.entries) {
      const remedy = matrix.remedyOf(row)
      if (!remedy) continue
      remedies++
      const to = rowOfKey(remedy.to)!
      for (const starts of ['first', 'second'] as const)
        expect(matrix.entry(remedy.to.replace(/[^.]+$/, starts))!.boots).toBe(true)
      expect([to.dhcp, to.pxe]).toEqual([row.dhcp, row.pxe])
      expect(remedy.says.length).toBeGreaterThan(0)
      if (boots) expect(matrix.entry(remedy.to)!.boots).toBe(true)
    }
    expect(remedies).toBeGreaterThan(300)
  })

  // [row, row it leads to, what is said, the commands]
  const [to67, hears, server60, remove60, files] = [
    /^Set UseDHCPPorts to 0: DHCP on the same host needs port 67 for itself\.$/,
    /^Set UseDHCPPorts to 1: WDS has to hear DISCOVERs on port 67\.$/,
    /^Set option 60 to PXEClient at the DHCP server: it sends clients to port 4011 of this host\.$/,
    /^Remove option 60 from the DHCP server, at every level: /,
    /^Remove options 66 and 67: they name one program for every kind of machine\.$/,
  ]
  const registry = (key: string, name: string, value: number): string => `reg add HKLM\\${key} /v ${name} /t REG_DWORD /d ${value} /f` // prettier-ignore
  const useDhcpPorts = (value: number): string => registry('SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE', 'UseDHCPPorts', value) // prettier-ignore
  const doNotListen = (value: number): string => registry('SOFTWARE\\Microsoft\\SMS\\DP', 'DoNotListenOnDhcpPort', value) // prettier-ignore
  const restart = (service: string): string[] => [`net stop ${service}`, `net start ${service}`]
  test.each<[row: string, to: string, says: RegExp[], commands: (string | RegExp)[]]>([
    ['this.WDS.default.unset.unset.running.first', '0.server.unset.running', [to67, server60], [/wdsutil.*\/UseDhcpPorts:No.*\/DhcpOption60:Yes/i, ...restart('WDSServer')]],
    ['this.WDS.0.unset.unset.running.first', '0.server.unset.running', [server60], ['netsh dhcp server add optiondef 60 PXEClient STRING 0 comment=PXE', 'netsh dhcp server set optionvalue 60 STRING PXEClient']],
    ['this.WDS.1.server.unset.running.first', '0.server.unset.running', [to67], [useDhcpPorts(0), ...restart('WDSServer')]],
    ['other.WDS.0.unset.unset.running.first', '1.unset.unset.running', [hears], [useDhcpPorts(1), ...restart('WDSServer')]],
    ['other.WDS.1.server.unset.running.first', '1.unset.unset.running', [remove60], ['netsh dhcp server delete optionvalue 60']],
    ['other.WDS.1.left-over.unset.running.first', '1.unset.unset.running', [remove60], ['netsh dhcp server scope 192.168.77.0 delete optionvalue 60']],
    ['other.WDS.1.unset.unset.stopped.first', '1.unset.unset.running', [/^Start the PXE service \(WDSServer\)/], ['net start WDSServer']],
    ['other.WDS.0.unset.set.running.first', '1.unset.unset.running', [hears, files], [useDhcpPorts(1), ...restart('WDSServer'), 'netsh dhcp server delete optionvalue 66', 'netsh dhcp server delete optionvalue 67']],
    ['this.SccmPxe.default.server.unset.running.first', '1.server.unset.running', [/^Set DoNotListenOnDhcpPort to 1: DHCP on the same host needs port 67 for itself\.$/], [doNotListen(1), ...restart('SccmPxe')]],
    ['other.SccmPxe.1.unset.unset.stopped.first', '0.unset.unset.running', [/^Set DoNotListenOnDhcpPort to 0: the responder has to hear DISCOVERs on port 67\.$/, /^Start the PXE service \(SccmPxe\)/], [doNotListen(0), 'net start SccmPxe']],
  ])('the nearest remedy of %s', (key, to, says, commands) => {
    const remedy = spoken(matrix.remedyOf(rowOfKey(key)!)!)
    expect(remedy.to.split('.').slice(2, 6).join('.')).toBe(to)
    expect(remedy.says).toEqual(says.map((one) => expect.stringMatching(one) as unknown))
    expect(remedy.commands).toEqual(commands.map((one) => (typeof one === 'string' ? one : (expect.stringMatching(one) as unknown)))) // prettier-ignore
  }) // prettier-ignore

  test('a row in words, and what is said where nothing helps', () => {
    const words = (key: string): string => spoken(describeRow(rowOfKey(key)!))
    expect(words('none.none.0.unset.unset.running.first')).toBe(
      'No DHCP server, no PXE service, UseDHCPPorts 0, option 60 not set, options 66 and 67 not set',
    )
    expect(words('this.SccmPxe.default.left-over.set.stopped.second')).toBe(
      'DHCP on this host, SccmPxe, stopped, starts after DHCP, DoNotListenOnDhcpPort default, option 60 left at one scope, options 66 and 67 set',
    )
    expect(['none.WDS', 'this.none', 'this.WDS'].map((start) => noRemedy(rowOfKey(`${start}.0.unset.unset.running.first`)!))).toEqual([
      'No setting helps: a DHCP server must assign addresses.',
      'No setting helps: a PXE service is needed.',
      'No single set of settings makes every client boot here.',
    ]) // prettier-ignore
  })

  test('what is no key of a row is none', () => {
    const key = 'this.WDS.0.unset.unset.running.first'
    expect(keyOfRow(rowOfKey(key)!)).toBe(key)
    for (const wrong of [`${key}.x`, key.slice(0, -6), key.replace('WDS', 'wds'), ''])
      expect(rowOfKey(wrong)).toBeUndefined()
  })

  test('without DHCP or without a PXE service there is none', () => {
    for (const { row } of matrix.entries)
      if (row.dhcp === 'none' || row.pxe === 'none') expect(matrix.remedyOf(row)).toBeUndefined()
  })

  test('every row can be played', () => {
    for (const { row } of matrix.entries.slice(0, 60))
      expect(changeScenario(scenarioOfRow(row, ['bios', 'edk2', 'edk2-2016', 'ipxe']), []).ok).toBe(true)
  })
})
