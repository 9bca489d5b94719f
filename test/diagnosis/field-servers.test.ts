/** Facts of servers as administrators describe them in public reports, with what is right about each. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { matrixClients } from '#shared/diagnosis/co-hosting.ts'
import { diagnose as judge } from '#shared/diagnosis/doctor.ts'
import type { Diagnosis } from '#shared/diagnosis/doctor/finding.ts'
import { readFacts } from '../../src/main/inspect/facts.ts'
import { spoken, type Spoken } from '../helpers/spoken.ts'

const diagnose = (...given: Parameters<typeof judge>) => spoken(judge(...given))

const folder = new URL('../fixtures/facts/', import.meta.url)
const names = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))

function diagnosisOf(name: string): Spoken<Diagnosis> {
  const read = readFacts(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
  if (!read.ok) throw new Error(read.problems.join(' '))
  return diagnose(read.facts)
}

const ids = (diagnosis: Diagnosis): string[] => diagnosis.findings.map((one) => one.id)
/** Clients of a scope that do not boot. */
const failing = ({ prediction }: Diagnosis, scope: string): string[] =>
  prediction!.scopes
    .filter((one) => one.scope === scope)
    .flatMap((one) => matrixClients.filter((client) => one.cells[client].state !== 'booted'))

describe('what is right about each', () => {
  test('no active scope: nobody gets an address', () => {
    const told = diagnosisOf('w32-scope-inactive')
    expect(ids(told)).toEqual(['scope-inactive'])
    expect(told.verdict).toBe('The DHCP server has no active scope: 10.1.0.0 (clients) is inactive.')
    expect(told.findings[0]!.remedy!.commands).toEqual(['netsh dhcp server \\\\SRV1 scope 10.1.0.0 set state 1'])
    expect(failing(told, '10.1.0.0')).toEqual([...matrixClients])
  })

  test('port 68 closed in a domain: a warning, for clients boot as long as the authorisation stands', () => {
    const told = diagnosisOf('w33-port68-closed')
    expect(told.findings).toMatchObject([{ id: 'firewall-closed', severity: 'warning', title: 'The firewall blocks UDP 68 inbound' }]) // prettier-ignore
    expect(told.prediction!.boots).toBe(true)
  })

  test('the responder beside DHCP, as installed: both values, and both services started again', () => {
    const told = diagnosisOf('w34-responder-dhcp')
    expect(ids(told)).toEqual(['responder-takes-67'])
    const { commands } = told.findings[0]!.remedy!
    for (const part of [
      'DoNotListenOnDhcpPort',
      'set optionvalue 60 STRING PXEClient',
      'net start SccmPxe',
      'net start DHCPServer',
    ])
      // prettier-ignore
      expect(commands.join('\n')).toContain(part)
  })

  test('policies by vendor class: no fault, and what their conditions are is told as unknown', () => {
    const told = diagnosisOf('w35-policies')
    expect(told.findings).toMatchObject([{ id: 'boot-file-options', severity: 'note' }])
    expect(told.findings[0]!.says).not.toMatch(/every client/)
    expect(told.health).toBe('unknown')
    expect(told.unknown.join()).toMatch(/policies/)
  })

  test('DNS on the ports of transfers: addresses and answers, and no file', () => {
    const told = diagnosisOf('w37-dns-ports')
    expect(ids(told)).toEqual(['dns-holds-tftp-ports'])
    expect(told.prediction!.cells.edk2.state).toBe('failed')
  })

  test.each(['w43-option60-space', 'w46-block-4096', 'w48-dp-wds-left-disabled'])('%s has no fault', (name) => {
    const told = diagnosisOf(name)
    expect(told).toMatchObject({ findings: [], health: 'healthy' })
    expect(told.prediction!.boots).toBe(true)
  })

  test('option 60 at one of two scopes: the other one fails, and is named', () => {
    const told = diagnosisOf('w50-option60-scope-only')
    expect(ids(told)).toEqual(['option-60-missing'])
    expect(told.verdict).toMatch(/scope 10\.2\.0\.0 \(b\)/)
    expect(failing(told, '10.1.0.0')).toEqual([])
    expect(failing(told, '10.2.0.0')).toEqual([...matrixClients])
  })

  test('a read filter without the folders of the distribution point', () => {
    const told = diagnosisOf('w52-readfilter-cm-missing')
    expect(ids(told)).toEqual(['tftp-read-filter'])
    expect(told.findings[0]!.remedy!.commands[0]).toMatch(/\\SMSBoot\\\*.*SMSTemp\\\*.*SMSImages/)
    expect(told.prediction!.boots).toBe(false)
  })

  test('option 60 for a user class that no firmware is of', () => {
    const told = diagnosisOf('w55-option60-other-class')
    expect(ids(told)).toEqual(['option-60-missing'])
    expect(told.findings[0]!.evidence.map((one) => one.says).join()).toMatch(/user class Default BOOTP Class/)
  })
})

test.each(names)('%s: findings and prediction do not contradict each other', (name) => {
  const { findings, prediction, health } = diagnosisOf(name)
  const hasError = findings.some((one) => one.severity === 'error')
  expect(hasError).toBe(prediction!.scopes.some((one) => matrixClients.some((client) => !/booted|unknown/.test(one.cells[client].state)))) // prettier-ignore
  if (health === 'healthy') expect(prediction!.boots).toBe(true)
})
