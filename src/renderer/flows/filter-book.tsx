/** Filters that were saved under a name, and those that were used last. */
import { t } from '#messages/text.ts'
import { ActionIcon, Button, Group, Popover, Text, TextInput, Tooltip } from '@mantine/core'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { dropFilter, saveFilter, usePreferences } from './preferences.ts'

interface FilterBookProps {
  readonly filter: string
  /** Whether the filter can be saved: something that makes sense. */
  readonly isValid: boolean
  readonly onFilter: (text: string) => void
}

interface FilterButtonProps {
  readonly label: string
  readonly text: string
  readonly onTake: (text: string) => void
}

function FilterButton({ label, text, onTake }: FilterButtonProps): ReactElement {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      color="gray"
      justify="flex-start"
      flex={1}
      miw={0}
      title={text}
      className={label === text ? 'mono' : undefined}
      onClick={() => onTake(text)}
    >
      {label}
    </Button>
  )
}

export function FilterBook({ filter, isValid, onFilter }: FilterBookProps): ReactElement {
  const saved = usePreferences((one) => one.saved)
  const recent = usePreferences((one) => one.recent)
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const take = (text: string): void => {
    onFilter(text)
    setOpen(false)
  }
  const save = (): void => {
    saveFilter(name.trim(), filter)
    setName('')
  }
  const canSave = isValid && filter.trim() !== '' && name.trim() !== ''
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="sm" width={340} trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t('flows.saved-recent-filters')}>
          <ActionIcon
            size="input-xs"
            variant="default"
            aria-label={t('flows.saved-recent-filters')}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <IconBookmark size={14} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Group gap={6} wrap="nowrap">
          <TextInput
            size="xs"
            flex={1}
            aria-label={t('flows.name-filter')}
            placeholder={filter.trim() === '' ? t('flows.write-filter-save') : t('flows.save-filter')}
            disabled={filter.trim() === '' || !isValid}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && canSave && save()}
          />
          <Button size="compact-sm" disabled={!canSave} onClick={save}>
            {t('flows.save')}
          </Button>
        </Group>
        {saved.length > 0 && (
          <Text size="xs" c="dimmed" mt={8}>
            {t('flows.saved')}
          </Text>
        )}
        {saved.map((one) => (
          <Group key={one.name} gap={4} wrap="nowrap">
            <FilterButton label={one.name} text={one.filter} onTake={take} />
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={t('flows.remove', { rule: one.name })}
              onClick={() => dropFilter(one.name)}
            >
              <IconTrash size={13} />
            </ActionIcon>
          </Group>
        ))}
        <Text size="xs" c="dimmed" mt={8}>
          {recent.length === 0 ? t('flows.filters-you-apply-enter-kept') : t('flows.recent')}
        </Text>
        {recent.map((text) => (
          <FilterButton key={text} label={text} text={text} onTake={take} />
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}
