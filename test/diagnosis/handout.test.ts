/** Exercises on paper: the questions give no answer away, and the answers stand behind them. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { handoutHtml } from '#shared/diagnosis/handout.ts'
import { picturesOf, telling } from '#shared/diagnosis/boot-picture.ts'
import { readScenarioText } from '#shared/simulation/scenario-text.ts'
import { escapeXml } from '#shared/trace/ladder-svg.ts'

const inputOf = (id: string): unknown => {
  const read = readScenarioText(readFileSync(new URL(`../../resources/scenarios/${id}.yaml`, import.meta.url), 'utf8'))
  if (!read.ok) throw new Error(id)
  return read.input
}
const parts = (html: string): readonly [exercises: string, answers: string] => {
  const at = html.indexOf('<section class="answers">')
  return [html.slice(html.indexOf('<body>'), at), html.slice(at)]
}

test.each(['option-60-left-over', 'firewall-4011', 'helper-to-dhcp-only', 'use-dhcp-ports-left-at-0'])('%s: the exercise does not tell, the answers do', (id) => {
  const input = inputOf(id)
  const [exercise, answers] = parts(handoutHtml([{ input, changes: [] }]))
  const run = picturesOf(input, [])
  const { scenario } = run
  const boot = telling(run)!
  const told = [scenario.title, scenario.goesWrong!, 'did not come', ...boot.outcome.screen.filter((line) => /PXE-[EM]/.test(line))]
  for (const text of told.map(escapeXml)) expect(exercise, text).not.toContain(text)
  expect(answers).toContain(escapeXml(scenario.title))
  expect(answers).toContain(escapeXml(scenario.goesWrong!))
  const accepted = scenario.repairs.find((one) => one.isAccepted)!
  // Every repair is there to choose from, and one is the answer.
  for (const { title } of scenario.repairs) expect(exercise).toContain(`<li>${escapeXml(title)}</li>`)
  expect(exercise).not.toContain(escapeXml(accepted.says))
  expect(answers).toContain(`<b>${escapeXml(accepted.title)}.</b>`)
}) // prettier-ignore

test('a blank has one number, its repetitions the same, and its answer says who does what', () => {
  const [exercise, answers] = parts(
    handoutHtml([{ input: inputOf('option-60-left-over'), changes: [], client: 'uefi-pc' }]),
  )
  const numbers = [...exercise.matchAll(/>\((\d+)\) \.{14}/g)].map(([, number]) => Number(number))
  expect(numbers).toEqual([1, 2, 3, 4, 5, 5, 5, 5])
  const named = /<ol>(.*?)<\/ol>/s.exec(answers)![1]!.match(/<li>/g)!
  expect(named).toHaveLength(5)
  expect(answers).toContain('uefi-pc now has an address and asks DHCP server on port 4011')
  // Titles of rows are read by whoever hovers over the page before it is printed.
  expect(exercise).not.toMatch(/OFFER 192|REQUEST/)
})

test('a course has one exercise after the other and all answers behind them; nothing in a scenario is markup', () => {
  const input = { ...(inputOf('http-boot') as object), title: '<img src=x onerror=alert(1)>' }
  let done = 0
  const html = handoutHtml([{ input, changes: [] }, { input: inputOf('plain-dhcp'), changes: [] }], (count) => (done = count))
  expect(done).toBe(2)
  expect(html.match(/<h1>Exercise \d<\/h1>/g)).toEqual(['<h1>Exercise 1</h1>', '<h1>Exercise 2</h1>'])
  expect(html.indexOf('<h1>Answers')).toBeGreaterThan(html.indexOf('<h1>Exercise 2'))
  expect(html).not.toContain('<img')
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)[^1]/)
}) // prettier-ignore
