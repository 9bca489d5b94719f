import { Anchor, Button, CloseButton, Text, Title } from '@mantine/core'
import { IconCircle, IconCircleCheck, IconPlayerPlay, IconPresentation, IconStethoscope } from '@tabler/icons-react'
import { useEffect, type ReactElement, type ReactNode } from 'react'
import { call } from '../connection.ts'
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
        title="Boot machines"
        first={
          !hasLab ? (
            <Button component="a" href={addressOf('lab')}>
              Set up a lab
            </Button>
          ) : runs ? (
            <Button component="a" href={addressOf('clients')}>
              Watch clients
            </Button>
          ) : !isValid ? (
            <Button component="a" href={addressOf('settings')}>
              Correct the lab file
            </Button>
          ) : (
            <Button disabled={!isConnected} onClick={() => void startResponder()}>
              Start the responder
            </Button>
          )
        }
        others={
          <>
            {link('Choose what machines load', addressOf('files'))}
            <li>
              <HelpLink path="guide/first-boot.md">Your first boot, step by step</HelpLink>
            </li>
            <li>
              <Anchor component="button" type="button" onClick={openLab}>
                Open a lab file
              </Anchor>
            </li>
          </>
        }
      >
        This computer answers PXE clients, gives addresses if you want, and sends boot files.
      </Door>
      <Door
        icon={IconStethoscope}
        title="Find out why a boot fails"
        first={
          <Button component="a" href={addressOf('doctor', 'ask')}>
            Find the cause
          </Button>
        }
        others={
          <>
            <li>
              <Anchor component="button" type="button" onClick={openCapture}>
                Open a capture
              </Anchor>
            </li>
            {link('Check a WDS, DHCP or ConfigMgr server', addressOf('doctor'))}
            <li>
              <HelpLink path="guide/logs.md">Read SMSPXE.log and smsts.log</HelpLink>
            </li>
          </>
        }
      >
        From a code on the screen, a capture or a server to the cause and the fix.
      </Door>
      <Door
        icon={IconPresentation}
        title="Teach or plan"
        first={
          <Button component="a" href={addressOf('simulator')}>
            Play a scenario
          </Button>
        }
        others={
          <>
            {link('Compare ways to share servers', addressOf('simulator', 'matrix'))}
            {link('Check a ConfigMgr site and its upgrade', addressOf('planner'))}
            <li>
              <HelpLink path="guide/simulator.md">Present a boot to a class</HelpLink>
            </li>
          </>
        }
      >
        Boots on a simulated network, step by step, without touching yours.
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
    <section className="start-part" aria-label="First steps">
      <div className="start-head">
        <Title order={2}>First steps</Title>
        <Text size="xs" c="dimmed">
          {done.size} of {steps.length}
        </Text>
        <CloseButton size="sm" aria-label="Hide the first steps" onClick={() => hideFirstSteps(true)} />
      </div>
      <ol className="first-steps">
        {steps.map(({ id, says, address }) => {
          const isDone = done.has(id)
          const Icon = isDone ? IconCircleCheck : IconCircle
          return (
            <li key={id} data-done={isDone || undefined}>
              <Icon size={16} stroke={1.6} aria-hidden="true" />
              <a href={address}>{says}</a>
              <span className="visually-hidden">{isDone ? 'done' : 'to do'}</span>
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
  const scenarios = useRead(() => call('scenarios.list', {}), 'scenarios')
  const titles = new Map((scenarios.value ?? []).map(({ id, input }) => [id, (input as { title?: string }).title]))
  const hasPlan = (sessionStorage.getItem('planner') ?? '') !== ''
  const reopen = (path: string) => (): void => shellBridge?.ask({ type: 'open-file', path })
  const items: RecentItem[] = [
    ...(shell?.recent ?? [])
      .slice(0, 6)
      .map(({ kind, path }) => ({ key: path, label: baseName(path), detail: kind === 'lab' ? 'Lab' : 'Capture', open: reopen(path) })), // prettier-ignore
    ...(!shell && lab?.exists
      ? [{ key: 'lab', label: baseName(lab.path), detail: 'Lab', href: addressOf('lab') }]
      : []),
    ...[...(captures.value ?? [])]
      .sort((a, b) => b.modified - a.modified)
      .slice(0, 4)
      .map(({ name }) => ({ key: `saved ${name}`, label: name, detail: 'Capture of this lab', href: addressOf('flows', `saved:${name}`) })), // prettier-ignore
    ...recentScenarios
      .filter((id) => titles.get(id) !== undefined)
      .slice(0, 4)
      .map((id) => ({ key: `scenario ${id}`, label: titles.get(id)!, detail: 'Scenario', href: addressOf('simulator', id) })), // prettier-ignore
    ...(hasPlan ? [{ key: 'plan', label: 'The site you edited', detail: 'Plan', href: addressOf('planner') }] : []),
  ]
  return (
    <section className="start-part" aria-label="Recent">
      <div className="start-head">
        <Title order={2}>Recent</Title>
      </div>
      {items.length === 0 && (
        <Text c="dimmed">Captures, labs, scenarios and plans appear here once you have opened one.</Text>
      )}
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
        Start
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
