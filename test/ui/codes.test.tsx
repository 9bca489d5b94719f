/** A code in a text leads to its page, wherever the text stands; nothing is green unless a check earned it. */
import { readFileSync } from 'node:fs'
import { MantineProvider } from '@mantine/core'
import { render, screen, within } from '@testing-library/react'
import type { ReactElement } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Client } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { PastCheck } from '#shared/lab/facts.ts'
import { knownCodes, stateOf } from '#shared/diagnosis/inverse/dialogue.ts'
import { readSpace, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import type { Plan } from '#shared/planner/plan.ts'
import { WithCodes } from '../../src/renderer/ask/with-codes.tsx'
import { PastChecks } from '../../src/renderer/doctor/past-checks.tsx'
import { Sentences } from '../../src/renderer/flows/sentences.tsx'
import { Verdict } from '../../src/renderer/flows/verdict.tsx'
import { ClientsPage } from '../../src/renderer/pages/clients.tsx'
import { FindingView } from '../../src/renderer/pages/doctor.tsx'
import { LabPage } from '../../src/renderer/pages/lab.tsx'
import { LogsView } from '../../src/renderer/planner/logs-view.tsx'
import { shownPlan } from '../../src/renderer/planner/shown-plan.ts'
import { Verdicts } from '../../src/renderer/planner/verdicts.tsx'
import { useStore } from '../../src/renderer/store.ts'

vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (() => Promise.resolve([])) as never,
}))

beforeEach(() => {
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
  return () => vi.restoreAllMocks()
})

const show = (part: ReactElement): ReturnType<typeof render> => render(<MantineProvider env="test">{part}</MantineProvider>) // prettier-ignore
/** Every link with this code goes to its page; so many there are. */
const links = (code: string): number => {
  const found = screen.queryAllByRole('link', { name: code, hidden: true })
  for (const one of found) expect(one.getAttribute('href')).toBe(`#/doctor/${encodeURIComponent(`ask?code=${code}`)}`)
  return found.length
}
const headline = 'Boot file not found (PXE-T01)'
const nothing = (): void => {}

test('codes of every kind are links, and what only looks like one is not', () => {
  show(
    <WithCodes text="PXE-E55, PXE-T01: EFI_NOT_FOUND then 0xc000000f, 0x80070490; PXE-Z99 EFI_NOWHERE 0x1234 00:11" />,
  )
  expect(screen.getAllByRole('link').map((one) => one.textContent)).toEqual(['PXE-E55', 'PXE-T01', 'EFI_NOT_FOUND', '0xc000000f', '0x80070490']) // prettier-ignore
  expect(document.body.textContent).toContain('; PXE-Z99 EFI_NOWHERE 0x1234 00:11')
})

test('in a verdict', () => {
  const explanation = { outcome: 'failed', headline, causes: [], fixes: [], tells: [], sentences: [{ text: 'Sent ERROR 1, PXE-T01', tone: 'bad', frames: [1] }] } // prettier-ignore
  show(<Verdict explained={{ explanation, machine: 'm', name: '', ordinal: 1, began: 0, milliseconds: 1, evidence: [] } as never} frame={undefined} onFrame={nothing} />) // prettier-ignore
  expect(links('PXE-T01')).toBe(2)
})

test('in the sentences of Flows: behind the row that leads to its packets, once for each code', () => {
  const sentences = [{ text: 'Sent ERROR 1, PXE-T01, PXE-T01 again', tone: 'bad', frames: [1] }, { text: 'No code', tone: 'plain', frames: [] }] // prettier-ignore
  show(<Sentences explained={{ explanation: { sentences, screen: [] } } as never} frame={undefined} onFrame={nothing} />) // prettier-ignore
  const link = screen.getByRole('link', { name: 'PXE-T01' })
  expect(link.closest('button')).toBeNull()
  expect(within(screen.getAllByRole('listitem')[0]!).getByRole('link')).toBe(link)
})

test('in the events of the lab, and of a client', async () => {
  const lab = { path: '/lab.yaml', exists: true, text: '', lab: labSchema.parse({ interface: 'eth0' }), problems: [], notices: [], needsRestart: false } // prettier-ignore
  const boot = { startedAt: 1, lastAt: 2, outcome: 'failed', stage: 'failed', code: 'PXE-T01', causes: ['The TFTP server has it not (PXE-E36)'], firmware: '', detail: headline, files: [] } as const // prettier-ignore
  const client = { mac: '52:54:00:00:00:01', vendor: '', firmware: '', architecture: '', uuid: null, address: null, hostName: null, reason: '', isReserved: false, boots: [boot, boot] } as unknown as Client // prettier-ignore
  const status = { state: 'stopped', detail: '', complaint: null, mode: null, interfaces: [], listening: [], startedAt: null, stopsAt: null, warnings: [], keepsAllPackets: false, pools: [] } as const // prettier-ignore
  useStore.setState({
    lab,
    status: status as never,
    log: [{ id: 1, time: 1, level: 'problem', type: 'boot-failed', mac: null, text: headline }],
    clients: new Map([[client.mac, client]]),
  })
  const { unmount } = show(<LabPage />)
  await within(screen.getByRole('log')).findByRole('link', { name: 'PXE-T01' })
  expect(links('PXE-T01')).toBe(1)
  unmount()
  show(<ClientsPage />)
  expect(within(await screen.findByRole('alert')).getAllByRole('link').slice(0, 2).map((one) => one.textContent)).toEqual(['PXE-T01', 'PXE-E36']) // prettier-ignore
  // The row of the list, the verdict, and the earlier boot.
  expect(links('PXE-T01')).toBe(3)
})

test('in a finding of the doctor', () => {
  const finding = { id: 'x', severity: 'error', title: 'Clients end with PXE-E55', says: 'They show PXE-E55', reference: '', evidence: [{ says: 'Event 0x80070490', source: 'a' }], remedy: undefined } // prettier-ignore
  show(<FindingView finding={finding as never} facts={{ sources: {} } as never} onChanged={undefined} />)
  expect([links('PXE-E55'), links('0x80070490')]).toEqual([2, 1])
})

test('in a sentence of the planner', () => {
  const rule = { id: 'OSD-X-01', title: 'No PXE-E55', severity: 'required', state: 'violated', items: [{ subject: 'DP1', state: 'violated', needs: [], says: 'clients show PXE-E55' }], remedy: '', source: '', concerns: [] } // prettier-ignore
  const judged = { rules: [rule], readiness: [], servers: [], sites: [], wayOut: [] } as unknown as Plan
  show(<Verdicts judged={shownPlan(judged)} words="" onWords={nothing} onGo={nothing} />)
  expect(links('PXE-E55')).toBe(2)
})

test('in the story of a log', async () => {
  const text = '<![LOG[Failed to run the task sequence. Error 0x80070490]LOG]!><time="09:00:00.123-060" date="11-24-2026" component="TSManager" type="3" thread="1">\n' // prettier-ignore
  show(<LogsView log={{ text, files: [] }} onLog={nothing} onFiles={nothing} onRule={undefined} />)
  await screen.findAllByRole('link', { name: '0x80070490', hidden: true })
  expect(links('0x80070490')).toBeGreaterThan(0)
})

test('codes of PXE come before those of iPXE', () => {
  const space = readSpace(JSON.parse(readFileSync('resources/ask.json', 'utf8')) as SpaceFile) // prettier-ignore
  const kinds = knownCodes(space).map((code) => code.startsWith('PXE-'))
  expect(kinds[0]).toBe(true)
  expect(kinds.lastIndexOf(true)).toBeLessThan(kinds.indexOf(false))
  const question = stateOf(space, []).questions.find(({ id }) => id === 'screen')
  const lines = question!.choices.map(({ answer }) => answer)
  expect(lines.findLastIndex((one) => one.startsWith('PXE-'))).toBeLessThan(lines.findIndex((one) => /^[0-9a-f]{8}/.test(one))) // prettier-ignore
})

test('a past check of a machine without a service is not green', () => {
  const check = (at: number, service: string): PastCheck => ({ at: `2026-11-2${at}T09:00:00Z`, until: `2026-11-2${at}T09:00:00Z`, verdict: `v${at}`, health: 'healthy', lines: [service] }) // prettier-ignore
  show(<PastChecks checks={[check(1, 'service WDSServer is running, start auto'), check(2, 'UDP 0.0.0.0:67 is held by x')]} />) // prettier-ignore
  const shapes = [...document.querySelectorAll('.dot')].map((one) => one.getAttribute('data-shape'))
  expect(shapes).toEqual(['ring', 'dot'])
})
