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
        {file === undefined ? <Text size="sm">nothing: {reason}</Text> : <span className="mono">{file}</span>}
        {next !== undefined && (
          <Text size="xs" c={next === null ? 'var(--lab-bad)' : 'dimmed'}>
            {next === null ? 'iPXE runs, and gets nothing: make a menu below' : `iPXE runs, and gets ${next}`}
          </Text>
        )}
      </td>
      <td className={look}>
        <span className="dot" data-shape={isBooted ? 'dot' : 'square'} />
        {isBooted
          ? `boots in ${outcome.seconds.toFixed(1)} s`
          : [outcome.code, outcome.because].filter(Boolean).join(': ')}
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
    const rows = await attempt('Try', () => tryMachines(lab, boot, wanted, parsed))
    setBusy(false)
    setResult(rows && { of: lab, rows })
  }
  return (
    <section className="section" aria-label="Who would get what">
      <Title order={2}>Who would get what</Title>
      <Group mt={8} align="flex-end" component="form" onSubmit={(event) => (event.preventDefault(), void tryIt())}>
        <Select
          label="Machine"
          data={[{ value: 'all', label: 'Every kind' }, ...kinds.map((one) => ({ value: one, label: kindNames[one] }))]}
          value={kind}
          onChange={(value) => value !== null && setKind(value)}
          allowDeselect={false}
          w={220}
        />
        <TextInput
          label="MAC address"
          placeholder="any"
          value={mac}
          onChange={(event) => setMac(event.currentTarget.value)}
          error={isWrong ? 'six octets such as 52:54:00:00:00:01' : undefined}
          w={220}
        />
        <Button type="submit" variant="default" disabled={isWrong} loading={isBusy}>
          Try
        </Button>
      </Group>
      {result && (
        <div role="status">
          <table className="grid-table tried">
            <thead>
              <tr>
                <th>Machine</th>
                <th>Gets</th>
                <th>Simulated</th>
              </tr>
            </thead>
            <tbody>
              {result.rows.map((one) => (
                <Row key={one.kind} tried={one} />
              ))}
            </tbody>
          </table>
          <Text size="xs" c="dimmed">
            {result.of === lab ? '' : 'The lab has changed since; try again. '}
            <Anchor size="xs" href={addressOf('simulator', 'lab')}>
              Play these boots step by step
            </Anchor>
          </Text>
        </div>
      )}
    </section>
  )
}
