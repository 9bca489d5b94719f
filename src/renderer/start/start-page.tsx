import { t } from '#messages/text.ts'
import { Anchor, Button, CloseButton, Text, Title } from '@mantine/core'
import { IconCircle, IconCircleCheck, IconPlayerPlay, IconPresentation, IconStethoscope } from '@tabler/icons-react'
import { useEffect, type ReactElement, type ReactNode } from 'react'
import { call } from '../connection.ts'
import { listScenarios } from '../scenarios.ts'
import { HelpLink } from '../help/help-link.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { openCapture, openLab } from '../shell/file-commands.ts'
import { startResponder } from '../shell/top-bar.tsx'
import { shellBridge } from '../shell-bridge.ts'
import { useStore } from '../store.ts'
import { hideFirstSteps, steps, stepsDone, tickFiles, useFirstSteps } from './first-steps.ts'
import { useRecent } from './recent.ts'
import { SearchField } from './search-field.tsx'
import './start.css'

interface DoorProps {
  readonly icon: typeof IconPlayerPlay
  readonly title: string
  readonly children: string
  readonly first: ReactNode
  readonly others: ReactNode
}

function Door({ icon: Icon, title, children, first, others }: DoorProps): ReactElement {
  return (
    <section className="door" aria-label={title}>
      <Title order={2} className="door-title">
        <Icon size={20} stroke={1.6} aria-hidden="true" />
        {title}
      </Title>
      <Text c="dimmed">{children}</Text>
      <div>{first}</div>
      <ul className="door-links">{others}</ul>
    </section>
  )
}

function Doors(): ReactElement {
  const hasLab = useStore((one) => one.lab?.exists ?? false)
  const isValid = useStore((one) => (one.lab?.lab ?? null) !== null)
  const state = useStore((one) => one.status?.state)
  const isConnected = useStore((one) => one.connection === 'connected')
  const runs = state === 'listening' || state === 'responding'
  const link = (label: string, href: string): ReactElement => (
    <li>
      <Anchor href={href}>{label}</Anchor>
    </li>
  )
  return (
    <div className="doors">
      <Door
        icon={IconPlayerPlay}
        title={t('start.boot-machines')}
        first={
          !hasLab ? (
            <Button component="a" href={addressOf('lab')}>
              {t('start.set-up-lab')}
            </Button>
          ) : runs ? (
            <Button component="a" href={addressOf('clients')}>
              {t('start.watch-clients')}
            </Button>
          ) : !isValid ? (
            <Button component="a" href={addressOf('settings')}>
              {t('start.correct-lab-file')}
            </Button>
          ) : (
            <Button disabled={!isConnected} onClick={() => void startResponder()}>
              {t('start.start-responder')}
            </Button>
          )
        }
        others={
          <>
            {link(t('start.choose-machines-load'), addressOf('files'))}
            <li>
              <HelpLink path="guide/first-boot.md">{t('start.your-first-boot-step-step')}</HelpLink>
            </li>
            <li>
              <Anchor component="button" type="button" onClick={openLab}>
                {t('start.open-lab-file')}
              </Anchor>
            </li>
          </>
        }
      >
        {t('start.computer-answers-pxe-clients-gives')}
      </Door>
      <Door
        icon={IconStethoscope}
        title={t('start.find-out-why-boot-fails')}
        first={
          <Button component="a" href={addressOf('doctor', 'ask')}>
            {t('start.find-cause')}
          </Button>
        }
        others={
          <>
            <li>
              <Anchor component="button" type="button" onClick={openCapture}>
                {t('start.open-capture-2')}
              </Anchor>
            </li>
            {link(t('start.check-wds-dhcp-configmgr-server'), addressOf('doctor'))}
            <li>
              <HelpLink path="guide/logs.md">{t('start.read-smspxe-log-smsts-log')}</HelpLink>
            </li>
          </>
        }
      >
        {t('start.code-screen-capture-server-cause')}
      </Door>
      <Door
        icon={IconPresentation}
        title={t('start.teach-plan')}
        first={
          <Button component="a" href={addressOf('simulator')}>
            {t('start.play-scenario')}
          </Button>
        }
        others={
          <>
            {link(t('start.compare-ways-share-servers'), addressOf('simulator', 'matrix'))}
            {link(t('start.check-configmgr-site-upgrade'), addressOf('planner'))}
            <li>
              <HelpLink path="guide/simulator.md">{t('start.present-boot-class')}</HelpLink>
            </li>
          </>
        }
      >
        {t('start.boots-simulated-network-step-step')}
      </Door>
    </div>
  )
}

function FirstSteps(): ReactElement | null {
  const { done: ticked, isHidden } = useFirstSteps()
  const done = stepsDone(
    ticked,
    useStore((one) => one.lab),
  )
  const files = useRead(() => call('files.list', {}), 'files')
  const hasFiles = (files.value?.files.length ?? 0) > 0
  useEffect(() => {
    if (hasFiles) tickFiles()
  }, [hasFiles])
  if (isHidden) return null
  return (
    <section className="start-part" aria-label={t('start.first-steps')}>
      <div className="start-head">
        <Title order={2}>{t('start.first-steps')}</Title>
        <Text size="xs" c="dimmed">
          {t('start.count-of', { count: done.size, total: steps.length })}
        </Text>
        <CloseButton size="sm" aria-label={t('start.hide-first-steps')} onClick={() => hideFirstSteps(true)} />
      </div>
      <ol className="first-steps">
        {steps.map(({ id, says, address }) => {
          const isDone = done.has(id)
          const Icon = isDone ? IconCircleCheck : IconCircle
          return (
            <li key={id} data-done={isDone || undefined}>
              <Icon size={16} stroke={1.6} aria-hidden="true" />
              <a href={address}>{says}</a>
              <span className="visually-hidden">{isDone ? t('start.done') : t('start.do')}</span>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

interface RecentItem {
  readonly key: string
  readonly label: string
  readonly detail: string
  readonly href?: string
  readonly open?: () => void
}

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path

/** What was worked on last. */
function RecentList(): ReactElement {
  const recentScenarios = useRecent((one) => one.scenarios)
  const shell = useStore((one) => one.shell)
  const lab = useStore((one) => one.lab)
  const captures = useRead(() => call('captures.list', {}), 'captures')
  const scenarios = useRead(listScenarios, 'scenarios')
  const titles = new Map((scenarios.value ?? []).map(({ id, input }) => [id, (input as { title?: string }).title]))
  const hasPlan = (sessionStorage.getItem('planner') ?? '') !== ''
  const reopen = (path: string) => (): void => shellBridge?.ask({ type: 'open-file', path })
  const items: RecentItem[] = [
    ...(shell?.recent ?? [])
      .slice(0, 6)
      .map(({ kind, path }) => ({ key: path, label: baseName(path), detail: kind === 'lab' ? t('start.lab') : t('start.capture-2'), open: reopen(path) })), // prettier-ignore
    ...(!shell && lab?.exists
      ? [{ key: 'lab', label: baseName(lab.path), detail: t('start.lab'), href: addressOf('lab') }]
      : []),
    ...[...(captures.value ?? [])]
      .sort((a, b) => b.modified - a.modified)
      .slice(0, 4)
      .map(({ name }) => ({ key: `saved ${name}`, label: name, detail: t('start.capture-lab'), href: addressOf('flows', `saved:${name}`) })), // prettier-ignore
    ...recentScenarios
      .filter((id) => titles.get(id) !== undefined)
      .slice(0, 4)
      .map((id) => ({ key: `scenario ${id}`, label: titles.get(id)!, detail: t('start.scenario'), href: addressOf('simulator', id) })), // prettier-ignore
    ...(hasPlan
      ? [{ key: 'plan', label: t('start.site-you-edited'), detail: t('start.plan'), href: addressOf('planner') }]
      : []),
  ]
  return (
    <section className="start-part" aria-label={t('start.recent')}>
      <div className="start-head">
        <Title order={2}>{t('start.recent')}</Title>
      </div>
      {items.length === 0 && <Text c="dimmed">{t('start.captures-labs-scenarios-plans-appear')}</Text>}
      <ul className="recent">
        {items.map(({ key, label, detail, href, open }) => (
          <li key={key}>
            {href === undefined ? (
              <Anchor component="button" type="button" onClick={open}>
                {label}
              </Anchor>
            ) : (
              <Anchor href={href}>{label}</Anchor>
            )}
            <Text component="span" size="xs" c="dimmed">
              {detail}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The first page until a lab runs. */
export function StartPage(): ReactElement {
  return (
    <div className="page-body start">
      <Title order={1} className="visually-hidden">
        {t('common.start')}
      </Title>
      <SearchField />
      <Doors />
      <div className="start-parts">
        <FirstSteps />
        <RecentList />
      </div>
    </div>
  )
}
