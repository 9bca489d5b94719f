import { t, textOf } from '#messages/text.ts'
import { Alert, Button, Code, Group, Loader, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useMemo, useState, type ReactElement } from 'react'
import type { Proposal, Reply } from '#shared/contract/calls.ts'
import { chooseInterface } from '#shared/lab/interface-choice.ts'
import { call } from '../connection.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { ModePicture } from '../parts/mode-picture.tsx'
import { attempt, refreshInterfaces, useStore } from '../store.ts'

type Giver = 'nobody' | 'another' | 'this'

const givers: readonly { readonly giver: Giver; readonly label: string; readonly detail: string }[] = [
  {
    giver: 'nobody',
    label: t('pages.nobody'),
    detail: t('pages.isolated-switch-cable-bench-pxe'),
  },
  {
    giver: 'another',
    label: t('pages.another-machine'),
    detail: t('pages.router-dhcp-server-stays-pxe'),
  },
  {
    giver: 'this',
    label: t('pages.machine'),
    detail: t('pages.dhcp-server-sends-option-60'),
  },
]

function Wire({ name, onFound }: { readonly name: string; readonly onFound: (giver: Giver) => void }): ReactElement {
  const [isAsking, setAsking] = useState(false)
  const [found, setFound] = useState<Reply<'wire.ask'>>()
  const ask = async (): Promise<void> => {
    setAsking(true)
    setFound(undefined)
    const result = await attempt(t('pages.detecting-dhcp-servers'), () => call('wire.ask', { interface: name }))
    setAsking(false)
    if (!result) return
    setFound(result)
    if (result.complaint === undefined)
      onFound(result.servers.some((one) => one.role === 'dhcp') ? 'another' : 'nobody')
  }
  if (isAsking)
    return (
      <Group gap={8}>
        <Loader size={14} /> <Text>{t('pages.looking-dhcp-servers-takes-4', { name })}</Text>
        <Button size="compact-xs" variant="default" onClick={() => void call('wire.cancel', {})}>
          {t('common.cancel')}
        </Button>
      </Group>
    )
  const said =
    found &&
    (found.complaint !== undefined
      ? t('pages.could-not-look-dhcp-servers', { reason: found.complaint })
      : found.servers.length === 0
        ? t('pages.no-dhcp-server-answered-network')
        : found.servers
            .map((one) =>
              one.role === 'dhcp'
                ? t('pages.dhcp-server-offers', { server: one.server, address: one.offered })
                : t('pages.proxy-dhcp-answers', { server: one.server }),
            )
            .join('; '))
  return (
    <Group gap={8}>
      <Button size="compact-sm" variant="default" onClick={() => void ask()}>
        {t('pages.detect-automatically')}
      </Button>
      {said && <Text role="status">{said}</Text>}
    </Group>
  )
}

/** Two questions, a proposal, a start. The only interface that reaches other machines is chosen already. */
export function FirstRunPage(): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const lab = useStore((one) => one.lab)
  const [picked, setName] = useState<string | null>(null)
  const [giver, setGiver] = useState<Giver | null>(null)
  const [files, setFiles] = useState('./boot')
  const [proposal, setProposal] = useState<Proposal>()
  const [isStarting, setStarting] = useState(false)
  const choice = useMemo(() => chooseInterface(interfaces), [interfaces])
  const name = picked ?? choice.chosen ?? null

  // A cable plugged in while the page is open shows by itself.
  useEffect(() => {
    const timer = window.setInterval(() => void refreshInterfaces().catch(() => {}), 2000)
    return () => window.clearInterval(timer)
  }, [])

  useEffect(() => {
    if (name === null || giver === null) return
    let isCurrent = true
    void attempt(t('pages.proposal'), () => call('setup.propose', { interface: name, giver, files })).then((one) => {
      if (isCurrent) setProposal(one)
    })
    return () => {
      isCurrent = false
    }
  }, [name, giver, files])

  const save = async (starts: boolean): Promise<void> => {
    if (!proposal) return
    setStarting(true)
    await attempt(t('common.start'), async () => {
      await call('lab.write', { text: proposal.text })
      await call('files.create', {})
      if (starts) await call('responder.start', {})
    })
    setStarting(false)
  }

  const choices = choice.all.map(({ name: value, why }) => {
    const one = interfaces.find((other) => other.name === value)!
    const described = one.description === undefined || one.description === value ? '' : ` · ${one.description}`
    return { value, label: `${value} · ${one.address}/${one.prefixLength}${described}${why === undefined ? '' : ` · ${textOf(why)}`}` }
  }) // prettier-ignore
  return (
    <div className="page-body">
      <Title order={1}>{t('pages.set-up-lab')}</Title>
      <Text c="dimmed" mb={20}>
        {t('pages.answer-two-questions-machines-network')}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={36}>
        <Stack gap={24}>
          <section>
            <Title order={2} mb={8}>
              {t('pages.1-network-interface')}
            </Title>
            <Select
              aria-label={t('pages.network-interface')}
              placeholder={choices.length > 0 ? t('pages.choose-interface') : t('pages.no-interface-ipv4-address-yet')}
              data={choices}
              value={name}
              onChange={setName}
              allowDeselect={false}
            />
            {interfaces.length > 0 && picked === null && (
              <Text size="sm" c="dimmed" mt={8}>
                {textOf(choice.reason)}
              </Text>
            )}
            {name === null && choice.recommended !== undefined && (
              <Button size="compact-sm" variant="default" mt={8} onClick={() => setName(choice.recommended!)}>
                {t('pages.use-interface', { interface: choice.recommended })}
              </Button>
            )}
          </section>
          <section>
            <Title order={2} mb={8}>
              {t('pages.2-who-gives-addresses-network')}
            </Title>
            <Stack gap={8} role="radiogroup" aria-label={t('pages.who-gives-addresses-network')}>
              {givers.map((one) => (
                <button
                  key={one.giver}
                  type="button"
                  role="radio"
                  aria-checked={giver === one.giver}
                  className="choice"
                  onClick={() => setGiver(one.giver)}
                >
                  <div className="strong">{one.label}</div>
                  <Text c="dimmed" size="xs">
                    {one.detail}
                  </Text>
                </button>
              ))}
              {name !== null && <Wire name={name} onFound={setGiver} />}
            </Stack>
          </section>
          <TextInput
            label={t('pages.folder-boot-files')}
            description={t('pages.relative-lab-file-pxe-lab')}
            value={files}
            onChange={(event) => setFiles(event.currentTarget.value)}
          />
        </Stack>
        <section aria-live="polite">
          {proposal && name !== null && giver !== null ? (
            <Stack gap={12}>
              <Title order={2}>{proposal.title}</Title>
              <ModePicture lab={{ ...labSchema.parse({ interface: name }), mode: proposal.mode }} />
              <Text>{proposal.explanation}</Text>
              {proposal.warnings.map((warning) => (
                <Alert key={warning} color="yellow" variant="light">
                  {warning}
                </Alert>
              ))}
              <details>
                <summary>{t('pages.lab-file-write', { path: lab?.path })}</summary>
                <Code block mt={8} className="mono">
                  {proposal.text}
                </Code>
              </details>
              <Group>
                <Button onClick={() => void save(true)} loading={isStarting}>
                  {t('pages.save-start')}
                </Button>
                <Button variant="default" onClick={() => void save(false)} disabled={isStarting}>
                  {t('pages.save-only')}
                </Button>
              </Group>
            </Stack>
          ) : (
            <Text c="dimmed">{t('pages.answer-both-questions-see-mode')}</Text>
          )}
        </section>
      </SimpleGrid>
    </div>
  )
}
