import { ActionIcon, Button, Group, Loader, NumberInput, Select, Switch, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import type { ClassState, Student } from '#shared/contract/classroom.ts'
import { t } from '#messages/text.ts'
import { call } from '../connection.ts'
import { Copyable } from '../parts/copyable.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import type { Column } from '../parts/table-columns.ts'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { confirm } from '../shell/sheets.ts'
import { attempt, useStore } from '../store.ts'
import { coursePage } from '../lessons/place.ts'
import './classroom.css'
import { lead } from './lead.ts'
import { LeadLesson } from './lead-lesson.tsx'
import { LeadVote } from './lead-vote.tsx'
import { entriesOfCourse, type ListedLesson } from './outline.ts'

const everywhere = '0.0.0.0'
const usualPort = 8067

function Bar(): ReactElement {
  return (
    <div className="toolbar">
      <ActionIcon
        component="a"
        href={addressOf('simulator', coursePage)}
        variant="subtle"
        color="gray"
        aria-label={t('lesson.all')}
      >
        <IconArrowLeft size={18} />
      </ActionIcon>
      <Title order={1} size="h3">
        {t('class.title')}
      </Title>
    </div>
  )
}

/** Where students come in, before anybody does. */
function OpenForm(): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const [host, setHost] = useState(everywhere)
  const [port, setPort] = useState(usualPort)
  const [isBusy, setBusy] = useState(false)
  const open = async (): Promise<void> => {
    setBusy(true)
    const state = await attempt(t('class.open'), () => call('class.open', { host, port }))
    if (state) useStore.setState({ classroom: state })
    setBusy(false)
  }
  return (
    <div className="page-body">
      <Text maw={680}>{t('class.about')}</Text>
      <Text maw={680} c="dimmed" mt={8}>
        {t('class.about-door')}
      </Text>
      <Group mt="md" gap="md" align="flex-end">
        <Select
          label={t('class.address')}
          size="xs"
          w={300}
          value={host}
          onChange={(value) => value !== null && setHost(value)}
          allowDeselect={false}
          data={[
            { value: everywhere, label: t('class.every-address') },
            ...interfaces.map(({ address, name }) => ({ value: address, label: t('class.one-address', { address, name }) })), // prettier-ignore
          ]}
        />
        <NumberInput
          label={t('class.port')}
          size="xs"
          w={110}
          min={0}
          max={65_535}
          allowDecimal={false}
          hideControls
          value={port}
          onChange={(value) => typeof value === 'number' && setPort(value)}
        />
        <Button size="xs" loading={isBusy} onClick={() => void open()}>
          {t('class.open')}
        </Button>
      </Group>
    </div>
  )
}

function whereOf({ report }: Student, lessons: readonly ListedLesson[]): string {
  if (!report) return t('class.where-elsewhere')
  const title = lessons.find(({ id }) => id === report.lesson)?.title ?? t('class.own-lesson')
  return report.at >= report.of
    ? t('class.where-done', { title })
    : t('class.where-step', { title, at: report.at + 1, of: report.of })
}

function Students({
  state,
  lessons,
}: {
  readonly state: ClassState
  readonly lessons: readonly ListedLesson[]
}): ReactElement {
  // prettier-ignore
  const columns: readonly Column<Student>[] = [
    { id: 'number', title: '#', hint: t('class.number-hint'), value: ({ number }) => number, width: 44, isNumber: true },
    { id: 'name', title: t('class.name'), value: ({ name }) => name, width: 120, grows: 2 },
    { id: 'where', title: t('class.where'), value: (one) => whereOf(one, lessons), width: 130, grows: 3 },
    {
      id: 'points',
      title: t('lesson.points'),
      value: ({ report }) => report?.score ?? null,
      text: ({ report }) => (report ? t('lesson.points-of', { points: report.score, of: report.outOf }) : ''),
      width: 78,
      isNumber: true,
    },
    {
      id: 'here',
      title: t('class.here'),
      value: ({ isHere }) => (isHere ? t('class.is-here') : t('class.is-away')),
      width: 62,
    },
  ]
  const remove = async (some: readonly Student[]): Promise<void> => {
    for (const { number } of some) await lead({ do: 'remove', number })
  }
  return (
    <DataTable
      id="class"
      label={t('class.students')}
      rows={state.students}
      columns={columns}
      keyOf={({ number, name }) => `${number} ${name}`}
      rowName={({ name }) => name}
      actions={(some) => [
        { label: t('class.remove', { count: some.length }), isBad: true, run: () => void remove(some) },
      ]}
      bar={
        <Text size="sm" className="grows">
          {t('class.count', {
            here: state.students.filter(({ isHere }) => isHere).length,
            all: state.students.length,
          })}
        </Text>
      }
    />
  )
}

function Running({ state }: { readonly state: ClassState }): ReactElement {
  const { value: lessons } = useRead(entriesOfCourse, 'lessons')
  const close = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('class.end-title'),
      text: t('class.end-text'),
      action: t('class.end'),
    })
    if (!isSure) return
    await attempt(t('class.end'), () => call('class.close', {}))
  }
  return (
    <>
      <div className="class-head">
        <dl>
          <div>
            <Text component="dt" c="dimmed">
              {t('class.students-open')}
            </Text>
            {state.addresses.map((address) => (
              <dd key={address} className="class-address">
                <Copyable text={address} />
              </dd>
            ))}
          </div>
          <div>
            <Text component="dt" c="dimmed">
              {t('class.code')}
            </Text>
            <dd className="class-code">{state.code}</dd>
          </div>
        </dl>
        <span className="grows" />
        <Switch
          size="xs"
          label={t('class.lock')}
          checked={state.isLocked}
          onChange={(event) => void lead({ do: 'lock', isLocked: event.currentTarget.checked })}
        />
        <Button size="xs" variant="default" onClick={() => void close()}>
          {t('class.end')}
        </Button>
      </div>
      <div className="class-stage">
        <section className="class-list" aria-label={t('class.students')}>
          {state.students.length === 0 ? (
            <EmptyState title={t('class.nobody')}>{t('class.nobody-hint')}</EmptyState>
          ) : (
            <Students state={state} lessons={lessons ?? []} />
          )}
        </section>
        <div className="class-lead">
          {lessons ? <LeadLesson state={state} lessons={lessons} /> : <Loader size={20} m="md" />}
          <LeadVote state={state} />
        </div>
      </div>
    </>
  )
}

/** The class of this lab, for whoever leads it. It stays open while this window is closed. */
export function ClassPage(): ReactElement {
  const state = useStore((one) => one.classroom)
  return (
    <div className="page-full">
      <Bar />
      {state === undefined ? <Loader size={20} m="md" /> : state === null ? <OpenForm /> : <Running state={state} />}
    </div>
  )
}
