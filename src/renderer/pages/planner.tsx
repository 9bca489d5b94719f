import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Button, Group, Loader, Menu, SegmentedControl, Tabs, Text, Title } from '@mantine/core'
import { useFileDialog } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useEffect, useMemo, useRef, useState, type DragEvent, type ReactElement } from 'react'
import { CallFailure } from '#shared/contract/channel.ts'
import type { Facts } from '#shared/lab/facts.ts'
import type { LabProblem } from '#shared/lab/lab.ts'
import { plainForm, writeText, type TextForm } from '#shared/lab/text-form.ts'
import { changesBetween } from '#shared/planner/changes.ts'
import { planFormats, stateNames, type PlanFormat } from '#shared/planner/export.ts'
import type { Filling } from '#shared/planner/from-facts.ts'
import { nameOf, siteJsonSchema, type Path } from '#shared/planner/site.ts'
import { isLogName } from '#shared/logs/text-pieces.ts'
import type { SchemaNode } from '#shared/lab/completions.ts'
import { statedWith } from '#shared/planner/site-text.ts'
import { call } from '../connection.ts'
import { Mark } from '../doctor/mark.tsx'
import { download } from '../parts/download.ts'
import { readTextOf } from '../text-file.ts'
import { Panes } from '../parts/panes.tsx'
import { marksOf } from '../parts/problem-text.ts'
import { TextEditor } from '../parts/text-editor.tsx'
import { useRead } from '../parts/use-read.ts'
import { Hierarchy } from '../planner/hierarchy.tsx'
import { InPlaceView } from '../planner/in-place-view.tsx'
import { LogsView } from '../planner/logs-view.tsx'
import { noLog, type OpenLog } from '../planner/use-log.ts'
import { marks } from '../planner/marks.ts'
import { SequenceView, type Drafts } from '../planner/sequence-view.tsx'
import { SiteForm, type Place } from '../planner/site-form.tsx'
import { pathOf } from '../planner/site-schema.ts'
import { ScaleView } from '../planner/scale-view.tsx'
import type { ShownPlan } from '../planner/shown-plan.ts'
import type { SiteEngine } from '../planner/site-engine.ts'
import { UpgradeView } from '../planner/upgrade-view.tsx'
import { anotherFile, rewrite, siteWorker, useJudged, type Edit, type TextBox } from '../planner/use-site.ts'
import { Verdicts } from '../planner/verdicts.tsx'
import { WayOutView } from '../planner/way-out-view.tsx'
import { go, useRoute } from '../route.ts'
import { attempt } from '../store.ts'
import { offerUndo } from '../undo.tsx'

/** What an empty text shows: YAML, the same in every language. */
const exampleSite = "sites:\n  - { code: P01, role: primary, version: '2403' }\nwants: { pxe: true }"
const types = { md: 'text/markdown', csv: 'text/csv', html: 'text/html' } as const
const kept = { text: 'planner', start: 'planner-start', form: 'planner-form', file: 'planner-file' } as const
const views = { verdicts: say('planner-page.view-verdicts'), upgrade: say('planner-page.view-upgrade'), 'in-place': say('planner-page.place'), sequence: say('planner-page.task-sequence'), 'way-out': say('planner-page.view-way-out'), scale: say('planner-page.view-scale'), logs: say('planner-page.view-logs') } as const // prettier-ignore
type View = keyof typeof views

/** What became of the rules since the file was opened or taken as a start. */
function WhatIf({
  before,
  after,
  onKeep,
  onBack,
}: {
  readonly before: ShownPlan
  readonly after: ShownPlan
  readonly onKeep: () => void
  readonly onBack: () => void
}): ReactElement {
  const changes = changesBetween(before, after)
  return (
    <section className="planner-what-if" aria-label={t('planner-page.changed')}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <details>
          <summary>
            <strong>
              {changes.length === 0
                ? t('planner-page.edited-results-unchanged')
                : t('planner-page.verdicts-changed', {
                    count: changes.length,
                    states: (['violated', 'unknown', 'met', 'not-applicable'] as const)
                      .flatMap((state) => {
                        const count = changes.filter((one) => one.to === state).length
                        return count > 0 ? [t('planner-page.count-now', { count, state: stateNames[state] })] : []
                      })
                      .join(', '),
                  })}
            </strong>
          </summary>
          {changes.map(({ id, title, from, to }) => (
            <Text key={id} size="sm">
              <Mark {...marks[to]} />
              <span className="mono">{id}</span> {textOf(title)}: {textOf(stateNames[from])} → {textOf(stateNames[to])}
            </Text>
          ))}
        </details>
        <Group gap={4} wrap="nowrap">
          <Button size="compact-xs" variant="default" onClick={onKeep}>
            {t('planner-page.set-baseline')}
          </Button>
          <Button size="compact-xs" variant="default" onClick={onBack}>
            {t('planner-page.revert')}
          </Button>
        </Group>
      </Group>
    </section>
  )
}

function headline(judged: ShownPlan): string {
  const count = (state: string): number => judged.rules.filter((one) => one.state === state).length
  const [violated, open] = [count('violated'), count('unknown')]
  return violated > 0
    ? t('planner-page.rules-violated', { count: violated })
    : open > 0
      ? t('planner-page.nothing-violated-rules-need-more', { count: open })
      : t('planner-page.everything-applies-met')
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const none: readonly LabProblem[] = []
const siteSchema = siteJsonSchema() as SchemaNode

/** What is not in the site file, and is there again when somebody comes back to this page. */
let unfinished: { readonly log: OpenLog; readonly drafts: Drafts } = { log: noLog, drafts: new Map() }

/** What is open, and can be put back as a whole. */
interface OpenSite {
  readonly text: string
  readonly start: string
  readonly fileForm: TextForm
  readonly differing: Filling['differing']
  readonly drafts: Drafts
}

/** Shows a site on the page that is there now. */
let put: (site: OpenSite) => void = () => {}

/** The text as it is kept, which every page that shows it has. */
const box: TextBox = {
  read: () => sessionStorage.getItem(kept.text) ?? '',
  put: (text) => {
    sessionStorage.setItem(kept.text, text)
    putText(text)
  },
}
/** Shows a text on the page that is there now. */
let putText: (text: string) => void = () => {}

/** Puts another site in place of one; `what` was done can be undone while nothing else was changed. */
function change(what: string | undefined, before: OpenSite, after: OpenSite): void {
  anotherFile()
  put(after)
  if (what !== undefined && before.text !== after.text) offerBack(what, before, after)
}

function offerBack(what: string, before: OpenSite, after: OpenSite): void {
  const from = (expected: OpenSite, next: OpenSite) => (): Promise<void> => {
    if ((sessionStorage.getItem(kept.text) ?? '') !== expected.text)
      throw new CallFailure(t('planner-page.site-file-changed-since'), t('planner-page.change-hand-page-planner'))
    // The page may be another one now.
    sessionStorage.setItem(kept.text, next.text)
    sessionStorage.setItem(kept.start, next.start)
    sessionStorage.setItem(kept.file, JSON.stringify(next.fileForm))
    unfinished = { ...unfinished, drafts: next.drafts }
    anotherFile()
    put(next)
    return Promise.resolve()
  }
  offerUndo(what, from(after, before), from(before, after))
}

/** A site file on the left, as a form and as text, and on the right what stands in its way. */
export function PlannerPage(): ReactElement {
  const { item } = useRoute()
  const view: View = item !== undefined && item in views ? (item as View) : 'verdicts'
  const examples = useRead(() => call('plan.examples', {}), 'examples')
  const [text, setText] = useState(() => sessionStorage.getItem(kept.text) ?? '')
  /** What is compared with: the text as it was opened. */
  const [start, setStart] = useState(() => sessionStorage.getItem(kept.start) ?? text)
  const [form, setForm] = useState(() => (sessionStorage.getItem(kept.form) === 'text' ? 'text' : 'form'))
  /** How the file that was opened is written, so that it is saved in the same way. */
  const [fileForm, setFileForm] = useState(() => JSON.parse(sessionStorage.getItem(kept.file) ?? JSON.stringify(plainForm)) as TextForm) // prettier-ignore
  const [place, setPlace] = useState<Place>()
  const [differing, setDiffering] = useState<Filling['differing']>([])
  const [words, setWords] = useState('')
  const [log, setLog] = useState(unfinished.log)
  const [drafts, setDrafts] = useState(unfinished.drafts)
  useEffect(() => {
    unfinished = { log, drafts }
  }, [log, drafts])
  const [lineToGo, setLineToGo] = useState<{ readonly line: number }>()
  /** The text as it was saved last. */
  const [saved, setSaved] = useState<string>()
  /** What the form says already, and the worker has not written into the text yet. */
  const [pending, setPending] = useState<readonly { readonly edit: Edit; readonly isWritten: boolean }[]>([])

  useEffect(() => sessionStorage.setItem(kept.text, text), [text])
  useEffect(() => sessionStorage.setItem(kept.start, start), [start])
  useEffect(() => sessionStorage.setItem(kept.form, form), [form])
  useEffect(() => sessionStorage.setItem(kept.file, JSON.stringify(fileForm)), [fileForm])
  // A file of ten thousand lines takes seconds, which nothing here waits for.
  const { shown, shownText, problem } = useJudged(text, start)
  const { problems: wrong, site, stated: written, judged } = shown ?? { problems: none }
  const isAsOpened = text === start
  const { shown: atStart } = useJudged(isAsOpened ? undefined : start, start)
  const before = isAsOpened ? undefined : atStart?.judged
  const isCurrent = shownText === text
  useEffect(() => {
    if (isCurrent && pending.some((one) => one.isWritten)) setPending((all) => all.filter((one) => !one.isWritten))
  }, [isCurrent, pending])
  const stated = useMemo(
    () =>
      pending.reduce(
        (known, { edit: { path, value }, isWritten }) =>
          isWritten && isCurrent ? known : statedWith(known, path, value),
        written,
      ),
    [written, pending, isCurrent],
  )
  const problems = useMemo(() => new Map(wrong.map((one) => [one.field, one])), [wrong])
  const textMarks = useMemo(() => marksOf(wrong), [wrong])
  const isEmpty = text.trim() === ''

  useEffect(() => {
    putText = setText
    put = (one) => {
      setPending([])
      setText(one.text)
      setStart(one.start)
      setFileForm(one.fileForm)
      setDiffering(one.differing)
      setDrafts(one.drafts)
    }
  }, [])
  const now = (): OpenSite => ({ text, start, fileForm, differing, drafts })
  const open = (content: string, written: TextForm = plainForm): void => {
    const isEdited = text !== start && text !== saved && text.trim() !== ''
    change(isEdited ? t('planner-page.opened-another-site-changes-one') : undefined, now(), {
      text: content,
      start: content,
      fileForm: written,
      differing: [],
      drafts: new Map(),
    })
  }
  const latest = useRef(now)
  useEffect(() => {
    latest.current = now
  })
  const edit = (path: Path, value: unknown, what?: string): void => {
    const one: Edit = { path, value }
    setPending((all) => [...all, { edit: one, isWritten: false }])
    void attempt(nameOf(path), async () => {
      let isWritten = false
      let before = ''
      const put = (next: string): void => {
        isWritten = true
        box.put(next)
        setPending((all) => all.map((other) => (other.edit === one ? { ...other, isWritten } : other)))
        if (what !== undefined)
          offerBack(what, { ...latest.current(), text: before }, { ...latest.current(), text: next })
      }
      try {
        await rewrite({ ...box, put }, (content) => siteWorker('write', (before = content), path, value))
      } finally {
        if (!isWritten) setPending((all) => all.filter((other) => other.edit !== one))
      }
    })
  }
  const goTo = (name: string): void => {
    setForm('form')
    setPlace({ path: pathOf(name, stated) })
  }
  const fill = async (facts: Facts): Promise<void> => {
    let filling: Awaited<ReturnType<SiteEngine['fill']>>
    let isAsked = false
    const isWritten = await rewrite(box, async (content) => {
      filling = await siteWorker('fill', content, facts)
      isAsked = true
      return filling?.text
    })
    if (filling && isWritten) {
      const { added, differing: others } = filling
      setDiffering(others)
      notifications.show({
        message:
          others.length > 0
            ? t('planner-page.facts-filled-differ', { count: added, host: facts.host, differing: others.length })
            : t('planner-page.facts-filled', { count: added, host: facts.host }),
      })
    } else if (isAsked && !filling)
      notifications.show({ color: 'red', message: t('planner-page.site-file-mistakes-correct-them') })
  }
  const bring = async (file: File): Promise<void> => {
    const { text: content, form: written } = await readTextOf(file)
    const facts = /"collectedAt"\s*:/.test(content.slice(0, 4000))
    if (facts) await attempt(file.name, async () => fill(await call('doctor.read', { text: content })))
    else open(content, written)
  }
  const bringLogs = (list: readonly File[]): void => {
    setLog({ text: '', files: list })
    go('planner', 'logs')
  }
  const files = useFileDialog({
    multiple: false,
    resetOnOpen: true,
    accept: '.yaml,.yml,.json',
    onChange: (list) => list?.[0] && void bring(list[0]),
  })
  const drop = (event: DragEvent): void => {
    const list = [...event.dataTransfer.files]
    const file = list[0]
    if (!file) return
    const logs = list.filter((one) => isLogName(one.name))
    if (logs.length > 0) {
      event.preventDefault()
      bringLogs(logs)
      return
    }
    // Captures are opened as everywhere; what is taken here says so by preventing the default.
    if (!/\.(ya?ml|json)$/i.test(file.name)) return
    event.preventDefault()
    void bring(file)
  }
  const goToLine = (line: number): void => {
    setForm('text')
    setLineToGo({ line })
  }

  const saveAs = async (format: PlanFormat): Promise<void> => {
    const document = shownText === undefined ? undefined : await siteWorker('document', shownText, format)
    if (document !== undefined) download(`plan.${format}`, document, types[format])
  }

  const reading =
    problem === undefined ? (
      <Group gap="xs" className="comes-late">
        <Loader size={14} />
        <Text size="sm">{t('planner-page.reading')}</Text>
      </Group>
    ) : (
      <Text size="sm" c="var(--lab-bad)">
        {problem}
      </Text>
    )
  const left = (
    <div className="planner-file">
      <Group gap="xs" mb={6}>
        <SegmentedControl
          size="xs"
          aria-label={t('planner-page.site-file')}
          value={form}
          onChange={(value) => setForm(value)}
          data={[
            { value: 'form', label: t('planner-page.form') },
            { value: 'text', label: t('planner-page.text') },
          ]}
        />
        <Menu>
          <Menu.Target>
            <Button size="xs" variant="default">
              {t('planner-page.open')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={files.open}>{t('planner-page.site-file-facts-server')}</Menu.Item>
            <Menu.Label>{t('planner-page.examples')}</Menu.Label>
            {(examples.value ?? []).map((one) => (
              <Menu.Item key={one.id} onClick={() => open(one.text)}>
                {one.title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          size="xs"
          variant="default"
          title={t('planner-page.doctor-knows-machine')}
          onClick={() => void attempt(t('planner-page.facts'), async () => fill(await call('doctor.collect', {})))}
        >
          {t('planner-page.add-machine')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={isEmpty}
          onClick={() => {
            download('site.yaml', writeText(text, fileForm) as Uint8Array<ArrayBuffer>, 'text/yaml')
            setSaved(text)
          }}
        >
          {t('planner-page.save')}
        </Button>
        {shown && !isCurrent && (
          <Loader size={14} className="comes-late" aria-label={t('planner-page.reading')} role="status" />
        )}
      </Group>
      {form === 'text' ? (
        <div className="planner-text">
          <TextEditor
            label={t('planner-page.site-file-2')}
            language="yaml"
            value={text}
            onChange={setText}
            problems={textMarks}
            schema={siteSchema}
            goTo={lineToGo}
            placeholder={exampleSite}
          />
        </div>
      ) : !shown ? (
        reading
      ) : stated === undefined ? (
        <Text size="sm">{t('planner-page.text-yaml-form-can-made')}</Text>
      ) : (
        <SiteForm site={stated} problems={problems} place={place} onEdit={edit} />
      )}
      <div role="status" aria-label={t('planner-page.problems-file')} className="planner-problems">
        {wrong.map((one, index) => (
          <Text key={index} size="sm" c="var(--lab-bad)">
            <Button size="compact-xs" variant="subtle" color="red" onClick={() => goToLine(one.line)}>
              {t('planner-page.line', { line: one.line })}
            </Button>
            :{' '}
            {t('planner-page.field-problem', {
              field: one.field,
              problem: one.message,
              value: one.value,
              remedy: one.remedy,
            })}
          </Text>
        ))}
        {differing.map(({ path, stated: own, found }) => (
          <Text key={nameOf(path)} size="sm" c="var(--lab-wait)">
            {t('planner-page.differs', { field: nameOf(path), stated: valueText(own), found: valueText(found) })}{' '}
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() => {
                edit(path, found)
                setDiffering(differing.filter((one) => one.path !== path))
              }}
            >
              {t('planner-page.take', { value: valueText(found) })}
            </Button>
          </Text>
        ))}
      </div>
    </div>
  )

  const nothing = (
    <>
      <h1 className="visually-hidden">{t('planner-page.planner')}</h1>
      <Text c="dimmed" maw={520}>
        {t('planner-page.describe-configuration-manager-site-far')}
      </Text>
    </>
  )
  const content = (): ReactElement => {
    if (view === 'logs')
      return (
        <LogsView
          log={log}
          onLog={setLog}
          onFiles={bringLogs}
          onRule={
            judged && !isEmpty
              ? (id) => {
                  setWords(id)
                  go('planner')
                }
              : undefined
          }
        />
      )
    if (view === 'scale') return <ScaleView />
    if (isEmpty) return nothing
    if (!shown) return reading
    if (!site || !judged)
      return (
        <Title order={1}>
          {t('planner-page.nothing-judged-until-corrected', {
            mistakes:
              wrong.length === 1
                ? t('planner-page.file-mistake')
                : t('planner-page.file-mistakes', { count: wrong.length }),
          })}
        </Title>
      )
    if (view === 'upgrade') return <UpgradeView site={site} text={shownText ?? ''} onGo={goTo} />
    if (view === 'way-out') return <WayOutView standings={judged.wayOut} onGo={goTo} />
    if (view === 'in-place') return <InPlaceView site={site} onGo={goTo} />
    if (view === 'sequence')
      return <SequenceView site={site} drafts={drafts} onDrafts={setDrafts} onEdit={edit} onGo={goTo} />
    return (
      <>
        <Group justify="space-between" mb={6} wrap="nowrap">
          <div role="status">
            <Title order={1}>{headline(judged)}</Title>
          </div>
          <Menu>
            <Menu.Target>
              <Button size="xs" variant="default" className="keeps-width">
                {t('planner-page.save-2')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {planFormats.map((format) => (
                <Menu.Item key={format} onClick={() => void attempt(t('planner-page.save-2'), () => saveAs(format))}>
                  {{ md: 'Markdown', csv: 'CSV', html: 'HTML' }[format]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
        <Hierarchy site={site} states={judged.sites} />
        <Verdicts judged={judged} words={words} onWords={setWords} onGo={goTo} />
      </>
    )
  }
  const shownView = (
    <div className="planner-verdicts">
      <Tabs
        value={view}
        onChange={(value) => go('planner', value === 'verdicts' ? undefined : (value ?? undefined))}
        mb={10}
      >
        <Tabs.List>
          {Object.entries(views).map(([name, title]) => (
            <Tabs.Tab key={name} value={name}>
              {textOf(title)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {before && judged && !isEmpty && view !== 'logs' && view !== 'scale' && (
        <WhatIf
          before={before}
          after={judged}
          onKeep={() => setStart(text)}
          onBack={() => change(t('planner-page.reverted-site-file'), now(), { ...now(), text: start })}
        />
      )}
      {content()}
    </div>
  )
  return (
    <div className="planner" onDrop={drop}>
      {/* Who only reads a log or plans a storm has no site file to look at. */}
      {(view === 'logs' || view === 'scale') && isEmpty ? (
        shownView
      ) : (
        <Panes id="planner" share={42} first={left} second={shownView} />
      )}
    </div>
  )
}
