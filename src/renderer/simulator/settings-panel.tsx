import { t, textOf } from '#messages/text.ts'
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
import { firmwareText, firmwares, firmwareNames } from '#shared/machines/pxe-client/firmwares.ts'
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
import { DbxFile } from './dbx-file.tsx'
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
    onChange(t('simulator.change-of', { title: host, setting: label }), { path: `${path}.${key}`, value })
  const option = (code: string, label: string): ReactElement | null =>
    one.type !== 'DHCPServer' ? null : (
      <TextSetting
        key={`${code} ${String(one.options[code] ?? '')}`}
        label={label}
        value={String(one.options[code] ?? '')}
        placeholder={t('simulator.not-set')}
        onSet={(text) => set(label, `options.${code}`, text === '' ? null : text)}
      />
    )
  return (
    <fieldset className="service-settings">
      <legend>{name}</legend>
      <Switch
        size="xs"
        label={t('simulator.running')}
        checked={one.state === 'running'}
        onChange={(event) =>
          set(
            event.currentTarget.checked
              ? t('simulator.service-started', { name })
              : t('simulator.service-stopped', { name }),
            'state',
            event.currentTarget.checked ? 'running' : 'stopped',
          )
        }
      />
      {one.type === 'DHCPServer' && (
        <>
          <Switch
            size="xs"
            label={t('simulator.authorised-active-directory')}
            checked={one.authorised}
            onChange={(event) =>
              set(t('simulator.authorised-active-directory'), 'authorised', event.currentTarget.checked)
            }
          />
          {option('60', t('simulator.option-60'))}
          {option('66', t('simulator.option-66'))}
          {option('67', t('simulator.option-67'))}
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
            label={t('simulator.answer-clients')}
            allowDeselect={false}
            data={['all', 'known', 'none']}
            value={one.answer}
            onChange={(value) => value && set(t('simulator.answer-clients'), 'answer', value)}
          />
          <NumberSetting
            key={one.responseDelaySeconds}
            label={t('simulator.response-delay-seconds')}
            min={0}
            max={32}
            value={one.responseDelaySeconds}
            onSet={(value) => set(t('simulator.response-delay'), 'responseDelaySeconds', value)}
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
            label={t('simulator.deployment-machine')}
            allowDeselect={false}
            data={['required', 'available', 'none']}
            value={one.deployment}
            onChange={(value) => value && set(t('simulator.deployment'), 'deployment', value)}
          />
        </>
      )}
      {one.type === 'proxy-dhcp' && (
        <Checkbox
          size="xs"
          label={t('simulator.answers-port-4011')}
          checked={one.bootServer}
          onChange={(event) => set(t('simulator.answers-port-4011'), 'bootServer', event.currentTarget.checked)}
        />
      )}
      {one.type === 'tftp' && (
        <NumberSetting
          key={one.maxBlockSize}
          label={t('simulator.largest-block-bytes')}
          min={512}
          max={65_464}
          value={one.maxBlockSize}
          onSet={(value) => set(t('simulator.largest-block'), 'maxBlockSize', value)}
        />
      )}
      {one.type === 'http' && <TlsSettings tls={one.tls} set={set} />}
      {one.type === 'relay' &&
        Object.entries(one.helpers).map(([segment, helpers]) => (
          <TextSetting
            key={`${segment} ${helpers.join()}`}
            label={t('simulator.helpers', { segment })}
            value={helpers.join(' ')}
            onSet={(text) => set(t('simulator.helpers', { segment }), `helpers.${segment}`, listOf(text))}
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
            label={t('simulator.certificate-issued')}
            value={tls.authority}
            onSet={(text) => text !== '' && set(t('simulator.certificate-issued'), 'tls.authority', text)}
          />
          <TextSetting
            key={`names ${tls.names?.join()}`}
            label={t('simulator.names-addresses')}
            value={(tls.names ?? []).join(', ')}
            placeholder={t('simulator.addresses-host')}
            onSet={(text) => set(t('simulator.names-certificate'), 'tls.names', text === '' ? null : namesOf(text))}
          />
          <TextSetting
            key={`from ${tls.from}`}
            label={t('simulator.valid')}
            value={tls.from}
            onSet={(text) => set(t('simulator.valid'), 'tls.from', text)}
          />
          <TextSetting
            key={`until ${tls.until}`}
            label={t('simulator.valid-until')}
            value={tls.until}
            onSet={(text) => set(t('simulator.valid-until'), 'tls.until', text)}
          />
          <Select
            size="xs"
            label={t('simulator.key')}
            allowDeselect={false}
            data={['RSA 2048', 'RSA 3072', 'RSA 4096', 'EC']}
            value={tls.keyType === 'EC' ? 'EC' : `RSA ${tls.keyBits}`}
            onChange={(value) =>
              value &&
              set(t('simulator.key'), 'tls', {
                ...tls,
                keyType: value === 'EC' ? 'EC' : 'RSA',
                ...(value === 'EC' ? {} : { keyBits: Number(value.slice(4)) }),
              })
            }
          />
          <Select
            size="xs"
            label={t('simulator.oldest-tls-version')}
            allowDeselect={false}
            data={['1.2', '1.3']}
            value={tls.versions}
            onChange={(value) => value && set(t('simulator.oldest-tls-version'), 'tls.versions', value)}
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
          <legend>{t('simulator.secure-boot')}</legend>
          {list(t('simulator.trusted-authorities-db'), 'db', t('simulator.every-authority-microsoft'))}
          {list(t('simulator.revoked-authorities-dbx'), 'dbx', t('simulator.none'))}
          <DbxFile key={id} onRead={(names) => set(t('simulator.revoked-authorities-dbx'), 'trust.dbx', names)} />
          {list(t('simulator.enrolled-keys-mok'), 'mok', t('simulator.none'))}
        </fieldset>
      )}
      {takesHttps && (
        <fieldset className="service-settings">
          <legend>HTTPS</legend>
          <NamesSetting
            label={family === 'ipxe' ? t('simulator.authorities-built-trust') : t('simulator.enrolled-authorities')}
            values={https?.authorities ?? []}
            known={issuersIn(scenario)}
            placeholder={t('simulator.none')}
            onSet={(names) => set(t('simulator.trusted-authorities'), 'https.authorities', names ?? [])}
          />
          {https && family !== 'ipxe' && (
            <Select
              size="xs"
              label={t('simulator.edk2-release')}
              description={t('simulator.since-2025-08-looks-dates')}
              allowDeselect={false}
              data={[...tlsReleases]}
              value={https.release}
              onChange={(value) => value && set(t('simulator.edk2-release'), 'https.release', value)}
            />
          )}
          {https && (
            <TextSetting
              key={`${id} date ${https.date}`}
              label={t('simulator.date-clock')}
              value={https.date}
              onSet={(text) => set(t('simulator.date-clock'), 'https.date', text)}
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
      <legend>{t('simulator.network-cards')}</legend>
      {Object.entries(on).map(([segment, address]) => (
        <Group key={`${segment} ${address}`} gap="xs" align="flex-end" wrap="nowrap">
          <TextSetting
            label={t('simulator.address', { segment })}
            value={address}
            onSet={(text) =>
              onChange(t('simulator.change-address', { host: title, segment }), {
                path: pathOf('hosts', name, 'on', segment),
                value: text,
              })
            }
          />
          {Object.keys(on).length > 1 && (
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t('simulator.disconnect', { segment })}
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
          label={t('simulator.connect-another-segment')}
          placeholder={t('simulator.choose-segment')}
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
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={t('simulator.remove', { name: title })}
          onClick={() => onRemove(selected!)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  )
  const setClient = (label: string, key: string, value: unknown): void =>
    onChange(t('simulator.change-of', { title, setting: label }), {
      path: `${pathOf('clients', selected!)}.${key}`,
      value,
    })
  return (
    <Stack gap="sm" p="md" id={settingsId} tabIndex={-1} className="sim-settings">
      <Group gap="xs">
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
              {t('simulator.add-machine')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {firmwareNames.map((name) => (
              <Menu.Item key={name} onClick={() => add(addMachine(scenario, name, clientSegment))}>
                {firmwareText(name)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
              {t('simulator.add-server')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {serverNames.flatMap((kind) =>
              segments.map((one) => (
                <Menu.Item key={`${kind} ${one}`} onClick={() => add(addServer(scenario, kind, one))}>
                  {textOf(serverKinds[kind].title)}
                  {segments.length > 1 ? ` ${t('simulator.on-segment', { segment: one })}` : ''}
                </Menu.Item>
              )),
            )}
            {segments.map((one) => (
              <Menu.Item key={`relay ${one}`} onClick={() => add(addRelay(scenario, one))}>
                {t('simulator.router-relay', { segment: one, count: segments.length })}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => add(addSegment(scenario))}>{t('simulator.segment-title')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {!host && !client && !segment && (
        <Text size="sm" c="dimmed">
          {t('simulator.choose-host-machine-segment-drawing')}
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
            label={t('simulator.udp-ports-firewall-drops')}
            value={host.firewall
              .filter((rule) => rule.direction === 'in' && rule.protocol === 'udp')
              .map((rule) => (typeof rule.port === 'number' ? rule.port : rule.port.join('-')))
              .join(' ')}
            placeholder={t('simulator.none')}
            onSet={(text) =>
              onChange(t('simulator.change-of', { title, setting: t('simulator.firewall') }), {
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
            label={t('simulator.firmware-title')}
            allowDeselect={false}
            data={firmwareNames.map((name) => ({ value: name, label: firmwareText(name) }))}
            value={client.firmware}
            onChange={(value) => value && setClient(t('simulator.firmware-title'), 'firmware', value)}
          />
          <Select
            size="xs"
            label={t('simulator.segment-title')}
            allowDeselect={false}
            data={segments}
            value={client.on}
            onChange={(value) => value && onEdit(move(scenario, selected, value))}
          />
          <Switch
            size="xs"
            label={t('simulator.secure-boot')}
            checked={client.secureBoot}
            onChange={(event) => setClient(t('simulator.secure-boot'), 'secureBoot', event.currentTarget.checked)}
          />
          <TrustSettings client={client} scenario={scenario} id={selected} set={setClient} />
          <Switch
            size="xs"
            label={t('simulator.somebody-presses-key-asked')}
            checked={client.pressesKey}
            onChange={(event) => setClient(t('simulator.key-pressed'), 'pressesKey', event.currentTarget.checked)}
          />
          <NumberSetting
            key={`${selected} ${client.link?.spanningTreeSeconds} delay`}
            label={t('simulator.spanning-tree-blocks-port-seconds')}
            min={0}
            max={120}
            value={client.link?.spanningTreeSeconds ?? 0}
            onSet={(value) => setClient(t('simulator.spanning-tree'), 'link.spanningTreeSeconds', value)}
          />
          <NumberSetting
            key={`${selected} ${client.link?.loss} loss`}
            label={t('simulator.frames-lost-cable-percent')}
            min={0}
            max={90}
            value={Math.round((client.link?.loss ?? 0) * 100)}
            onSet={(value) => setClient(t('simulator.frames-lost'), 'link.loss', value / 100)}
          />
        </>
      )}
      {segment && selected !== undefined && (
        <>
          {head(t('simulator.segment-called', { name: selected }), segments.length > 1)}
          <TextSetting
            key={`${selected} ${segment.network}`}
            label={t('simulator.network')}
            value={segment.network}
            onSet={(text) =>
              onChange(t('simulator.change-of', { title: selected, setting: t('simulator.network') }), {
                path: pathOf('segments', selected, 'network'),
                value: text,
              })
            }
          />
          <NumberSetting
            key={`${selected} ${segment.vlan}`}
            label={t('simulator.vlan-0-none')}
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
