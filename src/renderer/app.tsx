import { Loader } from '@mantine/core'
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
import { SettingsPage } from './pages/settings.tsx'
import { SimulatorPage } from './pages/simulator.tsx'
import { DropZone } from './flows/drop-zone.tsx'
import { EmptyState } from './parts/empty-state.tsx'
import type { PageName } from '#shared/contract/pages.ts'
import { go, useRoute } from './route.ts'
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
}

function Page(): ReactElement {
  const { page, item } = useRoute()
  const state = useStore((one) => one.connection)
  const lab = useStore((one) => one.lab)
  if (state === 'refused')
    return (
      <EmptyState title="This page may not talk to the lab">
        The address that <code>pxe-lab serve</code> printed works once. The next address is in the file that it names
        below that one.
      </EmptyState>
    )
  if (!lab)
    return (
      <EmptyState title="Connecting to the lab" icon={<Loader size={20} />}>
        {state === 'lost' ? 'The back end does not answer; trying again.' : 'This takes a moment.'}
      </EmptyState>
    )
  // A capture can be looked at without a lab; doctor and simulator need nothing at all.
  if (!lab.exists && ['lab', 'clients', 'files'].includes(page)) return <FirstRunPage />
  const Shown = page === 'doctor' && isAskItem(item) ? AskPage : pageFor[page]
  return <Shown />
}

/** A lab that runs is what one wants to see first; else Start. */
function useFirstPage(): void {
  const state = useStore((one) => one.status?.state)
  const isKnown = state !== undefined
  useEffect(() => {
    if (isKnown && window.location.hash === '')
      go(state === 'listening' || state === 'responding' ? 'lab' : 'start', undefined, true)
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
        <Page />
      </main>
      <HelpPanel />
      <BottomLine />
    </div>
  )
}
