/**
 * The commands of iPXE with the options and the number of arguments each takes, and the reading of a command's words
 * (ipxe.org/cmd). A command that is called wrongly prints its usage and fails, as the real one does.
 */

interface OptionForm {
  readonly long: string
  readonly short: string
  readonly takesValue: boolean
}

interface CommandForm {
  readonly options: readonly OptionForm[]
  readonly least: number
  readonly most: number
  /** Its arguments, as its usage names them. */
  readonly usage: string
}

/** `name=n timeout=t autofree:a`: long and short name; `=` takes a value, `:` takes none. */
function formOf(options: string, least: number, most: number, usage: string): CommandForm {
  return {
    options: options
      .split(' ')
      .filter((one) => one !== '')
      .map((one) => {
        const [, long = '', mark = '', short = ''] = /^([\w-]+)([=:])(\w)$/.exec(one) ?? []
        return { long, short, takesValue: mark === '=' }
      }),
    least,
    most,
    usage,
  }
}

const any = Infinity
const image = 'name=n timeout=t quiet:q autofree:a'
const fetch = formOf(image, 1, any, '<uri> [<arguments>...]')
const select = formOf(image, 1, any, '<uri|image> [<arguments>...]')
const execute = formOf(`${image} replace:r`, 0, any, '[<uri|image> [<arguments>...]]')
const interfaces = formOf('', 0, any, '[<interface>...]')
const configure = formOf('configurator=c timeout=t', 0, any, '[<interface>...]')
const menu = formOf('name=n delete:d', 0, any, '[<title>]')
const nothing = formOf('', 0, 0, '')
const hook = 'drive=d no-describe:n keep:k filename=f extra=e label=l uuid=u'
const digest = formOf('set=s', 1, any, '<image> [<image>...]')

export const commandForms: Readonly<Record<string, CommandForm>> = {
  autoboot: interfaces,
  boot: execute,
  certfree: formOf('subject=s', 0, 0, ''),
  certstat: formOf('subject=s', 0, 0, ''),
  certstore: formOf('subject=s keep:k', 0, 1, '[<uri|image>]'),
  chain: execute,
  choose: formOf('menu=m default=d timeout=t retimeout=r keep:k', 1, 1, '<setting>'),
  clear: formOf('', 1, 1, '<setting>'),
  colour: formOf('basic=b rgb=r', 1, 1, '<colour>'),
  config: formOf('', 0, 1, '[<scope>]'),
  console: formOf('x=x y=y left=l right=r top=t bottom=b depth=d picture=p keep:k', 0, 0, ''),
  cpair: formOf('foreground=f background=b', 1, 1, '<cpair>'),
  cpuid: formOf('ext:e ecx:c', 1, 1, '<bit>'),
  dhcp: configure,
  echo: formOf('n:n', 0, any, '[...]'),
  exit: formOf('', 0, 1, '[<status>]'),
  fcels: nothing,
  fcstat: nothing,
  fdt: formOf('timeout=t quiet:q', 0, 1, '[<uri>]'),
  form: menu,
  goto: formOf('', 1, 1, '<label>'),
  help: nothing,
  ifclose: interfaces,
  ifconf: configure,
  iflinkwait: formOf('timeout=t', 0, any, '[<interface>...]'),
  ifopen: interfaces,
  ifstat: interfaces,
  imgargs: select,
  imgdecrypt: formOf('name=n envelope=e keep:k timeout=t', 2, 2, '<uri|image> <envelope uri|image>'),
  imgexec: execute,
  imgextract: formOf('name=n keep:k timeout=t quiet:q', 1, 1, '<uri|image>'),
  imgfetch: fetch,
  imgfree: formOf('', 0, any, '[<image>...]'),
  imgload: select,
  imgmem: formOf('name=n', 2, 2, '<address> <length>'),
  imgselect: select,
  imgset: formOf('keep:k timeout=t quiet:q', 2, 2, '<setting> <uri|image>'),
  imgstat: formOf('', 0, any, '[<image>...]'),
  imgtrust: formOf('allow:a permanent:p', 0, 0, ''),
  imgverify: formOf('signer=s keep:k timeout=t quiet:q', 2, 2, '<uri|image> <signature uri|image>'),
  inc: formOf('', 1, 2, '<setting> [<increment>]'),
  initrd: fetch,
  ipstat: nothing,
  iseq: formOf('', 2, 2, '<value1> <value2>'),
  isset: formOf('', 1, 1, '<value>'),
  item: formOf('menu=m form=f key=k default:d secret:s gap:g', 0, any, '[<name> [<text>]]'),
  iwlist: interfaces,
  iwstat: interfaces,
  kernel: select,
  login: nothing,
  lotest: formOf('mtu=m broadcast:b', 2, 2, '<sending interface> <receiving interface>'),
  md5sum: digest,
  menu,
  module: fetch,
  nslookup: formOf('', 2, 2, '<setting> <name>'),
  nstat: nothing,
  ntp: formOf('', 1, 1, '<server>'),
  param: formOf('params=p header:H', 1, any, '<key> [<value>]'),
  params: formOf('name=n method=m delete:d', 0, 0, ''),
  pciscan: formOf('', 1, 1, '<setting>'),
  ping: formOf('size=s timeout=t count=c quiet:q', 1, 1, '<host>'),
  poweroff: nothing,
  present: formOf('form=f keep:k', 0, 0, ''),
  profstat: nothing,
  prompt: formOf('key=k timeout=t', 0, any, '[<text>]'),
  pxebs: formOf('', 2, 2, '<interface> <server type>'),
  read: formOf('timeout=t', 1, 1, '<setting>'),
  reboot: formOf('warm:w setup:s', 0, 0, ''),
  route: nothing,
  sanboot: formOf(hook, 0, any, '[<root-path>]'),
  sanhook: formOf(hook, 1, any, '<root-path>'),
  sanunhook: formOf('drive=d', 0, 0, ''),
  set: formOf('', 1, any, '<setting> <value>'),
  sha1sum: digest,
  sha256sum: digest,
  sha512sum: digest,
  shell: nothing,
  shim: formOf('timeout=t quiet:q require-loader:l allow-pxe:p allow-sbat:s', 0, 1, '[<uri|image>]'),
  show: formOf('quiet:q', 1, 1, '<setting>'),
  sleep: formOf('', 1, 1, '<seconds>'),
  sync: formOf('timeout=t', 0, 0, ''),
  time: formOf('', 1, any, '<command>'),
  usbscan: formOf('', 1, 1, '<setting>'),
  vcreate: formOf('tag=t priority=p', 1, 1, '<trunk interface>'),
  vdestroy: formOf('', 1, 1, '<VLAN interface>'),
}

export interface ParsedCommand {
  readonly ok: true
  /** By long name; empty where an option takes no value. */
  readonly options: ReadonlyMap<string, string>
  readonly values: readonly string[]
}
export interface WrongCommand {
  readonly ok: false
  /** Whether the number of words is wrong, rather than an option. */
  readonly isCount: boolean
  /** What it prints. */
  readonly lines: readonly string[]
}

const usageOf = (command: string, { options, usage }: CommandForm): string[] => {
  const forms = options.map(({ long, short, takesValue }) => ` [-${short}|--${long}${takesValue ? ` <${long}>` : ''}]`)
  return ['Usage:', '', `  ${command}${forms.join('')}${usage === '' ? '' : ` ${usage}`}`, '']
}

/**
 * Options come first and end at the first word that is none, or at `--`. A value is behind `=`, right behind a short name,
 * or the next word, unless that begins with a hyphen.
 */
export function parseCommand(
  command: string,
  form: CommandForm,
  words: readonly string[],
): ParsedCommand | WrongCommand {
  const options = new Map<string, string>()
  let at = 0
  const wrong = (line?: string): WrongCommand => ({
    ok: false,
    isCount: line === undefined,
    lines: [...(line === undefined ? [] : [line]), ...usageOf(command, form)],
  })
  const nextValue = (): string | undefined => {
    const value = words[at + 1]
    if (value === undefined || value.startsWith('-')) return undefined
    at++
    return value
  }
  for (; at < words.length; at++) {
    const word = words[at]!
    // iPXE takes a lone hyphen for an option without a name.
    if (!word.startsWith('-')) break
    if (word === '--') {
      at++
      break
    }
    if (word.startsWith('--')) {
      const [name = '', ...rest] = word.slice(2).split('=')
      const inline = rest.length > 0 ? rest.join('=') : undefined
      if (name === 'help') return wrong()
      const option = form.options.find((one) => one.long === name)
      if (!option) return wrong(`Unrecognised option "${word}"`)
      if (!option.takesValue && inline !== undefined) return wrong(`Option "${name}" takes no argument`)
      const value = option.takesValue ? (inline ?? nextValue()) : ''
      if (value === undefined) return wrong(`Option "${name}" requires an argument`)
      options.set(option.long, value)
      continue
    }
    for (let place = 1; place < word.length || place === 1; place++) {
      const letter = word[place] ?? ''
      if (letter === 'h') return wrong()
      const option = form.options.find((one) => one.short === letter)
      if (!option) return wrong(`Unrecognised option "-${letter}"`)
      if (!option.takesValue) {
        options.set(option.long, '')
        continue
      }
      const value = place + 1 < word.length ? word.slice(place + 1) : nextValue()
      if (value === undefined) return wrong(`Option "${letter}" requires an argument`)
      options.set(option.long, value)
      break
    }
  }
  const values = words.slice(at)
  return values.length < form.least || values.length > form.most ? wrong() : { ok: true, options, values }
}
