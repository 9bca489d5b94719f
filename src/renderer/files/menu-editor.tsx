import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Button, Group, NumberInput, Radio, Select, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo, useState, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import { hasPlaceholders } from '#shared/machines/variables/template.ts'
import { windowsPeMemory } from '#shared/lab/windows-pe.ts'
import { ipxeMenuSchema, readIpxeMenu, writeIpxeMenu, type IpxeEntry, type IpxeMenu } from '#shared/lab/ipxe-menu.ts'
import { withRule } from '#shared/lab/known-programs.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { draftBase, useDraft } from '../parts/use-draft.ts'
import { useRead } from '../parts/use-read.ts'
import { changeRules, type Rule } from './change-lab.ts'
import { MoveActions, RowAction } from './row-action.tsx'
import { boots, networkOfLab } from './try-machines.ts'
import { writeBootText } from './write-text.ts'
import { Rich } from '../parts/rich.tsx'

const mono = { mono: (text: string) => <span className="mono">{text}</span> }

const kindLabels: Readonly<Record<IpxeEntry['kind'], string>> = {
  linux: t('files.linux'),
  windows: t('files.windows-pe-wimboot'),
  chain: t('files.program-script'),
  disk: t('files.local-disk'),
  shell: t('files.ipxe-command-line'),
}
const fresh: Readonly<Record<IpxeEntry['kind'], IpxeEntry>> = {
  linux: { kind: 'linux', text: 'Linux', kernel: 'vmlinuz', initrds: ['initrd.img'], arguments: '' },
  windows: { kind: 'windows', text: 'Windows PE', wimboot: 'wimboot', image: 'boot.wim', files: [] },
  chain: { kind: 'chain', text: 'Another program', file: 'program.efi' },
  disk: { kind: 'disk', text: t('files.local-disk') },
  shell: { kind: 'shell', text: t('files.ipxe-command-line') },
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

/** Files of the boot folder that an entry loads; what has a scheme comes from elsewhere. */
function filesOf(entry: IpxeEntry): readonly string[] {
  const named =
    entry.kind === 'linux'
      ? [entry.kernel, ...entry.initrds]
      : entry.kind === 'windows'
        ? [entry.wimboot, entry.image, ...entry.files]
        : entry.kind === 'chain'
          ? [entry.file]
          : []
  return named.filter((name) => name !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(name))
}

/** Its path in the boot folder. */
const pathIn = (script: string, name: string): string =>
  name.startsWith('/') ? name.slice(1) : script.slice(0, script.lastIndexOf('/') + 1) + name
/** A file within an image of a disc, which the list of files does not have. */
const isWithin = (path: string): boolean => /\.(iso|img)\//i.test(path)

const noSizes: ReadonlyMap<string, number | null> = new Map()

/** What the menu would not find; `within` are the sizes of files in images, as far as they are known. */
function missingFiles(
  entry: IpxeEntry,
  script: string,
  boot: BootFiles,
  within: ReadonlyMap<string, number | null>,
): readonly string[] {
  const there = new Set(boot.files.map(({ name }) => name.toLowerCase()))
  return filesOf(entry).filter((name) => {
    const path = pathIn(script, name)
    return isWithin(path) ? within.get(path) === null : !there.has(path.toLowerCase())
  })
}

/** Of a Windows PE image that is in the boot folder. */
function memoryFor(entry: IpxeEntry, script: string, boot: BootFiles): number | undefined {
  if (entry.kind !== 'windows') return undefined
  const path = pathIn(script, entry.image).toLowerCase()
  const image = boot.files.find(({ name }) => name.toLowerCase() === path)
  return image && windowsPeMemory('wimboot', image.size).bytes
}

function EntryFields({
  entry,
  problem,
  onChange,
}: {
  readonly entry: IpxeEntry
  readonly problem: (field: string) => string | undefined
  readonly onChange: (entry: IpxeEntry) => void
}): ReactElement | null {
  const field = (key: string, label: string, value: string, set: (text: string) => IpxeEntry): ReactElement => (
    <TextInput
      key={key}
      size="xs"
      label={label}
      list="boot-files"
      value={value}
      error={problem(key)}
      onChange={(event) => onChange(set(event.currentTarget.value))}
    />
  )
  switch (entry.kind) {
    case 'linux':
      return (
        <div className="menu-fields">
          {field('kernel', t('files.kernel'), entry.kernel, (kernel) => ({ ...entry, kernel }))}
          {field('initrds', t('files.initial-ram-disks-commas'), entry.initrds.join(', '), (text) => ({ ...entry, initrds: listOf(text) }))}
          {field('arguments', t('files.arguments'), entry.arguments, (text) => ({ ...entry, arguments: text }))}
        </div>
      )
    case 'windows':
      return (
        <div className="menu-fields">
          {field('wimboot', 'wimboot', entry.wimboot, (wimboot) => ({ ...entry, wimboot }))}
          {field('image', t('files.boot-image'), entry.image, (image) => ({ ...entry, image }))}
          {field('files', t('files.further-files-commas'), entry.files.join(', '), (text) => ({ ...entry, files: listOf(text) }))}
          {field('arguments', t('files.arguments-wimboot-such-index-2'), entry.arguments ?? '', (text) => {
            const { arguments: _, ...rest } = entry
            return text === '' ? rest : { ...rest, arguments: text }
          })}
        </div>
      )
    case 'chain':
      return <div className="menu-fields">{field('file', t('files.file-address'), entry.file, (file) => ({ ...entry, file }))}</div>
    case 'disk':
    case 'shell':
      return null
  }
} // prettier-ignore

function Entry({
  entry,
  index,
  count,
  missing,
  memory,
  tried,
  problem,
  onChange,
  onMove,
  onRemove,
}: {
  readonly entry: IpxeEntry
  readonly index: number
  readonly count: number
  readonly missing: readonly string[]
  /** Bytes that a machine needs for it; undefined where that is not known. */
  readonly memory: number | undefined
  readonly tried: string | undefined
  readonly problem: (field: string) => string | undefined
  readonly onChange: (entry: IpxeEntry) => void
  readonly onMove: (to: number) => void
  readonly onRemove: () => void
}): ReactElement {
  return (
    <div className="menu-entry" role="group" aria-label={t('files.entry', { number: index + 1 })}>
      <Radio value={String(index)} aria-label={t('files.entry-default', { number: index + 1 })} mt={6} />
      <div>
        <Group gap={8} align="flex-start" wrap="nowrap">
          <TextInput
            size="xs"
            flex={1}
            aria-label={t('files.text')}
            value={entry.text}
            error={problem('text')}
            onChange={(event) => onChange({ ...entry, text: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            w={64}
            aria-label={t('files.key')}
            placeholder={t('files.key-2')}
            maxLength={1}
            value={entry.key ?? ''}
            error={problem('key')}
            onChange={(event) => {
              const { key: _, ...rest } = entry
              const key = event.currentTarget.value
              onChange(key === '' ? rest : { ...rest, key })
            }}
          />
          <Text size="xs" c="dimmed" w={150} mt={6}>
            {kindLabels[entry.kind]}
          </Text>
          <MoveActions name="entry" at={index} count={count} onMove={onMove} />
          <RowAction
            label={t('files.remove-entry', { number: index + 1 })}
            icon={IconTrash}
            isDisabled={count === 1}
            onClick={onRemove}
          />
        </Group>
        <EntryFields entry={entry} problem={problem} onChange={onChange} />
        {missing.length > 0 && (
          <Text size="xs" c="var(--lab-wait)">
            {t('files.not-boot-folder', { files: missing.join(', ') })}
          </Text>
        )}
        {memory !== undefined && (
          <Text size="xs" c="dimmed">
            {t('files.machine-needs-about-memory-ipxe', { memory: tellBytes(memory) })}
          </Text>
        )}
        {tried !== undefined && (
          <Text size="xs" role="status">
            {tried}
          </Text>
        )}
      </div>
    </div>
  )
}

/** A menu in the making as one text: of the same menu always the same one, whether it was read or typed. */
const draftOf = (menu: IpxeMenu): string =>
  JSON.stringify((ipxeMenuSchema.safeParse(menu).success && readIpxeMenu(writeIpxeMenu(menu))) || menu)
const menuIn = (draft: string): IpxeMenu => JSON.parse(draft) as IpxeMenu
const draftKey = (file: string): string => `menu ${file}`

/** The form; `file` is where the script lies. */
function MenuForm({
  file,
  written,
  isReplaced = false,
  boot,
  onSaved,
}: {
  readonly file: string
  readonly written: IpxeMenu
  /** Whether the file now holds a script that is no menu of this form. */
  readonly isReplaced?: boolean
  readonly boot: BootFiles
  readonly onSaved: () => void
}): ReactElement {
  const { text: draft, base, isEdited, isOutdated, set, discard } = useDraft(draftKey(file), draftOf(written))
  const menu = useMemo(() => menuIn(draft), [draft])
  const [tried, setTried] = useState<readonly string[]>()
  const [isBusy, setBusy] = useState(false)
  const inImages = menu.entries.flatMap(filesOf).map((name) => pathIn(file, name)).filter(isWithin) // prettier-ignore
  const sizesWithin = async (): Promise<ReadonlyMap<string, number | null>> => {
    if (inImages.length === 0) return noSizes
    const sizes = await call('files.sizes', { names: inImages })
    return new Map(inImages.map((name, at) => [name, sizes[at] ?? null]))
  }
  const { value: within = noSizes } = useRead(sizesWithin, inImages.join('\n'))
  const checked = ipxeMenuSchema.safeParse(menu)
  const problem = (path: string): string | undefined =>
    checked.error?.issues.find((one) => one.path.join('.') === path || one.path.join('.').startsWith(`${path}.`))?.message // prettier-ignore
  const change = (next: IpxeMenu): void => {
    set(draftOf(next))
    setTried(undefined)
  }
  const { entries, defaultEntry } = menu
  const move = (from: number, to: number): void => {
    const order = entries.map((_, index) => index)
    order.splice(to, 0, ...order.splice(from, 1))
    change({ ...menu, entries: order.map((index) => entries[index]!), defaultEntry: order.indexOf(defaultEntry) })
  }
  const save = (): Promise<unknown> =>
    attempt(t('files.boot-menu'), () => writeBootText(file, writeIpxeMenu(menuIn(base)), writeIpxeMenu(menu), onSaved))
  const tryAll = async (): Promise<void> => {
    setBusy(true)
    setTried(
      await attempt(t('files.try-menu'), async () => {
        const input = await networkOfLab(boot)
        const lab = input.hosts!['lab']!
        const there = Object.fromEntries(
          // Asked again: those shown may be of what was written before.
          [...(await sizesWithin())].flatMap(([name, size]) =>
            size === null ? [] : [[name, { size, architecture: 'x64-uefi' as const }]],
          ),
        )
        const network = {
          ...input,
          hosts: {
            ...input.hosts,
            lab: { ...lab, files: { ...lab.files, ...there, [file]: { text: writeIpxeMenu(menu) } } },
          },
        }
        const told: string[] = []
        for (const [index, entry] of entries.entries()) {
          const { state, because } = await boots(network, { firmware: 'ipxe', menuLine: index })
          const isBooted = state === 'booted' || entry.kind === 'shell'
          told.push(isBooted ? t('files.simulated-bios-boots') : t('files.simulated-bios', { reason: because }))
        }
        return told
      }),
    )
    setBusy(false)
  }
  return (
    <>
      {(isOutdated || isReplaced) && (
        <Group gap={8} mb={8} role="status">
          <Text c="var(--lab-wait)">
            <Rich message={say('files.menu-file-changed', { file })} tags={mono} />
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              discard()
              setTried(undefined)
              if (isReplaced) onSaved()
            }}
          >
            {t('files.discard-mine-show-file')}
          </Button>
          <Button size="compact-xs" variant="default" disabled={!checked.success} onClick={() => void save()}>
            {t('files.replace-file-mine')}
          </Button>
        </Group>
      )}
      <Group gap={12} align="flex-start">
        <TextInput
          size="xs"
          label={t('files.title')}
          w={280}
          value={menu.title}
          error={problem('title')}
          onChange={(event) => change({ ...menu, title: event.currentTarget.value })}
        />
        <NumberInput
          size="xs"
          label={t('files.seconds-until-default-taken')}
          description={t('files.0-waits-somebody')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          w={220}
          min={0}
          max={3600}
          allowDecimal={false}
          value={menu.timeoutSeconds}
          error={problem('timeoutSeconds')}
          onChange={(value) => change({ ...menu, timeoutSeconds: Number(value) })}
        />
      </Group>
      <Radio.Group
        aria-label={t('files.default')}
        value={String(defaultEntry)}
        onChange={(value) => change({ ...menu, defaultEntry: Number(value) })}
      >
        {entries.map((entry, index) => (
          <Entry
            key={index}
            entry={entry}
            index={index}
            count={entries.length}
            missing={missingFiles(entry, file, boot, within)}
            memory={memoryFor(entry, file, boot)}
            tried={tried?.[index]}
            problem={(field) => problem(`entries.${index}.${field}`)}
            onChange={(one) => change({ ...menu, entries: entries.with(index, one) })}
            onMove={(to) => move(index, to)}
            onRemove={() =>
              change({
                ...menu,
                entries: entries.toSpliced(index, 1),
                defaultEntry: defaultEntry > index || defaultEntry === entries.length - 1 ? Math.max(0, defaultEntry - 1) : defaultEntry, // prettier-ignore
              })
            }
          />
        ))}
      </Radio.Group>
      <Group mt={8} gap={8}>
        <Select
          size="xs"
          w={190}
          aria-label={t('files.add-entry')}
          placeholder={t('files.add-entry')}
          leftSection={<IconPlus size={14} />}
          data={Object.entries(kindLabels).map(([value, label]) => ({ value, label }))}
          value={null}
          onChange={(value) =>
            value !== null && change({ ...menu, entries: [...entries, fresh[value as IpxeEntry['kind']]] })
          }
        />
        <Button size="xs" disabled={!checked.success || !isEdited} onClick={() => void save()}>
          {t('files.save-menu')}
        </Button>
        <Button size="xs" variant="default" disabled={!checked.success} loading={isBusy} onClick={() => void tryAll()}>
          {t('files.try-each-entry')}
        </Button>
      </Group>
    </>
  )
}

/** The boot menu that iPXE loads, as a form; made where there is none, and left alone where somebody else wrote it. */
export function MenuEditor({
  rules,
  boot,
  onSaved,
}: {
  readonly rules: readonly Rule[]
  readonly boot: BootFiles
  readonly onSaved: () => void
}): ReactElement {
  const rule = rules.find(({ userClass }) => userClass?.toLowerCase() === 'ipxe')
  const script = boot.files.find(({ name }) => name === rule?.file)
  const { value, again } = useRead(
    async () => (script?.kind === 'script' ? (await call('files.readText', { name: script.name })).text : undefined),
    `${script?.name} ${script?.modified}`,
  )
  const read = value === undefined ? undefined : readIpxeMenu(value)
  // Somebody wrote another script over a menu that is edited here: what was typed is not gone.
  const base = read || value === undefined || !script ? undefined : draftBase(draftKey(script.name))
  const menu = read ?? (base === undefined ? undefined : menuIn(base))
  const make = (): Promise<unknown> =>
    attempt(t('files.boot-menu'), async () => {
      const taken = new Set(boot.files.map(({ name }) => name.toLowerCase()))
      const name = ['menu.ipxe', 'lab-menu.ipxe', 'pxe-lab-menu.ipxe'].find((one) => !taken.has(one)) ?? `menu-${Date.now()}.ipxe` // prettier-ignore
      const entries = [fresh.disk, fresh.shell]
      const text = writeIpxeMenu({ title: t('files.pxe-lab'), timeoutSeconds: 10, defaultEntry: 0, entries })
      if (!boot.exists) await call('files.create', {})
      await call('files.writeText', { name, text, replaces: false })
      // The guard against handing iPXE to iPXE is this very rule.
      await changeRules(t('files.ipxe-loads', { file: name }), withRule(rules, { userClass: 'iPXE', file: name }))
      onSaved()
    })
  return (
    <section className="section" aria-label={t('files.boot-menu-ipxe')}>
      <Title order={2}>{t('files.boot-menu-ipxe')}</Title>
      {menu && script ? (
        <MenuForm
          key={script.name}
          file={script.name}
          written={menu}
          isReplaced={base !== undefined}
          boot={boot}
          onSaved={() => {
            again()
            onSaved()
          }}
        />
      ) : rule ? (
        <Text c="dimmed">
          <Rich
            message={
              script
                ? say('files.ipxe-loads-foreign', { file: rule.file })
                : hasPlaceholders(rule.file)
                  ? say('files.ipxe-loads-many', { file: rule.file })
                  : say('files.ipxe-loads-missing', { file: rule.file })
            }
            tags={mono}
          />
        </Text>
      ) : (
        <Group mt={4}>
          <Text c="dimmed">{t('files.machines-run-ipxe-get-no')}</Text>
          <Button size="compact-sm" variant="default" onClick={() => void make()}>
            {t('files.make-menu')}
          </Button>
        </Group>
      )}
    </section>
  )
}
