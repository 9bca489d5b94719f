import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Menu,
  NumberInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { firmwares, firmwareNames } from '#shared/machines/pxe-client/firmwares.ts'
import type { Change, Scenario, ServiceConfiguration } from '#shared/simulation/scenario.ts'

interface SettingsProps {
  readonly scenario: Scenario
  readonly selected: string | undefined
  readonly onSelect: (name: string | undefined) => void
  readonly onChange: (...changes: readonly Change[]) => void
}

/** A text that becomes a setting when somebody leaves the field or presses Enter. */
function TextSetting(props: {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly onSet: (text: string) => void
}): ReactElement {
  const [text, setText] = useState(props.value)
  const commit = (): void => {
    if (text !== props.value) props.onSet(text.trim())
  }
  return (
    <TextInput
      key={props.value}
      size="xs"
      label={props.label}
      value={text}
      placeholder={props.placeholder}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  )
}

const numbered = ['default', '0', '1']
const numberOf = (text: string): unknown => (text === 'default' ? 'default' : Number(text))
const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)

function ServiceSettings(props: {
  readonly name: string
  readonly one: ServiceConfiguration
  readonly path: string
  readonly onChange: SettingsProps['onChange']
}): ReactElement {
  const { name, one, path, onChange } = props
  const set = (key: string, value: unknown): void => onChange({ path: `${path}.${key}`, value })
  const option = (code: string, label: string): ReactElement | null =>
    one.type !== 'DHCPServer' ? null : (
      <TextSetting
        key={`${code} ${String(one.options[code] ?? '')}`}
        label={label}
        value={String(one.options[code] ?? '')}
        placeholder="not set"
        onSet={(text) => set(`options.${code}`, text === '' ? null : text)}
      />
    )
  return (
    <fieldset className="service-settings">
      <legend>{name}</legend>
      <Switch
        size="xs"
        label="Running"
        checked={one.state === 'running'}
        onChange={(event) => set('state', event.currentTarget.checked ? 'running' : 'stopped')}
      />
      {one.type === 'DHCPServer' && (
        <>
          <Switch
            size="xs"
            label="Authorised in Active Directory"
            checked={one.authorised}
            onChange={(event) => set('authorised', event.currentTarget.checked)}
          />
          {option('60', 'Option 60 (vendor class)')}
          {option('66', 'Option 66 (server)')}
          {option('67', 'Option 67 (boot file)')}
        </>
      )}
      {one.type === 'WDSServer' && (
        <>
          <Select
            size="xs"
            label="UseDHCPPorts"
            allowDeselect={false}
            data={numbered}
            value={String(one.useDhcpPorts)}
            onChange={(value) => value && set('useDhcpPorts', numberOf(value))}
          />
          <Select
            size="xs"
            label="Answer clients"
            allowDeselect={false}
            data={['all', 'known', 'none']}
            value={one.answer}
            onChange={(value) => value && set('answer', value)}
          />
          <NumberInput
            size="xs"
            label="Response delay, seconds"
            min={0}
            max={32}
            value={one.responseDelaySeconds}
            onChange={(value) => set('responseDelaySeconds', Number(value) || 0)}
          />
        </>
      )}
      {one.type === 'SccmPxe' && (
        <>
          <Select
            size="xs"
            label="DoNotListenOnDhcpPort"
            allowDeselect={false}
            data={numbered}
            value={String(one.doNotListenOnDhcpPort)}
            onChange={(value) => value && set('doNotListenOnDhcpPort', numberOf(value))}
          />
          <Select
            size="xs"
            label="Deployment for this machine"
            allowDeselect={false}
            data={['required', 'available', 'none']}
            value={one.deployment}
            onChange={(value) => value && set('deployment', value)}
          />
        </>
      )}
      {one.type === 'proxy-dhcp' && (
        <Checkbox
          size="xs"
          label="Answers on port 4011"
          checked={one.bootServer}
          onChange={(event) => set('bootServer', event.currentTarget.checked)}
        />
      )}
      {one.type === 'tftp' && (
        <NumberInput
          size="xs"
          label="Largest block, bytes"
          min={512}
          max={65_464}
          value={one.maxBlockSize}
          onChange={(value) => set('maxBlockSize', Number(value) || 512)}
        />
      )}
      {one.type === 'relay' &&
        Object.entries(one.helpers).map(([segment, helpers]) => (
          <TextSetting
            key={`${segment} ${helpers.join()}`}
            label={`Helpers for ${segment}`}
            value={helpers.join(' ')}
            onSet={(text) => set(`helpers.${segment}`, listOf(text))}
          />
        ))}
    </fieldset>
  )
}

/** A free address of a segment for one more server. */
function freeAddress(scenario: Scenario, segment: string): string {
  const base = scenario.segments[segment]!.network.split('/')[0]!.split('.').slice(0, 3).join('.')
  const taken = new Set(Object.values(scenario.hosts).flatMap((host) => Object.values(host.on)))
  for (let last = 30; last < 99; last++) if (!taken.has(`${base}.${last}`)) return `${base}.${last}`
  return `${base}.99`
}

const freeName = (names: readonly string[], stem: string): string => {
  for (let number = 1; ; number++) if (!names.includes(`${stem}${number}`)) return `${stem}${number}`
}

const templates: Readonly<Record<string, { readonly stem: string; readonly services: (base: string) => object }>> = {
  'DHCP server': {
    stem: 'dhcp',
    services: (base) => ({
      DHCPServer: { subnets: [{ subnet: `${base}.0/24`, start: `${base}.150`, end: `${base}.199` }] },
    }),
  },
  'WDS server': { stem: 'wds', services: () => ({ WDSServer: { largestFile: 1_000_000 } }) },
  'ConfigMgr distribution point': { stem: 'dp', services: () => ({ SccmPxe: { largestFile: 1_000_000 } }) },
  'TFTP server': { stem: 'tftp', services: () => ({ tftp: {} }) },
}

/** Settings of the selected host or machine, and what can be added. */
export function SettingsPanel({ scenario, selected, onSelect, onChange }: SettingsProps): ReactElement {
  const host = selected === undefined ? undefined : scenario.hosts[selected]
  const client = selected === undefined ? undefined : scenario.clients[selected]
  const segments = Object.keys(scenario.segments)
  const clientSegment = Object.values(scenario.clients)[0]?.on ?? segments[0]!
  const remove = (...changes: readonly Change[]): ReactElement => (
    <ActionIcon
      variant="subtle"
      color="red"
      aria-label={`Remove ${(host ?? client)?.title ?? selected}`}
      onClick={() => {
        onSelect(undefined)
        onChange(...changes)
      }}
    >
      <IconTrash size={16} />
    </ActionIcon>
  )
  return (
    <Stack gap="sm" p="md">
      <Group gap="xs">
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
              Add a machine
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {firmwareNames.map((name) => (
              <Menu.Item
                key={name}
                onClick={() => {
                  const id = freeName(Object.keys(scenario.clients), `${name}-`)
                  onChange({ path: `clients.${id}`, value: { firmware: name, on: clientSegment } })
                  onSelect(id)
                }}
              >
                {firmwares[name].name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
              Add a server
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {Object.entries(templates).flatMap(([title, { stem, services }]) =>
              segments.map((segment) => (
                <Menu.Item
                  key={`${title} ${segment}`}
                  onClick={() => {
                    const id = freeName(Object.keys(scenario.hosts), stem)
                    const address = freeAddress(scenario, segment)
                    const base = address.split('.').slice(0, 3).join('.')
                    onChange({
                      path: `hosts.${id}`,
                      value: { title, on: { [segment]: address }, services: services(base) },
                    })
                    onSelect(id)
                  }}
                >
                  {title}
                  {segments.length > 1 ? ` on ${segment}` : ''}
                </Menu.Item>
              )),
            )}
          </Menu.Dropdown>
        </Menu>
      </Group>
      {!host && !client && (
        <Text size="sm" c="dimmed">
          Choose a host or a machine in the drawing to change its settings. Every change runs the boot again.
        </Text>
      )}
      {host && selected !== undefined && (
        <>
          <Group justify="space-between">
            <Title order={3} size="h5">
              {host.title ?? selected}
            </Title>
            {remove({ path: `hosts.${selected}`, value: null })}
          </Group>
          {Object.entries(host.services).map(([name, one]) => (
            <ServiceSettings
              key={`${selected} ${name}`}
              name={name}
              one={one}
              path={`hosts.${selected}.services.${name}`}
              onChange={onChange}
            />
          ))}
          <TextSetting
            key={`${selected} ${JSON.stringify(host.firewall)}`}
            label="UDP ports that its firewall drops"
            value={host.firewall
              .filter((rule) => rule.direction === 'in' && rule.protocol === 'udp')
              .map((rule) => (typeof rule.port === 'number' ? rule.port : rule.port.join('-')))
              .join(' ')}
            placeholder="none"
            onSet={(text) =>
              onChange({
                path: `hosts.${selected}.firewall`,
                value: listOf(text).map((port) => ({
                  port: port.includes('-') ? port.split('-').map(Number) : Number(port),
                })),
              })
            }
          />
        </>
      )}
      {client && selected !== undefined && (
        <>
          <Group justify="space-between">
            <Title order={3} size="h5">
              {client.title ?? selected}
            </Title>
            {remove(
              { path: `clients.${selected}`, value: null },
              // What was expected of it goes with it.
              ...(scenario.expect[selected] ? [{ path: `expect.${selected}`, value: null }] : []),
            )}
          </Group>
          <Select
            size="xs"
            label="Firmware"
            allowDeselect={false}
            data={firmwareNames.map((name) => ({ value: name, label: firmwares[name].name }))}
            value={client.firmware}
            onChange={(value) => value && onChange({ path: `clients.${selected}.firmware`, value })}
          />
          <Select
            size="xs"
            label="Segment"
            allowDeselect={false}
            data={segments}
            value={client.on}
            onChange={(value) => value && onChange({ path: `clients.${selected}.on`, value })}
          />
          <Switch
            size="xs"
            label="Secure Boot"
            checked={client.secureBoot}
            onChange={(event) =>
              onChange({ path: `clients.${selected}.secureBoot`, value: event.currentTarget.checked })
            }
          />
          <Switch
            size="xs"
            label="Somebody presses the key that is asked for"
            checked={client.pressesKey}
            onChange={(event) =>
              onChange({ path: `clients.${selected}.pressesKey`, value: event.currentTarget.checked })
            }
          />
          <NumberInput
            size="xs"
            label="Spanning tree blocks the port for, seconds"
            min={0}
            max={120}
            value={client.link?.spanningTreeSeconds ?? 0}
            onChange={(value) =>
              onChange({ path: `clients.${selected}.link.spanningTreeSeconds`, value: Number(value) || 0 })
            }
          />
          <NumberInput
            size="xs"
            label="Frames lost on its cable, percent"
            min={0}
            max={90}
            value={Math.round((client.link?.loss ?? 0) * 100)}
            onChange={(value) => onChange({ path: `clients.${selected}.link.loss`, value: (Number(value) || 0) / 100 })}
          />
        </>
      )}
    </Stack>
  )
}
