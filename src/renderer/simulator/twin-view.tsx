/** Your network: configurations that were dropped here as a heat map of networks and machines, each cell with its reason. */
import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { ActionIcon, Alert, Badge, Button, FileButton, Group, Loader, Menu, Progress, Stack, Text, Title, Tooltip } from '@mantine/core' // prettier-ignore
import { IconArrowLeft, IconDots, IconPlayerPlay, IconUpload } from '@tabler/icons-react'
import { useMemo, useState, type DragEvent, type KeyboardEvent, type ReactElement } from 'react'
import type { Reach } from '#shared/diagnosis/co-hosting-heat.ts'
import type { Source } from '#shared/interchange/model.ts'
import { machineKinds } from '#shared/twin/machine-kinds.ts'
import type { TwinCell, TwinState } from '#shared/twin/twin.ts'
import { DataTable } from '../parts/data-table.tsx'
import { download } from '../parts/download.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { Fold } from '../parts/fold.tsx'
import { Panes } from '../parts/panes.tsx'
import type { Column } from '../parts/table-columns.ts'
import { addressOf } from '../route.ts'
import { Mark } from './matrix-heat.tsx'
import { show } from './place.ts'
import { addNetworkFiles, cancelTwin, compareFromHere, removeNetworkFile, twinWorker, useNetwork } from './twin-client.ts' // prettier-ignore
import type { ShownDifference, ShownRow, ShownTwin } from './twin-engine.ts'
import { Rich } from '../parts/rich.tsx'

const mono = { mono: (text: string) => <span className="mono">{text}</span> }

/** What stands in a cell: a shape, and a word beside it. */
const looks: Readonly<Record<TwinState, { readonly reach: Reach; readonly word: string }>> = {
  boots: { reach: 'everybody', word: t('simulator.look-boots') },
  'boots-if': { reach: 'everybody', word: t('simulator.look-if-files') },
  local: { reach: 'some', word: t('simulator.look-disk') },
  depends: { reach: 'some', word: t('simulator.look-depends') },
  unknown: { reach: 'some', word: t('simulator.look-unknown') },
  fails: { reach: 'nobody', word: t('simulator.look-fails') },
}
const wordOf = ({ state, code }: TwinCell): string => (state === 'fails' && code !== '' ? code.replace(/^PXE-/, '') : looks[state].word) // prettier-ignore
const at = ({ file, line }: Source): string => t('simulator.file-line', { file, line })

interface Chosen {
  readonly row: number
  readonly kind: string
}

const rowColumns = (chosen: Chosen | undefined, choose: (cell: Chosen) => void): readonly Column<ShownRow>[] => [
  {
    id: 'network',
    title: t('simulator.network'),
    width: 128,
    grows: 2,
    value: ({ network, who }) => (who === '' ? network : `${network} ${who}`),
    cell: ({ network, name, who }) => (
      <span className="mono" title={name}>
        {who === '' ? network : `  ${who}`}
      </span>
    ),
  },
  ...machineKinds.map((kind, index): Column<ShownRow> => ({
    id: kind.key,
    title: kind.title.replace('UEFI ', '').replace(' boot', '').replace(' on', ''),
    hint: kind.title,
    width: 66,
    grows: 1,
    value: ({ cells }) => wordOf(cells[index]!),
    cell: ({ index: row, cells }) => {
      const cell = cells[index]!
      return (
        <button
          type="button"
          className="twin-cell"
          data-state={cell.state}
          data-selected={(chosen?.row === row && chosen.kind === kind.key) || undefined}
          tabIndex={-1}
          onClick={() => choose({ row, kind: kind.key })}
        >
          <Mark reach={looks[cell.state].reach} />
          {wordOf(cell)}
        </button>
      )
    },
  })),
]

function Detail({ row, cell }: { readonly row: ShownRow; readonly cell: TwinCell }): ReactElement {
  const { kind, verdict, because, decides, files } = cell
  const open = (key?: string): void => show({ scenario: `twin:${row.index}${key === undefined ? '' : `:${key}`}`, view: 'play', step: 0, client: undefined, changes: [] }) // prettier-ignore
  return (
    <Stack gap={8} role="region" aria-label={t('simulator.chosen-machine')}>
      <Text size="xs" c="dimmed">
        {[
          t('simulator.kind-in-network', { kind: kind.title, network: row.network }),
          ...(row.who === '' ? [] : [t('simulator.reserved-for', { machine: row.who })]),
          ...(row.isRelayed ? [t('simulator.through-relay')] : []),
        ].join(', ')}
      </Text>
      <Group gap={8} wrap="nowrap" align="baseline">
        <Mark reach={looks[cell.state].reach} />
        <Title order={2} size="h4">
          {verdict}
        </Title>
      </Group>
      <Text size="sm">{because}.</Text>
      {decides && (
        <Text size="sm">
          <Rich message={say('simulator.decided-by', { place: at(decides) })} tags={mono} />
        </Text>
      )}
      {files.length > 0 && (
        <>
          <Text size="xs" c="dimmed">
            {t('simulator.not-given-so-neither-nor')}
</Text>
          <ul className="twin-list">
            {files.map(({ path, server, source }) => (
              <li key={`${server} ${path}`}>
                <Rich message={say('simulator.file-on-server', { file: path, server, place: at(source) })} tags={mono} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Group gap={8}>
        <Button size="xs" leftSection={<IconPlayerPlay size={14} />} onClick={() => open(kind.key)}>
          {t('simulator.play-boot')}
</Button>
        {row.who === '' && (
          <Button size="xs" variant="default" onClick={() => open()}>
            {t('simulator.play-all-machines-network')}
</Button>
        )}
        <Button size="xs" variant="default" onClick={() => void twinWorker('scenarioText', row.index).then((text) => download(`${row.network.replace('/', '-')}.yaml`, text, 'application/yaml'))}>
          {t('simulator.save-scenario-2')}
</Button>
      </Group>
    </Stack>
  ) // prettier-ignore
}

const changeTitles: Readonly<Record<ShownDifference['change'], string>> = { stops: t('simulator.no-longer-boots'), starts: t('simulator.boots-now'), otherwise: t('simulator.changes') } // prettier-ignore

function Lists({ twin }: { readonly twin: ShownTwin }): ReactElement {
  const { notices, assumes, notUnderstood, differences } = twin
  return (
    <>
      {differences && (
        <Fold summary={t('simulator.differences-before', { count: differences.length })} opens>
          <ul className="twin-list">
            {differences.slice(0, 500).map(({ scope, machine, change, before, after }) => (
              <li key={`${scope} ${machine}`}>
                <Rich
                  message={say('simulator.difference', {
                    change: changeTitles[change],
                    machine,
                    scope,
                    before: before?.verdict ?? say('simulator.not-there'),
                    after: after?.verdict ?? say('simulator.not-there'),
                  })}
                  tags={{ change: (text) => <b>{text}</b> }}
                />
                {after?.decides ? ` (${at(after.decides)})` : ''}
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {notices.length > 0 && (
        <Fold summary={t('simulator.to-look-at', { count: notices.length })} opens>
          <ul className="twin-list">
            {notices.slice(0, 500).map(({ text, source }) => (
              <li key={textOf(text)}>
                {textOf(text)} ({at(source)})
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {notUnderstood.length > 0 && (
        <Fold summary={t('simulator.not-understood', { count: notUnderstood.length })}>
          <ul className="twin-list">
            {notUnderstood.slice(0, 500).map(({ file, line, text, why }) => (
              <li key={`${file} ${line} ${text}`}>
                {at({ file, line })}: <span className="mono">{text}</span>. {textOf(why)}
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {assumes.length > 0 && (
        <Fold summary={t('simulator.taken-given', { count: assumes.length })}>
          <ul className="twin-list">
            {assumes.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Fold>
      )}
    </>
  )
}

const Choose = ({ label }: { readonly label: string }): ReactElement => (
  <FileButton multiple onChange={(files) => void addNetworkFiles(files)}>
    {(props) => (
      <Button {...props} size="compact-sm" leftSection={<IconUpload size={14} />}>
        {label}
      </Button>
    )}
  </FileButton>
)

function Map({ twin }: { readonly twin: ShownTwin }): ReactElement {
  const [chosen, setChosen] = useState<Chosen>()
  const cells = useMemo(() => rowColumns(chosen, setChosen), [chosen])
  const row = chosen === undefined ? undefined : twin.rows[chosen.row]
  const cell = row?.cells.find(({ kind }) => kind.key === chosen?.kind)
  /** Up and down go through the networks, left and right through the machines of one. */
  const goSideways = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const next = chosen && step && machineKinds[machineKinds.findIndex(({ key }) => key === chosen.kind) + step]
    if (!next) return
    event.preventDefault()
    setChosen({ ...chosen, kind: next.key })
  }
  return (
    <Panes
      id="twin"
      share={66}
      first={
        <div className="matrix-list" onKeyDown={goSideways}>
          <DataTable
            id="twin"
            label={t('simulator.networks-machines')}
            rows={twin.rows}
            columns={cells}
            keyOf={({ index }) => String(index)}
            selected={row && String(row.index)}
            onSelect={({ index }) =>
              setChosen((before) => ({ row: index, kind: before?.kind ?? machineKinds[0]!.key }))
            }
          />
        </div>
      }
      second={
        <Stack className="twin-detail" gap="md">
          {row && cell ? (
            <Detail row={row} cell={cell} />
          ) : (
            <Text size="sm" c="dimmed">
              {t('simulator.choose-cell-see-why-machine')}
            </Text>
          )}
          <Lists twin={twin} />
        </Stack>
      }
    />
  )
}

export function TwinView(): ReactElement {
  const { files, twin, isBusy, progress, problem, isComparing } = useNetwork()
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    void addNetworkFiles([...event.dataTransfer.files])
  }
  const failing = twin?.rows.filter(({ cells }) => cells.some(({ state }) => state === 'fails')).length ?? 0
  return (
    <div className="page-full" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
      <Group className="toolbar" gap="xs">
        <ActionIcon component="a" href={addressOf('simulator')} variant="subtle" color="gray" aria-label={t('simulator.all-scenarios')}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Title order={1} size="h3">
          {t('simulator.your-network')}
</Title>
        {files.map(({ name }) => (
          <Tooltip key={name} label={t('simulator.remove-file', { file: name })}>
            <Badge component="button" variant="light" color="gray" tt="none" className="clickable" aria-label={t('simulator.remove-file', { file: name })} onClick={() => void removeNetworkFile(name)}>
              {name} ×
            </Badge>
          </Tooltip>
        ))}
        {files.length > 0 && <Choose label={t('simulator.add-files')} />}
        {twin && files.length > 0 && (
          <Menu position="bottom-start">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('simulator.more')}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {twin.servers.map((title, server) => (
                <Menu.Item
                  key={title}
                  onClick={() => void twinWorker('labText', server).then((text) => download('lab.yaml', text, 'application/yaml'))}
                >{t('simulator.save-lab-file', { title })}</Menu.Item>
              ))}
              <Menu.Item onClick={() => void compareFromHere(!isComparing)}>
                {isComparing ? t('simulator.stop-comparing') : t('simulator.compare-i-add-next')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        <span className="grows" />
        {twin && !isBusy && (
          <Text size="sm" role="status">{t('simulator.rows-machines-do-not-boot', { count: twin.rows.length, failing })}</Text>
        )}
      </Group>
      {problem !== undefined && (
        <Alert color="red" variant="light" role="alert">
          {problem}
        </Alert>
      )}
      {twin && twin.unread.length > 0 && (
        <Alert color="orange" variant="light" role="alert">{t('simulator.not-recognized-add-configurations-kea', { unread: twin.unread.join(', ') })}</Alert>
      )}
      {isBusy && (
        <Group p="xs" gap="xs" role="status">
          <Loader size={14} />
          <Text size="sm">{t('simulator.booting-every-type-machine-every')}</Text>
          <Progress w={160} value={progress ? (progress.done / progress.of) * 100 : 0} aria-label={t('simulator.networks-done')} />
          <Button size="compact-xs" variant="default" onClick={() => void cancelTwin()}>
            {t('common.cancel')}
</Button>
        </Group>
      )}
      {files.length === 0 ? (
        <EmptyState title={t('simulator.machines-boot-your-network')} action={<Choose label={t('simulator.choose-configuration-files')} />}>
          {t('simulator.drop-configurations-your-dhcp-servers')}
</EmptyState>
      ) : (
        twin && <Map twin={twin} />
      )}
    </div>
  ) // prettier-ignore
}
