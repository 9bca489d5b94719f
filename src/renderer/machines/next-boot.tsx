import { Button, Group, Modal, Select, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { Client, NextBootInfo } from '#shared/contract/calls.ts'
import { formatTime } from '#shared/contract/format.ts'
import { call } from '../connection.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'

const localDisk = 'Local disk'

/** What no firmware starts, whatever names it. */
const noPrograms: ReadonlySet<string> = new Set([
  'other',
  'empty',
  'configuration',
  'boot-configuration',
  'windows-image',
])

const said = ({ file, begunAt }: NextBootInfo): string =>
  `${file ?? localDisk}, once${begunAt === null ? '' : ` (began ${formatTime(begunAt)})`}`

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
    <Modal opened onClose={onClose} title={`Next boot of ${client.name ?? client.mac}`} size="md">
      <Text size="sm" c="dimmed" mb={8}>
        For one boot. It is used up when that boot begins to load; after that the rules hold again.
      </Text>
      <Select
        label="It loads"
        data={choices}
        value={what}
        onChange={setWhat}
        searchable
        data-autofocus
        maxDropdownHeight={260}
      />
      <Group mt={16}>
        <Button disabled={what === null} onClick={() => onSet(what === localDisk ? null : what)}>
          Set next boot
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
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
    const done = await attempt('Next boot', () => call('nextBoots.set', { mac: client.mac, file }))
    if (done) setChoosing(false)
    read.again()
  }
  const undo = async (): Promise<void> => {
    await attempt('Next boot', () => call('nextBoots.undo', { mac: client.mac }))
    read.again()
  }
  return (
    <Group gap={12}>
      <span>{next ? said(next) : 'as the rules say'}</span>
      {next ? (
        <Button size="compact-xs" variant="subtle" onClick={() => void undo()}>
          Undo
        </Button>
      ) : (
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={!isRunning}
          title={isRunning ? undefined : 'Start the responder first.'}
          onClick={() => setChoosing(true)}
        >
          Choose…
        </Button>
      )}
      {isChoosing && <Chooser client={client} onSet={(file) => void set(file)} onClose={() => setChoosing(false)} />}
    </Group>
  )
}
