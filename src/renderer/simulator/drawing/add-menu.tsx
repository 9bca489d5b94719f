import { t, textOf } from '#messages/text.ts'
import { Button, Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { firmwareNames, firmwareText } from '#shared/machines/pxe-client/firmwares.ts'
import {
  addMachine,
  addRelay,
  addSegment,
  addServer,
  serverKinds,
  serverNames,
  type Edit,
} from '#shared/simulation/edits.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'

interface AddMenuProps {
  readonly scenario: Scenario
  /** The segment that something is added to. */
  readonly segment: string
  readonly onSegment: (segment: string) => void
  readonly isOpen: boolean
  readonly onOpen: (isOpen: boolean) => void
  readonly onAdd: (edit: Edit) => void
}

/** What can be added to the network, with the settings it needs to work at once. */
export function AddMenu({ scenario, segment, onSegment, isOpen, onOpen, onAdd }: AddMenuProps): ReactElement {
  const others = Object.keys(scenario.segments).filter((one) => one !== segment)
  return (
    <Menu position="bottom-end" opened={isOpen} onChange={onOpen} withinPortal>
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
          {t('simulator.add')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('simulator.on-this-segment', { segment })}</Menu.Label>
        {others.length > 0 && (
          <Menu.Sub>
            <Menu.Sub.Target>
              <Menu.Sub.Item>{t('simulator.another-segment')}</Menu.Sub.Item>
            </Menu.Sub.Target>
            <Menu.Sub.Dropdown>
              {others.map((one) => (
                <Menu.Item key={one} closeMenuOnClick={false} onClick={() => onSegment(one)}>
                  {one}
                </Menu.Item>
              ))}
            </Menu.Sub.Dropdown>
          </Menu.Sub>
        )}
        <Menu.Sub>
          <Menu.Sub.Target>
            <Menu.Sub.Item>{t('simulator.machine-boots')}</Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown>
            {firmwareNames.map((name) => (
              <Menu.Item key={name} onClick={() => onAdd(addMachine(scenario, name, segment))}>
                {firmwareText(name)}
              </Menu.Item>
            ))}
          </Menu.Sub.Dropdown>
        </Menu.Sub>
        {serverNames.map((kind) => (
          <Menu.Item key={kind} onClick={() => onAdd(addServer(scenario, kind, segment))}>
            {textOf(serverKinds[kind].title)}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => onAdd(addRelay(scenario, segment))}>{t('simulator.router-relay-2')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => onAdd(addSegment(scenario))}>{t('simulator.segment-title')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
