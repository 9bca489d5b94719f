/** What the boot menus on a disc start: GRUB, ISOLINUX and SYSLINUX, and the Boot Loader Specification of systemd. */

export interface BootEntry {
  readonly title: string
  /** Paths from the root of the disc. */
  readonly kernel: string
  readonly initrds: readonly string[]
  readonly arguments: string
}

/** Of one file. */
const mostEntries = 200
/** Before a value is put in for a variable of GRUB, which may name others. */
const mostLine = 4096

/** Without a device in parentheses or a variable in front, and without the slash of the root. */
const pathOf = (written: string): string =>
  written
    .replace(/^(\([^)]*\)|\$\{?\w+\}?(?=\/))/, '')
    .replace(/^\.?\/+/, '')
    .replaceAll(/\/+/g, '/')

const words = (text: string): string[] => text.trim().split(/\s+/).filter(Boolean)

/** Menu entries of GRUB; the title of a submenu stands before those of its own. */
function grubEntries(text: string): BootEntry[] {
  const entries: BootEntry[] = []
  const variables = new Map<string, string>()
  /** What is not known is empty, as in GRUB. */
  const expanded = (line: string): string =>
    line.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => variables.get(name) ?? '').slice(0, mostLine)
  let title: string | undefined
  let kernel: string | undefined
  let given: readonly string[] = []
  let initrds: string[] = []
  const end = (): void => {
    if (title !== undefined && kernel !== undefined && entries.length < mostEntries)
      entries.push({ title, kernel, initrds, arguments: given.join(' ') })
    title = undefined
    kernel = undefined
    initrds = []
  }
  for (const raw of text.split('\n')) {
    const line = raw.trim().slice(0, mostLine)
    const entry = /^menuentry\s+(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+))/.exec(line)
    if (entry) {
      end()
      title = (entry[1] ?? entry[2] ?? entry[3] ?? '').replaceAll(/\\(.)/g, '$1')
      continue
    }
    const set = /^set\s+(\w+)=(?:"([^"]*)"|'([^']*)'|(\S*))/.exec(line)
    if (set) variables.set(set[1]!, set[2] ?? set[3] ?? set[4] ?? '')
    const [command = '', ...rest] = words(line)
    if (/^linux(16|efi)?$/.test(command)) {
      kernel = pathOf(rest[0] ?? '')
      given = words(expanded(rest.slice(1).join(' ').replaceAll(/["']/g, '')))
    }
    if (/^initrd(16|efi)?$/.test(command)) initrds = rest.map(pathOf)
    if (line === '}') end()
  }
  end()
  return entries
}

interface Syslinux {
  readonly entries: readonly BootEntry[]
  /** Files that it includes, as it names them. */
  readonly includes: readonly string[]
}

function syslinuxEntries(text: string): Syslinux {
  const entries: BootEntry[] = []
  const includes: string[] = []
  let label: string | undefined
  let title: string | undefined
  let kernel: string | undefined
  let initrds: string[] = []
  let given: string[] = []
  const end = (): void => {
    // A module of SYSLINUX is no kernel.
    if (
      label !== undefined &&
      kernel !== undefined &&
      !/\.(c32|com|cbt|bss)$/i.test(kernel) &&
      entries.length < mostEntries
    )
      // prettier-ignore
      entries.push({ title: title ?? label, kernel, initrds, arguments: given.join(' ') })
    kernel = undefined
    title = undefined
    initrds = []
    given = []
  }
  for (const raw of text.split('\n')) {
    const line = raw.trim().slice(0, mostLine)
    const [command = '', ...rest] = words(line)
    const value = rest.join(' ')
    switch (command.toLowerCase()) {
      case 'label':
        end()
        label = value
        break
      case 'menu':
        if (/^label$/i.test(rest[0] ?? '')) title = rest.slice(1).join(' ').replace('^', '')
        if (/^include$/i.test(rest[0] ?? '') && rest[1]) includes.push(rest[1])
        break
      case 'include':
        if (rest[0]) includes.push(rest[0])
        break
      case 'kernel':
      case 'linux':
        kernel = pathOf(value.split(' ')[0] ?? '')
        break
      case 'initrd':
        initrds = value.split(',').map(pathOf)
        break
      case 'append': {
        const named = rest.filter((one) => one.startsWith('initrd=')).flatMap((one) => one.slice(7).split(','))
        if (named.length > 0) initrds = named.map(pathOf)
        given = rest.filter((one) => !one.startsWith('initrd='))
        break
      }
    }
  }
  end()
  return { entries, includes }
}

/** One file of `loader/entries`. */
function loaderEntry(text: string): BootEntry[] {
  const values = (key: string): string[] =>
    text.split('\n').flatMap((line) => new RegExp(`^${key}\\s+(.*)$`).exec(line.trim())?.[1] ?? [])
  const [kernel] = values('linux')
  if (kernel === undefined) return []
  return [{ title: values('title')[0] ?? kernel, kernel: pathOf(kernel), initrds: values('initrd').map(pathOf), arguments: values('options').join(' ') }] // prettier-ignore
}

/** The entries of a configuration file, by what its name says it is. */
export function readBootEntries(name: string, text: string): Syslinux {
  if (/(^|\/)loader\/entries\/[^/]*\.conf$/i.test(name)) return { entries: loaderEntry(text), includes: [] }
  if (/(^|\/)(grub|loopback)[^/]*\.cfg$/i.test(name)) return { entries: grubEntries(text), includes: [] }
  return syslinuxEntries(text)
}
