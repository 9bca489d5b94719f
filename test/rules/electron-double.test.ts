import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { expect, test } from 'vitest'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const parse = (file: string) => parseSync(file, readFileSync(file, 'utf8')).module

test('the double of Electron has everything that the shell imports from it', () => {
  const has = parse(path('test/helpers/electron-double/exports.ts')).staticExports.flatMap((one) =>
    one.entries.map((entry) => entry.exportName.name),
  )
  const folder = path('src/main/electron')
  const wanted = readdirSync(folder)
    .flatMap((file) => parse(join(folder, file)).staticImports)
    .filter((one) => one.moduleRequest.value === 'electron')
    .flatMap((one) => one.entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name))
  expect(new Set(wanted).size).toBeGreaterThan(5)
  expect(wanted.filter((name) => !has.includes(name))).toEqual([])
})
