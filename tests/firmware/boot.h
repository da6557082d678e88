// Runs boot.py and main.py when the board starts, as the ports for boards that are sold do:
// the one for QEMU starts with its REPL. Included in front of each file by the compiler; only
// the call, which has nothing between its parentheses, becomes another.
#define pyexec_friendly_repl(nothing) BOOT_##nothing
#define BOOT_void pyexec_friendly_repl(void)
#define BOOT_ (pyexec_file_if_exists("boot.py"), pyexec_file_if_exists("main.py"), (pyexec_friendly_repl)())
