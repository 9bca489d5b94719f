import { ActionIcon, Button, Loader, Menu, Title, Tooltip } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconDots,
  IconLink,
  IconPresentation,
  IconRestore,
} from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import type { Change } from '#shared/simulation/scenario.ts'
import { ClassButton } from '../classroom/class-button.tsx'
import { download } from '../parts/download.ts'
import { printPage } from '../parts/print-page.ts'
import { addressOf } from '../route.ts'
import { attempt } from '../store.ts'
import { simulator } from './client.ts'
import type { RunResult } from './engine.ts'
import type { ScenarioHistory } from './history.ts'
import type { SimulatorPlace } from './place.ts'
import { ShareDialog } from './share-dialog.tsx'
import { packedStep } from './shared-step.ts'

interface StageToolbarProps {
  readonly id: string
  readonly place: SimulatorPlace
  readonly input: unknown
  readonly run: RunResult
  readonly isRunning: boolean
  readonly changes: readonly Change[]
  readonly history: ScenarioHistory
  readonly canPresent: boolean
  readonly onPresent: () => void
  readonly onSave: () => void
}

/** Back to the list, what is played, undo and redo, and what can be done with the whole. */
export function StageToolbar(props: StageToolbarProps): ReactElement {
  const { id, place, input, run, changes, history } = props
  const [isSharing, setSharing] = useState(false)
  const lab = async (): Promise<void> => {
    const made = await simulator('labOf', input, changes)
    if (made) download(`${id}-lab.json`, JSON.stringify(made.lab, null, 2), 'application/json')
  }
  const print = async (): Promise<void> =>
    printPage(
      await simulator('handout', input, changes, place.client),
      t('handout.title', { title: run.scenario.title }),
    )
  const turn = (does: 'undo' | 'redo', what: string | undefined, onClick: () => void): ReactElement => {
    const label =
      what === undefined ? t(`simulator.nothing-to-${does}`) : t(`simulator.${does}-change`, { change: what })
    return (
      <Tooltip label={label}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={label}
          // A button that is disabled shows no hint, and loses the focus as it becomes so.
          aria-disabled={what === undefined}
          className="turn"
          onClick={onClick}
        >
          {does === 'undo' ? <IconArrowBackUp size={17} /> : <IconArrowForwardUp size={17} />}
        </ActionIcon>
      </Tooltip>
    )
  }
  return (
    <div className="toolbar">
      <Tooltip label={t('simulator.all-scenarios')}>
        <ActionIcon
          component="a"
          href={addressOf('simulator')}
          variant="subtle"
          color="gray"
          aria-label={t('simulator.all-scenarios')}
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <Title order={1} size="h3" className="top-fact">
        {run.scenario.title}
      </Title>
      {props.isRunning && <Loader size={14} aria-label={t('simulator.running')} />}
      {turn('undo', history.undoes, history.undo)}
      {turn('redo', history.redoes, history.redo)}
      {changes.length > 0 && (
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconRestore size={13} />}
          onClick={() => history.make(t('simulator.all-changes-taken-back'), { changes: [] })}
        >
          {t('simulator.changes-reset', { count: changes.length })}
        </Button>
      )}
      <span className="toolbar-space" />
      <ClassButton
        place={() => ({
          kind: 'step',
          title: run.scenario.title,
          link: packedStep({ input, changes, client: place.client, step: place.step }),
        })}
      />
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPresentation size={15} />}
        disabled={!props.canPresent}
        onClick={props.onPresent}
      >
        {t('simulator.present-2')}
      </Button>
      <Tooltip label={t('share.action')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('share.action')} onClick={() => setSharing(true)}>
          <IconLink size={17} />
        </ActionIcon>
      </Tooltip>
      <ShareDialog
        isOpen={isSharing}
        onClose={() => setSharing(false)}
        name={id.replaceAll(':', '-')}
        shared={{ input, changes, client: place.client, step: place.step }}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('simulator.more')}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() =>
              download(`${id}.pcapng`, run.capture as Uint8Array<ArrayBuffer>, 'application/vnd.tcpdump.pcap')
            }
          >
            {t('simulator.export-packets-pcapng')}
          </Menu.Item>
          <Menu.Item onClick={() => void attempt(t('handout.print'), print)}>{t('handout.print')}</Menu.Item>
          <Menu.Item onClick={() => void lab()}>{t('simulator.export-lab-file')}</Menu.Item>
          <Menu.Item onClick={props.onSave}>{t('simulator.save-scenario-mine')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
