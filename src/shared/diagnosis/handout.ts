/**
 * Exercises on paper: a boot of the simulator with blanks to fill in, and the answers behind all exercises. One HTML file for the
 * print of a browser: no script, nothing fetched.
 */
import { t } from '#messages/text.ts'
import { firmwareEntry, type FirmwareName } from '../machines/pxe-client/firmwares.ts'
import { shuffledRepairs } from '../simulation/repair-order.ts'
import { scenarioNames } from '../simulation/scenario-names.ts'
import type { Change, Scenario } from '../simulation/scenario.ts'
import type { Ladder, LadderRow } from '../trace/ladder.ts'
import { escapeXml, ladderSvg, lightLadderStyle } from '../trace/ladder-svg.ts'
import { picturesOf, telling, type BootPicture, type PicturedRun } from './boot-picture.ts'

export interface Exercise {
  /** As it was written. */
  readonly input: unknown
  readonly changes: readonly Change[]
  /** The machine whose boot it is about; without one the first that fails. */
  readonly client?: string | undefined
}

/** Rows that have room on one page beside the questions. */
const mostRows = 24
const mostBlanks = 10
/** Of the ladder, in pixels at 96 to the inch: the width of A4 between its margins. */
const paperWidth = 700
const line = '<div class="line"></div>'

const style = `
@page{size:A4;margin:14mm 13mm 16mm;@bottom-right{content:counter(page);font:9pt system-ui,sans-serif}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:${paperWidth}px;font:10pt/1.35 system-ui,sans-serif;color:#1f2328;background:#fff}
h1{font-size:16pt;margin:0}h2{font-size:12pt;margin:14pt 0 4pt;break-after:avoid}h3{font-size:10.5pt;margin:10pt 0 2pt;break-after:avoid}
p{margin:3pt 0}
header{display:flex;justify-content:space-between;gap:20pt;align-items:baseline}
header .who{flex:0 0 45%;border-bottom:1px solid #656d76}
table{border-collapse:collapse;width:100%;font-size:9.5pt}th,td{text-align:left;padding:2pt 8pt 2pt 0;border-bottom:1px solid #d0d7de;vertical-align:top}
section{break-after:page}section:last-of-type{break-after:auto}
figure{margin:6pt 0;break-inside:avoid}figure svg{width:100%;height:auto;max-height:185mm;display:block}
.line{border-bottom:1px solid #8c959f;height:17pt}
.box{border:1px solid #8c959f;height:48pt;margin:4pt 0}
.question{break-inside:avoid}
ol{margin:4pt 0;padding-left:20pt}ul.choice{list-style:none;padding:0;margin:4pt 0}ul.choice li::before{content:"\\2610\\00a0\\00a0"}
pre{font:9pt/1.35 ui-monospace,Consolas,monospace;border:1px solid #d0d7de;padding:4pt 6pt;margin:4pt 0;white-space:pre-wrap;break-inside:avoid}
.quiet{color:#656d76;font-size:9pt}
article{margin-bottom:16pt}
${lightLadderStyle}`

const text = (value: string): string => escapeXml(value)

/** A message that is left blank, and its repetitions. */
const keyOf = (row: LadderRow): string => `${row.from} ${row.label}`

interface Blanks {
  /** The ladder to fill in. */
  readonly ladder: Ladder
  /** The rows behind the numbers, from 1. */
  readonly rows: readonly LadderRow[]
}

function blanksOf(ladder: Ladder): Blanks {
  const numbers = new Map<string, number>()
  const rows: LadderRow[] = []
  const shown = ladder.rows.slice(0, mostRows)
  for (const [index, row] of shown.entries()) {
    if (row.kind !== 'arrow' || index === 0 || numbers.has(keyOf(row)) || rows.length >= mostBlanks) continue
    numbers.set(keyOf(row), rows.push(row))
  }
  return {
    rows,
    ladder: {
      ...ladder,
      // What did not come is a question of its own.
      rows: shown
        .filter((row) => row.kind !== 'ghost')
        .map((row) => {
          const number = numbers.get(keyOf(row))
          const plain = { ...row, note: undefined, tone: 'plain' } as const
          if (row.kind !== 'arrow') return plain
          const label = number === undefined ? row.label : `(${number}) ${'.'.repeat(14)}`
          return { ...plain, label, mark: undefined } as LadderRow
        }),
    },
  }
}

const figure = (ladder: Ladder, run: PicturedRun): string =>
  `<figure>${ladderSvg(ladder, { width: paperWidth, isCaptionFirst: true, captionOf: run.captionOf }).svg}</figure>`

function networkTable(scenario: Scenario): string {
  const names = scenarioNames(scenario)
  const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`
  const hosts = Object.entries(scenario.hosts).map(([key, host]) =>
    row([
      names.get(key) ?? key,
      [...Object.values(host.on), ...Object.values(host.on6 ?? {})].join(', '),
      Object.keys(host.services).join(', ') || t('handout.none'),
    ]),
  )
  const machines = Object.entries(scenario.clients).map(([key, one]) =>
    row([names.get(key) ?? key, '', firmwareEntry(one.firmware).name]),
  )
  return `<table><tr><th>${text(t('handout.machine'))}</th><th>${text(t('handout.address'))}</th><th>${text(t('handout.services'))}</th></tr>${[...hosts, ...machines].join('')}</table>`
}

/** A question with room for its answer, and the answer. */
interface Question {
  readonly asks: string
  readonly room: string
  readonly answer: string
}

const list = (items: readonly string[]): string => `<ul>${items.map((one) => `<li>${text(one)}</li>`).join('')}</ul>`

function questionsOf({ scenario, captionOf }: PicturedRun, boot: BootPicture): Question[] {
  const { name, ladder, outcome } = boot
  const questions: Question[] = []
  const rows = ladder?.rows ?? []
  const offers = rows.filter((row) => row.kind === 'arrow' && row.mark !== undefined)
  const isChoice =
    offers.some((row) => row.kind === 'arrow' && row.mark === 'won') && new Set(offers.map(keyOf)).size > 1
  if (isChoice)
    questions.push({
      asks: t('handout.offers', { name }),
      room: line + line,
      answer: list(
        [...new Map(offers.map((row) => [keyOf(row), row])).values()].map((row) => {
          const lane = ladder!.lanes[row.from]
          const from = lane === undefined ? '' : captionOf(lane) || lane.address
          const mark = row.kind === 'arrow' && row.mark === 'won' ? '✓' : '✗'
          return `${mark} ${row.label} (${from})${row.note === undefined ? '' : `: ${row.note}`}`
        }),
      ),
    })
  const missing = new Set(rows.filter((row) => row.kind === 'ghost' && row.missing.isOverdue).map((row) => row.label))
  if (missing.size > 0)
    questions.push({
      asks: t('handout.missing', { name }),
      room: line,
      answer: list([...missing].map((label) => t('handout.does-not-come', { label }))),
    })
  if (outcome.screen.length > 0)
    questions.push({
      asks: t('handout.screen', { name }),
      room: '<div class="box"></div>',
      answer: `<pre>${text(outcome.screen.slice(-8).join('\n'))}</pre>`,
    })
  if (outcome.state === 'failed' && scenario.goesWrong !== undefined)
    questions.push({ asks: t('handout.wrong'), room: line + line, answer: `<p>${text(scenario.goesWrong)}</p>` })
  const accepted = scenario.repairs.filter((one) => one.isAccepted)
  if (accepted.length > 0)
    questions.push({
      asks: t('handout.fix'),
      room: `<ul class="choice">${shuffledRepairs(scenario.repairs).map((one) => `<li>${text(one.title)}</li>`).join('')}</ul>`, // prettier-ignore
      answer: accepted
        .map(({ title, says, commands }) => {
          const how = commands.length === 0 ? '' : `<pre>${text(commands.join('\n'))}</pre>`
          return `<p><b>${text(title)}.</b> ${text(says)}</p>${how}`
        })
        .join(''),
    })
  return questions
}

function paper({ input, changes, client }: Exercise, number: number): { readonly title: string; readonly exercise: string; readonly answer: string } {
  const run = picturesOf(input, changes)
  const { scenario } = run
  const boot = run.boots.find((one) => one.outcome.name === client) ?? telling(run)
  const heading = t('handout.exercise', { number })
  const head = `<header><h1>${text(heading)}</h1><span class="who quiet">${text(t('handout.name'))}</span></header>`
  const title = `<h2>${text(t('handout.answer', { number, title: scenario.title }))}</h2>`
  if (!boot?.ladder) {
    const told = `<p>${text(scenario.summary)}</p>`
    return { title: scenario.title, exercise: `<section>${head}${told}${networkTable(scenario)}</section>`, answer: `<article>${title}${told}</article>` }
  }
  const { ladder, name } = boot
  const firmware = firmwareEntry(boot.outcome.firmware as FirmwareName).name
  const how = boot.outcome.state === 'failed' ? t('handout.fails', { name, firmware }) : t('handout.boots', { name, firmware })
  const blanks = blanksOf(ladder)
  const questions = questionsOf(run, boot)
  const cut = ladder.rows.length > mostRows ? `<p class="quiet">${text(t('handout.first-rows', { shown: mostRows, rows: ladder.rows.length }))}</p>` : ''
  const sentences = new Map(boot.steps.map((one) => [one.frame, one.sentence]))
  const named = blanks.rows.map((row) => {
    const sentence = sentences.get(row.frames[0])
    return `<li>${text(sentence === undefined ? row.label : t('handout.row-answer', { label: row.label, sentence }))}</li>`
  })
  return {
    title: scenario.title,
    exercise: [
      `<section>${head}<p>${text(how)}</p>`,
      `<h3>${text(t('handout.network'))}</h3>${networkTable(scenario)}`,
      `<h3>${text(t('handout.blanks-title'))}</h3><p>${text(t('handout.blanks'))}</p>${figure(blanks.ladder, run)}${cut}`,
      ...questions.map(({ asks, room }) => `<div class="question"><h3>${text(asks)}</h3>${room}</div>`),
      '</section>',
    ].join('\n'),
    answer: [
      `<article>${title}<p>${text(how)} ${text(scenario.summary)}</p>`,
      figure({ ...ladder, rows: ladder.rows.slice(0, mostRows) }, run) + cut,
      `<h3>${text(t('handout.blanks-title'))}</h3><ol>${named.join('')}</ol>`,
      ...questions.map(({ asks, answer }) => `<div class="question"><h3>${text(asks)}</h3>${answer}</div>`),
      '</article>',
    ].join('\n'),
  }
} // prettier-ignore

/**
 * A document for A4: each exercise on pages of its own, all answers behind them.
 *
 * @throws {Error} where a scenario and its changes do not fit together
 */
export function handoutHtml(exercises: readonly Exercise[], onExercise: (done: number) => void = () => {}): string {
  const papers = exercises.map((one, index) => {
    const made = paper(one, index + 1)
    onExercise(index + 1)
    return made
  })
  const title = papers.length === 1 ? t('handout.title', { title: papers[0]!.title }) : t('handout.page')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${text(title)} - PXE Lab</title><style>${style}</style></head><body>
${papers.map((one) => one.exercise).join('\n')}
<section class="answers"><h1>${text(t('handout.answers'))}</h1>
${papers.map((one) => one.answer).join('\n')}</section>
</body></html>
`
}
