/** Asks `serve --api` each of the questions that stand in a file, in their order, and prints the answers: run where it can be reached. */
import { readFileSync } from 'node:fs'

const [origin = '', tokenFile = '', questions = ''] = process.argv.slice(2)
const headers = {
  authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
  'content-type': 'application/json',
}
const answers: unknown[] = []
for (const [name, args] of JSON.parse(readFileSync(questions, 'utf8')) as [string, unknown][]) {
  const answer = await fetch(`${origin}/api/v1/${name}`, { method: 'POST', headers, body: JSON.stringify(args) })
  answers.push([answer.status, await answer.json()])
}
process.stdout.write(JSON.stringify(answers))
