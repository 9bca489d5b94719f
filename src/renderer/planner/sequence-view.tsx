import {
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NativeSelect,
  NumberInput,
  Text,
  TagsInput,
  TextInput,
  Title,
} from '@mantine/core'
import { useRef, useState, type ReactElement, type ReactNode } from 'react'
import type { Path, Site } from '#shared/planner/site.ts'
import { upgradeChanges } from '#shared/planner/site.ts'
import {
  checkSequence,
  isNeededStep,
  neededSteps,
  newSequence,
  sourcesFor,
  summaryOf,
  type TaskSequence,
} from '#shared/planner/task-sequence.ts'
import { bad, good, Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { Needs } from './needs.tsx'

/** Sequences that are being written, by their place among those of the file. */
export type Drafts = ReadonlyMap<number | 'new', TaskSequence>

interface SequenceViewProps {
  readonly site: Site
  readonly drafts: Drafts
  readonly onDrafts: (drafts: Drafts) => void
  readonly onEdit: (path: Path, value: unknown) => void
  readonly onGo: (name: string) => void
}

const asBoolean = { '': undefined, yes: true, no: false } as const

/** What is not stated is not written. */
const stated = (one: TaskSequence): Record<string, unknown> => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) // prettier-ignore

function Page({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <fieldset className="planner-page">
      <legend>{title}</legend>
      {children}
    </fieldset>
  )
}

/** The wizard for a task sequence that upgrades in place, and the check of one that there is. */
export function SequenceView({ site, drafts, onDrafts, onEdit, onGo }: SequenceViewProps): ReactElement {
  const existing = (site.taskSequences ?? []).flatMap((one, index) => (one.kind === 'upgrade' ? [{ one, index }] : []))
  const count = site.taskSequences?.length ?? 0
  const [chosen, setChosen] = useState<number | 'new'>()
  const first = existing[0]?.index ?? 'new'
  const place = chosen === 'new' || existing.some(({ index }) => index === chosen) ? (chosen ?? first) : first
  const form = useRef<HTMLFormElement>(null)
  const own = place === 'new' ? undefined : site.taskSequences![place]
  // What is in the file is shown until it is changed here.
  const draft = drafts.get(place) ?? own ?? newSequence('Upgrade')
  const setDraft = (next: TaskSequence | undefined): void => {
    const others = [...drafts].filter(([key]) => key !== place)
    onDrafts(new Map(next ? [...others, [place, next]] : others))
  }
  const at = place === 'new' ? count : place
  const check = checkSequence(site, draft, at)
  const sources = sourcesFor(site, draft)
  const within = `taskSequences[${at}].`
  /** A fact about this sequence has its field here. */
  const goTo = (name: string): void => {
    const field = name.startsWith(within) ? name.slice(within.length) : undefined
    const found =
      field &&
      form.current?.querySelector<HTMLElement>(`[name="${field === 'featureUpdate' ? 'upgradePackage' : field}"]`)
    if (!found) return onGo(name)
    found.scrollIntoView({ block: 'center' })
    found.focus()
  }
  const set = (more: Partial<TaskSequence>): void => setDraft({ ...draft, ...more })
  const keys = [...new Set([...Object.keys(own ?? {}), ...Object.keys(draft)])] as (keyof TaskSequence)[]
  const changed = keys.filter((key) => JSON.stringify(draft[key]) !== JSON.stringify(own?.[key]))
  const isChanged = changed.length > 0
  const names = (list: readonly { readonly name: string }[] | undefined): string[] =>
    (list ?? []).map((one) => one.name)
  const choice = (
    field: keyof TaskSequence,
    label: string,
    options: readonly (string | { value: string; label: string })[],
  ): ReactElement => (
    <NativeSelect
      size="xs"
      name={field}
      label={label}
      error={check.fields[field]}
      value={String(draft[field] ?? '')}
      onChange={(event) => set({ [field]: event.currentTarget.value || undefined })}
      data={[{ value: '', label: 'not stated' }, ...options]}
    />
  )
  const yesNo = (field: keyof TaskSequence, label: string): ReactElement => (
    <NativeSelect
      size="xs"
      name={field}
      label={label}
      error={check.fields[field]}
      value={draft[field] === undefined ? '' : draft[field] ? 'yes' : 'no'}
      onChange={(event) => set({ [field]: asBoolean[event.currentTarget.value as keyof typeof asBoolean] })}
      data={[
        { value: '', label: 'not stated' },
        { value: 'yes', label: 'yes' },
        { value: 'no', label: 'no' },
      ]}
    />
  )
  const withFeature = draft.featureUpdate !== undefined
  const wrong = Object.keys(check.fields).length
  const violated = check.open.filter((one) => one.state === 'violated').length
  const unknown = check.open.length - violated
  return (
    <>
      <div role="status">
        <Title order={1} mb={8}>
          {violated + wrong > 0
            ? `${draft.name || 'It'} does not work yet: ${Math.max(violated, wrong)} ${Math.max(violated, wrong) === 1 ? 'thing is' : 'things are'} wrong.`
            : unknown > 0
              ? `Nothing is wrong with ${draft.name}; ${unknown} ${unknown === 1 ? 'rule wants' : 'rules want'} to know more.`
              : `${draft.name} is complete.`}
        </Title>
      </div>
      <Group gap="sm" mb={8} align="flex-end">
        <NativeSelect
          size="xs"
          label="Task sequence"
          value={String(place)}
          onChange={(event) =>
            setChosen(event.currentTarget.value === 'new' ? 'new' : Number(event.currentTarget.value))
          }
          data={[
            ...existing.map(({ one, index }) => ({ value: String(index), label: one.name })),
            { value: 'new', label: 'A new one' },
          ]}
        />
        <Button
          size="xs"
          disabled={!isChanged || check.fields.name !== undefined}
          onClick={() => {
            // What did not change stays as it is written, with its comments.
            if (own) for (const key of changed) onEdit(['taskSequences', at, key], draft[key])
            else onEdit(['taskSequences', at], stated(draft))
            setDraft(undefined)
            setChosen(at)
          }}
        >
          {place === 'new' ? 'Add to the site file' : 'Write into the site file'}
        </Button>
        {place !== 'new' && isChanged && (
          <Button size="xs" variant="default" onClick={() => setDraft(undefined)}>
            As in the file
          </Button>
        )}
      </Group>
      <div className="planner-wizard">
        <form ref={form} aria-label="Task sequence" onSubmit={(event) => event.preventDefault()}>
          <Page title="Task sequence information">
            <TextInput
              size="xs"
              label="Name"
              error={check.fields.name}
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              label="Description"
              value={draft.description ?? ''}
              onChange={(event) => set({ description: event.currentTarget.value || undefined })}
            />
            {choice(
              'site',
              'Made at site',
              (site.sites ?? []).map((one) => one.code),
            )}
            {choice('collection', 'Deployed to', names(site.collections))}
          </Page>
          <Page title="Upgrade the Windows operating system">
            <NativeSelect
              size="xs"
              label="By"
              name="upgradePackage"
              error={check.fields.upgradePackage ?? check.fields.featureUpdate}
              value={
                withFeature
                  ? `f ${draft.featureUpdate}`
                  : draft.upgradePackage === undefined
                    ? ''
                    : `p ${draft.upgradePackage}`
              }
              onChange={(event) => {
                const [kind, name] = [event.currentTarget.value.slice(0, 1), event.currentTarget.value.slice(2)]
                set({
                  upgradePackage: kind === 'p' ? name : undefined,
                  // A feature update has one edition, and asks for no key.
                  ...(kind === 'f'
                    ? { editionIndex: undefined, productKey: undefined }
                    : { editionIndex: draft.editionIndex ?? 1 }),
                  featureUpdate: kind === 'f' ? name : undefined,
                })
              }}
              data={[
                { value: '', label: 'not stated' },
                {
                  group: 'Upgrade packages',
                  items: names(site.upgradePackages).map((one) => ({ value: `p ${one}`, label: one })),
                },
                {
                  group:
                    sources.featureUpdates === false ? 'Feature updates (from version 2103 on)' : 'Feature updates',
                  items: names(site.featureUpdates).map((one) => ({
                    value: `f ${one}`,
                    label: one,
                    disabled: sources.featureUpdates === false,
                  })),
                },
              ]}
            />
            {withFeature && draft.isNew && sources.packageNeeded && (
              <Text size="xs" c="var(--lab-wait)">
                The wizard of this version asks for an upgrade package as well; from 2107 on it does not.
              </Text>
            )}
            {!withFeature && (
              <>
                <NumberInput
                  size="xs"
                  label="Edition index"
                  name="editionIndex"
                  min={1}
                  allowDecimal={false}
                  placeholder="not stated"
                  error={check.fields.editionIndex}
                  value={draft.editionIndex ?? ''}
                  onChange={(value) =>
                    set({ editionIndex: typeof value === 'number' && value >= 1 ? value : undefined })
                  }
                />
                <Group gap="sm" align="flex-end" wrap="nowrap">
                  <TextInput
                    size="xs"
                    className="grows"
                    label="Product key"
                    name="productKey"
                    placeholder={draft.productKey === '' ? 'none: a volume licence' : 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE'}
                    error={check.fields.productKey}
                    value={draft.productKey ?? ''}
                    onChange={(event) =>
                      set({ productKey: event.currentTarget.value.trim().toUpperCase() || undefined })
                    }
                  />
                  <Checkbox
                    size="xs"
                    mb={6}
                    label="none"
                    checked={draft.productKey === ''}
                    onChange={(event) => set({ productKey: event.currentTarget.checked ? '' : undefined })}
                  />
                </Group>
              </>
            )}
            {yesNo('ignoreMessages', 'Ignore any dismissable compatibility messages')}
          </Page>
          <Page title="Include updates">
            {choice('updates', 'Updates', [
              { value: 'required', label: 'Required updates' },
              { value: 'all', label: 'All updates' },
              { value: 'none', label: 'No updates' },
            ])}
          </Page>
          <Page title="Install applications">
            <TagsInput
              size="xs"
              label="Applications, in their order"
              name="applications"
              data={site.catalogue ?? []}
              placeholder={
                draft.applications === undefined ? 'not stated' : draft.applications.length === 0 ? 'none' : ''
              }
              error={check.fields.applications}
              value={draft.applications ?? []}
              onChange={(list) => set({ applications: list })}
            />
            <Checkbox
              size="xs"
              mt={4}
              label="No applications"
              checked={draft.applications?.length === 0}
              onChange={(event) => set({ applications: event.currentTarget.checked ? [] : undefined })}
            />
            {(draft.applications?.length ?? 0) > 1 &&
              yesNo('continueOnFailure', 'Where one fails, go on with the next')}
          </Page>
          <Page title="Steps">
            <TagsInput
              size="xs"
              label="Steps, in their order"
              name="steps"
              placeholder={draft.steps === undefined ? 'not stated' : ''}
              error={check.fields.steps}
              value={draft.steps ?? []}
              allowDuplicates
              onChange={(list) => set({ steps: list })}
            />
            {check.fields.steps !== undefined && (
              <Button
                size="compact-xs"
                variant="default"
                onClick={() =>
                  set({
                    steps: [...(draft.steps ?? []).filter((one) => !isNeededStep(one)), ...neededSteps],
                    restartTo: 'installed',
                  })
                }
              >
                Add {neededSteps.join(' and ')}
              </Button>
            )}
            {choice('restartTo', 'Restart Computer to', [
              { value: 'installed', label: 'the currently installed default operating system' },
              { value: 'windows-pe', label: 'Windows PE' },
            ])}
            <MultiSelect
              size="xs"
              label="It changes besides"
              name="changes"
              data={[...upgradeChanges]}
              placeholder={draft.changes === undefined ? 'not stated' : draft.changes.length === 0 ? 'nothing' : ''}
              error={check.fields.changes}
              value={draft.changes ?? []}
              onChange={(list) => set({ changes: list })}
            />
            {yesNo(
              'coreStepsOnly',
              'Core steps only: packages, applications, updates, command lines, PowerShell, dynamic variables',
            )}
            {yesNo('reviewed', 'Drivers and applications reviewed for the target')}
          </Page>
          <Page title="Deployment">
            {choice('deployment', 'By', [
              { value: 'software-center', label: 'Software Center' },
              { value: 'stand-alone media', label: 'Stand-alone media' },
              { value: 'internet', label: 'Internet, by a cloud management gateway' },
              { value: 'phased', label: 'Phased deployment' },
            ])}
            {draft.deployment === 'internet' && yesNo('allowInternet', 'Allowed to run for clients on the internet')}
            {draft.deployment === 'internet' && yesNo('gatewayContent', 'All of its content on a management gateway')}
            {yesNo('preCache', 'Pre-download its content')}
            {yesNo('standAloneMedia', 'On stand-alone media')}
            {(draft.standAloneMedia === true || draft.deployment === 'stand-alone media') &&
              yesNo('bootImage', 'With a boot image')}
            {withFeature && yesNo('isNew', 'A new task sequence')}
            {withFeature && yesNo('imported', 'Exported and imported, or migrated')}
            {withFeature && draft.imported === true && yesNo('stepAddedAgain', 'Upgrade OS added again')}
            {withFeature && yesNo('prestaged', 'As prestaged content')}
          </Page>
        </form>
        <div>
          <section aria-label="Summary">
            <Title order={2}>Summary</Title>
            <dl className="planner-summary">
              {summaryOf(site, draft).map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
          <section aria-label="Check">
            <Title order={2}>Check</Title>
            <Text size="sm">
              <Mark {...(check.open.length === 0 ? good : violated > 0 ? bad : marks.unknown)} />
              {check.met} rules are met, {violated} violated, {unknown} not known.
            </Text>
            {check.open.map((rule) => (
              <div key={rule.id} className="line">
                <Text size="sm">
                  <Mark {...marks[rule.state]} />
                  <span className="mono">{rule.id}</span> {rule.title}
                </Text>
                <Text size="sm" pl={20}>
                  {rule.items
                    .filter((one) => one.state === rule.state)
                    .map((one, index) => (
                      <span key={index}>
                        {one.needs.length > 0 ? (
                          <Needs needs={one.needs} within={within} onGo={goTo} />
                        ) : (
                          `${one.says} ${rule.remedy}`
                        )}{' '}
                      </span>
                    ))}
                </Text>
              </div>
            ))}
          </section>
        </div>
      </div>
    </>
  )
}
