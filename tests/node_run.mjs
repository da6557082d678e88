// Runs a program on the MicroPython that npm has, as `micropython PROGRAM` would in a folder.
//
//     node node_run.mjs PACKAGE FOLDER PROGRAM HEAPSIZE
//
// PACKAGE is the folder of @micropython/micropython-webassembly-pyscript. The files below
// FOLDER are copied to the root of the runtime's own filesystem, in memory.

import fs from "node:fs";
import path from "node:path";

const [home, folder, program, heapsize] = process.argv.slice(2);
const { loadMicroPython } = await import(path.join(home, "micropython.mjs"));
const lines = [];
const mp = await loadMicroPython({
    url: path.join(home, "micropython.wasm"),
    heapsize: Number(heapsize),
    stdout: (line) => lines.push(line + "\n"),
});

function copy(from, to) {
    for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
        const [source, target] = [path.join(from, entry.name), `${to}/${entry.name}`];
        if (entry.isDirectory()) {
            if (!mp.FS.analyzePath(target).exists) mp.FS.mkdir(target);
            copy(source, target);
        } else {
            mp.FS.writeFile(target, fs.readFileSync(source));
        }
    }
}

let status = 0;
let message = "";
copy(folder, "");
try {
    mp.runPython(fs.readFileSync(path.join(folder, program), "utf-8"));
} catch (error) {
    status = 1;
    message = error.message;
}
// Written at once: `process.exit`, which the runtime needs to end, waits for no stream.
fs.writeSync(1, lines.join(""));
fs.writeSync(2, message);
process.exit(status);
