import {
  ActionIcon,
  Alert,
  Anchor,
  Button,
  Group,
  Stack,
  Text,
  TextInput,
  Title,
  useMantineColorScheme,
} from '@mantine/core'
import { IconContrast } from '@tabler/icons-react'
import { useEffect, useState, type FormEvent, type ReactElement } from 'react'
import { classBounds, codeLength } from '#shared/contract/classroom.ts'
import { readCode } from '#shared/classroom/names.ts'
import { t } from '#messages/text.ts'
import { SimulatorPage } from '../pages/simulator.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailureBoundary } from '../parts/failure-boundary.tsx'
import { addressOf, go, useRoute } from '../route.ts'
import { ComplaintBar } from '../shell/complaint-bar.tsx'
import { QuestionDialog } from '../shell/question-dialog.tsx'
import { hearUndoKeys } from '../undo.tsx'
import './classroom.css'
import { goWith, isWith } from './follow.ts'
import { join, leave, useSeat } from './link.ts'
import { VoteCard } from './vote-card.tsx'

function JoinForm(): ReactElement {
  const { phase, why, name: before } = useSeat()
  const [code, setCode] = useState('')
  const [name, setName] = useState(before)
  const isComplete = readCode(code).length === codeLength && name.trim() !== ''
  const isBad = { code: why === 'code' || why === 'slow', name: why === 'name' || why === 'taken' }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isComplete) join(code, name)
  }
  return (
    <form onSubmit={submit} className="join-form">
      <Stack gap="md">
        <Title order={1}>{t('class.join-title')}</Title>
        {why !== undefined && !isBad.code && !isBad.name && (
          <Alert color="yellow" variant="light" role="alert">
            {t(`class.out-${why}`)}
          </Alert>
        )}
        <TextInput
          label={t('class.code')}
          description={t('class.code-hint', { count: codeLength })}
          size="md"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={isBad.code ? t(`class.out-${why as 'code' | 'slow'}`) : undefined}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={12}
          classNames={{ input: 'join-code' }}
          data-autofocus
        />
        <TextInput
          label={t('class.name')}
          description={t('class.name-hint')}
          size="md"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isBad.name ? t(`class.out-${why as 'name' | 'taken'}`) : undefined}
          autoComplete="off"
          maxLength={classBounds.nameCharacters}
        />
        <Group>
          <Button type="submit" size="sm" loading={phase === 'joining'} disabled={!isComplete}>
            {t('class.join')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The page of a student: the way in, and then the simulator, which goes where the class is taken. */
export function StudentApp(): ReactElement {
  const { phase, number, name, state } = useSeat()
  const { page, item, unknown } = useRoute()
  const { toggleColorScheme } = useMantineColorScheme()
  useEffect(hearUndoKeys, [])
  useEffect(() => {
    document.title = t('class.page-title')
    if (window.location.hash === '') go('simulator', undefined, true)
  }, [])
  const isIn = phase === 'in' || phase === 'lost'
  const place = state?.place?.place
  return (
    <div className="class-page" data-vote={isIn && state?.vote ? true : undefined}>
      <header className="top">
        <span className="strong">{t('class.page-title')}</span>
        {isIn && <span className="top-fact quiet">{t('class.you-are', { number, name })}</span>}
        <span className="grows" />
        {phase === 'lost' && (
          <span role="status" className="class-lost">
            {t('class.lost')}
          </span>
        )}
        {isIn && place && !isWith(place, item) && (
          <Button size="compact-sm" onClick={() => void goWith(place)}>
            {t('class.rejoin')}
          </Button>
        )}
        {isIn && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={leave}>
            {t('class.leave')}
          </Button>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={t('site.colours')} onClick={toggleColorScheme}>
          <IconContrast size={17} />
        </ActionIcon>
      </header>
      {isIn && state?.vote && <VoteCard vote={state.vote} />}
      <main className="page" id="page" tabIndex={-1}>
        <ComplaintBar />
        {!isIn ? (
          <JoinForm />
        ) : (
          <FailureBoundary address={`${unknown ?? page}/${item ?? ''}`}>
            {page === 'simulator' && unknown === undefined ? (
              <SimulatorPage />
            ) : (
              <EmptyState title={t('site.page-elsewhere')}>
                <Anchor href={addressOf('simulator')}>{t('site.to-simulator')}</Anchor>
              </EmptyState>
            )}
          </FailureBoundary>
        )}
        {isIn && !place && item === undefined && <Text className="class-waits">{t('class.waits')}</Text>}
      </main>
      <QuestionDialog />
    </div>
  )
}
