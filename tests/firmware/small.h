// The least that boards are sold with, put on another port: included in front of each file by
// the compiler (CFLAGS_EXTRA=-include .../small.h). What a port sets by itself stays.
//
// ESP8266, as its mpconfigport.h has it; nrf52832, cc3200 and small SAMD21 are alike.
#define MICROPY_PY_BUILTINS_STR_PARTITION (0)
#define MICROPY_PY_BUILTINS_STR_CENTER (0)
#define MICROPY_PY_BUILTINS_STR_SPLITLINES (0)
#define MICROPY_PY_BUILTINS_SLICE_INDICES (0)
#define MICROPY_PY_BUILTINS_SLICE_ATTRS (0)
#define MICROPY_PY_BUILTINS_NOTIMPLEMENTED (0)
#define MICROPY_PY_BUILTINS_POW3 (0)
#define MICROPY_PY_BUILTINS_COMPLEX (0)
#define MICROPY_PY_DELATTR_SETATTR (0)
#define MICROPY_PY_ALL_SPECIAL_METHODS (0)
#define MICROPY_PY_REVERSE_SPECIAL_METHODS (0)
#define MICROPY_PY_FSTRINGS (0)
#define MICROPY_PY_BINASCII_CRC32 (0)
#define MICROPY_OPT_LOAD_ATTR_FAST_PATH (0)
#define MICROPY_OPT_MAP_LOOKUP_CACHE (0)

// MICROPY_CONFIG_ROM_LEVEL_BASIC_FEATURES and Zephyr's own choice.
#ifdef PKGRES_BASIC
#define MICROPY_PY_BUILTINS_MIN_MAX (0)
#define MICROPY_PY_BUILTINS_STR_COUNT (0)
#define MICROPY_PY_BUILTINS_FROZENSET (0)
#define MICROPY_PY_BUILTINS_REVERSED (0)
#define MICROPY_PY_BUILTINS_FILTER (0)
#define MICROPY_PY_BUILTINS_PROPERTY (0)
#define MICROPY_PY_DESCRIPTORS (0)
#define MICROPY_PY_FUNCTION_ATTRS (0)
#define MICROPY_PY_IO_IOBASE (0)
#define MICROPY_PY_BUILTINS_NEXT2 (0)
#define MICROPY_PY_BUILTINS_DICT_FROMKEYS (0)
#endif

// Below every level that is sold: calls of pkgres.info are reached by importing it.
#ifdef PKGRES_LESS
#define MICROPY_MODULE_GETATTR (0)
#define MICROPY_PY_BUILTINS_SET (0)
#endif
