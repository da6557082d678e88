// Runs a program on Pyodide, CPython as WebAssembly, as `python ARGUMENTS` would in a folder.
//
//     node pyodide_run.mjs PACKAGE FOLDER PROGRAM
//     node pyodide_run.mjs PACKAGE FOLDER -m MODULE
//
// PACKAGE is the folder of npm's pyodide. FOLDER is mounted, not copied.

import fs from "node:fs";
import path from "node:path";

const [home, folder, ...program] = process.argv.slice(2);
const { loadPyodide } = await import(path.join(home, "pyodide.mjs"));
const lines = [];
const py = await loadPyodide({ stdout: (line) => lines.push(line + "\n") });
py.mountNodeFS("/mnt/app", folder);
py.globals.set("arguments", py.toPy(program));

let status = 0;
let message = "";
try {
    py.runPython(`
import os, runpy, sys

sys.dont_write_bytecode = True
os.chdir("/mnt/app")
sys.path[0] = os.getcwd()  # as for a script; for -m CPython has the current folder there, too
if arguments[0] == "-m":
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(arguments[0], run_name="__main__")
sys.stdout.flush()
`);
} catch (error) {
    status = 1;
    message = error.message;
}
// Written at once: `process.exit` waits for no stream.
fs.writeSync(1, lines.join(""));
fs.writeSync(2, message);
process.exit(status);
