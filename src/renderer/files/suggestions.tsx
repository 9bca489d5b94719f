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
  const give = (rule: Rule): string => `Give ${rule.file} to ${machinesOf(rule)}`
  return (
    <Group gap={8} mb={12} role="group" aria-label="Suggestions">
      {suggestions.map(({ rule }) => (
        <Button
          key={rule.file}
          size="compact-sm"
          variant="light"
          onClick={() => void changeRules(`${rule.file} goes to ${machinesOf(rule)}`, withRule(rules, rule))}
        >
          {give(rule)}
        </Button>
      ))}
      {suggestions.length > 1 && (
        <Button
          size="compact-sm"
          onClick={() =>
            void changeRules(
              'The suggested lines were added',
              suggestions.reduce<readonly Rule[]>((all, { rule }) => withRule(all, rule), rules),
            )
          }
        >
          All of these
        </Button>
      )}
      <Text size="xs" c="dimmed">
        These programs are in the folder, and their machines get nothing yet.
      </Text>
    </Group>
  )
}
