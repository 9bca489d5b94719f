import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { explainedLadder } from '#shared/diagnosis/report.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import type { Session } from '#shared/trace/session.ts'
import { captureNames, fieldNames, fieldSession, fixture, sessionOf } from '../helpers/fixtures.ts'

/** `UPDATE_GOLDEN=1 npx vitest run --project core test/trace` writes them anew: read the difference before it is committed. */
const isUpdating = process.env['UPDATE_GOLDEN'] === '1'

function told(session: Session): string {
  return session.trace.attempts
    .map((attempt) => {
      const explanation = explainAttempt(session.store, attempt, { nowNs: session.endNs })
      const { headline, outcome, firmware, sentences, stages, offers, missing, notes, causes, tells } = explanation
      const seconds = (ns: number): string => ((ns - attempt.startNs) / 1e9).toFixed(3)
      return [
        `${attempt.machine.name}: ${outcome}: ${headline}`,
        `${firmware?.name} (${firmware?.evidence})`,
        ...sentences.map((one) => `- ${one.tone}: ${one.text} [${one.frames.join(' ')}]`),
        ...stages.map((one) => `stage ${one.name} ${one.state}: ${one.title}, ${seconds(one.startNs)} to ${seconds(one.endNs)} [${one.frames.join(' ')}]`),
        ...offers.map((one) => `offer #${one.frame} ${one.role} ${one.server} ${one.address} (${one.brings}) ${one.taken}: ${one.why}`),
        ...missing.map((one) => `missing ${one.label} after #${one.afterFrame}, due ${seconds(one.dueNs)}${one.isOverdue ? '' : ' (not yet)'}`),
        ...notes.map((one) => `note #${one.frame} ${one.tone}: ${one.text}`),
        ...causes.map((one) => `cause: ${one}`),
        ...tells.map((one) => `tells: ${one}`),
        ladderText(explainedLadder(session, attempt, explanation)),
      ].join('\n')
    })
    .join('\n\n') // prettier-ignore
}

function holdsToGolden(file: URL, session: Session): void {
  const text = `${told(session)}\n`
  if (isUpdating || !existsSync(file)) {
    if (!isUpdating) throw new Error(`${file.pathname} is missing: write it with UPDATE_GOLDEN=1`)
    writeFileSync(file, text)
  }
  expect(text).toBe(readFileSync(file, 'utf8'))
}

describe('every capture is explained as its golden file says', () => {
  test.each(captureNames)('%s', (name) =>
    holdsToGolden(fixture(`explanations/${name.replace('.pcap', '.txt')}`), sessionOf(name)),
  )
  test.each(fieldNames)('field/%s', (name) =>
    holdsToGolden(fixture(`explanations/field/${name.replace('.pcap', '.txt')}`), fieldSession(name)),
  )
})

/** What stood on the serial consoles while these captures were taken. */
const consoles = JSON.parse(readFileSync(fixture('consoles.json'), 'utf8')) as Record<
  string,
  { result: 'pass' | 'fail'; screen: string[] }
>

describe('what the verdict says, the machine showed', () => {
  const cases = Object.entries(consoles)
  test.each(cases)('%s', (name, { result, screen }) => {
    const session = sessionOf(`${name}.pcap`)
    const [first] = session.trace.attempts
    const explanation = explainAttempt(session.store, first!, { nowNs: session.endNs })
    expect(explanation.outcome, explanation.headline).toBe(result === 'pass' ? 'started' : 'failed')
    // Addresses of explanations differ by the version of the firmware; Boot0001 is followed by the path of the device.
    const plain = (line: string): string =>
      line
        .replace(/https?:\/\/ipxe\.org\/\w+/, 'ipxe.org')
        .replace(/Boot0001.*?: /, 'Boot0001: ')
        .replace(/ "UEFI.*$/, '')
    // The console breaks lines at its 80 columns.
    const shown = [screen.map(plain).join('\n'), plain(screen.join(''))].join('\n')
    for (const line of explanation.screen) {
      const texts = line.split(' or ').map((text) => plain(text).split(/: Not Found$/)[0]!)
      expect(
        texts.some((text) => shown.includes(text)),
        `${name}: "${line}" of\n${shown}`,
      ).toBe(true)
    }
    if (result === 'fail') expect(explanation.screen.length, 'a failure is told with its screen').toBeGreaterThan(0)
  })

  test('they are failures and successes of BIOS and UEFI', () => {
    expect(cases.filter(([, one]) => one.result === 'fail').length).toBeGreaterThan(8)
    expect(cases.filter(([, one]) => one.result === 'pass').length).toBeGreaterThan(8)
  })
})
