/* The links of the box under the pointer or in focus, lit, with the boxes that they join. */

const region = document.querySelector("[data-map]");

const light = (key) => {
  const joined = new Set();
  for (const line of region.querySelectorAll("[data-ends]")) {
    const ends = line.dataset.ends.split(" ").map((pair) => pair.split(">"));
    const own = ends.filter((pair) => pair.includes(key));
    line.toggleAttribute("data-lit", own.length > 0);
    for (const end of own.flat()) joined.add(end);
  }
  for (const box of region.querySelectorAll("[data-key]")) {
    box.toggleAttribute("data-lit", joined.has(box.dataset.key));
  }
  region.toggleAttribute("data-tracing", joined.size > 0);
};

const keyOf = (event) => event.target.closest?.("[data-key]")?.dataset.key;

if (region) {
  for (const name of ["pointerover", "focusin"]) region.addEventListener(name, (event) => light(keyOf(event)));
  for (const name of ["pointerleave", "focusout"]) region.addEventListener(name, () => light());
}
