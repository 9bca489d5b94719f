import { say, keyOf } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Button, Group, Modal, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { DiscImage } from '#shared/contract/documents.ts'
import { argumentsFor, memoryOf, menuEntryFor } from '#shared/lab/disc-media.ts'
import { ipxeMenuSchema, readIpxeMenu, writeIpxeMenu, type IpxeEntry } from '#shared/lab/ipxe-menu.ts'
import { withRule } from '#shared/lab/known-programs.ts'
import { hasPlaceholders } from '#shared/machines/variables/template.ts'
import { call } from '../connection.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'
import { changeLabOrThrow, type Rule } from './change-lab.ts'
import { writeBootText } from './write-text.ts'
import { Rich } from '../parts/rich.tsx'

const mono = { mono: (text: string) => <span className="mono">{text}</span> }

type Entry = DiscImage['entries'][number]

type Known = Pick<ReturnType<typeof useStore.getState>, 'status' | 'lab' | 'interfaces'>

/**
 * Where machines reach this one over HTTP: where it listens, else the address of the responder or of the interface that the lab names,
 * with the port that HTTP will have. Empty where none is known.
 */
export function serverOf({ status, lab, interfaces }: Known): string {
  const listening = status?.listening.filter(({ address }) => !address.includes(':')) ?? []
  const at = listening.find(({ service }) => service === 'http')
  const named = [lab?.lab?.interface ?? []].flat()
  const address =
    at?.address ??
    listening[0]?.address ??
    interfaces.find((one) => !one.isLoopback && (named.includes(one.name) || named.includes(one.address)))?.address
  const port = at?.port ?? lab?.lab?.http.port ?? 80
  return address === undefined || address === '' ? '' : `http://${address}${port === 80 ? '' : `:${port}`}`
}

/** Puts the entry at the end of the menu that iPXE loads, which is made where there is none. Throws a CallFailure where it cannot be. */
async function addToMenu(
  entry: IpxeEntry,
  rules: readonly Rule[],
  boot: BootFiles,
  onSaved: () => void,
): Promise<void> {
  const rule = rules.find(({ userClass }) => userClass?.toLowerCase() === 'ipxe')
  const file = rule?.file ?? 'menu.ipxe'
  if (hasPlaceholders(file) || /^[a-z][a-z0-9+.-]*:\/\//i.test(file))
    throw new CallFailure(t('files.ipxe-loads-no-single-menu', { file }), t('files.add-entry-hand-script-ipxe')) // prettier-ignore
  const isThere = boot.files.some(({ name }) => name === file)
  const before = isThere ? (await call('files.readText', { name: file })).text : ''
  const menu = isThere
    ? readIpxeMenu(before)
    : { title: t('files.pxe-lab'), timeoutSeconds: 10, defaultEntry: 0, entries: [] }
  if (!menu)
    throw new CallFailure(t('files.not-written-menu-editor', { file }), t('files.add-entry-text-hand-kernel')) // prettier-ignore
  const checked = ipxeMenuSchema.safeParse({ ...menu, entries: [...menu.entries, entry] })
  if (!checked.success)
    throw new CallFailure(t('files.menu-ipxe-cannot-hold', { reason: checked.error.issues[0]?.message }), t('files.give-image-name-plain-letters')) // prettier-ignore
  const text = writeIpxeMenu(checked.data)
  if (isThere) await writeBootText(file, before, text, onSaved)
  else await call('files.writeText', { name: file, text, replaces: false })
  // What runs then finds its files over HTTP alone; iPXE itself is quicker that way, too.
  const overHttp = { ...(rule ?? { userClass: 'iPXE', file }), protocol: 'http' } as Rule
  const programs = rule ? rules.map((one) => (one === rule ? overHttp : one)) : withRule(rules, overHttp)
  await changeLabOrThrow(t('files.ipxe-loads-http', { file }), [
    { path: ['http', 'enabled'], value: true },
    { path: ['boot', 'programs'], value: programs },
  ])
  onSaved()
}

function EntryView({
  entry,
  image,
  address,
  isAddable,
  onAdd,
}: {
  readonly entry: Entry
  readonly image: DiscImage
  readonly address: string
  readonly isAddable: boolean
  readonly onAdd: () => void
}): ReactElement {
  const { documentedMemory } = image
  return (
    <section className="preset" aria-label={textOf(entry.title)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={3}>{textOf(entry.title)}</Title>
        <Button size="compact-sm" disabled={!isAddable} onClick={onAdd}>
          {t('files.add-menu')}
        </Button>
      </Group>
      {entry.problem !== '' && <Text c="var(--lab-bad)">{t('files.does-not-work', { problem: entry.problem })}</Text>}
      <ul className="preset-needs">
        <li>
          <span className="mono">{entry.kernel}</span>: {textOf(entry.program)}
        </li>
        {entry.initrds.map((one) => (
          <li key={one}>
            <Rich message={say('files.initial-ram-disk', { file: one })} tags={mono} />
          </li>
        ))}
        {entry.arguments !== '' && (
          <li>
            <Rich message={say('files.arguments-are', { arguments: argumentsFor(entry, address) })} tags={mono} />
          </li>
        )}
        <li>
          {t('files.memory-estimated', {
            memory: tellBytes(memoryOf(entry)),
            parts: entry.memory.map(({ what, bytes }) => `${textOf(what)} (${tellBytes(bytes)})`).join(', '),
          })}{' '}
          {documentedMemory
            ? t('files.memory-documented', {
                memory: tellBytes(documentedMemory.bytes),
                source: documentedMemory.source,
              })
            : t('files.memory-not-documented')}
        </li>
      </ul>
    </section>
  )
}

/** What an image of a disc is, and what of it a menu can start. */
export function DiscImageSheet({
  name,
  boot,
  rules,
  onClose,
  onSaved,
}: {
  readonly name: string
  readonly boot: BootFiles
  readonly rules: readonly Rule[]
  readonly onClose: () => void
  readonly onSaved: () => void
}): ReactElement {
  const known = useStore(serverOf)
  const isHttpOn = useStore(({ lab }) => lab?.lab?.http.enabled === true)
  const [typed, setTyped] = useState<string>()
  const { value: image, error } = useRead(() => call('files.image', { name }), name)
  const server = typed ?? known
  const isServer = /^http:\/\/[^\s/]+\/?$/.test(server)
  const add = (entry: Entry): void =>
    void attempt(t('files.boot-menu'), async () => {
      await addToMenu(menuEntryFor(entry, name, server), rules, boot, onSaved)
      onClose()
    })
  const isLinux = image?.entries.some(({ arguments: given }) => given.includes('{image}')) === true
  const hasWimboot = boot.files.some((one) => one.name.toLowerCase() === 'wimboot')
  return (
    <Modal opened onClose={onClose} title={name} size={760}>
      {error !== undefined && <Text c="var(--lab-bad)">{error}</Text>}
      {image === null && <Text>{t('files.file-no-image-disc')}</Text>}
      {image && (
        <>
          <Text fw={600}>{textOf(image.name)}</Text>
          <Text size="sm" c="dimmed">
            {tellBytes(image.bytes)}, {image.formats.join(', ')}
            {image.programs.map(({ file, description }) => `; ${file}: ${textOf(description)}`).join('')}
          </Text>
          {image.problems.map((one) => (
            <Text key={one} c="var(--lab-bad)">
              {t('files.not-read', { reason: one })}
            </Text>
          ))}
          {isLinux && (
            <TextInput
              mt={8}
              mb={12}
              size="xs"
              w={320}
              label={t('files.server-machines-reach')}
              description={
                server === ''
                  ? t('files.not-known-yet-entry-needs')
                  : isHttpOn
                    ? undefined
                    : t('files.http-off-add-menu-switches')
              }
              placeholder={t('files.http-192-168-77-1')}
              value={server}
              error={server !== '' && !isServer ? t('files.write-address-such-http-192') : undefined}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          {image.entries.map((entry) => (
            <EntryView
              key={`${keyOf(entry.title)} ${entry.kernel} ${entry.arguments}`}
              entry={entry}
              image={image}
              address={isServer ? `${server.replace(/\/$/, '')}/${name}` : '{image}'}
              isAddable={isServer || !entry.arguments.includes('{image}')}
              onAdd={() => add(entry)}
            />
          ))}
          {image.family === 'windows' && !hasWimboot && (
            <Text size="sm" c="var(--lab-wait)">
              {t('files.wimboot-not-boot-folder-yet')}
            </Text>
          )}
          {image.remarks.map((one) => (
            <Text key={keyOf(one)} size="sm" c="dimmed">
              {textOf(one)}
            </Text>
          ))}
        </>
      )}
    </Modal>
  )
}
