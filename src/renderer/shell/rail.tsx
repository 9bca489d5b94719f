import {
  IconArrowsExchange,
  IconDeviceDesktop,
  IconFlask,
  IconFolder,
  IconHelp,
  IconHome,
  IconListCheck,
  IconPresentation,
  IconSettings,
  IconStethoscope,
  IconWorld,
} from '@tabler/icons-react'
import { useEffect, type ReactElement } from 'react'
import { t, textOf } from '#messages/text.ts'
import { hubLinks, pageLinks, type PageName } from '#shared/contract/pages.ts'
import { isTyping } from '../parts/typing.ts'
import { articleOf } from '../help/address.ts'
import { showHelp } from '../help/state.ts'
import { addressOf, go, useRoute } from '../route.ts'
import { useStore } from '../store.ts'

const icons: Readonly<Record<PageName, typeof IconFlask>> = {
  start: IconHome,
  lab: IconFlask,
  clients: IconDeviceDesktop,
  flows: IconArrowsExchange,
  doctor: IconStethoscope,
  simulator: IconPresentation,
  files: IconFolder,
  planner: IconListCheck,
  settings: IconSettings,
  sites: IconWorld,
}

/** `g` and then a page's letter goes there. */
function useGoKeys(links: readonly { readonly page: PageName; readonly key: string }[]): void {
  useEffect(() => {
    let isWaiting = false
    let timer: number | undefined
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      if (isWaiting) {
        isWaiting = false
        const link = links.find((one) => one.key === event.key)
        if (link) go(link.page)
        return
      }
      if (event.key !== 'g') return
      isWaiting = true
      window.clearTimeout(timer)
      timer = window.setTimeout(() => (isWaiting = false), 1200)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [links])
}

export function Rail(): ReactElement {
  const { page, item, unknown } = useRoute()
  const links = useStore((one) => (one.hub ? hubLinks : pageLinks))
  useGoKeys(links)
  return (
    <nav className="rail" aria-label={t('shell.pages')}>
      <div className="rail-head">
        <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
          <rect width="16" height="16" rx="3" fill="var(--mantine-primary-color-filled)" />
          <path d="M4 5h5l-2-2M12 11H7l2 2" stroke="white" strokeWidth="1.5" fill="none" />
        </svg>
        <span className="rail-title">{t('shell.pxe-lab-2')}</span>
      </div>
      {links.map(({ page: name, label: called, key }) => {
        const label = textOf(called)
        const Icon = icons[name]
        return (
          <div key={name} className={name === 'planner' ? 'rail-foot' : undefined}>
            <a
              className="rail-link"
              href={addressOf(name)}
              aria-current={page === name && unknown === undefined ? 'page' : undefined}
              aria-label={label}
              title={`${label} (g ${key})`}
            >
              <Icon size={17} stroke={1.6} aria-hidden="true" />
              <span className="rail-label">{label}</span>
            </a>
          </div>
        )
      })}
      {links === hubLinks && <span className="rail-space" />}
      <button
        type="button"
        className="rail-link rail-button"
        title={t('shell.help-hint')}
        aria-label={t('common.help')}
        onClick={() => showHelp(articleOf(page, item))}
      >
        <IconHelp size={17} stroke={1.6} aria-hidden="true" />
        <span className="rail-label">{t('common.help')}</span>
      </button>
    </nav>
  )
}
