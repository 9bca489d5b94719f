import { say, type Phrase } from '#messages/message.ts'
import { localText, t, textOf } from '#messages/text.ts'
import { Autocomplete, Button, FileButton, Group, Loader, Text, Title } from '@mantine/core'
import { useMemo, useState, type FormEvent, type ReactElement } from 'react'
import { knownCodes, stateOf, type Evidence, type Remaining } from '#shared/diagnosis/inverse/dialogue.ts'
import { evidenceOfFacts } from '#shared/diagnosis/inverse/facts.ts'
import { limits } from '#shared/diagnosis/inverse/report.ts'
import { codeInText } from '#shared/knowledge/code-in-text.ts'
import { readSpace, type Space, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { call } from '../connection.ts'
import { HelpLink } from '../help/help-link.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf, useRoute } from '../route.ts'
import { attempt } from '../store.ts'
import { readTextOf } from '../text-file.ts'
import { CauseDetail } from './cause-detail.tsx'
import { CodeSection } from './code-page.tsx'
import { askedOf, knownOf, nothingAsked, showAsked, takenBack, type Asked } from './place.ts'
import { QuestionCard } from './question-card.tsx'
import { Causes, Known } from './what-is-left.tsx'
import { Rich } from '../parts/rich.tsx'

let space: Promise<Space> | undefined
const readOnce = (): Promise<Space> => {
  const reading = (space ??= call('ask.space', {}).then((file) => readSpace(file as unknown as SpaceFile, localText)))
  reading.catch(() => (space = undefined))
  return reading
}

/** Code, capture and report: where the evidence comes from. */
function Symptom({
  space: known,
  asked,
  problem,
}: {
  readonly space: Space
  readonly asked: Asked
  readonly problem: Phrase | undefined
}): ReactElement {
  const [code, setCode] = useState(asked.code)
  const codes = useMemo(() => knownCodes(known), [known])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    showAsked({ ...asked, code: code.trim() })
  }
  const useFacts = (facts: Facts): void => {
    const seen = [...asked.seen.filter((one) => one.source !== 'facts'), ...evidenceOfFacts(facts)]
    showAsked({ ...asked, seen })
  }
  const bring = async (file: File | null): Promise<void> => {
    if (!file) return
    const { text } = await readTextOf(file)
    await attempt(file.name, async () => useFacts(await call('doctor.read', { text })))
  }
  return (
    <form className="ask-symptom" onSubmit={submit}>
      <Autocomplete
        label={t('ask.code-screen')}
        placeholder={t('ask.pxe-e55-e55-2d03e13b')}
        size="xs"
        data={codes}
        limit={8}
        value={code}
        onChange={setCode}
        onOptionSubmit={(chosen) => showAsked({ ...asked, code: chosen })}
        error={textOf(problem)}
      />
      <Group gap="xs" className="ask-sources">
        <Button size="xs" type="submit">
          {t('ask.find-causes')}
        </Button>
        <Button size="xs" variant="default" component="a" href={addressOf('flows')}>
          {t('ask.capture')}
        </Button>
        <FileButton onChange={(file) => void bring(file)} accept="application/json,.json">
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              {t('ask.server-report')}
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          variant="default"
          onClick={() => void attempt(t('ask.server'), async () => useFacts(await call('doctor.collect', {})))}
        >
          {t('ask.server-2')}
        </Button>
      </Group>
    </form>
  )
}

function Contradiction({
  conflicts,
  onTakeBack,
}: {
  readonly conflicts: readonly Evidence[]
  readonly onTakeBack: (one: Evidence) => void
}): ReactElement {
  const removable = conflicts.filter((one) => one.source !== 'assumed')
  return (
    <section className="section" aria-label={t('ask.nothing-fits')} role="status">
      <Title order={2}>{t('ask.no-simulated-set-up-shows')}</Title>
      <Text maw={760}>
        {removable.length > 0 ? t('ask.either-yours-none-them-something') : t('ask.either-yours-none-them-something-2')}
      </Text>
      <ul className="ask-how">
        {removable.map((one) => (
          <li key={`${one.source} ${one.id}`}>
            {textOf(one.says)}{' '}
            <Button size="compact-xs" variant="default" onClick={() => onTakeBack(one)}>
              {t('ask.take-back')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Dialogue({ space: known, asked }: { readonly space: Space; readonly asked: Asked }): ReactElement {
  const { evidence, unknown, problem } = useMemo(() => knownOf(known, asked), [known, asked])
  const state = useMemo(() => stateOf(known, evidence, unknown), [known, evidence, unknown])
  const code = useMemo(() => codeInText(asked.code), [asked.code])
  const [chosen, setChosen] = useState<Remaining>()
  const takeBack = (one: Evidence): void => showAsked(takenBack(asked, one))
  const [question] = state.questions
  const [first] = state.causes
  const selected =
    state.kind === 'one' || state.kind === 'alike'
      ? (state.causes.find((one) => one.cause === chosen?.cause) ?? first)
      : state.causes.find((one) => one.cause === chosen?.cause)
  const isBlank = evidence.length === 0 && unknown.length === 0
  return (
    <div className="page-body">
      <Title order={1}>{t('ask.find-cause')}</Title>
      <Text c="dimmed" maw={760}>
        {t('ask.boot-shows-back-causes-pxe')}
      </Text>
      <Symptom key={asked.code} space={known} asked={asked} problem={code ? undefined : problem} />
      {code && <CodeSection space={known} code={code} />}
      {/* No simulated machine shows it: there is nothing to ask. */}
      {code && problem !== undefined ? (
        <Text maw={760} mt="sm">
          <Rich
            message={say('ask.no-machine-shows-code')}
            tags={{ logs: (text) => <HelpLink path="guide/logs.md">{text}</HelpLink> }}
          />
        </Text>
      ) : (
        <div className="ask">
          <div>
            {state.kind === 'none' && <Contradiction conflicts={state.conflicts} onTakeBack={takeBack} />}
            {state.kind === 'several' && question && (
              <QuestionCard
                question={question}
                onAnswer={(answer) => showAsked({ ...asked, answers: [...asked.answers, { id: question.id, answer }] })}
              />
            )}
            {state.kind === 'alike' && (
              <section className="section" aria-label={t('ask.alike')} role="status">
                <Title order={2}>{t('ask.no-further-question-tells-these')}</Title>
                <Text maw={760}>{t('ask.apply-fix-first-boot-if')}</Text>
              </section>
            )}
            {selected && <CauseDetail left={selected} isOnly={state.kind === 'one'} />}
            <Text size="xs" c="dimmed" mt="sm" maw={760}>
              {textOf(limits(known.setups.length))}
            </Text>
          </div>
          <div className="ask-side">
            <Known evidence={state.evidence} onTakeBack={takeBack} />
            {unknown.length > 0 && (
              <Text size="xs" c="dimmed">
                {t('ask.questions-not-known', { count: unknown.length })}
              </Text>
            )}
            {!isBlank && (
              <Group gap="xs">
                {asked.answers.length > 0 && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => showAsked({ ...asked, answers: asked.answers.slice(0, -1) })}
                  >
                    {t('ask.take-back-last-answer')}
                  </Button>
                )}
                <Button size="compact-xs" variant="subtle" onClick={() => showAsked(nothingAsked)}>
                  {t('ask.start-over')}
                </Button>
              </Group>
            )}
            {state.causes.length > 0 && !(isBlank && problem !== undefined) && (
              <Causes causes={state.causes} selected={selected} onSelect={setChosen} />
            )}
          </div>
        </div>
      )}
    </div>
  )
}

/** The diagnosis backwards, and the page of each code. */
export function AskPage(): ReactElement {
  const { item } = useRoute()
  const { value, error, again } = useRead(readOnce, 'space')
  const asked = useMemo(() => askedOf(item), [item])
  if (error !== undefined)
    return (
      <EmptyState
        title={t('ask.simulated-set-ups-cannot-read')}
        action={
          <Button size="xs" onClick={again}>
            {t('common.try-again')}
          </Button>
        }
      >
        {error}
      </EmptyState>
    )
  if (!value) return <EmptyState title={t('ask.reading-simulated-set-ups')} icon={<Loader size={20} />} />
  return <Dialogue space={value} asked={asked} />
}
