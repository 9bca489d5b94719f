/** The help of every command and the complaints of commander in another language: nothing of them is left in English, and lines end in time. */
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { speakBest } from '#messages/speak.ts'
import { columnsOf } from '#shared/wire/columns.ts'

await speakBest([], 'ja')
const { program } = await import('../../src/main/cli/index.ts')

const width = 80

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => width })
  command.outputHelp()
  return text
}

const all = (command: Command, name: string): readonly (readonly [name: string, help: string])[] => [
  [name, helpOf(command)],
  ...command.commands.flatMap((one) => all(one, `${name} ${one.name()}`)),
]

/** What is written to standard error. */
async function complaint(...words: string[]): Promise<string> {
  let text = ''
  const listen = (command: Command): void => {
    command.configureOutput({ writeErr: (part) => (text += part) })
    for (const one of command.commands) listen(one)
  }
  listen(program)
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow()
  return text
}

test('the help of each command is Japanese', () => {
  const helps = all(program, 'pxe-lab')
  expect(helps.length).toBeGreaterThan(40)
  expect(helps[0]![1]).toMatch(
    /^使用法: pxe-lab \[options\] \[command\]\n\nマシンをネットワークから[\s\S]*\nオプション:\n[\s\S]*\nコマンド:\n/,
  )
  const english = helps.flatMap(([name, help]) =>
    [...help.matchAll(/\b(?:the|of|for|with|and|this|default|display|usage)\b/gi)].map(([word]) => `${name}: ${word}`),
  )
  expect(english).toEqual([])
})

test('lines of help end at the width, and what goes on stands below its beginning', () => {
  const long = all(program, 'pxe-lab').flatMap(([name, help]) =>
    help
      .split(/\n(?=\n(?:終了コード|[^\s].*。))/u)[0]!
      .split('\n')
      .filter((line) => line.startsWith('  ') && columnsOf(line) > width)
      .map((line) => `${name}: ${line}`),
  )
  expect(long).toEqual([])
  const lines = helpOf(program.commands.find((one) => one.name() === 'read-log')!).split('\n')
  const at = lines.findIndex((line) => line.startsWith('  log '))
  expect(lines[at]!.indexOf('ログ')).toBeGreaterThan(0)
  expect(lines[at + 1]!.search(/\S/)).toBe(lines[at]!.indexOf('ログ'))
})

test.each([
  [['decod'], /^pxe-lab: コマンド 'decod' は不明です\n\(もしかして: decode\)\n$/],
  [['decode', '--jsn'], /^pxe-lab: オプション '--jsn' は不明です\n\(もしかして: --json\)\n$/],
  [['decode', '--nothing-like-it'], /^pxe-lab: オプション '--nothing-like-it' は不明です\n$/],
  [['decode'], /^pxe-lab: 必須の引数 'file' がありません\n$/],
  [['decode', 'a', '--filter'], /^pxe-lab: オプション '--filter <expression>' に値がありません\n$/],
  [['report', 'a'], /^pxe-lab: 必須のオプション '-o, --output <file>' がありません\n$/],
  [['decode', 'a', 'b', 'c'], /^pxe-lab: 'decode' の引数が多すぎます。1 個のところに 3 個指定されています: a, b, c。\n$/],
  [['respond', 'lab.yaml'], /^pxe-lab: 'respond' の引数が多すぎます。0 個のところに 1 個指定されています: lab\.yaml。 ファイルはオプションで指定してください: -c, --config <file>/],
  [['check', '--record', '--json'], /^pxe-lab: オプション '--record <file>' に値 \(file\) がなく、'--json' が続いています。--record <file> の後に --json を書いてください。\n$/],
] as const)('%j is refused in Japanese', async (words, told) => {
  expect(await complaint(...words)).toMatch(told)
}) // prettier-ignore
