/**
 * `npm run mutate [-- --count 40 --seed 1 --layer shared/wire --skip tshark,invariants]`: how much the tests notice. A copy
 * of the project is changed at one place, chosen by the seed in proportion to lines, and the tests that can reach it run,
 * the quickest first, until one fails; a change nobody notices is printed. Files of tests that are skipped make a run
 * shorter, and its figure lower if anything. It takes one core, as far as nobody else wants it. Exits with 1 where a layer is
 * below its aim.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseSync } from 'vite'
import { furtherTestsOf, type FurtherTest } from './further-tests.ts'
import { WarmTests } from './warm-tests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: { count: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' }, layer: { type: 'string', default: '' }, skip: { type: 'string', default: '' }, list: { type: 'boolean' } }, // prettier-ignore
})
const aims = { 'src/shared': 0.85, 'src/main': 0.75 } as const
setPriority(10)
// Workers come and go: what they load is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'pxe-lab-mutants-compiled')
/** A run that takes longer hangs, which is noticed too. */
const longestMs = 300_000

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Change {
  readonly from: number
  readonly to: number
  readonly text: string
}

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const opposite: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '+',
  '&': '|',
  '|': '&',
  '<<': '>>>',
  '>>>': '<<',
}

/** Every change of a file: comparisons and operators turned, constants moved, conditions negated, statements dropped. */
function changesOf(file: string, code: string): Change[] {
  const found: Change[] = []
  const walk = (node: SyntaxNode, parent: SyntaxNode | undefined): void => {
    // Types are not run.
    if (/^TS(?!AsExpression|NonNull|Satisfies)/.test(node.type) || node.type === 'ImportDeclaration') return
    const { start, end } = node
    if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') {
      const [left, right] = [node['left'] as SyntaxNode, node['right'] as SyntaxNode]
      const operator = String(node['operator'])
      const turned = opposite[operator]
      const at = code.indexOf(operator, left.end)
      if (turned !== undefined && at >= 0 && at < right.start)
        found.push({ from: at, to: at + operator.length, text: turned })
    }
    if (node.type === 'Literal' && typeof node['value'] === 'number')
      found.push({ from: start, to: end, text: String(node['value'] + 1) })
    if (node.type === 'Literal' && typeof node['value'] === 'boolean')
      found.push({ from: start, to: end, text: String(!node['value']) })
    if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') {
      const test = node['test'] as SyntaxNode
      found.push({ from: test.start, to: test.end, text: `!(${code.slice(test.start, test.end)})` })
    }
    if (node.type === 'ExpressionStatement' && parent?.type === 'BlockStatement')
      found.push({ from: start, to: end, text: ';' })
    for (const value of Object.values(node))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== null && typeof one === 'object' && 'type' in one) walk(one as SyntaxNode, node)
  }
  walk(parseSync(file, code).program as unknown as SyntaxNode, undefined)
  return found
}

const files = ['src/shared', 'src/main']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map(
      (name) => `${folder}/${String(name).replaceAll(sep, '/')}`,
    ),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('src/main/electron/'))
  .filter((file) => file.startsWith(`src/${values.layer}`))
  .sort()
  .map((file) => {
    const code = readFileSync(join(root, file), 'utf8')
    return { file, code, changes: changesOf(file, code), lines: code.split('\n').length }
  })
  .filter(({ changes }) => changes.length > 0)

/** Kept out of the count, each with the reason why no test can notice it. */
const equivalents = JSON.parse(readFileSync(join(root, 'test/equivalent-mutants.json'), 'utf8')) as Readonly<
  Record<string, string>
>

const copy = mkdtempSync(join(tmpdir(), 'pxe-lab-mutants-'))
for (const name of ['src', 'test', 'scripts', 'resources', 'bin', 'docs', 'bench'])
  cpSync(join(root, name), join(copy, name), { recursive: true })
for (const name of readdirSync(root).filter((one) => /\.(json|ts|mjs|md)$/.test(one))) cpSync(join(root, name), join(copy, name)) // prettier-ignore
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

const run = (...options: string[]): boolean =>
  spawnSync(process.execPath, [join(root, 'node_modules', options[0]!), ...options.slice(1)], {
    cwd: copy,
    stdio: 'ignore',
    timeout: longestMs,
    killSignal: 'SIGKILL',
  }).status === 0
const build = (): boolean => run('electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'silent')
const tests = new WarmTests(copy, ['core'], values.skip.split(',').filter(Boolean), longestMs)

/** Whether a test fails once the file has the changed text. */
async function isNoticed(file: string, code: string, changed: string): Promise<boolean> {
  const path = join(copy, file)
  const [change, restore] = [changed, code].map((text) => () => writeFileSync(path, text)) as [() => void, () => void]
  if (await tests.isNoticed(path, change, restore)) return true
  const fails = ({ project, test }: FurtherTest): boolean =>
    !run('vitest/vitest.mjs', 'run', '--project', project, '--bail=1', test)
  change()
  const failing = furtherTestsOf(file).find(fails)
  restore()
  // Real sockets and processes may fail by themselves on a busy machine: what failed for the change passes without it.
  return failing !== undefined && !fails(failing)
}

const random = randomFrom(Number(values.seed))
const tally = new Map<string, { noticed: number; count: number }>()
const all = files.reduce((sum, { lines }) => sum + lines, 0)
try {
  if (!values.list) {
    if (!build()) throw new Error('It does not build.')
    const failed = await tests.runAll()
    if (failed.length > 0)
      throw new Error(`Tests fail before anything is changed: mend them first.\n${failed.join('\n')}`)
  }
  for (let index = 0; index < Number(values.count);) {
    let at = random() * all
    const { file, code, changes } = files.find(({ lines }) => (at -= lines) < 0) ?? files[0]!
    const change = changes[Math.floor(random() * changes.length)]!
    const row = code.slice(0, change.from).split('\n').length
    const before = code.slice(change.from, change.to).replace(/\s+/g, ' ').slice(0, 60)
    const name = `${file}: ${before} -> ${change.text.replace(/\s+/g, ' ').slice(0, 60)} in ${code.split('\n')[row - 1]!.trim()}`
    if (name in equivalents) continue
    index++
    if (values.list) {
      process.stdout.write(`${file}:${row}: ${name}\n`)
      continue
    }
    const noticed = await isNoticed(file, code, code.slice(0, change.from) + change.text + code.slice(change.to))
    process.stdout.write(`${noticed ? 'noticed' : 'NOT    '} ${file}:${row}: ${name.slice(file.length + 2)}\n`)
    for (const layer of [file.split('/').slice(0, 2).join('/'), file.split('/').slice(0, 3).join('/')]) {
      const told = tally.get(layer) ?? { noticed: 0, count: 0 }
      tally.set(layer, { noticed: told.noticed + (noticed ? 1 : 0), count: told.count + 1 })
    }
  }
} finally {
  await tests.close()
  rmSync(copy, { recursive: true, force: true })
}
for (const [layer, { noticed, count }] of [...tally].sort(([a], [b]) => a.localeCompare(b))) {
  const aim = (aims as Readonly<Record<string, number>>)[layer]
  const isBelow = aim !== undefined && noticed / count < aim
  if (isBelow) process.exitCode = 1
  process.stdout.write(`${layer}: ${noticed} of ${count}, ${Math.round((noticed / count) * 100)} %${isBelow ? `  NOT MET (aim ${aim * 100} %)` : ''}\n`) // prettier-ignore
}
// A worker that a change sent into a loop would keep this process alive.
process.exit()
