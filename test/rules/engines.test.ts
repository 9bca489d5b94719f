/** What is said about the Node that PXE Lab needs is the same everywhere, and true. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, which an older Node must be able to read
import * as scripts from '../../scripts/node24.mjs'

const { isEnough, neededNode } = scripts as { isEnough: (version: string) => boolean; neededNode: string }
const read = (file: string): string => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')
interface Package {
  readonly engines: { readonly node: string }
}

test('a Node is enough from the version on that has node:sqlite without a flag', () => {
  // https://nodejs.org/docs/latest-v24.x/api/sqlite.html: "v23.4.0, v22.13.0: no longer behind --experimental-sqlite".
  const versions = ['18.20.8', '20.20.2', '22.5.0', '22.12.0', '22.13.0', '22.22.1', '23.0.0', '23.3.0', '23.4.0', '24.0.0', '26.1.0'] // prettier-ignore
  expect(versions.filter(isEnough)).toEqual(['22.13.0', '22.22.1', '23.4.0', '24.0.0', '26.1.0'])
  expect(isEnough(process.versions.node)).toBe(true)
})

test('`engines`, its copy in the lock file, the message and the README name it', () => {
  const { engines } = JSON.parse(read('package.json')) as Package
  expect(engines.node).toBe('^22.13.0 || >=23.4.0')
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> }
  expect(lock.packages['']!.engines).toEqual(engines)
  expect(neededNode).toBe('Node 22.13 or newer')
  expect(read('README.md')).toContain(`the installed package needs ${neededNode}`)
  expect(read('bin/pxe-lab.js')).toContain('fail(nodeTooOld)')
})

test('what a clone starts with is read by the Node 20 that suffices there', () => {
  expect(read('README.md')).toContain('With Node 20 or newer and npm, in a clone')
  expect(read('.ci/run')).toContain('Node >= 20')
  // What came after Node 20, in the files that run before the Node of the clone is there.
  const newer = /import\.meta\.main|Promise\.(withResolvers|try)|RegExp\.escape|from '(node:sqlite|[^']*\.ts)'/
  for (const file of [
    'bin/pxe-lab.js',
    ...['node24', 'modules', 'with-modules', 'start', 'test', 'electron'].map((one) => `scripts/${one}.mjs`),
  ])
    expect(read(file), file).not.toMatch(newer)
})
