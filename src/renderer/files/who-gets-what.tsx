import { t, textOf } from '#messages/text.ts'
import { Anchor, Button, Group, Select, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { parseMac } from '#shared/wire/bytes.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { addressOf } from '../route.ts'
import { attempt } from '../store.ts'
import { kindNames, kinds, tryMachines, type Kind, type Tried } from './try-machines.ts'

function Row({ tried: { kind, file, reason, next, outcome } }: { readonly tried: Tried }): ReactElement {
  const isBooted = outcome.state === 'booted'
  // Nobody has to serve machines of every kind; that these two get nothing is told above.
  const look = isBooted ? 'good-text' : file === undefined ? 'quiet-text' : 'bad-text'
  return (
    <tr>
      <td>{kindNames[kind]}</td>
      <td title={reason}>
        {file === undefined ? (
          <Text size="sm">{t('files.gets-nothing', { reason })}</Text>
        ) : (
          <span className="mono">{file}</span>
        )}
        {next !== undefined && (
          <Text size="xs" c={next === null ? 'var(--lab-bad)' : 'dimmed'}>
            {next === null ? t('files.ipxe-runs-gets-nothing-make') : t('files.ipxe-runs-gets', { file: next })}
          </Text>
        )}
      </td>
      <td className={look}>
        <span className="dot" data-shape={isBooted ? 'dot' : 'square'} />
        {isBooted
          ? t('files.boots-s', { time: outcome.seconds })
          : [outcome.code, textOf(outcome.because)].filter(Boolean).join(': ')}
      </td>
    </tr>
  )
}

/** A machine, by its kind and perhaps its MAC address: which file it would get, and whether it boots. */
export function WhoGetsWhat({ lab, boot }: { readonly lab: Lab; readonly boot: BootFiles }): ReactElement {
  const [kind, setKind] = useState<string>('all')
  const [mac, setMac] = useState('')
  const [result, setResult] = useState<{ readonly of: Lab; readonly rows: readonly Tried[] }>()
  const [isBusy, setBusy] = useState(false)
  const parsed = mac.trim() === '' ? undefined : parseMac(mac.trim())
  const isWrong = mac.trim() !== '' && parsed === undefined
  const tryIt = async (): Promise<void> => {
    setBusy(true)
    const wanted = kind === 'all' ? kinds : [kind as Kind]
    const rows = await attempt(t('files.try'), () => tryMachines(lab, boot, wanted, parsed))
    setBusy(false)
    setResult(rows && { of: lab, rows })
  }
  return (
    <section className="section" aria-label={t('files.who-would-get')}>
      <Title order={2}>{t('files.who-would-get')}</Title>
      <Group mt={8} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void tryIt())}>
        <Select
          label={t('files.machine')}
          data={[
            { value: 'all', label: t('files.every-kind') },
            ...kinds.map((one) => ({ value: one, label: kindNames[one] })),
          ]}
          value={kind}
          onChange={(value) => value !== null && setKind(value)}
          allowDeselect={false}
          w={220}
        />
        <TextInput
          label={t('files.mac-address')}
          placeholder={t('files.any')}
          value={mac}
          onChange={(event) => setMac(event.currentTarget.value)}
          error={isWrong ? t('files.six-octets-such-52-54') : undefined}
          w={220}
        />
        <Button type="submit" variant="default" disabled={isWrong} loading={isBusy}>
          {t('files.try')}
        </Button>
      </Group>
      {result && (
        <div role="status">
          <table className="grid-table tried">
            <thead>
              <tr>
                <th>{t('files.machine')}</th>
                <th>{t('files.gets')}</th>
                <th>{t('files.simulated')}</th>
              </tr>
            </thead>
            <tbody>
              {result.rows.map((one) => (
                <Row key={one.kind} tried={one} />
              ))}
            </tbody>
          </table>
          <Text size="xs" c="dimmed">
            {result.of === lab ? '' : `${t('files.lab-changed-since-try-again')} `}
            <Anchor size="xs" href={addressOf('simulator', 'lab')}>
              {t('files.play-these-boots-step-step')}
            </Anchor>
          </Text>
        </div>
      )}
    </section>
  )
}
