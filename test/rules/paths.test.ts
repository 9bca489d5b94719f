/**
 * Paths are no URLs, and their separator is the system's: `C:\lab\x.js` imported as an address names the scheme `c:`, and
 * what `relative` and a recursive `readdir` give has backslashes on Windows.
 */
import { parseSync, Visitor } from 'vite'
import { expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

const files = projectFiles().filter((file) => /^(src|scripts|bin|test|bench)\/.*\.(ts|tsx|js|mjs)$/.test(file))

/** A literal, an address made of a path, or a constant of this file that is one of these. */
const isAddress = (what: string, code: string): boolean =>
  /^(['"`]\.{0,2}[\w@./#-]|new URL\(|pathToFileURL\()|\.href$/.test(
    /^\w+$/.test(what) ? (new RegExp(String.raw`const ${what} = (.*)`).exec(code)?.[1] ?? '') : what,
  )
const normalises = /replaceAll\(sep,|split\(sep\)/

/** Complaints about one file, with the line. */
function complaints(file: string, code: string): string[] {
  const { program, errors } = parseSync(file, code)
  expect(errors, file).toEqual([])
  const found: string[] = []
  const text = (node: { start: number; end: number }): string => code.slice(node.start, node.end)
  const complain = (node: { start: number }, what: string): void =>
    void found.push(`${file}:${code.slice(0, node.start).split('\n').length} ${what}`)
  /** The lines after a call, where its result is normalised if it is. */
  const after = (node: { end: number }): string => code.slice(node.end, node.end + 300).split(/\n\s*\n|\n}/)[0]!
  new Visitor({
    ImportExpression({ source }) {
      if (!isAddress(text(source), code)) complain(source, `imports ${text(source)}: write pathToFileURL(path).href`)
    },
    ArrayExpression({ elements }) {
      for (const [index, element] of elements.entries()) {
        const next = elements[index + 1]
        if (
          element &&
          next &&
          /^'--(import|loader|experimental-loader)'$/.test(text(element)) &&
          !isAddress(text(next), code)
        )
          complain(next, `passes ${text(next)} as a module to load: write pathToFileURL(path).href`)
      }
    },
    MemberExpression(node) {
      if (/^new URL\([^)]*import\.meta\.url\)\.pathname$/.test(text(node)))
        complain(node, 'takes the pathname of a file URL for a path: write fileURLToPath(url)')
    },
    TemplateLiteral(node) {
      if (/^`file:\/\/+\$\{/.test(text(node))) complain(node, 'makes a URL of a path: write pathToFileURL(path).href')
    },
    BinaryExpression(node) {
      if (/^['"]file:\/\/+['"] \+/.test(text(node)))
        complain(node, 'makes a URL of a path: write pathToFileURL(path).href')
    },
    CallExpression(node) {
      const name = text(node.callee)
      const isListing = /^(fs\.)?readdir(Sync)?$/.test(name) && /recursive: true/.test(text(node))
      if (name !== 'relative' && !(isListing && !text(node).includes('withFileTypes'))) return
      if (!normalises.test(after(node)))
        complain(node, `uses what ${name} gives as it is: write .replaceAll(sep, '/') after it`)
    },
  }).visit(program)
  return found
}

test('no path is taken for a URL, and none is compared with the separator of one system', () => {
  expect(files.length).toBeGreaterThan(300)
  expect(files.flatMap((file) => complaints(file, readProjectFile(file)))).toEqual([])
})

test('the rule finds what it is there for, and nothing else', () => {
  const bad = [
    `await import(cli)`,
    `await import(join(root, 'x.js'))`,
    `spawn(node, ['--import', join(here, 'register.mjs'), file])`,
    `read(new URL('../x', import.meta.url).pathname)`,
    'page.goto(`file://${path}`)',
    `page.goto('file://' + path)`,
    `const name = relative(root, path)`,
    `readdirSync(root, { recursive: true }).map(String)`,
  ]
  for (const one of bad) expect(complaints('x.ts', one), one).toHaveLength(1)
  const good = [
    `await import('./x.ts')`,
    `await import('node:fs')`,
    'await import(`./x.mjs?${now}`)',
    `await import(pathToFileURL(cli).href)`,
    `spawn(node, ['--import', pathToFileURL(file).href, file])`,
    `const there = new URL('./x.ts', import.meta.url).href\nfork(file, { execArgv: ['--import', there] })`,
    `fileURLToPath(new URL('../x', import.meta.url))`,
    `const name = relative(root, path).split(sep).join('/')`,
    `readdirSync(root, { recursive: true }).map((one) => String(one).replaceAll(sep, '/'))`,
    `readdirSync(root, { recursive: true, withFileTypes: true })`,
  ]
  for (const one of good) expect(complaints('x.ts', one), one).toEqual([])
})
