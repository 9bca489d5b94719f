/** An option that takes a value takes no other option for it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../../src/main/cli/index.ts'
import { cli } from '../helpers/lab.ts'

interface Case {
  readonly path: readonly string[]
  readonly flag: string
}

const reached: string[] = []
const cases: Case[] = []
const visit = (command: Command, path: readonly string[]): void => {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  // Nothing is run here: what gets past the options is told.
  if (command !== program) command.action(() => void reached.push(path.join(' ')))
  for (const { required, short, long } of command.options)
    if (required) for (const flag of [short, long]) if (flag) cases.push({ path, flag })
  for (const one of command.commands) visit(one, [...path, one.name()])
}

const parse = async (words: readonly string[]): Promise<string | undefined> => {
  try {
    await program.parseAsync(words, { from: 'user' })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('every option of every command that takes a value', () => {
  beforeAll(() => visit(program, []))

  test.each(['respond', 'serve', 'check'])(
    'a file that stands alone behind %s is told where it belongs',
    async (name) => {
      expect(await parse([name, 'lab.yaml'])).toMatch(/lab\.yaml\. Give a file with an option: .*--config <file>/)
    },
  )

  test('there are some', () => expect(cases.length).toBeGreaterThan(100))

  test('refuses the option after it, and what only looks like one', async () => {
    const taken: string[] = []
    for (const { path, flag } of cases)
      for (const next of ['--json', '-x', '--no-such-thing', '--help']) {
        const told = await parse([...path, flag, next])
        if (!told?.includes(`'${next}' follows it. Write -`)) taken.push(`${[...path, flag, next].join(' ')}: ${told}`)
      }
    expect(taken).toEqual([])
    expect(reached).toEqual([])
  })

  test('takes what is written with =, a dash alone and a number', async () => {
    for (const value of ['=--strange', ' -', ' -5', ' plain'])
      expect(await parse(`check --expect${value}`.split(' '))).toBeUndefined()
    expect(await parse(['check', '-i', 'eth0', '--json', '--expect', 'a'])).toBeUndefined()
    expect(await parse(['wake', '-ieth0', '01:02:03:04:05:06'])).toBeUndefined()
    // What stands behind -- is no option, for none.
    expect(await parse(['wake', '--', '--config', '--json'])).toBeUndefined()
    expect(reached.splice(0).sort()).toEqual(['check', 'check', 'check', 'check', 'check', 'wake', 'wake'])
    // The last letter of several.
    expect(await parse(['respond', '-qc', '--json'])).toContain("has no file: '--json' follows it. Write --config <file>, then --json.") // prettier-ignore
  })
})

describe('as it is run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('check --record without its file writes none, and says what is missing', () => {
    const ran = spawnSync(process.execPath, [cli, 'check', '--record', '--interface', 'lo'], { cwd: folder, encoding: 'utf8', timeout: 300_000 }) // prettier-ignore
    expect(ran.stderr).toBe(
      "pxe-lab: option '--record <file>' has no file: '--interface' follows it. Write --record <file>, then --interface.\n",
    )
    expect(ran.status).toBe(64)
    expect(readdirSync(folder)).toEqual([])
  })
})
