import { expect, test } from 'vitest'
import { needed, UnknownUser, whoRuns, type Surroundings } from '../../src/main/system/rights.ts'

const at = (more: Partial<Surroundings> = {}): Surroundings => ({
  uid: 0,
  environment: {},
  ownerOf: () => 1000,
  lookUp: (user, group) => {
    if (user === 'gone') throw new UnknownUser(user)
    return { uid: user === 'root' ? 0 : Number(user) || 77, gid: Number(group ?? 88), name: user, home: undefined }
  },
  ...more,
})
const uidOf = (runAs: string | null, more?: Partial<Surroundings>): number | undefined =>
  whoRuns('lab.yaml', runAs, at(more)).user?.uid

test('who the responder runs as', () => {
  const sudo = { environment: { SUDO_UID: '1234' } }
  expect(whoRuns('lab.yaml', 'pxe:99', at())).toMatchObject({ user: { uid: 77, gid: 99 }, warning: undefined })
  expect(uidOf(null, sudo)).toBe(1000)
  expect(uidOf(null, { ...sudo, ownerOf: () => 0 })).toBe(1234)
  expect(uidOf('pxe', sudo)).toBe(77)
  expect(whoRuns('lab.yaml', 'root', at(sudo))).toEqual({ user: undefined, warning: undefined })
  for (const SUDO_UID of ['0', '', 'x', '-1'])
    expect(whoRuns('lab.yaml', null, at({ environment: { SUDO_UID } }))).toMatchObject({
      user: undefined,
      warning: expect.stringContaining('runAs') as string,
    })
  expect(whoRuns('lab.yaml', null, at({ uid: 1000, ...sudo }))).toEqual({ user: undefined, warning: undefined })
  expect(whoRuns('lab.yaml', 'pxe', at({ uid: 1000 })).warning).toMatch(/only root/)
  expect(whoRuns('lab.yaml', 'pxe', at({ uid: undefined })).warning).toMatch(/Windows/)
  expect(() => uidOf('gone')).toThrow(UnknownUser)
})

test('SO_BINDTODEVICE needs a right of its own before Linux 5.7', () => {
  expect(['4.18.0-553.el8', '5.4.0', '5.6.19'].map(needed)).toEqual([0x2400, 0x2400, 0x2400])
  expect(['5.7.0', '5.10.0-9-amd64', '6.18.44', '10.0'].map(needed)).toEqual([0x400, 0x400, 0x400, 0x400])
})
