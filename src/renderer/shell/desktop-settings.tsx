import { Button, Switch, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
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
    <section className="section" aria-label="Desktop">
      <Title order={2} mb={4}>
        Desktop
      </Title>
      <SettingRow label="Notify when a boot fails" hint="While this window is not in front; at most once a minute">
        <Switch
          aria-label="Notify when a boot fails"
          checked={preferences.notifiesFailures}
          onChange={(event) => change({ notifiesFailures: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow
        label="Notify when a machine waits for approval"
        hint="In a lab with role: wds, while this window is not in front"
      >
        <Switch
          aria-label="Notify when a machine waits for approval"
          checked={preferences.notifiesApprovals}
          onChange={(event) => change({ notifiesApprovals: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow
        label="Hardware acceleration"
        hint={
          unacceleratedBecause === ''
            ? 'Turn it off if the window stays empty or flickers. Takes effect at the next start'
            : `Off in this run: ${unacceleratedBecause}. Takes effect at the next start`
        }
      >
        <Switch
          aria-label="Hardware acceleration"
          checked={preferences.hardwareAcceleration}
          onChange={(event) => change({ hardwareAcceleration: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow
        label="Check for updates"
        hint={`At each start, asks ${update.host} whether a newer version exists. Downloads nothing`}
      >
        <Switch
          aria-label="Check for updates"
          checked={preferences.looksForUpdates}
          onChange={(event) => change({ looksForUpdates: event.currentTarget.checked })}
        />
        {update.message !== '' && (
          <Text size="xs" mt={4} role="status">
            {update.message}
          </Text>
        )}
        {update.isNewer && (
          <Button size="compact-xs" variant="default" mt={4} onClick={() => shellBridge?.ask({ type: 'open-release' })}>
            Open release page
          </Button>
        )}
      </SettingRow>
      <SettingRow label="Logs and crash dumps" hint="They stay on this machine">
        <Text className="mono wraps" size="xs">
          {logFolder}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          mt={4}
          onClick={() => shellBridge?.ask({ type: 'open-log-folder' })}
        >
          Open log folder
        </Button>
      </SettingRow>
    </section>
  )
}
