import { ActionIcon, Anchor, Button, useMantineColorScheme } from '@mantine/core'
import { IconContrast } from '@tabler/icons-react'
import { useEffect, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { SimulatorPage } from '../pages/simulator.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailureBoundary } from '../parts/failure-boundary.tsx'
import { addressOf, go, useRoute } from '../route.ts'
import { ComplaintBar } from '../shell/complaint-bar.tsx'
import { openStep } from '../shell/file-commands.ts'
import { QuestionDialog } from '../shell/question-dialog.tsx'
import { hearUndoKeys } from '../undo.tsx'

/** A step of somebody else may be dropped anywhere. */
function useDrop(): void {
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault()
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      const file = event.dataTransfer?.files[0]
      if (file) void openStep(file)
    }
    window.addEventListener('dragover', over)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('drop', drop)
    }
  }, [])
}

/** The simulator alone, as a site of files. */
export function SiteApp({ home }: { readonly home: string }): ReactElement {
  const { page, item, unknown } = useRoute()
  const { toggleColorScheme } = useMantineColorScheme()
  useDrop()
  useEffect(hearUndoKeys, [])
  useEffect(() => {
    document.title = t('site.title')
    if (window.location.hash === '') go('simulator', undefined, true)
  }, [])
  return (
    <div className="site">
      <header className="top">
        <Anchor href={addressOf('simulator')} className="strong" c="inherit" underline="never">
          {t('site.title')}
        </Anchor>
        <span className="top-fact quiet">{t('site.about')}</span>
        <span className="grows" />
        <Anchor href={home} size="sm">
          {t('site.get')}
        </Anchor>
        <ActionIcon variant="subtle" color="gray" aria-label={t('site.colours')} onClick={toggleColorScheme}>
          <IconContrast size={17} />
        </ActionIcon>
      </header>
      <main className="page" id="page" tabIndex={-1}>
        <ComplaintBar />
        <FailureBoundary address={`${unknown ?? page}/${item ?? ''}`}>
          {page === 'simulator' && unknown === undefined ? (
            <SimulatorPage />
          ) : (
            <EmptyState
              title={t('site.page-elsewhere')}
              action={
                <Button component="a" size="xs" href={addressOf('simulator')}>
                  {t('site.to-simulator')}
                </Button>
              }
            >
              {t('site.needs-lab-remedy')}
            </EmptyState>
          )}
        </FailureBoundary>
      </main>
      <QuestionDialog />
    </div>
  )
}
