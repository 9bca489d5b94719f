import { say, keyOf } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Button, Group, Modal, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { isApplied, missingFor, presets, type LabPreset } from '#shared/lab/presets.ts'
import { windowsPeMemory } from '#shared/lab/windows-pe.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { changeLab } from './change-lab.ts'
import { sendBytes } from './upload.ts'
import { Rich } from '../parts/rich.tsx'

/** Changes the lab, and puts its scripts beside it where no file has their names. */
async function apply(preset: LabPreset, boot: BootFiles): Promise<void> {
  if (!(await changeLab(t('files.lab-now', { title: textOf(preset.title) }), preset.changes))) return
  await attempt(t('files.boot-files'), async () => {
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
    <section className="preset" aria-label={textOf(preset.title)}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={3}>{textOf(preset.title)}</Title>
        {isUsed ? (
          <Text size="sm" c="var(--lab-good)">
            {t('files.use')}
          </Text>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => void apply(preset, boot).then(onDone)}>
            {t('files.use-2')}
          </Button>
        )}
      </Group>
      <Text size="sm">{textOf(preset.summary)}</Text>
      {missing.length === 0 && preset.remarks.length === 0 && memory === undefined ? (
        <Text size="sm" c="dimmed" mt={4}>
          {t('files.all-files')}
        </Text>
      ) : (
        <details className="preset-details">
          <summary>
            {missing.length === 0
              ? t('files.all-files-notes')
              : t('files.files-provide', {
                  files: missing.map(({ file }) => file).join(', '),
                  count: missing.length,
                })}
          </summary>
          {missing.length > 0 && (
            <ul className="preset-needs">
              {missing.map(({ file, what, source }) => (
                <li key={file}>
                  <Rich
                    message={say('files.needed-file', { file, what, source })}
                    tags={{ mono: (text) => <span className="mono">{text}</span> }}
                  />
                </li>
              ))}
            </ul>
          )}
          {preset.remarks.map((remark) => (
            <Text key={keyOf(remark)} size="sm" c="dimmed" mt={4}>
              {textOf(remark)}
            </Text>
          ))}
          {memory !== undefined && (
            <Text size="sm" c="dimmed" mt={4}>
              {t('files.boot-image-machine-needs-about', { memory: tellBytes(memory) })}
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
        {t('files.presets')}
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title={t('files.presets')} size={680}>
        <Text size="sm" c="dimmed" mb={8}>
          {t('files.preset-replaces-rules-say-machines')}
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
