import { Alert, Button, Code, Group, Loader, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import type { Proposal, Reply } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { ModePicture } from '../parts/mode-picture.tsx'
import { attempt, refreshInterfaces, useStore } from '../store.ts'

type Giver = 'nobody' | 'another' | 'this'

const givers: readonly { readonly giver: Giver; readonly label: string; readonly detail: string }[] = [
  {
    giver: 'nobody',
    label: 'Nobody',
    detail: 'A cable to a bench, an isolated switch: this machine gives the addresses.',
  },
  {
    giver: 'another',
    label: 'Another machine',
    detail: 'A router or DHCP server that stays as it is: this machine adds the boot.',
  },
  {
    giver: 'this',
    label: 'This machine',
    detail: 'A DHCP server runs here and sends option 60: this machine answers on port 4011.',
  },
]

function Wire({ name, onFound }: { readonly name: string; readonly onFound: (giver: Giver) => void }): ReactElement {
  const [isAsking, setAsking] = useState(false)
  const [found, setFound] = useState<Reply<'wire.ask'>>()
  const ask = async (): Promise<void> => {
    setAsking(true)
    setFound(undefined)
    const result = await attempt('Asking the wire', () => call('wire.ask', { interface: name }))
    setAsking(false)
    if (!result) return
    setFound(result)
    if (result.complaint === undefined)
      onFound(result.servers.some((one) => one.role === 'dhcp') ? 'another' : 'nobody')
  }
  if (isAsking)
    return (
      <Group gap={8}>
        <Loader size={14} /> <Text>Asking on {name} who gives addresses; this takes 4 seconds.</Text>
        <Button size="compact-xs" variant="default" onClick={() => void call('wire.cancel', {})}>
          Cancel
        </Button>
      </Group>
    )
  const said =
    found &&
    (found.complaint !== undefined
      ? `Could not ask: ${found.complaint}.`
      : found.servers.length === 0
        ? 'Nobody answered: no DHCP server is on this wire.'
        : found.servers
            .map((one) =>
              one.role === 'dhcp'
                ? `DHCP server ${one.server} offers ${one.offered}`
                : `proxyDHCP ${one.server} answers`,
            )
            .join('; '))
  return (
    <Group gap={8}>
      <Button size="compact-sm" variant="default" onClick={() => void ask()}>
        Not sure: ask the wire
      </Button>
      {said && <Text role="status">{said}</Text>}
    </Group>
  )
}

/** Two questions, a proposal, a start. */
export function FirstRunPage(): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const lab = useStore((one) => one.lab)
  const [name, setName] = useState<string | null>(null)
  const [giver, setGiver] = useState<Giver | null>(null)
  const [files, setFiles] = useState('./boot')
  const [proposal, setProposal] = useState<Proposal>()
  const [isStarting, setStarting] = useState(false)

  // A cable plugged in while the page is open shows by itself.
  useEffect(() => {
    const timer = window.setInterval(() => void refreshInterfaces().catch(() => {}), 2000)
    return () => window.clearInterval(timer)
  }, [])

  useEffect(() => {
    if (name === null || giver === null) return
    let isCurrent = true
    void attempt('Proposal', () => call('setup.propose', { interface: name, giver, files })).then((one) => {
      if (isCurrent) setProposal(one)
    })
    return () => {
      isCurrent = false
    }
  }, [name, giver, files])

  const save = async (starts: boolean): Promise<void> => {
    if (!proposal) return
    setStarting(true)
    await attempt('Start', async () => {
      await call('lab.write', { text: proposal.text })
      await call('files.create', {})
      if (starts) await call('responder.start', {})
    })
    setStarting(false)
  }

  const choices = interfaces.map((one) => ({
    value: one.name,
    label: `${one.name} · ${one.address}/${one.prefixLength}${one.isLoopback ? ' · this machine only' : one.hasLink === false ? ' · no link yet' : ''}`,
  }))
  return (
    <div className="page-body">
      <Title order={1}>Set up this lab</Title>
      <Text c="dimmed" mb={20}>
        Two questions, then a machine on that network can boot from this one. Everything can be changed later.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={36}>
        <Stack gap={24}>
          <section>
            <Title order={2} mb={8}>
              1. Which network interface?
            </Title>
            <Select
              aria-label="Network interface"
              placeholder={choices.length > 0 ? 'Choose an interface' : 'No interface has an IPv4 address yet'}
              data={choices.filter((one, index) => choices.findIndex((other) => other.value === one.value) === index)}
              value={name}
              onChange={setName}
              allowDeselect={false}
            />
          </section>
          <section>
            <Title order={2} mb={8}>
              2. Who gives addresses on this network?
            </Title>
            <Stack gap={8} role="radiogroup" aria-label="Who gives addresses on this network">
              {givers.map((one) => (
                <button
                  key={one.giver}
                  type="button"
                  role="radio"
                  aria-checked={giver === one.giver}
                  className="choice"
                  onClick={() => setGiver(one.giver)}
                >
                  <div style={{ fontWeight: 600 }}>{one.label}</div>
                  <Text c="dimmed" size="xs">
                    {one.detail}
                  </Text>
                </button>
              ))}
              {name !== null && <Wire name={name} onFound={setGiver} />}
            </Stack>
          </section>
          <TextInput
            label="Folder of boot files"
            description="Relative to the lab file; it is created where it does not exist."
            value={files}
            onChange={(event) => setFiles(event.currentTarget.value)}
          />
        </Stack>
        <section aria-live="polite">
          {proposal && name !== null && giver !== null ? (
            <Stack gap={12}>
              <Title order={2}>{proposal.title}</Title>
              <ModePicture mode={proposal.mode} />
              <Text>{proposal.explanation}</Text>
              {proposal.warnings.map((warning) => (
                <Alert key={warning} color="yellow" variant="light">
                  {warning}
                </Alert>
              ))}
              <details>
                <summary>The lab file it writes: {lab?.path}</summary>
                <Code block mt={8} className="mono">
                  {proposal.text}
                </Code>
              </details>
              <Group>
                <Button onClick={() => void save(true)} loading={isStarting}>
                  Save and start
                </Button>
                <Button variant="default" onClick={() => void save(false)} disabled={isStarting}>
                  Save only
                </Button>
              </Group>
            </Stack>
          ) : (
            <Text c="dimmed">Answer both questions to see which mode suits this network, and why.</Text>
          )}
        </section>
      </SimpleGrid>
    </div>
  )
}
