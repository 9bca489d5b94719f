import { t } from '#messages/text.ts'
import { ActionIcon } from '@mantine/core'
import { IconArrowDown, IconArrowUp, type TablerIcon } from '@tabler/icons-react'
import type { ReactElement } from 'react'

/** A small button of a row; `label` says what it does, and to which row. */
export const RowAction = ({
  label,
  icon: Icon,
  isDisabled = false,
  onClick,
}: {
  readonly label: string
  readonly icon: TablerIcon
  readonly isDisabled?: boolean
  readonly onClick: () => void
}): ReactElement => (
  <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} disabled={isDisabled} onClick={onClick}>
    <Icon size={14} />
  </ActionIcon>
)

/** Moves row `at` of `count` by one; `name` is what such a row is called. */
export const MoveActions = ({
  name,
  at,
  count,
  onMove,
}: {
  readonly name: string
  readonly at: number
  readonly count: number
  readonly onMove: (to: number) => void
}): ReactElement => (
  <>
    <RowAction
      label={t('files.move-up', { what: name, number: at + 1 })}
      icon={IconArrowUp}
      isDisabled={at === 0}
      onClick={() => onMove(at - 1)}
    />
    <RowAction
      label={t('files.move-down', { what: name, number: at + 1 })}
      icon={IconArrowDown}
      isDisabled={at === count - 1}
      onClick={() => onMove(at + 1)}
    />
  </>
)
