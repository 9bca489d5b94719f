import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Box, Alert, Button, Group, Loader, Select, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { Reply } from '#shared/contract/calls.ts'
import type { CensusAnswer, RehearsedBoot } from '#shared/contract/documents.ts'
import { rehearsedEnd, rehearsedStep } from '#shared/contract/rehearsed.ts'
import { chooseInterface } from '#shared/lab/interface-choice.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'
import { bad, doubtful, good, Mark, type MarkStyle } from './mark.tsx'
import { Rich } from '../parts/rich.tsx'

type RehearsedClient6 = Exclude<RehearsedBoot['client'], CensusAnswer['client']>
const clients6: readonly RehearsedClient6[] = ['x64-uefi-ipv6', 'http-ipv6']
const clientNames: Readonly<Record<RehearsedBoot['client'], string>> = {
  bios: 'BIOS',
  'x64-uefi': 'UEFI x64',
  'arm64-uefi': 'UEFI ARM64',
  http: t('doctor-page.uefi-x64-http-boot'),
  'x64-uefi-ipv6': t('doctor-page.uefi-x64-over-ipv6'),
  'http-ipv6': t('doctor-page.uefi-x64-http-boot-over-ipv6'),
}
const rateText = (bytesPerSecond: number): string => `${tellBytes(bytesPerSecond)}/s`

const marks: Readonly<Record<RehearsedBoot['steps'][number]['state'], MarkStyle>> = {
  passed: { ...good, word: t('doctor-page.state-passed') },
  warning: { ...doubtful, word: t('doctor-page.state-warning') },
  failed: { ...bad, word: t('doctor-page.state-failed') },
}

interface Answer {
  readonly key: string
  readonly server: string
  readonly mac: string
  /** What it says, a line each. */
  readonly said: readonly ReactElement[]
  readonly afterMs: number
  readonly because: string
}

/** Who answered each kind of client, and what became of it. */
function AnswersTable({
  label,
  nobody,
  rows,
}: {
  readonly label: string
  /** Stands where nobody answered a client. */
  readonly nobody: string
  readonly rows: readonly { readonly client: RehearsedBoot['client']; readonly answers: readonly Answer[] }[]
}): ReactElement {
  return (
    <table className="grid-table" aria-label={label}>
      <thead>
        <tr>
          <Box component="th" w={120}>
            {t('doctor-page.client')}
          </Box>
          <Box component="th" w={215}>
            {t('doctor-page.server')}
          </Box>
          <Box component="th" w={230}>
            {t('doctor-page.answer')}
          </Box>
          <Box component="th" className="number" w={60}>
            {t('doctor-page.ms')}
          </Box>
          <th>{t('doctor-page.accepted')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ client, answers }) =>
          answers.length === 0 ? (
            <tr key={client}>
              <td>{clientNames[client]}</td>
              <td colSpan={4}>
                <Text size="sm" c="dimmed">
                  {nobody}
                </Text>
              </td>
            </tr>
          ) : (
            answers.map((one, index) => (
              <tr key={`${client} ${one.key}`}>
                <td>{index === 0 && clientNames[client]}</td>
                <td className="mono wraps">
                  {one.server}
                  <div className="quiet">{one.mac}</div>
                </td>
                <td className="wraps">{one.said}</td>
                <td className="number">{one.afterMs}</td>
                <td>
                  <Text size="xs">{one.because}</Text>
                </td>
              </tr>
            ))
          ),
        )}
      </tbody>
    </table>
  )
}

const line = (key: string, text: string, className?: string): ReactElement => (
  <div key={key} className={className}>
    {text}
  </div>
)

function Answers({ results }: { readonly results: readonly CensusAnswer[] }): ReactElement {
  const rows = results.map(({ client, offers }) => ({
    client,
    answers: offers.map((offer) => ({
      ...offer,
      key: `${offer.server} ${offer.role}`,
      said: [
        line('role', offer.role === 'dhcp' ? t('doctor-page.dhcp-offers', { address: offer.offered }) : 'proxyDHCP'),
        ...(offer.vendorClass === ''
          ? []
          : [line('class', t('doctor-page.option-60-is', { value: offer.vendorClass }))]),
        ...(offer.file === '' ? [] : [line('file', offer.file, 'mono')]),
        ...(offer.relay === '' ? [] : [line('relay', t('doctor-page.through-relay', { relay: offer.relay }))]),
      ],
    })),
  }))
  return <AnswersTable label={t('doctor-page.answers')} nobody={t('doctor-page.nobody-answers')} rows={rows} />
}

/** How fast each size of block and window came through, as bars. */
function Sweep({ boot }: { readonly boot: RehearsedBoot }): ReactElement | null {
  const fastest = Math.max(1, ...boot.sweep.map((one) => one.bytesPerSecond ?? 0))
  if (boot.sweep.length === 0) return null
  return (
    <table className="grid-table block-sizes" aria-label={t('doctor-page.block-sizes')}>
      <tbody>
        {boot.sweep.map((one) => (
          <tr key={`${one.blockSize} ${one.windowSize}`}>
            <Box component="td" className="number mono" w={150}>
              {one.blockSize} × {one.windowSize}
            </Box>
            <td>
              {one.problem === '' ? (
                <Group gap={8} wrap="nowrap">
                  <span
                    className="sweep-bar"
                    data-lossy={one.lost > 0}
                    style={{ width: Math.round((300 * (one.bytesPerSecond ?? 0)) / fastest) }}
                  />
                  <Text size="xs">
                    {rateText(one.bytesPerSecond ?? 0)}
                    {one.lost > 0 && t('doctor-page.lost', { lost: one.lost })}
                  </Text>
                </Group>
              ) : (
                <Text size="xs" c="var(--lab-bad)">
                  {t('doctor-page.does-not-come-through', { problem: one.problem })}
                </Text>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Boot({ boot }: { readonly boot: RehearsedBoot }): ReactElement {
  return (
    <article aria-label={t('doctor-page.rehearsed', { clientNames: clientNames[boot.client] })} className="spaced">
      <Title order={3} size="h5">
        {clientNames[boot.client]}: {rehearsedEnd(boot)}
      </Title>
      {boot.steps.map(({ name, state, detail }) => {
        const mark = marks[state]
        const text = rehearsedStep({ name, detail })
        return (
          <div key={`${name} ${detail}`} className="line" aria-label={`${name}: ${mark.word}`} role="group">
            <Mark {...mark} />
            {text.slice(0, text.length - detail.length)}
            <Text span size="sm" {...(state === 'passed' ? { c: 'dimmed' } : {})}>
              {detail}
            </Text>
          </div>
        )
      })}
      {boot.program && (
        <Text size="xs" c="dimmed" className="wraps">
          <Rich
            message={say('doctor-page.program-loaded', {
              size: tellBytes(boot.program.bytes),
              rate: rateText(boot.program.bytesPerSecond),
              hash: boot.program.sha256,
            })}
            tags={{ hash: (text) => <span className="mono">{text}</span> }}
          />
        </Text>
      )}
      <Sweep boot={boot} />
    </article>
  )
}

const bootingAs = t('doctor-page.booting-2')

type Census = Reply<'wire.census'>
type Over6 = NonNullable<Census['ipv6']>

function AnswersOver6({ results }: Pick<Over6, 'results'>): ReactElement {
  const rows = results.map(({ client, advertises }) => ({
    client,
    answers: advertises.map((one) => ({
      ...one,
      key: `${one.server} ${one.url} ${one.offered}`,
      said: [
        line(
          'address',
          one.offered === '' ? t('doctor-page.no-address') : t('doctor-page.offers', { address: one.offered }),
        ),
        ...(one.vendorClass === '' ? [] : [line('class', t('doctor-page.option-16-is', { value: one.vendorClass }))]),
        ...(one.url === '' ? [] : [line('file', one.url, 'mono')]),
      ],
    })),
  }))
  return (
    <AnswersTable
      label={t('doctor-page.answers-over-ipv6')}
      nobody={t('doctor-page.no-dhcpv6-server-answers')}
      rows={rows}
    />
  )
}

function Routers({ routers }: Pick<Over6, 'routers'>): ReactElement {
  return (
    <table className="grid-table spaced" aria-label={t('doctor-page.routers')}>
      <thead>
        <tr>
          <Box component="th" w={310}>
            {t('doctor-page.router')}
          </Box>
          <Box component="th" w={70}>
            {t('doctor-page.flag-m')}
          </Box>
          <Box component="th" w={70}>
            {t('doctor-page.flag-o')}
          </Box>
          <Box component="th" w={160}>
            {t('doctor-page.default-router')}
          </Box>
          <th>{t('doctor-page.networks')}</th>
        </tr>
      </thead>
      <tbody>
        {routers.map(({ address, isManaged, hasOther, lifetimeSeconds, prefixes }) => (
          <tr key={address}>
            <td className="mono wraps">{address}</td>
            <td>{isManaged ? t('doctor-page.on') : t('doctor-page.off')}</td>
            <td>{hasOther ? t('doctor-page.on') : t('doctor-page.off')}</td>
            <td>{lifetimeSeconds > 0 ? t('doctor-page.s', { lifetimeSeconds }) : t('common.no')}</td>
            <td className="wraps">
              {prefixes.map((one) => (
                <div key={one.text} className="mono">
                  {one.text}
                  {one.isAutonomous && t('doctor-page.machines-make-addresses')}
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function AnsweredOver6({ over6 }: { readonly over6: Over6 }): ReactElement {
  const { results, complaint, routers, routersComplaint, notes } = over6
  return (
    <div className="spaced" role="group" aria-label={t('doctor-page.over-ipv6')}>
      <Title order={3} size="h5" mb={4}>
        {t('doctor-page.over-ipv6')}
      </Title>
      {notes.map((note) => (
        <Text key={note} size="sm" maw={760} mb={4}>
          {note}
        </Text>
      ))}
      {complaint === undefined ? (
        <AnswersOver6 results={results} />
      ) : (
        <Text size="sm" c="dimmed">
          {t('doctor-page.dhcpv6-servers-could-not-asked', { reason: complaint })}
        </Text>
      )}
      {routersComplaint === undefined ? (
        routers.length > 0 && <Routers routers={routers} />
      ) : (
        <Text size="sm" c="dimmed">
          {t('doctor-page.routers-could-not-heard', { routersComplaint })}
        </Text>
      )}
    </div>
  )
}

function RehearseButton({
  client,
  disabled,
  onClick,
}: {
  readonly client: RehearsedBoot['client']
  readonly disabled: boolean
  readonly onClick: () => void
}): ReactElement {
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t('doctor-page.rehearse-boot', { clientNames: clientNames[client] })}
      disabled={disabled}
      onClick={onClick}
    >
      {clientNames[client]}
    </Button>
  )
}

/** Who answers PXE clients on a wire, and a boot of each kind played on it. */
export function OnTheWire(): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const wire = useStore((one) => one.wire)
  const [chosen, setChosen] = useState<string | null>(null)
  const name = chosen ?? chooseInterface(interfaces).recommended ?? interfaces[0]?.name ?? null
  const [busy, setBusy] = useState<string>()
  const [census, setCensus] = useState<Census>()
  const [boots, setBoots] = useState<readonly RehearsedBoot[]>([])
  const working = async (text: string, work: () => Promise<unknown>): Promise<void> => {
    useStore.setState({ wire: '' })
    setBusy(text)
    await attempt(t('doctor-page.wire'), work)
    setBusy(undefined)
  }
  const ask = (): Promise<void> =>
    working(t('doctor-page.asking-client-each-kind-4'), async () => {
      setBoots([])
      setCensus(await call('wire.census', { interface: name! }))
    })
  const rehearse = (client: RehearsedBoot['client'], play: () => Promise<RehearsedBoot | null>): Promise<void> =>
    working(`${bootingAs} ${clientNames[client]}`, async () => {
      const boot = await play()
      if (boot) setBoots((before) => [boot, ...before.filter((one) => one.client !== boot.client)])
    })
  // Beside the button that began it.
  const isBooting = busy?.startsWith(bootingAs) === true
  const progress = (
    <Group gap="xs" role="status">
      <Loader size="xs" />
      <Text size="sm">{wire === '' ? busy : wire}</Text>
      <Button size="compact-xs" variant="default" onClick={() => void call('wire.cancel', {})}>
        {t('common.stop')}
      </Button>
    </Group>
  )
  return (
    <section className="section" aria-label={t('doctor-page.wire-2')}>
      <Title order={2} mb={4}>
        {t('doctor-page.wire-2')}
      </Title>
      <Text size="xs" c="dimmed" maw={760} mb={6}>
        {t('doctor-page.asks-pxe-clients-do-tells')}
      </Text>
      <Group gap="sm" align="flex-end">
        <Select
          size="xs"
          label={t('doctor-page.interface')}
          allowDeselect={false}
          data={interfaces.map((one) => one.name)}
          value={name}
          onChange={setChosen}
        />
        <Button size="xs" disabled={name === null || busy !== undefined} onClick={() => void ask()}>
          {t('doctor-page.find-dhcp-pxe-servers')}
        </Button>
        {busy !== undefined && !isBooting && progress}
      </Group>
      {census?.complaint !== undefined && (
        <Alert color="orange" variant="light" mt="xs" title={t('doctor-page.wire-cannot-asked')}>
          {t('doctor-page.start-pxe-lab-administrator-rights', { reason: census.complaint })}
        </Alert>
      )}
      {census && census.complaint === undefined && (
        <div className="spaced">
          {census.warnings.map((warning) => (
            <Alert key={warning} color="orange" variant="light" mb={4} p="xs">
              {warning}
            </Alert>
          ))}
          <Answers results={census.results} />
        </div>
      )}
      {census?.ipv6 && <AnsweredOver6 over6={census.ipv6} />}
      {census && census.complaint === undefined && (
        <Group gap="xs" mt={12} role="group" aria-label={t('doctor-page.rehearse-boot-2')}>
          <Text size="sm">{t('doctor-page.rehearse-boot-3')}</Text>
          {census.results.map((heard) => (
            <RehearseButton
              key={heard.client}
              client={heard.client}
              disabled={busy !== undefined}
              onClick={() =>
                void rehearse(heard.client, () => call('wire.rehearse', { interface: name!, census: heard }))
              }
            />
          ))}
          {clients6.map((client) => (
            <RehearseButton
              key={client}
              client={client}
              disabled={busy !== undefined}
              onClick={() => void rehearse(client, () => call('wire.rehearseIpv6', { interface: name!, client }))}
            />
          ))}
          {isBooting && progress}
        </Group>
      )}
      {boots.map((boot) => (
        <Boot key={boot.client} boot={boot} />
      ))}
    </section>
  )
}
