import { ActionIcon, Button, Group, Loader, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Suspense, lazy, useEffect, useMemo, useState, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { hasBackEnd } from '../connection.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { addressOf, go, useRoute } from '../route.ts'
import { complain, useStore } from '../store.ts'
import { LessonsPage } from '../lessons/lessons-page.tsx'
import { classPage, coursePage } from '../lessons/place.ts'
import { LibraryView } from '../simulator/library-view.tsx'
import { MatrixView } from '../simulator/matrix-view.tsx'
import { isMatrix, placeOf, show } from '../simulator/place.ts'
import { Player } from '../simulator/player.tsx'
import { stepOfLink, takeShared } from '../simulator/shared-step.ts'
import { TwinView } from '../simulator/twin-view.tsx'
import { useInput } from '../simulator/use-input.ts'

const ClassPage = lazy(async () => ({ default: (await import('../classroom/class-page.tsx')).ClassPage }))

/** What a link carries is taken once; from then on the address is that of any scenario. */
function useLink(item: string | undefined): boolean {
  const packed = item?.startsWith('link?')
    ? (new URLSearchParams(item.slice('link?'.length)).get('z') ?? '')
    : undefined
  useEffect(() => {
    if (packed === undefined) return
    try {
      show(takeShared(stepOfLink(packed)), true)
    } catch (error) {
      complain(error, t('share.open'))
      go('simulator', undefined, true)
    }
  }, [packed])
  return packed !== undefined
}

export function SimulatorPage(): ReactElement {
  const { item } = useRoute()
  const isLink = useLink(item)
  const place = useMemo(() => placeOf(item), [item])
  const [version, setVersion] = useState(0)
  const onChanged = (): void => setVersion((one) => one + 1)
  const hasLab = useStore((one) => one.lab?.exists === true && one.lab.lab !== null)
  const { input, isMissing, entries } = useInput(place, version)
  if (isLink) return <EmptyState title={t('simulator.opening-scenario')} icon={<Loader size={20} />} />
  if (place.scenario === 'twin') return <TwinView />
  if (place.scenario === coursePage) return <LessonsPage item={item} />
  if (place.scenario === classPage && hasBackEnd)
    return (
      <Suspense fallback={<Loader m="md" size={20} />}>
        <ClassPage />
      </Suspense>
    )
  if (isMatrix(place))
    return (
      <div className="page-full">
        <Group className="toolbar" gap="xs">
          <ActionIcon
            component="a"
            href={addressOf('simulator')}
            variant="subtle"
            color="gray"
            aria-label={t('simulator.all-scenarios')}
          >
            <IconArrowLeft size={18} />
          </ActionIcon>
          <Title order={1} size="h3">
            {t('simulator.co-hosting-matrix')}
          </Title>
        </Group>
        <MatrixView
          isByRow={place.view === 'rows'}
          onView={(view) => show({ ...place, view })}
          onPlay={(key, client) => show({ scenario: `row:${key}`, view: 'play', step: 0, client, changes: [] })}
        />
      </div>
    )
  if (place.scenario === undefined) return <LibraryView entries={entries} hasLab={hasLab} onChanged={onChanged} />
  if (isMissing)
    return (
      <EmptyState
        title={t('simulator.no-such-scenario')}
        action={
          <Button component="a" href={addressOf('simulator')} size="xs">
            {t('simulator.all-scenarios')}
          </Button>
        }
      >
        {t('simulator.neither-shipped-nor-saved-here', { scenario: place.scenario })}
      </EmptyState>
    )
  if (input === undefined) return <EmptyState title={t('simulator.opening-scenario')} icon={<Loader size={20} />} />
  return <Player key={place.scenario} place={place} id={place.scenario} input={input} onSaved={onChanged} />
}
