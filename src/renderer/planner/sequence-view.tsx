import { t, textOf } from '#messages/text.ts'
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
      error={textOf(check.fields[field])}
      value={String(draft[field] ?? '')}
      onChange={(event) => set({ [field]: event.currentTarget.value || undefined })}
      data={[{ value: '', label: t('planner-page.stated') }, ...options]}
    />
  )
  const yesNo = (field: keyof TaskSequence, label: string): ReactElement => (
    <NativeSelect
      size="xs"
      name={field}
      label={label}
      error={textOf(check.fields[field])}
      value={draft[field] === undefined ? '' : draft[field] ? 'yes' : 'no'}
      onChange={(event) => set({ [field]: asBoolean[event.currentTarget.value as keyof typeof asBoolean] })}
      data={[
        { value: '', label: t('planner-page.stated') },
        { value: 'yes', label: t('common.yes') },
        { value: 'no', label: t('common.no') },
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
            ? t('planner-page.does-work-yet', {
                name: draft.name || t('planner-page.the-sequence'),
                count: Math.max(violated, wrong),
              })
            : unknown > 0
              ? t('planner-page.nothing-wrong-rules-want-know', { name: draft.name, unknown })
              : t('planner-page.complete', { name: draft.name })}
        </Title>
      </div>
      <Group gap="sm" mb={8} align="flex-end">
        <NativeSelect
          size="xs"
          label={t('planner-page.task-sequence')}
          value={String(place)}
          onChange={(event) =>
            setChosen(event.currentTarget.value === 'new' ? 'new' : Number(event.currentTarget.value))
          }
          data={[
            ...existing.map(({ one, index }) => ({ value: String(index), label: one.name })),
            { value: 'new', label: t('planner-page.new-one') },
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
          {place === 'new' ? t('planner-page.add-site-file') : t('planner-page.write-into-site-file')}
        </Button>
        {place !== 'new' && isChanged && (
          <Button size="xs" variant="default" onClick={() => setDraft(undefined)}>
            {t('planner-page.file')}
          </Button>
        )}
      </Group>
      <div className="planner-wizard">
        <form ref={form} aria-label={t('planner-page.task-sequence')} onSubmit={(event) => event.preventDefault()}>
          <Page title={t('planner-page.task-sequence-information')}>
            <TextInput
              size="xs"
              label={t('planner-page.name')}
              error={textOf(check.fields.name)}
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              label={t('planner-page.description')}
              value={draft.description ?? ''}
              onChange={(event) => set({ description: event.currentTarget.value || undefined })}
            />
            {choice(
              'site',
              t('planner-page.made-site'),
              (site.sites ?? []).map((one) => one.code),
            )}
            {choice('collection', t('planner-page.deployed'), names(site.collections))}
          </Page>
          <Page title={t('planner-page.upgrade-windows-operating-system')}>
            <NativeSelect
              size="xs"
              label={t('planner-page.by')}
              name="upgradePackage"
              error={textOf(check.fields.upgradePackage ?? check.fields.featureUpdate)}
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
                { value: '', label: t('planner-page.stated') },
                {
                  group: t('planner-page.upgrade-packages'),
                  items: names(site.upgradePackages).map((one) => ({ value: `p ${one}`, label: one })),
                },
                {
                  group:
                    sources.featureUpdates === false
                      ? t('planner-page.feature-updates-version-2103')
                      : t('planner-page.feature-updates'),
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
                {t('planner-page.wizard-version-asks-upgrade-package')}
              </Text>
            )}
            {!withFeature && (
              <>
                <NumberInput
                  size="xs"
                  label={t('planner-page.edition-index')}
                  name="editionIndex"
                  min={1}
                  allowDecimal={false}
                  placeholder={t('planner-page.stated')}
                  error={textOf(check.fields.editionIndex)}
                  value={draft.editionIndex ?? ''}
                  onChange={(value) =>
                    set({ editionIndex: typeof value === 'number' && value >= 1 ? value : undefined })
                  }
                />
                <Group gap="sm" align="flex-end" wrap="nowrap">
                  <TextInput
                    size="xs"
                    className="grows"
                    label={t('planner-page.product-key')}
                    name="productKey"
                    placeholder={
                      draft.productKey === ''
                        ? t('planner-page.none-volume-licence')
                        : t('planner-page.aaaaa-bbbbb-ccccc-ddddd-eeeee')
                    }
                    error={textOf(check.fields.productKey)}
                    value={draft.productKey ?? ''}
                    onChange={(event) =>
                      set({ productKey: event.currentTarget.value.trim().toUpperCase() || undefined })
                    }
                  />
                  <Checkbox
                    size="xs"
                    mb={6}
                    label={t('planner-page.none')}
                    checked={draft.productKey === ''}
                    onChange={(event) => set({ productKey: event.currentTarget.checked ? '' : undefined })}
                  />
                </Group>
              </>
            )}
            {yesNo('ignoreMessages', t('planner-page.ignore-any-dismissable-compatibility-message'))}
          </Page>
          <Page title={t('planner-page.include-updates')}>
            {choice('updates', t('planner-page.updates-label'), [
              { value: 'required', label: t('planner-page.required-updates') },
              { value: 'all', label: t('planner-page.all-updates') },
              { value: 'none', label: t('planner-page.updates') },
            ])}
          </Page>
          <Page title={t('planner-page.install-applications')}>
            <TagsInput
              size="xs"
              label={t('planner-page.applications-their-order')}
              name="applications"
              data={site.catalogue ?? []}
              placeholder={
                draft.applications === undefined
                  ? t('planner-page.stated')
                  : draft.applications.length === 0
                    ? t('planner-page.none')
                    : ''
              }
              error={textOf(check.fields.applications)}
              value={draft.applications ?? []}
              onChange={(list) => set({ applications: list })}
            />
            <Checkbox
              size="xs"
              mt={4}
              label={t('planner-page.applications')}
              checked={draft.applications?.length === 0}
              onChange={(event) => set({ applications: event.currentTarget.checked ? [] : undefined })}
            />
            {(draft.applications?.length ?? 0) > 1 && yesNo('continueOnFailure', t('planner-page.one-fails-go-next'))}
          </Page>
          <Page title={t('planner-page.steps')}>
            <TagsInput
              size="xs"
              label={t('planner-page.steps-their-order')}
              name="steps"
              placeholder={draft.steps === undefined ? t('planner-page.stated') : ''}
              error={textOf(check.fields.steps)}
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
                {t('planner-page.add-steps', { steps: neededSteps.join(' and ') })}
              </Button>
            )}
            {choice('restartTo', t('planner-page.restart-computer-to'), [
              { value: 'installed', label: t('planner-page.currently-installed-default-operating-system') },
              { value: 'windows-pe', label: t('planner-page.windows-pe') },
            ])}
            <MultiSelect
              size="xs"
              label={t('planner-page.changes-besides')}
              name="changes"
              data={[...upgradeChanges]}
              placeholder={
                draft.changes === undefined
                  ? t('planner-page.stated')
                  : draft.changes.length === 0
                    ? t('planner-page.nothing')
                    : ''
              }
              error={textOf(check.fields.changes)}
              value={draft.changes ?? []}
              onChange={(list) => set({ changes: list })}
            />
            {yesNo('coreStepsOnly', t('planner-page.core-steps-only-packages-applications'))}
            {yesNo('reviewed', t('planner-page.drivers-applications-reviewed-target'))}
          </Page>
          <Page title={t('planner-page.deployment')}>
            {choice('deployment', t('planner-page.deployed-by'), [
              { value: 'software-center', label: t('planner-page.software-center') },
              { value: 'stand-alone media', label: t('planner-page.stand-alone-media') },
              { value: 'internet', label: t('planner-page.internet-cloud-management-gateway') },
              { value: 'phased', label: t('planner-page.phased-deployment') },
            ])}
            {draft.deployment === 'internet' && yesNo('allowInternet', t('planner-page.allowed-run-clients-internet'))}
            {draft.deployment === 'internet' &&
              yesNo('gatewayContent', t('planner-page.all-content-management-gateway'))}
            {yesNo('preCache', t('planner-page.pre-download-content'))}
            {yesNo('standAloneMedia', t('planner-page.stand-alone-media-2'))}
            {(draft.standAloneMedia === true || draft.deployment === 'stand-alone media') &&
              yesNo('bootImage', t('planner-page.boot-image'))}
            {withFeature && yesNo('isNew', t('planner-page.new-task-sequence'))}
            {withFeature && yesNo('imported', t('planner-page.exported-imported-migrated'))}
            {withFeature &&
              draft.imported === true &&
              yesNo('stepAddedAgain', t('planner-page.upgrade-os-added-again'))}
            {withFeature && yesNo('prestaged', t('planner-page.prestaged-content'))}
          </Page>
        </form>
        <div>
          <section aria-label={t('planner-page.summary')}>
            <Title order={2}>{t('planner-page.summary')}</Title>
            <dl className="planner-summary">
              {summaryOf(site, draft).map(([label, value]) => (
                <div key={textOf(label)}>
                  <dt>{textOf(label)}</dt>
                  <dd>{textOf(value)}</dd>
                </div>
              ))}
            </dl>
          </section>
          <section aria-label={t('planner-page.check')}>
            <Title order={2}>{t('planner-page.check')}</Title>
            <Text size="sm">
              <Mark {...(check.open.length === 0 ? good : violated > 0 ? bad : marks.unknown)} />
              {t('planner-page.rules-met-violated-known', { met: check.met, violated, unknown })}
            </Text>
            {check.open.map((rule) => (
              <div key={rule.id} className="line">
                <Text size="sm">
                  <Mark {...marks[rule.state]} />
                  <span className="mono">{rule.id}</span> {textOf(rule.title)}
                </Text>
                <Text size="sm" pl={20}>
                  {rule.items
                    .filter((one) => one.state === rule.state)
                    .map((one, index) => (
                      <span key={index}>
                        {one.needs.length > 0 ? (
                          <Needs needs={one.needs} within={within} onGo={goTo} />
                        ) : (
                          `${textOf(one.says)} ${textOf(rule.remedy)}`
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
