import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src', import.meta.url))

/** What each layer may import, itself included. A file belongs to the longest folder that holds it. */
const layers: Readonly<Record<string, { readonly layers: readonly string[]; readonly packages: RegExp }>> = {
  // What is said, everywhere: codes in the layers that compute, sentences where somebody reads them.
  messages: { layers: [], packages: /^@messageformat\/runtime/ },
  'shared/wire': { layers: [], packages: /^$/ },
  'shared/machines': { layers: ['shared/wire'], packages: /^$/ },
  'shared/secure-boot': { layers: ['shared/wire'], packages: /^asn1js$/ },
  'shared/trace': { layers: ['shared/wire'], packages: /^$/ },
  'shared/lab': { layers: ['shared/wire', 'shared/machines'], packages: /^(zod|yaml)$/ },
  'shared/simulation': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/interchange'],
    packages: /^zod$/,
  },
  'shared/twin': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/interchange', 'shared/simulation'],
    packages: /^zod$/,
  },
  'shared/lessons': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/simulation', 'shared/trace', 'shared/diagnosis'],
    packages: /^zod$/,
  },
  'shared/diagnosis': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/simulation', 'shared/trace'],
    packages: /^$/,
  },
  'shared/logs': { layers: ['shared/wire', 'shared/lab', 'shared/trace', 'shared/diagnosis'], packages: /^$/ },
  'shared/planner': { layers: ['shared/lab'], packages: /^(zod|yaml)$/ },
  'shared/interchange': { layers: ['shared/wire', 'shared/machines', 'shared/lab'], packages: /^$/ },
  'shared/kea': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/interchange'],
    packages: /^$/,
  },
  'shared/contract': {
    layers: ['shared/wire', 'shared/machines', 'shared/lab', 'shared/planner'],
    packages: /^zod$/,
  },
  'shared/classroom': { layers: ['shared/contract'], packages: /^$/ },
  'shared/knowledge': {
    layers: [
      'shared/wire',
      'shared/machines',
      'shared/lab',
      'shared/trace',
      'shared/diagnosis',
      'shared/logs',
      'shared/planner',
      'shared/contract',
    ],
    packages: /^(zod|minisearch)$/,
  },
  main: {
    layers: [
      'shared/wire',
      'shared/secure-boot',
      'shared/machines',
      'shared/lab',
      'shared/simulation',
      'shared/trace',
      'shared/diagnosis',
      'shared/logs',
      'shared/planner',
      'shared/interchange',
      'shared/kea',
      'shared/twin',
      'shared/lessons',
      'shared/contract',
      'shared/classroom',
      'shared/knowledge',
    ],
    packages:
      /^(node:|fflate\/browser$|zod|yaml|ws|sirv|@peculiar\/x509$|reflect-metadata$|commander|oui-data|dhcp$|tftp2$|iconv-lite$|pg$|aws4fetch$|prom-client$)/,
  },
  'main/electron': { layers: ['shared/contract', 'main'], packages: /^(node:|electron$)/ },
  preload: { layers: ['shared/contract'], packages: /^electron$/ },
  renderer: {
    layers: [
      'shared/wire',
      'shared/machines',
      'shared/lab',
      'shared/interchange',
      'shared/simulation',
      'shared/twin',
      'shared/lessons',
      'shared/trace',
      'shared/diagnosis',
      'shared/logs',
      'shared/planner',
      'shared/contract',
      'shared/classroom',
      'shared/knowledge',
    ],
    packages:
      /^(react(-dom)?|@mantine|@tabler|@tanstack|@xyflow|@fontsource-variable|codemirror$|@codemirror\/|@lezer\/highlight$|zustand(\/middleware)?$|fflate$|fzstd$|react-markdown$|remark-gfm$)/,
  },
}

const layerOf = (file: string): string | undefined =>
  Object.keys(layers)
    .filter((layer) => file.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0]

const files = readdirSync(source, { recursive: true })
  .map((file) => String(file).replaceAll(sep, '/'))
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))

function importsOf(file: string): string[] {
  const code = readFileSync(join(source, file), 'utf8')
  const { module, errors } = parseSync(file, code)
  expect(errors, file).toEqual([])
  const dynamic = module.dynamicImports.map((one) =>
    code.slice(one.moduleRequest.start, one.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
  )
  const reexported = module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : [])),
  )
  return [...module.staticImports.map((one) => one.moduleRequest.value), ...reexported, ...dynamic]
}

/** The imports that the table forbids, as sentences. */
function forbidden(file: string, imports: readonly string[]): string[] {
  const layer = layerOf(file)
  if (layer === undefined) return [`src/${file} is in no layer: add its folder to the table`]
  return imports.flatMap((name) => {
    const isOwn = /^(\.|#shared\/|#messages\/)/.test(name)
    if (!isOwn) return layers[layer]!.packages.test(name) ? [] : [`src/${file} imports ${name}, which ${layer} may not`]
    const target = name.startsWith('#')
      ? name.slice(1)
      : relative(source, resolve(source, dirname(file), name)).replaceAll(sep, '/')
    const there = layerOf(target)
    const isStyle = target.endsWith('.css')
    return isStyle ||
      there === layer ||
      there === 'messages' ||
      (there !== undefined && layers[layer]!.layers.includes(there))
      ? []
      : [`src/${file} imports ${target}, and ${layer} may not import ${there ?? 'it'}`]
  })
}

test('every file imports only what its layer may', () => {
  expect(files.length).toBeGreaterThan(60)
  expect(files.flatMap((file) => forbidden(file, importsOf(file)))).toEqual([])
})

test('the rule finds what it is there for', () => {
  expect(
    forbidden('shared/wire/x.ts', ['node:fs', '../machines/queue.ts', '#shared/lab/lab.ts', './bytes.ts']),
  ).toHaveLength(3)
  expect(forbidden('renderer/x.tsx', ['../main/version.ts', 'electron', 'react'])).toHaveLength(2)
  expect(forbidden('main/responder/x.ts', ['electron', '../electron/index.ts', 'node:net'])).toHaveLength(2)
  expect(forbidden('elsewhere/x.ts', [])).toHaveLength(1)
})
