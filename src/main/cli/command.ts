/** A command whose options take no other option for their value. */
import { t } from '#messages/text.ts'
import { Command, type Help, type Option } from 'commander'
import { complaintOf, LabHelp } from './help.ts'

/** The option that the last word of these leaves without its value: `-c`, `--config`, or the last letter of `-qc`. */
function waiting(word: string, options: readonly Option[]): Option | undefined {
  const find = (flag: string): Option | undefined => options.find(({ short, long }) => flag === short || flag === long)
  const whole = find(word)
  if (whole) return whole.required ? whole : undefined
  if (!/^-[^-]./.test(word)) return undefined
  for (let at = 1; at < word.length; at++) {
    const option = find(`-${word[at]}`)
    if (!option) return undefined
    if (option.required) return at === word.length - 1 ? option : undefined
  }
  return undefined
}

function refuseOptionsAsValues(program: Command, args: readonly string[]): void {
  let command = program
  let options = command.options
  for (let at = 0; at < args.length && args[at] !== '--'; at++) {
    const word = args[at]!
    const own = command.commands.find((one) => one.name() === word)
    if (own) {
      command = own
      options = [...own.options, ...options]
      continue
    }
    const option = waiting(word, options)
    if (!option) continue
    const value = args[++at]
    // A dash alone is standard input; a negative number is judged by who reads it.
    if (value === undefined || !/^-./.test(value) || /^-\.?\d/.test(value)) continue
    const flag = option.long ?? option.flags
    const wanted = /<(.+?)(?:\.\.\.)?>/.exec(option.flags)?.[1] ?? t('commands.value')
    const isFlag = options.some(({ short, long }) => [short, long].includes(value.split('=', 1)[0]))
    const given = { flags: option.flags, flag, wanted, value }
    const says = isFlag ? t('commands.option-instead-of-value', given) : t('commands.dash-instead-of-value', given)
    command.error(`error: ${says}`, { code: 'commander.optionMissingArgument' })
  }
}

/** Commander takes whatever follows as the value: `check --record --expect lab.yaml` would write a file called `--expect`. */
export class LabCommand extends Command {
  override createCommand(name?: string): Command {
    return new LabCommand(name)
  }

  /** A file that stands alone belongs behind one of its options, as a rule. */
  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    const told = complaintOf(message, options?.code)
    const takeFiles = this.options.filter(({ flags }) => /<file>/.test(flags)).map(({ flags }) => flags)
    if (options?.code !== 'commander.excessArguments' || takeFiles.length === 0) return super.error(told, options)
    return super.error(`${told} ${t('commands.file-by-option', { options: takeFiles.join('; ') })}`, options)
  }

  override createHelp(): Help {
    return Object.assign(new LabHelp(), this.configureHelp())
  }

  override parseOptions(args: string[]): ReturnType<Command['parseOptions']> {
    // Once, with every word there: a command takes its options out of the words that it hands to its own commands.
    if (this.parent === null) refuseOptionsAsValues(this, args)
    return super.parseOptions(args)
  }
}
