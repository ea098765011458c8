/** Names that Python 3.11 itself brings: built in, of its types, and of the modules that examples use most. */
const names = `
  ABC ABCMeta ALL_COMPLETED ASCII AbstractAsyncContextManager AbstractChildWatcher AbstractContextManager
  AbstractEventLoop AbstractEventLoopPolicy AbstractServer AbstractSet Action Annotated Any AnyStr
  ArgumentDefaultsHelpFormatter ArgumentError ArgumentParser ArgumentTypeError ArithmeticError AssertionError
  AsyncContextDecorator AsyncContextManager AsyncExitStack AsyncGenerator AsyncIterable AsyncIterator AttributeError
  Awaitable BASIC_FORMAT BPF Barrier BaseEventLoop BaseException BaseExceptionGroup BaseProtocol BaseTestSuite
  BaseTransport BinaryIO BlockingIOError BooleanOptionalAction BoundedSemaphore BrokenBarrierError BrokenPipeError
  BufferError BufferedProtocol BufferingFormatter ByteString BytesWarning CLD_CONTINUED CLD_DUMPED CLD_EXITED
  CLD_KILLED CLD_STOPPED CLD_TRAPPED CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW CLOCK_PROCESS_CPUTIME_ID
  CLOCK_REALTIME CLOCK_TAI CLOCK_THREAD_CPUTIME_ID CONFORM CONTINUOUS CRITICAL CT_co Callable CalledProcessError
  CancelledError ChainMap ChildProcessError ClassVar Collection CompletedProcess Concatenate Condition
  ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError Container ContextDecorator
  ContextManager Coroutine Counter DEBUG DEVNULL DOTALL DatagramProtocol DatagramTransport DefaultDict
  DefaultEventLoopPolicy DeprecationWarning Deque Dict DirEntry DynamicClassAttribute EBADF EFD_CLOEXEC EFD_NONBLOCK
  EFD_SEMAPHORE EJECT ELOOP ENOENT ENOTDIR EOFError ERROR EXCLUDED_ATTRIBUTES EX_CANTCREAT EX_CONFIG EX_DATAERR
  EX_IOERR EX_NOHOST EX_NOINPUT EX_NOPERM EX_NOUSER EX_OK EX_OSERR EX_OSFILE EX_PROTOCOL EX_SOFTWARE EX_TEMPFAIL
  EX_UNAVAILABLE EX_USAGE Ellipsis EncodingWarning Enum EnumCheck EnumMeta EnumType EnvironmentError Event
  ExceptHookArgs Exception ExceptionGroup ExitStack FATAL FIRST_COMPLETED FIRST_EXCEPTION F_LOCK F_OK F_TEST F_TLOCK
  F_ULOCK False FastChildWatcher Field FileExistsError FileHandler FileNotFoundError FileType Filter Filterer Final
  Flag FlagBoundary FloatingPointError Formatter ForwardRef FrozenInstanceError FrozenSet FunctionTestCase
  FunctionType Future FutureWarning GRND_NONBLOCK GRND_RANDOM Generator GeneratorExit Generic GenericAlias Handle
  Handler Hashable HelpFormatter IGNORECASE INFO IO IOError ImportError ImportWarning IncompleteReadError
  IndentationError IndexError InitVar IntEnum IntFlag InterruptedError InvalidStateError IsADirectoryError
  IsolatedAsyncioTestCase ItemsView Iterable Iterator JSONDecodeError JSONDecoder JSONEncoder KEEP KT KW_ONLY KeyError
  KeyboardInterrupt KeysView LOCALE LOG4 LifoQueue LimitOverrunError List Literal LiteralString Lock LogRecord Logger
  LoggerAdapter LookupError MAXYEAR MFD_ALLOW_SEALING MFD_CLOEXEC MFD_HUGETLB MFD_HUGE_16GB MFD_HUGE_16MB MFD_HUGE_1GB
  MFD_HUGE_1MB MFD_HUGE_256MB MFD_HUGE_2GB MFD_HUGE_2MB MFD_HUGE_32MB MFD_HUGE_512KB MFD_HUGE_512MB MFD_HUGE_64KB
  MFD_HUGE_8MB MFD_HUGE_MASK MFD_HUGE_SHIFT MINYEAR MISSING MULTILINE Manager Mapping MappingProxyType MappingView
  Match MemoryError MetavarTypeHelpFormatter MethodDescriptorType MethodType MethodWrapperType ModuleNotFoundError
  MultiLoopChildWatcher MutableMapping MutableSequence MutableSet NAMED_FLAGS NGROUPS_MAX NOFLAG NOTSET NV_MAGICCONST
  NameError NamedTuple NamedTupleMeta Namespace Never NewType NoReturn None NotADirectoryError NotImplemented
  NotImplementedError NotRequired NullHandler ONE_OR_MORE OPTIONAL OSError O_ACCMODE O_APPEND O_ASYNC O_CLOEXEC
  O_CREAT O_DIRECT O_DIRECTORY O_DSYNC O_EXCL O_FSYNC O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK
  O_PATH O_RDONLY O_RDWR O_RSYNC O_SYNC O_TMPFILE O_TRUNC O_WRONLY Optional OrderedDict OverflowError PARSER PIPE
  POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED
  POSIX_SPAWN_CLOSE POSIX_SPAWN_DUP2 POSIX_SPAWN_OPEN PRIO_PGRP PRIO_PROCESS PRIO_USER P_ALL P_NOWAIT P_NOWAITO P_PGID
  P_PID P_PIDFD P_WAIT ParamSpec ParamSpecArgs ParamSpecKwargs Path PathLike Pattern PendingDeprecationWarning
  PercentStyle PermissionError PidfdChildWatcher PlaceHolder Popen PosixPath PriorityQueue ProcessLookupError Protocol
  PurePath PurePosixPath PureWindowsPath Queue QueueEmpty QueueFull RECIP_BPF REMAINDER RLock RTLD_DEEPBIND
  RTLD_GLOBAL RTLD_LAZY RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RTLD_NOW RWF_APPEND RWF_DSYNC RWF_HIPRI RWF_NOWAIT
  RWF_SYNC R_OK Random RawDescriptionHelpFormatter RawTextHelpFormatter ReadTransport RecursionError ReferenceError
  RegexFlag ReprEnum Required ResourceWarning Reversible RootLogger Runner RuntimeError RuntimeWarning SCHED_BATCH
  SCHED_FIFO SCHED_IDLE SCHED_OTHER SCHED_RESET_ON_FORK SCHED_RR SEEK_CUR SEEK_DATA SEEK_END SEEK_HOLE SEEK_SET
  SG_MAGICCONST SPLICE_F_MORE SPLICE_F_MOVE SPLICE_F_NONBLOCK STDOUT STRICT ST_APPEND ST_MANDLOCK ST_NOATIME ST_NODEV
  ST_NODIRATIME ST_NOEXEC ST_NOSUID ST_RDONLY ST_RELATIME ST_SYNCHRONOUS ST_WRITE SUPPRESS S_ISBLK S_ISCHR S_ISDIR
  S_ISFIFO S_ISLNK S_ISREG S_ISSOCK SafeChildWatcher Scanner SelectorEventLoop Self Semaphore
  SendfileNotAvailableError Sequence Server Set Sized SkipTest StopAsyncIteration StopIteration StrEnum StrFormatStyle
  StreamHandler StreamReader StreamReaderProtocol StreamWriter StringTemplateStyle SubprocessError SubprocessProtocol
  SubprocessTransport SupportsAbs SupportsBytes SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound
  SyntaxError SyntaxWarning SystemError SystemExit SystemRandom TEMPLATE TIMEOUT_MAX TMP_MAX TWOPI TYPE_CHECKING T_co
  T_contra TabError Task TaskGroup Template TestCase TestLoader TestProgram TestResult TestSuite Text TextIO
  TextTestResult TextTestRunner Thread ThreadError ThreadedChildWatcher Timeout TimeoutError TimeoutExpired Timer
  TimerHandle Transport True Tuple Type TypeAlias TypeError TypeGuard TypeVar TypeVarTuple TypedDict UNICODE UNIQUE
  UTC UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning Union
  Unpack UserDict UserList UserString UserWarning VERBOSE VT VT_co V_co ValueError ValuesView WARN WARNING WCONTINUED
  WCOREDUMP WEXITED WEXITSTATUS WIFCONTINUED WIFEXITED WIFSIGNALED WIFSTOPPED WNOHANG WNOWAIT WRAPPER_ASSIGNMENTS
  WRAPPER_UPDATES WSTOPPED WSTOPSIG WTERMSIG WUNTRACED W_OK Warning WeakSet WindowsPath WrapperDescriptorType
  WriteTransport XATTR_CREATE XATTR_REPLACE XATTR_SIZE_MAX X_OK ZERO_OR_MORE ZeroDivisionError _CHUNK_SIZE __abs__
  __abstractmethods__ __add__ __and__ __annotations__ __await__ __base__ __bases__ __basicsize__ __bool__
  __build_class__ __builtins__ __bytes__ __call__ __cause__ __ceil__ __class__ __class_getitem__ __closure__ __code__
  __complex__ __contains__ __context__ __copy__ __debug__ __deepcopy__ __defaults__ __del__ __delattr__ __delitem__
  __dict__ __dictoffset__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __flags__ __float__ __floor__
  __floordiv__ __format__ __fspath__ __ge__ __get__ __getattribute__ __getformat__ __getitem__ __getnewargs__
  __getstate__ __globals__ __gt__ __hash__ __iadd__ __iand__ __import__ __imul__ __index__ __init__ __init_subclass__
  __instancecheck__ __int__ __invert__ __ior__ __isub__ __itemsize__ __iter__ __ixor__ __kwdefaults__ __le__ __len__
  __loader__ __lshift__ __lt__ __missing__ __mod__ __module__ __mro__ __mul__ __name__ __ne__ __neg__ __new__ __next__
  __or__ __package__ __pos__ __pow__ __prepare__ __qualname__ __radd__ __rand__ __rdivmod__ __reduce__ __reduce_ex__
  __repr__ __reversed__ __rfloordiv__ __rlshift__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__
  __rsub__ __rtruediv__ __rxor__ __setattr__ __setitem__ __setstate__ __sizeof__ __slots__ __spec__ __str__ __sub__
  __subclasscheck__ __subclasses__ __subclasshook__ __suppress_context__ __text_signature__ __traceback__ __truediv__
  __trunc__ __weakref__ __weakrefoffset__ __xor__ _addExpectedFailure _addUnexpectedSuccess _add_action
  _add_container_actions _baseAssertEqual _bootstrap _bootstrap_inner _cached_cparts _callCleanup _callSetUp
  _callTearDown _callTestMethod _checkClosed _checkReadable _checkSeekable _checkWritable _check_conflict
  _check_timeout _check_value _child_created _close_pipe_fds _communicate _cparts _delete _deprecate _diffThreshold
  _drv _execute_child _finalizing _formatMessage _format_parsed_parts _from_parsed_parts _from_parts
  _getAssertEqualityFunc _get_args _get_devnull _get_formatter _get_handler _get_handles _get_kwargs
  _get_nargs_pattern _get_option_tuples _get_optional_actions _get_optional_kwargs _get_positional_actions
  _get_positional_kwargs _get_value _get_values _handle_conflict_error _handle_conflict_resolve _handle_exitstatus
  _hash _initialized _internal_poll _keep_positive _log _make_child _make_child_relpath _match_argument
  _match_arguments_partial _on_error_fd_closer _parse_args _parse_known_args _parse_optional _parts _pop_action_class
  _posix_spawn _pparts _print_message _read_args_from_files _registry_get _remaining_time _remove_action
  _reset_internal_locks _root _save_input _scandir _set_ident _set_native_id _set_tstate_lock _stdin_write _stop _str
  _translate_newlines _truncateMessage _try_wait _wait _wait_for_tstate_lock abc abiflags abort abs absolute abspath
  abstractclassmethod abstractmethod abstractproperty abstractstaticmethod access accumulate aclosing acos acosh
  activeCount active_count add addClassCleanup addCleanup addFilter addHandler addLevelName addModuleCleanup
  addTypeEqualityFunc add_argument add_argument_group add_mutually_exclusive_group add_note add_subparsers
  addaudithook aiter all all_tasks altsep altzone anchor and anext any api_version append appendleft args argv as
  as_completed as_integer_ratio as_posix as_uri ascii asctime asdict asin asinh assert assertAlmostEqual
  assertAlmostEquals assertCountEqual assertDictContainsSubset assertDictEqual assertEqual assertEquals assertFalse
  assertGreater assertGreaterEqual assertIn assertIs assertIsInstance assertIsNone assertIsNot assertIsNotNone
  assertLess assertLessEqual assertListEqual assertLogs assertMultiLineEqual assertNoLogs assertNotAlmostEqual
  assertNotAlmostEquals assertNotEqual assertNotEquals assertNotIn assertNotIsInstance assertNotRegex
  assertNotRegexpMatches assertRaises assertRaisesRegex assertRaisesRegexp assertRegex assertRegexpMatches
  assertSequenceEqual assertSetEqual assertTrue assertTupleEqual assertWarns assertWarnsRegex assert_ assert_never
  assert_type astimezone astuple async asynccontextmanager atan atan2 atanh atexit attrgetter audit auto await
  base_events base_exec_prefix base_futures base_prefix base_subprocess base_tasks basename basicConfig betavariate
  bin bit_count bit_length bltns bool break breakpoint breakpointhook buffer builtin_module_names builtins bytearray
  byteorder bytes cache cached_property call callHandlers call_tracing callable capitalize captureWarnings case
  casefold cast cbrt ceil center chain characters_written chdir check_call check_output chmod choice choices chown chr
  chroot class classmethod clear clear_overloads clock_getres clock_gettime clock_gettime_ns clock_settime
  clock_settime_ns close closed closerange closing cls cmp_to_key codecs collections comb combinations
  combinations_with_replacement combine commonpath commonprefix communicate compile complex compress confstr
  confstr_names conjugate constants contextlib contextmanager continue convert_arg_line_to_args copy copy_file_range
  copyreg copyright copysign coroutines cos cosh count countTestCases cpu_count cr_await cr_code cr_frame cr_origin
  cr_running cr_suspended create_subprocess_exec create_subprocess_shell create_task credits critical ctermid ctime
  curdir currentThread current_task current_thread currentframe cwd cycle daemon dataclass dataclass_transform date
  datetime datetime_CAPI day daylight days debug decode decoder def defaultTestLoader defaultTestResult defaultdict
  defpath degrees del delattr denominator deque detach detect_encoding device_encoding devnull dict difference
  difference_update dir dirname disable discard displayhook dist divmod doClassCleanups doCleanups doModuleCleanups
  dont_write_bytecode drive dropwhile dst dump dumps dup dup2 elements elif else encode encoder encoding end endpos
  endswith ensure_future enterClassContext enterContext enterModuleContext enum enumerate environ environb erf erfc
  errno error errors escape eval eventfd eventfd_read eventfd_write events exc_info except excepthook exception
  exceptions exec exec_prefix execl execle execlp execlpe executable execv execve execvp execvpe exists exit exp exp2
  expand expandtabs expanduser expandvars expectedFailure expm1 expovariate extend extendleft extsep fabs factorial
  fail failIf failIfAlmostEqual failIfEqual failUnless failUnlessAlmostEqual failUnlessEqual failUnlessRaises
  failureException fatal fchdir fchmod fchown fcntl fdatasync fdopen field fields filename filename2 fileno filter
  filterfalse final finally find findCaller findTestCases findall finditer flags float float_info float_repr_style
  floor flush fmod fnmatch fold for fork forkpty format format_help format_helpers format_map format_usage fpathconf
  frexp from from_bytes fromhex fromisocalendar fromisoformat fromkeys fromordinal fromtimestamp frozenset fsdecode
  fsencode fspath fstat fstatvfs fsum fsync ftruncate fullmatch functools futures fwalk gamma gammavariate gather
  gauss gcd genericpath get getChild getEffectiveLevel getLevelName getLevelNamesMapping getLogRecordFactory getLogger
  getLoggerClass getName getTestCaseNames get_args get_asyncgen_hooks get_blocking get_cache_token get_child_watcher
  get_clock_info get_coroutine_origin_tracking_depth get_default get_event_loop get_event_loop_policy get_exec_path
  get_ident get_inheritable get_int_max_str_digits get_native_id get_origin get_overloads get_running_loop
  get_terminal_size get_type_hints getallocatedblocks getatime getattr getbuffer getctime getcwd getcwdb
  getdefaultencoding getdlopenflags getegid getenv getenvb geteuid getfilesystemencodeerrors getfilesystemencoding
  getgid getgrouplist getgroups getloadavg getlogin getmtime getoutput getpgid getpgrp getpid getppid getpriority
  getprofile getrandbits getrandom getrecursionlimit getrefcount getresgid getresuid getsid getsize getsizeof getstate
  getstatusoutput getswitchinterval gettrace getuid getvalue getxattr gi_code gi_frame gi_running gi_suspended
  gi_yieldfrom glob global global_enum global_enum_repr global_flag_repr global_str globals gmtime group groupby
  groupdict groupindex groups handle hardlink_to hasHandlers hasattr hash hash_info help hex hexversion home hour
  hypot id ident if imag implementation import in index inf info initgroups input insert inspect installHandler int
  int_info intern intersection intersection_update io is isDaemon isEnabledFor is_absolute is_alive is_block_device
  is_char_device is_dataclass is_dir is_fifo is_file is_finalizing is_integer is_mount is_relative_to is_reserved
  is_socket is_symlink is_typeddict isabs isalnum isalpha isascii isatty isclose iscoroutine iscoroutinefunction
  isdecimal isdigit isdir isdisjoint isfile isfinite isfuture isidentifier isinf isinstance islice islink islower
  ismount isnan isnumeric isocalendar isoformat isoweekday isprintable isqrt isspace issubclass issubset issuperset
  istitle isupper items iter iterdir itertools join joinpath keys keyword kill killpg kwargs lambda lastResort
  lastgroup lastindex lchmod lchown lcm ldexp len lexists lgamma license line_buffering linesep link link_to list
  list2cmdline listdir listxattr ljust load load_tests loader loads local locale locals localtime lockf locks log
  log10 log1p log2 logMultiprocessing logProcesses logThreads login_tty lognormvariate longMessage lower lru_cache
  lseek lstat lstrip main main_thread major makeLogRecord makeRecord makeSuite make_dataclass makedev makedirs
  maketrans manager map match max maxDiff maxlen maxsize maxunicode member memfd_create memoryview meta_path
  microsecond microseconds min minor minute mixins mkdir mkfifo mknod mktime modf modules monotonic monotonic_ns month
  most_common move_to_end mro name namedtuple nan native_id new_event_loop newlines next nextafter ngettext nice
  no_type_check no_type_check_decorator nonlocal nonmember normalvariate normcase normpath not now ntpath nullcontext
  numerator object oct open open_connection open_unix_connection openpty operator or ord orig_argv os overload owner
  pairwise pardir parent parents paretovariate parse_args parse_intermixed_args parse_known_args
  parse_known_intermixed_args partial partialmethod partition parts pass path path_hooks path_importer_cache pathconf
  pathconf_names pathsep pattern perf_counter perf_counter_ns perm permutations pi pickle_by_enum_name
  pickle_by_global_name pidfd_open pipe pipe2 platform platlibdir poll pop popen popitem popleft pos posix_fadvise
  posix_fallocate posix_spawn posix_spawnp posixpath pow pread preadv prefix print print_help print_usage process_time
  process_time_ns prod product property protocols pthread_getcpuclockid purge putenv pwrite pwritev pycache_prefix
  queues quit radians raise raiseExceptions randbytes randint random randrange range re read read1 read_bytes
  read_text readable readinto readinto1 readline readlines readlink readv real realpath reconfigure recursive_repr
  redirect_stderr redirect_stdout reduce register registerResult register_at_fork regs relative_to relpath remainder
  remove removeFilter removeHandler removeResult removedirs removeprefix removesuffix removexattr rename renames
  repeat replace repr resolution resolve result return reveal_type reverse reversed rfind rglob rindex rjust rmdir
  root rotate round rpartition rsplit rstrip run run_coroutine_threadsafe runner runners runtime_checkable samefile
  sameopenfile samestat sample scandir scanner sched_get_priority_max sched_get_priority_min sched_getaffinity
  sched_getparam sched_getscheduler sched_param sched_rr_get_interval sched_setaffinity sched_setparam
  sched_setscheduler sched_yield search second seconds seed seek seekable select selector_events selectors self send
  send_signal sendfile sep set setDaemon setLevel setLogRecordFactory setLoggerClass setName setUp setUpClass
  set_asyncgen_hooks set_blocking set_child_watcher set_coroutine_origin_tracking_depth set_defaults set_event_loop
  set_event_loop_policy set_inheritable set_int_max_str_digits setattr setdefault setdlopenflags setegid seteuid
  setgid setgroups setpgid setpgrp setpriority setprofile setrecursionlimit setregid setresgid setresuid setreuid
  setsid setstate setswitchinterval settrace setuid setxattr shield shortDescription show_flag_values shuffle shutdown
  signal signals sin singledispatch singledispatchmethod sinh skip skipIf skipTest skipUnless sleep slice sort sorted
  span spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe splice split splitdrive splitext splitlines
  sqrt sslproto st stack_size staggered starmap start start_server start_unix_server startswith stat stat_result
  staticmethod statvfs statvfs_result stderr stdin stdlib_module_names stdlib_re stdout stem str streams strerror
  strftime string strip strptime struct_time sub subTest subn subprocess subtract suffix suffixes suite sum super
  supports_bytes_environ supports_dir_fd supports_effective_ids supports_fd supports_follow_symlinks
  supports_unicode_filenames suppress swapcase symlink symlink_to symmetric_difference symmetric_difference_update
  sync sys sysconf sysconf_names system takewhile tan tanh taskgroups tasks tau tcgetpgrp tcsetpgrp tearDown
  tearDownClass tee tell template terminal_size terminate thread_info thread_time thread_time_ns threading threads
  throw time time_ns timedelta timeout timeout_at timeouts times times_result timestamp timetuple timetz timezone
  title to_bytes to_thread today toordinal total total_ordering total_seconds touch traceback translate transports
  triangular trsock trunc truncate try ttyname tuple type types tzinfo tzname tzset ulp umask uname uname_result
  uniform union unique universal_newlines unix_events unlink unraisablehook unsetenv update update_abstractmethods
  update_wrapper upper urandom urlquote_from_bytes utcfromtimestamp utcnow utcoffset utctimetuple util utime values
  vars verify version version_info vonmisesvariate wait wait3 wait4 wait_for waitid waitid_result waitpid
  waitstatus_to_exitcode walk warn warning warnings warnoptions weakref weekday weibullvariate while with with_name
  with_stem with_suffix with_traceback wrap_future wraps writable write write_bytes write_text write_through
  writelines writev year yield zfill zip zip_longest
`;
const modules = `
  abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins
  bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent
  configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib
  dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions
  ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib
  imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
  mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath
  nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform
  plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue
  quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil
  signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat
  statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty
  turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg
  winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`;

const toSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));
export const pythonNames = toSet(names);
export const pythonModules = toSet(modules);
