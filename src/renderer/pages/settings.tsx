import { languages, pseudo } from '#messages/languages.ts'
import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import {
  Button,
  Group,
  NumberInput,
  Select,
  SegmentedControl,
  Switch,
  Text,
  TextInput,
  Title,
  useMantineColorScheme,
  NativeSelect,
} from '@mantine/core'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { CallFailure } from '#shared/contract/channel.ts'
import type { LabState } from '#shared/contract/calls.ts'
import type { SchemaNode } from '#shared/lab/completions.ts'
import { labJsonSchema, modes, type Lab } from '#shared/lab/lab.ts'
import { call } from '../connection.ts'
import { changeLab, changeLabOrThrow, writeLab } from '../files/change-lab.ts'
import { marksOf, problemText } from '../parts/problem-text.ts'
import { chooseLanguage, chosenLanguage } from '../language.ts'
import { SettingRow } from '../parts/setting-row.tsx'
import { TextEditor } from '../parts/text-editor.tsx'
import { useDraft } from '../parts/use-draft.ts'
import { DesktopSettings } from '../shell/desktop-settings.tsx'
import { confirm } from '../shell/sheets.ts'
import { addressOf, go, useRoute } from '../route.ts'
import { attempt, useStore } from '../store.ts'

/** A text is checked when nothing was typed for this long. */
const checkAfterMs = 300
/** What is longer is checked when it is saved. */
const longestChecked = 200_000
const schema = labJsonSchema() as SchemaNode

const change = (label: string, path: readonly (string | number)[], value: unknown): Promise<unknown> =>
  changeLab(
    t('pages.setting-is', {
      setting: label,
      value: typeof value === 'boolean' ? say(value ? 'pages.on' : 'pages.off') : String(value),
    }),
    [{ path, value }],
  )

/**
 * What is typed, saved when one leaves it; what is refused stays, with the reason, and so does what is typed while the value changes
 * elsewhere.
 */
function useSaved(
  value: string,
  write: (text: string) => Promise<unknown>,
): {
  readonly value: string
  readonly set: (text: string) => void
  readonly leave: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly error: string | undefined
} {
  const [text, setText] = useState(value)
  const [error, setError] = useState<string>()
  /** Whether somebody else changed the value under what is typed: only Enter replaces that. */
  const [isOutdated, setOutdated] = useState(false)
  const last = useRef({ value, saved: value })
  const take = (): void => {
    setText(value)
    setError(undefined)
    setOutdated(false)
  }
  useEffect(() => {
    const isTyped = ![value, last.current.value, last.current.saved].includes(text)
    const isNew = value !== last.current.value
    last.current = { value, saved: value }
    if (!isTyped) return take()
    if (!isNew) return
    setOutdated(true)
    setError(
      value === ''
        ? t('pages.changed-elsewhere-nothing-enter-saves')
        : t('pages.changed-elsewhere-enter-saves-yours', { value }),
    )
    // Typing changes nothing here.
  }, [value])
  const save = async (): Promise<void> => {
    if (text === value) return take()
    try {
      last.current.saved = text
      await write(text)
      setError(undefined)
      setOutdated(false)
    } catch (problem) {
      last.current.saved = value
      const { message, remedy } = problem as CallFailure
      setError([message, remedy].filter(Boolean).join('. '))
    }
  }
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'Enter') void save()
    if (key === 'Escape') take()
  }
  return { value: text, set: setText, leave: () => void (isOutdated || save()), onKeyDown, error }
}

interface SavedProps<T> {
  readonly path: (string | number)[]
  readonly value: T
  readonly label: string
}

/** An empty text removes the key. */
function SavedText({ path, value, label }: SavedProps<string | undefined>): ReactElement {
  const saved = useSaved(value ?? '', (text) =>
    changeLabOrThrow(t('pages.setting-is', { setting: label, value: text || say('pages.not-set') }), [
      text === '' ? { path } : { path, value: text },
    ]),
  )
  return (
    <TextInput
      aria-label={label}
      value={saved.value}
      error={saved.error}
      onChange={(event) => saved.set(event.currentTarget.value)}
      onBlur={saved.leave}
      onKeyDown={saved.onKeyDown}
    />
  )
}

function SavedNumber({ path, value, label, suffix }: SavedProps<number> & { readonly suffix: string }): ReactElement {
  const saved = useSaved(String(value), (text) =>
    changeLabOrThrow(t('pages.setting-is', { setting: label, value: text }), [{ path, value: Number(text) }]),
  )
  return (
    <NumberInput
      aria-label={label}
      value={saved.value}
      error={saved.error}
      onChange={(text) => saved.set(String(text))}
      onBlur={saved.leave}
      onKeyDown={saved.onKeyDown}
      suffix={suffix}
      hideControls
    />
  )
}

function Subnet({
  subnet,
  index,
}: {
  readonly subnet: Lab['dhcp']['subnets'][number]
  readonly index: number
}): ReactElement {
  const path = ['dhcp', 'subnets', index]
  return (
    <section className="subnet" aria-label={t('pages.subnet-2', { subnet: subnet.subnet })}>
      <SettingRow label={t('pages.subnet')} hint={t('pages.network-prefix-length')}>
        <SavedText path={[...path, 'subnet']} value={subnet.subnet} label={t('pages.subnet')} />
      </SettingRow>
      {subnet.pools.map((pool, at) => (
        <SettingRow
          key={at}
          label={subnet.pools.length > 1 ? t('pages.pool-number', { number: at + 1 }) : t('pages.pool')}
          hint={t('pages.first-last-address-give-out')}
        >
          <Group grow gap={8}>
            <SavedText
              path={[...path, 'pools', at, 'start']}
              value={pool.start}
              label={t('pages.pool-first-address', { number: at + 1 })}
            />
            <SavedText
              path={[...path, 'pools', at, 'end']}
              value={pool.end}
              label={t('pages.pool-last-address', { number: at + 1 })}
            />
          </Group>
        </SettingRow>
      ))}
      <SettingRow label={t('pages.router')} hint={t('pages.option-3-may-stay-empty')}>
        <SavedText path={[...path, 'router']} value={subnet.router} label={t('pages.router')} />
      </SettingRow>
      {subnet.reservations.length > 0 && (
        <table className="grid-table">
          <thead>
            <tr>
              <th>{t('pages.reserved-address')}</th>
              <th>{t('pages.client-title')}</th>
              <th>{t('pages.name')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {subnet.reservations.map((one, at) => (
              <tr key={`${one.address}${one.mac ?? one.uuid ?? one.clientId}`}>
                <td className="mono">{one.address}</td>
                <td className="mono">{one.mac ?? one.uuid ?? one.clientId}</td>
                <td>{one.hostname}</td>
                <td className="number">
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    onClick={() =>
                      void changeLab(t('pages.reservation-removed', { address: one.address }), [
                        { path: [...path, 'reservations'], value: subnet.reservations.toSpliced(at, 1) },
                      ])
                    }
                  >
                    {t('pages.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

/** Giving IPv4 addresses takes a subnet: the first time, that of the interface comes with the mode. One without IPv4 has none, and needs none. */
const changeMode = (lab: Lab, name: string, mode: string, hasIpv4: boolean): Promise<unknown> =>
  attempt(t('pages.mode'), async () => {
    const needsSubnet = hasIpv4 && mode === 'dhcp' && lab.dhcp.subnets.length === 0
    const subnets = needsSubnet ? [await call('setup.subnet', { interface: name })] : []
    await changeLabOrThrow(t('pages.setting-is', { setting: say('pages.mode'), value: mode }), [
      { path: ['mode'], value: mode },
      ...(needsSubnet ? [{ path: ['dhcp', 'subnets'], value: subnets }] : []),
    ])
  })

function Form({ lab }: { readonly lab: Lab }): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const chosen = typeof lab.interface === 'string' ? lab.interface : lab.interface[0]!
  const ipv6Interfaces = useStore((one) => one.ipv6Interfaces)
  const served = [...interfaces, ...(lab.ipv6.enabled ? ipv6Interfaces : [])]
  const names = [...new Set([chosen, ...served.map((one) => one.name)])]
  return (
    <>
      <section className="section">
        <Title order={2} mb={4}>
          {t('pages.network')}
        </Title>
        <SettingRow
          label={t('pages.interface')}
          hint={
            typeof lab.interface === 'string'
              ? t('pages.machines-boot')
              : t('pages.more-file', { count: lab.interface.length - 1 })
          }
        >
          <Select
            aria-label={t('pages.interface')}
            data={names}
            value={chosen}
            allowDeselect={false}
            onChange={(value) => value && void change(t('pages.interface'), ['interface'], value)}
          />
        </SettingRow>
        <SettingRow label={t('pages.mode')} hint={t('pages.questions-machine-answers')}>
          <Select
            aria-label={t('pages.mode')}
            data={[...modes]}
            value={lab.mode}
            allowDeselect={false}
            onChange={(value) =>
              value && void changeMode(lab, chosen, value, !ipv6Interfaces.some((one) => one.name === chosen))
            }
          />
        </SettingRow>
        <SettingRow label={t('pages.answer-beside-other-dhcp-servers')} hint={t('pages.off-start-asks-wire-refuses')}>
          <Switch
            aria-label={t('pages.answer-beside-other-dhcp-servers')}
            checked={lab.allowOtherServers}
            onChange={(event) =>
              void change(
                t('pages.answer-beside-other-dhcp-servers'),
                ['allowOtherServers'],
                event.currentTarget.checked,
              )
            }
          />
        </SettingRow>
      </section>
      <section className="section">
        <Title order={2} mb={4}>
          {t('pages.addresses')}
        </Title>
        <SettingRow label={t('pages.lease')} hint={t('pages.how-long-client-may-keep')}>
          <SavedNumber
            path={['dhcp', 'leaseSeconds']}
            value={lab.dhcp.leaseSeconds}
            label={t('pages.lease-seconds')}
            suffix=" s"
          />
        </SettingRow>
        <SettingRow label={t('pages.option-60-every-reply')} hint={t('pages.none-pxeclient-co-hosted-boot')}>
          <SavedText
            path={['dhcp', 'vendorClass']}
            value={lab.dhcp.vendorClass}
            label={t('pages.option-60-every-reply')}
          />
        </SettingRow>
        {lab.dhcp.subnets.length === 0 && (
          <Text c="dimmed" py={6}>
            {t('pages.no-subnet-choosing-mode-dhcp', { chosen })}
          </Text>
        )}
        {lab.dhcp.subnets.map((subnet, index) => (
          <Subnet key={index} subnet={subnet} index={index} />
        ))}
      </section>
      <section className="section">
        <Title order={2} mb={4}>
          {t('pages.files')}
        </Title>
        <SettingRow label={t('pages.folder-boot-files')} hint={t('pages.relative-lab-file')}>
          <SavedText path={['boot', 'files']} value={lab.boot.files} label={t('pages.folder-boot-files')} />
        </SettingRow>
        <SettingRow label={t('pages.tftp')} hint={t('pages.udp-port-2', { tftp: lab.ports.tftp })}>
          <Switch
            aria-label={t('pages.tftp')}
            checked={lab.tftp.enabled}
            onChange={(event) => void change(t('pages.tftp'), ['tftp', 'enabled'], event.currentTarget.checked)}
          />
        </SettingRow>
        <SettingRow label={t('pages.largest-tftp-block')} hint={t('pages.1468-fits-ethernet-more-travels')}>
          <SavedNumber
            path={['tftp', 'maxBlockSize']}
            value={lab.tftp.maxBlockSize}
            label={t('pages.largest-tftp-block')}
            suffix={` ${t('pages.unit-bytes')}`}
          />
        </SettingRow>
        <SettingRow label={t('pages.largest-tftp-window')} hint={t('pages.blocks-sent-before-acknowledgement')}>
          <SavedNumber
            path={['tftp', 'maxWindowSize']}
            value={lab.tftp.maxWindowSize}
            label={t('pages.largest-tftp-window')}
            suffix={` ${t('pages.unit-blocks')}`}
          />
        </SettingRow>
        <SettingRow label={t('pages.http-boot')} hint={t('pages.same-folder-tcp-port', { port: lab.http.port })}>
          <Switch
            aria-label={t('pages.http-boot')}
            checked={lab.http.enabled}
            onChange={(event) => void change(t('pages.http-boot'), ['http', 'enabled'], event.currentTarget.checked)}
          />
        </SettingRow>
        <SettingRow label={t('pages.https-boot')} hint={t('pages.same-folder-over-tls-tcp', { port: lab.https.port })}>
          <Switch
            aria-label={t('pages.https-boot')}
            checked={lab.https.enabled}
            onChange={(event) => void change(t('pages.https-boot'), ['https', 'enabled'], event.currentTarget.checked)}
          />
        </SettingRow>
      </section>
    </>
  )
}

/** The lab file as text, checked while it is written. */
function LabText({ lab }: { readonly lab: LabState }): ReactElement {
  const { text, isEdited, isOutdated, set, discard } = useDraft(lab.path, lab.text)
  const [problems, setProblems] = useState<LabState['problems']>(lab.problems)
  useEffect(() => {
    if (text === lab.text) return setProblems(lab.problems)
    if (text.length > longestChecked) return setProblems([])
    let isCurrent = true
    const timer = window.setTimeout(
      () =>
        void call('lab.check', { text }).then(
          (found) => isCurrent && setProblems(found),
          // The connection went: what was marked stays until it is back.
          () => {},
        ),
      checkAfterMs,
    )
    return () => {
      isCurrent = false
      window.clearTimeout(timer)
    }
  }, [text, lab.text, lab.problems])
  const marks = useMemo(() => marksOf(problems), [problems])
  const save = async (): Promise<void> => {
    const isSure =
      !isOutdated ||
      (await confirm({
        title: t('pages.replace-lab-file'),
        text: t('pages.changed-since-you-began-disk'),
        action: t('pages.replace'),
      }))
    if (!isSure) return
    await attempt(t('pages.lab-file'), async () => {
      await writeLab(t('pages.lab-file-saved'), text)
      discard()
    })
  }
  return (
    <section className="section">
      <div className="lab-text">
        <TextEditor
          label={t('pages.text-lab-file')}
          language="yaml"
          value={text}
          onChange={set}
          problems={marks}
          schema={schema}
        />
      </div>
      {problems.map((one) => (
        <Text key={`${one.line}${one.field}`} c="var(--lab-bad)" role="alert" mt={4}>
          {problemText(one)}
        </Text>
      ))}
      {isOutdated && (
        <Text c="var(--lab-wait)" role="status" mt={4}>
          {t('pages.lab-file-changed-since-you')}
        </Text>
      )}
      <Group mt={12}>
        <Button disabled={!isEdited} onClick={() => void save()}>
          {t('pages.save')}
        </Button>
        <Button variant="default" disabled={!isEdited} onClick={discard}>
          {t('pages.discard-changes')}
        </Button>
      </Group>
    </section>
  )
}

/** The languages to choose from; the one for tests where it is chosen. */
const offered = chosenLanguage() === pseudo.tag ? [...languages, pseudo] : languages

export function SettingsPage(): ReactElement {
  const lab = useStore((one) => one.lab)
  const remarks = useStore((one) => one.remarks)
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { item } = useRoute()
  if (!lab) return <div className="page-body" />
  const isForm = item !== 'text' && lab.lab !== null
  return (
    <div className="page-body">
      <Group justify="space-between">
        <Title order={1}>{t('pages.settings')}</Title>
        {lab.exists && (
          <SegmentedControl
            size="xs"
            aria-label={t('pages.view')}
            value={isForm ? 'form' : 'text'}
            onChange={(view) => go('settings', view === 'text' ? view : undefined, true)}
            data={[
              { value: 'form', label: t('pages.form'), disabled: lab.lab === null },
              { value: 'text', label: t('pages.lab-file') },
            ]}
          />
        )}
      </Group>
      <Text c="dimmed" className="mono">
        {lab.path}
      </Text>
      {lab.exists && (isForm && lab.lab ? <Form lab={lab.lab} /> : <LabText lab={lab} />)}
      {!lab.exists && (
        <section className="section" aria-label={t('pages.no-lab-yet')}>
          <Text mb={8}>{t('pages.lab-file-does-not-exist')}</Text>
          <Button component="a" href={addressOf('lab')}>
            {t('pages.set-up-lab-2')}
          </Button>
        </section>
      )}
      <section className="section">
        <Title order={2} mb={4}>
          {t('pages.appearance')}
        </Title>
        <SettingRow label={t('pages.colours')} hint={t('pages.auto-follows-system')}>
          <SegmentedControl
            size="xs"
            aria-label={t('pages.colours')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value)}
            data={[
              { value: 'auto', label: t('pages.auto') },
              { value: 'light', label: t('pages.light') },
              { value: 'dark', label: t('pages.dark') },
            ]}
          />
        </SettingRow>
        {offered.length > 1 && (
          <SettingRow label={t('shell.language')} hint={t('shell.language-hint')}>
            <NativeSelect
              size="xs"
              aria-label={t('shell.language')}
              value={chosenLanguage() ?? ''}
              onChange={(event) => chooseLanguage(event.currentTarget.value || undefined)}
              data={[
                { value: '', label: t('shell.language-of-system') },
                ...offered.map(({ tag, name }) => ({ value: tag, label: name })),
              ]}
            />
          </SettingRow>
        )}
        {remarks.map((remark) => (
          <Text key={remark} c="dimmed">
            {remark}
          </Text>
        ))}
      </section>
      <DesktopSettings />
    </div>
  )
}
