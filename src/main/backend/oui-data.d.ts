// The package is one large JSON file: its type is stated here so that the compiler need not infer it.
declare module 'oui-data' {
  const vendors: Readonly<Record<string, string>>
  export default vendors
}
