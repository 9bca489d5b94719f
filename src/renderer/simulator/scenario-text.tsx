import { t, textOf } from '#messages/text.ts'
import { Button, FileButton, Group, Text } from '@mantine/core'
import { useEffect, useMemo, useState, type ReactElement } from 'react'
import type { SchemaNode } from '#shared/lab/completions.ts'
import type { LabProblem } from '#shared/lab/lab.ts'
import { scenarioJsonSchema, type Change } from '#shared/simulation/scenario.ts'
import { download } from '../parts/download.ts'
import { marksOf, problemText } from '../parts/problem-text.ts'
import { TextEditor } from '../parts/text-editor.tsx'
import { simulator } from './client.ts'
import { useEdited } from './edited.ts'

const schema = scenarioJsonSchema() as SchemaNode
const checkAfterMs = 250

interface ScenarioTextProps {
  readonly id: string
  readonly input: unknown
  readonly changes: readonly Change[]
  /** What is written and not applied yet; undefined where it is the text of the scenario as it is played. */
  readonly draft: string | undefined
  readonly onDraft: (text: string | undefined) => void
  /** The scenario of the text is to be played in place of the one that is. */
  readonly onApply: (input: unknown, text: string) => void
}

/** The scenario as a text, the same that `pxe-lab simulate FILE` plays. */
export function ScenarioText({ id, input, changes, draft, onDraft, onApply }: ScenarioTextProps): ReactElement {
  const edited = useEdited()
  const [stated, setStated] = useState<string>()
  const [problems, setProblems] = useState<readonly LabProblem[]>([])
  useEffect(() => {
    // What somebody wrote keeps its comments until a setting changes.
    if (edited.input === input && changes.length === 0) {
      setStated(edited.text)
      return
    }
    let isCurrent = true
    void simulator('textOf', input, changes).then((text) => isCurrent && setStated(text))
    return () => {
      isCurrent = false
    }
  }, [input, changes, edited])
  useEffect(() => {
    if (draft === undefined) return setProblems([])
    let isCurrent = true
    const timer = window.setTimeout(
      () => void simulator('readText', draft).then((read) => isCurrent && setProblems(read.ok ? [] : read.problems)),
      checkAfterMs,
    )
    return () => {
      isCurrent = false
      window.clearTimeout(timer)
    }
  }, [draft])
  const marks = useMemo(() => marksOf(problems), [problems])
  const text = draft ?? stated
  const apply = async (): Promise<void> => {
    const read = await simulator('readText', draft!)
    if (read.ok) onApply(read.input, draft!)
    else setProblems(read.problems)
  }
  return (
    <div className="scenario-text">
      <Group gap="xs" p="xs">
        <Button size="compact-sm" disabled={draft === undefined} onClick={() => void apply()}>
          {t('simulator.apply-play')}
        </Button>
        <Button size="compact-sm" variant="default" disabled={draft === undefined} onClick={() => onDraft(undefined)}>
          {t('simulator.discard-changes')}
        </Button>
        <FileButton accept=".yaml,.yml" onChange={(file) => file && void file.text().then((opened) => onDraft(opened))}>
          {(props) => (
            <Button {...props} size="compact-sm" variant="default">
              {t('simulator.open-file')}
            </Button>
          )}
        </FileButton>
        <Button
          size="compact-sm"
          variant="default"
          disabled={text === undefined}
          onClick={() => download(`${id.replaceAll(/[^\w-]+/g, '-')}.yaml`, text!, 'application/yaml')}
        >
          {t('simulator.save-file')}
        </Button>
      </Group>
      {draft !== undefined && (
        <Text size="sm" px="xs" pb={4} role="status">
          {t('simulator.not-applied-boot-shown-without')}
        </Text>
      )}
      <div className="scenario-text-box">
        {text !== undefined && (
          <TextEditor
            label={t('simulator.text-scenario')}
            language="yaml"
            value={text}
            onChange={(next) => onDraft(next === stated ? undefined : next)}
            problems={marks}
            schema={schema}
          />
        )}
      </div>
      <div className="scenario-problems" role="status" aria-label={t('simulator.problems-scenario')}>
        {problems.map((one) => (
          <Text key={`${one.line}${one.field}${textOf(one.message)}`} size="sm" c="var(--lab-bad)" px="xs">
            {problemText(one)}
          </Text>
        ))}
      </div>
    </div>
  )
}
