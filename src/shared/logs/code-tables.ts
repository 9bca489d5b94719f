/**
 * Numbers of errors and what they are called. Names are those of the public headers and documents; words are ours.
 *
 * Sources: Microsoft, System error codes (winerror.h); WinINet and WinHTTP error messages; BITS return values; WMI error
 * constants (wbemcli.h); certificate errors (winerror.h); Windows upgrade error codes; Configuration Manager log and error
 * messages; NTSTATUS values; wimgapi and CBS codes as Windows update documents them.
 */

const rows = (base: number, text: string): readonly (readonly [number, string])[] =>
  text
    .trim()
    .split('\n')
    .map((row) => {
      const [code, ...words] = row.trim().split(' ')
      return [(base + Number.parseInt(code!, base === 0 && !code!.startsWith('0x') ? 10 : 16)) >>> 0, words.join(' ')]
    })

/** Win32 errors by their decimal number: those that deployment meets. */
export const win32Codes: ReadonlyMap<number, string> = new Map(
  rows(0, `
0 success
1 incorrect function
2 file not found
3 path not found
4 too many open files
5 access denied
6 invalid handle
8 not enough memory
11 bad format
13 invalid data
14 out of memory
15 drive not found
16 the current directory cannot be removed
17 not the same disk drive
18 no more files
19 the media is write protected
20 unit not found
21 the device is not ready
22 the device does not recognize the command
23 data error (cyclic redundancy check)
24 wrong length of a command
25 seek failed
26 not a disk of a known format
27 sector not found
29 write fault
30 read fault
31 a device attached to the system is not functioning
32 sharing violation: the file is in use by another process
33 part of the file is locked
38 end of file
39 the disk is full
50 request not supported
51 the remote computer is not available
52 duplicate name on the network
53 network path not found
54 the network is busy
55 the network resource is no longer available
58 the server cannot carry out the request
59 unexpected network error
64 the network name is no longer available
65 network access denied
66 wrong type of network resource
67 network name not found
68 too many names
69 too many sessions
71 no more connections to this computer
80 the file exists
84 out of structures
85 the local device name is in use
86 wrong network password
87 incorrect parameter
88 network write fault
108 the disk is locked by another process
109 broken pipe
110 the file cannot be opened
111 file name too long
112 the disk is full
117 invalid function of a device
120 function not supported
121 semaphore timeout
122 buffer too small
123 incorrect file, folder or volume name
124 wrong level
126 module not found
127 procedure not found
128 no child processes
130 direct access handle
131 negative seek
142 busy drive
144 not a root folder
145 the folder is not empty
148 path busy
153 too many modules
160 bad arguments
161 bad path name
167 lock failed
170 the resource is in use
173 no lock to cancel
174 atomic locks not supported
183 the file exists already
193 not a valid Windows program
203 environment variable not found
206 file name or extension too long
216 program for another kind of processor
223 the file is too large
225 blocked as malware
231 all pipes are busy
232 the pipe is being closed
233 no process at the other end of the pipe
234 more data is available
255 extended attributes inconsistent
258 wait timed out
259 no more data
267 invalid folder name
275 extended attributes do not fit
298 too many posts to a semaphore
299 only part of the memory was read or written
317 message text not found
487 invalid address
534 arithmetic overflow
535 a process is at the other end of the pipe
536 waiting for a process at the other end
580 the pipe is in an invalid state
605 the device does not exist
740 elevation required
995 the operation was aborted
996 overlapped event not signaled
997 overlapped operation in progress
998 invalid access to memory
999 paging error
1001 stack overflow
1003 cannot complete the function
1004 invalid flags
1005 the volume has no recognized file system
1006 the volume was changed outside
1008 no token
1009 registry database is corrupt
1010 registry key is invalid
1011 registry key could not be opened
1012 registry key could not be read
1013 registry key could not be written
1014 registry recovered from a copy
1015 registry file corrupt
1016 registry read or write failed
1017 not a registry file
1018 registry key marked for deletion
1051 dependent services are running
1052 the service does not accept this control
1053 the service did not respond in time
1054 the service could not create a thread
1055 the service database is locked
1056 the service is running already
1057 invalid account or wrong password of the service
1058 the service is disabled
1059 circular service dependency
1060 the service does not exist
1061 the service cannot accept controls now
1062 the service has not been started
1063 the service cannot reach its controller
1064 exception in the service
1066 service-specific error
1067 the process ended unexpectedly
1068 a service it depends on failed to start
1069 the service could not log on
1070 the service hung on starting
1072 the service is marked for deletion
1073 the service exists already
1075 a service it depends on does not exist
1078 the service name is a duplicate
1105 no more blank tape
1110 the media may have changed
1112 no media in the drive
1113 character not in the code page
1114 a DLL failed to initialize
1115 a shutdown is in progress
1117 device I/O error
1118 no serial device
1126 floppy controller mismatch
1142 too many links
1150 a later version of Windows is required
1151 not a Windows program
1154 a library is damaged
1157 a library could not be found
1158 too many handles
1167 the device is not connected
1168 element not found
1169 no match in the index
1170 the property set does not exist
1203 no network provider accepted the path
1208 extended network error
1214 invalid format of a network name
1219 connected with other credentials already
1221 duplicate workgroup or domain name
1222 the network is not present
1223 canceled by the user
1225 the remote system refused the connection
1226 the connection was closed gracefully
1231 the network location cannot be reached
1232 the host cannot be reached
1233 the protocol cannot be reached
1234 no service at the destination port
1235 the request was aborted
1236 the connection was aborted by the local system
1237 the operation could not be completed: retry
1240 login not authorized from this station
1244 not authenticated
1245 not logged on
1247 initialization was done already
1265 downgrade attempt detected
1290 service failed: the process lacks an account
1300 not all privileges are assigned
1307 this identifier cannot be owner
1308 this identifier cannot be primary group
1311 no logon servers
1312 no such logon session
1314 a required privilege is not held
1317 the account does not exist
1319 the group does not exist
1323 wrong current password
1325 the password does not meet the policy
1326 the user name or password is incorrect
1327 account restriction
1328 logon outside allowed hours
1330 the password has expired
1331 the account is disabled
1332 names and security identifiers could not be mapped
1338 invalid security descriptor
1352 the security database is in the wrong state
1355 the domain does not exist or cannot be contacted
1375 the caller may not write the machine account
1376 local group not found
1385 logon type not granted
1392 the file or folder is corrupted and unreadable
1393 the disk structure is corrupted
1395 quota exceeded
1396 the target account name is incorrect
1397 mutual authentication failed
1398 clocks of client and server differ
1400 invalid window handle
1411 window class does not exist
1450 insufficient system resources
1453 insufficient quota
1455 the paging file is too small
1459 a required function is missing
1460 the operation timed out
1500 event log corrupt
1600 installer data error
1601 Windows Installer is not accessible
1602 canceled by the user (Windows Installer)
1603 fatal error during installation (Windows Installer)
1604 installation suspended
1605 the product is not installed
1606 feature not registered
1608 unknown property of an installer
1610 installer configuration data is corrupt
1612 installation source not available
1613 Windows Installer is too old
1614 the product is uninstalled
1618 another installation is in progress
1619 the installation package could not be opened
1620 the installation package is invalid
1622 the installer log could not be opened
1624 a transform could not be applied
1625 installation forbidden by policy
1627 installer function failed
1632 the Temp folder is full or not accessible
1633 the package does not support this processor type
1635 the patch package could not be opened
1636 the patch package is invalid
1638 another version of the product is installed
1639 invalid command line for the installer
1641 success, the installer began a restart
1642 nothing to be patched
1700 invalid RPC binding
1701 wrong kind of RPC binding
1702 invalid RPC binding handle
1703 RPC protocol sequence not supported
1715 no RPC server listens
1717 unknown RPC interface
1722 the RPC server is unavailable
1723 the RPC server is too busy
1726 the remote procedure call failed
1727 the remote procedure call failed and was not carried out
1734 array bounds are invalid
1745 procedure number out of range
1747 unknown authentication service
1753 no more RPC endpoints
1783 the stub received bad data
1784 the supplied buffer is not valid
1786 no trust secret
1787 no trust account on the domain controller
1788 the trust relationship with the primary domain failed
1789 the trust relationship with the domain failed
1792 the network logon service is not started
1793 the account has expired
1804 the data type is invalid
1808 an interdomain account
1909 the account is locked out
1920 the file cannot be accessed by the system
1921 the file name cannot be resolved
2102 the workstation driver is not installed
2114 the Server service is not started
2138 the Workstation service is not started
2140 internal service error
2202 wrong user name
2221 the user name could not be found
2224 the account exists already
2250 the network connection does not exist
2310 the share does not exist
2401 there are open files on the connection
2404 the device is in use
2691 the machine is joined to the domain already
2692 the machine is not joined to a domain
2697 joining the domain by this name is not allowed
3010 success, a restart is required
3017 the requested operation failed: restart
4205 WMI: unknown GUID
4313 the media changer has no such source
4319 no media
4350 unknown error of a remote storage
4390 not a reparse point
4393 reparse data is invalid
5023 the group or resource is in the wrong state
6000 the file could not be encrypted
6001 the file could not be decrypted
6118 the list of servers is not available
7001 window station name is invalid
8004 the server is in the wrong state
8200 no workable directory service
8224 operations error of the directory service
8226 LDAP size limit
8229 no such attribute in the directory
8240 no such object on the directory server
8250 the directory server is not operational
8251 local directory error
8333 the directory object was not found
8344 insufficient access rights in the directory
8524 a DNS lookup failure kept the directory from going on
8557 the account quota for joining computers is used up
9002 DNS server failure
9003 the DNS name does not exist
9501 no DNS records for the name
9560 invalid DNS name
9852 no DNS servers are configured
14001 the side-by-side configuration is incorrect
14005 syntax error in a manifest
14081 the assembly is not registered
15010 resource type not found
15100 the resource loader found no resource file
16389 unspecified failure of an installer or a task sequence program
10004 call interrupted (Winsock)
10009 bad socket
10013 access to the socket forbidden
10014 bad address
10022 invalid argument of a socket
10024 too many open sockets
10035 the socket would block
10036 a blocking call is in progress
10037 operation in progress already
10038 not a socket
10040 the message is too long
10043 protocol not supported
10045 socket operation not supported
10047 address family not supported
10048 the address or port is in use
10049 the address is not valid here
10050 the network is down
10051 the network is unreachable
10052 the network dropped the connection
10053 the connection was aborted
10054 the connection was reset by the peer
10055 no buffer space
10056 the socket is connected already
10057 the socket is not connected
10058 the socket has been shut down
10060 the connection timed out
10061 the connection was refused
10064 the host is down
10065 no route to the host
10091 the network subsystem is not ready
10093 Winsock was not started
10101 the peer is shutting down
11001 the host was not found
11002 the host was not found by a server that is not authoritative
11003 unrecoverable error of the name lookup
11004 the name has no address
12001 out of handles (WinINet/WinHTTP)
12002 the request timed out
12003 the server sent an extended error
12004 internal error of the HTTP client
12005 invalid URL
12006 unrecognized URL scheme
12007 the server name could not be resolved
12008 protocol not found
12009 invalid option
12010 wrong length of an option
12011 the option cannot be set
12012 the HTTP client is shutting down
12013 wrong user name
12014 wrong password
12015 login failure
12016 invalid operation
12017 the operation was canceled
12018 wrong type of handle
12019 wrong state of a handle
12022 not in the cache
12027 incorrect format
12028 item not found
12029 no connection to the server
12030 the connection with the server ended abnormally
12031 the connection was reset
12032 the request must be retried
12033 invalid proxy request
12037 the server's certificate is outside its validity period
12038 the server's certificate names another host
12039 redirected from HTTP to HTTPS
12040 redirected from HTTPS to HTTP
12041 mixed security
12044 the server asks for a client certificate
12045 the certificate authority of the server is not trusted
12052 data is being sent already
12055 error of the server's certificate
12056 the server uses authentication that cannot be done
12057 the revocation of the certificate could not be checked
12100 not before the connection was opened
12101 not after the request was sent
12102 not before the request was sent
12103 not after the response was read
12150 HTTP header not found
12151 the server sent no headers
12152 the server's answer could not be read
12153 invalid HTTP header
12154 invalid HTTP query
12155 the HTTP header exists already
12156 redirect failed
12157 the TLS channel could not be set up
12158 could not be cached
12163 disconnected
12164 the server cannot be reached
12165 the proxy cannot be reached
12166 bad proxy script
12167 the proxy script could not be loaded
12169 the server's certificate is invalid
12170 the server's certificate was revoked
12171 the TLS request failed
12172 the service is not initialized
12175 error of the server's certificate
12178 automatic proxy service is not running
12179 the certificate has the wrong usage
12180 the proxy could not be detected
12185 the client certificate has no private key
12186 the private key of the client certificate may not be used
`), // prettier-ignore
)

/** Whole codes (HRESULT, NTSTATUS and the numbers of Setup). */
export const wholeCodes: ReadonlyMap<number, string> = new Map([
  ...rows(0, `
0x80000002 out of memory (E_OUTOFMEMORY)
0x8000000a data not yet available (E_PENDING)
0x8000ffff unexpected failure (E_UNEXPECTED)
0x80004001 not implemented (E_NOTIMPL)
0x80004002 interface not supported (E_NOINTERFACE)
0x80004003 invalid pointer (E_POINTER)
0x80004004 operation aborted (E_ABORT)
0x80004005 unspecified error (E_FAIL)
0x8000401a the server process could not be started
0x80010002 call canceled
0x80010105 the COM server threw an exception
0x80010106 COM was initialized in another mode
0x80010108 the object disconnected from its clients
0x80020005 type mismatch
0x80020006 unknown name
0x80020009 exception of a script or object
0x80030002 file not found (storage)
0x80030005 access denied (storage)
0x800401f0 COM was not initialized
0x800401f3 invalid class string
0x80040001 error of a COM object
0x80040102 no location for the content (as task sequences use it)
0x80040104 no policy for content that the task sequence names (as task sequences use it)
0x80040111 class not available
0x80040154 class not registered
0x800401e4 invalid moniker syntax
0x80041001 WMI: the call failed
0x80041002 WMI: object not found
0x80041003 WMI: access denied
0x80041004 WMI: provider failure
0x80041005 WMI: type mismatch
0x80041006 WMI: out of memory
0x80041007 WMI: invalid context
0x80041008 WMI: invalid parameter
0x80041009 WMI: resource not available
0x8004100a WMI: critical error
0x8004100b WMI: invalid stream
0x8004100c WMI: not supported
0x8004100d WMI: invalid superclass
0x8004100e WMI: invalid namespace
0x8004100f WMI: invalid object
0x80041010 WMI: invalid class
0x80041011 WMI: provider not found
0x80041012 WMI: invalid registration of a provider
0x80041013 WMI: provider could not be loaded
0x80041014 WMI: initialization failed
0x80041015 WMI: network failure
0x80041016 WMI: invalid operation
0x80041017 WMI: invalid query
0x80041018 WMI: invalid query language
0x80041019 WMI: the object exists already
0x8004101a WMI: override not allowed
0x8004101b WMI: qualifier inherited
0x8004101d WMI: unexpected error
0x80041020 WMI: the method is read-only
0x80041021 WMI: syntax error
0x80041024 WMI: not a capable provider
0x80041031 WMI: class has instances
0x80041032 WMI: the call was canceled
0x80041033 WMI: shutting down
0x80041068 WMI: security error
0x8004106c WMI: quota exceeded
0x80041301 scheduled task is running
0x80041315 the task scheduler is not running
0x80042301 VSS: object in a bad state
0x80042302 VSS: unexpected error
0x80042306 VSS: the provider vetoed
0x80042308 VSS: object not found
0x80042316 VSS: a snapshot is in progress
0x80042412 VDS: the volume size is invalid
0x80070001 incorrect function
0x80080005 the server process failed to start
0x80090001 bad key container
0x80090005 bad data
0x80090006 invalid signature
0x80090008 invalid algorithm
0x8009000b the key is in the wrong state
0x8009000d the key does not exist
0x80090010 access denied to a key
0x80090011 object not found (cryptography)
0x80090016 the key set does not exist
0x80090020 internal error of cryptography
0x80090029 operation not supported by the key provider
0x80090030 the device that holds the key is not ready
0x80090302 function not supported (SSPI)
0x80090304 the local security authority cannot be contacted
0x80090308 invalid token (SSPI)
0x8009030c logon denied (SSPI)
0x8009030d credentials not recognized (SSPI)
0x8009030e no credentials (SSPI)
0x80090318 incomplete message (SSPI)
0x80090322 wrong principal (SSPI)
0x80090324 clocks of client and server differ (SSPI)
0x80090325 certificate chain of an authority that is not trusted (SSPI)
0x80090326 unexpected or badly formed message (SSPI)
0x80090327 unknown error of a certificate (SSPI)
0x80090328 the certificate has expired (SSPI)
0x80090331 client and server have no algorithm in common (SSPI)
0x8009034a unsupported pre-authentication
0x80091007 hash value is not correct
0x80092002 error in encoding or decoding (CRYPT_E_BAD_ENCODE)
0x80092003 cryptographic file error
0x80092004 object or property not found (cryptography)
0x80092009 no match
0x8009200b no private key
0x8009200c no decryption certificate
0x80092007 no signature
0x80092010 the certificate is revoked
0x80092012 revocation could not be checked
0x80092013 the revocation server is offline
0x80092026 security settings forbid it (cryptography)
0x80093001 ASN.1 error
0x80093102 ASN.1 unexpected end of data
0x80094004 the property has no value (certificate services)
0x80096004 the signature of the certificate cannot be verified
0x80096010 the digital signature did not verify
0x800b0001 unknown trust provider
0x800b0003 the subject is of an unknown form
0x800b0004 the subject is not trusted
0x800b0100 no signature was present
0x800b0101 a certificate is outside its validity period
0x800b0102 validity periods of the chain do not nest
0x800b0104 a path length was violated
0x800b0105 unknown critical extension of a certificate
0x800b0106 certificate used for a purpose it was not issued for
0x800b0107 wrong issuer of a certificate
0x800b0108 certificate lacks important data
0x800b0109 the chain ends in a root certificate that is not trusted
0x800b010a the certificate chain could not be built to a trusted root
0x800b010b certificate verification failed
0x800b010c the certificate was revoked
0x800b010d the root certificate is a test certificate
0x800b010e revocation could not be completed
0x800b010f the certificate names another host
0x800b0110 the certificate is not valid for this usage
0x800b0111 the certificate is explicitly not trusted
0x800b0112 the authority is not trusted by the policy
0x80190001 HTTP: unexpected answer
0x80190064 HTTP 100 continue
0x8019012e HTTP 302 found
0x80190190 HTTP 400 bad request
0x80190191 HTTP 401 unauthorized
0x80190193 HTTP 403 forbidden
0x80190194 HTTP 404 not found
0x80190195 HTTP 405 method not allowed
0x80190197 HTTP 407 proxy authentication required
0x80190198 HTTP 408 request timeout
0x8019019d HTTP 413 request too large
0x801901a0 HTTP 416 range not satisfiable
0x801901f4 HTTP 500 internal server error
0x801901f5 HTTP 501 not implemented
0x801901f6 HTTP 502 bad gateway
0x801901f7 HTTP 503 service unavailable
0x801901f8 HTTP 504 gateway timeout
0x80200001 BITS: job not found
0x80200002 BITS: job in the wrong state
0x80200003 BITS: the job is empty
0x80200004 BITS: the file is not available
0x80200005 BITS: protocol not available
0x80200006 BITS: an update has set a new address
0x80200007 BITS: remote address changed
0x80200008 BITS: the file was not found on the server
0x80200009 BITS: error context unknown
0x8020000a BITS: access denied to a remote file
0x8020000b BITS: the proxy server was not found
0x8020000c BITS: more items
0x8020000d BITS: destination not found
0x8020000e BITS: file size unknown
0x8020000f BITS: transfer in progress
0x80200010 BITS: no network connection
0x80200011 BITS: the server sent no content length
0x80200012 BITS: too large a range
0x80200013 BITS: the server does not support byte ranges
0x80200014 BITS: the remote name is too long
0x80200015 BITS: the file changed during the transfer
0x80200016 BITS: locked volume
0x80200017 BITS: the file is locked
0x80200018 BITS: the volume changed
0x80200019 BITS: missing extension of the server
0x80200022 BITS: credentials needed
0x80200023 BITS: the content was not found at the peer
0x80200049 BITS: the job has too many files
0x80200053 BITS: the proxy list is too large
0x80200056 BITS: the user is not logged on to the network
0x80240001 Windows Update: service unavailable
0x80240004 Windows Update: not initialized
0x80240008 Windows Update: item not found
0x8024000b Windows Update: canceled
0x80240010 Windows Update: too many deferrals
0x80240016 Windows Update: installation not allowed now
0x80240017 Windows Update: not applicable
0x80240020 Windows Update: no interactive user
0x80240022 Windows Update: all updates failed
0x80240024 Windows Update: no update to process
0x80240025 Windows Update: access denied by policy
0x8024002e Windows Update: the server is managed
0x80240034 Windows Update: download failed
0x8024200b Windows Update: installer failed
0x8024200d Windows Update: files must be downloaded again
0x80242014 Windows Update: a restart is pending
0x80242017 Windows Update: new servicing stack needed
0x80243001 Windows Update: result could not be read
0x80244007 Windows Update: SOAP error
0x80244010 Windows Update: too many round trips
0x80244015 Windows Update: registration expired
0x80244017 Windows Update: HTTP 401
0x80244018 Windows Update: HTTP 403
0x80244019 Windows Update: HTTP 404
0x80244022 Windows Update: HTTP 503
0x8024401c Windows Update: HTTP 408 timeout
0x8024402c Windows Update: name or proxy not resolved
0x80246007 Windows Update: not downloaded
0x80246008 Windows Update: BITS could not be reached
0x80248007 Windows Update: no data in the store
0x8024d009 Windows Update: agent skipped its update
0x80240438 Windows Update: no route to the endpoint
0x80240fff Windows Update: unexpected error
0x8024ffff Windows Update: unexpected error
0x80280006 TPM: the command is disabled
0x80280007 TPM: disabled
0x80280400 TPM: blocked
0x80280803 TPM: defending against attack
0x80284001 TPM: internal error of the base services
0x8028400f TPM: no compatible TPM was found
0x80290300 TPM: driver error
0x80310000 BitLocker: the drive is locked
0x80310001 BitLocker: not encrypted
0x80310002 BitLocker: BIOS does not support it
0x80310018 BitLocker: invalid drive label
0x80310024 BitLocker: not a system volume
0x80310031 BitLocker: the protector exists already
0x8031004a BitLocker: group policy forbids the recovery
0x8031005b BitLocker: group policies conflict
0x80310060 BitLocker: no recovery password allowed by policy
0x803100b5 BitLocker: no preboot keyboard
0x800f0001 setup information file: section expected
0x800f0202 no device selected
0x800f020b the device instance does not exist
0x800f0219 driver installation canceled
0x800f022f the INF is not signed in a catalog
0x800f0230 the installation would be forced
0x800f0233 the driver package is invalid
0x800f0242 the catalog is not trusted
0x800f0244 the catalog is not right for the INF
0x800f0247 the driver package is for another processor or version
0x800f024b the driver could not be loaded from its package
0x800f0803 CBS: not initialized
0x800f0805 CBS: invalid package
0x800f0806 CBS: a restart is pending
0x800f080c CBS: unknown update
0x800f080d CBS: the manifest is invalid
0x800f0816 CBS: DPX job state saved
0x800f0818 CBS: identity mismatch
0x800f081e CBS: not applicable to this image
0x800f081f CBS: source files missing
0x800f0820 CBS: canceled
0x800f0823 CBS: new servicing stack needed
0x800f0825 CBS: the package cannot be uninstalled
0x800f0826 CBS: generic commands failed
0x800f082f CBS: the image cannot be serviced
0x800f0830 CBS: invalid state of the image
0x800f0831 CBS: a package of the store is missing
0x800f0838 CBS: the package extends another that is missing
0x800f0841 CBS: checkpoint packages missing
0x800f0900 CBS: XML parser failed
0x800f0902 CBS: internal error
0x800f0905 CBS: corrupt image
0x800f0906 CBS: source files could not be downloaded
0x800f0907 CBS: download forbidden by policy
0x800f0920 CBS: hang detected
0x800f0921 CBS: hang detected
0x800f0922 CBS: installers failed
0x800f0923 CBS: driver not compatible with this version
0x800f0950 CBS: feature could not be added
0x800f0954 CBS: optional feature not on the update server
0x800f0982 CBS: matching component directory missing
0x800f0988 CBS: invalid component directory
0x800f0991 CBS: missing pieces
0x800f0993 CBS: missing language pack
0x80073701 a component assembly is missing
0x80073712 the component store is corrupt
0x80073715 the assembly is not in the store
0x80073b92 several boot entries match
0x80073bc3 the requested system device cannot be found
0x800704db no system service provider for the driver
0xc1030104 WDS: image server could not be started
0xc107010c WDS: all PXE providers failed to initialize
0xc1420114 the image is mounted read-only or in use
0xc1420115 not all content was mounted
0xc1420116 the mount folder is not clean
0xc1420117 the image could not be unmounted completely
0xc1420121 WIMMount service or driver is missing or too old
0xc1420126 the image is mounted already
0xc1420127 the image is mounted elsewhere for writing
0xc1420134 the mount is invalid
0xc1800118 update content without a key to decrypt it
0xc7700112 data could not be written to the system drive
0xc1900100 Setup: unexpected version of Setup files
0xc1900101 Setup: unspecified error, rolled back (mostly a driver)
0xc1900102 Setup: shutdown could not be blocked
0xc1900103 Setup: compatibility problems not resolved in time
0xc1900104 Setup: not done in time
0xc1900105 Setup: test mode
0xc1900106 Setup: terminated
0xc1900107 Setup: cleanup of an earlier attempt is pending
0xc1900108 Setup: reported error
0xc1900109 Setup: terminated in the compatibility phase
0xc190010a Setup: unknown command line argument
0xc190010b Setup: installation image not found
0xc190010c Setup: invalid automation
0xc190010d Setup: invalid command line
0xc190010e Setup: license terms must be accepted
0xc1900110 Setup: canceled at the license terms
0xc1900111 Setup: canceled at the offer
0xc1900112 Setup: no target drive letter
0xc1900113 Setup: license terms declined
0xc190011e Setup: halted for a test
0xc190011f Setup: process crashed
0xc1900120 Setup: license terms not accepted in time
0xc1900121 Setup: offer not accepted in time
0xc1900122 Setup: no space for the download in time
0xc1900123 Setup: no space for the installation in time
0xc1900124 Setup: minimum requirements not met in time
0xc1900125 Setup: download requirements not met in time
0xc1900126 Setup: GatherOsState has an invalid signature
0xc1900127 Setup: aborted to keep the way back
0xc1900128 Setup: a required task is missing
0xc1900129 Setup: a newer Setup is started
0xc190012f Setup: finalize was requested already
0xc1900130 Setup: hash of the instance is missing
0xc1900131 Setup: hash of the instance does not match
0xc19001df Setup: out of disk space
0xc19001e0 Setup: GatherOsState failed
0xc19001e1 Setup: suspended
0xc19001e2 Setup: a preinstall script failed
0xc19001e3 Setup: a precommit script failed
0xc19001e4 Setup: a failure script failed
0xc19001e5 Setup: a script took too long
0xc1900200 Setup: minimum requirements not met
0xc1900201 Setup: canceled, minimum requirements not met
0xc1900202 Setup: requirements for the download not met
0xc1900203 Setup: canceled, requirements for the download not met
0xc1900204 Setup: migration choice not available (edition, language or architecture)
0xc1900205 Setup: canceled, migration choice not available
0xc1900206 Setup: a device blocks the installation
0xc1900207 Setup: canceled, a device blocks the installation
0xc1900208 Setup: an application or driver blocks the installation
0xc1900209 Setup: canceled, an application blocks the installation
0xc190020a Setup: requirements for recovery not met
0xc190020b Setup: canceled, requirements for recovery not met
0xc190020c Setup: no disk space for the download
0xc190020d Setup: canceled, no disk space for the download
0xc190020e Setup: no disk space for the installation
0xc190020f Setup: canceled, no disk space for the installation
0xc1900210 Setup: compatibility scan finished without a problem
0xc1900211 Setup: no disk space to unpack
0xc1900212 Setup: no disk space to unpack several architectures
0xc1900213 Setup: no matching offer
0xc1900214 Setup: unsupported version of the tool
0xc1900215 Setup: no matching installation image
0xc1900216 Setup: a rollback is pending
0xc1900220 Setup: compatibility report cannot be displayed
0xc1900400 Setup: unexpected version of Update Agent
0xc1900401 Setup: nothing to download
0xc1900402 Setup: canceled, Update Agent
0xc0000001 the operation failed (STATUS_UNSUCCESSFUL)
0xc0000005 access violation
0xc000000d invalid parameter
0xc000000e device not found
0xc000000f file not found
0xc0000017 not enough memory
0xc0000022 access denied
0xc0000023 buffer too small
0xc0000034 object name not found
0xc0000035 object name exists already
0xc0000037 port disconnected
0xc000003a path not found
0xc000003b wrong syntax of a path
0xc0000043 sharing violation
0xc0000059 revision mismatch
0xc000007b invalid image format
0xc000007f disk full
0xc0000098 the file is invalid
0xc000009a insufficient resources
0xc00000a1 working set quota
0xc00000b5 I/O timed out
0xc00000ba the file is a folder
0xc00000bb not supported
0xc00000be bad network path
0xc00000c4 unexpected network error
0xc00000e9 unexpected I/O error
0xc0000102 the file is corrupt
0xc0000120 canceled
0xc0000122 invalid computer name
0xc0000135 DLL not found
0xc000013a ended by the user
0xc0000142 DLL initialization failed
0xc000014c registry corrupt
0xc000014f unknown file system
0xc0000161 unrecognized media
0xc0000185 I/O error of a device
0xc0000194 possible deadlock
0xc000021a a system process ended
0xc0000221 checksum of a driver or system file is wrong
0xc0000225 object not found
0xc0000359 a 64-bit file on a 32-bit system or a file for another processor
0xc000035a no boot device was found
0xc0000411 invalid boot configuration data
0xc0000428 the digital signature of a boot file could not be verified
0xc0000452 not enough resources of the firmware
0xc0000454 the data of the boot loader is invalid
0xc0000605 an evaluation period has expired
0xc0e90001 a file of code integrity is missing
0xc0e90002 code integrity: the signature database is damaged
0xc004c003 activation: the product key is blocked
0xc004c008 activation: the key was used too often
0xc004e003 activation: license evaluation failed
0xc004f00f activation: hardware changed
0xc004f012 activation: value not found
0xc004f014 activation: product key not available
0xc004f025 activation: access denied
0xc004f034 activation: license not found
0xc004f035 activation: not possible with a volume license key
0xc004f038 activation: count of the key management service too low
0xc004f039 activation: key management service not enabled
0xc004f041 activation: no key management service
0xc004f042 activation: this key management service cannot be used
0xc004f050 activation: the product key is invalid
0xc004f051 activation: the product key is blocked
0xc004f064 activation: grace period ended
0xc004f069 activation: product SKU not found
0xc004f074 activation: no key management service could be contacted
`),
  ...rows(0x87d00000, `
200 name not found
201 incorrect format of a name
202 service is shutting down
203 no data supplied
204 data too large
205 invalid path
206 invalid file
207 parsing error
208 invalid command
209 data type mismatch
210 invalid translator
211 invalid address
212 context is closed
213 timeout
214 invalid length of a name
215 item not found
216 invalid service parameter
217 data is corrupt
218 invalid service settings
219 global service not set
220 invalid type
221 invalid user
222 operation canceled
223 version mismatch
224 invalid message
225 invalid type of address
226 invalid protocol
227 function disabled
228 invalid endpoint
229 credentials not available
230 logon with the given credentials failed
231 transient error
232 message not signed
233 message not trusted
234 internal endpoint cannot take remote messages
235 syntax error
236 low memory
237 incompatible reply mode
238 public key not found
239 client ID not found
240 not enough disk space
241 no connection to the database
242 stored procedure failed
243 public key mismatch
244 not initialized
245 initialized already
246 client health evaluation failed
247 a required component is missing
248 network communication failed
249 property not valid for the configuration item
24a the job is connected already
24b name exists already
24c invalid XML schema
25d invalid XML document
25e message not trusted enough to be forwarded
25f client disconnected
260 job in the wrong state
261 configuration item could not be stored
262 unknown message of the data transfer service
263 invalid message of the data transfer service
264 invalid operation
265 invalid state of the store
266 inconsistent data
267 download failed
268 compilation failed
269 required management point not found
26a type of key not found
26b type of agent not found
26c status not found
26d pause too short
26e pause too long
26f pause cookie mismatch
270 component is not paused
271 component is paused
272 component is disabled
273 pause requested already
274 no callback
275 lock not acquired
276 a system restart is required
277 insufficient resources
278 configuration item download failed
279 configuration item download timed out
27a configuration item download: hash mismatch
27b document download failed
27c document download timed out
27d document download: hash mismatch
27e bad HTTP status
27f health agent not running
280 certificate store is empty
281 no certificate matches the criteria
282 more than one certificate matches
283 private key missing
284 subject name missing
285 search criteria for certificates invalid
286 invalid authority
287 signing certificate missing
288 configuration item could not be decompressed
289 document could not be decompressed
290 the job holds no items
291 no task sequence policies assigned
292 message signature could not be computed
293 site signing certificate could not be refreshed
294 policy could not be verified
295 registration certificate missing or invalid
296 configuration item documents could not be processed
297 invalid key
298 database record of the client could not be validated
299 unknown type of signature
314 version information of a configuration item timed out
315 version information of a configuration item not available
316 configuration item job canceled
31d application for a user set to install without one
31e application for a user targeted to a device
31f discovery script returned invalid data
320 script host not installed yet
321 script timed out
322 rule conflict
323 no user is logged on
324 application not detected after the installation
325 application still detected after it was uninstalled
326 deployment metadata not found in WMI
327 script is not signed
328 configuration item digest not found
329 evaluation of requirements or detection failed
32a invalid uninstall command line
330 deployment type cannot be required
400 unexpected error in detection rules
401 incorrect XML in detection rules
402 invalid operator in detection rules
403 unsupported data type in detection rules
420 unsupported WMI namespace in detection rules
440 policy documents missing or incomplete
441 deployment metadata not available
442 simulated deployment
600 scan tool policy not found
601 update scan timed out
602 content location request timed out
603 scan tool policy removed
604 scan tool not in the queue
605 scan tool removed
606 offline scan history not found
607 content not found
608 invalid type of instance
626 invalid process instance information
627 process instance not found
628 invalid content location
629 rescan pending
630 retries exhausted
631 scan retry pending
632 online scan pending
633 offline scan pending
634 legacy scanner not supported
650 scan before the installation failed
651 scan after the installation failed
652 update policy not found
653 update download failed
654 update installation failed
655 updates could not be installed
656 updates handler: internal error
657 update state unknown after the scan
658 update processing canceled
659 update policy could not be read
660 update installation could not be watched
661 update state unknown after the installation
662 update installation could not be started
663 update state could not be reported
664 updates job canceled
665 no updates in the job
666 outside the maintenance window
667 no maintenance window
668 update still needed after it was applied
669 update content locations not available now
66a no update of the bundle applies
671 waiting for an orchestration engine
690 update does not apply
691 update source not found
692 group policy conflict
693 Windows Update Agent too old
694 update source exists already
695 incomplete scan results
696 update is installed already
697 update is installed, restart required
698 update cannot be acted on
699 scan in progress
700 update installation not allowed now
701 update download not allowed now
702 assignment policy not found
703 another update job is in progress
704 restart pending
705 pause required
706 no active job
707 job ID mismatch
708 update not required
709 watching could not be resumed
70a invalid command line
70b process could not be created
70c update timed out
70d update failed
70e empty command line
70f invalid installer path
710 process times could not be compared
711 update deployment not active yet
712 restart required to complete
713 no detection results yet
714 restart pending, no installation by the user
715 no updates in the request
800 content transfer job in the wrong state
801 multicast failed
802 multicast: protocol version mismatch
803 multicast: session could not be opened
804 multicast: health check failed
805 multicast: encryption is empty
806 multicast: server busy
807 multicast: invalid package path
808 multicast: package not shared
809 multicast: package not enabled for it
80a multicast: invalid configuration
80b multicast: WDS error
80c multicast: no WDS session
1001 another program is running, or a restart is pending
1002 the program is pending already
1004 the program is disabled
1005 policy of the program missing or invalid
1006 the program is not pending
1008 cache could not be marked as in use
1009 no data from WMI
1010 restart in progress or required
1011 execution request not found
1012 no program is running
1013 a program it depends on has not run
1014 the program needs a user
1015 pause state mismatch
1017 content hash missing or wrong
1018 client is on the internet
1100 program failed, will be retried
1101 program failed, will not be retried
1102 execution context could not be created
1103 preparation failed, will be retried
1104 invalid command line of the program
1105 process information not available
1106 program file invalid or command line could not be made
1107 no program location could be reached, may be retried
1108 no program location could be reached, will not be retried
1109 not a valid installation package
110a preparation failed, will not be retried
1200 content request not found
1201 not enough space in the cache or on the disk
1202 content larger than the cache
1203 cache in use
1204 no distribution point has the content
1210 content locations not available
1250 restart held up by an installation
1251 deployment type handler not initialized
1280 virtual application in use
1281 App-V client missing
1285 App-V package it depends on missing
1286 App-V: higher version installed
128a App-V launch error
128b App-V application not installed
128c no streaming distribution point for App-V
128e App-V components still published
128f App-V time command failed
1290 App-V provider query failed
1291 virtual environment not applicable
1292 virtual application in use
2002 policy of the program not found
2004 software distribution policy not found
`),
]) // prettier-ignore

/** Phases of an extend code: its first figure. */
export const setupPhases = ['unknown phase', 'downlevel (still in the old Windows)', 'safe OS (Windows PE)', 'first boot', 'OOBE boot (second boot)', 'uninstall'] as const // prettier-ignore

/** Operations of an extend code: its last two figures. */
export const setupOperations = ['unknown operation', 'copy payload', 'download updates', 'install updates', 'install recovery environment', 'install recovery image', 'replicate optional components', 'install drivers', 'prepare safe OS', 'prepare rollback', 'prepare first boot', 'prepare OOBE boot', 'apply image', 'migrate data', 'set product key', 'add unattend', 'add driver', 'enable feature', 'disable feature', 'register async process', 'register sync process', 'create file', 'create registry', 'boot', 'Sysprep', 'OOBE', 'begin first boot', 'end first boot', 'begin OOBE boot', 'end OOBE boot', 'pre-OOBE', 'post-OOBE', 'add provisioning package'] as const // prettier-ignore

/** What the numbers of a facility (bits 16 to 26 of an HRESULT) belong to, for those that have no name of their own here. */
export const facilities: Readonly<Record<number, string>> = {
  0: 'Windows',
  1: 'RPC or COM',
  2: 'automation',
  3: 'structured storage',
  4: 'a COM interface (often WMI or Configuration Manager)',
  7: 'Windows',
  8: 'COM',
  9: 'security (SSPI or cryptography)',
  11: 'certificates',
  15: 'driver and component setup (SetupAPI, CBS)',
  25: 'HTTP',
  32: 'BITS',
  36: 'Windows Update',
  40: 'the TPM',
  41: 'the TPM software',
  49: 'BitLocker',
  80: 'antimalware',
  400: 'Windows Setup',
  2000: 'Configuration Manager',
} // prettier-ignore
