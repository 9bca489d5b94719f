import { ActionIcon, Button, Group, Select, Text, TextInput, Title } from '@mantine/core'
import { IconArrowUp, IconTrash } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { architectures } from '#shared/wire/iana/architecture.ts'
import { formatBytes } from '#shared/contract/format.ts'
import { call } from '../connection.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'

const common = ['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi']
const raspberryPi = 'arm-rpiboot'
const whoChoices = [
  { value: 'userClass:iPXE', label: 'iPXE, once it runs' },
  ...common.map((key) => ({ value: key, label: architectures.find((one) => one.key === key)!.name })),
  { value: raspberryPi, label: 'Raspberry Pi' },
  { value: 'vendorClass:U-Boot', label: 'U-Boot' },
  { value: 'any', label: 'Every client' },
  ...architectures
    .filter((one) => !common.includes(one.key) && one.key !== raspberryPi)
    .map((one) => ({ value: one.key, label: `${one.name} (${one.code})` })),
]

const change = (
  changes: { path: (string | number)[]; value?: never }[] | { path: (string | number)[]; value: unknown }[],
): Promise<unknown> => attempt('Boot programs', () => call('lab.change', { changes: changes as never }))

export function BootFilesPage(): ReactElement {
  const lab = useStore((one) => one.lab?.lab)
  const text = useStore((one) => one.lab?.text)
  const { value: boot, error, again } = useRead(() => call('files.list', {}), text)
  const [who, setWho] = useState<string | null>('x64-uefi')
  const [file, setFile] = useState('')
  const [filter, setFilter] = useState('')
  if (!lab)
    return (
      <EmptyState title="The lab file has problems">
        Correct it on the page Settings; then its boot files show here.
      </EmptyState>
    )
  const rules = lab.boot.programs
  const add = async (): Promise<void> => {
    if (file.trim() === '' || who === null) return
    const rule =
      who === 'any'
        ? { file }
        : who.startsWith('userClass:')
          ? { userClass: who.slice(10), file }
          : who.startsWith('vendorClass:')
            ? { vendorClass: who.slice(12), file }
            : { architecture: who, file }
    // The guard against loops has to come before what it guards against; a rule for everyone comes last.
    const isFirst = who.startsWith('userClass:')
    await change([{ path: ['boot', 'programs'], value: isFirst ? [rule, ...rules] : [...rules, rule] }])
    setFile('')
  }
  const files = boot?.files.filter((one) => one.name.toLowerCase().includes(filter.toLowerCase())) ?? []
  return (
    <div className="page-body">
      <Group justify="space-between">
        <div>
          <Title order={1}>Boot files</Title>
          <Text c="dimmed" className="mono">
            {boot?.root ?? lab.boot.files}
          </Text>
        </div>
        <Button size="compact-sm" variant="default" onClick={again}>
          Look again
        </Button>
      </Group>
      {error !== undefined && <Text c="var(--lab-bad)">{error}</Text>}
      {boot && !boot.exists && (
        <Group mt={12} role="alert">
          <Text c="var(--lab-bad)">This folder does not exist.</Text>
          <Button
            size="compact-sm"
            onClick={() => void attempt('Folder', async () => (await call('files.create', {}), again()))}
          >
            Create it
          </Button>
        </Group>
      )}
      <section className="section" aria-label="Boot programs">
        <Title order={2}>What each client gets</Title>
        <Text c="dimmed" mb={8}>
          The first line that fits wins.
        </Text>
        {rules.length === 0 ? (
          <Text mb={8}>No line yet: clients get an address and nothing to boot. Choose below who gets which file.</Text>
        ) : (
          <table className="grid-table">
            <thead>
              <tr>
                <th>Client</th>
                <th>File</th>
                <th>What it is</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {boot?.programs.map((program) => (
                <tr key={program.rule}>
                  <td>{program.who}</td>
                  <td className="mono">{program.file}</td>
                  <td>
                    {program.problem ? (
                      <span style={{ color: 'var(--lab-bad)' }}>
                        <span
                          className="dot"
                          data-shape="square"
                          style={{ background: 'var(--lab-bad)', marginRight: 8 }}
                        />
                        {program.problem}
                      </span>
                    ) : (
                      program.description
                    )}
                  </td>
                  <td>
                    <Group gap={4} wrap="nowrap" justify="flex-end">
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color="gray"
                        aria-label={`Move line ${program.rule + 1} up`}
                        disabled={program.rule === 0}
                        onClick={() => void change([{ path: ['boot', 'programs'], value: moved(rules, program.rule) }])}
                      >
                        <IconArrowUp size={14} />
                      </ActionIcon>
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove line ${program.rule + 1}`}
                        onClick={() =>
                          void change([
                            { path: ['boot', 'programs'], value: rules.filter((_, at) => at !== program.rule) },
                          ])
                        }
                      >
                        <IconTrash size={14} />
                      </ActionIcon>
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <Group mt={12} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void add())}>
          <Select
            label="Client"
            data={whoChoices}
            value={who}
            onChange={setWho}
            searchable
            allowDeselect={false}
            w={220}
          />
          <TextInput
            label="File or address"
            placeholder="grubx64.efi or http://…"
            value={file}
            onChange={(event) => setFile(event.currentTarget.value)}
            w={300}
            list="boot-files"
          />
          <datalist id="boot-files">
            {boot?.files.map((one) => (
              <option key={one.name} value={one.name} />
            ))}
          </datalist>
          <Button type="submit" disabled={file.trim() === ''}>
            Add
          </Button>
        </Group>
      </section>
      <section className="section" aria-label="Files in the folder">
        <Group justify="space-between" mb={4}>
          <Title order={2}>Files in the folder</Title>
          {(boot?.files.length ?? 0) > 10 && (
            <TextInput
              size="xs"
              aria-label="Filter files"
              placeholder="Filter"
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
            />
          )}
        </Group>
        {boot?.exists && boot.files.length === 0 && (
          <Text c="dimmed">The folder is empty. Copy boot programs into it: iPXE, GRUB, PXELINUX, wdsmgfw.efi.</Text>
        )}
        {files.length > 0 && (
          <table className="grid-table">
            <thead>
              <tr>
                <th>Name</th>
                <th className="number">Size</th>
                <th>What it is</th>
                <th>Changed</th>
              </tr>
            </thead>
            <tbody>
              {files.slice(0, 500).map((one) => (
                <tr key={one.name}>
                  <td className="mono" style={{ overflowWrap: 'anywhere' }}>
                    {one.name}
                  </td>
                  <td className="number" style={{ whiteSpace: 'nowrap' }}>
                    {formatBytes(one.size)}
                  </td>
                  <td>{one.description}</td>
                  <td style={{ whiteSpace: 'nowrap' }}>{new Date(one.modified).toLocaleDateString()}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {(boot?.isTruncated || files.length > 500) && <Text c="dimmed">More files are there than are shown.</Text>}
      </section>
    </div>
  )
}

function moved<T>(list: readonly T[], index: number): T[] {
  const copy = [...list]
  const [one] = copy.splice(index, 1)
  copy.splice(index - 1, 0, one!)
  return copy
}
