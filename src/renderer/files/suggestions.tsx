import { t } from '#messages/text.ts'
import { Button, Group, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { BootFiles } from '#shared/contract/calls.ts'
import { suggestRules, withRule, type ProgramFile } from '#shared/lab/known-programs.ts'
import { changeRules, type Rule } from './change-lab.ts'
import { machinesOf } from './who.ts'

export const programFiles = (boot: BootFiles): ProgramFile[] =>
  boot.files.map(({ name, kind, peMachine }) => ({ name, kind, ...(peMachine === null ? {} : { peMachine }) }))

/** Rules for programs that are there and machines that get nothing: one click each. */
export function Suggestions({
  rules,
  boot,
}: {
  readonly rules: readonly Rule[]
  readonly boot: BootFiles
}): ReactElement | null {
  const suggestions = suggestRules(rules, programFiles(boot))
  if (suggestions.length === 0) return null
  const give = (rule: Rule): string => t('files.give-file', { file: rule.file, machines: machinesOf(rule) })
  return (
    <Group gap={8} mb={12} role="group" aria-label={t('files.suggestions')}>
      {suggestions.map(({ rule }) => (
        <Button
          key={rule.file}
          size="compact-sm"
          variant="light"
          onClick={() =>
            void changeRules(t('files.goes', { file: rule.file, machines: machinesOf(rule) }), withRule(rules, rule))
          }
        >
          {give(rule)}
        </Button>
      ))}
      {suggestions.length > 1 && (
        <Button
          size="compact-sm"
          onClick={() =>
            void changeRules(
              t('files.suggested-lines-were-added'),
              suggestions.reduce<readonly Rule[]>((all, { rule }) => withRule(all, rule), rules),
            )
          }
        >
          {t('files.all-these')}
        </Button>
      )}
      <Text size="xs" c="dimmed">
        {t('files.these-programs-folder-their-machines')}
      </Text>
    </Group>
  )
}
