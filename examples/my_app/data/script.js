"use strict";

fetch("about.json")
  .then((answer) => answer.json())
  .then((about) => {
    const line = document.getElementById("about");
    line.textContent = `Served by ${about.name} ${about.version}`;
  });
