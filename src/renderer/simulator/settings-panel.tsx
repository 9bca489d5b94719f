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
import { IconPlugConnectedX, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { firmwares, firmwareNames } from '#shared/machines/pxe-client/firmwares.ts'
import {
  addMachine,
  addRelay,
  addSegment,
  addServer,
  connect,
  disconnect,
  move,
  pathOf,
  serverKinds,
  serverNames,
  titleOf,
  type Edit,
} from '#shared/simulation/edits.ts'
import { tlsReleases } from '#shared/machines/pxe-client/tls-trust.ts'
import type { Change, Scenario, ServerTls, ServiceConfiguration } from '#shared/simulation/scenario.ts'
import { authorityIds } from '#shared/wire/secure-boot/authorities.ts'
import { issuersIn, NamesSetting, signersIn } from './names-setting.tsx'

interface SettingsProps {
  readonly scenario: Scenario
  readonly selected: string | undefined
  readonly onSelect: (name: string | undefined) => void
  /** Settings are changed; `what` names them for undo. */
  readonly onChange: (what: string, ...changes: readonly Change[]) => void
  /** Something is added, connected or taken away. */
  readonly onEdit: (edit: Edit | undefined) => void
  readonly onRemove: (name: string) => void
}

/** Of the panel, which has the focus when somebody opens the settings from the drawing. */
export const settingsId = 'simulator-settings'

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

/** A number that becomes a setting when somebody leaves the field or presses Enter. */
function NumberSetting(props: {
  readonly label: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly onSet: (value: number) => void
}): ReactElement {
  const { label, value, min, max, onSet } = props
  const [typed, setTyped] = useState<number | string>(value)
  const commit = (): void => {
    const number = typed === '' ? value : Math.min(max, Math.max(min, Number(typed)))
    setTyped(number)
    if (number !== value) onSet(number)
  }
  return (
    <NumberInput
      size="xs"
      label={label}
      min={min}
      max={max}
      allowDecimal={false}
      hideControls
      value={typed}
      onChange={setTyped}
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
  /** What people call the host. */
  readonly host: string
  readonly onChange: SettingsProps['onChange']
}): ReactElement {
  const { name, one, path, host, onChange } = props
  const set = (label: string, key: string, value: unknown): void =>
    onChange(`${host}: ${label}`, { path: `${path}.${key}`, value })
  const option = (code: string, label: string): ReactElement | null =>
    one.type !== 'DHCPServer' ? null : (
      <TextSetting
        key={`${code} ${String(one.options[code] ?? '')}`}
        label={label}
        value={String(one.options[code] ?? '')}
        placeholder="not set"
        onSet={(text) => set(label, `options.${code}`, text === '' ? null : text)}
      />
    )
  return (
    <fieldset className="service-settings">
      <legend>{name}</legend>
      <Switch
        size="xs"
        label="Running"
        checked={one.state === 'running'}
        onChange={(event) =>
          set(
            event.currentTarget.checked ? `${name} started` : `${name} stopped`,
            'state',
            event.currentTarget.checked ? 'running' : 'stopped',
          )
        }
      />
      {one.type === 'DHCPServer' && (
        <>
          <Switch
            size="xs"
            label="Authorised in Active Directory"
            checked={one.authorised}
            onChange={(event) => set('Authorised in Active Directory', 'authorised', event.currentTarget.checked)}
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
            onChange={(value) => value && set('UseDHCPPorts', 'useDhcpPorts', numberOf(value))}
          />
          <Select
            size="xs"
            label="Answer clients"
            allowDeselect={false}
            data={['all', 'known', 'none']}
            value={one.answer}
            onChange={(value) => value && set('Answer clients', 'answer', value)}
          />
          <NumberSetting
            key={one.responseDelaySeconds}
            label="Response delay, seconds"
            min={0}
            max={32}
            value={one.responseDelaySeconds}
            onSet={(value) => set('Response delay', 'responseDelaySeconds', value)}
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
            onChange={(value) => value && set('DoNotListenOnDhcpPort', 'doNotListenOnDhcpPort', numberOf(value))}
          />
          <Select
            size="xs"
            label="Deployment for this machine"
            allowDeselect={false}
            data={['required', 'available', 'none']}
            value={one.deployment}
            onChange={(value) => value && set('Deployment', 'deployment', value)}
          />
        </>
      )}
      {one.type === 'proxy-dhcp' && (
        <Checkbox
          size="xs"
          label="Answers on port 4011"
          checked={one.bootServer}
          onChange={(event) => set('Answers on port 4011', 'bootServer', event.currentTarget.checked)}
        />
      )}
      {one.type === 'tftp' && (
        <NumberSetting
          key={one.maxBlockSize}
          label="Largest block, bytes"
          min={512}
          max={65_464}
          value={one.maxBlockSize}
          onSet={(value) => set('Largest block', 'maxBlockSize', value)}
        />
      )}
      {one.type === 'http' && <TlsSettings tls={one.tls} set={set} />}
      {one.type === 'relay' &&
        Object.entries(one.helpers).map(([segment, helpers]) => (
          <TextSetting
            key={`${segment} ${helpers.join()}`}
            label={`Helpers for ${segment}`}
            value={helpers.join(' ')}
            onSet={(text) => set(`Helpers for ${segment}`, `helpers.${segment}`, listOf(text))}
          />
        ))}
    </fieldset>
  )
}

/** Names one to a comma: authorities have spaces in theirs. */
const namesOf = (text: string): string[] =>
  text
    .split(/[,;]/)
    .map((one) => one.trim())
    .filter(Boolean)

/** What a web server shows over TLS. */
function TlsSettings(props: {
  readonly tls: ServerTls | undefined
  readonly set: (label: string, key: string, value: unknown) => void
}): ReactElement {
  const { tls, set } = props
  return (
    <>
      <Switch
        size="xs"
        label="HTTPS"
        checked={tls !== undefined}
        onChange={(event) => set('HTTPS', 'tls', event.currentTarget.checked ? {} : null)}
      />
      {tls && (
        <>
          <TextSetting
            key={`authority ${tls.authority}`}
            label="Certificate issued by"
            value={tls.authority}
            onSet={(text) => text !== '' && set('Certificate issued by', 'tls.authority', text)}
          />
          <TextSetting
            key={`names ${tls.names?.join()}`}
            label="Names and addresses in it"
            value={(tls.names ?? []).join(', ')}
            placeholder="the addresses of this host"
            onSet={(text) => set('Names in the certificate', 'tls.names', text === '' ? null : namesOf(text))}
          />
          <TextSetting
            key={`from ${tls.from}`}
            label="Valid from"
            value={tls.from}
            onSet={(text) => set('Valid from', 'tls.from', text)}
          />
          <TextSetting
            key={`until ${tls.until}`}
            label="Valid until"
            value={tls.until}
            onSet={(text) => set('Valid until', 'tls.until', text)}
          />
          <Select
            size="xs"
            label="Key"
            allowDeselect={false}
            data={['RSA 2048', 'RSA 3072', 'RSA 4096', 'EC']}
            value={tls.keyType === 'EC' ? 'EC' : `RSA ${tls.keyBits}`}
            onChange={(value) =>
              value &&
              set('Key', 'tls', {
                ...tls,
                keyType: value === 'EC' ? 'EC' : 'RSA',
                ...(value === 'EC' ? {} : { keyBits: Number(value.slice(4)) }),
              })
            }
          />
          <Select
            size="xs"
            label="Oldest TLS version"
            allowDeselect={false}
            data={['1.2', '1.3']}
            value={tls.versions}
            onChange={(value) => value && set('Oldest TLS version', 'tls.versions', value)}
          />
        </>
      )}
    </>
  )
}

/** Whom a machine trusts: the programs that Secure Boot starts, and web servers. */
function TrustSettings(props: {
  readonly client: Scenario['clients'][string]
  readonly scenario: Scenario
  readonly id: string
  readonly set: (label: string, key: string, value: unknown) => void
}): ReactElement {
  const { client, scenario, id, set } = props
  const { family } = firmwares[client.firmware]
  const { trust = {}, https } = client
  const signers = signersIn(scenario)
  const list = (label: string, key: 'db' | 'dbx' | 'mok', placeholder: string): ReactElement => (
    <NamesSetting
      label={label}
      values={trust[key] ?? []}
      known={key === 'mok' ? signers : [...authorityIds, ...signers]}
      placeholder={placeholder}
      onSet={(names) => set(label, `trust.${key}`, names)}
    />
  )
  const takesHttps = family === 'edk2-http' || family === 'ipxe' || client.firmware.endsWith('-then-http')
  return (
    <>
      {client.secureBoot && (
        <fieldset className="service-settings">
          <legend>Secure Boot</legend>
          {list('Trusted authorities (db)', 'db', 'every authority of Microsoft')}
          {list('Revoked authorities (dbx)', 'dbx', 'none')}
          {list('Enrolled keys (MOK)', 'mok', 'none')}
        </fieldset>
      )}
      {takesHttps && (
        <fieldset className="service-settings">
          <legend>HTTPS</legend>
          <NamesSetting
            label={family === 'ipxe' ? 'Authorities it was built to trust' : 'Enrolled authorities'}
            values={https?.authorities ?? []}
            known={issuersIn(scenario)}
            placeholder="none"
            onSet={(names) => set('Trusted authorities', 'https.authorities', names ?? [])}
          />
          {https && family !== 'ipxe' && (
            <Select
              size="xs"
              label="EDK2 release"
              description="Since 2025.08 it looks at dates; 2025.11 wants RSA 3072"
              allowDeselect={false}
              data={[...tlsReleases]}
              value={https.release}
              onChange={(value) => value && set('EDK2 release', 'https.release', value)}
            />
          )}
          {https && (
            <TextSetting
              key={`${id} date ${https.date}`}
              label="Date of its clock"
              value={https.date}
              onSet={(text) => set('Date of its clock', 'https.date', text)}
            />
          )}
        </fieldset>
      )}
    </>
  )
}

/** Which segments a host is on, with its addresses; one more, one fewer. */
function Wires(props: {
  readonly name: string
  readonly scenario: Scenario
  readonly onChange: SettingsProps['onChange']
  readonly onEdit: SettingsProps['onEdit']
}): ReactElement {
  const { name, scenario, onChange, onEdit } = props
  const { on } = scenario.hosts[name]!
  const title = titleOf(scenario, name)
  const others = Object.keys(scenario.segments).filter((segment) => !(segment in on))
  return (
    <fieldset className="service-settings">
      <legend>Network cards</legend>
      {Object.entries(on).map(([segment, address]) => (
        <Group key={`${segment} ${address}`} gap="xs" align="flex-end" wrap="nowrap">
          <TextSetting
            label={`Address on ${segment}`}
            value={address}
            onSet={(text) =>
              onChange(`${title}: Address on ${segment}`, { path: pathOf('hosts', name, 'on', segment), value: text })
            }
          />
          {Object.keys(on).length > 1 && (
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`Disconnect from ${segment}`}
              onClick={() => onEdit(disconnect(scenario, name, segment))}
            >
              <IconPlugConnectedX size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {others.length > 0 && (
        <Select
          key={others.join()}
          size="xs"
          label="Connect to another segment"
          placeholder="Choose a segment"
          data={others}
          value={null}
          onChange={(segment) => segment !== null && onEdit(connect(scenario, name, segment))}
        />
      )}
    </fieldset>
  )
}

/** Settings of the selected host, machine or segment, and what can be added. */
export function SettingsPanel({
  scenario,
  selected,
  onSelect,
  onChange,
  onEdit,
  onRemove,
}: SettingsProps): ReactElement {
  const host = selected === undefined ? undefined : scenario.hosts[selected]
  const client = selected === undefined ? undefined : scenario.clients[selected]
  const segment = selected === undefined || host || client ? undefined : scenario.segments[selected]
  const segments = Object.keys(scenario.segments)
  const clientSegment = Object.values(scenario.clients)[0]?.on ?? segments[0]!
  const title = selected === undefined ? '' : titleOf(scenario, selected)
  const add = (edit: Edit): void => {
    onEdit(edit)
    if (edit.changes.length > 0) onSelect(edit.name)
  }
  const head = (text: string, isRemovable = true): ReactElement => (
    <Group justify="space-between">
      <Title order={3} size="h5">
        {text}
      </Title>
      {isRemovable && (
        <ActionIcon variant="subtle" color="red" aria-label={`Remove ${title}`} onClick={() => onRemove(selected!)}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  )
  const setClient = (label: string, key: string, value: unknown): void =>
    onChange(`${title}: ${label}`, { path: `${pathOf('clients', selected!)}.${key}`, value })
  return (
    <Stack gap="sm" p="md" id={settingsId} tabIndex={-1} className="sim-settings">
      <Group gap="xs">
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
              Add a machine
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {firmwareNames.map((name) => (
              <Menu.Item key={name} onClick={() => add(addMachine(scenario, name, clientSegment))}>
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
            {serverNames.flatMap((kind) =>
              segments.map((one) => (
                <Menu.Item key={`${kind} ${one}`} onClick={() => add(addServer(scenario, kind, one))}>
                  {serverKinds[kind].title}
                  {segments.length > 1 ? ` on ${one}` : ''}
                </Menu.Item>
              )),
            )}
            {segments.map((one) => (
              <Menu.Item key={`relay ${one}`} onClick={() => add(addRelay(scenario, one))}>
                Router with relay
                {segments.length > 1 ? ` from ${one}` : ''}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => add(addSegment(scenario))}>Segment</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {!host && !client && !segment && (
        <Text size="sm" c="dimmed">
          Choose a host, a machine or a segment in the drawing to change its settings. Every change runs the boot again.
        </Text>
      )}
      {host && selected !== undefined && (
        <>
          {head(title)}
          <Wires name={selected} scenario={scenario} onChange={onChange} onEdit={onEdit} />
          {Object.entries(host.services).map(([name, one]) => (
            <ServiceSettings
              key={`${selected} ${name}`}
              name={name}
              one={one}
              path={pathOf('hosts', selected, 'services', name)}
              host={title}
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
              onChange(`${title}: Firewall`, {
                path: pathOf('hosts', selected, 'firewall'),
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
          {head(title)}
          <Select
            size="xs"
            label="Firmware"
            allowDeselect={false}
            data={firmwareNames.map((name) => ({ value: name, label: firmwares[name].name }))}
            value={client.firmware}
            onChange={(value) => value && setClient('Firmware', 'firmware', value)}
          />
          <Select
            size="xs"
            label="Segment"
            allowDeselect={false}
            data={segments}
            value={client.on}
            onChange={(value) => value && onEdit(move(scenario, selected, value))}
          />
          <Switch
            size="xs"
            label="Secure Boot"
            checked={client.secureBoot}
            onChange={(event) => setClient('Secure Boot', 'secureBoot', event.currentTarget.checked)}
          />
          <TrustSettings client={client} scenario={scenario} id={selected} set={setClient} />
          <Switch
            size="xs"
            label="Somebody presses the key that is asked for"
            checked={client.pressesKey}
            onChange={(event) => setClient('Key pressed', 'pressesKey', event.currentTarget.checked)}
          />
          <NumberSetting
            key={`${selected} ${client.link?.spanningTreeSeconds} delay`}
            label="Spanning tree blocks the port for, seconds"
            min={0}
            max={120}
            value={client.link?.spanningTreeSeconds ?? 0}
            onSet={(value) => setClient('Spanning tree', 'link.spanningTreeSeconds', value)}
          />
          <NumberSetting
            key={`${selected} ${client.link?.loss} loss`}
            label="Frames lost on its cable, percent"
            min={0}
            max={90}
            value={Math.round((client.link?.loss ?? 0) * 100)}
            onSet={(value) => setClient('Frames lost', 'link.loss', value / 100)}
          />
        </>
      )}
      {segment && selected !== undefined && (
        <>
          {head(`Segment ${selected}`, segments.length > 1)}
          <TextSetting
            key={`${selected} ${segment.network}`}
            label="Network"
            value={segment.network}
            onSet={(text) =>
              onChange(`${selected}: Network`, { path: pathOf('segments', selected, 'network'), value: text })
            }
          />
          <NumberSetting
            key={`${selected} ${segment.vlan}`}
            label="VLAN, 0 for none"
            min={0}
            max={4094}
            value={segment.vlan ?? 0}
            onSet={(value) =>
              onChange(`${selected}: VLAN`, {
                path: pathOf('segments', selected, 'vlan'),
                value: value === 0 ? null : value,
              })
            }
          />
        </>
      )}
    </Stack>
  )
}
