import { describe, expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

const files = projectFiles()

interface Rule {
  readonly name: string
  readonly applies: RegExp
  readonly pattern: RegExp
  readonly fix: string
}

const rules: readonly Rule[] = [
  {
    name: 'left to do',
    applies: /\.(ts|tsx|mjs|css)$/,
    pattern: new RegExp(['TO', 'DO|FIX', 'ME'].join('')),
    fix: 'Do it, or write it down where issues are kept.',
  },
  {
    name: 'one test alone',
    applies: /test\/.*\.tsx?$/,
    pattern: new RegExp(String.raw`\b(test|describe)\.on` + String.raw`ly\(`),
    fix: 'Run them all.',
  },
  {
    name: 'the compiler silenced',
    applies: /\.tsx?$/,
    pattern: new RegExp(['@ts-', '(ignore|nocheck)'].join('')),
    fix: 'Give it the right type.',
  },
  {
    name: 'percent signs decoded where a wrong one throws',
    applies: /^src\/(?!shared\/wire\/percent-encoding\.ts|main\/electron\/pages\.ts).*\.tsx?$/,
    pattern: /\bdecodeURI(Component)?\(/,
    fix: 'Use percentDecoded: addresses are typed, cut off and made up.',
  },
  { name: 'a default export', applies: /^src\/.*(?<!\.d)\.tsx?$/, pattern: /^export default/m, fix: 'Name it.' },
  {
    name: 'an enum',
    applies: /\.tsx?$/,
    pattern: /^(export )?(const )?enum /m,
    fix: 'Write a table with `as const`: Node runs no enums.',
  },
  {
    name: 'a file replaced or renamed apart from the one place for it',
    applies: /^src\/main\/(?!files\/).*\.ts$/,
    pattern: /\b(writeFile|writeFileSync|rename|renameSync|copyFile|copyFileSync|createWriteStream)\(/,
    fix: 'replaceFile or renameOverSync of src/main/files: whole or not at all, also while others have it open on Windows.',
  },
  {
    name: 'a real path asked of the system alone',
    // The administrator's process takes nobody's word but the system's.
    applies: /^src\/main\/(?!files\/real-path|remedy\/elevation).*\.ts$/,
    pattern: /\brealpath\(/,
    fix: 'realPath of src/main/files: Windows cannot tell it on a RAM disk.',
  },
  {
    name: 'a span of time by a clock that can be set',
    // These compare with the times of files, which are by that clock.
    applies: /^src\/main\/(?!responder\/folder-listings|responder\/file-chunks|remedy\/journal|files\/aside).*\.ts$/,
    pattern: /Date\.now\(\) *[-<>]|[-<>] *Date\.now\(\)|\b(now|until|since|before) = Date\.now\(\)/,
    fix: 'performance.now(): it goes on evenly whoever sets the clock, and to whatever.',
  },
  {
    name: 'a path that is looked for under a folder by its text',
    applies: /^src\/main\/(?!io\/open-file).*\.ts$/,
    pattern: /startsWith\([^)\n]*\+ sep\)/,
    fix: 'isInside of src/main/io: the folder of a whole drive ends with a separator already.',
  },
  {
    name: 'text read as if every file were UTF-8 with line feeds',
    applies: /^src\/(main\/(workspace|cli)|renderer)\/.*\.tsx?$/,
    // What the system and this program itself wrote is as it should be.
    pattern:
      /readFile(Sync)?\([^)]*'utf-?8'(?!\)\.catch\(\(\) => '\[\]'\))|new TextDecoder\((?!encoding)|new FileReader/,
    fix: 'readTextFile of src/main/files, readTextOf of src/renderer: PowerShell writes UTF-16, Windows CRLF.',
  },
  {
    name: 'a signal heard apart from the other ways to be stopped',
    applies: /^(src\/main\/(?!stop\.ts)|bin\/|scripts\/(?!stop\.mjs)).*\.(ts|js|mjs)$/,
    pattern: /\.(on|once)\(\s*'SIG/,
    fix: 'Windows has other ways: onStop of src/main/stop.ts, passStopOn of scripts/stop.mjs.',
  },
  {
    name: 'a process of ours that is asked to end by a signal',
    // What captures is no program of ours; it is told why there.
    applies: /^(src\/main\/(?!observe\/live-capture)|bin\/|scripts\/).*\.(ts|js|mjs)$/,
    pattern: /\.kill\((?!(pid, 0|pid, 'SIGKILL'|'SIGKILL')\))/,
    fix: 'On Windows that ends it at once: leave it (disconnect) or send { type: "stop" }, and kill it after a limit.',
  },
  {
    name: 'a copy that nobody is told of',
    applies: /^src\/renderer\/(?!parts\/copy\.ts$).*\.tsx?$/,
    pattern: /\bclipboard\b|execCommand|useClipboard|CopyButton/,
    fix: 'copyText of src/renderer/parts/copy.ts tells whether it worked.',
  },
  {
    name: 'an address given to the system unchecked',
    applies: /^src\/main\/(?!electron\/external-links\.ts$).*\.ts$/,
    pattern: /openExternal/,
    fix: 'openLink of src/main/electron/external-links.ts knows which may be opened.',
  },
  {
    name: 'a form of times of its own',
    applies: /^src\/(renderer|main\/cli|shared)\/(?!wire\/time\.ts$).*\.tsx?$/,
    pattern:
      /Intl\.DateTimeFormat|toLocale(Date|Time)String|new Date\([^()]*\)\.(toLocale|toString|toUTC)|\.get(UTC)?(Hours|Minutes)\(/,
    fix: 'formatDateTime, formatTime and formatDuration of src/shared/wire/time.ts: one zone and one form everywhere.',
  },
  {
    name: 'an amount that does not know the language',
    applies: /^src\/(renderer|main\/cli)\/.*\.tsx?$/,
    pattern: /\bformat(Bytes|Duration)\b|\.toLocaleString\(|Intl\.NumberFormat/,
    fix: 'tellNumber, tellBytes, tellDuration and tellAge of src/shared/contract/amounts.ts, or a formatter of the message.',
  },
  {
    name: 'an exclamation in the window',
    applies: /^src\/renderer\/.*\.tsx$/,
    pattern: />[^<>{}]*[a-z]!\s*</,
    fix: 'Say it calmly.',
  },
]

describe('house rules', () => {
  test.each(rules)('no $name', ({ applies, pattern, fix }) => {
    const found = files.filter((file) => applies.test(file) && pattern.test(readProjectFile(file)))
    expect(found, fix).toEqual([])
  })

  test('file names are kebab-case', () => {
    expect(files.filter((file) => /^(src|test|bench|scripts)\//.test(file) && !/^[a-z0-9./-]+$/.test(file))).toEqual([])
  })

  test('the lock file carries no download address', () => {
    expect(readProjectFile('package-lock.json')).not.toContain('"resolved"')
  })
})
