import { Button, Group, Modal, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { BootFiles } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { isApplied, missingFor, presets, type LabPreset } from '#shared/lab/presets.ts'
import { formatBytes } from '#shared/contract/format.ts'
import { windowsPeMemory } from '#shared/lab/windows-pe.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { changeLab } from './change-lab.ts'
import { sendBytes } from './upload.ts'

/** Changes the lab, and puts its scripts beside it where no file has their names. */
async function apply(preset: LabPreset, boot: BootFiles): Promise<void> {
  if (!(await changeLab(`The lab is now "${preset.title}"`, preset.changes))) return
  await attempt('Boot files', async () => {
    if (!boot.exists) await call('files.create', {})
    const isThere = (file: string): boolean => boot.files.some(({ name }) => name.toLowerCase() === file.toLowerCase())
    for (const { file, text } of preset.scripts)
      if (!isThere(file)) await call('files.writeText', { name: file, text, replaces: false })
    for (const { file, configuration } of preset.stores ?? [])
      if (!isThere(file)) await sendBytes(file, writeBootConfiguration(configuration))
  })
}

/** What a machine needs for the boot image that the preset has by now, in bytes. */
function memoryFor(preset: LabPreset, boot: BootFiles): number | undefined {
  const wanted = preset.needs.find(({ file }) => file.toLowerCase().endsWith('.wim'))?.file.toLowerCase()
  const image = boot.files.find(({ name }) => name.toLowerCase() === wanted)
  return image && windowsPeMemory(preset.stores ? 'boot-manager' : 'wimboot', image.size).bytes
}

function Preset({
  preset,
  lab,
  boot,
  onDone,
}: {
  readonly preset: LabPreset
  readonly lab: Lab
  readonly boot: BootFiles
  readonly onDone: () => void
}): ReactElement {
  const missing = missingFor(
    preset,
    boot.files.map(({ name }) => name),
  )
  const isUsed = isApplied(preset, lab)
  const memory = memoryFor(preset, boot)
  return (
    <section className="preset" aria-label={preset.title}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={3}>{preset.title}</Title>
        {isUsed ? (
          <Text size="sm" c="var(--lab-good)">
            in use
          </Text>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => void apply(preset, boot).then(onDone)}>
            Use it
          </Button>
        )}
      </Group>
      <Text size="sm">{preset.summary}</Text>
      {missing.length === 0 && preset.remarks.length === 0 && memory === undefined ? (
        <Text size="sm" c="dimmed" mt={4}>
          All its files are there.
        </Text>
      ) : (
        <details className="preset-details">
          <summary>
            {missing.length === 0
              ? 'All its files are there. Notes'
              : `${missing.length === 1 ? '1 file' : `${missing.length} files`} to provide: ${missing.map(({ file }) => file).join(', ')}`}
          </summary>
          {missing.length > 0 && (
            <ul className="preset-needs">
              {missing.map(({ file, what, source }) => (
                <li key={file}>
                  <span className="mono">{file}</span>: {what}. From {source}.
                </li>
              ))}
            </ul>
          )}
          {preset.remarks.map((remark) => (
            <Text key={remark} size="sm" c="dimmed" mt={4}>
              {remark}
            </Text>
          ))}
          {memory !== undefined && (
            <Text size="sm" c="dimmed" mt={4}>
              With this boot image a machine needs about {formatBytes(memory)} of memory.
            </Text>
          )}
        </details>
      )}
    </section>
  )
}

/** Labs to begin with. */
export function PresetButton({
  lab,
  boot,
  onDone,
}: {
  readonly lab: Lab
  readonly boot: BootFiles
  readonly onDone: () => void
}): ReactElement {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        Presets
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Presets" size={680}>
        <Text size="sm" c="dimmed" mb={8}>
          A preset replaces the rules that say what machines load. Interface, mode and addresses stay, and you can undo
          it. You provide the files: each preset says where to get them.
        </Text>
        {presets.map((preset) => (
          <Preset
            key={preset.id}
            preset={preset}
            lab={lab}
            boot={boot}
            onDone={() => {
              setOpen(false)
              onDone()
            }}
          />
        ))}
      </Modal>
    </>
  )
}
