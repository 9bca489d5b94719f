import {
  Button,
  Group,
  NumberInput,
  Select,
  SegmentedControl,
  Switch,
  Text,
  Textarea,
  TextInput,
  Title,
  useMantineColorScheme,
} from '@mantine/core'
import { useEffect, useState, type ReactElement } from 'react'
import { modes, type Lab } from '#shared/lab/lab.ts'
import { call } from '../connection.ts'
import { problemText } from '../parts/problem-text.ts'
import { SettingRow } from '../parts/setting-row.tsx'
import { DesktopSettings } from '../shell/desktop-settings.tsx'
import { attempt, useStore } from '../store.ts'

const change = (path: (string | number)[], value: unknown): Promise<unknown> =>
  attempt(path.join('.'), () => call('lab.change', { changes: [{ path, value: value as never }] }))

/** What is typed, saved when one leaves it; what is refused comes back as it was. */
function useSaved(
  value: string,
  save: (text: string) => Promise<unknown>,
): { value: string; set: (text: string) => void; leave: () => void } {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const leave = async (): Promise<void> => {
    if (text !== value && (await save(text)) === undefined) setText(value)
  }
  return { value: text, set: setText, leave: () => void leave() }
}

interface SavedProps<T> {
  readonly path: (string | number)[]
  readonly value: T
  readonly label: string
}

/** An empty text removes the key. */
function SavedText({ path, value, label }: SavedProps<string | undefined>): ReactElement {
  const saved = useSaved(value ?? '', (text) =>
    attempt(label, () => call('lab.change', { changes: [text === '' ? { path } : { path, value: text }] })),
  )
  return (
    <TextInput
      aria-label={label}
      value={saved.value}
      onChange={(event) => saved.set(event.currentTarget.value)}
      onBlur={saved.leave}
    />
  )
}

function SavedNumber({ path, value, label, suffix }: SavedProps<number> & { readonly suffix: string }): ReactElement {
  const saved = useSaved(String(value), (text) => change(path, Number(text)))
  return (
    <NumberInput
      aria-label={label}
      value={saved.value}
      onChange={(text) => saved.set(String(text))}
      onBlur={saved.leave}
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
    <section
      style={{ borderTop: '1px solid var(--lab-line)', padding: '8px 0' }}
      aria-label={`Subnet ${subnet.subnet}`}
    >
      <SettingRow label="Subnet" hint="Network and prefix length">
        <SavedText path={[...path, 'subnet']} value={subnet.subnet} label="Subnet" />
      </SettingRow>
      {subnet.pools.map((pool, at) => (
        <SettingRow
          key={at}
          label={subnet.pools.length > 1 ? `Pool ${at + 1}` : 'Pool'}
          hint="First and last address to give out"
        >
          <Group grow gap={8}>
            <SavedText
              path={[...path, 'pools', at, 'start']}
              value={pool.start}
              label={`Pool ${at + 1} first address`}
            />
            <SavedText path={[...path, 'pools', at, 'end']} value={pool.end} label={`Pool ${at + 1} last address`} />
          </Group>
        </SettingRow>
      ))}
      <SettingRow label="Router" hint="Option 3; may stay empty">
        <SavedText path={[...path, 'router']} value={subnet.router} label="Router" />
      </SettingRow>
      {subnet.reservations.length > 0 && (
        <table className="grid-table">
          <thead>
            <tr>
              <th>Reserved address</th>
              <th>Client</th>
              <th>Name</th>
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
                      void change(
                        [...path, 'reservations'],
                        subnet.reservations.filter((_, other) => other !== at),
                      )
                    }
                  >
                    Remove
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

/** Giving addresses takes a subnet: the first time, that of the interface comes with the mode. */
const changeMode = (lab: Lab, name: string, mode: string): Promise<unknown> =>
  attempt('Mode', async () => {
    const needsSubnet = mode === 'dhcp' && lab.dhcp.subnets.length === 0
    const subnets = needsSubnet ? [await call('setup.subnet', { interface: name })] : []
    return call('lab.change', {
      changes: [
        { path: ['mode'], value: mode },
        ...(needsSubnet ? [{ path: ['dhcp', 'subnets'], value: subnets }] : []),
      ],
    })
  })

function Form({ lab }: { readonly lab: Lab }): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const chosen = typeof lab.interface === 'string' ? lab.interface : lab.interface[0]!
  const names = [...new Set([chosen, ...interfaces.map((one) => one.name)])]
  return (
    <>
      <section className="section">
        <Title order={2} mb={4}>
          Network
        </Title>
        <SettingRow
          label="Interface"
          hint={
            typeof lab.interface === 'string'
              ? 'Where machines boot'
              : `And ${lab.interface.length - 1} more in the file`
          }
        >
          <Select
            aria-label="Interface"
            data={names}
            value={chosen}
            allowDeselect={false}
            onChange={(value) => value && void change(['interface'], value)}
          />
        </SettingRow>
        <SettingRow label="Mode" hint="Which questions this machine answers">
          <Select
            aria-label="Mode"
            data={[...modes]}
            value={lab.mode}
            allowDeselect={false}
            onChange={(value) => value && void changeMode(lab, chosen, value)}
          />
        </SettingRow>
        <SettingRow
          label="Answer beside other DHCP servers"
          hint="Off: the start asks the wire and refuses when one answers"
        >
          <Switch
            aria-label="Answer beside other DHCP servers"
            checked={lab.allowOtherServers}
            onChange={(event) => void change(['allowOtherServers'], event.currentTarget.checked)}
          />
        </SettingRow>
      </section>
      <section className="section">
        <Title order={2} mb={4}>
          Addresses
        </Title>
        <SettingRow label="Lease" hint="How long a client may keep its address">
          <SavedNumber
            path={['dhcp', 'leaseSeconds']}
            value={lab.dhcp.leaseSeconds}
            label="Lease in seconds"
            suffix=" s"
          />
        </SettingRow>
        <SettingRow label="Option 60 in every reply" hint="none, or PXEClient as a co-hosted boot service needs it">
          <SavedText path={['dhcp', 'vendorClass']} value={lab.dhcp.vendorClass} label="Option 60 in every reply" />
        </SettingRow>
        {lab.dhcp.subnets.length === 0 && (
          <Text c="dimmed" py={6}>
            No subnet: choosing mode dhcp adds the one of {chosen}.
          </Text>
        )}
        {lab.dhcp.subnets.map((subnet, index) => (
          <Subnet key={index} subnet={subnet} index={index} />
        ))}
      </section>
      <section className="section">
        <Title order={2} mb={4}>
          Files
        </Title>
        <SettingRow label="Folder of boot files" hint="Relative to the lab file">
          <SavedText path={['boot', 'files']} value={lab.boot.files} label="Folder of boot files" />
        </SettingRow>
        <SettingRow label="TFTP" hint="Port 69">
          <Switch
            aria-label="TFTP"
            checked={lab.tftp.enabled}
            onChange={(event) => void change(['tftp', 'enabled'], event.currentTarget.checked)}
          />
        </SettingRow>
        <SettingRow label="Largest TFTP block" hint="1468 fits Ethernet; more travels in fragments">
          <SavedNumber
            path={['tftp', 'maxBlockSize']}
            value={lab.tftp.maxBlockSize}
            label="Largest TFTP block"
            suffix=" bytes"
          />
        </SettingRow>
        <SettingRow label="Largest TFTP window" hint="Blocks sent before an acknowledgement">
          <SavedNumber
            path={['tftp', 'maxWindowSize']}
            value={lab.tftp.maxWindowSize}
            label="Largest TFTP window"
            suffix=" blocks"
          />
        </SettingRow>
        <SettingRow label="HTTP boot" hint={`The same folder on TCP port ${lab.http.port}`}>
          <Switch
            aria-label="HTTP boot"
            checked={lab.http.enabled}
            onChange={(event) => void change(['http', 'enabled'], event.currentTarget.checked)}
          />
        </SettingRow>
      </section>
    </>
  )
}

export function SettingsPage(): ReactElement {
  const lab = useStore((one) => one.lab)
  const remarks = useStore((one) => one.remarks)
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [view, setView] = useState('form')
  const [text, setText] = useState(lab?.text ?? '')
  useEffect(() => setText(lab?.text ?? ''), [lab?.text])
  if (!lab) return <div className="page-body" />
  const isForm = view === 'form' && lab.lab !== null
  return (
    <div className="page-body">
      <Group justify="space-between">
        <Title order={1}>Settings</Title>
        {lab.exists && (
          <SegmentedControl
            size="xs"
            aria-label="View"
            value={isForm ? 'form' : 'text'}
            onChange={setView}
            data={[
              { value: 'form', label: 'Form', disabled: lab.lab === null },
              { value: 'text', label: 'Lab file' },
            ]}
          />
        )}
      </Group>
      <Text c="dimmed" className="mono">
        {lab.path}
      </Text>
      {lab.exists &&
        (isForm && lab.lab ? (
          <Form lab={lab.lab} />
        ) : (
          <section className="section">
            <Textarea
              aria-label="Text of the lab file"
              autosize
              minRows={16}
              maxRows={32}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
            />
            {lab.problems.map((one) => (
              <Text key={`${one.line}${one.field}`} c="var(--lab-bad)" role="alert" mt={4}>
                {problemText(one)}
              </Text>
            ))}
            <Group mt={12}>
              <Button
                disabled={text === lab.text}
                onClick={() => void attempt('Lab file', () => call('lab.write', { text }))}
              >
                Save
              </Button>
              <Button variant="default" disabled={text === lab.text} onClick={() => setText(lab.text)}>
                Discard changes
              </Button>
            </Group>
          </section>
        ))}
      <section className="section">
        <Title order={2} mb={4}>
          Appearance
        </Title>
        <SettingRow label="Colours" hint="Auto follows the system">
          <SegmentedControl
            size="xs"
            aria-label="Colours"
            value={colorScheme}
            onChange={(value) => setColorScheme(value)}
            data={[
              { value: 'auto', label: 'Auto' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </SettingRow>
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
