/** The ladder as a picture: labels are whole where they fit, rows are a list where they are one, and zoom changes the size only. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { english, speak } from '#messages/text.ts'
import { explainAttempt } from '../helpers/told.ts'
import { explainedLadder } from '#shared/diagnosis/report.ts'
import type { Ladder } from '#shared/trace/ladder.ts'
import { ladderRowId, ladderSvg } from '#shared/trace/ladder-svg.ts'
import { captureNames, sessionOf } from '../helpers/fixtures.ts'

/** Of the widest fonts that may stand in for ours, in shares of their size. */
const letter = 0.61

function ladderOf(capture: string): Ladder {
  const session = sessionOf(capture)
  const attempt = session.trace.attempts[0]!
  const told = explainAttempt(session.store, attempt, { nowNs: session.endNs })
  return explainedLadder(session, attempt, told)
}

const numbers = (text: string, pattern: RegExp): number[] => [...text.matchAll(pattern)].map((one) => Number(one[1]))

/** Where the lanes stand. */
const lanesOf = (svg: string): number[] => numbers(svg, /<line x1="(\d+)" y1="\d+" x2="\1" y2="\d+" stroke="var\(--ladder-line\)"/g) // prettier-ignore

interface Label {
  readonly left: number
  readonly right: number
  readonly text: string
}

const labelsOf = (svg: string): Label[] =>
  [...svg.matchAll(/<text x="(\d+)" y="[\d.]+" font-size="12" [^>]*stroke-width="4"[^>]*>([^<]*)<\/text>/g)].map(
    ([, x, escaped]) => {
      const text = escaped!.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      return { left: Number(x), right: Number(x) + text.length * 12 * letter, text }
    },
  )

describe('labels', () => {
  test.each(captureNames)('of %s stay inside the picture, and are cut only where it ends', (name) => {
    const ladder = ladderOf(name)
    const wide = labelsOf(ladderSvg(ladder, { width: 4000 }).svg)
    for (const width of [500, 800, 1400]) {
      const { svg, width: drawn } = ladderSvg(ladder, { width })
      expect(lanesOf(svg)).toHaveLength(ladder.lanes.length)
      const labels = labelsOf(svg)
      expect(labels).toHaveLength(ladder.rows.length)
      for (const [index, label] of labels.entries()) {
        expect(label.right, label.text).toBeLessThanOrEqual(drawn)
        // A transfer's stays in its bar.
        if (ladder.rows[index]!.kind === 'bar' || label.text === wide[index]!.text) continue
        const whole = label.left + wide[index]!.text.length * 12 * letter
        expect(whole, `${label.text} at ${width}`).toBeGreaterThan(drawn - 10)
      }
    }
  })

  test('tell what became of an offer or a missing answer also where eight lanes leave little room', () => {
    const kinds = new Set<string>()
    for (const name of captureNames) {
      const ladder = ladderOf(name)
      const lanes = Array.from({ length: 8 }, (_, index) => ladder.lanes[index % ladder.lanes.length]!)
      const { svg } = ladderSvg({ ...ladder, lanes }, { width: 500 })
      for (const [index, { text }] of labelsOf(svg).entries()) {
        const row = ladder.rows[index]!
        const end =
          row.kind === 'ghost' && row.missing.isOverdue
            ? /.+ did not come$/
            : row.kind === 'arrow' && row.mark === 'won'
              ? /✓( accepted)?$/
              : row.kind === 'arrow' && row.mark === 'lost'
                ? /✗( not accepted)?$/
                : undefined
        if (!end) continue
        kinds.add(end.source)
        expect(text, `${name} ${index}`).toMatch(end)
      }
    }
    expect(kinds.size).toBe(3)
  })

  test('that do not fit end in an ellipsis, and the whole stands in their title', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200, unit: fc.constantFrom('a', 'W', '.', '\\') }), (file) => {
        const ladder = ladderOf('fail-nofile-uefi-x64.pcap')
        const rows = ladder.rows.map((row) => ({ ...row, label: `read ${file}` }))
        const { svg } = ladderSvg({ ...ladder, rows }, { width: 700 })
        const [label] = labelsOf(svg)
        const isWhole = label!.text.startsWith(`read ${file}`)
        expect(isWhole || label!.text.endsWith('…')).toBe(true)
        expect(svg).toMatch(new RegExp(`<title>[^<]*read ${file.replace(/[.\\]/g, '\\$&')}`))
      }),
      { numRuns: 60 },
    )
  })
})

describe('as a list', () => {
  const ladder = ladderOf('fail-no4011-uefi-x64.pcap')
  const { svg } = ladderSvg(ladder, { width: 900, isList: true })

  test('each row is an option in reading order, told as a sentence', () => {
    const ids = [...svg.matchAll(/ id="([^"]+)" role="option" aria-selected="false"/g)].map((one) => one[1])
    expect(ids).toEqual(ladder.rows.map((row) => ladderRowId(row.key)))
    const told = [...svg.matchAll(/role="option" aria-selected="false"><title>([^<]+)</g)].map((one) => one[1]!)
    expect(told[0]).toBe('0.000 s, client 192.168.77.132 to all: DISCOVER, UEFI x64 (7)')
    expect(told.some((one) => /\(missing\) .+ did not come/.test(one))).toBe(true)
  })

  test('its times stand apart, each at the height of its row, and long labels know how far they may go on', () => {
    const capture = ladderOf('relay-uefi-x64.pcap')
    const lanes = Array.from({ length: 8 }, (_, index) => capture.lanes[index % capture.lanes.length]!)
    const rows = capture.rows.map((row) => ({ ...row, from: 0, to: 7 }))
    const { svg, times } = ladderSvg({ ...capture, lanes, rows }, { width: 500, isList: true })
    const heightOf = (text: string): (readonly [string, string])[] => [...text.matchAll(/data-key="([^"]+)"[^>]*>(?:<title>[^<]*<\/title>)?<rect class="ladder-hit" x="0" y="([\d.-]+)"/g)].map((one) => [one[1]!, one[2]!]) // prettier-ignore
    expect(heightOf(times)).toEqual(heightOf(svg))
    expect(heightOf(times)).toHaveLength(rows.length)
    const seconds = [...times.matchAll(/>(\d+\.\d{3})<\/text>/g)].map((one) => one[1])
    expect(seconds).toEqual(rows.map(({ timeNs }) => ((timeNs - capture.startNs) / 1e9).toFixed(3)))
    expect(svg).not.toMatch(/text-anchor="end"/)
    // Six lanes stand between the first and the last, 160 apart.
    const further = numbers(svg, /--lane:160px;--further:(\d+)px/g)
    expect(further).toEqual(rows.map(() => 6 * 160))
  })

  test('without being one it is a picture with a name', () => {
    const alone = ladderSvg(ladder, { width: 900 }).svg
    expect(alone).toMatch(/role="img" aria-label="Ladder of \d+ rows/)
    expect(alone).not.toContain('role="option"')
    expect(alone).not.toContain('--further')
    expect(numbers(alone, /text-anchor="end" font-size="11"[^>]*>([\d.]+)</g)).toHaveLength(ladder.rows.length)
  })
})

test.each([0.6, 1.5, 3])('zoomed by %f the lanes share the width, and everything else is larger', (zoom) => {
  const ladder = ladderOf('relay-uefi-x64.pcap')
  const plain = ladderSvg(ladder, { width: 1200 })
  const zoomed = ladderSvg(ladder, { width: 1200, zoom })
  expect(zoomed.height).toBe(Math.round(plain.height * zoom))
  const [, drawn] = /viewBox="0 0 (\d+) /.exec(zoomed.svg)!
  expect(zoomed.width).toBe(Math.round(Number(drawn) * zoom))
  expect(zoomed.width).toBeGreaterThanOrEqual(1190)
  expect(zoomed.heads).toContain(`height="${Math.round(58 * zoom)}"`)
})

describe('in another language', () => {
  afterEach(() => speak(english, 'en'))

  test('its words are of that language, and letters twice as wide stay inside the picture', () => {
    const ladder = ladderOf('fail-no4011-bios-ipxe.pcap')
    expect(labelsOf(ladderSvg(ladder, { width: 1400 }).svg).map((one) => one.text)).toEqual(
      expect.arrayContaining(['OFFER 192.168.77.130 ✓ accepted', 'ACK from port 4011 did not come']),
    )
    speak(
      {
        'ladder.taken': () => '採用',
        'ladder.did-not-come': () => 'は届きませんでした',
        'ladder.client': () => 'クライアント',
      },
      'ja',
    )
    const { svg } = ladderSvg(ladder, { width: 1400 })
    expect(svg).not.toMatch(/accepted|did not come|>client</)
    expect(svg).toContain('>クライアント<')
    const { svg: narrow, width } = ladderSvg(ladder, { width: 360 })
    for (const { left, text } of labelsOf(narrow)) {
      const right = left + (text.length + (text.match(/[\u3040-\u9fff]/g)?.length ?? 0)) * 12 * letter
      expect(right, text).toBeLessThanOrEqual(width)
    }
    expect(labelsOf(narrow).some((one) => one.text.endsWith('は届きませんでした'))).toBe(true)
  })
})
