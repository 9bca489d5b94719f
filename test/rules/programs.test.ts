/** Programs are started in one place, by their full path: Windows looks for them in the current folder first. */
import { expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

/** Who starts processes, and why not by `system/programs.ts`. */
const starters: Readonly<Record<string, string>> = {
  'src/main/system/programs.ts': 'it is the place',
  'src/main/child-process.ts': 'forks files of our own',
  'src/main/io/forked-process.ts': 'forks files of our own',
  'bin/pxe-lab.js': 'runs this program on another Node',
  'scripts/build-docs.ts': 'runs npm and Astro for whoever writes the documentation',
  'scripts/mutate.ts': 'runs the tests and the build on Node itself',
  'scripts/start.mjs': 'runs before anything is built',
  'scripts/test.mjs': 'runs before anything is built',
  'scripts/modules.mjs': 'runs before anything is built',
}

// Packages are built by whoever has the tools for it, and nobody else runs that.
const files = projectFiles().filter(
  (file) => /^(src|bin|scripts)\/.*\.(ts|tsx|mjs|js)$/.test(file) && !file.startsWith('scripts/packaging/'),
)

/** What a file does that only the one place may. */
function startsIn(file: string, text: string): string[] {
  const code = text.replaceAll(/import type [^\n]*|^\s*(\/\/|\/?\*).*$/gm, '')
  const imports = /['"](node:)?child_process['"]/.test(code)
  if (imports && !(file in starters)) return [`${file} starts processes by itself: use src/main/system/programs.ts`]
  if (!imports) return []
  const calls = [...code.matchAll(/\b(spawn|spawnSync|execSync|execFile|execFileSync|(?<!\.)exec)\(\s*([^,\n)]+)/g)]
  const isOwn = /^(process\.execPath|node24|binary|command(\[0\])?)$/
  return calls
    .map((call) => call[2]!.trim())
    .filter((program) => !isOwn.test(program) && !(file === 'src/main/system/programs.ts' && program === 'path'))
    .map((program) => `${file} starts ${program}, which is neither its own program nor a full path`)
}

test('only one place starts programs of the system', () => {
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => startsIn(file, readProjectFile(file)))).toEqual([])
})

test('every file of the list is there and starts something', () => {
  for (const file of Object.keys(starters)) expect(readProjectFile(file)).toContain('child_process')
})

test('the rule finds what it is there for', () => {
  const found = (file: string, text: string): number => startsIn(file, text).length
  expect(found('src/main/x.ts', `import { execFile } from 'node:child_process'`)).toBe(1)
  expect(found('src/main/x.ts', `const { spawn } = require("child_process")`)).toBe(1)
  expect(found('src/main/x.ts', `process.getBuiltinModule('node:child_process').execSync('ver')`)).toBe(1)
  expect(found('src/main/x.ts', `import type { ChildProcess } from 'node:child_process'`)).toBe(0)
  const own = `import { spawn, spawnSync } from 'node:child_process'\n`
  expect(found('scripts/start.mjs', `${own}spawn('powershell', [])`)).toBe(1)
  expect(found('scripts/start.mjs', `${own}spawnSync(\n  'netsh',\n  ['x'])`)).toBe(1)
  expect(found('scripts/start.mjs', `${own}spawn(process.execPath, [])`)).toBe(0)
  expect(found('src/main/rivals/dhcp-rival.ts', `${own}spawn(program, [])`)).toBe(1)
})
