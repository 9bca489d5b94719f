import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Anchor, Loader } from '@mantine/core'
import { useEffect, type ReactElement } from 'react'
import { AskPage } from './ask/ask-page.tsx'
import { isAskItem } from './ask/place.ts'
import { BootFilesPage } from './pages/boot-files.tsx'
import { ClientsPage } from './pages/clients.tsx'
import { FirstRunPage } from './pages/first-run.tsx'
import { DoctorPage } from './pages/doctor.tsx'
import { LabPage } from './pages/lab.tsx'
import { PlannerPage } from './pages/planner.tsx'
import { FlowsPage } from './pages/flows.tsx'
import { SitesPage } from './pages/sites.tsx'
import { SettingsPage } from './pages/settings.tsx'
import { SimulatorPage } from './pages/simulator.tsx'
import { DropZone } from './flows/drop-zone.tsx'
import { FailureBoundary } from './parts/failure-boundary.tsx'
import { EmptyState } from './parts/empty-state.tsx'
import { UnknownPage } from './parts/unknown-page.tsx'
import { hubLinks, type PageName } from '#shared/contract/pages.ts'
import { addressOf, go, useRoute } from './route.ts'
import { AboutSheet } from './shell/about.tsx'
import { BackEndBar } from './shell/back-end-bar.tsx'
import { BottomLine } from './shell/bottom-line.tsx'
import { ComplaintBar } from './shell/complaint-bar.tsx'
import { Palette } from './shell/palette.tsx'
import { QuestionDialog } from './shell/question-dialog.tsx'
import { Rail } from './shell/rail.tsx'
import { ShortcutsSheet } from './shell/shortcuts.tsx'
import { TopBar } from './shell/top-bar.tsx'
import { useWindowTitle } from './shell/window-title.ts'
import { StartPage } from './start/start-page.tsx'
import { useTicking } from './start/first-steps.ts'
import { useRemembering } from './start/recent.ts'
import { HelpPanel } from './help/help-panel.tsx'
import { useHelpAddress } from './help/address.ts'
import { useStore } from './store.ts'
import { hearUndoKeys } from './undo.tsx'
import { Rich } from './parts/rich.tsx'

const pageFor: Readonly<Record<PageName, () => ReactElement>> = {
  start: StartPage,
  lab: LabPage,
  clients: ClientsPage,
  flows: FlowsPage,
  doctor: DoctorPage,
  simulator: SimulatorPage,
  files: BootFilesPage,
  planner: PlannerPage,
  settings: SettingsPage,
  sites: SitesPage,
}

const code = { code: (text: string) => <code>{text}</code> }
const noHub = (
  <EmptyState title={t('app.lab-no-other-sites')}>
    <Rich message={say('app.what-a-hub-is')} tags={code} />
  </EmptyState>
)
const noLab = (
  <EmptyState title={t('app.window-shows-hub')} action={<Anchor href={addressOf('sites')}>{t('app.go-sites')}</Anchor>}>
    <Rich message={say('app.page-of-a-lab')} tags={code} />
  </EmptyState>
)

function Page(): ReactElement {
  const { page, item, unknown } = useRoute()
  const state = useStore((one) => one.connection)
  const lab = useStore((one) => one.lab)
  const isHub = useStore((one) => one.hub !== undefined)
  if (state === 'refused')
    return (
      <EmptyState title={t('app.page-may-not-talk-lab')}>
        <Rich message={say('app.address-works-once')} tags={code} />
      </EmptyState>
    )
  if (unknown !== undefined && (isHub || lab)) return <UnknownPage name={unknown} isHub={isHub} />
  if (isHub) {
    if (page === 'start') return <SitesPage />
    const Shown = pageFor[page]
    return hubLinks.some((one) => one.page === page) ? <Shown /> : noLab
  }
  if (!lab)
    return (
      <EmptyState title={t('app.connecting-lab')} icon={<Loader size={20} />}>
        {state === 'lost' ? t('app.pxe-lab-does-not-answer') : t('app.takes-moment')}
      </EmptyState>
    )
  if (page === 'sites') return noHub
  // A capture can be looked at without a lab; doctor and simulator need nothing at all.
  if (!lab.exists && ['lab', 'clients', 'files'].includes(page)) return <FirstRunPage />
  const Shown = page === 'doctor' && isAskItem(item) ? AskPage : pageFor[page]
  return <Shown />
}

/** One page that fails does not take the window with it: another address starts anew. */
function PageGuard(): ReactElement {
  const { page, item, unknown } = useRoute()
  return (
    <FailureBoundary address={`${unknown ?? page}/${item ?? ''}`}>
      <Page />
    </FailureBoundary>
  )
}

/** A lab that runs is what one wants to see first; else Start. */
function useFirstPage(): void {
  const state = useStore((one) => one.status?.state)
  const isHub = useStore((one) => one.hub !== undefined)
  const isKnown = state !== undefined || isHub
  useEffect(() => {
    if (isKnown && window.location.hash === '')
      go(isHub ? 'sites' : state === 'listening' || state === 'responding' ? 'lab' : 'start', undefined, true)
    // Only where the window opens: starting the responder takes nobody away.
  }, [isKnown])
}

export function App(): ReactElement {
  useWindowTitle()
  useEffect(hearUndoKeys, [])
  useFirstPage()
  useHelpAddress()
  useRemembering()
  useTicking()
  return (
    <div className="shell">
      <Palette />
      <DropZone />
      <AboutSheet />
      <ShortcutsSheet />
      <QuestionDialog />
      <Rail />
      <TopBar />
      <main className="page" id="page" tabIndex={-1}>
        <ComplaintBar />
        <BackEndBar />
        <PageGuard />
      </main>
      <HelpPanel />
      <BottomLine />
    </div>
  )
}
