/** Help and complaints of commander in the language that is spoken: it has English ones, for which ours stand. */
import { t } from '#messages/text.ts'
import { columnsOf, wrapColumns } from '#shared/wire/columns.ts'
import { Help, type Command, type Option } from 'commander'

const titles: Readonly<Record<string, () => string>> = {
  'Usage:': () => t('commands.usage'),
  'Arguments:': () => t('commands.arguments'),
  'Options:': () => t('commands.options'),
  'Commands:': () => t('commands.commands'),
}

export class LabHelp extends Help {
  override styleTitle(title: string): string {
    return titles[title]?.() ?? title
  }

  override subcommandDescription(command: Command): string {
    // Commander adds this one by itself.
    return command.name() === 'help' ? t('commands.help') : super.subcommandDescription(command)
  }

  override optionDescription({ description, defaultValue, required, optional }: Option): string {
    if (defaultValue === undefined || !(required || optional)) return description
    return `${description} ${t('commands.default', { value: JSON.stringify(defaultValue) })}`
  }

  override displayWidth(text: string): number {
    return columnsOf(text)
  }

  override boxWrap(text: string, width: number): string {
    return width < this.minWidthToWrap ? text : wrapColumns(text, width)
  }
}

const suggestion = /(?:\n\(Did you mean (?:one of )?(.*)\?\))?/.source
const proposed = (names: string | undefined): string =>
  names === undefined ? '' : `\n${t('commands.did-you-mean', { names: names.split(', ') })}`

/** By the code of commander: its English sentence, and ours of what stands in it. */
const complaints: Readonly<Record<string, readonly [RegExp, (...parts: (string | undefined)[]) => string]>> = {
  'commander.unknownOption': [
    new RegExp(`^unknown option '(.*?)'${suggestion}$`, 's'),
    (flag, names) => t('commands.unknown-option', { flag }) + proposed(names),
  ],
  'commander.unknownCommand': [
    new RegExp(`^unknown command '(.*?)'${suggestion}$`, 's'),
    (name, names) => t('commands.unknown-command', { name }) + proposed(names),
  ],
  'commander.missingArgument': [
    /^missing required argument '(.*)'$/s,
    (name) => t('commands.missing-argument', { name }),
  ],
  'commander.optionMissingArgument': [
    /^option '(.*)' argument missing$/s,
    (flags) => t('commands.option-without-value', { flags }),
  ],
  'commander.missingMandatoryOptionValue': [
    /^required option '(.*)' not specified$/s,
    (flags) => t('commands.missing-option', { flags }),
  ],
  'commander.excessArguments': [
    /^too many arguments(?: for '(.*?)')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/s,
    (name, expected, received, given) =>
      name === undefined
        ? t('commands.too-many-arguments', { expected: Number(expected), received, given })
        : t('commands.too-many-arguments-for', { name, expected: Number(expected), received, given }),
  ],
}

/** A complaint of commander in our words; its own where it has another sentence than those that are known. */
export function complaintOf(message: string, code: string | undefined): string {
  const [sentence, say] = (code !== undefined && complaints[code]) || []
  const [, ...parts] = sentence?.exec(message.replace(/^error: /, '')) ?? []
  return say && parts.length > 0 ? `error: ${say(...parts)}` : message
}
