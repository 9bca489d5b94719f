// The command line as a document: what each command prints as its help.
import type { Command } from 'commander'

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 })
  command.outputHelp()
  return text.trimEnd()
}

/** Markdown with a section for each command, and for each of its own commands. */
export function commandLineDocument(program: Command): string {
  const section = (command: Command, name: string): string[] => [
    `## ${name}`,
    '',
    '```text',
    helpOf(command),
    '```',
    '',
    ...command.commands.filter((one) => one.name() !== 'help').flatMap((one) => section(one, `${name} ${one.name()}`)),
  ]
  const lines = [
    '# Command line',
    '',
    'Everything the window does, without a window. From source, run `npm run build` once and write `node bin/pxe-lab.js` instead of `pxe-lab`. Exit code 0 means success and 64 wrong usage; each command names its others. This file is generated of the help of each command: `node scripts/documents.ts`.',
    '',
    ...section(program, 'pxe-lab'),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
