import type { Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Button, Group, Text, Title } from '@mantine/core'
import { useMemo, useState, type DragEvent, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import type { BootFiles } from '#shared/contract/calls.ts'
import { ruleForFile, withRule } from '#shared/lab/known-programs.ts'
import { call } from '../connection.ts'
import { ArrivingBar } from '../files/arriving-bar.tsx'
import { changeRules, rulesOf, type Rule } from '../files/change-lab.ts'
import { DiscImageSheet } from '../files/disc-image.tsx'
import { MenuEditor } from '../files/menu-editor.tsx'
import { PresetButton } from '../files/preset-list.tsx'
import { AddRule, RulesTable } from '../files/rules-table.tsx'
import { ScriptEditor } from '../files/script-editor.tsx'
import { SecureBoot } from '../files/secure-boot.tsx'
import { programFiles, Suggestions } from '../files/suggestions.tsx'
import { addFiles, filesOfDrop, type ChosenFile } from '../files/upload.ts'
import { machinesOf } from '../files/who.ts'
import { WindowsImageSheet } from '../files/windows-image.tsx'
import { WhoGetsWhat } from '../files/who-gets-what.tsx'
import { TemplatePreview } from '../machines/template-preview.tsx'
import { copyText } from '../parts/copy.ts'
import { DataTable } from '../parts/data-table.tsx'
import { InvalidLab } from '../parts/invalid-lab.tsx'
import { LabNotices } from '../parts/lab-notices.tsx'
import { RestartNotice } from '../parts/restart-notice.tsx'
import type { Column } from '../parts/table-columns.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'

/** The browser's chooser, for several files. */
function chooseFiles(): Promise<ChosenFile[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  const chosen = new Promise<ChosenFile[]>((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])].map((file) => ({ name: file.name, file }))))
    input.addEventListener('cancel', () => resolve([]))
  })
  input.click()
  return chosen
}

type ListedFile = BootFiles['files'][number] & { readonly rule: Rule | undefined }

const isEditable = (kind: ListedFile['kind']): boolean => kind === 'script' || kind === 'configuration'
const isBootImage = (kind: ListedFile['kind'], problem: Phrase): boolean => kind === 'windows-image' && problem === ''
const fileName = ({ name }: ListedFile): string => name

const fileColumns = (
  rules: readonly Rule[],
  edit: (name: string) => void,
  look: (name: string) => void,
  configure: (name: string) => void,
): readonly Column<ListedFile>[] => [
  {
    id: 'name',
    title: t('files.name-title'),
    width: 160,
    grows: 1,
    value: fileName,
    cell: ({ name }) => <span className="mono">{name}</span>,
  },
  {
    id: 'size',
    title: t('files.size-title'),
    width: 80,
    isNumber: true,
    value: ({ size }) => size,
    text: ({ size }) => tellBytes(size),
  },
  {
    id: 'kind',
    title: t('files.what-title'),
    width: 160,
    grows: 1.2,
    value: ({ description, problem }) =>
      problem === '' ? textOf(description) : `${textOf(description)}: ${textOf(problem)}`,
    cell: ({ description, problem }) =>
      problem === '' ? (
        textOf(description)
      ) : (
        <Text span inherit c="var(--lab-bad)" title={textOf(problem)}>
          {textOf(description)}: {textOf(problem)}
        </Text>
      ),
  },
  {
    id: 'modified',
    title: t('files.modified-title'),
    width: 150,
    value: ({ modified }) => modified,
    text: ({ modified }) => formatDateTime(modified),
  },
  {
    id: 'give',
    title: t('files.give-title'),
    width: 200,
    cell: ({ name, kind, problem, rule }) => (
      <>
        {rule && !rules.some((one) => one.file === name) && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() =>
              void changeRules(t('files.goes', { file: name, machines: machinesOf(rule) }), withRule(rules, rule))
            }
          >
            {t('files.give', { machines: machinesOf(rule) })}
          </Button>
        )}
        {kind === 'disc-image' && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={t('files.look-into', { file: name })}
            onClick={() => look(name)}
          >
            {t('files.look-inside')}
          </Button>
        )}
        {isBootImage(kind, problem) && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={t('files.boot-configuration-of', { file: name })}
            onClick={() => configure(name)}
          >
            {t('files.boot-configuration')}
          </Button>
        )}
        {isEditable(kind) && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={t('files.edit-file', { file: name })}
            onClick={() => edit(name)}
          >
            {t('files.edit-2')}
          </Button>
        )}
      </>
    ),
  },
]

function FileList({
  boot,
  rules,
  onSaved,
}: {
  readonly boot: BootFiles
  readonly rules: readonly Rule[]
  readonly onSaved: () => void
}): ReactElement {
  const [edited, setEdited] = useState<string>()
  const files = useMemo(() => {
    const programs = programFiles(boot)
    return boot.files.map((file, index) => ({ ...file, rule: ruleForFile(programs[index]!) }))
  }, [boot])
  const [looked, setLooked] = useState<string>()
  const [configured, setConfigured] = useState<string>()
  const columns = useMemo(() => fileColumns(rules, setEdited, setLooked, setConfigured), [rules])
  const image = boot.files.find(({ name }) => name === configured)
  return (
    <section className="section" aria-label={t('files.files-folder')}>
      {boot.files.length === 0 ? (
        <>
          <Title order={2} mb={4}>
            {t('files.files-folder')}
          </Title>
          <Text c="dimmed">{t('files.folder-empty-drop-boot-programs')}</Text>
        </>
      ) : (
        <DataTable
          id="boot-files"
          label={t('files.files')}
          rows={files}
          columns={columns}
          keyOf={fileName}
          mostRows={16}
          bar={<Title order={2}>{t('files.files-folder')}</Title>}
          actions={(some) => [
            ...(some.length === 1 && isEditable(some[0]!.kind)
              ? [{ label: t('files.edit-2'), run: () => setEdited(some[0]!.name) }]
              : []),
            ...(some.length === 1 && some[0]!.kind === 'disc-image'
              ? [{ label: t('files.look-inside'), run: () => setLooked(some[0]!.name) }]
              : []),
            ...(some.length === 1 && isBootImage(some[0]!.kind, some[0]!.problem)
              ? [{ label: t('files.boot-configuration'), run: () => setConfigured(some[0]!.name) }]
              : []),
            {
              label: some.length === 1 ? t('files.copy-name') : t('files.copy-names'),
              run: () =>
                void copyText(some.map(fileName).join('\n'), some.length === 1 ? fileName(some[0]!) : t('files.names')),
            },
          ]}
        />
      )}
      {edited !== undefined && <ScriptEditor name={edited} onClose={() => setEdited(undefined)} onSaved={onSaved} />}
      {looked !== undefined && (
        <DiscImageSheet
          name={looked}
          boot={boot}
          rules={rules}
          onClose={() => setLooked(undefined)}
          onSaved={onSaved}
        />
      )}
      {image && (
        <WindowsImageSheet image={image} boot={boot} onClose={() => setConfigured(undefined)} onSaved={onSaved} />
      )}
      {boot.isTruncated && <Text c="dimmed">{t('files.folder-more-files-than-listed')}</Text>}
    </section>
  )
}

export function BootFilesPage(): ReactElement {
  const lab = useStore((one) => one.lab?.lab)
  const text = useStore((one) => one.lab?.text)
  const notices = useStore((one) => one.lab?.notices)
  const { value: boot, error, again } = useRead(() => call('files.list', {}), text)
  if (!lab) return <InvalidLab shows={t('files.boot-files')} />
  const rules = rulesOf(lab)
  const add = async (chosen: readonly ChosenFile[]): Promise<void> => {
    if (!boot || chosen.length === 0) return
    if (!boot.exists) await attempt(t('files.boot-files'), () => call('files.create', {}))
    await addFiles(
      chosen,
      boot.files.map(({ name }) => name),
      again,
    )
    again()
  }
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return
    // A capture is looked at, here as anywhere.
    if ([...event.dataTransfer.files].every(({ name }) => /\.(pcap|pcapng)$/i.test(name))) return
    event.preventDefault()
    void attempt(t('files.boot-files'), async () => add(await filesOfDrop(event.dataTransfer.items)))
  }
  return (
    // The whole page takes what is dropped, its margins as well.
    <div className="page-filled" onDrop={drop}>
      <div className="page-body boot-files">
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={1}>{t('files.boot-files')}</Title>
            <Text c="dimmed" className="mono">
              {boot?.root ?? lab.boot.files}
            </Text>
          </div>
          <Group gap={8}>
            {boot && <PresetButton lab={lab} boot={boot} onDone={again} />}
            <Button size="compact-sm" onClick={() => void chooseFiles().then(add)}>
              {t('files.add-files')}
            </Button>
            {boot && (
              <Button size="compact-sm" variant="default" onClick={() => void copyText(boot.root)}>
                {t('files.copy-path')}
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={again}>
              {t('files.refresh')}
            </Button>
          </Group>
        </Group>
        <ArrivingBar />
        {error !== undefined && <Text c="var(--lab-bad)">{error}</Text>}
        {boot && !boot.exists && (
          <Group mt={12} role="alert">
            <Text c="var(--lab-bad)">{t('files.folder-does-not-exist')}</Text>
            <Button
              size="compact-sm"
              onClick={() => void attempt(t('files.folder'), async () => (await call('files.create', {}), again()))}
            >
              {t('files.create')}
            </Button>
          </Group>
        )}
        {boot && (
          <>
            <datalist id="boot-files">
              {boot.files.map((one) => (
                <option key={one.name} value={one.name} />
              ))}
            </datalist>
            <section className="section" aria-label={t('files.boot-programs')}>
              <Title order={2} mb="xs">
                {t('files.each-machine-gets')}
              </Title>
              {rules.length > 1 && (
                <Text c="dimmed" mb="xs">
                  {t('files.first-line-fits-wins')}
                </Text>
              )}
              <RestartNotice />
              <LabNotices notices={notices ?? []} isAtFiles />
              <Suggestions rules={rules} boot={boot} />
              {rules.length > 0 && <RulesTable rules={rules} boot={boot} />}
              <AddRule rules={rules} />
            </section>
            <WhoGetsWhat lab={lab} boot={boot} />
            <TemplatePreview lab={lab} boot={boot} />
            <SecureBoot />
            <MenuEditor rules={rules} boot={boot} onSaved={again} />
            <FileList boot={boot} rules={rules} onSaved={again} />
          </>
        )}
      </div>
    </div>
  )
}
