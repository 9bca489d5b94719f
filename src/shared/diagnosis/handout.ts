/**
 * Exercises on paper: a boot of the simulator with blanks to fill in, and the answers behind all exercises. One HTML file for the
 * print of a browser.
 */
import { t } from '#messages/text.ts'
import { firmwareText, type FirmwareName } from '../machines/pxe-client/firmwares.ts'
import { shuffledRepairs } from '../simulation/repair-order.ts'
import type { Change } from '../simulation/scenario.ts'
import type { Ladder, LadderRow } from '../trace/ladder.ts'
import { picturesOf, telling, type BootPicture, type PicturedRun } from './boot-picture.ts'
import { figure, line, networkTable, paperDocument, paperHead, text } from './paper.ts'

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
  const head = paperHead(heading)
  const title = `<h2>${text(t('handout.answer', { number, title: scenario.title }))}</h2>`
  if (!boot?.ladder) {
    const told = `<p>${text(scenario.summary)}</p>`
    return { title: scenario.title, exercise: `<section>${head}${told}${networkTable(scenario)}</section>`, answer: `<article>${title}${told}</article>` }
  }
  const { ladder, name } = boot
  const firmware = firmwareText(boot.outcome.firmware as FirmwareName)
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
  return paperDocument(
    papers.length === 1 ? t('handout.title', { title: papers[0]!.title }) : t('handout.page'),
    papers.map((one) => one.exercise),
    papers.map((one) => one.answer),
  )
}
