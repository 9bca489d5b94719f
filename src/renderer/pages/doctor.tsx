import { keyOf, say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Box, Button, FileButton, Group, Loader, Text, Title } from '@mantine/core'
import { useMemo, useState, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import type { Check, Diagnosis, Finding } from '#shared/diagnosis/doctor/finding.ts'
import { whyHeld } from '#shared/diagnosis/doctor/port-rules.ts'
import { alikeScopes, scopesTitle, type Prediction as Told } from '#shared/diagnosis/twin.ts'
import { bootPorts, type Facts } from '#shared/lab/facts.ts'
import { firmwareText } from '#shared/machines/pxe-client/firmwares.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { call } from '../connection.ts'
import { ChangesMade } from '../doctor/changes-made.tsx'
import { Commands } from '../doctor/commands.tsx'
import { bad, doubtful, good, Mark, unknown, type MarkStyle } from '../doctor/mark.tsx'
import { OnTheWire } from '../doctor/on-the-wire.tsx'
import { PastChecks } from '../doctor/past-checks.tsx'
import { RemedyButton } from '../doctor/remedy-dialog.tsx'
import { UseDhcpPorts } from '../doctor/use-dhcp-ports.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf, useRoute } from '../route.ts'
import { attempt, useStore } from '../store.ts'
import { readTextOf } from '../text-file.ts'
import { Rich } from '../parts/rich.tsx'

const colours = { error: 'var(--lab-bad)', warning: 'var(--lab-wait)', note: 'var(--lab-quiet)' } as const
const marks: Readonly<Record<Check['state'], MarkStyle>> = {
  passed: { ...good, word: t('doctor-page.state-passed') },
  failed: { ...bad, word: t('doctor-page.state-failed') },
  'not-applicable': { ...unknown, word: t('doctor-page.state-not-applicable') },
  unknown: { ...doubtful, word: t('doctor-page.state-unknown') },
}

export function FindingView({
  finding,
  facts,
  onChanged,
}: {
  readonly finding: Finding
  readonly facts: Facts
  /** Undefined for facts of another machine, which cannot be changed from here. */
  readonly onChanged: (() => void) | undefined
}): ReactElement {
  const { severity, title, says, evidence, reference, remedy } = finding
  return (
    <article aria-label={textOf(title)} className="finding" style={{ borderColor: colours[severity] }}>
      <Title order={2} size="h5">
        <WithCodes text={title} />
      </Title>
      <Text maw={760}>
        <WithCodes text={says} />
      </Text>
      {remedy && (
        <>
          <Text mt={6} maw={760}>
            <strong>{t('pages.remedy')}</strong> <WithCodes text={remedy.says} />
          </Text>
          <Commands title={t('pages.commands-administrator-click-copy')} commands={remedy.commands} />
          {remedy.undo.length > 0 && <Commands title={t('pages.undo')} commands={remedy.undo} />}
          {onChanged && <RemedyButton title={title} changes={remedy.changes} onChanged={onChanged} />}
        </>
      )}
      <details className="spaced">
        <summary>{t('pages.evidence')}</summary>
        <ul className="evidence-list">
          {evidence.map(({ says: fact, source, raw }) => (
            <li key={keyOf(fact)}>
              <WithCodes text={fact} />
              {raw !== undefined && <pre className="mono doctor-raw">{raw}</pre>}
              {raw !== undefined && facts.sources[source] && (
                <Text size="xs" c="dimmed">
                  {t('pages.from', { command: facts.sources[source].command })}
                </Text>
              )}
            </li>
          ))}
        </ul>
        <Text size="xs" c="dimmed">
          {reference}
        </Text>
      </details>
    </article>
  )
}

function Prediction({ told }: { readonly told: Told }): ReactElement {
  return (
    <section className="section" aria-label={t('pages.clients-do')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('pages.clients-do')}</Title>
        <Button
          component="a"
          size="compact-xs"
          variant="subtle"
          href={addressOf('simulator', 'server')}
          onClick={() => useStore.setState({ diagnosed: told.scenario })}
        >
          {t('pages.play-simulator')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mb={4}>
        {t('pages.simulated-here')}
        {told.assumes.length > 0 &&
          ` ${t('pages.assumed', { what: told.assumes.map((one) => textOf(one)).join(' ') })}`}
      </Text>
      <table className="grid-table">
        <tbody>
          {alikeScopes(told)
            .map((place) => ({ ...place, title: textOf(scopesTitle(place.scopes)) }))
            .flatMap((place) => [
              <tr key={place.title}>
                <th colSpan={3} scope="rowgroup">
                  {place.title}
                </th>
              </tr>,
              ...told.clients.map((client) => {
                const { state, line, because } = place.cells[client]!
                const word = t('doctor-page.client-ends', { state })
                return (
                  <tr key={`${place.title} ${client}`}>
                    <Box component="td" w={260}>
                      {firmwareText(client)}
                    </Box>
                    <Box component="td" w={100}>
                      <Mark {...(state === 'booted' ? good : state === 'unknown' ? doubtful : bad)} />
                      {word}
                    </Box>
                    <td>
                      {word === 'fails' && line !== '' && (
                        <div className="mono">
                          <WithCodes text={line} />
                        </div>
                      )}
                      <Text size="xs">{textOf(because)}</Text>
                    </td>
                  </tr>
                )
              }),
            ])}
        </tbody>
      </table>
    </section>
  )
}

function HeldPorts({ held }: { readonly held: NonNullable<Facts['udp']>['value'] }): ReactElement {
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <Box component="th" className="number" w={70}>
            {t('pages.udp-port')}
          </Box>
          <Box component="th" w={150}>
            {t('pages.address-title')}
          </Box>
          <Box component="th" w={190}>
            {t('pages.process')}
          </Box>
          <Box component="th" w={140}>
            {t('pages.since')}
          </Box>
          <th>{t('pages.typical-purpose')}</th>
        </tr>
      </thead>
      <tbody>
        {held.map((one) => {
          const { port, address, process, pid, services, since, namespace } = one
          return (
            <tr key={`${namespace} ${address}:${port}:${pid}`}>
              <td className="number mono">{port}</td>
              <td className="mono">
                {address}
                {namespace !== undefined && <div>{namespace}</div>}
              </td>
              <td>
                {process === undefined ? t('pages.visible-administrators-only') : `${process} (${pid})`}
                {services.length > 0 && <div>{services.join(', ')}</div>}
              </td>
              <td>{since === undefined ? '' : formatDateTime(Date.parse(since))}</td>
              <td>
                <Text size="xs">{textOf(whyHeld(one))}</Text>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Ports({ facts }: { readonly facts: Facts }): ReactElement {
  const held = facts.udp?.value.filter(({ port }) => bootPorts.includes(port))
  const here = held?.filter(({ namespace }) => namespace === undefined) ?? []
  const apart = held?.filter(({ namespace }) => namespace !== undefined) ?? []
  return (
    <section className="section" aria-label={t('pages.ports')}>
      <Title order={2} mb={4}>
        {t('pages.ports')}
      </Title>
      {held === undefined && <Text c="dimmed">{t('pages.report-does-not-say-programs')}</Text>}
      {held !== undefined && here.length === 0 && <Text c="dimmed">{t('pages.udp-67-68-69-4011')}</Text>}
      {here.length > 0 && <HeldPorts held={here} />}
      {apart.length > 0 && (
        <details className="doctor-left">
          <summary>{t('pages.ports-held-other-network-namespaces', { count: apart.length })}</summary>
          <HeldPorts held={apart} />
        </details>
      )}
    </section>
  )
}

/** Everything that was run, with what it printed. */
function Sources({ facts }: { readonly facts: Facts }): ReactElement {
  const sources = Object.entries(facts.sources)
  const dark = sources.filter(([, { problem }]) => problem !== undefined)
  if (sources.length === 0) return <></>
  return (
    <section className="section" aria-label={t('pages.run')}>
      <Title order={2} mb={4}>
        {t('pages.run')}
      </Title>
      {facts.isElevated === false && dark.length > 0 && (
        <Text size="sm" maw={760} mb={4}>
          {t('pages.run-administrator-get-more', { sources: dark.map(([, { command }]) => command).join('; ') })}
        </Text>
      )}
      <details className="doctor-left">
        <summary>{t('pages.sources-each-returned', { count: sources.length })}</summary>
        {sources.map(([name, { command, output, problem }]) => (
          <details key={name}>
            <summary className="wraps">
              <span className="mono">{command.length > 120 ? `${command.slice(0, 120)}…` : command}</span>
              {problem !== undefined && (
                <Text span size="xs" c="dimmed">
                  {' '}
                  {problem}
                </Text>
              )}
            </summary>
            <pre className="mono doctor-raw">{output.slice(0, 20_000)}</pre>
          </details>
        ))}
      </details>
    </section>
  )
}

/** What matters first; what does not apply here is one line that unfolds. */
function Checks({ diagnosis: { checks } }: { readonly diagnosis: Diagnosis }): ReactElement {
  const inState = (state: Check['state']): Check[] => checks.filter((one) => one.state === state)
  // What one missing fact leaves open is one line.
  const open = [...Map.groupBy(inState('unknown'), ({ detail }) => textOf(detail))]
  const left = inState('not-applicable')
  const lines = (all: readonly Check[]): ReactElement[] =>
    all.map(({ title, state, detail }) => (
      <div
        key={keyOf(title)}
        className="doctor-check"
        aria-label={`${textOf(title)}: ${marks[state].word}`}
        role="group"
      >
        <Mark {...marks[state]} />
        <div>
          {textOf(title)}
          {state !== 'passed' && (
            <Text span c="dimmed">
              {': '}
              <WithCodes text={detail} />
            </Text>
          )}
        </div>
      </div>
    ))
  return (
    <section className="section" aria-label={t('pages.checked')}>
      <Title order={2} mb={4}>
        {t('pages.checked')}
      </Title>
      {lines(inState('failed'))}
      {open.map(([detail, all]) =>
        all.length < 4 ? (
          lines(all)
        ) : (
          <details key={detail} className="doctor-left">
            <summary>
              <Mark {...marks.unknown} />
              {t('pages.checks-open', { count: all.length, which: detail })}
            </summary>
            {lines(all)}
          </details>
        ),
      )}
      {lines(inState('passed'))}
      {left.length > 0 && (
        <details className="doctor-left">
          <summary>{t('pages.checks-do-not-apply-here', { count: left.length })}</summary>
          {lines(left)}
        </details>
      )}
    </section>
  )
}

const portsPage = 'use-dhcp-ports'

/** What is wrong with the boot services of this machine, or of the one whose facts were brought. */
export function DoctorPage(): ReactElement {
  const here = useRead(() => call('doctor.collect', {}), 'here')
  const waitsFor = useStore((state) => state.doctor)
  const [brought, setBrought] = useState<{ readonly name: string; readonly facts: Facts }>()
  const facts = brought?.facts ?? here.value
  const made = useRead(() => call('remedy.list', {}), here.value)
  const past = useRead(() => call('doctor.history', {}), here.value)
  const checkAgain = here.again
  const { item } = useRoute()
  const diagnosis = useMemo(() => facts && diagnose(facts), [facts])
  const bring = async (file: File | null): Promise<void> => {
    if (!file) return
    const { text } = await readTextOf(file)
    await attempt(file.name, async () => setBrought({ name: file.name, facts: await call('doctor.read', { text }) }))
  }
  if (item === portsPage)
    return (
      <div className="page-body">
        <Button component="a" size="compact-xs" variant="subtle" mb="xs" href={addressOf('doctor')}>
          {t('pages.back-doctor')}
        </Button>
        <UseDhcpPorts facts={facts} onChanged={brought ? undefined : checkAgain} />
      </div>
    )
  return (
    <div className="page-body">
      {!facts || !diagnosis ? (
        here.error === undefined ? (
          <Group role="status">
            <Loader size="xs" /> {waitsFor === '' ? t('pages.checking') : t('pages.checking-now', { what: waitsFor })}
            <Button size="compact-xs" variant="default" onClick={() => void call('doctor.cancel', {})}>
              {t('pages.continue-known')}
            </Button>
          </Group>
        ) : (
          <Text c="var(--lab-bad)">{t('pages.machine-could-not-checked', { reason: here.error })}</Text>
        )
      ) : (
        <>
          <div role="status">
            <Title order={1} className="verdict-line">
              <WithCodes text={diagnosis.verdict} />
            </Title>
          </div>
          <Text c="dimmed" size="sm">
            {brought
              ? t('pages.report-brought', {
                  file: brought.name,
                  host: facts.host,
                  when: formatDateTime(Date.parse(facts.collectedAt)),
                })
              : t('pages.report', { host: facts.host, when: formatDateTime(Date.parse(facts.collectedAt)) })}
            {facts.isElevated === false && ` ${t('pages.run-elevated')}`}
          </Text>
          <Group gap="xs" mt="xs" mb="sm">
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setBrought(undefined)
                checkAgain()
              }}
            >
              {brought ? t('pages.check-machine') : t('pages.check-again')}
            </Button>
            <FileButton accept=".json,application/json" onChange={(file) => void bring(file)}>
              {(props) => (
                <Button size="xs" variant="default" {...props}>
                  {t('pages.check-collected-report')}
                </Button>
              )}
            </FileButton>
            <Button component="a" size="xs" variant="default" href={addressOf('doctor', 'ask')}>
              {t('pages.find-cause-failed-boot')}
            </Button>
            <Button component="a" size="xs" variant="default" href={addressOf('doctor', portsPage)}>
              {t('pages.one-port-two-services-usedhcpports')}
            </Button>
          </Group>
          <Text c="dimmed" size="xs" maw={760} mb="md">
            <Rich
              message={say('pages.collect-elsewhere')}
              tags={{ code: (text) => <span className="mono no-wrap">{text}</span> }}
            />
          </Text>
          {diagnosis.findings.length > 0 && (
            <section className="section" aria-label={t('pages.findings')}>
              <div className="finding-list">
                {diagnosis.findings.map((finding) => (
                  <FindingView
                    key={finding.id}
                    finding={finding}
                    facts={facts}
                    onChanged={brought ? undefined : checkAgain}
                  />
                ))}
              </div>
            </section>
          )}
          {!brought && <ChangesMade entries={made.value ?? []} onChanged={checkAgain} />}
          {diagnosis.prediction && <Prediction told={diagnosis.prediction} />}
          <Ports facts={facts} />
          {!brought && <OnTheWire />}
          <Checks diagnosis={diagnosis} />
          {!brought && <PastChecks checks={past.value ?? []} />}
          <Sources facts={facts} />
        </>
      )}
    </div>
  )
}
