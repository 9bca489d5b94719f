import { Button, Switch, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { t, textOf } from '#messages/text.ts'
import type { Preferences } from '#shared/contract/shell.ts'
import { SettingRow } from '../parts/setting-row.tsx'
import { shellBridge } from '../shell-bridge.ts'
import { useStore } from '../store.ts'

/** Choices that only a desktop application has. */
export function DesktopSettings(): ReactElement | null {
  const shell = useStore((one) => one.shell)
  if (!shell) return null
  const { preferences, unacceleratedBecause, logFolder, update } = shell
  const change = (part: Partial<Preferences>): void =>
    shellBridge?.ask({ type: 'change-preferences', preferences: { ...preferences, ...part } })
  return (
    <section className="section" aria-label={t('shell.desktop')}>
      <Title order={2} mb={4}>
        {t('shell.desktop')}
      </Title>
      <SettingRow label={t('shell.notify-failure')} hint={t('shell.notify-failure-hint')}>
        <Switch
          aria-label={t('shell.notify-failure')}
          checked={preferences.notifiesFailures}
          onChange={(event) => change({ notifiesFailures: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow label={t('shell.notify-approval')} hint={t('shell.notify-approval-hint')}>
        <Switch
          aria-label={t('shell.notify-approval')}
          checked={preferences.notifiesApprovals}
          onChange={(event) => change({ notifiesApprovals: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow
        label={t('shell.acceleration')}
        hint={
          unacceleratedBecause === ''
            ? t('shell.acceleration-hint')
            : t('shell.acceleration-off', { reason: unacceleratedBecause })
        }
      >
        <Switch
          aria-label={t('shell.acceleration')}
          checked={preferences.hardwareAcceleration}
          onChange={(event) => change({ hardwareAcceleration: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow label={t('shell.updates')} hint={t('shell.updates-hint', { host: update.host })}>
        <Switch
          aria-label={t('shell.updates')}
          checked={preferences.looksForUpdates}
          onChange={(event) => change({ looksForUpdates: event.currentTarget.checked })}
        />
        {update.message !== '' && (
          <Text size="xs" mt={4} role="status">
            {textOf(update.message)}
          </Text>
        )}
        {update.isNewer && (
          <Button size="compact-xs" variant="default" mt={4} onClick={() => shellBridge?.ask({ type: 'open-release' })}>
            {t('shell.release-page')}
          </Button>
        )}
      </SettingRow>
      <SettingRow label={t('shell.logs-and-dumps')} hint={t('shell.logs-stay')}>
        <Text className="mono wraps" size="xs">
          {logFolder}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          mt={4}
          onClick={() => shellBridge?.ask({ type: 'open-log-folder' })}
        >
          {t('shell.log-folder')}
        </Button>
      </SettingRow>
    </section>
  )
}
