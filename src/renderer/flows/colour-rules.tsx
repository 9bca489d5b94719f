/** The rules that colour packets: the first that takes one decides. */
import { t } from '#messages/text.ts'
import { ActionIcon, Button, Group, Modal, Select, Switch, Text, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import { useEffect, useMemo, type ReactElement } from 'react'
import { useRead } from '../parts/use-read.ts'
import { ask } from './client.ts'
import { defaultRules, prefer, tints, usePreferences, type Tint, type TintRule } from './preferences.ts'

const tintNames: Readonly<Record<Tint, string>> = {
  bad: t('flows.red'),
  wait: t('flows.amber'),
  good: t('flows.green'),
  dhcp: t('flows.blue'),
  pxe: t('flows.violet'),
  tftp: t('flows.teal'),
  http: t('flows.cyan'),
  quiet: t('flows.grey'),
}

/** The rules that are on, told to the engine whenever they change. */
export function useColourRules(): readonly TintRule[] {
  const rules = usePreferences((one) => one.rules)
  const areColoured = usePreferences((one) => one.areColoured)
  const key = JSON.stringify(areColoured ? rules.filter((rule) => rule.isOn) : [])
  useEffect(() => {
    void ask('setRules', JSON.parse(key) as TintRule[])
  }, [key])
  return useMemo(() => JSON.parse(key) as TintRule[], [key])
}

interface RuleRowProps {
  readonly rule: TintRule
  readonly index: number
  readonly count: number
  readonly onChange: (rule: TintRule) => void
  readonly onMove: (step: 1 | -1) => void
  readonly onRemove: () => void
}

function RuleRow({ rule, index, count, onChange, onMove, onRemove }: RuleRowProps): ReactElement {
  const { value: problem } = useRead(() => ask('checkFilter', rule.filter), rule.filter)
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" component="li" className="colour-rule" data-tint={rule.tint}>
      <Switch
        size="xs"
        mt={6}
        aria-label={t('flows.rule-is-on', { name: rule.name })}
        checked={rule.isOn}
        onChange={(event) => onChange({ ...rule, isOn: event.currentTarget.checked })}
      />
      <TextInput
        size="xs"
        w={190}
        aria-label={t('flows.name-rule', { number: index + 1 })}
        value={rule.name}
        onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        flex={1}
        classNames={{ input: 'mono' }}
        aria-label={t('flows.filter-rule', { number: index + 1 })}
        value={rule.filter}
        error={problem ? `${problem.message}. ${problem.remedy}` : undefined}
        onChange={(event) => onChange({ ...rule, filter: event.currentTarget.value })}
      />
      <Select
        size="xs"
        w={96}
        aria-label={t('flows.colour-rule', { number: index + 1 })}
        data={tints.map((tint) => ({ value: tint, label: tintNames[tint] }))}
        value={rule.tint}
        allowDeselect={false}
        onChange={(tint) => onChange({ ...rule, tint: tint as Tint })}
      />
      <Group gap={0} wrap="nowrap" mt={3}>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.move-up', { rule: rule.name })} disabled={index === 0} onClick={() => onMove(-1)}>
          <IconArrowUp size={14} />
        </ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.move-down', { rule: rule.name })} disabled={index === count - 1} onClick={() => onMove(1)}>
          <IconArrowDown size={14} />
        </ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.remove', { rule: rule.name })} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </Group>
    </Group>
  ) // prettier-ignore
}

export function ColourRulesDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const rules = usePreferences((one) => one.rules)
  const areColoured = usePreferences((one) => one.areColoured)
  const set = (next: readonly TintRule[]): void => prefer({ rules: next })
  const moved = (index: number, step: 1 | -1): TintRule[] => {
    const next = [...rules]
    const [one] = next.splice(index, 1)
    next.splice(index + step, 0, one!)
    return next
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      title={t('flows.colour-rules')}
      size="xl"
    >
      <Text size="xs" c="dimmed" mb="xs">
        {t('flows.first-rule-takes-packet-colours')}
      </Text>
      <Switch
        size="xs"
        mb="xs"
        label={t('flows.colour-packets')}
        checked={areColoured}
        onChange={(event) => prefer({ areColoured: event.currentTarget.checked })}
      />
      <ol className="colour-rules" aria-label={t('flows.colour-rules')}>
        {rules.map((rule, index) => (
          <RuleRow
            // A rule is its place: everything else of it can be written.
            key={index}
            rule={rule}
            index={index}
            count={rules.length}
            onChange={(changed) => set(rules.map((one, at) => (at === index ? changed : one)))}
            onMove={(step) => set(moved(index, step))}
            onRemove={() => set(rules.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      <Group mt="sm" gap="xs">
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            set([{ name: t('flows.new-rule'), filter: 'frame.marked == 1', tint: 'wait', isOn: true }, ...rules])
          }
        >
          {t('flows.add-rule')}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => set(defaultRules)}>
          {t('flows.reset-rules')}
        </Button>
      </Group>
    </Modal>
  )
}
