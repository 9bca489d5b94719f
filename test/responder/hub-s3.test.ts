/** Captures in an object store: every request is signed as Signature Version 4 demands, and what the store refuses is told with a remedy. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { S3Store } from '../../src/main/hub/s3-store.ts'
import { S3Server, signatureOf } from '../helpers/s3-server.ts'

const keyId = 'AKIAIOSFODNN7EXAMPLE'
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const signedAs = (names: string, signature: string): string => `AWS4-HMAC-SHA256 Credential=${keyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}` // prettier-ignore
const common = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z' }

// "Examples: Signature calculations" of the Amazon S3 API reference.
const published = [
  {
    name: 'GET object',
    method: 'GET',
    target: '/test.txt',
    headers: { ...common, range: 'bytes=0-9', 'x-amz-content-sha256': emptyHash },
    names: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object',
    method: 'PUT',
    target: '/test%24file.text',
    headers: {
      ...common,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    names: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    method: 'GET',
    target: '/?lifecycle',
    headers: { ...common, 'x-amz-content-sha256': emptyHash },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'list objects',
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: { ...common, 'x-amz-content-sha256': emptyHash },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
] as const

test.each(published)('the server of these tests agrees with the published example: $name', ({ method, target, headers, names, signature }) => {
  const request = { method, target, headers: { ...headers, authorization: signedAs(names, signature) } }
  expect(signatureOf(request, secret)).toMatchObject({ given: signature, due: signature })
  expect(signatureOf({ ...request, target: `${target}x` }, secret).due).not.toBe(signature)
  expect(signatureOf(request, `${secret}x`).due).not.toBe(signature)
}) // prettier-ignore

let server: S3Server
beforeEach(async () => {
  server = await S3Server.start('captures', { [keyId]: secret })
})
afterEach(() => server.close())

const storeWith = (change: Partial<ConstructorParameters<typeof S3Store>[0]> = {}): S3Store =>
  new S3Store({ endpoint: server.endpoint, bucket: 'captures', region: 'eu-central-1', accessKeyId: keyId, secretAccessKey: secret, ...change }) // prettier-ignore
const key = 'branch-1/0123456789abcdef/0000000001.pcapng.gz'
const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at & 255)

test('what is put is got again, byte by byte, and removed; every request is signed, its body too', async () => {
  const store = storeWith()
  await store.put(key, bytes)
  expect(await store.get(key)).toEqual(bytes)
  expect(await store.get('branch-1/0123456789abcdef/0000000002.pcapng.gz')).toBeUndefined()
  await store.put(key, bytes.subarray(1))
  expect(await store.get(key)).toEqual(bytes.slice(1))
  await store.remove(key)
  await store.remove(key)
  expect(await store.get(key)).toBeUndefined()
  expect(server.requests.length).toBeGreaterThanOrEqual(8)
})

test('names of sites with every character that they may have are signed as they are sent', async () => {
  const odd = 'A.b_c-1/0123456789abcdef/0000000001.pcapng.gz'
  await storeWith().put(odd, bytes)
  expect([...server.objects.keys()]).toEqual([odd])
})

test('a store that is busy for a moment is asked again', async () => {
  server.refusals.push({ status: 503, code: 'SlowDown' }, { status: 500, code: 'InternalError' })
  await storeWith().put(key, bytes)
  expect(server.requests).toHaveLength(3)
  expect(server.objects.get(key)).toEqual(Buffer.from(bytes))
})

test('what the store refuses is told by its code, with what to do', async () => {
  const refusal = async (store: S3Store): Promise<string> =>
    store.put(key, bytes).then(
      () => 'taken',
      (error: Error & { remedy?: string }) => `${error.message} ${error.remedy}`,
    )
  expect(await refusal(storeWith({ secretAccessKey: 'wrong' }))).toMatch(/403 SignatureDoesNotMatch.*Check AWS_SECRET_ACCESS_KEY and the region/) // prettier-ignore
  expect(await refusal(storeWith({ accessKeyId: 'nobody' }))).toMatch(/InvalidAccessKeyId.*Check AWS_ACCESS_KEY_ID/)
  expect(await refusal(storeWith({ bucket: 'absent' }))).toMatch(/absent.*Make the bucket/)
  server.nowMs = () => Date.now() + 3_600_000
  expect(await refusal(storeWith())).toMatch(/RequestTimeTooSkewed.*Set the clock/)
  server.nowMs = () => Date.now()
  server.refusals.push({ status: 403, code: 'AccessDenied' })
  expect(await refusal(storeWith())).toMatch(/AccessDenied.*Give this key the right/)
  expect(server.objects.size).toBe(0)
})
