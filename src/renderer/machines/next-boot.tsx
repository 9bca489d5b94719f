import { t } from '#messages/text.ts'
import { Button, Group, Modal, Select, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { Client, NextBootInfo } from '#shared/contract/calls.ts'
import { formatTime } from '#shared/contract/format.ts'
import { call } from '../connection.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'

const localDisk = t('machines-page.local-disk')

/** What no firmware starts, whatever names it. */
const noPrograms: ReadonlySet<string> = new Set([
  'other',
  'empty',
  'configuration',
  'boot-configuration',
  'windows-image',
])

const said = ({ file, begunAt }: NextBootInfo): string =>
  begunAt === null
    ? t('machines-page.file-once', { file: file ?? localDisk })
    : t('machines-page.file-once-began', { file: file ?? localDisk, when: formatTime(begunAt) })

function Chooser({
  client,
  onSet,
  onClose,
}: {
  readonly client: Client
  readonly onSet: (file: string | null) => void
  readonly onClose: () => void
}): ReactElement {
  const boot = useStore((one) => one.lab?.lab?.boot)
  const files = useRead(() => call('files.list', {}), client.mac)
  const [what, setWhat] = useState<string | null>(null)
  const menus = [...(boot?.menus ?? []), ...(boot?.menu ? [boot.menu] : [])]
  const named = [...(boot?.programs ?? []), ...menus.flatMap(({ items }) => items)].flatMap(({ file }) => file ?? [])
  const there = (files.value?.files ?? []).filter(({ kind }) => !noPrograms.has(kind))
  const choices = [localDisk, ...new Set([...named, ...there.map(({ name }) => name)])]
  return (
    <Modal opened onClose={onClose} title={t('machines-page.next-boot', { name: client.name ?? client.mac })} size="md">
      <Text size="sm" c="dimmed" mb={8}>
        {t('machines-page.one-boot-used-up-when')}
      </Text>
      <Select
        label={t('machines-page.loads')}
        data={choices}
        value={what}
        onChange={setWhat}
        searchable
        data-autofocus
        maxDropdownHeight={260}
      />
      <Group mt={16}>
        <Button disabled={what === null} onClick={() => onSet(what === localDisk ? null : what)}>
          {t('machines-page.set-next-boot')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </Group>
    </Modal>
  )
}

/** What a machine loads at its next boot: to choose, to see, to take back. */
export function NextBoot({ client }: { readonly client: Client }): ReactElement {
  const isRunning = useStore(({ status }) => status?.startedAt != null)
  const [isChoosing, setChoosing] = useState(false)
  // Whatever its boot does may use it up.
  const read = useRead(() => call('nextBoots.list', {}), `${client.mac} ${client.boots[0]?.lastAt} ${isRunning}`)
  const next = Array.isArray(read.value) ? read.value.find(({ mac }) => mac === client.mac) : undefined
  const set = async (file: string | null): Promise<void> => {
    const done = await attempt(t('machines-page.next-boot-2'), () => call('nextBoots.set', { mac: client.mac, file }))
    if (done) setChoosing(false)
    read.again()
  }
  const undo = async (): Promise<void> => {
    await attempt(t('machines-page.next-boot-2'), () => call('nextBoots.undo', { mac: client.mac }))
    read.again()
  }
  return (
    <Group gap={12}>
      <span>{next ? said(next) : t('machines-page.rules-say')}</span>
      {next ? (
        <Button size="compact-xs" variant="subtle" onClick={() => void undo()}>
          {t('machines-page.undo')}
        </Button>
      ) : (
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={!isRunning}
          title={isRunning ? undefined : t('machines-page.start-responder-first')}
          onClick={() => setChoosing(true)}
        >
          {t('machines-page.choose')}
        </Button>
      )}
      {isChoosing && <Chooser client={client} onSet={(file) => void set(file)} onClose={() => setChoosing(false)} />}
    </Group>
  )
}
