/** Tests wait for what happens, however busy the machine is: a wait that a slow moment ends is a failure of nobody. */
import { parseSync, Visitor } from 'vite'
import { expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

const files = projectFiles().filter((file) => /^test\/.*\.tsx?$/.test(file))
const shortestMs = 60_000

/** Waits of one file that may be too short, with the line; one second is what Vitest waits by itself. */
function complaints(file: string, code: string): string[] {
  const { program } = parseSync(file, code)
  const found: string[] = []
  new Visitor({
    CallExpression({ callee, arguments: given, start, end }) {
      if (!/^vi\.wait(For|Until)$/.test(code.slice(callee.start, callee.end))) return
      const [, limit] = given
      const text = limit ? code.slice(limit.start, limit.end) : 'one second'
      const [, told] = /^(?:\{ timeout: )?([\d_]+)/.exec(text) ?? []
      // A name is that of a limit that the file has for all its waits.
      if (limit ? told === undefined || Number(told.replaceAll('_', '')) >= shortestMs : false) return
      found.push(
        `${file}:${code.slice(0, start).split('\n').length} waits ${text}: ${code.slice(start, end).slice(0, 60)}`,
      )
    },
  }).visit(program)
  return found
}

test('no test waits less than a minute for what happens when it happens', () => {
  expect(files.length).toBeGreaterThan(300)
  expect(files.flatMap((file) => complaints(file, readProjectFile(file)))).toEqual([])
})

test('the rule finds short waits', () => {
  const code = `await vi.waitFor(() => a)\nvi.waitUntil(b, 500)\nvi.waitUntil(b, { timeout: 9_000 })\nvi.waitFor(a, 60_000)\nvi.waitFor(a, room)`
  expect(complaints('x.ts', code).map((one) => one.split(' waits')[0])).toEqual(['x.ts:1', 'x.ts:2', 'x.ts:3'])
})
