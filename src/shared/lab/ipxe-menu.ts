/**
 * A boot menu as an iPXE script, and back. What is written here can be read here again; a script that says anything
 * else is left to its author. Commands: ipxe.org/cmd/menu, item, choose, kernel, initrd, chain, sanboot, exit.
 */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { refusal } from './phrase.ts'

/** Whether a word ends a command of iPXE (its `core/exec.c`): a comment, or what joins commands. */
const endsCommand = (one: string): boolean => one.split(' ').some((word) => word.startsWith('#') || /^(?:\|\||&&|;)$/.test(word)) // prettier-ignore
const ends = refusal(say('schema.ends-command'))

/** iPXE takes a line apart at blanks and replaces ${settings}; it has no way to write either otherwise. */
const text = (longest: number) =>
  z
    .string()
    .min(1, 'is empty')
    .max(longest)
    .refine((one) => !/[\r\n\t]/.test(one), refusal(say('schema.has-line-break')))
    .refine((one) => !one.includes('${'), refusal(say('schema.has-setting')))
    .refine((one) => !one.startsWith('-'), refusal(say('schema.begins-with-ipxe-takes-for')))
    .refine((one) => one === one.trim().replaceAll(/ +/g, ' '), refusal(say('schema.has-blanks-ipxe-does-not')))
    .refine((one) => !endsCommand(one), ends)
const place = text(255).refine((one) => !/["'|&;#`]/.test(one), refusal(say('schema.has-character-ipxe-does-not')))
const programArguments = z
  .string()
  .max(2000)
  .refine((one) => !/[\r\n]/.test(one) && !one.includes('${'), refusal(say('schema.has-line-break-or-setting')))
  .refine((one) => one === one.trim().replaceAll(/ +/g, ' '), refusal(say('schema.has-blanks-ipxe-does-not')))
  .refine((one) => !endsCommand(one), ends)

/** wimboot knows a file by a flat name, of which it keeps 31 characters (wimboot, `vdisk.h`). */
const flatName = (file: string): string =>
  file
    .replace(/[?].*$/, '')
    .split('/')
    .at(-1)!
const imageName = 'boot.wim'
const fileForWimboot = place
  .refine((one) => /^[^ ]{1,31}$/.test(flatName(one)), refusal(say('schema.has-name-with-blanks-or'))) // prettier-ignore
  .refine((one) => flatName(one).toLowerCase() !== imageName, refusal(say('schema.has-image-name', { name: imageName }))) // prettier-ignore

/** wimboot ends with "Unrecognised argument" at any other (its `cmdline.c`). */
const wimbootArguments = z
  .string()
  .regex(
    /^(?:(?:gui|pause|pause=quiet|quiet|rawbcd|rawwim|linear|index=\d{1,3})(?: (?!$)|$))+$/,
    'is no list of arguments of wimboot: gui, index=2, linear, pause, pause=quiet, quiet, rawbcd, rawwim',
  )

const shared = {
  /** What the machine in front of one shows. */
  text: text(70),
  /** A letter or digit that chooses it. */
  key: z
    .string()
    .regex(/^[a-z0-9]$/, 'is no small letter or digit')
    .optional(),
}

export const ipxeEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('linux'),
    kernel: place,
    initrds: z.array(place).max(20),
    arguments: programArguments,
  }),
  /** Windows PE: wimboot makes the boot configuration itself where it is given none. */
  z.strictObject({
    ...shared,
    kind: z.literal('windows'),
    wimboot: place,
    image: place,
    files: z.array(fileForWimboot).max(20),
    /** Of wimboot, such as `index=2`. */
    arguments: wimbootArguments.optional(),
  }),
  /** Another program or script. */
  z.strictObject({ ...shared, kind: z.literal('chain'), file: place }),
  /** The disk of the machine, which a BIOS is told to start and UEFI goes on to by itself. */
  z.strictObject({ ...shared, kind: z.literal('disk') }),
  z.strictObject({ ...shared, kind: z.literal('shell') }),
])
export type IpxeEntry = z.infer<typeof ipxeEntrySchema>

export const ipxeMenuSchema = z
  .strictObject({
    title: text(70),
    /** Seconds until the default is taken; 0 waits for somebody. */
    timeoutSeconds: z.int().min(0).max(3600),
    /** Position of the entry that is chosen by itself. */
    defaultEntry: z.int().min(0),
    entries: z.array(ipxeEntrySchema).min(1, 'is empty').max(100),
  })
  .refine(({ defaultEntry, entries }) => defaultEntry < entries.length, {
    path: ['defaultEntry'],
    ...refusal(say('schema.none-of-entries')),
  })
  .superRefine(({ entries }, context) => {
    const keys = new Map<string, number>()
    for (const [index, { key }] of entries.entries()) {
      if (key === undefined) continue
      const before = keys.get(key)
      if (before === undefined) keys.set(key, index)
      else
        context.addIssue({
          code: 'custom',
          path: ['entries', index, 'key'],
          ...refusal(say('schema.key-taken', { entry: before + 1 })),
        })
    }
  })
export type IpxeMenu = z.infer<typeof ipxeMenuSchema>

const mark = '# A menu of PXE Lab: its editor reads this form, and leaves any other alone.'
const orFail = ' || goto failed'

/** What has a scheme is an address already, as a browser shows it: its percent signs stay. */
const isAddress = (name: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(name)
/** Blanks and percent signs in a name go into an address as they do elsewhere (RFC 3986 section 2.1). */
const address = (name: string): string => (isAddress(name) ? name : name.replaceAll('%', '%25')).replaceAll(' ', '%20')
const nameOf = (written: string): string =>
  isAddress(written) ? written : written.replaceAll('%20', ' ').replaceAll('%25', '%')

/**
 * wimboot asks for files by name: on UEFI for that of the image in iPXE (`--name`), on a BIOS for that in the CPIO archive, which iPXE
 * makes of the first argument alone (its `core/cpio.c`; ipxe.org/appnote/wimboot_architecture). Without it a BIOS ends with "Bad CPIO magic".
 */
const wimbootFile = (name: string, file: string): string => `initrd --name ${name} ${address(file)} ${name}`

function commandsOf(entry: IpxeEntry): string[] {
  switch (entry.kind) {
    case 'linux':
      return [
        `kernel ${address(entry.kernel)}${entry.arguments === '' ? '' : ` ${entry.arguments}`}`,
        ...entry.initrds.map((one) => `initrd ${address(one)}`),
        'boot',
      ].map((line) => line + orFail)
    case 'windows':
      return [
        `kernel ${address(entry.wimboot)}${entry.arguments === undefined ? '' : ` ${entry.arguments}`}`,
        ...entry.files.map((one) => wimbootFile(flatName(one), one)),
        wimbootFile(imageName, entry.image),
        'boot',
      ].map((line) => line + orFail)
    case 'chain':
      return [`chain ${address(entry.file)}${orFail}`]
    case 'disk':
      return [`iseq \${platform} pcbios && sanboot --no-describe --drive 0x80 || exit`]
    case 'shell':
      return ['shell', 'goto menu']
  }
}

const labelOf = (index: number): string => `entry${index + 1}`

export function writeIpxeMenu({ title, timeoutSeconds, defaultEntry, entries }: IpxeMenu): string {
  const timeout = timeoutSeconds > 0 ? `--timeout ${timeoutSeconds * 1000} ` : ''
  return [
    '#!ipxe',
    mark,
    ':menu',
    `menu ${title}`,
    ...entries.map(
      ({ key, text: shown }, index) => `item ${key === undefined ? '' : `--key ${key} `}${labelOf(index)} ${shown}`,
    ),
    `choose ${timeout}--default ${labelOf(defaultEntry)} chosen || goto menu`,
    'goto ${chosen}',
    ...entries.flatMap((entry, index) => [`:${labelOf(index)}`, ...commandsOf(entry)]),
    ':failed',
    'prompt Press any key for the menu',
    'goto menu',
    '',
  ].join('\n')
}

/** The entry that these commands are; undefined where the editor did not write them. */
function entryOf(head: Pick<IpxeEntry, 'text' | 'key'>, commands: readonly string[]): unknown {
  const plain = commands.map((line) => line.replace(orFail, ''))
  const [first = '', ...rest] = plain
  if (first === 'shell') return { ...head, kind: 'shell' }
  if (first.startsWith('iseq ')) return { ...head, kind: 'disk' }
  if (first.startsWith('chain ')) return { ...head, kind: 'chain', file: nameOf(first.slice(6)) }
  const kernel = /^kernel (\S+) ?(.*)$/.exec(first)
  if (!kernel) return undefined
  const initrds = rest.filter((line) => line.startsWith('initrd ')).map((line) => line.slice(7))
  const program = nameOf(kernel[1]!)
  const named = initrds.map((one) => /^--name (\S+) (\S+) \1$/.exec(one))
  const image = named.find((one) => one?.[1] === imageName)
  return image
    ? { ...head, kind: 'windows', wimboot: program, image: nameOf(image[2]!), files: named.filter((one) => one !== image).map((one) => nameOf(one?.[2] ?? '')), ...(kernel[2] === '' ? {} : { arguments: kernel[2] }) } // prettier-ignore
    : { ...head, kind: 'linux', kernel: program, initrds: initrds.map(nameOf), arguments: kernel[2]! }
}

/** A menu that `writeIpxeMenu` wrote; undefined for any other script, which would lose what the form cannot hold. */
export function readIpxeMenu(script: string): IpxeMenu | undefined {
  // The form once gave the image no argument; what the editor wrote then it still reads, and writes right.
  const lines = script
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(initrd --name boot\.wim \S+)(?= \|\| goto failed$)/gm, '$1 boot.wim')
    .split('\n')
  if (lines[1] !== mark) return undefined
  const title = /^menu (.*)$/.exec(lines[3] ?? '')?.[1]
  const choose = lines.findIndex((line) => line.startsWith('choose '))
  const chosen = /^choose (?:--timeout (\d+)000 )?--default entry(\d+) chosen/.exec(lines[choose] ?? '')
  if (title === undefined || !chosen) return undefined
  const entries = lines.slice(4, choose).map((line, index) => {
    const item = /^item (?:--key (\S) )?entry\d+ (.*)$/.exec(line)
    const from = lines.indexOf(`:${labelOf(index)}`, choose) + 1
    const to = lines.findIndex((one, at) => at >= from && one.startsWith(':'))
    if (!item || from === 0 || to < 0) return undefined
    return entryOf({ text: item[2]!, ...(item[1] === undefined ? {} : { key: item[1] }) }, lines.slice(from, to))
  })
  const read = ipxeMenuSchema.safeParse({
    title,
    timeoutSeconds: Number(chosen[1] ?? 0),
    defaultEntry: Number(chosen[2]) - 1,
    entries,
  })
  // Whatever was changed by hand would be lost with the next change of the form.
  return read.success && writeIpxeMenu(read.data) === lines.join('\n') ? read.data : undefined
}
