import { t } from '#messages/text.ts'
import { ActionIcon, Button, Loader } from '@mantine/core'
import { IconArrowLeft, IconX } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, type ReactElement } from 'react'
import { isTyping } from '../parts/typing.ts'
import { useRoute } from '../route.ts'
import { articleOf } from './address.ts'
import { EntryView } from './entry-view.tsx'
import { backInHelp, closeHelp, showHelp, useHelp } from './state.ts'
import './help.css'

const ArticleView = lazy(async () => ({ default: (await import('./article-view.tsx')).ArticleView }))

/** F1 and `?` open the article of the page; F1 again closes it. */
function useHelpKeys(): void {
  const { page, item } = useRoute()
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const isQuestion = event.key === '?' && !isTyping(event.target)
      if (event.key !== 'F1' && !isQuestion) return
      event.preventDefault()
      const wanted = articleOf(page, item)
      const { shown } = useHelp.getState()
      if (shown?.kind === 'article' && wanted.kind === 'article' && shown.path === wanted.path) closeHelp()
      else showHelp(wanted)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [page, item])
}

/** The help beside the page. */
export function HelpPanel(): ReactElement | null {
  const shown = useHelp((one) => one.shown)
  const hasBefore = useHelp((one) => one.before.length > 0)
  const panel = useRef<HTMLElement>(null)
  const isOpen = shown !== undefined
  useHelpKeys()
  useEffect(() => {
    if (!isOpen) return
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [isOpen])
  if (!shown) return null
  return (
    <aside
      className="help"
      aria-label={t('common.help')}
      ref={panel}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') closeHelp()
      }}
    >
      <div className="help-head">
        {hasBefore && (
          <ActionIcon variant="subtle" color="gray" aria-label={t('help.back-help')} onClick={backInHelp}>
            <IconArrowLeft size={17} />
          </ActionIcon>
        )}
        <Button size="compact-xs" variant="subtle" onClick={() => showHelp({ kind: 'article', path: 'README.md' })}>
          {t('help.contents')}
        </Button>
        <ActionIcon variant="subtle" color="gray" aria-label={t('help.close-help')} onClick={closeHelp} ml="auto">
          <IconX size={17} />
        </ActionIcon>
      </div>
      <div className="help-body" tabIndex={0} role="region" aria-label={t('help.article')}>
        <Suspense fallback={<Loader size={18} m="md" />}>
          {shown.kind === 'article' ? (
            <ArticleView path={shown.path} anchor={shown.anchor} />
          ) : (
            <EntryView key={shown.id} id={shown.id} />
          )}
        </Suspense>
      </div>
    </aside>
  )
}
